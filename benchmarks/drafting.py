"""How well the playbook decides and drafts on the golden messages, and how fast.

    python -m benchmarks.drafting                 with the golden labels
    python -m benchmarks.drafting --bundle FOLDER with the labels a bundle predicts
    python -m benchmarks.drafting --wrong         the messages it decides or drafts otherwise than the golden files

The golden files were judged by hand, message by message (fixtures/SOURCE.md). Prints figures only, unless --wrong.
"""

import argparse
import csv
import statistics
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from care.classification import Candidate, Classification, Judgement, Risk
from care.cues import OF_HEADS
from care.message import Author, Message, Visibility
from care.ports import ToneChecker
from care.preparing import Prepared, propose
from care.reply import ToneReport, Verdict
from care.sensitive import Redaction
from playbook.book import load
from playbook.live import LivePlaybook
from playbook.shelf import Shelf

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
NOW = datetime(2026, 11, 23, 10, 5, tzinfo=UTC)


class EverythingGoes:
    """Stands in for the tone check where none is measured."""

    def check(self, text: str, **_: object) -> ToneReport:
        return ToneReport(Verdict.SEND, 1.0)


@dataclass(frozen=True, slots=True)
class Golden:
    """One golden message with what should become of it. plays: acceptable ones, best first; empty for silence."""

    message: Message
    labels: dict[str, str]
    action: str
    team: str
    plays: tuple[str, ...] | None
    redaction: Redaction
    risks: tuple[str, ...] = ()


def golden(redact: Any) -> list[Golden]:
    with (FIXTURES / "golden.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    plays: dict[str, tuple[str, ...]] = {}
    if (FIXTURES / "golden_plays.csv").exists():
        with (FIXTURES / "golden_plays.csv").open(encoding="utf-8", newline="") as file:
            plays = {row["id"]: tuple(row["plays"].split()) for row in csv.DictReader(file)}
    found = []
    for row in rows:
        redaction = redact(row["text"])
        message = Message(
            id=row["id"], channel=row["channel"], outside_id=row["id"], thread_id=row["id"],
            author=Author("somebody"), text=redaction.text, visibility=Visibility(row["visibility"]),
            written_at=NOW, received_at=NOW, handling=redaction.handling, spans=redaction.spans,
        )  # fmt: skip
        labels = {task: row[task] for task in ("intent", "sentiment", "urgency", *OF_HEADS)}
        acceptable, risks = plays.get(row["id"]), tuple(row["risk"].split())
        found.append(Golden(message, labels, row["action"], row["team"], acceptable, redaction, risks))
    return found


def as_labelled(item: Golden) -> Classification:
    """The golden labels, as a classifier that is sure would give them; out of scope is abstained, as it would be."""
    tasks = {task: _sure(label) for task, label in item.labels.items()}
    return Classification(tasks, item.redaction, risk=tuple(Risk(kind, 1.0) for kind in item.risks))


def _sure(label: str) -> Judgement:
    return Judgement(label, 0.97, False, (Candidate(label, 0.97),))


def macro_f1(pairs: Iterable[tuple[str, str]]) -> tuple[float, dict[str, float]]:
    """Macro-F1 over (right, given) pairs, and the F1 of each class."""
    right, given, hits = Counter[str](), Counter[str](), Counter[str]()
    for wanted, got in pairs:
        right[wanted] += 1
        given[got] += 1
        hits[wanted] += wanted == got
    scores = {name: 2 * hits[name] / (right[name] + given[name]) for name in right}
    return statistics.mean(scores.values()), scores


@dataclass(frozen=True, slots=True)
class Bench:
    """Decides, drafts and checks the tone, for messages whose labels are known."""

    playbook: LivePlaybook
    tone: ToneChecker

    def propose(self, message: Message, classification: Classification) -> Prepared:
        return propose(message, classification, playbook=self.playbook, tone=self.tone, clock=lambda: NOW)


def report(items: list[Golden], bench: Bench, labels: Any, *, wrong: bool) -> None:
    proposals = [(item, bench.propose(item.message, labels(item))) for item in items]
    score, by_action = macro_f1((item.action, str(proposal.decision.action)) for item, proposal in proposals)
    n_right = sum(item.action == proposal.decision.action for item, proposal in proposals)
    n_teams = sum(item.team == proposal.decision.team for item, proposal in proposals)
    print(f"right action    macro-F1 {score:.3f}   accuracy {n_right / len(items):.3f}   of {len(items)}")
    print("                " + "   ".join(f"{name} {value:.2f}" for name, value in sorted(by_action.items())))
    print(f"right team      {n_teams / len(items):.3f}")
    _plays(proposals)
    if wrong:
        _print_wrong(proposals)


def _plays(proposals: list[tuple[Golden, Prepared]]) -> None:
    judged = [(item, _ids(proposal)) for item, proposal in proposals if item.plays is not None]
    if not judged:
        return
    n_first = sum(_is_first(item, ids) for item, ids in judged)
    n_among = sum(bool(set(ids) & set(item.plays or ())) or not (item.plays or ids) for item, ids in judged)
    n_silent = sum(1 for item, ids in judged if not ids)
    print(f"right play      first {n_first / len(judged):.3f}   among three {n_among / len(judged):.3f}   "
          f"silent {n_silent} of {len(judged)}")  # fmt: skip


def _is_first(item: Golden, ids: list[str]) -> bool:
    return ids[0] in (item.plays or ()) if ids else not item.plays


def _ids(proposal: Prepared) -> list[str]:
    return [draft.play.partition("@")[0] for draft in proposal.drafts]


def _print_wrong(proposals: list[tuple[Golden, Prepared]]) -> None:
    for item, proposal in proposals:
        ids = _ids(proposal)
        is_wrong = item.action != proposal.decision.action
        play_wrong = item.plays is not None and not _is_first(item, ids)
        team = "" if item.team == proposal.decision.team else f"team {item.team} -> {proposal.decision.team}"
        if is_wrong or play_wrong or team:
            action = f"{item.action} -> {proposal.decision.action}" if is_wrong else ""
            played = f"{item.plays} -> {ids}" if play_wrong else ""
            print(f"{item.message.id} {item.labels['intent']} {item.message.channel} | {action} | {team} | {played}\n"
                  f"      {item.message.text!r}")  # fmt: skip


def speed(items: list[Golden], bench: Bench, labels: Any, *, rounds: int = 5) -> None:
    """Decide, draft and check the tone, one message after the other, classification not counted."""
    ready = [(item.message, labels(item)) for item in items]
    # The thread's own time too: on a machine that others use, the clock on the wall measures them as well.
    for name, clock in (("wall", time.perf_counter), ("cpu", time.thread_time)):
        taken_ms = []
        for _ in range(rounds):
            # A checker that remembers no text: the messages are the same each round, and must not profit from it.
            fresh = replace(bench, tone=_forgetful(bench.tone))
            for message, classification in ready:
                start = clock()
                fresh.propose(message, classification)
                taken_ms.append((clock() - start) * 1000)
        taken_ms = sorted(taken_ms[len(ready) :])
        p50, p99 = (taken_ms[int(len(taken_ms) * share)] for share in (0.50, 0.99))
        print(f"decide + draft + tone   {name:<4} p50 {p50:.2f} ms   p99 {p99:.2f} ms   of {len(taken_ms)}")


def _forgetful(tone: Any) -> ToneChecker:
    checker: ToneChecker = tone.with_head(tone.head) if getattr(tone, "head", None) else tone
    return checker


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--bundle", type=Path, default=None)
    asked.add_argument("--tone", action="store_true", help="with the trained tone check, else with none")
    asked.add_argument("--wrong", action="store_true")
    options = asked.parse_args()
    parts = _parts(options.bundle, with_tone=options.tone)
    items = golden(parts.redact)
    shelf = Shelf.of(load(FIXTURES / "playbook"))
    bench = Bench(LivePlaybook(lambda: shelf), parts.tone)
    labels = as_labelled if parts.classifier is None else lambda item: parts.classifier.classify(item.message.text)
    print("labels          " + ("as judged by hand" if parts.classifier is None else f"from {options.bundle}"))
    report(items, bench, labels, wrong=options.wrong)
    speed(items, bench, labels)


def _parts(bundle: Path | None, *, with_tone: bool) -> Any:
    from model.sensitive import SensitiveFinder

    tone: ToneChecker = EverythingGoes()
    classifier = None
    if with_tone or bundle:
        from wiring import assemble
        from wiring.settings import Settings

        settings = Settings(model={"bundle": bundle}) if bundle else Settings()  # type: ignore[arg-type]
        tone = assemble.tone(settings)
        classifier = assemble.Assembly(settings, is_trial=True).classifier if bundle else None
    return SimpleNamespace(redact=SensitiveFinder().redact, tone=tone, classifier=classifier)


if __name__ == "__main__":
    main()

"""How well the playbook decides and drafts on the golden messages, and how fast.

    python -m benchmarks.drafting                 with the golden labels
    python -m benchmarks.drafting --bundle FOLDER with the labels a bundle predicts
    python -m benchmarks.drafting --wrong         the messages it decides or drafts otherwise than the golden files

The golden files were judged by hand, message by message (fixtures/SOURCE.md). Prints figures only, unless --wrong.
"""

import argparse
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from care.classification import Classification
from care.message import Message
from care.ports import ToneChecker
from care.preparing import DraftingTools, Prepared, propose
from care.reply import ToneReport, Verdict
from playbook.book import load
from playbook.live import LivePlaybook
from playbook.shelf import Shelf
from tests.playbook.golden import FIXTURES, Golden, as_labelled, golden, macro_f1

NOW = datetime(2026, 11, 23, 10, 5, tzinfo=UTC)


class EverythingGoes:
    """Stands in for the tone check where none is measured."""

    def check(self, text: str, **_: object) -> ToneReport:
        return ToneReport(Verdict.SEND, 1.0)


@dataclass(frozen=True, slots=True)
class Bench:
    """Decides, drafts and checks the tone, for messages whose labels are known."""

    playbook: LivePlaybook
    tone: ToneChecker

    def propose(self, message: Message, classification: Classification) -> Prepared:
        return propose(message, classification, DraftingTools(self.playbook, self.tone, clock=lambda: NOW))


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
    judged = [(item, _ids(proposal)) for item, proposal in proposals]
    n_first = sum(_is_first(item, ids) for item, ids in judged)
    n_among = sum(bool(set(ids) & set(item.plays)) or not (item.plays or ids) for item, ids in judged)
    n_silent = sum(1 for item, ids in judged if not ids)
    print(f"right play      first {n_first / len(judged):.3f}   among three {n_among / len(judged):.3f}   "
          f"silent {n_silent} of {len(judged)}")  # fmt: skip


def _is_first(item: Golden, ids: list[str]) -> bool:
    return ids[0] in item.plays if ids else not item.plays


def _ids(proposal: Prepared) -> list[str]:
    return [draft.play.partition("@")[0] for draft in proposal.drafts]


def _print_wrong(proposals: list[tuple[Golden, Prepared]]) -> None:
    for item, proposal in proposals:
        ids = _ids(proposal)
        is_wrong = item.action != proposal.decision.action
        play_wrong = not _is_first(item, ids)
        team = "" if item.team == proposal.decision.team else f"team {item.team} -> {proposal.decision.team}"
        if is_wrong or play_wrong or team:
            action = f"{item.action} -> {proposal.decision.action}" if is_wrong else ""
            played = f"{item.plays} -> {ids}" if play_wrong else ""
            about = f"{item.message.id} {item.labels['intent']} {item.message.origin.channel}"
            print(f"{about} | {action} | {team} | {played}\n      {item.message.text!r}")


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
    items = golden(parts.redact, at=NOW)
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

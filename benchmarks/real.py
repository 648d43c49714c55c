"""How the default bundle reads real support messages, beside what three careful readings say of them.

    python -m benchmarks.real --data ../shared/data            everything, written to benchmarks/results/real.md
    python -m benchmarks.real --data ../shared/data --no-thread --stdout

Nothing of the data enters the project: only figures are written. Nothing is trained on it. Two choices were made with
its figures in view (docs/decisions/0024-read-what-people-write.md): what is kept back elsewhere is stricter.
"""

import argparse
import csv
import json
import shlex
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from care.classification import OUT_OF_SCOPE, Classification, Judgement
from care.decision import Action
from care.message import Author, Message, Origin, Turn, Visibility
from care.ports import utc_now
from care.preparing import assess
from model.calibration import reliability
from wiring.assemble import Assembly
from wiring.settings import Settings

HERE = Path(__file__).resolve().parent
REPORT = HERE / "results" / "real.md"
FIGURES = HERE / "results" / "real.json"
MOST_TURNS = 8
# The readings know the older labels only: a newer one is right where one of those that it was part of is.
PART_OF = {
    "travel_disruption": ("service_complaint", "delivery_problem"),
    "faulty_goods": ("product_review", "return_refund", "service_complaint", "technical_problem"),
    "lost_property": ("wants_person", "service_complaint"),
    "loyalty_points": ("billing_problem", "product_question"),
}
THREE = {"very_negative": "negative", "very_positive": "positive"}
SOON = ("high", "urgent")


@dataclass(frozen=True)
class Read:
    """One real message, what the readings say of it and what the bundle does."""

    gold: Mapping[str, str]
    text: str = field(repr=False)
    thread: tuple[Turn, ...] = field(repr=False)
    classification: Classification
    action: Action

    def accepted(self, column: str) -> frozenset[str]:
        return frozenset(self.gold[column].split("|"))

    def judged(self, task: str) -> Judgement:
        return self.classification.tasks[task]


def real_messages(folder: Path) -> list[tuple[dict[str, str], str, tuple[Turn, ...]]]:
    """Each labelled message with its text and the turns before it, oldest first."""
    with (folder / "train.csv").open(encoding="utf-8", newline="") as file:
        tweets = {row["tweet_id"]: row for row in csv.DictReader(file)}
    with (folder / "gold.csv").open(encoding="utf-8", newline="") as file:
        gold = list(csv.DictReader(file))
    return [(row, tweets[row["tweet_id"]]["text"], _before(tweets[row["tweet_id"]], tweets)) for row in gold]


def _before(tweet: Mapping[str, str], tweets: Mapping[str, Mapping[str, str]]) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    at: Mapping[str, str] | None = tweet
    while at is not None and len(turns) < MOST_TURNS:
        answered = at["in_response_to_tweet_id"].split(".")[0]
        at = tweets.get(answered)
        if at is not None:
            when = datetime.strptime(at["created_at"], "%a %b %d %H:%M:%S %z %Y").astimezone(UTC)
            turns.append(Turn(at["text"], at["inbound"] == "True", when))
    return tuple(reversed(turns))


def read_all(parts: Assembly, folder: Path, *, with_thread: bool = True) -> list[Read]:
    """Every labelled message as the bundle reads it, and what the playbook decides about it."""
    rows = real_messages(folder)
    threads = [thread if with_thread else () for _, _, thread in rows]
    classifications = parts.classifier.classify_many([text for _, text, _ in rows], threads=threads)
    now, playbook = utc_now(), parts.playbook.edition()

    def action(text: str, classification: Classification, thread: Sequence[Turn]) -> Action:
        origin = Origin(channel="x", outside_id="1", thread_key="1", written_at=now)
        message = Message(
            id="1",
            origin=origin,
            thread_id="1",
            author=Author("customer"),
            text=text,
            visibility=Visibility.PUBLIC,
            received_at=now,
        )
        assessed = assess(message, classification, thread=thread, playbook=playbook, clock=lambda: now)
        return assessed.decision.action

    return [
        Read(gold, text, thread, classification, action(text, classification, said_before))
        for (gold, text, thread), classification, said_before in zip(rows, classifications, threads, strict=True)
    ]


def is_right(said: str, accepted: frozenset[str], *, abstained: bool, strict: bool = False) -> bool:
    """Whether a label is among those accepted; a newer one also by what it was part of, unless strict."""
    if said in accepted or (abstained and OUT_OF_SCOPE in accepted):
        return True
    return not strict and any(part in accepted for part in PART_OF.get(said, ()))


def measure(rows: Sequence[Read]) -> dict[str, Any]:
    """Every figure of the report. Messages in languages that the bundle was not taught count as they are."""
    intent = [row.judged("intent") for row in rows]

    def right(column: str, *, strict: bool = False) -> NDArray[np.bool_]:
        return np.array(
            [
                is_right(judged.label, row.accepted(column), abstained=judged.abstained, strict=strict)
                for row, judged in zip(rows, intent, strict=True)
            ]
        )

    first, either = right("intent"), right("either")
    score = np.array([judged.score for judged in intent], np.float32)
    answered = np.array([not judged.abstained for judged in intent])
    mood = [(row.judged("sentiment").label, row.gold["sentiment"]) for row in rows]
    soon = [(row.judged("urgency").label in SOON, row.gold["urgency"] in SOON) for row in rows]
    decided = [str(row.action) in row.accepted("decision") for row in rows]
    silent = [row.action is Action.IGNORE and "ignore" not in row.accepted("decision") for row in rows]
    wanted, calm = [said for said, is_soon in soon if is_soon], [said for said, is_soon in soon if not is_soon]
    return {
        "messages": len(rows),
        "intent, first choices": float(first.mean()),
        "intent, second choices too": float(either.mean()),
        "intent, first choices, strict": float(right("intent", strict=True).mean()),
        "intent, second choices too, strict": float(right("either", strict=True).mean()),
        "coverage": float(answered.mean()),
        "right where answered": float(either[answered].mean()) if answered.any() else float("nan"),
        "calibration error, first choices": reliability(score, first)[1],
        "calibration error, second choices too": reliability(score, either)[1],
        "coverage at 0.85 right": _coverage_at(score, either, 0.85),
        "sentiment of five": float(np.mean([said == gold for said, gold in mood])),
        "sentiment of three": float(np.mean([THREE.get(said, said) == THREE.get(gold, gold) for said, gold in mood])),
        "urgency": float(np.mean([row.judged("urgency").label == row.gold["urgency"] for row in rows])),
        "high or urgent found": float(np.mean(wanted)),
        "high or urgent false": float(np.mean(calm)),
        "decision of seven": float(np.mean(decided)),
        "ignored wrongly, of all": float(np.mean(silent)),
        "English read as another language": float(
            np.mean(
                [row.classification.language not in ("en", "unknown") for row in rows if row.gold["language"] == "en"]
            )
        ),
    }


def _coverage_at(scores: NDArray[np.float32], right: NDArray[np.bool_], precision: float) -> float:
    order = np.argsort(-scores, kind="stable")
    fits = np.flatnonzero(np.cumsum(right[order]) / np.arange(1, len(order) + 1) >= precision)
    return float((fits[-1] + 1) / len(order)) if len(fits) else 0.0


def mistakes(rows: Sequence[Read], *, at_most: int = 25) -> list[tuple[str, str, int]]:
    """The kinds of mistake in intents, most frequent first: what the readings say, what the bundle says, how often."""
    counts = Counter(
        (row.gold["intent"], row.judged("intent").label)
        for row in rows
        if not is_right(row.judged("intent").label, row.accepted("either"), abstained=row.judged("intent").abstained)
    )
    return [(gold, said, n) for (gold, said), n in counts.most_common(at_most)]


GOALS = {
    "intent, first choices": ">= 0.65",
    "intent, second choices too": ">= 0.80",
    "right where answered": ">= 0.85",
    "coverage": ">= 0.50",
    "calibration error, second choices too": "<= 0.06",
    "sentiment of five": ">= 0.72",
    "sentiment of three": ">= 0.82",
    "urgency": ">= 0.75",
    "high or urgent found": ">= 0.75",
    "high or urgent false": "<= 0.15",
    "decision of seven": ">= 0.75",
    "ignored wrongly, of all": "<= 0.02",
}


def report(figures: Mapping[str, Any], without: Mapping[str, Any], kinds: Sequence[tuple[str, str, int]]) -> str:
    """The report as Markdown."""
    lines = [
        "# Real support messages",
        "",
        f"{figures['messages']} messages of real conversations, labelled by three careful readings; measured on "
        f"{datetime.now().astimezone():%Y-%m-%d} with",
        f"`{shlex.join(['python', '-m', 'benchmarks.real', *sys.argv[1:]])}`. Nothing was trained on them.",
        "The readings know the older labels only: a newer one counts where one that it was part of is accepted;",
        "`strict` counts it as wrong.",
        "",
        "| measure | with the thread | message alone | goal |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {value:.3f} | {without[name]:.3f} | {GOALS.get(name, '')} |"
        for name, value in figures.items()
        if name != "messages"
    ]
    lines += ["", "## What is still wrong", "", "| the readings say | the bundle says | messages |", "|---|---|---|"]
    lines += [f"| {gold} | {said} | {n} |" for gold, said, n in kinds]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--home", type=Path, default=Path(".tactful"), help="where the trained bundles are")
    parser.add_argument("--bundle", type=Path, help="another bundle than the default one")
    parser.add_argument("--stdout", action="store_true", help="print the report and write no file")
    asked = parser.parse_args()
    folder = asked.bundle or asked.home / "bundles" / "default"
    parts = Assembly(Settings(home=asked.home), bundle=folder, threads=2, is_trial=True)
    rows = read_all(parts, asked.data / "twitter_support")
    figures = measure(rows)
    without = measure(read_all(parts, asked.data / "twitter_support", with_thread=False))
    text = report(figures, without, mistakes(rows))
    print(text)
    if not asked.stdout:
        REPORT.write_text(text, "utf-8")
        FIGURES.write_text(json.dumps({"with the thread": figures, "message alone": without}, indent=1), "utf-8")


if __name__ == "__main__":
    main()

"""The golden messages, judged by hand message by message (fixtures/SOURCE.md), for the gate and for the benchmark."""

import csv
import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from care.classification import Candidate, Classification, Judgement, Risk
from care.cues import OF_HEADS
from care.message import Author, Masking, Message, Origin, Visibility
from care.sensitive import Redaction

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


@dataclass(frozen=True, slots=True)
class Golden:
    """One golden message with what should become of it. plays: acceptable ones, best first; empty for silence."""

    message: Message
    labels: dict[str, str]
    action: str
    team: str
    plays: tuple[str, ...]
    redaction: Redaction
    risks: tuple[str, ...] = ()


def golden(redact: Callable[[str], Redaction], *, at: datetime) -> list[Golden]:
    """All of them, masked by `redact`. at: when they were written and came in."""
    plays = {row["id"]: tuple(row["plays"].split()) for row in _rows("golden_plays.csv")}
    items = []
    for row in _rows("golden.csv"):
        redaction = redact(row["text"])
        message = Message(
            id=row["id"],
            origin=Origin(channel=row["channel"], outside_id=row["id"], thread_key=row["id"], written_at=at),
            thread_id=row["id"],
            author=Author("somebody"),
            text=redaction.text,
            visibility=Visibility(row["visibility"]),
            received_at=at,
            masking=Masking(handling=redaction.handling, spans=redaction.spans),
        )
        labels = {task: row[task] for task in ("intent", "sentiment", "urgency", *OF_HEADS)}
        risks = tuple(row["risk"].split())
        items.append(Golden(message, labels, row["action"], row["team"], plays[row["id"]], redaction, risks))
    return items


def as_labelled(item: Golden) -> Classification:
    """The golden labels, as a classifier that is sure would give them."""
    tasks = {task: Judgement(label, 0.97, False, (Candidate(label, 0.97),)) for task, label in item.labels.items()}
    return Classification(tasks, item.redaction, risk=tuple(Risk(kind, 1.0) for kind in item.risks))


def macro_f1(pairs: Iterable[tuple[str, str]]) -> tuple[float, dict[str, float]]:
    """Macro-F1 over (right, given) pairs, and the F1 of each class."""
    right, given, hits = Counter[str](), Counter[str](), Counter[str]()
    for wanted, got in pairs:
        right[wanted] += 1
        given[got] += 1
        hits[wanted] += wanted == got
    scores = {name: 2 * hits[name] / (right[name] + given[name]) for name in right}
    return statistics.mean(scores.values()), scores


def _rows(name: str) -> list[dict[str, str]]:
    with (FIXTURES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

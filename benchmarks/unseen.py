"""How the default bundle reads messages of a hand that it never learnt from, over all trades.

    python -m benchmarks.unseen [--home .tactful]

`fixtures/messages_unseen.csv` was written after a reading of real messages, for the kinds of mistake that the bundle
made there; no words of theirs are in it. It is an exam: nothing is trained on it and no number is chosen by it.
"""

import argparse
import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.machine import RESULTS, heading, row
from benchmarks.real import SOON, THREE
from care.classification import Classification
from model.calibration import reliability
from model.thread import turns_of
from wiring.assemble import Assembly
from wiring.settings import Settings

EXAM = Path(__file__).resolve().parents[1] / "fixtures" / "messages_unseen.csv"
TASKS = ("intent", "sentiment", "urgency", "act", "stance", "addressed")


def read_exam() -> list[dict[str, str]]:
    """The messages with their labels, all columns as text."""
    with EXAM.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def measure(rows: Sequence[Mapping[str, str]], read: Sequence[Classification]) -> dict[str, float]:
    """Every figure of the report, each a share of the messages but for the calibration error."""
    pairs = list(zip(rows, read, strict=True))
    figures = {
        task: float(np.mean([said.tasks[task].label == wanted[task] for wanted, said in pairs])) for task in TASKS
    }
    intents = [said.tasks["intent"] for said in read]
    right = np.array([
        judged.label in {wanted["intent"], *wanted["intent_also"].split("|")}
        for wanted, judged in zip(rows, intents, strict=True)
    ])  # fmt: skip
    answered = np.array([not judged.abstained for judged in intents])
    moods = [(said.tasks["sentiment"].label, wanted["sentiment"]) for wanted, said in pairs]
    soon = [(said.tasks["urgency"].label in SOON, wanted["urgency"] in SOON) for wanted, said in pairs]
    return figures | {
        "intent, second choices too": float(right.mean()),
        "intent, answered": float(answered.mean()),
        "intent, right where answered": float(right[answered].mean()),
        "intent, calibration error": reliability(np.array([j.score for j in intents], np.float32), right)[1],
        "sentiment of three": float(np.mean([THREE.get(said, said) == THREE.get(gold, gold) for said, gold in moods])),
        "high or urgent found": float(np.mean([said for said, wanted in soon if wanted])),
        "high or urgent false": float(np.mean([said for said, wanted in soon if not wanted])),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=Path(".tactful"))
    home = parser.parse_args().home
    rows = read_exam()
    parts = Assembly(Settings(home=home), bundle=home / "bundles" / "default", threads=2, is_trial=True)
    threads = [tuple(turns_of(each["thread"])) for each in rows]
    read = parts.classifier.classify_many([each["text"] for each in rows], threads=threads)
    figures = measure(rows, read)
    lines = [heading("Messages of a hand never learnt from"), f"{len(rows):,} messages of all trades.", ""]
    lines += ["| measure | share |", "|---|---|", *(row(name, f"{value:.3f}") for name, value in figures.items())]
    lines += ["", "| trade | messages | intent | sentiment | urgency |", "|---|---|---|---|---|"]
    for trade in sorted({each["trade"] for each in rows}):
        own = [at for at, each in enumerate(rows) if each["trade"] == trade]
        of_trade = measure([rows[at] for at in own], [read[at] for at in own])
        lines.append(row(trade, len(own), *(f"{of_trade[task]:.2f}" for task in ("intent", "sentiment", "urgency"))))
    text = "\n".join(lines) + "\n"
    print(text)
    (RESULTS / "unseen.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()

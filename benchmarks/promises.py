"""What certificates promise and what is given, on rows that a bundle never saw, over sets and splits.

    python -m benchmarks.promises --data ../shared/data --splits 4

Each split trains on `--rows` rows drawn at random and reads others with the thresholds that were certified. On standard
error stands a JSON line for each promise.
"""

import argparse
import csv
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from care.sensitive import Redaction
from model.bundle import Bundle
from model.classifier import MessageClassifier
from model.sensitive import SensitiveFinder
from training.options import ReadOptions, TrainOptions
from training.recipe import TrainRecipe
from training.run import train

HERE = Path(__file__).resolve().parent
SETS = (
    ("offensive", "tone"),
    ("airline", "sentiment"),
    ("airline", "intent"),
    ("tickets", "impact"),
    ("bitext", "category"),
)
FEWEST = 300


@dataclass(frozen=True)
class Promised:
    """One promise of one split. n: rows answered of those never seen."""

    set: str
    task: str
    seed: int
    precision: float
    promised_coverage: float
    n: int
    given: float
    coverage: float


class Open(SensitiveFinder):
    """Public data has nothing to mask, and masking would take most of the time."""

    def redact(self, text: str, **_: object) -> Redaction:
        return Redaction(text=text)


def measure(data: Path, name: str, task: str, *, seed: int, n_train: int, encoder: str) -> Iterator[Promised]:
    """Train on some rows and read the others."""
    with (data / name / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], row[task]) for row in csv.DictReader(file) if row["text"].strip() and row[task].strip()]
    # Who says the same stands on one side.
    rows = list({text.casefold().strip(): (text, label) for text, label in rows}.values())
    order = np.random.default_rng(seed).permutation(len(rows))
    taken, others = order[:n_train], order[n_train : n_train + 4 * n_train]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("text", task), *(rows[at] for at in taken)])
        options = TrainOptions(
            folder / "b", HERE.parent / ".tactful", encoder, recipe=TrainRecipe(seed=seed), redactor=Open()
        )
        train([folder / "rows.csv"], ReadOptions({task: task}), options)
        bundle = Bundle.load(folder / "b")
        reader = MessageClassifier(bundle, None, Open())
        judged = [message.tasks[task] for message in reader.classify_many([rows[at][0] for at in others])]
    right = np.array([said.label == rows[at][1] for said, at in zip(judged, others, strict=True)])
    scores = np.array([said.score for said in judged], np.float32)
    head = bundle.heads[0]
    for kept in (head.full or head.lean).certificates:
        answered = scores >= kept.threshold
        n = int(answered.sum())
        given = float(right[answered].mean()) if n else float("nan")
        yield Promised(name, task, seed, kept.precision, kept.coverage, n, given, n / len(others))


def lines_of(found: list[Promised]) -> Iterator[str]:
    """The report's table: a line a set and promise."""
    yield "| set | promise | splits promised | given, worst to best | coverage | rows answered |"
    yield "|---|---|---|---|---|---|"
    for key in dict.fromkeys((row.set, row.task, row.precision) for row in found):
        mine = [row for row in found if (row.set, row.task, row.precision) == key]
        kept = [row for row in mine if row.n >= FEWEST]
        span = f"{min(row.given for row in kept):.3f} to {max(row.given for row in kept):.3f}" if kept else ""
        coverage = np.mean([row.coverage for row in mine])
        answered = f"{min(row.n for row in kept)} to {max(row.n for row in kept)}" if kept else ""
        name = f"{key[0]} {key[1]}"
        yield f"| {name} | {key[2]:.2f} | {len(kept)} of {len(mine)} | {span} | {coverage:.3f} | {answered} |"
    kept = [row for row in found if row.n >= FEWEST]
    short = [row.precision - row.given for row in kept]
    yield ""
    yield (
        f"{len(kept)} promises with {FEWEST} rows or more: {sum(gap > 0 for gap in short)} given less than promised, "
        f"{sum(gap > 0.01 for gap in short)} by more than a point; the worst by {max(short) * 100:.1f} points. Mean "
        f"coverage of all {len(found)}: {np.mean([row.coverage for row in found]):.3f}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--splits", type=int, default=4)
    parser.add_argument("--rows", type=int, default=1200)
    parser.add_argument("--encoder", default="none")
    given = parser.parse_args()
    found = []
    for seed in range(given.splits):
        for name, task in SETS:
            split = list(measure(given.data, name, task, seed=seed, n_train=given.rows, encoder=given.encoder))
            sys.stderr.writelines(json.dumps(asdict(row)) + "\n" for row in split)
            found += split
    sys.stdout.write("\n".join(lines_of(found)) + "\n")


if __name__ == "__main__":
    main()

"""How many planted label errors stand early in the list of suspects.

    python -m benchmarks.suspects                                        # on our fixtures
    python -m benchmarks.suspects --data ../shared/data/banking77        # on a public set beside them, measured only

5 rows of 100 get another label, drawn evenly. The share of them in the first 7 of 100 rows of the list is to be 0.70.
"""

import argparse
import csv
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.dirty_export import Row, rows_of_ours
from benchmarks.machine import RESULTS, heading, row
from care.sensitive import Redaction
from model.sensitive import SensitiveFinder
from training.options import ReadOptions, TrainOptions
from training.recipe import TrainRecipe
from training.run import train

FLIPPED, FIRST, GOAL = 0.05, 0.07, 0.70
HOME = Path(__file__).resolve().parents[1] / ".tactful"


@dataclass(frozen=True)
class Found:
    """What one split gave. found: share of the planted errors early in the list. counted: said to be wrong."""

    set: str
    seed: int
    n: int
    accuracy: float
    n_planted: int
    found: float
    n_listed: int
    n_counted: int


class Open(SensitiveFinder):
    """Nothing is masked: texts are found again in the list by their words."""

    def redact(self, text: str, **_: object) -> Redaction:
        return Redaction(text=text)


def planted(rows: list[Row], *, seed: int) -> tuple[list[Row], set[str]]:
    """The rows with some wrong labels, and the texts that have one."""
    chance = random.Random(seed)
    names = sorted({label for _, label in rows})
    wrong = set(chance.sample(range(len(rows)), round(FLIPPED * len(rows))))
    said = [
        (text, chance.choice([name for name in names if name != label]) if at in wrong else label)
        for at, (text, label) in enumerate(rows)
    ]
    return said, {rows[at][0] for at in wrong}


def measure(name: str, rows: list[Row], *, seed: int, encoder: str) -> Found:
    """Train on rows with planted errors and look where they stand."""
    said, wrong = planted(rows, seed=seed)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("text", "label"), *said])
        recipe = TrainRecipe(seed=seed)
        report = train(
            [folder / "rows.csv"],
            ReadOptions({"label": "label"}),
            TrainOptions(folder / "b", HOME, encoder, recipe=recipe, redactor=Open()),
        )
    early = report.suspects[: round(FIRST * report.n_rows)]
    return Found(
        name,
        seed,
        report.n_rows,
        report.tasks["label"]["accuracy"],
        len(wrong),
        sum(suspect.text in wrong for suspect in early) / len(wrong),
        len(report.suspects),
        sum(suspect.is_wrong for suspect in report.suspects),
    )


def sets(data: list[Path], n: int, *, seed: int) -> Iterator[tuple[str, list[Row]]]:
    """Rows of our fixtures, and of public sets with a text and a label first."""
    yield "fixtures, ten reasons", rows_of_ours(n, seed=seed)
    for folder in data:
        with (folder / "train.csv").open(encoding="utf-8", newline="") as file:
            read = csv.reader(file)
            next(read)
            rows = list({text.casefold().strip(): (text, label) for text, label, *_ in read}.values())
        random.Random(seed).shuffle(rows)
        yield folder.name, rows[:n]


def main() -> None:
    """Measure, and write the results file."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data", type=Path, nargs="*", default=[])
    asked.add_argument("--rows", type=int, default=2_500)
    asked.add_argument("--splits", type=int, default=2)
    asked.add_argument("--encoder", default="minilm")
    given = asked.parse_args()
    lines = [heading("Planted label errors in the list of suspects")]
    lines += [f"5 rows of 100 have a wrong label. Goal: {GOAL:.2f} of them in the first 7 of 100 rows of the list.\n"]
    lines += [row("set", "seed", "rows", "accuracy", "planted", "found early", "listed", "counted as wrong")]
    lines += [row(*["---"] * 8)]
    for split in range(given.splits):
        for name, rows in sets(given.data, given.rows, seed=split):
            found = measure(name, rows, seed=split, encoder=given.encoder)
            shares = (f"{found.accuracy:.3f}", found.n_planted, f"{found.found:.3f}", found.n_listed, found.n_counted)
            lines.append(row(name, split, found.n, *shares))
            sys.stderr.write(f"{lines[-1]}\n")
    (RESULTS / "suspects.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()

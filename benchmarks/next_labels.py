"""What 200 texts are worth that `tactful data next` chose, beside 200 and 600 drawn evenly.

    python -m benchmarks.next_labels --data ../shared/data/banking77 --seeds 3

A bundle learns ten messages of each label; 3,000 others are the texts without labels, 1,500 are measured on. What is
chosen gets its true labels and is learnt beside the first ones. Public data is only measured on, never kept.
"""

import argparse
import csv
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.machine import RESULTS, heading, row
from care.sensitive import Redaction
from model.bundle import Bundle
from model.classifier import MessageClassifier
from model.encoder import Encoder
from model.sensitive import SensitiveFinder
from training.choosing import Pool, choose
from training.encoders import Remembering
from training.options import TrainOptions
from training.rows import Example, examples_of
from training.run import open_encoder, train_on

HOME = Path(__file__).resolve().parents[1] / ".tactful"
EACH, POOL, MEASURED, CHOSEN, MANY = 10, 3_000, 1_500, 200, 600
Row = tuple[str, str]


class Open(SensitiveFinder):
    """Public data has nothing to mask, and masking would take most of the time."""

    def redact(self, text: str, **_: object) -> Redaction:
        return Redaction(text=text)


@dataclass(frozen=True)
class Split:
    """One seed's messages: learnt first, without labels, and measured on."""

    first: list[Row]
    pool: list[Row]
    measured: list[Row]


def split_of(rows: list[Row], *, seed: int) -> Split:
    """Deal the rows out; the measured ones are the same for every seed."""
    rows = list(rows)
    random.Random(99).shuffle(rows)
    measured, others = rows[:MEASURED], rows[MEASURED:]
    random.Random(seed).shuffle(others)
    n_of: Counter[str] = Counter()
    first, pool = [], []
    for text, label in others:
        n_of[label] += 1
        (first if n_of[label] <= EACH else pool).append((text, label))
    # The first to follow are of common labels: dealt out anew.
    random.Random(seed).shuffle(pool)
    return Split(first, pool[:POOL], measured)


def learnt(rows: Sequence[Row], encoder: Encoder) -> MessageClassifier:
    """A bundle of these rows, ready to read."""
    examples = [Example(line, text, {"label": label}) for line, (text, label) in enumerate(rows, 2)]
    with tempfile.TemporaryDirectory() as made:
        options = TrainOptions(Path(made) / "b", HOME, "minilm", redactor=Open())
        train_on(examples_of(examples, ("label",)), encoder, options)
        return MessageClassifier(Bundle.load(Path(made) / "b"), encoder, Open())


def accuracy(reader: MessageClassifier, rows: Sequence[Row]) -> float:
    """The share of rows whose label is found."""
    read = reader.classify_many([text for text, _ in rows], tasks=["label"])
    return float(np.mean([said.tasks["label"].label == label for said, (_, label) in zip(read, rows, strict=True)]))


def measure(split: Split, encoder: Encoder) -> dict[str, float]:
    """The accuracy before, and after each way of choosing."""
    reader = learnt(split.first, encoder)
    texts = [text for text, _ in split.pool]
    pool = Pool(range(len(texts)), texts, reader.classify_many(texts, tasks=["label"]))
    chosen = [choice.line for choice in choose(pool, ["label"], CHOSEN)]
    ways = {
        f"{CHOSEN} drawn evenly": split.pool[:CHOSEN],
        f"{CHOSEN} chosen": [split.pool[at] for at in chosen],
        f"{MANY} drawn evenly": split.pool[:MANY],
    }
    measured = {"before": accuracy(reader, split.measured)}
    for name, rows in ways.items():
        measured[name] = accuracy(learnt([*split.first, *rows], encoder), split.measured)
    return measured


def main() -> None:
    """Measure, and write the results file."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--seeds", type=int, default=3)
    given = asked.parse_args()
    with (given.data / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = [(text, label) for text, label, *_ in list(csv.reader(file))[1:]]
    opened = open_encoder("minilm", home=HOME, threads=2)
    assert opened is not None
    encoder = Remembering.of(opened)
    measured = [measure(split_of(rows, seed=seed), encoder) for seed in range(given.seeds)]
    names = list(measured[0])
    lines = [heading("What chosen texts are worth, beside texts drawn evenly")]
    lines += [
        f"{given.data.name}: ten messages of each label, then the labels named; accuracy on {MEASURED:,} others.\n"
    ]
    lines += [row("seed", *names), row(*["---"] * (len(names) + 1))]
    lines += [row(seed, *(f"{of[name]:.4f}" for name in names)) for seed, of in enumerate(measured)]
    lines += [row("mean", *(f"{np.mean([of[name] for of in measured]):.4f}" for name in names))]
    (RESULTS / "next_labels.md").write_text("\n".join(lines) + "\n", "utf-8")
    sys.stderr.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

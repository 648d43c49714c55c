"""A message is answered alone as it is in any batch."""

import csv
from pathlib import Path

import pytest

from model.bundle import Bundle
from model.classifier import MessageClassifier
from model.encoder import Encoder
from model.sensitive import SensitiveFinder
from training.options import CleanOptions, ReadOptions, TrainOptions
from training.run import train

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "messages"
TASKS = {"intent": "intent", "sentiment": "sentiment", "urgency": "urgency"}


@pytest.fixture(scope="module")
def classifiers(tmp_path_factory: pytest.TempPathFactory) -> tuple[MessageClassifier, MessageClassifier]:
    """Two of the same bundle, with the real encoder, so that none remembers what the other read."""
    home = tmp_path_factory.mktemp("home")
    rows = messages()[:600]
    with (home / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["text", *TASKS], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    read = ReadOptions(TASKS, clean=CleanOptions(allow_conflicts=True))
    folder = train([home / "rows.csv"], read, TrainOptions(home / "bundle", home)).folder
    encoder = Encoder.load(home / "encoder")
    first, second = (MessageClassifier(Bundle.load(folder), encoder, SensitiveFinder()) for _ in range(2))
    return first, second


def messages() -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for path in sorted(FIXTURES.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += list(csv.DictReader(file))
    return rows[:: max(1, len(rows) // 1_100)]


def test_every_label_of_several_hundred_messages_is_the_same(
    classifiers: tuple[MessageClassifier, MessageClassifier],
) -> None:
    one_by_one, in_batches = classifiers
    texts = [row["text"] for row in messages()[600:]]
    assert len(texts) > 400

    alone = [one_by_one.classify(text) for text in texts]
    together = in_batches.classify_many(texts)

    for task in TASKS:
        said = [[(read.tasks[task].label, read.tasks[task].abstained) for read in reads] for reads in (alone, together)]
        assert said[0] == said[1]
        scores = zip(alone, together, strict=True)
        assert max(abs(alone.tasks[task].score - other.tasks[task].score) for alone, other in scores) < 1e-3

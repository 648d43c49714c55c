"""Messages that two careful readers may label differently, and what a score then means."""

import csv
import random
from pathlib import Path

import numpy as np

from model.bundle import Bundle
from model.classifier import MessageClassifier
from model.sensitive import SensitiveFinder
from training.examples import read_examples
from training.options import ReadOptions, TrainOptions
from training.run import Report, train
from training.tasks import ENOUGH_READ, task_data

PLACES = ("at the station", "in Leeds", "on my way home", "since Monday", "again today", "at the till", "near gate 4")
SAID = {
    "late": ("the train is late", "we wait for the tram", "no bus came"),
    "rude": ("the guard was rude", "your driver swore at us", "staff laughed at me"),
}
BOTH = ("late and nobody cares", "an hour here and not a word", "they let us stand in the rain")


def rows_with_second_readings(n: int, *, seed: int = 7) -> list[tuple[str, str, str]]:
    """Half plain rows; half that fall to either label by chance and would do under both."""
    dice = random.Random(seed)
    rows = []
    for at in range(n):
        label = dice.choice(list(SAID))
        if at % 2:
            other = next(name for name in SAID if name != label)
            rows.append((f"{dice.choice(BOTH)} {dice.choice(PLACES)} {dice.randrange(999)}", label, other))
        else:
            rows.append((f"{dice.choice(SAID[label])} {dice.choice(PLACES)} {dice.randrange(999)}", label, "-"))
    return rows


def trained(folder: Path, rows: list[tuple[str, str, str]], *, is_read: bool) -> Report:
    folder.mkdir()
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "intent", *(["intent_also"] if is_read else [])])
        writer.writerows(row if is_read else row[:2] for row in rows)
    options = TrainOptions(folder / "bundle", home=folder, encoder="none")
    return train([folder / "rows.csv"], ReadOptions({"intent": "intent"}), options)


def score_of(folder: Path, text: str) -> float:
    return (
        MessageClassifier(Bundle.load(folder / "bundle"), None, SensitiveFinder()).classify(text).tasks["intent"].score
    )


def test_a_score_tells_how_likely_a_careful_reader_accepts_the_label(tmp_path: Path) -> None:
    rows = rows_with_second_readings(700)
    once, twice = tmp_path / "once", tmp_path / "twice"

    plain, read_twice = trained(once, rows, is_read=False), trained(twice, rows, is_read=True)

    either = "an hour here and not a word in Leeds"
    assert score_of(once, either) < 0.75
    assert score_of(twice, either) > 0.9
    # The labels are what they were: only what is said of them has changed.
    assert plain.tasks["intent"]["accuracy"] == read_twice.tasks["intent"]["accuracy"] < 0.9
    assert read_twice.tasks["intent"]["accepted"] > 0.95


def test_a_few_second_readings_count_for_nothing(tmp_path: Path) -> None:
    rows = rows_with_second_readings(700)
    few = [row if at < ENOUGH_READ - 1 else (*row[:2], "") for at, row in enumerate(rows)]

    trained(tmp_path / "once", rows, is_read=False)
    report = trained(tmp_path / "few", few, is_read=True)

    assert "accepted" not in report.tasks["intent"]
    assert score_of(tmp_path / "few", rows[1][0]) == score_of(tmp_path / "once", rows[1][0])


def test_second_readings_stand_in_a_column_beside_the_labels(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,why,why_also\nno bus,late,rude| lost \nno tram,late,-\nswore at us,rude,\n", "utf-8")

    examples = read_examples([path], ReadOptions({"intent": "why"}), is_training=False)

    assert examples.also("intent") == [frozenset({"rude", "lost"}), frozenset(), None]


def test_labels_that_no_row_has_and_what_fits_nothing_are_accepted_by_nobody() -> None:
    n = ENOUGH_READ
    data = task_data(
        "intent", ["a", "b", "out_of_scope"] * n, [frozenset({"b", "new"}), frozenset(), frozenset("a")] * n
    )

    rows = np.array([0, 1, 2])
    assert list(data.is_right(rows, np.array([1, 0, 0]))) == [True, False, True]
    assert list(data.is_right(rows, np.array([0, 1, 1]))) == [True, True, False]

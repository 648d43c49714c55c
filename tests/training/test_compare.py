"""Two bundles on the same rows: what is counted, what could be chance, and which rows may not be used."""

import csv
from pathlib import Path

import pytest
from scipy import stats

from care.classification import OUT_OF_SCOPE
from care.errors import BadInput
from model.bundle import Bundle
from model.classifier import MessageClassifier
from model.sensitive import SensitiveFinder
from tests.model.tiny import THINGS, WORDS, tiny_classifier, tiny_folder
from training.compare import Share, TaskComparison, compare, lines_of
from training.gate import speaks_against
from training.held_out import HeldOut, read_held_out, without_seen
from training.options import ReadOptions, TrainOptions
from training.run import train

NEW = ("table", "carpet", "clock", "lantern")


def task(gained: int, lost: int, *, n: int = 100, right: int = 80) -> TaskComparison:
    after = Share(right + gained - lost, n)
    return TaskComparison("intent", Share(right, n), after, gained, lost, ({}, {}), (), ())


@pytest.fixture(scope="module")
def weak(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that never heard of prices and stock."""
    folder = tmp_path_factory.mktemp("weak")
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        known = {intent: said for intent, said in WORDS.items() if intent not in ("price", "stock")}
        rows = [
            (pattern.format(thing), intent) for intent, said in known.items() for pattern in said for thing in THINGS
        ]
        csv.writer(file).writerows([("text", "intent"), *rows])
    return train(
        [folder / "rows.csv"], ReadOptions({"intent": "intent"}), TrainOptions(folder / "b", folder, "none")
    ).folder


def held_out(folder: Path, rows: list[tuple[str, str]]) -> HeldOut:
    path = folder / "held-out.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "intent"), *rows])
    return read_held_out(path, ReadOptions({"intent": "intent"}), {"intent": [*WORDS]})


def unseen() -> list[tuple[str, str]]:
    return [(sentence.format(thing), intent) for intent, said in WORDS.items() for sentence in said for thing in NEW]


@pytest.mark.parametrize(
    ("gained", "lost", "p"), [(1, 9, 0.01172), (9, 1, 0.01172), (5, 5, 1.0), (0, 0, 1.0), (0, 1, 0.5)]
)
def test_p_is_mcnemars_exact_test_by_its_middle(gained: int, lost: int, p: float) -> None:
    comparison = task(gained, lost)

    assert comparison.p == pytest.approx(p, abs=1e-4)
    if gained != lost:
        assert comparison.p < stats.binomtest(gained, gained + lost).pvalue


def test_the_interval_of_a_difference_lies_around_it_and_narrows_with_more_rows() -> None:
    few, many = task(10, 5), task(100, 50, n=1_000, right=800)

    assert few.interval[0] < few.difference < few.interval[1]
    assert few.interval[0] < 0 < many.interval[0]


def test_what_a_bundle_lost_stands_by_label_and_by_line(weak: Path, tmp_path: Path) -> None:
    after = MessageClassifier(Bundle.load(weak), None, SensitiveFinder())

    comparison = compare(held_out(tmp_path, unseen()), tiny_classifier(), after)

    [intent] = comparison.tasks
    lost = {label.label for label in intent.labels if label.difference < -0.5}
    assert lost == {"price", "stock"}
    assert intent.p < 0.001
    assert {row.gold for row in intent.changed} >= lost
    assert all(unseen()[row.line - 2][1] == row.gold for row in intent.changed)
    assert any(line.startswith("  price: ") for line in lines_of(comparison))
    assert any("more than chance explains" in line for line in speaks_against(intent))


def test_a_message_that_fits_no_label_is_right_when_it_abstains(tmp_path: Path) -> None:
    rows = [("the moon is full tonight", OUT_OF_SCOPE), ("knitting is fun", OUT_OF_SCOPE)]

    [intent] = compare(held_out(tmp_path, rows), tiny_classifier(), tiny_classifier()).tasks

    abstained = [read.tasks["intent"].abstained for read in tiny_classifier().classify_many([text for text, _ in rows])]
    assert intent.before.right == sum(abstained)


def test_too_few_rows_are_no_proof(tmp_path: Path) -> None:
    [intent] = compare(held_out(tmp_path, unseen()[:8]), tiny_classifier(), tiny_classifier()).tasks

    assert list(speaks_against(intent)) == ["intent: 8 labelled rows are too few to compare; give at least 30"]


def test_a_small_loss_that_chance_explains_is_let_pass_and_a_large_one_is_not() -> None:
    assert list(speaks_against(task(4, 5))) == []
    assert list(speaks_against(task(4, 8))) == ["intent: it loses 4.0 points of 100 rows"]


def test_rows_that_a_bundle_learnt_from_are_left_out(tmp_path: Path) -> None:
    learnt = [(WORDS["parcel"][0].format(THINGS[0]), "parcel")]

    kept = without_seen(held_out(tmp_path, [*unseen(), *learnt]), [tiny_folder()])

    assert kept.examples.texts == [text for text, _ in unseen()]
    assert any("1 of 97 messages were learnt by one of the bundles" in line for line in kept.told)
    with pytest.raises(BadInput, match="learnt from all of these 1 messages"):
        without_seen(held_out(tmp_path, learnt), [tiny_folder()])

"""What is said twice vouches for nothing: figures are those of rows that stand for themselves."""

import csv
from pathlib import Path

import numpy as np
import pytest

from model.bundle import read_manifest
from tests.model.tiny import THINGS, WORDS
from training.kernels import Inverse, Landmarks
from training.kin import Kin, sayings
from training.lesson import without_repeats_of
from training.options import ReadOptions, TrainOptions
from training.recipe import TrainRecipe
from training.run import Report, train
from training.solvers import RowContext, folds
from training.space import nearest_of
from training.tasks import TaskData

CHANCE = np.random.default_rng(12)


def rows(*, n_wrong: int = 30) -> list[tuple[str, str]]:
    """Texts of which some carry another label, so that nothing is faultless."""
    families = [
        (sentence.format(thing), intent) for intent, said in WORDS.items() for sentence in said for thing in THINGS
    ]
    dice = np.random.default_rng(4)
    for at in dice.permutation(len(families))[:n_wrong]:
        families[at] = (families[at][0], str(dice.choice(sorted(WORDS))))
    return families


def trained(folder: Path, said: list[tuple[str, str]], *, name: str = "rows") -> Report:
    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "intent"), *said])
    return train(
        [path], ReadOptions({"intent": "intent"}), TrainOptions(out=folder / name, home=folder, encoder="none")
    )


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return trained(tmp_path_factory.mktemp("once"), rows())


def test_with_every_row_twice_the_figures_and_the_bundle_are_the_same(tmp_path: Path, once: Report) -> None:
    twice = trained(tmp_path, [*rows(), *rows()])

    assert twice.bundle_id == once.bundle_id
    assert twice.tasks == once.tasks
    assert (twice.n_read, twice.n_rows) == (2 * once.n_read, once.n_rows)


def test_a_fifth_of_repeats_changes_no_figure(tmp_path: Path, once: Report) -> None:
    assert trained(tmp_path, [*rows(), *rows()[::5]]).tasks == once.tasks


def test_with_every_row_nearly_twice_the_accuracy_is_hardly_another(tmp_path: Path, once: Report) -> None:
    near = trained(tmp_path, [*rows(), *((f"{text.upper()} !!", label) for text, label in rows())])

    assert near.tasks["intent"]["n"] == once.tasks["intent"]["n"]
    assert near.tasks["intent"]["accuracy"] == pytest.approx(once.tasks["intent"]["accuracy"], abs=0.03)


def test_the_share_of_repeats_stands_in_the_manifest_and_on_the_card(tmp_path: Path) -> None:
    report = trained(tmp_path, [*rows(), *rows()[:64], *((f"{text}!", label) for text, label in rows()[:19])])

    repeats = read_manifest(report.folder)["repeats"]
    assert repeats["exact"] == 64
    assert repeats["near"] == pytest.approx(38 / 211)
    assert any(line.startswith("near repeats: 18% of the rows") for line in report.told)
    card = (report.folder / "README.md").read_text("utf-8")
    assert "64 rows (23.3%) repeated another word for word" in card
    assert "say what another says" in card


def test_what_differs_by_case_and_signs_alone_is_the_same_said() -> None:
    said = sayings(
        ["Where is it?", "where is  it", "WHERE IS IT!!", "where is that", "where is it?"], [""] * 4 + ["hi"]
    )

    assert said[0] == said[1] == said[2]
    assert len(set(said)) == 3


def test_no_fold_learns_from_a_repeat_or_a_thread_of_what_it_holds_out() -> None:
    said = CHANCE.integers(0, 60, 100)
    threads = [None if n < 0 else f"t{n}" for n in CHANCE.integers(-20, 20, 100)]
    kin = Kin.of([str(n) for n in said], threads)
    around = RowContext(np.zeros(0, np.int64), kin=kin)

    parts = around.folds(np.arange(100), CHANCE.integers(0, 3, 100), TrainRecipe())

    assert sorted(np.concatenate([test for _, test in parts]).tolist()) == list(range(100))
    for learnt, test in parts:
        assert not set(said[learnt]) & set(said[test])
        assert not {threads[i] for i in learnt} & {threads[i] for i in test} - {None}


def test_whole_groups_are_held_out_and_their_repeats_elsewhere_are_not_learnt() -> None:
    groups = np.repeat(np.arange(5), 20)
    said = CHANCE.integers(0, 50, 100)
    around = RowContext(np.zeros(0, np.int64), groups, Kin.of([str(n) for n in said], [None] * 100))

    for learnt, test in around.folds(np.arange(100), np.zeros(100, np.int64), TrainRecipe()):
        assert not set(groups[learnt]) & set(groups[test])
        assert not set(said[learnt]) & set(said[test])


def test_where_nothing_repeats_the_folds_are_as_they_were() -> None:
    of = CHANCE.integers(0, 4, 50)
    around = RowContext(np.zeros(0, np.int64), kin=Kin.of([str(n) for n in range(50)], [None] * 50))

    parts = around.folds(np.arange(50), of, TrainRecipe())
    for (learnt, test), (before, held) in zip(parts, folds(of, n_folds=4, seed=13), strict=True):
        assert learnt.tolist() == before.tolist()
        assert test.tolist() == held.tolist()


def test_a_thread_of_hundreds_of_rows_is_none() -> None:
    kin = Kin.of([str(n) for n in range(300)], ["all of them"] * 300)

    assert (kin.thread == -1).all()


def test_scores_without_a_family_are_those_of_a_fit_without_it() -> None:
    places = CHANCE.normal(size=(40, 5)).astype(np.float32)
    kernel = np.exp(-0.5 * np.square(places[:, None] - places[None]).sum(-1)).astype(np.float32)
    targets = np.eye(3, dtype=np.float32)[CHANCE.integers(0, 3, 40)]
    family = np.array([3, 11, 30])
    rest = np.setdiff1d(np.arange(40), family)

    inverse = Inverse.of(kernel.copy(), ridge=0.3)
    left = np.linalg.solve(kernel[np.ix_(rest, rest)] + 0.3 * np.eye(37), targets[rest])
    exact = inverse.leave_group_out(family, targets, inverse.solve(targets))
    assert exact == pytest.approx(kernel[np.ix_(family, rest)] @ left, abs=1e-4)

    landmarks = Landmarks.of(kernel[:, ::2].copy(), kernel[::2, ::2].copy(), ridge=0.3)
    few, many = landmarks.leave_family_out(family, targets), landmarks.leave_group_out(family, targets)[0]
    assert few == pytest.approx(many, abs=2e-3)


def test_an_encoder_learns_from_no_repeat_of_what_is_held_out() -> None:
    texts = ["where is it", "a lamp", "Where is it?", "refund me", "A LAMP!"]

    assert without_repeats_of(np.array([0, 3]), texts).tolist() == [1, 4]


def test_a_repeat_is_not_the_nearest_other_row() -> None:
    vectors = CHANCE.normal(size=(6, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[1] = vectors[0]
    data = TaskData("intent", ("a", "b"), np.array([0, 0, 0, 1, 1, 1]))

    alone = nearest_of(vectors, data)
    apart = nearest_of(vectors, data, kin=Kin.of(["same", "same", "c", "d", "e", "f"], [None] * 6))

    assert alone[0, 0] == pytest.approx(1)
    assert apart[0, 0] == pytest.approx(float(vectors[0] @ vectors[2]))
    assert apart[3].tolist() == alone[3].tolist()

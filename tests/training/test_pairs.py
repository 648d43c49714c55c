"""Fitting the head that reads a message and a draft together."""

import csv
from pathlib import Path

import numpy as np
import pytest

from care.errors import BadTrainingData
from model.pairs import PairReader, features
from tests.doubles import StubClassifier
from training.default import read_fixtures
from training.pairs import MARKS, PairsRecipe, as_pairs, first_of_each, fit_pairs, read_pairs, train_default_pairs

FIXTURES = Path(__file__).parents[2] / "fixtures"
COLUMNS = (
    "text", "thread", "channel", "public", "action", "play", "own", "approach", "intents", "fallback", "cheerful",
    "likeness", "draft", "mark",
)  # fmt: skip


def row(n: int, *, about: str, mark: str, approach: str = "ask") -> dict[str, str]:
    words = {"delivery_problem": "where is my parcel", "praise": "thank you so much"}[about]
    return dict(
        zip(
            COLUMNS,
            (f"{words} {n}", "", "x", "1", "answer_public", approach, "", approach, "delivery_problem", "0", "0", "0",
             "Could you send the number?", mark),
            strict=True,
        )
    )  # fmt: skip


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        kept = csv.DictWriter(file, COLUMNS)
        kept.writeheader()
        kept.writerows(rows)
    return path


def some(n: int = 40) -> list[dict[str, str]]:
    asked = [row(at, about="delivery_problem", mark="S") for at in range(n)]
    return [*asked, *(row(at, about="praise", mark="E") for at in range(n))]


def test_what_readers_send_is_told_from_what_embarrasses(tmp_path: Path) -> None:
    marked = read_pairs(write(tmp_path / "pairs.csv", some()))
    pairs = as_pairs(marked, StubClassifier())

    reader = fit_pairs(marked, pairs, recipe=PairsRecipe())

    chances = [reader.probability(features(pair)) for pair in pairs]
    assert min(chances[:40]) > reader.least > max(chances[40:])
    assert reader.about["shown_and_embarrassing"] == 0.0


def test_of_each_message_the_likeliest_draft_counts() -> None:
    chance, groups = np.array([0.2, 0.9, 0.4, 0.3]), np.array([0, 0, 1, 1])

    assert first_of_each(chance, groups).tolist() == [1, 2]


def test_a_row_without_a_mark_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "pairs.csv", [row(1, about="praise", mark="S"), row(2, about="praise", mark="?")])

    with pytest.raises(BadTrainingData, match=r"pairs\.csv:3"):
        read_pairs(path)


def test_the_head_is_fitted_again_only_when_its_pairs_or_the_bundle_changed(tmp_path: Path) -> None:
    write(tmp_path / "fixtures" / "pairs.csv", some())
    said: list[str] = []

    def fit(classifier: StubClassifier) -> PairReader:
        return PairReader.load(
            train_default_pairs(fixtures=tmp_path / "fixtures", home=tmp_path, classifier=classifier, say=said.append)
        )

    first, again, newer = fit(StubClassifier()), fit(StubClassifier()), fit(StubClassifier(bundle_id="stub@2"))

    assert ["fitting" in line for line in said] == [True, False, True]
    assert first.about["mark"] == again.about["mark"] != newer.about["mark"]


def test_our_pairs_are_many_and_no_bundle_learns_their_messages() -> None:
    marked = read_pairs(FIXTURES / "pairs.csv")

    texts = {pair.row["text"] for pair in marked}
    assert len(marked) >= 2_000
    assert {pair.mark for pair in marked} == set(MARKS)
    assert texts.isdisjoint(read_fixtures(FIXTURES).texts)

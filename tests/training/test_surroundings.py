"""What stands around a row: the turns before it, the group it belongs to, the language it is in."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from care.errors import BadTrainingData
from care.message import Turn
from model.bundle import Bundle
from model.classifier import MessageClassifier
from model.sensitive import SensitiveFinder
from model.thread import MARKS, N_PRIORS, context_of, turns_of
from tests.model.tiny import THINGS, WORDS, tiny_classifier
from training.calibrate import fit_blend
from training.examples import read_examples
from training.languages import counted, foreign_to_the_encoder, language_name, shares_of, taught
from training.options import CleanOptions, ReadOptions, TrainOptions
from training.run import train
from training.solvers import group_folds

AT = datetime(2026, 1, 1, tzinfo=UTC)
BRANDS = ("north", "south", "east", "west", "centre")
OTHER = "they: thank you, the chair is lovely // us: You are welcome!"
ANSWERS = ("the blue one", "yes, that one", "the second", "correct", "just did", "this morning", "no idea")


def _rows() -> Iterator[tuple[str, str, str, str]]:
    """text, intent, thread, brand: what says its matter by itself, and answers that say it in their thread alone."""
    for intent, sentences in WORDS.items():
        for i, sentence in enumerate(sentences):
            for j, thing in enumerate(THINGS):
                yield sentence.format(thing), intent, "", BRANDS[(i + j) % len(BRANDS)]
                answer = ANSWERS[(3 * i + j) % len(ANSWERS)]
                thread = f"they: {sentence.format(thing)} // us: Which {thing} is it?"
                yield answer, intent, thread, BRANDS[(i + j + 1) % len(BRANDS)]
                # Others begin a new matter in an old thread.
                yield f"and {sentence.format(thing)}", intent, OTHER, BRANDS[(i + j + 2) % len(BRANDS)]


@pytest.fixture(scope="module")
def talked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("talked")
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "intent", "thread", "brand"))
        writer.writerows(_rows())
    train(
        [folder / "rows.csv"],
        ReadOptions({"intent": "intent"}, group="brand", clean=CleanOptions(allow_conflicts=True)),
        TrainOptions(out=folder / "bundle", home=folder, encoder="none"),
    )
    return folder / "bundle"


def _said(*turns: str) -> list[Turn]:
    return [Turn(text, by_customer=at % 2 == 0, at=AT) for at, text in enumerate(turns)]


@pytest.mark.parametrize(("before", "wanted"), [("cannot log in to my app account", "login"), ("refund it", "refund")])
def test_an_answer_is_about_what_its_thread_is_about(talked: Path, before: str, wanted: str) -> None:
    classifier = MessageClassifier(Bundle.load(talked), None, SensitiveFinder())

    read = classifier.classify("the second", thread=_said(before, "Which phone is it?"))

    assert read.tasks["intent"].label == wanted


def test_what_says_its_matter_by_itself_is_read_by_itself(talked: Path) -> None:
    classifier = MessageClassifier(Bundle.load(talked), None, SensitiveFinder())

    read = classifier.classify("what does the mirror cost", thread=_said("thank you, the lamp is lovely", "Welcome!"))

    assert read.tasks["intent"].label == "price"


def test_the_same_answer_in_two_threads_is_read_twice(talked: Path) -> None:
    classifier = MessageClassifier(Bundle.load(talked), None, SensitiveFinder())
    threads = [_said("cannot log in to my app account", "Which?"), _said("where is my tent parcel", "Which?"), []]

    labels = [
        classification.tasks["intent"].label
        for classification in classifier.classify_many(["the second"] * 3, threads=threads)
    ]

    assert labels[:2] == ["login", "parcel"]


def test_figures_of_seen_and_unseen_groups_stand_side_by_side(talked: Path) -> None:
    bundle = Bundle.load(talked)

    assert bundle.manifest["groups"] == sorted(BRANDS)
    assert set(bundle.manifest["metrics"]["intent"]["by_group"]) == {"unseen_groups", "seen_groups"}
    assert "At home and abroad" in (talked / "README.md").read_text("utf-8")


def test_a_group_column_that_is_missing_is_said(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("text,intent\na b,x\nc d,y\n", "utf-8")

    with pytest.raises(BadTrainingData, match="no column 'brand'"):
        read_examples([tmp_path / "rows.csv"], ReadOptions({"intent": "intent"}, group="brand"))


def test_whole_groups_are_left_out_and_rows_of_none_never() -> None:
    groups = np.array([0, 0, 0, 1, 1, 2, -1, 3])

    parts = group_folds(groups, n_folds=3)

    held_out = np.concatenate([test for _, test in parts])
    assert sorted(held_out.tolist()) == [0, 1, 2, 3, 4, 5, 7]
    for train_rows, test in parts:
        assert not set(groups[test]) & set(groups[train_rows])


def test_in_a_language_that_was_not_taught_every_task_abstains() -> None:
    read = tiny_classifier().classify("Wo bleibt denn mein Paket, es sollte gestern da sein")

    assert read.language == "de"
    assert all(judged.abstained for judged in read.tasks.values())


def test_a_language_of_a_few_messages_was_not_taught() -> None:
    texts = ["where is my parcel", "the lamp is broken again", "thank you so much"] * 20 + ["Wo bleibt mein Paket?"]

    assert taught(counted(map(language_name, texts))) == ("en",)
    assert taught(counted(map(language_name, ["Wo bleibt mein Paket?", "Die Lampe ist kaputt"] * 5))) == ("de",)


def test_messages_that_the_encoder_was_not_taught_to_read_are_told() -> None:
    english, german = ["where is my parcel", "the lamp is broken again"], ["Wo bleibt mein Paket?"]

    said = foreign_to_the_encoder(shares_of(counted(map(language_name, english * 4 + german * 2))))
    assert "de 20 % of the messages, and the encoder was taught English" in said
    assert "--encoder none" in said
    assert foreign_to_the_encoder(shares_of(counted(map(language_name, english * 20 + german)))) == ""


def test_a_thread_in_one_cell_is_read_turn_by_turn() -> None:
    turns = turns_of("they: it is broken // us: Which model? See https://x.co//a // they: the old one")

    assert [turn.by_customer for turn in turns] == [True, False, True]
    assert turns[1].text == "Which model? See https://x.co//a"
    assert turns_of("T-1042") == ()


def test_the_marks_tell_a_question_of_ours_from_a_word_of_theirs() -> None:
    asked = context_of("the blue one", _said("it crashes", "Which one?"))
    alone = context_of("the blue one", [])

    assert asked is not None
    assert alone is None
    assert asked.marks[:N_PRIORS] == (1.0, 1.0, 1.0)
    assert len(asked.marks) == len(MARKS)
    assert asked.text == "it crashes Which one?"


def test_a_thread_that_knows_more_than_the_message_gets_the_larger_share() -> None:
    chance = np.random.default_rng(9)
    gold = chance.integers(0, 3, 400)
    before = (np.eye(3)[gold] * 4 + chance.normal(size=(400, 3))).astype(np.float32)
    own = chance.normal(size=(400, 3)).astype(np.float32)
    marks = np.tile(np.array([1, 0, 0, 0.5, 0, 0], np.float32), (400, 1))

    gate = fit_blend(own, before, marks, gold, n_priors=N_PRIORS).gate

    assert marks[0] @ gate > 1
    assert marks[0] @ fit_blend(before, own, marks, gold, n_priors=N_PRIORS).gate < -1

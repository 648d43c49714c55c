import threading

import numpy as np
import pytest

from model import ngrams
from model.ngrams import Chunks, LinearReader, Ngrams

TEXTS = ("where is my parcel", "refund the lamp please please", "the app, the app crashes!", "über-late again :(")


@pytest.fixture
def reader() -> LinearReader:
    return a_reader(Ngrams.fit(TEXTS, min_char_rows=1))


def a_reader(grams: Ngrams) -> LinearReader:
    chance = np.random.default_rng(2)
    weight = chance.normal(size=(len(grams.idf), 5)).astype(np.float16)
    return LinearReader(grams, weight, chance.normal(size=5).astype(np.float32))


@pytest.mark.parametrize(
    "text", [*TEXTS, "", " ", "nothing known here?", "lamp lamp lamp", "x" * 200, f"{'where' * 20} my {'where' * 20}"]
)
def test_what_is_remembered_of_words_changes_no_score(text: str) -> None:
    grams = Ngrams.fit(TEXTS, min_char_rows=1)
    reader = a_reader(grams)
    row = grams.row(text)
    weight = np.random.default_rng(2).normal(size=(len(grams.idf), 5)).astype(np.float16).astype(np.float32)
    chance = np.random.default_rng(2)
    chance.normal(size=(len(grams.idf), 5))
    bias = chance.normal(size=5).astype(np.float32)

    first, again = reader.scores([text])[0], reader.scores([text])[0]

    assert np.allclose(first, row.values @ weight[row.ids] + bias, atol=1e-4)
    assert np.array_equal(first, again)


def test_a_word_said_twice_counts_once() -> None:
    grams = Ngrams.fit(TEXTS, min_char_rows=1)

    once, twice = grams.row("lamp"), grams.row("lamp lamp")

    assert set(once.ids.tolist()) <= set(twice.ids.tolist())
    assert len(twice.ids) == len(set(twice.ids.tolist()))


def test_both_blocks_have_length_one() -> None:
    grams = Ngrams.fit(TEXTS, min_char_rows=1)

    row = grams.row("where is my parcel")

    is_word = row.ids < grams.n_words
    assert float(np.square(row.values[is_word]).sum()) == pytest.approx(1, abs=1e-5)
    assert float(np.square(row.values[~is_word]).sum()) == pytest.approx(1, abs=1e-5)


def test_words_summed_beforehand_give_the_same_scores(reader: LinearReader) -> None:
    grams = Ngrams.fit(TEXTS, min_char_rows=1)
    alone = a_reader(grams)
    chunks = Chunks.of(grams, alone._weight, [*TEXTS, *TEXTS])

    prepared = LinearReader(grams, alone._weight, alone._bias, chunks)

    assert "parcel" in chunks.chunks
    texts = [*TEXTS, "a parcel nobody knows"]
    assert np.allclose(prepared.scores(texts), alone.scores(texts), atol=1e-5)


def test_a_full_memory_starts_anew_and_gives_the_same_scores(
    reader: LinearReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ngrams, "_REMEMBERED_CHUNKS", 6)
    before = reader.scores(TEXTS)

    for n in range(50):
        reader.scores([f"word{n} other{n} third{n}"])

    assert np.allclose(reader.scores(TEXTS), before, atol=1e-5)


def test_many_threads_learn_words_at_once(reader: LinearReader) -> None:
    texts = [f"parcel{n} lamp{n} app{n}" for n in range(300)]
    wanted = a_reader(Ngrams.fit(TEXTS, min_char_rows=1)).scores(texts)
    answers: list[np.ndarray] = [np.zeros(0)] * 4

    def read(at: int) -> None:
        answers[at] = reader.scores(texts)

    workers = [threading.Thread(target=read, args=(at,)) for at in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=30)

    for scores in answers:
        assert np.allclose(scores, wanted, atol=1e-5)

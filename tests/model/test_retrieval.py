"""Passages found for what customers ask, and silence where nothing answers."""

import logging
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from care.knowledge import Passage
from model.encoder import Encoder
from model.retrieval import PassageIndex, weights, words_of
from model.vectors import VectorCache
from training.export import export

DAY = date(2026, 11, 27)
PASSAGES = (
    Passage("a.md:1", "How long can I return something?", ("Within 30 days of delivery.",)),
    Passage("a.md:4", "What does delivery cost?", ("A parcel costs 4.90 EUR.",), ("How much is shipping?",)),
    Passage("a.md:7", "Can the lamps be dimmed?", ("With a dimmable bulb.",), channels=frozenset({"email"})),
    Passage("a.md:9", "Can I pay in instalments?", ("In three parts.",), valid_until=date(2026, 11, 26)),
)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    return Encoder.load(export(tmp_path_factory.mktemp("home")))


def places(index: PassageIndex, question: str, *, channel: str = "x") -> list[str]:
    return [hit.passage.place for hit in index.find(question, channel=channel, day=DAY) if hit.is_sure]


def test_the_passage_that_answers_is_found_in_other_words(encoder: Encoder) -> None:
    index = PassageIndex.of(PASSAGES, encoder, VectorCache(None))

    assert places(index, "how much do you charge for shipping a parcel?") == ["a.md:4"]
    assert places(index, "I got it last week. How many days do I have to return something?") == ["a.md:1"]
    assert places(index, "where is my cat") == []


def test_what_is_not_for_this_channel_or_day_is_not_found(encoder: Encoder) -> None:
    index = PassageIndex.of(PASSAGES, encoder, VectorCache(None))

    assert places(index, "can the lamps be dimmed?") == []
    assert places(index, "can the lamps be dimmed?", channel="email") == ["a.md:7"]
    assert "a.md:9" not in [hit.passage.place for hit in index.find("pay in instalments", channel="x", day=DAY)]


@pytest.mark.parametrize("question", ["", "?", "\ud800", "😀", "a" * 20_000, "{{ x }} <script>"], ids=range(6))
def test_nothing_in_a_question_stops_it(encoder: Encoder, question: str) -> None:
    index = PassageIndex.of(PASSAGES, encoder, VectorCache(None))

    assert len(index.find(question, channel="x", day=DAY)) <= 5


def test_without_an_encoder_words_find_passages_and_none_is_sure() -> None:
    hits = PassageIndex.of(PASSAGES, None, VectorCache(None)).find("what does delivery cost", channel="x", day=DAY)

    assert hits[0].passage.place == "a.md:4"
    assert not any(hit.is_sure for hit in hits)


def test_nothing_written_is_nothing_found() -> None:
    assert PassageIndex.of((), None, VectorCache(None)).find("hello there", channel="x", day=DAY) == ()


def test_only_new_texts_are_read_again(encoder: Encoder, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = VectorCache(tmp_path / "vectors")
    caplog.set_level(logging.INFO)

    first = cache.vectors(["one text", "another text"], encoder)
    again = cache.vectors(["another text", "a third text"], encoder)

    assert [record.n_texts for record in caplog.records] == [2, 1]  # type: ignore[attr-defined]
    assert np.array_equal(first[1], again[0])
    (path,) = (tmp_path / "vectors").iterdir()
    path.write_bytes(b"damaged")
    assert np.allclose(cache.vectors(["another text"], encoder)[0], first[1], atol=1e-5)


def test_the_weights_are_those_of_a_chance() -> None:
    assert 0.5 < weights().least < 1
    assert words_of("The deliveries of chairs are delivered") == ["deliver", "chair", "deliver"]

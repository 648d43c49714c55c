"""Topics: like texts together, named by their own words, the same from week to week."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from care.topics import NO_TOPIC, Grouping, Topic, merged
from model.encoder import Encoder
from model.topic_names import name_of, phrases_of
from model.topics import TopicGrouper
from tests.model.tiny import THINGS, WORDS
from training.export import export
from wiring.serving import topic_finder
from wiring.settings import Settings

pytestmark = [pytest.mark.issue(19), pytest.mark.issue(17)]
COLOURS = ("red", "blue", "green", "brown")
ABOUT = ("parcel", "login", "price")
TEXTS = [
    sentence.format(f"{colour} {thing}")
    for about in ABOUT
    for sentence in WORDS[about]
    for thing in THINGS
    for colour in COLOURS
]
EACH = len(TEXTS) // len(ABOUT)
NEW = [f"the {thing} {broke}" for thing in THINGS for broke in ("arrived broken", "has a crack", "came damaged today")]


@pytest.fixture(scope="module")
def grouper(tmp_path_factory: pytest.TempPathFactory) -> TopicGrouper:
    return TopicGrouper(Encoder.load(export(tmp_path_factory.mktemp("home"))))


@pytest.fixture(scope="module")
def week(grouper: TopicGrouper) -> Grouping:
    return grouper.find([text for text in TEXTS if text.split()[-1] not in ("desk", "tent")])


def test_texts_about_the_same_are_together_most_of_the_time(week: Grouping) -> None:
    about = [ABOUT[TEXTS.index(text) // EACH] for text in TEXTS if text.split()[-1] not in ("desk", "tent")]

    for at in range(len(week.topics)):
        found = [about[place] for place in week.members(at)]
        assert found.count(max(found, key=found.count)) >= 0.9 * len(found)


def test_the_next_week_keeps_the_topics_and_names_what_is_new(grouper: TopicGrouper, week: Grouping) -> None:
    renamed = (replace(week.topics[0], name="Called so by a person"), *week.topics[1:])

    after = grouper.find([*TEXTS, *NEW], known=renamed)

    assert after.topics[: len(renamed)] == renamed
    assert np.mean([at >= len(renamed) for at in after.of[len(TEXTS) :]]) > 0.9, "what is new is in new topics"
    assert np.mean([at < len(renamed) for at in after.of[: len(TEXTS)]]) > 0.9


def test_a_merged_topic_reaches_what_both_reached(grouper: TopicGrouper, week: Grouping) -> None:
    first, second = week.topics[:2]
    both = [TEXTS[0], *(week_text for week_text in TEXTS[EACH : EACH + 4]), TEXTS[-1]]
    apart = grouper.reached(both, [first, second])

    together = grouper.reached(both, [merged(first, second)])

    assert [at == NO_TOPIC for at in apart.tolist()] == [at == NO_TOPIC for at in together.tolist()]
    with pytest.raises(ValueError, match="different readers"):
        merged(first, replace(second, reader="another"))


def test_the_same_texts_give_the_same_topics(grouper: TopicGrouper) -> None:
    assert grouper.find(NEW) == grouper.find(NEW)


def test_numbers_and_masked_values_make_no_difference(grouper: TopicGrouper) -> None:
    texts = [f"where is order {n} of <EMAIL>?" for n in range(40)]

    (topic,) = grouper.find([*texts[:20], *(text.upper() for text in texts[20:])]).topics

    assert topic.n == 40
    assert "email" not in topic.name
    assert "order" in topic.name


@pytest.mark.parametrize("texts", [[], ["hello"], ["a", "b", "c"], [""] * 3])
def test_few_texts_have_no_topic(texts: list[str]) -> None:
    assert TopicGrouper(None).find(texts) == Grouping((), (NO_TOPIC,) * len(texts), ())


def test_without_an_encoder_pieces_of_words_tell_texts_apart_and_nothing_is_carried_on() -> None:
    grouper = TopicGrouper(None)
    known = Topic("top_1", "old", (), (b"",), 0.5, grouper.reader, 9)

    found = grouper.find([*TEXTS, *NEW], known=[known])

    assert known not in found.topics
    assert len(found.topics) >= len(ABOUT)


def test_a_name_is_of_words_that_say_something_and_of_no_other_topic() -> None:
    texts = ["i have not got my parcel"] * 9 + ["i have a broken lamp"] * 9
    of = np.array([0] * 9 + [1] * 9)

    parcel, lamp = phrases_of(texts, of, 2)

    assert parcel[0] == "not got my parcel" or "parcel" in parcel[0]
    assert lamp[0] == "broken lamp"
    assert name_of(lamp, taken=["broken lamp"]) == "broken lamp (2)"
    assert name_of(()) == "other messages"


def test_words_that_everybody_says_name_nothing_in_german_either() -> None:
    texts = ["ich habe mein paket noch nicht bekommen"] * 9 + ["ich habe eine frage zu der rechnung"] * 9

    names = phrases_of(texts, np.array([0] * 9 + [1] * 9), 2)

    assert all("paket" in " ".join(names[0]) for _ in names)
    assert not {"ich", "habe", "der"} & {phrase for found in names for phrase in found}


def test_the_finder_of_a_service_reads_by_its_encoder(tmp_path: Path) -> None:
    finder = topic_finder(Settings(home=tmp_path, model={"encoder": "none"}))

    assert finder.find([]).topics == ()

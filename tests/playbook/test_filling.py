"""Slots that knowledge fills: word for word, with the source beside it, and never from what is internal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest

from care import preparing
from care.knowledge import Hit, Lack, Passage
from care.preparing import Prepared
from playbook.knowledge.filling import quote
from playbook.live import LivePlaybook
from tests.playbook.builders import MONDAY, SilentTone, fixtures_shelf, labelled, message, theirs

BULBS = Passage("products.md:7", "Bulbs", ("Our lamps take E27 bulbs.", "A bulb is not in the box."), owner="care",
                link="https://shop.example/bulbs")  # fmt: skip


@dataclass
class Known:
    """Knowledge that gives the passages it has, as sure as it is told, and remembers what it was asked."""

    passages: Sequence[Passage]
    is_sure: bool = True
    asked: str = ""

    def find(self, question: str, *, channel: str, day: date) -> Sequence[Hit]:
        self.asked = question
        usable = [passage for passage in self.passages if passage.may_be_used(channel=channel, day=day)]
        return [Hit(passage, 0.9, self.is_sure, (0.0,) * len(passage.sentences)) for passage in usable]


def propose(
    known: Known, *, intent: str = "product_question", channel: str = "chat", text: str = "which bulbs do lamps take?",
    now: datetime = MONDAY, name: str | None = "Ana Lopez",
) -> Prepared:  # fmt: skip
    return preparing.propose(
        message(text, channel=channel, name=name, received_at=now),
        labelled(intent, text=text),
        preparing.DraftingTools(LivePlaybook(fixtures_shelf, knowledge=known), SilentTone(), clock=lambda: now),
    )


def test_a_slot_is_filled_with_sentences_as_they_stand_and_their_source() -> None:
    draft = propose(Known([BULBS])).drafts[0]

    assert draft.text.startswith("Hi Ana, our lamps take E27 bulbs. A bulb is not in the box. ")
    assert draft.missing == draft.lacks == ()
    (source,) = draft.sources
    assert (source.slot, source.place, source.link) == ("answer", "products.md:7", "https://shop.example/bulbs")
    assert source.quote == "Our lamps take E27 bulbs. A bulb is not in the box."


def test_what_is_internal_is_shown_beside_the_draft_and_stands_in_no_text() -> None:
    secret = replace(BULBS, sentences=("Bulbs cost us 40 cents.",), is_internal=True)

    for channel in ("x", "chat", "email"):
        draft = propose(Known([secret, BULBS]), channel=channel).drafts[0]

        assert "40 cents" not in draft.text + draft.private_text
        assert [(source.quote, source.slot) for source in draft.sources if source.is_internal] == [
            ("Bulbs cost us 40 cents.", "")
        ]


def test_with_nothing_known_the_slot_stays_open_and_says_what_is_missing() -> None:
    for known in (Known([]), Known([BULBS], is_sure=False)):
        draft = propose(known).drafts[0]

        assert draft.missing == ("answer",)
        assert draft.lacks == (Lack("answer", "product_question"),)
        assert draft.sources == ()


@pytest.mark.parametrize(
    "passage",
    [
        replace(BULBS, valid_until=date(2026, 11, 22)),
        replace(BULBS, valid_from=date(2026, 11, 24)),
        replace(BULBS, channels=frozenset({"email"})),
        replace(BULBS, fills=frozenset({"stock"})),
        replace(BULBS, sentences=("Which lamp is it?",)),
        replace(BULBS, sentences=("word " * 80,)),
    ],
)
def test_what_is_not_true_today_not_for_here_or_no_answer_fills_nothing(passage: Passage) -> None:
    assert propose(Known([passage])).drafts[0].missing == ("answer",)


def test_a_price_is_filled_only_by_a_number() -> None:
    prices = replace(BULBS, fills=frozenset({"price"}))
    text = "how much are the bulbs of the lamp?"

    words = propose(Known([replace(prices, sentences=("It depends.",))]), intent="price_question", text=text)
    number = propose(Known([replace(prices, sentences=("A bulb costs 3 EUR.",))]), intent="price_question", text=text)

    assert "price" in words.drafts[0].missing
    assert "a bulb costs 3 EUR." in number.drafts[0].text


def test_as_much_is_quoted_as_the_channel_takes() -> None:
    long = replace(BULBS, sentences=("Our lamps take E27 bulbs.", f"A bulb is {'really ' * 34}bright."))

    assert "really" in propose(Known([long])).drafts[0].text
    draft = propose(Known([long]), channel="x").drafts[0]
    assert draft.text.startswith("Hi Ana, our lamps take E27 bulbs. ")
    assert "really" not in draft.text


def test_few_words_are_asked_with_what_was_said_before() -> None:
    known = Known([BULBS])
    preparing.propose(
        message("so which bulbs?", channel="chat"),
        labelled("product_question", text="so which bulbs?"),
        preparing.DraftingTools(
            LivePlaybook(fixtures_shelf, knowledge=known),
            SilentTone(),
            clock=lambda: datetime(2026, 11, 23, 9, 3, tzinfo=UTC),
        ),
        thread=[theirs("which bulbs do lamps take?")],
    )

    assert known.asked == "which bulbs do lamps take?\nso which bulbs?"


@pytest.mark.parametrize(
    ("sentences", "weights", "most", "said"),
    [
        (("One.", "Two.", "Three."), (0.0, 0.0, 0.0), 2, "One. Two."),
        (("One.", "Two.", "Three."), (0.1, 0.0, 0.6), 2, "Three."),
        (("One.", "Two.", "It is three."), (0.1, 0.0, 0.6), 2, "Two. It is three."),
        (("One.", "Two.", "It is three."), (0.1, 0.0, 0.6), 1, "Two."),
        (("One", "Two!"), (0.0, 0.0), 2, "One. Two!"),
        ((), (), 2, ""),
    ],
)
def test_the_sentence_that_carries_the_question_is_quoted_with_what_it_leans_on(
    sentences: tuple[str, ...], weights: tuple[float, ...], most: int, said: str
) -> None:
    hit = Hit(replace(BULBS, sentences=sentences), 0.9, True, weights)

    assert quote(hit, most=most) == said


def test_a_promise_to_find_out_makes_way_for_what_is_known() -> None:
    def offered(known: Known) -> list[str]:
        assessed = propose(known).assessed
        drafts = LivePlaybook(fixtures_shelf, knowledge=known).draft(assessed).drafts
        return [draft.play.partition("@")[0] for draft in drafts]

    assert "find-out" in offered(Known([]))
    assert "find-out" not in offered(Known([BULBS]))

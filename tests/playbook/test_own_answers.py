"""The team's own answers as drafts: found by a like message, with nothing in them that belongs to one customer."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.errors import Problem
from care.knowledge import Hit, Passage
from care.learning import Answered
from care.preparing import DraftingTools, Prepared, propose
from model.sensitive import SensitiveFinder
from playbook.live import LivePlaybook
from playbook.own_answers import OwnAnswer, Proposed, own_answers, passages_of, proposals, words_of
from playbook.plays import split_front_matter
from playbook.source import read_yaml
from tests.playbook.builders import MONDAY, SilentTone, fixtures_shelf, labelled, message, the_book
from wiring.own_answers import spans_of

MAY = datetime(2026, 5, 12, 9, 0, tzinfo=UTC)
SPANS = spans_of(SensitiveFinder())
REPLY = "The brass lamp dims with the wheel under its shade. Turn it slowly to the left until it clicks."


def answered(
    reply: str = REPLY, *, customer: str = "cus_1", text: str = "how do I dim the brass lamp", **more: str
) -> Answered:
    names = (more.get("name", "Priyanka Oduya"), "Jo")
    return Answered(f"cas_{customer}", customer, "chat", text, reply, MAY, names)


def of_three(reply: str) -> list[Answered]:
    return [answered(reply, customer=f"cus_{n}") for n in range(3)]


def usable(*rows: Answered) -> list[str]:
    return [answer.template for answer in own_answers(rows, SPANS, words_of(the_book().plays))]


@dataclass
class Nearest:
    """Knowledge that finds the first passage it has."""

    passages: list[Passage]

    def find(self, question: str, *, channel: str, day: date) -> list[Hit]:
        return [
            Hit(passage, 0.9, is_sure=True)
            for passage in self.passages
            if passage.may_be_used(channel=channel, day=day)
        ]


def drafted(answers: list[OwnAnswer], text: str = "does my lamp dim?", **how: str) -> Prepared:
    playbook = LivePlaybook(fixtures_shelf, own_answers=Nearest(passages_of(answers)))
    channel = how.get("channel", "chat")
    return propose(
        message(text, channel=channel, name="Ana Lopez"),
        labelled("product_question", text=text, act="asks", risks=["danger"] if how.get("risk") else ()),
        DraftingTools(playbook, SilentTone(), clock=lambda: MONDAY),
    )


def test_what_was_answered_to_a_like_message_is_one_of_the_drafts_and_says_so() -> None:
    drafts = drafted(own_answers(of_three(REPLY), SPANS, ())).drafts

    (own,) = [draft for draft in drafts if draft.play.startswith("own-answer@")]
    assert own.text == f"Hi Ana, the{REPLY[3:]}"
    assert own.title == own.sources[0].title == "As on 12 May to a similar message"


@pytest.mark.parametrize("how", [{"channel": "x"}, {"risk": "yes"}])
def test_it_is_not_offered_on_another_channel_or_where_somebody_is_in_danger(how: dict[str, str]) -> None:
    drafts = drafted(own_answers(of_three(REPLY), SPANS, ()), **how).drafts

    assert not any(draft.play.startswith("own-answer@") for draft in drafts)


def test_words_that_only_one_customer_was_told_are_nobodys_draft() -> None:
    assert usable(answered(REPLY)) == []
    assert usable(*of_three(REPLY)) == [REPLY] * 3
    assert (
        usable(*of_three(REPLY), answered(REPLY + " Give our love to grandmother Wilhelmina.", customer="cus_9"))
        == [REPLY] * 3
    )


def test_greeting_and_signature_go_and_values_become_slots() -> None:
    (first, *_) = usable(*of_three("Hi Priyanka, order LF-204817 is packed and 49.90 EUR go back. Anything else? ^JO"))
    assert first == "order [[order_number]] is packed and [[amount]] go back. Anything else?"


@pytest.mark.parametrize(
    "reply",
    [
        "Priyanka, your lamp dims with the wheel under its shade, turn it slowly.",
        "Your lamp dims with the wheel, write to kim.doe@example.com about the rest of it.",
        "I've passed this to our workshop and they are looking at your lamp already.",
        "I'll look at your lamp and write to you by Friday 5 pm at the latest.",
        "Your lamp dims with the wheel, the code for the door downstairs is 4471.",
    ],
)
def test_an_answer_that_is_somebodys_own_tells_of_an_act_or_promises_an_hour_is_no_source(reply: str) -> None:
    assert usable(*of_three(reply)) == []


FACTS = st.sampled_from(
    ["Wilhelmina", "LF-204817", "12 May", "49.90 EUR", "kim.doe@example.com", "+49 30 5550 0199", "Leipzig", "4 pm",
     "4471", "BA016", "DE89 3704 0044 0532 0130 00", "https://shop.example/x/91", "Elm Street", "diabetes"]
)  # fmt: skip


@given(fact=FACTS, place=st.integers(0, 17), greeting=st.sampled_from(["", "Hi Wilhelmina, ", "@kim "]))
def test_no_personal_fact_of_a_customer_ever_stands_in_a_draft(fact: str, place: int, greeting: str) -> None:
    words = REPLY.split()
    told = greeting + " ".join((*words[:place], fact, *words[place:]))
    rows = [*of_three(REPLY), answered(told, customer="cus_7", name="Wilhelmina Kim")]

    drafts = drafted(own_answers(rows, SPANS, words_of(the_book().plays))).drafts

    assert not any(fact in draft.text for draft in drafts)
    assert all(fact not in text for text in usable(*rows))


def test_answers_of_one_kind_to_several_customers_are_proposed_as_a_play() -> None:
    alike = REPLY.replace("slowly ", "")
    rows = [*of_three(REPLY), *(answered(alike, customer=f"cus_{n}") for n in (7, 8, 9))]
    answers = own_answers(rows, SPANS, words_of(the_book().plays))

    (proposed,) = proposals(answers)

    assert (proposed.template, proposed.n_customers) == (REPLY, 6)
    text = proposed.as_play(["product_question"])
    assert split_front_matter(text) is not None
    assert REPLY in text
    assert list(proposals(answers, known=[REPLY])) == []


def test_a_proposal_is_a_play_that_can_be_read_whatever_its_title_quotes() -> None:
    proposed = Proposed("own-1", 'We\'ll look at its "state" and write', 3, ())
    front, _, _ = split_front_matter(proposed.as_play([])) or ("", "", 0)
    problems: list[Problem] = []

    assert read_yaml(front, file="a.md", problems=problems).get("title").text() == proposed.template
    assert problems == []

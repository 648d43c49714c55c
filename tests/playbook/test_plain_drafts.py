"""Plain drafts for what is said without much to go by."""

from dataclasses import replace

import pytest

from tests.playbook.builders import MONDAY, drafter, judged, labelled, message, propose
from tests.playbook.test_drafter import plays

NEXT = {"upset": "if-you-write", "how things are": "passed-on", "good": "good-to-know"}


def offered(text: str, intent: str, sentiment: str, act: str, *, score: float = 0.97) -> list[str]:
    """The plays of all drafts to choose from, best first. score: of the intent, under 0.6 a mere hint."""
    desk = drafter()
    given = labelled(intent, sentiment, text=text, act=act)
    given = replace(given, tasks={**given.tasks, "intent": judged(intent, score, abstained=score < 0.6)})
    assessed = desk.propose(message(text), given, now=MONDAY).assessed
    return [draft.play.partition("@")[0] for draft in desk.playbook.edition().draft(assessed, agent="").drafts]


def test_somebody_upset_about_nothing_in_particular_is_asked_to_write() -> None:
    assert NEXT["upset"] in offered("you had one job", "delivery_problem", "negative", "chats", score=0.4)


def test_nobody_who_is_perhaps_glad_is_told_that_we_are_sorry() -> None:
    assert NEXT["upset"] not in offered("you had one job", "praise", "negative", "chats", score=0.4)


def test_a_complaint_of_how_things_are_is_passed_on_without_a_question() -> None:
    assert NEXT["how things are"] in offered("the queue goes round the block", "service_complaint", "negative", "vents")


def test_nobody_who_reports_bad_goods_in_friendly_words_is_thanked_for_good_news() -> None:
    cheerful = {"good-to-know", "glad-to-hear", "smile"}

    assert cheerful.isdisjoint(offered("hello! there is mould on my lasagne", "faulty_goods", "positive", "chats"))


def test_what_was_good_is_answered_soberly() -> None:
    assert NEXT["good"] in offered("five stars, slept like a log", "praise", "positive", "thanks")


def test_who_asks_for_a_way_to_reach_us_is_told_ours() -> None:
    for text in ("what is your email address?", "is there a number I can ring?", "how do I contact you about this"):
        proposal = propose(text, "wants_person", act="asks")

        assert plays(proposal)[0] == "contact-ways"
        assert "care@lumofinch.example" in proposal.drafts[0].text


@pytest.mark.parametrize("intent", ["outage", "product_review", "praise", "faulty_goods"])
def test_whoever_found_something_in_their_food_is_told_to_leave_it(intent: str) -> None:
    proposal = propose("there was a piece of metal in my soup", intent, "negative", act="reports")

    assert plays(proposal)[0] == "not-safe-to-eat"
    assert not any("lumofinch.example/" in draft.text for draft in proposal.drafts)


def test_mould_on_a_wall_is_no_food() -> None:
    assert "not-safe-to-eat" not in plays(propose("mould on the bathroom wall again", "service_complaint", "negative"))


def test_a_question_without_an_answer_gets_a_promise_to_find_out_and_counts_as_a_gap() -> None:
    desk = drafter()
    assessed = propose("is the brass lamp made in Portugal?", "product_question", act="asks").assessed

    drafts = desk.playbook.draft(assessed).drafts

    found = next(draft for draft in drafts if draft.play.startswith("find-out"))
    assert found.missing == ()
    assert [(lack.slot, lack.about) for lack in found.lacks] == [("answer", "product_question")]


def test_who_scolds_somebody_else_among_several_is_told_nothing_of_ours() -> None:
    text = "@kim @lumofinch @jo because you sound like an idiot, you don't even know your own password"

    assert "passed-on" not in plays(propose(text, "service_complaint", "very_negative", act="vents"))

"""Steps of a running matter: what they say now leads to the next one, and nothing is asked for that was given."""

from dataclasses import replace

import pytest

from care.matter import Step
from care.message import Turn
from care.preparing import Prepared
from playbook.lint import lint
from playbook.slots import values_by_shape
from tests.playbook.builders import ours, propose, the_book, theirs

RESTART = (theirs("my router drops all day"), ours("Please restart the router and tell us what it does."))
WHICH_FLIGHT = (theirs("my flight is late again"), ours("Which flight is it, please?"))
LOOKING = (theirs("my router drops all day"), ours("Thanks. I'll look into it and write back to you here."))
HELD = (theirs("where is LF-204817?"), ours("Thank you. I'll look it up and come back to you."))


def plays(proposal: Prepared) -> list[str]:
    return [draft.play.partition("@")[0] for draft in proposal.drafts]


@pytest.mark.parametrize(
    ("thread", "text", "act", "step", "play"),
    [
        (RESTART, "Done", "answers", Step.CONFIRM, "did-it"),
        (WHICH_FLIGHT, "Ba016 from Sydney", "answers", Step.CHECK, "answered-us"),
        (RESTART, "restart didn't help", "reports", Step.OFFER, "fault-again"),
        (RESTART, "I did, it still drops", "answers", Step.OFFER, "fault-again"),
        (LOOKING, "still nothing", "reports", Step.CHECK, "still-waiting"),
        (RESTART, "it works now", "solved", Step.CLOSE, "closed-offline"),
    ],
)
def test_what_they_say_now_leads_to_the_next_step(
    thread: tuple[Turn, ...], text: str, act: str, step: Step, play: str
) -> None:
    proposal = propose(text, "technical_problem", "neutral", thread=thread, act=act)

    assert proposal.matter.step is step
    assert plays(proposal)[0] == play
    assert proposal.drafts[0].missing == ()


def test_an_answer_names_what_was_tried_and_what_was_given() -> None:
    failed = propose("restart didn't help", "technical_problem", thread=RESTART, act="reports")
    flight = propose("Ba016 from Sydney", "travel_disruption", thread=WHICH_FLIGHT, act="answers")

    assert failed.matter.tried == ("a restart",)
    assert flight.matter.given["flight_number"] == "BA016"
    assert "BA016" in flight.drafts[0].text


def test_what_we_promised_is_kept_with_the_matter() -> None:
    assert propose("still nothing", "technical_problem", thread=LOOKING).matter.promised.startswith("I'll look into")


def test_in_public_the_number_of_an_order_is_not_said_back() -> None:
    thread = (theirs("where is it"), ours("May we have your order number?"))

    proposal = propose("LF-204817", "order_status", thread=thread, act="answers")

    assert proposal.drafts
    assert all("LF-204817" not in draft.text for draft in proposal.drafts)


@pytest.mark.parametrize("text", ["still nothing", "any news?", "it is still not here", "and now?", "I want it today"])
def test_what_was_given_is_never_asked_again(text: str) -> None:
    ask = the_book().slots.facts["order_number"].ask

    proposal = propose(text, "order_status", "negative", thread=HELD)

    assert proposal.drafts
    assert all(ask not in draft.text + draft.private_text for draft in proposal.drafts)


def test_a_first_message_stands_at_no_step() -> None:
    assert propose("I restarted it, still nothing", "technical_problem", act="reports").matter.step is None


@pytest.mark.parametrize("text", ["done, and the lamp smoked", "restart didn't help, now the lamp smoked and burns"])
def test_danger_is_answered_as_danger_wherever_the_matter_stands(text: str) -> None:
    later = propose(text, "safety_issue", "very_negative", "urgent", thread=RESTART)

    assert plays(later)[0] in ("safety-stop", "safety-unsure")


def test_no_play_for_what_cannot_wait_waits_for_a_step() -> None:
    assert [
        play.id for play in the_book().plays if play.premises.steps and (play.manner.is_offline or play.when.risks)
    ] == []


def test_a_step_that_leads_nowhere_is_named() -> None:
    book = the_book()
    ended = replace(
        book, plays=tuple(play for play in book.plays if not play.premises.steps & {Step.CONFIRM, Step.CLOSE})
    )

    problems = [str(problem) for problem in lint(ended)]

    assert any("plays/fault-again.md" in problem and "the step offer leads nowhere" in problem for problem in problems)


@pytest.mark.parametrize("text", ["BA016", "ba016", "BA 016", "we sit in Ba016"])
def test_a_flight_is_known_by_its_shape(text: str) -> None:
    assert values_by_shape(text)["flight_number"] == "BA016"


@pytest.mark.parametrize("text", ["at 300 km", "WE WAIT AT 10", "IT IS 45 MINUTES", "ps500", "IN 30 MINUTES"])
def test_a_short_word_before_a_number_is_no_flight(text: str) -> None:
    assert "flight_number" not in values_by_shape(text)

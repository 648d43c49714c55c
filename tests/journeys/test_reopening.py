"""Whoever opens a case again owes the customer a word: it stands in Now due, with a clock that runs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from care.answering import Words
from care.case import Case, CaseState
from care.clocks import climb
from care.journey import Journey
from care.lists import View
from care.offline import OfflineState
from care.policy import EscalationStep, Policy
from care.reply import Approval, Reply
from store.work import SqlStore
from tests.doubles import ANNA, BEN, FixedClock, StubPlaybook, altered, inbound

TARGET = timedelta(hours=1)


class Laddered(StubPlaybook):
    """One contact for every team."""

    @property
    def policy(self) -> Policy:
        return replace(super().policy, steps={"*": (EscalationStep("lead", timedelta(0), timedelta(hours=2)),)})


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey]) -> Journey:
    return make_journey(any_store, undo_s={"*": 10.0})


def says(walk: Journey, text: str = "Where is my parcel?", *, n: int = 1) -> str:
    [message_id] = walk.receive([inbound(text, outside_id=f"m{n}", written_at=walk.clock())])
    walk.prepare(message_id)
    return message_id


def case_of(walk: Journey, message_id: str) -> Case:
    with walk.store() as work:
        return work.cases.of_message(message_id)


def approves(walk: Journey, message_id: str) -> Reply:
    with walk.store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    return walk.approve(suggestion.id, Approval(ANNA.id, "We are on it.", suggestion.choice.version))


def answered(walk: Journey, clock: FixedClock) -> str:
    message_id = says(walk)
    reply = approves(walk, message_id)
    clock.advance(11)
    walk.deliver(reply.id)
    return message_id


def is_due(walk: Journey, message_id: str) -> bool:
    with walk.store() as work:
        return case_of(walk, message_id).id in [file.case.id for file in work.lists.page(View.NOW_DUE).cases]


def test_an_answered_case_that_a_person_opens_again_is_due_by_our_own_target(walk: Journey, clock: FixedClock) -> None:
    message_id = answered(walk, clock)
    case = case_of(walk, message_id)
    assert case.standing.state is CaseState.WAITING_FOR_CUSTOMER
    walk.casework.resolve(case.id, by=ANNA.id)
    clock.advance(86_400)

    opened = walk.casework.reopen(case.id, by=BEN.id)

    assert (opened.standing.state, opened.standing.due_at) == (CaseState.OPEN, clock() + TARGET)
    assert is_due(walk, message_id)


def test_an_answered_case_that_was_opened_again_climbs_by_the_clock_of_its_own(
    any_store: SqlStore, make_journey: Callable[..., Journey], clock: FixedClock
) -> None:
    playbook = Laddered()
    walk = make_journey(any_store, playbook=playbook, undo_s={"*": 10.0})
    message_id = answered(walk, clock)
    walk.casework.resolve(case_of(walk, message_id).id, by=ANNA.id)
    clock.advance(86_400)
    walk.casework.reopen(case_of(walk, message_id).id, by=BEN.id)

    assert climb(walk.store, playbook.policy, now=clock()) == {}
    clock.advance(50 * 60)
    assert climb(walk.store, playbook.policy, now=clock()) == {"sla.warning": 1}
    clock.advance(20 * 60)
    assert climb(walk.store, playbook.policy, now=clock()) == {"sla.breached": 1, "case.climbed": 1}


def test_the_next_word_ends_that_clock_and_taking_it_back_starts_it_again(walk: Journey, clock: FixedClock) -> None:
    message_id = answered(walk, clock)
    walk.casework.resolve(case_of(walk, message_id).id, by=ANNA.id)
    opened = walk.casework.reopen(case_of(walk, message_id).id, by=BEN.id)
    clock.advance(60)

    reply = walk.answering.answer(message_id, Words(BEN.id, "One more thing."))
    assert case_of(walk, message_id).standing.state is CaseState.WAITING_FOR_CUSTOMER
    walk.answering.withdraw(reply.id, by=BEN.id)

    stands = case_of(walk, message_id).standing
    assert (stands.state, stands.due_at) == (CaseState.OPEN, opened.standing.due_at)


def test_a_dismissed_case_that_a_person_opens_again_has_a_clock(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)
    with walk.store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    walk.answering.dismiss(suggestion.id, by=ANNA.id, version=suggestion.choice.version)

    opened = walk.casework.reopen(case_of(walk, message_id).id, by=BEN.id)

    assert (opened.standing.state, opened.standing.due_at) == (CaseState.OPEN, clock() + TARGET)
    # Taken back and dismissed once more it is closed: nothing is left of the clock.
    walk.answering.reconsider(suggestion.id, by=BEN.id)
    walk.answering.dismiss(suggestion.id, by=BEN.id, version=suggestion.choice.version + 2)
    assert case_of(walk, message_id).standing.state is CaseState.RESOLVED


def test_a_new_message_opens_an_answered_case_again_with_its_own_clock(walk: Journey, clock: FixedClock) -> None:
    message_id = answered(walk, clock)
    walk.casework.resolve(case_of(walk, message_id).id, by=ANNA.id)
    clock.advance(3600)

    says(walk, "It is still not here.", n=2)

    case = case_of(walk, message_id)
    assert (case.standing.state, case.standing.due_at) == (CaseState.OPEN, clock() + TARGET)
    assert is_due(walk, message_id)


def test_a_new_message_that_is_still_being_read_runs_a_clock_already(walk: Journey, clock: FixedClock) -> None:
    message_id = answered(walk, clock)
    walk.casework.resolve(case_of(walk, message_id).id, by=ANNA.id)

    walk.receive([inbound("It is still not here.", outside_id="m2", written_at=clock())])

    stands = case_of(walk, message_id).standing
    assert (stands.state, stands.due_at) == (CaseState.OPEN, clock())


def test_taking_back_the_answer_of_a_resolved_case_opens_it(walk: Journey) -> None:
    message_id = says(walk)
    reply = approves(walk, message_id)
    walk.casework.resolve(case_of(walk, message_id).id, by=ANNA.id)

    walk.answering.withdraw(reply.id, by=ANNA.id)

    assert case_of(walk, message_id).standing.state is CaseState.NEW
    assert case_of(walk, message_id).standing.due_at is not None
    assert is_due(walk, message_id)


def test_taking_back_the_reply_that_closed_an_offline_matter_opens_the_loop(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk, "My card is 4111111111111111")
    case = case_of(walk, message_id)
    walk.casework.move_offline(case.id, OfflineState.CONTACTED, by=ANNA.id)
    closing = walk.answering.close_in_public(message_id, Words(ANNA.id, "It is solved."))
    walk.casework.resolve(case.id, by=ANNA.id)

    walk.answering.withdraw(closing.id, by=ANNA.id)

    opened = case_of(walk, message_id)
    assert opened.standing.state is CaseState.OFFLINE
    assert opened.standing.due_at is not None


def test_a_machines_mail_that_is_opened_again_has_a_clock(walk: Journey, clock: FixedClock) -> None:
    walk.receive([altered(inbound("I am away.", outside_id="a1"), automatic="out of office")])
    with walk.store() as work:
        kept = work.messages.find("chat", "a1")
    assert kept is not None

    opened = walk.casework.reopen(kept.case_id, by=ANNA.id)

    assert (opened.standing.state, opened.standing.due_at) == (CaseState.OPEN, clock() + TARGET)
    assert is_due(walk, kept.id)


def test_what_was_dismissed_and_then_waived_stays_with_a_person_and_a_clock(walk: Journey) -> None:
    message_id = says(walk, "My card is 4111111111111111")
    with walk.store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    walk.answering.dismiss(suggestion.id, by=ANNA.id, version=suggestion.choice.version)

    walk.casework.move_offline(case_of(walk, message_id).id, OfflineState.WAIVED, by=ANNA.id, waiver="By phone.")

    assert case_of(walk, message_id).standing.state is CaseState.OPEN
    assert case_of(walk, message_id).standing.due_at is not None

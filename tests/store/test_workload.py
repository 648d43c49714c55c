"""Arrivals and handle times as the store counts them, on both databases."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from care.answering import Words
from care.decision import Action
from care.hold import SEEN_S, Doing, Presence
from care.journey import Journey
from care.reply import Approval
from care.workload import Arrivals, Handled
from store.work import SqlStore
from tests.doubles import ANNA, BEN, MONDAY, FixedClock, StubPlaybook, altered, inbound
from tests.workload import arrived

DAY = timedelta(days=1)


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey]) -> Journey:
    return make_journey(any_store)


def counted(store: SqlStore) -> int:
    with store() as work:
        return sum(came.n for came in work.workload.arrivals(MONDAY - DAY, MONDAY + DAY))


def case_of(store: SqlStore, message_id: str) -> str:
    with store() as work:
        return work.cases.of_message(message_id).id


def test_arrivals_are_counted_by_quarter_of_an_hour_team_and_channel(any_store: SqlStore) -> None:
    quarter = timedelta(minutes=15)
    arrived(any_store, [MONDAY, MONDAY + quarter / 2, MONDAY + quarter], team="care")
    arrived(any_store, [MONDAY], team="billing", channel="x")

    with any_store() as work:
        came = work.workload.arrivals(MONDAY, MONDAY + quarter * 2)
        assert work.workload.first() == MONDAY
        assert work.workload.arrivals(MONDAY + DAY, MONDAY + 2 * DAY) == []

    assert sorted(came, key=lambda c: (c.at, c.team)) == [
        Arrivals(MONDAY, "billing", "x", 1),
        Arrivals(MONDAY, "care", "chat", 2),
        Arrivals(MONDAY + quarter, "care", "chat", 1),
    ]


def test_of_several_messages_in_a_row_the_last_counts_and_an_answer_parts_them(
    any_store: SqlStore, walk: Journey, clock: FixedClock
) -> None:
    said = []
    for n, text in enumerate(("Hello?", "Where is my parcel?")):
        [message_id] = walk.receive([inbound(text, outside_id=f"m{n}")])
        walk.prepare(message_id)
        said.append(message_id)
        clock.advance(60)
    assert counted(any_store) == 1

    walk.answering.answer(said[-1], Words(by=ANNA.id, text="It comes tomorrow.", is_no_promise=True))
    assert counted(any_store) == 1
    clock.advance(60)
    [again] = walk.receive([inbound("It did not come.", outside_id="m3")])
    walk.prepare(again)
    assert counted(any_store) == 2


def test_what_needs_no_answer_and_what_a_machine_wrote_are_no_arrivals(
    any_store: SqlStore, walk: Journey, make_journey: Callable[..., Journey]
) -> None:
    machine = altered(inbound("I am away.", outside_id="m1"), automatic="absence")
    walk.receive([machine])
    spam = make_journey(any_store, playbook=StubPlaybook(action=Action.IGNORE))
    [message_id] = spam.receive([inbound("Buy now", outside_id="m2", thread_key="t2")])
    spam.prepare(message_id)

    assert counted(any_store) == 0


def test_the_time_for_which_its_author_had_the_case_open_is_kept_with_a_reply(
    any_store: SqlStore, walk: Journey, clock: FixedClock
) -> None:
    [message_id] = walk.receive([inbound("Where is my parcel?")])
    walk.prepare(message_id)
    case_id = case_of(any_store, message_id)
    for _ in range(12):
        with any_store() as work:
            work.holds.see(Presence(case_id, ANNA.id, Doing.WRITING))
        clock.advance(15)
    with any_store() as work:
        suggestion = work.suggestions.of_case(case_id)[0]
    walk.approve(suggestion.id, Approval(by=ANNA.id, version=suggestion.choice.version, text=suggestion.drafts[0].text))

    with any_store() as work:
        assert work.workload.handled(MONDAY - DAY) == [Handled("care", "chat", 1, timedelta(seconds=180))]


def test_a_case_that_was_left_and_opened_again_counts_from_then_and_one_that_was_not_open_not_at_all(
    any_store: SqlStore, walk: Journey, clock: FixedClock
) -> None:
    for n, person in enumerate((ANNA, BEN)):
        [message_id] = walk.receive([inbound("Where is it?", outside_id=f"m{n}", thread_key=f"t{n}")])
        walk.prepare(message_id)
        case_id = case_of(any_store, message_id)
        with any_store() as work:
            work.holds.see(Presence(case_id, ANNA.id, Doing.VIEWING))
        clock.advance(SEEN_S + 60)
        with any_store() as work:
            work.holds.see(Presence(case_id, ANNA.id, Doing.VIEWING))
        clock.advance(20)
        walk.answering.answer(message_id, Words(by=person.id, text="It is on its way.", is_no_promise=True))

    with any_store() as work:
        assert [(row.n, row.total) for row in work.workload.handled(MONDAY - DAY)] == [(1, timedelta(seconds=20))]

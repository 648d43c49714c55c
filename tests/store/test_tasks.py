"""What waits for a worker is tried ever more rarely, and parked for a person in the end."""

from collections.abc import Callable

import pytest

from care.journey import Journey
from care.retries import PREPARE
from store.work import SqlStore
from tests.doubles import FixedClock, inbound


@pytest.fixture
def message_id(any_store: SqlStore, make_journey: Callable[..., Journey]) -> str:
    [message_id] = make_journey(any_store).receive([inbound()])
    return message_id


def fail(store: SqlStore, message_id: str) -> None:
    with store() as work:
        lease = work.tasks.claim(message_id, lease_s=90)
        assert lease is not None
        work.tasks.fail(lease, problem="RuntimeError")


def is_due(store: SqlStore, message_id: str) -> bool:
    """Whether a worker that asks for it now would get it; it does not take it."""
    with store() as work:
        due = work.recovery.unrung_tasks(unrung_s=3600)
    return due == [message_id]


def test_each_try_that_fails_puts_a_message_off_for_longer_and_the_fifth_parks_it(
    any_store: SqlStore, message_id: str, clock: FixedClock
) -> None:
    for wait_s in PREPARE.back_off_s:
        fail(any_store, message_id)
        clock.advance(wait_s - 0.1)
        assert not is_due(any_store, message_id)
        clock.advance(0.1)
        assert is_due(any_store, message_id)

    fail(any_store, message_id)

    with any_store() as work:
        [parked] = work.tasks.parked()
        parking = [event for event in work.trail.events(after=0) if event.event == "task.parked"]
    assert (parked.message_id, parked.n_tries, parked.problem) == (message_id, 5, "RuntimeError")
    assert [event.facts for event in parking] == [{"problem": "RuntimeError"}]


def test_a_parked_message_that_a_person_sends_back_has_all_its_tries_before_it(
    any_store: SqlStore, message_id: str, clock: FixedClock
) -> None:
    for wait_s in (*PREPARE.back_off_s, 0.0):
        fail(any_store, message_id)
        clock.advance(wait_s)

    with any_store() as work:
        assert work.tasks.again(message_id)
        assert not work.tasks.again(message_id)

    fail(any_store, message_id)
    clock.advance(PREPARE.back_off_s[0])
    assert is_due(any_store, message_id)
    with any_store() as work:
        assert work.tasks.parked() == []

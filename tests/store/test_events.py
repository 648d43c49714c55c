"""The order in which the trail is read, and what is on its way to endpoints, on both databases."""

import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import timedelta

import pytest

from care.endpoint import Attempt, DeliveryState, Endpoint, EndpointFormat, EventDelivery
from care.errors import NotFound
from care.events import TRIGGERED, EventType, public, type_of
from care.journey import Journey
from care.ports import WEBHOOK
from care.retries import TELL
from store.work import SqlStore, open_store
from tests.doubles import MONDAY, FixedClock, inbound


def endpoint(id: str = "whk_1", *types: EventType, **fields: object) -> Endpoint:
    known = {
        "format": EndpointFormat.WEBHOOK,
        "has_objects": False,
        "owner": "ops@example.org",
        "created_by": "per_anna",
        "created_at": MONDAY,
    }
    return Endpoint(id=id, url="https://example.org/hook", types=frozenset(types), **{**known, **fields})  # type: ignore[arg-type]


def noted(store: SqlStore, name: str = "message.received", subject: str = "msg_1") -> None:
    with store() as work:
        work.note(name, subject, by="channel", facts={"channel": "x"})


def deliveries(store: SqlStore, endpoint_id: str = "whk_1") -> list[EventDelivery]:
    with store() as work:
        return work.endpoints.deliveries(endpoint_id)


# the order ---------------------------------------------------------------------------------------------------------


def test_a_reader_who_goes_on_from_the_last_place_sees_every_event_once(any_store: SqlStore) -> None:
    seen: list[str] = []
    place = 0
    for n in range(7):
        noted(any_store, subject=f"msg_{n}")
        with any_store(read=True) as work:
            for event in work.trail.events(after=place, limit=3):
                seen.append(event.subject_id)
                place = event.place

    assert seen == [f"msg_{n}" for n in range(7)]


def test_an_event_that_is_committed_late_comes_after_what_was_read_before(postgres_url: str) -> None:
    with closing(open_store(postgres_url)) as store:
        with store() as slow:
            slow.note("message.received", "slow", by="channel")
            slow.trail.write()
            # It has its number, and is not committed yet; another writer is not kept waiting.
            noted(store, subject="quick")
            with store(read=True) as work:
                first = work.trail.events(after=0)
        with store(read=True) as work:
            then = work.trail.events(after=first[-1].place)

    assert [event.subject_id for event in first] == ["quick"]
    assert [event.subject_id for event in then] == ["slow"]
    assert then[0].number < first[0].number


def test_nobody_misses_an_event_while_many_write_and_read_at_once(any_url: str) -> None:
    with closing(open_store(any_url)) as store:
        seen: list[list[str]] = [[], []]
        ends_at = time.monotonic() + 60

        def write(writer: int) -> None:
            for n in range(40):
                noted(store, subject=f"{writer}-{n}")

        def read(into: list[str]) -> None:
            place = 0
            while len(into) < 160 and time.monotonic() < ends_at:
                with store(read=True) as work:
                    for event in work.trail.events(after=place):
                        into.append(event.subject_id)
                        place = event.place

        threads = [threading.Thread(target=read, args=(into,)) for into in seen]
        threads += [threading.Thread(target=write, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    for event in seen:
        assert sorted(event) == sorted(f"{writer}-{n}" for writer in range(4) for n in range(40))


def test_only_some_events_are_asked_for_by_name(any_store: SqlStore) -> None:
    noted(any_store)
    noted(any_store, "note.added")
    noted(any_store, "reply.sent", "rpl_1")

    with any_store(read=True) as work:
        events = work.trail.events(after=0, names=["reply.sent"])
        assert [event.subject_id for event in events] == ["rpl_1"]
        assert work.trail.place_of(events[0].number) == events[0].place
        assert work.trail.place_of(10**9) is None


def test_what_a_step_rolled_back_is_told_to_nobody(any_store: SqlStore) -> None:
    with any_store() as work:
        work.endpoints.add(endpoint())
    with suppress(RuntimeError), any_store() as work:
        work.note("message.received", "msg_1", by="channel")
        work.trail.write()
        raise RuntimeError

    with any_store(read=True) as work:
        assert work.trail.events(after=0) == []
    assert deliveries(any_store) == []


# endpoints ---------------------------------------------------------------------------------------------------------


def test_an_endpoint_comes_back_as_it_was_kept(any_store: SqlStore) -> None:
    kept = endpoint("whk_1", EventType.REPLY_SENT, format=EndpointFormat.CLOUDEVENTS, rotated_at=MONDAY, generation=3)
    with any_store() as work:
        work.endpoints.add(kept)
        work.endpoints.add(endpoint("whk_2"))

    with any_store() as work:
        assert work.endpoints.get("whk_1") == kept
        assert [kept.id for kept in work.endpoints.all()] == ["whk_1", "whk_2"]
        work.endpoints.remove("whk_1")
        with pytest.raises(NotFound):
            work.endpoints.get("whk_1")


def test_each_endpoint_gets_what_it_hears_of_in_the_events_own_transaction(any_store: SqlStore) -> None:
    with any_store() as work:
        work.endpoints.add(endpoint("whk_1"))
        work.endpoints.add(endpoint("whk_2", EventType.REPLY_SENT))
        work.endpoints.add(endpoint("whk_3", off_since=MONDAY))

    noted(any_store)
    noted(any_store, "note.added")
    noted(any_store, "reply.sent", "rpl_1")

    told = {id: sorted(delivery.event for delivery in deliveries(any_store, id)) for id in ("whk_1", "whk_2", "whk_3")}
    assert told == {"whk_1": ["message.received", "reply.sent"], "whk_2": ["reply.sent"], "whk_3": []}


def test_a_worker_is_rung_for_each_delivery_after_the_commit(any_url: str, clock: FixedClock) -> None:
    rung: list[tuple[str, str]] = []
    with closing(open_store(any_url, clock=clock, ring=lambda job, id: rung.append((job, id)))) as store:
        with store() as work:
            work.endpoints.add(endpoint())
        with store() as work:
            work.note("message.received", "msg_1", by="channel")
            assert rung == []
        [delivery] = deliveries(store)

    assert rung == [(WEBHOOK, delivery.id)]


def test_a_delivery_is_claimed_by_one_tried_ever_more_rarely_and_given_up(
    any_store: SqlStore, clock: FixedClock
) -> None:
    with any_store() as work:
        work.endpoints.add(endpoint())
    noted(any_store)
    [delivery] = deliveries(any_store)
    waits = []
    for _ in range(TELL.max_attempts or 0):
        with any_store() as work:
            claimed = work.endpoints.claim(delivery.id, lease_s=60)
            assert claimed is not None
            assert work.endpoints.claim(delivery.id, lease_s=60) is None
            kept, _, event, lease = claimed
            assert event.subject_id == "msg_1"
            attempt = Attempt(clock(), 503, 12, "it answered 503")
            is_over = work.endpoints.failed(kept, lease, attempt, is_final=False, wait_s=0)
        if not is_over:
            waits.append(round((deliveries(any_store)[0].not_before - clock()).total_seconds()))  # type: ignore[operator]
            clock.advance(waits[-1])

    [given_up] = deliveries(any_store)
    assert waits == list(TELL.back_off_s)
    assert 23 * 3600 < sum(waits) <= 24 * 3600
    assert (given_up.state, len(given_up.attempts)) == (DeliveryState.FAILED, 9)
    with any_store() as work:
        assert work.endpoints.get("whk_1").failing_since == MONDAY
        assert work.endpoints.again(delivery.id)
        assert work.endpoints.claim(delivery.id, lease_s=60) is not None


def test_what_a_dead_worker_held_is_told_again(any_store: SqlStore, clock: FixedClock) -> None:
    with any_store() as work:
        work.endpoints.add(endpoint())
    noted(any_store)
    [delivery] = deliveries(any_store)
    with any_store() as work:
        work.endpoints.claim(delivery.id, lease_s=60)
    clock.advance(61)

    with any_store() as work:
        work.recovery.expired_telling()
        assert work.recovery.unrung_deliveries(unrung_s=10) == [delivery.id]
        assert work.endpoints.claim(delivery.id, lease_s=60) is not None


def test_one_that_was_taken_ends_the_failing_of_its_endpoint(any_store: SqlStore, clock: FixedClock) -> None:
    with any_store() as work:
        work.endpoints.add(endpoint(failing_since=MONDAY))
    noted(any_store)
    [delivery] = deliveries(any_store)
    with any_store() as work:
        claimed = work.endpoints.claim(delivery.id, lease_s=60)
        assert claimed is not None
        assert work.endpoints.delivered(claimed[0], claimed[3], Attempt(clock(), 204, 3))
        assert not work.endpoints.delivered(claimed[0], claimed[3], Attempt(clock(), 204, 3))

    with any_store() as work:
        assert work.endpoints.get("whk_1").failing_since is None
        assert work.endpoints.delivery(delivery.id).state is DeliveryState.DELIVERED
        assert work.endpoints.forget(before=clock() + timedelta(days=1)) == 1


def test_a_sample_is_told_to_one_endpoint_and_stands_in_no_feed(any_store: SqlStore) -> None:
    with any_store() as work:
        work.endpoints.add(endpoint("whk_1"))
        work.endpoints.add(endpoint("whk_2"))
        made = work.endpoints.trigger("whk_1", TRIGGERED, by="operator", facts={"type": "case.resolved"})
        claimed = work.endpoints.claim(made.id, lease_s=60)

    assert deliveries(any_store, "whk_2") == []
    assert claimed is not None
    sample = public(claimed[2])
    assert (sample.type, sample.data["is_sample"]) == (EventType.CASE_RESOLVED, True)
    assert type_of(TRIGGERED) is None


def test_a_message_on_its_way_through_the_house_is_told_in_order(
    any_store: SqlStore, make_journey: Callable[..., Journey]
) -> None:
    walk = make_journey(any_store)
    [message_id] = walk.receive([inbound(text="My card is 4111 1111 1111 1111 and my parcel is lost")])
    walk.prepare(message_id)

    with any_store(read=True) as work:
        told = [public(event) for event in work.trail.events(after=0) if type_of(event.event)]

    assert [answer.type for answer in told] == ["message.received", "message.classified", "suggestion.ready"]
    assert {answer.data["message_id"] for answer in told} == {message_id}
    assert all("parcel" not in str(answer.data) and "4111" not in str(answer.data) for answer in told)

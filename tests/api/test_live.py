"""Live updates: nothing is missed, nothing is said twice, and a page that lost its session hears no more."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from api import broadcast as broadcasts
from api.broadcast import Broadcast
from api.console import live
from care.trail import Event
from tests.api.conftest import House


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcasts, "POLL_S", 0.01)
    monkeypatch.setattr(broadcasts, "CHECK_S", 0.05)
    monkeypatch.setattr(live, "CHECK_S", 0.05)


async def first(events: AsyncIterator[Event | None], n: int) -> list[Event]:
    found: list[Event] = []
    async for event in events:
        if event is not None:
            found.append(event)
        if len(found) == n:
            break
    return found


def note(house: House, subject: str) -> None:
    with house.store() as work:
        work.note("message.received", subject, by="channel")


def run(act: Any) -> Any:
    return asyncio.run(asyncio.wait_for(act, 10))


def test_everybody_hears_every_event_once_and_in_order(house: House) -> None:
    async def act() -> list[list[Event]]:
        broadcast = Broadcast(house.parts)
        ears = [asyncio.create_task(first(broadcast.listen(0), 28)) for _ in range(3)]
        for n in range(10):
            await asyncio.to_thread(house.say, f"where is my parcel {n}")
        heard = await asyncio.gather(*ears)
        await broadcast.stop()
        return heard

    heard = run(act())

    numbers = [[event.place for event in events] for events in heard]
    assert numbers[0] == numbers[1] == numbers[2]
    assert numbers[0] == sorted(set(numbers[0]))


def test_a_page_that_comes_back_gets_what_it_missed(house: House) -> None:
    house.say("where is my parcel")
    with house.store() as work:
        seen = work.trail.last()
    house.say("where is my order")

    async def act() -> list[Event]:
        broadcast = Broadcast(house.parts)
        heard = await first(broadcast.listen(seen), 2)
        await broadcast.stop()
        return heard

    assert [event.place > seen for event in run(act())] == [True, True]


def test_who_comes_back_after_more_than_one_page_misses_nothing(house: House) -> None:
    with house.store() as work:
        before = work.trail.last()
    for n in range(450):
        note(house, f"msg_{n}")

    async def act() -> list[Event]:
        broadcast = Broadcast(house.parts)
        heard = await first(broadcast.listen(before), 450)
        await broadcast.stop()
        return heard

    assert [event.subject_id for event in run(act())] == [f"msg_{n}" for n in range(450)]


def test_who_reads_too_slowly_for_the_queue_misses_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcasts, "QUEUE_MAX", 3)

    async def act() -> list[str]:
        broadcast, heard = Broadcast(house.parts), []
        async for event in broadcast.listen(None):
            if event is None:
                if not heard:
                    await asyncio.to_thread(note, house, "msg_0")
                continue
            heard.append(event.subject_id)
            if len(heard) == 1:
                for n in range(1, 12):
                    await asyncio.to_thread(note, house, f"msg_{n}")
                await asyncio.sleep(0.2)
            if len(heard) == 12:
                break
        await broadcast.stop()
        return heard

    assert run(act()) == [f"msg_{n}" for n in range(12)]


def test_without_listeners_nobody_asks_the_store(house: House) -> None:
    async def act() -> bool:
        broadcast = Broadcast(house.parts)
        await asyncio.to_thread(house.say, "where is my parcel")
        await first(broadcast.listen(0), 1)
        await asyncio.sleep(0.1)
        return broadcast._task is not None and broadcast._task.done()

    assert run(act())


def test_a_stream_ends_when_its_session_does(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in = iter([True, False])
    monkeypatch.setattr(live, "is_signed_in", lambda request, parts: next(signed_in))

    async def act() -> bytes:
        broadcast = Broadcast(house.parts)
        request: Any = None
        said = [chunk async for chunk in live._as_stream(request, broadcast, 0)]
        await broadcast.stop()
        return b"".join(said)

    said = run(act())

    assert said.count(b"event: signed-out") == 1


def test_what_goes_over_the_wire_is_ids_only(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.say("charged, a very private text", name="Very Private")
    monkeypatch.setattr(live, "is_signed_in", lambda request, parts: False)

    async def act() -> bytes:
        broadcast = Broadcast(house.parts)
        request: Any = None
        said = [chunk async for chunk in live._as_stream(request, broadcast, 0)]
        await broadcast.stop()
        return b"".join(said)

    said = run(act())

    assert b"event: case-changed" in said
    assert b"rivate" not in said

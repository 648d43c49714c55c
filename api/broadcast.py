"""Live events: one poller a process reads the audit trail, and who is where, and tells everyone who listens."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import suppress
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from api.console.presence_view import colleagues_of
from api.depends import Parts
from care.hold import Presence
from care.trail import Event

POLL_S = 0.15
"""A look takes three milliseconds; nobody waits longer than this for what a colleague did."""
CHECK_S = 4.0
"""A stream asks this often whether its session or key still lives: a revoked one ends within 5 s."""
QUEUE_MAX = 500


@dataclass(frozen=True, slots=True)
class PresenceChange:
    """In these cases somebody came, went, began to write, or took the case; held: those that were taken or let go."""

    case_ids: tuple[str, ...]
    held: tuple[str, ...] = ()


News = Event | PresenceChange
Around = tuple[Hashable, frozenset[Presence]]
"""Of one case: its hold, and who has it open."""
NOBODY: Around = (None, frozenset())


@dataclass(eq=False)
class _Listener:
    """Somebody who listens. has_missed: whether some events have to be read from the store, as at the beginning."""

    with_presence: bool = False
    queue: asyncio.Queue[News | None] = field(default_factory=lambda: asyncio.Queue(QUEUE_MAX))
    has_missed: bool = True

    def hand(self, news: News) -> None:
        if isinstance(news, PresenceChange) and not self.with_presence:
            return
        try:
            self.queue.put_nowait(news)
        except asyncio.QueueFull:
            self.has_missed = True

    def begin_anew(self) -> None:
        self.has_missed = False
        while not self.queue.empty():
            self.queue.get_nowait()


@dataclass(eq=False)
class Broadcast:
    """Reads new events while somebody listens and hands them to everyone who does."""

    parts: Parts

    def __post_init__(self) -> None:
        self._listeners: set[_Listener] = set()
        self._task: asyncio.Task[None] | None = None
        self._is_stopping = False

    async def listen(self, after: int | None, *, with_presence: bool = False) -> AsyncIterator[News | None]:
        """Every event after this place, once and in order; None now and then so that the caller can look around.

        with_presence: who came, went or took a case, too.
        """
        listener = _Listener(with_presence)
        latest = await run_in_threadpool(self._last)
        seen = after if after is not None else latest
        self._listeners.add(listener)
        if self._task is None or self._task.done():
            # From a place read before this listener reads: whatever comes in between is seen by one or both.
            self._task = asyncio.create_task(self._poll(latest))
        try:
            while not self._is_stopping:
                if listener.has_missed:
                    listener.begin_anew()
                    while events := await run_in_threadpool(self._read, seen):
                        for event in events:
                            seen = event.place
                            yield event
                news = await self._next(listener)
                if not isinstance(news, Event):
                    yield news
                elif news.place > seen and not listener.has_missed:
                    seen = news.place
                    yield news
        finally:
            self._listeners.discard(listener)

    async def _next(self, listener: _Listener) -> News | None:
        try:
            return await asyncio.wait_for(listener.queue.get(), CHECK_S)
        except TimeoutError:
            return None

    async def stop(self) -> None:
        self._is_stopping = True
        for listener in self._listeners:
            with suppress(asyncio.QueueFull):
                listener.queue.put_nowait(None)
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _poll(self, seen: int) -> None:
        was: dict[str, Around] | None = None
        while self._listeners:
            await asyncio.sleep(POLL_S)
            try:
                events, is_now = await run_in_threadpool(self._look, seen)
            except Exception:  # noqa: BLE001  the store may be away for a moment; the listeners wait
                continue
            for event in events:
                seen = event.place
                self._tell(event)
            cases = {*is_now, *(was or ())}
            moved = sorted(id for id in cases if was is not None and is_now.get(id) != was.get(id))
            if moved:
                held = (id for id in moved if is_now.get(id, NOBODY)[0] != (was or {}).get(id, NOBODY)[0])
                self._tell(PresenceChange(tuple(moved), tuple(held)))
            was = is_now

    def _tell(self, news: News) -> None:
        for listener in list(self._listeners):
            listener.hand(news)

    def _look(self, after: int) -> tuple[list[Event], dict[str, Around]]:
        """What happened since, and who is where now."""
        with self.parts.reading() as work:
            colleagues = colleagues_of(work)
            events = work.trail.events(after=after)
        holds = {id: (hold.person_id, hold.fence, hold.asked_by) for id, hold in colleagues.holds.items()}
        cases = {*holds, *colleagues.present}
        return events, {id: (holds.get(id), frozenset(colleagues.present.get(id, ()))) for id in cases}

    def _last(self) -> int:
        with self.parts.reading() as work:
            return work.trail.last()

    def _read(self, after: int) -> list[Event]:
        with self.parts.reading() as work:
            return work.trail.events(after=after)

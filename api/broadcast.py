"""Live events: one poller a process reads the audit trail and hands each row to everyone who listens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from api.depends import Parts
from care.trail import Event

POLL_S = 0.7
CHECK_S = 4.0
"""A stream asks this often whether its session or key still lives: a revoked one ends within 5 s."""
QUEUE_MAX = 500


@dataclass(eq=False)
class _Listener:
    """Somebody who listens. has_missed: whether some events have to be read from the store, as at the beginning."""

    queue: asyncio.Queue[Event | None] = field(default_factory=lambda: asyncio.Queue(QUEUE_MAX))
    has_missed: bool = True

    def hand(self, event: Event) -> None:
        try:
            self.queue.put_nowait(event)
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

    async def listen(self, after: int | None) -> AsyncIterator[Event | None]:
        """Every event after this place, once and in order; None now and then so that the caller can look around."""
        listener = _Listener()
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
                next_event = await self._next(listener)
                if next_event is None:
                    yield None
                elif next_event.place > seen and not listener.has_missed:
                    seen = next_event.place
                    yield next_event
        finally:
            self._listeners.discard(listener)

    async def _next(self, listener: _Listener) -> Event | None:
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
        while self._listeners:
            await asyncio.sleep(POLL_S)
            try:
                events = await run_in_threadpool(self._read, seen)
            except Exception:  # noqa: BLE001  the store may be away for a moment; the listeners wait
                continue
            for event in events:
                seen = event.place
                for listener in list(self._listeners):
                    listener.hand(event)

    def _last(self) -> int:
        with self.parts.reading() as work:
            return work.trail.last()

    def _read(self, after: int) -> list[Event]:
        with self.parts.reading() as work:
            return work.trail.events(after=after)

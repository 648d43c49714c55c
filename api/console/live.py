"""Live updates: one poller a process tells every open page which case changed, and who is where."""

import asyncio
import json
from collections.abc import AsyncIterator, Hashable
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.concurrency import run_in_threadpool

from api.access import Agent, is_signed_in
from api.console.presence_view import colleagues_of
from api.depends import Parts
from care.hold import Presence
from care.trail import Event

router = APIRouter(include_in_schema=False)

POLL_S = 0.4
CHECK_S = 4.0
"""A stream asks this often whether its session still lives: a revoked one ends within 5 s."""
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
class Broadcast:
    """Reads new events while somebody listens and hands them to everyone who does."""

    parts: Parts

    def __post_init__(self) -> None:
        self._listeners: set[asyncio.Queue[News | None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._is_stopping = False

    async def listen(self, after: int | None) -> AsyncIterator[News | None]:
        """Every event after this number, as it comes; None now and then so that the caller can look around."""
        queue: asyncio.Queue[News | None] = asyncio.Queue(QUEUE_MAX)
        latest = await run_in_threadpool(self._last)
        seen = after if after is not None else latest
        self._listeners.add(queue)
        if self._task is None or self._task.done():
            # From a number read before this listener reads: whatever comes in between is seen by one or both.
            self._task = asyncio.create_task(self._poll(latest))
        try:
            for event in await run_in_threadpool(self._read, seen):
                seen = event.number
                yield event
            while not self._is_stopping:
                try:
                    news = await asyncio.wait_for(queue.get(), CHECK_S)
                except TimeoutError:
                    news = None
                if isinstance(news, Event):
                    if news.number <= seen:
                        continue
                    seen = news.number
                yield news
        finally:
            self._listeners.discard(queue)

    async def stop(self) -> None:
        self._is_stopping = True
        for queue in self._listeners:
            with suppress(asyncio.QueueFull):
                queue.put_nowait(None)
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
            except Exception:  # noqa: BLE001  the store may be away for a moment; the pages wait
                continue
            for event in events:
                seen = event.number
                self._tell(event)
            cases = {*is_now, *(was or ())}
            moved = sorted(id for id in cases if was is not None and is_now.get(id) != was.get(id))
            if moved:
                held = (id for id in moved if is_now.get(id, NOBODY)[0] != (was or {}).get(id, NOBODY)[0])
                self._tell(PresenceChange(tuple(moved), tuple(held)))
            was = is_now

    def _tell(self, news: News) -> None:
        for queue in list(self._listeners):
            # A page that reads nothing for 500 events is gone; it catches up by number when it returns.
            with suppress(asyncio.QueueFull):
                queue.put_nowait(news)

    def _last(self) -> int:
        with self.parts.reading() as work:
            return work.trail.last()

    def _look(self, after: int) -> tuple[list[Event], dict[str, Around]]:
        """What happened since, and who is where now."""
        with self.parts.reading() as work:
            colleagues = colleagues_of(work)
            events = work.trail.events(after=after)
        holds = {id: (one.person_id, one.fence, one.asked_by) for id, one in colleagues.holds.items()}
        cases = {*holds, *colleagues.present}
        return events, {id: (holds.get(id), frozenset(colleagues.present.get(id, ()))) for id in cases}

    def _read(self, after: int) -> list[Event]:
        with self.parts.reading() as work:
            return work.trail.events(after=after)


@router.get("/live")
async def stream_changes(
    request: Request, human: Agent, after: Annotated[int | None, Query(ge=0, le=2**62)] = None
) -> StreamingResponse:
    """Server-sent events, `case-changed` and `presence-changed`: ids and names of events, never a text."""
    given = request.headers.get("last-event-id", "")
    start = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else after
    broadcast: Broadcast = request.app.state.live
    return StreamingResponse(
        _as_stream(request, broadcast, start),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def _as_stream(request: Request, broadcast: Broadcast, start: int | None) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    looked = loop.time()
    yield format_sse_event(comment="open", retry=1000)
    async for event in broadcast.listen(start):
        if isinstance(event, PresenceChange):
            yield format_sse_event(
                event="presence-changed", data_str=json.dumps({"cases": event.case_ids, "held": event.held})
            )
        elif event is not None:
            body = {"event": event.event, "subject": event.subject_id, "message": event.facts.get("message_id")}
            yield format_sse_event(event="case-changed", data_str=json.dumps(body), id=str(event.number))
        else:
            yield format_sse_event(comment="still here")
        if loop.time() - looked >= CHECK_S:
            looked = loop.time()
            if not await run_in_threadpool(is_signed_in, request, broadcast.parts):
                yield format_sse_event(event="signed-out", data_str="{}")
                return

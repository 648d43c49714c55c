"""Live updates: one poller a process reads the audit trail and tells every open page which message changed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.concurrency import run_in_threadpool

from api.access import Agent, is_signed_in
from api.depends import Parts
from care.trail import Event

router = APIRouter(include_in_schema=False)

POLL_S = 0.7
CHECK_S = 4.0
"""A stream asks this often whether its session still lives: a revoked one ends within 5 s."""
QUEUE_MAX = 500


@dataclass(eq=False)
class Broadcast:
    """Reads new events while somebody listens and hands them to everyone who does."""

    parts: Parts

    def __post_init__(self) -> None:
        self._listeners: set[asyncio.Queue[Event | None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._is_stopping = False

    async def listen(self, after: int | None) -> AsyncIterator[Event | None]:
        """Every event after this number, as it comes; None now and then so that the caller can look around."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue(QUEUE_MAX)
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
                    event_or_none = await asyncio.wait_for(queue.get(), CHECK_S)
                except TimeoutError:
                    event_or_none = None
                if event_or_none is None:
                    yield None
                elif event_or_none.number > seen:
                    seen = event_or_none.number
                    yield event_or_none
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
        while self._listeners:
            await asyncio.sleep(POLL_S)
            try:
                events = await run_in_threadpool(self._read, seen)
            except Exception:  # noqa: BLE001  the store may be away for a moment; the pages wait
                continue
            for event in events:
                seen = event.number
                for queue in list(self._listeners):
                    # A page that reads nothing for 500 events is gone; it catches up by number when it returns.
                    with suppress(asyncio.QueueFull):
                        queue.put_nowait(event)

    def _last(self) -> int:
        with self.parts.reading() as work:
            return work.trail.last()

    def _read(self, after: int) -> list[Event]:
        with self.parts.reading() as work:
            return work.trail.events(after=after)


@router.get("/live")
async def stream_changes(
    request: Request, human: Agent, after: Annotated[int | None, Query(ge=0, le=2**62)] = None
) -> StreamingResponse:
    """Server-sent events named `case-changed`: ids and the event's name, never a text."""
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
        if event is not None:
            body = {"event": event.event, "subject": event.subject_id, "message": event.facts.get("message_id")}
            yield format_sse_event(event="case-changed", data_str=json.dumps(body), id=str(event.number))
        else:
            yield format_sse_event(comment="still here")
        if loop.time() - looked >= CHECK_S:
            looked = loop.time()
            if not await run_in_threadpool(is_signed_in, request, broadcast.parts):
                yield format_sse_event(event="signed-out", data_str="{}")
                return

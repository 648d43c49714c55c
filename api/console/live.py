"""Live updates: every open page is told which case changed, and who is where."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.concurrency import run_in_threadpool

from api.access import Agent, is_signed_in
from api.broadcast import CHECK_S, Broadcast, PresenceChange

router = APIRouter(include_in_schema=False)


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
    async for event in broadcast.listen(start, with_presence=True):
        if isinstance(event, PresenceChange):
            yield format_sse_event(
                event="presence-changed", data_str=json.dumps({"cases": event.case_ids, "held": event.held})
            )
        elif event is not None:
            body = {"event": event.event, "subject": event.subject_id, "message": event.facts.get("message_id")}
            yield format_sse_event(event="case-changed", data_str=json.dumps(body), id=str(event.place))
        else:
            yield format_sse_event(comment="still here")
        if loop.time() - looked >= CHECK_S:
            looked = loop.time()
            if not await run_in_threadpool(is_signed_in, request, broadcast.parts):
                yield format_sse_event(event="signed-out", data_str="{}")
                return

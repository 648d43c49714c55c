"""/v1/events: what happened, by polling and as server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.concurrency import run_in_threadpool

from api.access import Caller, Needs, is_still_in
from api.broadcast import CHECK_S, Broadcast
from api.depends import Parts, PartsDep
from care.access import Scope
from care.errors import BadCursor
from care.events import EventType, names_of, public
from care.trail import Event
from care.unit_of_work import Work
from wiring.shapes.events import PublicEventListOut, event_out, told_data, with_objects

router = APIRouter(prefix="/v1/events", tags=["events"])

Reader = Annotated[Caller, Depends(Needs(Scope.READ))]
Types = Annotated[list[EventType] | None, Query(alias="type")]
After = Annotated[str, Query(max_length=64)]
RETRY_MS = 2000


def place_after(work: Work, after: str) -> int:
    """The place that a cursor, or the id of an event, stands for; "" is the beginning. Raises BadCursor."""
    given = after.removeprefix("evt_")
    if not after:
        return 0
    if not (given.isascii() and given.isdigit() and len(given) < 19):
        raise BadCursor("This cursor is not one of ours; leave it out to start from the first event.")
    if given == after:
        return int(given)
    place = work.trail.place_of(int(given))
    if place is None:
        raise BadCursor("There is no such event; leave it out to start from the first one.")
    return place


@router.get("", dependencies=[Depends(Needs(Scope.READ))])
def list_events(
    request: Request,
    response: Response,
    parts: PartsDep,
    after: After = "",
    type: Types = None,
    include: Literal["objects"] | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PublicEventListOut:
    """Events, oldest first, after a cursor or the id of an event. Ask again with `next_cursor` for what comes next.

    An event that was read is followed by later ones only: who goes on from `next_cursor` misses none and gets none
    twice. With `include=objects` the message, suggestion, reply and case are beside their ids, masked as they are kept.
    """
    with parts.reading() as work:
        start = place_after(work, after)
        after_start = work.trail.events(after=start, limit=limit + 1, names=names_of(frozenset(type or ())))
        events = [public(event) for event in after_start[:limit]]
        told = [event_out(event, with_objects(work, event) if include else told_data(event)) for event in events]
    next_cursor = str(events[-1].place if events else start)
    has_more = len(after_start) > limit
    if has_more:
        url = request.url.include_query_params(after=next_cursor)
        response.headers["Link"] = f'<{parts.public_url}{url.path}?{url.query}>; rel="next"'
    return PublicEventListOut(data=tuple(told), has_more=has_more, next_cursor=next_cursor)


class EventStream(StreamingResponse):
    media_type = "text/event-stream"


@router.get("/stream", response_class=EventStream)
async def stream_events(
    request: Request, parts: PartsDep, caller: Reader, after: After = "", type: Types = None
) -> EventStream:
    """The same as they come, as server-sent events named by their type.

    `Last-Event-ID`, which browsers send by themselves, or `after` goes on from where a stream broke off; without
    either it starts now. The stream ends within 5 s of its key or session.
    """
    given = request.headers.get("last-event-id", "") or after
    start = await run_in_threadpool(_place, parts, given) if given else None
    stream = _as_stream(request, parts, start, frozenset(names_of(frozenset(type or ()))))
    return EventStream(stream, headers={"X-Accel-Buffering": "no"})


def _place(parts: Parts, after: str) -> int:
    with parts.reading() as work:
        return place_after(work, after)


async def _as_stream(request: Request, parts: Parts, start: int | None, names: frozenset[str]) -> AsyncIterator[bytes]:
    broadcast: Broadcast = request.app.state.live
    loop = asyncio.get_running_loop()
    looked_at = loop.time()
    yield format_sse_event(comment="open", retry=RETRY_MS)
    async for event in broadcast.listen(start):
        if not isinstance(event, Event):
            yield format_sse_event(comment="still here")
        elif event.event in names:
            happened = public(event)
            told = event_out(happened, told_data(happened)).model_dump_json()
            yield format_sse_event(event=happened.type, data_str=told, id=str(event.place))
        if loop.time() - looked_at >= CHECK_S:
            looked_at = loop.time()
            if not await is_still_in(request, parts):
                return

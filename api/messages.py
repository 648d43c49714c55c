"""/v1/messages: hand a message in, list them, read one with everything that belongs to it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Caller, Human, PersonDep, needs
from api.depends import PartsDep
from api.reading import json_body
from api.schemas import DecisionIn, MessageIn, RelabelIn, a_list, case_as_json
from care.access import Scope
from care.desk import View
from care.message import Author, Inbound, Visibility

router = APIRouter(prefix="/v1/messages", tags=["messages"])

Reader = Annotated[Caller, Depends(needs(Scope.READ))]
CHANNEL = "webhook"
"""Messages handed in here are answered over this channel."""


@router.post("", status_code=202, dependencies=[Depends(needs(Scope.WRITE))])
def hand_in_message(sent: Annotated[MessageIn, Depends(json_body(MessageIn))], parts: PartsDep) -> dict[str, Any]:
    """Keep one message, masked, and have it read and answered. The same id twice is kept once."""
    inbound = Inbound(
        channel=CHANNEL,
        outside_id=sent.id,
        thread_key=sent.thread or sent.id,
        author=Author(handle=sent.author.handle, name=sent.author.name, followers=sent.author.followers),
        text=sent.text,
        visibility=Visibility(sent.visibility),
        written_at=sent.written_at or parts.clock(),
        in_reply_to=sent.in_reply_to,
    )
    new = parts.journey.receive([inbound])
    if new:
        return {"object": "message", "id": new[0], "is_new": True}
    with parts.reading() as work:
        known = work.messages.find(CHANNEL, sent.id)
    return {"object": "message", "id": known.id if known else None, "is_new": False}


@router.get("")
def list_messages(
    request: Request,
    response: Response,
    parts: PartsDep,
    caller: Reader,
    view: View = View.ALL,
    channel: Annotated[str | None, Query(max_length=64)] = None,
    search: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=512)] = None,
) -> dict[str, Any]:
    """One page of messages, newest state; texts are masked."""
    agent = caller.id if isinstance(caller, Human) else None
    with parts.reading() as work:
        page = work.desk.page(view, agent=agent, channel=channel, search=search, limit=limit, cursor=cursor)
    if page.next_cursor:
        url = request.url.include_query_params(cursor=page.next_cursor)
        response.headers["Link"] = f'<{parts.public_url}{url.path}?{url.query}>; rel="next"'
    return a_list([case_as_json(case) for case in page.cases], next_cursor=page.next_cursor)


@router.get("/{message_id}")
def get_message(message_id: str, parts: PartsDep, caller: Reader) -> dict[str, Any]:
    """One message with its classification, suggestion, reply and offline task."""
    with parts.reading() as work:
        return case_as_json(work.desk.case(message_id))


@router.post("/{message_id}/labels")
def relabel_message(
    message_id: str, person: PersonDep, sent: Annotated[RelabelIn, Depends(json_body(RelabelIn))], parts: PartsDep
) -> dict[str, Any]:
    """Say which labels are right; what differs is kept as a correction for the next training."""
    parts.journey.relabel(message_id, by=person.id, labels=sent.labels)
    with parts.reading() as work:
        return case_as_json(work.desk.case(message_id))


@router.post("/{message_id}/decision")
def override_decision(
    message_id: str, person: PersonDep, sent: Annotated[DecisionIn, Depends(json_body(DecisionIn))], parts: PartsDep
) -> dict[str, Any]:
    """Put a person's action or team in place of ours, with the reason; both are kept."""
    parts.journey.override(message_id, by=person.id, reason=sent.reason, action=sent.action, team=sent.team)
    with parts.reading() as work:
        return case_as_json(work.desk.case(message_id))

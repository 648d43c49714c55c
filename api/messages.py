"""/v1/messages: hand a message in, list them, read one with everything that belongs to it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Caller, Needs, PersonDep
from api.cursors import link_next, make_cursor, read_cursor
from api.depends import PartsDep
from api.magic import as_sample, is_test
from api.reading import JsonBody
from api.schemas import DecisionIn, MessageIn, MessageQuery, RelabelIn
from care.access import Scope
from care.changed import changed
from care.errors import Conflict
from care.message import Author, Inbound, Origin, Visibility
from wiring.shapes.answers import HandedInOut
from wiring.shapes.conversation import MessageListOut, MessageOut, ReadMessageOut

router = APIRouter(prefix="/v1/messages", tags=["messages"])

Reader = Annotated[Caller, Depends(Needs(Scope.READ))]
CHANNEL = "webhook"
"""Messages handed in here are answered over this channel."""


@router.post("", status_code=202, dependencies=[Depends(Needs(Scope.WRITE))])
def hand_in_message(
    request: Request, sent: Annotated[MessageIn, Depends(JsonBody(MessageIn))], parts: PartsDep
) -> HandedInOut:
    """Keep one message, masked, and have it read and answered.

    The same id twice is kept once; with another text the second one is refused.
    """
    inbound = Inbound(
        origin=Origin(
            channel=CHANNEL,
            outside_id=sent.id,
            thread_key=sent.thread or sent.id,
            written_at=sent.written_at or parts.clock(),
        ),
        author=Author(handle=sent.author.handle, name=sent.author.name, followers=sent.author.followers),
        text=sent.text,
        visibility=Visibility(sent.visibility),
        in_reply_to=sent.in_reply_to,
    )
    inbound = as_sample(inbound) if is_test(request) else inbound
    new = parts.journey.receive([inbound])
    if new:
        return HandedInOut(id=new[0], is_new=True)
    if changed([inbound], store=parts.store):
        raise Conflict("This id was handed in before with another text. Hand in what is new under an id of its own.")
    with parts.reading() as work:
        known = work.messages.find(CHANNEL, inbound.origin.outside_id)
    return HandedInOut(id=known.id if known else None, is_new=False)


@router.get("")
def list_messages(
    request: Request,
    response: Response,
    parts: PartsDep,
    caller: Reader,
    asked: Annotated[MessageQuery, Query()],
) -> MessageListOut:
    """Messages as they came, newest first; texts are masked. Lists to work through are those of /v1/cases."""
    with parts.reading() as work:
        after = read_cursor(asked.cursor) if asked.cursor else None
        messages = work.messages.page(channel=asked.channel, limit=asked.limit + 1, cursor=after)
    last = messages[asked.limit - 1] if len(messages) > asked.limit else None
    next_cursor = make_cursor(last.received_at, last.id) if last else None
    link_next(response, request, parts, next_cursor)
    return MessageListOut.of_all(map(MessageOut.of, messages[: asked.limit]), next_cursor=next_cursor)


@router.get("/{message_id}")
def get_message(message_id: str, parts: PartsDep, caller: Reader) -> ReadMessageOut:
    """One message with what was read out of it, decided and suggested."""
    with parts.reading() as work:
        return ReadMessageOut.of_file(work.cases.file(message_id))


@router.post("/{message_id}/prepare_again")
def prepare_again(message_id: str, person: PersonDep, parts: PartsDep) -> ReadMessageOut:
    """Have a parked message read and answered once more."""
    parts.journey.casework.take_up(message_id, by=person.id)
    with parts.reading() as work:
        return ReadMessageOut.of_file(work.cases.file(message_id))


@router.post("/{message_id}/labels")
def relabel_message(
    message_id: str, person: PersonDep, sent: Annotated[RelabelIn, Depends(JsonBody(RelabelIn))], parts: PartsDep
) -> ReadMessageOut:
    """Say which labels are right; what differs is kept as a correction for the next training."""
    parts.journey.casework.relabel(message_id, by=person.id, labels=sent.labels)
    with parts.reading() as work:
        return ReadMessageOut.of_file(work.cases.file(message_id))


@router.post("/{message_id}/decision")
def override_decision(
    message_id: str, person: PersonDep, sent: Annotated[DecisionIn, Depends(JsonBody(DecisionIn))], parts: PartsDep
) -> ReadMessageOut:
    """Put a person's action or team in place of ours, with the reason; both are kept."""
    parts.journey.casework.override(message_id, by=person.id, reason=sent.reason, action=sent.action, team=sent.team)
    with parts.reading() as work:
        return ReadMessageOut.of_file(work.cases.file(message_id))

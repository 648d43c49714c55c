"""/v1/replies: what became of an answer, taking it back, sending it again."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from api.access import PersonDep, needs
from api.cases import words_of
from api.depends import PartsDep
from api.reading import json_body
from api.schemas import AnswerIn, reply_as_json
from care.access import Scope

router = APIRouter(prefix="/v1", tags=["replies"])


@router.post("/messages/{message_id}/answer")
def answer_message(
    message_id: str, person: PersonDep, sent: Annotated[AnswerIn, Depends(json_body(AnswerIn))], parts: PartsDep
) -> dict[str, Any]:
    """Answer in the person's own words, without a suggestion."""
    return reply_as_json(parts.journey.answering.answer(message_id, words_of(sent, by=person.id)))


@router.get("/replies/{reply_id}", dependencies=[Depends(needs(Scope.READ))])
def get_reply(reply_id: str, parts: PartsDep) -> dict[str, Any]:
    """One approved reply and where it stands."""
    with parts.reading() as work:
        return reply_as_json(work.replies.get(reply_id))


@router.post("/replies/{reply_id}/withdraw")
def withdraw_reply(reply_id: str, parts: PartsDep, person: PersonDep) -> dict[str, Any]:
    """Take a reply back inside its undo window."""
    return reply_as_json(parts.journey.answering.withdraw(reply_id, by=person.id))


@router.post("/replies/{reply_id}/send_again")
def send_reply_again(reply_id: str, parts: PartsDep, person: PersonDep) -> dict[str, Any]:
    """Send a failed or unclear reply once more, after a person has looked."""
    return reply_as_json(parts.journey.answering.send_again(reply_id, by=person.id))


@router.post("/replies/{reply_id}/mark_sent")
def mark_reply_sent(reply_id: str, person: PersonDep, parts: PartsDep) -> dict[str, Any]:
    """Settle an unclear reply that a person found on the channel."""
    return reply_as_json(parts.journey.answering.mark_sent(reply_id, by=person.id))

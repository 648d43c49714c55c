"""/v1/replies and /v1/offline: what became of an answer, taking it back, and the path away from the public."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from api.access import PersonDep, needs
from api.depends import PartsDep
from api.reading import json_body
from api.schemas import AnswerIn, OfflineIn, offline_as_json, reply_as_json
from care.access import Scope
from care.errors import NotFound

router = APIRouter(prefix="/v1", tags=["replies"])


@router.post("/messages/{message_id}/answer")
def answer_message(
    message_id: str, person: PersonDep, sent: Annotated[AnswerIn, Depends(json_body(AnswerIn))], parts: PartsDep
) -> dict[str, Any]:
    """Answer in the person's own words, without a suggestion."""
    return reply_as_json(parts.journey.answer(message_id, by=person.id, text=sent.text))


@router.get("/replies/{reply_id}", dependencies=[Depends(needs(Scope.READ))])
def get_reply(reply_id: str, parts: PartsDep) -> dict[str, Any]:
    """One approved reply and where it stands."""
    with parts.reading() as work:
        return reply_as_json(work.replies.get(reply_id))


@router.post("/replies/{reply_id}/withdraw")
def withdraw_reply(reply_id: str, parts: PartsDep, person: PersonDep) -> dict[str, Any]:
    """Take a reply back inside its undo window."""
    return reply_as_json(parts.journey.withdraw(reply_id, by=person.id))


@router.post("/replies/{reply_id}/send_again")
def send_reply_again(reply_id: str, parts: PartsDep, person: PersonDep) -> dict[str, Any]:
    """Send a failed or unclear reply once more, after a person has looked."""
    return reply_as_json(parts.journey.send_again(reply_id, by=person.id))


@router.post("/replies/{reply_id}/mark_sent")
def mark_reply_sent(reply_id: str, person: PersonDep, parts: PartsDep) -> dict[str, Any]:
    """Settle an unclear reply that a person found on the channel."""
    return reply_as_json(parts.journey.mark_sent(reply_id, by=person.id))


@router.get("/offline/{thread_id}", dependencies=[Depends(needs(Scope.READ))])
def get_offline(thread_id: str, parts: PartsDep) -> dict[str, Any]:
    """The latest offline task of a thread."""
    with parts.reading() as work:
        task = work.offline.of_thread(thread_id)
    if task is None:
        raise NotFound("offline task", thread_id)
    return offline_as_json(task)


@router.post("/offline/{thread_id}")
def move_offline(
    thread_id: str, person: PersonDep, sent: Annotated[OfflineIn, Depends(json_body(OfflineIn))], parts: PartsDep
) -> dict[str, Any]:
    """Move the thread's offline task on; waiving needs a reason."""
    return offline_as_json(parts.journey.move_offline(thread_id, sent.state, by=person.id, waiver=sent.waiver))


@router.post("/offline/{thread_id}/close")
def close_in_public(
    thread_id: str, person: PersonDep, sent: Annotated[AnswerIn, Depends(json_body(AnswerIn))], parts: PartsDep
) -> dict[str, Any]:
    """Close the loop with a reply on the channel where it began."""
    return reply_as_json(parts.journey.close_in_public(thread_id, by=person.id, text=sent.text))


@router.post("/threads/{thread_id}/resolve", status_code=204)
def resolve_thread(thread_id: str, person: PersonDep, parts: PartsDep, ask: bool = True) -> None:
    """Close a thread. Refused while an offline matter is open.

    With `ask` the playbook's satisfaction question goes out in the person's name, once a thread and where it fits.
    """
    question = parts.playbook.question if ask else ""
    parts.journey.resolve(thread_id, by=person.id, question=question or None)

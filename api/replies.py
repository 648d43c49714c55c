"""/v1/replies: what became of an answer, taking it back, sending it again."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.access import Needs, PersonDep
from api.depends import Parts, PartsDep
from api.reading import JsonBody
from api.schemas import AnswerIn, ClosingIn, NoteIn
from care.access import Scope
from care.answering import Words
from care.colleague_reading import ColleagueReading
from care.reply import Purpose, Reply
from care.unit_of_work import Work
from wiring.shapes.conversation import ActOut, ReplyListOut, ReplyOut

router = APIRouter(prefix="/v1", tags=["replies"])


@router.post("/messages/{message_id}/answer")
def answer_message(
    message_id: str, person: PersonDep, sent: Annotated[AnswerIn, Depends(JsonBody(AnswerIn))], parts: PartsDep
) -> ActOut:
    """Answer in the person's own words, without a suggestion."""
    return acted(parts.journey.answering.answer(message_id, words_of(sent, by=person.id)), parts)


@router.get("/replies/{reply_id}", dependencies=[Depends(Needs(Scope.READ))])
def get_reply(reply_id: str, parts: PartsDep) -> ActOut:
    """One approved reply and where it stands."""
    with parts.reading() as work:
        reply = work.replies.get(reply_id)
        return ActOut.of(reply, pointer_of(work, reply))


@router.post("/replies/{reply_id}/withdraw")
def withdraw_reply(reply_id: str, parts: PartsDep, person: PersonDep) -> ActOut:
    """Take a reply back inside its undo window; of a private answer and its pointer, both."""
    return acted(parts.journey.answering.withdraw(reply_id, by=person.id), parts)


@router.post("/replies/{reply_id}/send_again")
def send_reply_again(reply_id: str, parts: PartsDep, person: PersonDep) -> ActOut:
    """Send a failed or unclear reply once more, after a person has looked."""
    return acted(parts.journey.answering.send_again(reply_id, by=person.id), parts)


@router.post("/replies/{reply_id}/mark_sent")
def mark_reply_sent(reply_id: str, person: PersonDep, parts: PartsDep) -> ActOut:
    """Settle an unclear reply that a person found on the channel."""
    return acted(parts.journey.answering.mark_sent(reply_id, by=person.id), parts)


@router.get("/replies", dependencies=[Depends(Needs(Scope.READ))])
def list_unread_replies(parts: PartsDep) -> ReplyListOut:
    """Replies of new colleagues that wait for somebody else to read them, the longest wait first."""
    with parts.reading() as work:
        return ReplyListOut.of_all(map(ReplyOut.of, work.replies.unread(limit=200)))


@router.post("/replies/{reply_id}/read")
def read_reply(reply_id: str, person: PersonDep, parts: PartsDep) -> ActOut:
    """Let a reply go out that a colleague had to read first, with the pointer beside it. Its author cannot, nor can
    somebody whose own replies are read first."""
    return acted(ColleagueReading(parts.journey.answering).agree(reply_id, by=person.id), parts)


@router.post("/replies/{reply_id}/give_back")
def give_back_reply(
    reply_id: str, person: PersonDep, sent: Annotated[NoteIn, Depends(JsonBody(NoteIn))], parts: PartsDep
) -> ActOut:
    """Give such a reply back to its author before anybody heard it, with a note that says why."""
    return acted(ColleagueReading(parts.journey.answering).give_back(reply_id, by=person.id, why=sent.text), parts)


def words_of(sent: AnswerIn | ClosingIn, *, by: str) -> Words:
    """What a person wrote, as care takes it."""
    return Words(
        by=by,
        text=sent.text,
        promise=sent.promise,
        turn=sent.turn,
        request_key=sent.key,
        is_no_promise=sent.is_no_promise,
        pointer=sent.pointer if isinstance(sent, AnswerIn) else None,
    )


def acted(reply: Reply, parts: Parts) -> ActOut:
    """What one yes of a person made, as the API shows it."""
    with parts.reading() as work:
        return ActOut.of(reply, pointer_of(work, reply))


def pointer_of(work: Work, reply: Reply) -> Reply | None:
    """The public pointer of a private answer."""
    return None if reply.purpose is Purpose.POINTER else work.replies.other_half(reply)

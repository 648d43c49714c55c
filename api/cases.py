"""/v1/cases: one customer's matter on one thread: lists, one whole, and everything a person does to it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Caller, Human, Needs, PersonDep
from api.cursors import link_next
from api.depends import PartsDep
from api.reading import JsonBody
from api.replies import acted, words_of
from api.schemas import (
    AnswerIn,
    AssignIn,
    CaseQuery,
    ClosingIn,
    HandOverIn,
    NoteIn,
    OfflineIn,
    ResolveIn,
    SnoozeIn,
)
from care.access import Scope
from care.errors import NotFound
from care.snoozing import snooze, wake
from wiring.shapes.conversation import ActOut, CaseListOut, CaseOut, HandOverOut, NoteOut, OfflineTaskOut, ReplyOut
from wiring.shapes.people import EventListOut, EventOut

router = APIRouter(prefix="/v1", tags=["cases"])

Reader = Annotated[Caller, Depends(Needs(Scope.READ))]


@router.get("/cases")
def list_cases(
    request: Request,
    response: Response,
    parts: PartsDep,
    caller: Reader,
    asked: Annotated[CaseQuery, Query()],
) -> CaseListOut:
    """One page of cases, newest state, each read at what its customer wrote last; texts are masked."""
    agent = caller.id if isinstance(caller, Human) else None
    with parts.reading() as work:
        page = work.lists.page(
            asked.view,
            agent=agent,
            only=asked.narrowing(search=asked.search, me=agent),
            limit=asked.limit,
            cursor=asked.cursor,
        )
    link_next(response, request, parts, page.next_cursor)
    return CaseListOut.of_all(map(CaseOut.of_file, page.cases), next_cursor=page.next_cursor)


@router.get("/cases/{case_id}")
def get_case(case_id: str, parts: PartsDep, caller: Reader) -> CaseOut:
    """One case with its replies, promises, hand-overs and notes, read at what its customer wrote last."""
    with parts.reading() as work:
        return CaseOut.of_file(work.cases.latest(case_id))


@router.get("/cases/{case_id}/trail")
def get_case_trail(case_id: str, parts: PartsDep, caller: Reader) -> EventListOut:
    """What happened to a case, oldest first: ids and labels, never a text."""
    with parts.reading() as work:
        work.cases.get(case_id)
        return EventListOut.of_all(map(EventOut.of, work.trail.of_case(case_id)))


@router.post("/cases/{case_id}/answer")
def answer_case(
    case_id: str, person: PersonDep, sent: Annotated[AnswerIn, Depends(JsonBody(AnswerIn))], parts: PartsDep
) -> ActOut:
    """Write to the customer in the person's own words, at any time before the case is resolved.

    With a pointer the words go in private, and the pointer in public once they have gone.
    """
    with parts.reading() as work:
        message_id = work.cases.get(case_id).latest_message_id
    return acted(parts.journey.answering.answer(message_id, words_of(sent, by=person.id)), parts)


@router.post("/cases/{case_id}/assign")
def assign_case(
    case_id: str, person: PersonDep, sent: Annotated[AssignIn, Depends(JsonBody(AssignIn))], parts: PartsDep
) -> CaseOut:
    """Give a case to a person, or with null to nobody."""
    parts.journey.casework.assign(case_id, by=person.id, to=sent.to)
    return _case(case_id, parts)


@router.post("/cases/{case_id}/snooze")
def snooze_case(
    case_id: str, person: PersonDep, sent: Annotated[SnoozeIn, Depends(JsonBody(SnoozeIn))], parts: PartsDep
) -> CaseOut:
    """Put a case that waits for us out of its list until an hour. No clock stops by that.

    It is back by the hour, when the customer writes, when something that was promised comes due, or by `wake`.
    """
    snooze(parts.store, case_id, by=person.id, until=sent.until, now=parts.clock())
    return _case(case_id, parts)


@router.post("/cases/{case_id}/wake")
def wake_case(case_id: str, person: PersonDep, parts: PartsDep) -> CaseOut:
    """Bring a snoozed case back."""
    wake(parts.store, case_id, by=person.id)
    return _case(case_id, parts)


@router.post("/cases/{case_id}/notes", status_code=201)
def add_case_note(
    case_id: str, person: PersonDep, sent: Annotated[NoteIn, Depends(JsonBody(NoteIn))], parts: PartsDep
) -> NoteOut:
    """Keep an internal note, masked and never sent; whoever it names with an @ is told."""
    return NoteOut.of(parts.journey.casework.note(case_id, by=person.id, text=sent.text))


@router.post("/cases/{case_id}/hand_over", status_code=201)
def hand_over_case(
    case_id: str, person: PersonDep, sent: Annotated[HandOverIn, Depends(JsonBody(HandOverIn))], parts: PartsDep
) -> HandOverOut:
    """Hand a case to a team or contact of the playbook, who is told at once."""
    handed = parts.journey.handing_over.hand_over(case_id, to=sent.to, by=person.id, reason=sent.reason)
    return HandOverOut.of(handed)


@router.post("/cases/{case_id}/resolve")
def resolve_case(
    case_id: str, person: PersonDep, sent: Annotated[ResolveIn, Depends(JsonBody(ResolveIn))], parts: PartsDep
) -> CaseOut:
    """Close a case. Refused while something of it is offline.

    With `ask` the playbook's satisfaction question goes out in the person's name, once a thread and where it fits.
    """
    question = parts.playbook.question if sent.ask else ""
    parts.journey.casework.resolve(case_id, by=person.id, question=question or None)
    return _case(case_id, parts)


@router.post("/cases/{case_id}/reopen")
def reopen_case(case_id: str, person: PersonDep, parts: PartsDep) -> CaseOut:
    """Open a resolved case again."""
    parts.journey.casework.reopen(case_id, by=person.id)
    return _case(case_id, parts)


@router.get("/cases/{case_id}/offline", dependencies=[Depends(Needs(Scope.READ))])
def get_offline(case_id: str, parts: PartsDep) -> OfflineTaskOut:
    """The latest offline task of a case."""
    with parts.reading() as work:
        task = work.offline.of_case(case_id)
    if task is None:
        raise NotFound("offline task for case", case_id)
    return OfflineTaskOut.of(task)


@router.post("/cases/{case_id}/offline")
def move_offline(
    case_id: str, person: PersonDep, sent: Annotated[OfflineIn, Depends(JsonBody(OfflineIn))], parts: PartsDep
) -> OfflineTaskOut:
    """Move the case's offline task on; waiving needs a reason."""
    return OfflineTaskOut.of(parts.journey.casework.move_offline(case_id, sent.state, by=person.id, waiver=sent.waiver))


@router.post("/cases/{case_id}/offline/close")
def close_in_public(
    case_id: str, person: PersonDep, sent: Annotated[ClosingIn, Depends(JsonBody(ClosingIn))], parts: PartsDep
) -> ReplyOut:
    """Close the loop with a reply on the channel where it began."""
    with parts.reading() as work:
        message_id = work.cases.get(case_id).latest_message_id
    return ReplyOut.of(parts.journey.answering.close_in_public(message_id, words_of(sent, by=person.id)))


def _case(case_id: str, parts: PartsDep) -> CaseOut:
    with parts.reading() as work:
        return CaseOut.of_file(work.cases.latest(case_id))

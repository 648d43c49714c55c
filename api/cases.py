"""/v1/cases: one customer's matter on one thread: lists, one whole, and everything a person does to it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Caller, Human, PersonDep, needs
from api.cursors import link_next
from api.depends import PartsDep
from api.reading import json_body
from api.replies import acted, words_of
from api.schemas import (
    AnswerIn,
    AssignIn,
    ClosingIn,
    HandOverIn,
    NoteIn,
    OfflineIn,
    ResolveIn,
    a_list,
    case_as_json,
    event_as_json,
    handover_as_json,
    note_as_json,
    offline_as_json,
    reply_as_json,
)
from care.access import Scope
from care.errors import NotFound
from care.lists import View

router = APIRouter(prefix="/v1", tags=["cases"])

Reader = Annotated[Caller, Depends(needs(Scope.READ))]


@router.get("/cases")
def list_cases(
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
    """One page of cases, newest state, each read at what its customer wrote last; texts are masked."""
    agent = caller.id if isinstance(caller, Human) else None
    with parts.reading() as work:
        page = work.lists.page(view, agent=agent, channel=channel, search=search, limit=limit, cursor=cursor)
    link_next(response, request, parts, page.next_cursor)
    return a_list([case_as_json(file) for file in page.cases], next_cursor=page.next_cursor)


@router.get("/cases/{case_id}")
def get_case(case_id: str, parts: PartsDep, caller: Reader) -> dict[str, Any]:
    """One case with its replies, promises, hand-overs and notes, read at what its customer wrote last."""
    with parts.reading() as work:
        return case_as_json(work.cases.latest(case_id))


@router.get("/cases/{case_id}/trail")
def get_case_trail(case_id: str, parts: PartsDep, caller: Reader) -> dict[str, Any]:
    """What happened to a case, oldest first: ids and labels, never a text."""
    with parts.reading() as work:
        work.cases.get(case_id)
        return a_list([event_as_json(event) for event in work.trail.of_case(case_id)])


@router.post("/cases/{case_id}/answer")
def answer_case(
    case_id: str, person: PersonDep, sent: Annotated[AnswerIn, Depends(json_body(AnswerIn))], parts: PartsDep
) -> dict[str, Any]:
    """Write to the customer in the person's own words, at any time before the case is resolved.

    With a pointer the words go in private, and the pointer in public once they have gone.
    """
    with parts.reading() as work:
        message_id = work.cases.get(case_id).latest_message_id
    return acted(parts.journey.answering.answer(message_id, words_of(sent, by=person.id)), parts)


@router.post("/cases/{case_id}/assign")
def assign_case(
    case_id: str, person: PersonDep, sent: Annotated[AssignIn, Depends(json_body(AssignIn))], parts: PartsDep
) -> dict[str, Any]:
    """Give a case to a person, or with null to nobody."""
    parts.journey.casework.assign(case_id, by=person.id, to=sent.to)
    return _case(case_id, parts)


@router.post("/cases/{case_id}/notes", status_code=201)
def add_case_note(
    case_id: str, person: PersonDep, sent: Annotated[NoteIn, Depends(json_body(NoteIn))], parts: PartsDep
) -> dict[str, Any]:
    """Keep an internal note, masked and never sent; whoever it names with an @ is told."""
    return note_as_json(parts.journey.casework.note(case_id, by=person.id, text=sent.text))


@router.post("/cases/{case_id}/hand_over", status_code=201)
def hand_over_case(
    case_id: str, person: PersonDep, sent: Annotated[HandOverIn, Depends(json_body(HandOverIn))], parts: PartsDep
) -> dict[str, Any]:
    """Hand a case to a team or contact of the playbook, who is told at once."""
    handed = parts.journey.handing_over.hand_over(case_id, to=sent.to, by=person.id, reason=sent.reason)
    return handover_as_json(handed)


@router.post("/cases/{case_id}/resolve")
def resolve_case(
    case_id: str, person: PersonDep, sent: Annotated[ResolveIn, Depends(json_body(ResolveIn))], parts: PartsDep
) -> dict[str, Any]:
    """Close a case. Refused while something of it is offline.

    With `ask` the playbook's satisfaction question goes out in the person's name, once a thread and where it fits.
    """
    question = parts.playbook.question if sent.ask else ""
    parts.journey.casework.resolve(case_id, by=person.id, question=question or None)
    return _case(case_id, parts)


@router.post("/cases/{case_id}/reopen")
def reopen_case(case_id: str, person: PersonDep, parts: PartsDep) -> dict[str, Any]:
    """Open a resolved case again."""
    parts.journey.casework.reopen(case_id, by=person.id)
    return _case(case_id, parts)


@router.get("/cases/{case_id}/offline", dependencies=[Depends(needs(Scope.READ))])
def get_offline(case_id: str, parts: PartsDep) -> dict[str, Any]:
    """The latest offline task of a case."""
    with parts.reading() as work:
        task = work.offline.of_case(case_id)
    if task is None:
        raise NotFound("offline task for case", case_id)
    return offline_as_json(task)


@router.post("/cases/{case_id}/offline")
def move_offline(
    case_id: str, person: PersonDep, sent: Annotated[OfflineIn, Depends(json_body(OfflineIn))], parts: PartsDep
) -> dict[str, Any]:
    """Move the case's offline task on; waiving needs a reason."""
    return offline_as_json(parts.journey.casework.move_offline(case_id, sent.state, by=person.id, waiver=sent.waiver))


@router.post("/cases/{case_id}/offline/close")
def close_in_public(
    case_id: str, person: PersonDep, sent: Annotated[ClosingIn, Depends(json_body(ClosingIn))], parts: PartsDep
) -> dict[str, Any]:
    """Close the loop with a reply on the channel where it began."""
    with parts.reading() as work:
        message_id = work.cases.get(case_id).latest_message_id
    return reply_as_json(parts.journey.answering.close_in_public(message_id, words_of(sent, by=person.id)))


def _case(case_id: str, parts: PartsDep) -> dict[str, Any]:
    with parts.reading() as work:
        return case_as_json(work.cases.latest(case_id))

"""The console's pages: the inbox with one open case, and what needs a look."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi import Query as QueryField
from fastapi.responses import HTMLResponse

from api.access import Agent
from api.console import wording
from api.console.case_view import case_view, mark_of
from api.console.desk import DeskQuery, show_case, show_desk, viewer_of
from api.console.look import is_swap, render
from api.depends import PartsDep
from api.narrowing import written
from care.case_file import CaseFile
from care.lists import View
from care.pointing import IN_TROUBLE

router = APIRouter(include_in_schema=False)

MOST_UNREAD = 100
"""Replies that wait for a colleague, on one page."""

Id = Annotated[str | None, QueryField(max_length=64)]


def desk_query(
    request: Request,
    view: View = View.NOW_DUE,
    q: Annotated[str | None, QueryField(max_length=200)] = None,
    cursor: Annotated[str | None, QueryField(max_length=512)] = None,
    draft: Annotated[int | None, QueryField(ge=0, le=2)] = None,
    words: Id = None,
    restore: Id = None,
) -> DeskQuery:
    return DeskQuery(view, q, cursor, draft, words, restore, written(request.query_params))


Query = Annotated[DeskQuery, Depends(desk_query)]


@router.get("/")
def read_inbox(request: Request, human: Agent, parts: PartsDep, query: Query) -> HTMLResponse:
    """The inbox, with the first message of the view open."""
    return show_desk(request, parts, human, query)


@router.get("/cases/{case_id}")
def read_case(case_id: str, request: Request, human: Agent, parts: PartsDep, query: Query) -> HTMLResponse:
    """One case with everything that belongs to it."""
    if is_swap(request, "#case"):
        return show_case(request, parts, human, query, case_id=case_id)
    return show_desk(request, parts, human, query, case_id=case_id)


@router.get("/cases/{case_id}/mark")
def read_mark(case_id: str, human: Agent, parts: PartsDep) -> dict[str, str]:
    """What an open page compares with its own mark, to know whether it still shows what is."""
    with parts.reading() as work:
        return {"mark": mark_of(work.cases.latest(case_id))}


@router.get("/needs-a-look")
def read_stuck(request: Request, human: Agent, parts: PartsDep) -> HTMLResponse:
    """Replies that did not go out, or of which nobody knows, and messages that could not be prepared."""
    with parts.reading() as work:
        viewer = viewer_of(work, parts, human)
        cases, cursor = [], None
        # The desk has no view of its own for these; ten pages are 2,000 messages back.
        for _ in range(10):
            page = work.lists.page(View.ALL, limit=200, cursor=cursor)
            cases += [case for case in page.cases if _is_stuck(case)]
            cursor = page.next_cursor
            if cursor is None:
                break
        unread = [
            case_view(work.cases.latest(case_id), parts, viewer)
            for case_id in dict.fromkeys(reply.case_id for reply in work.replies.unread(limit=MOST_UNREAD))
        ]
    rows = [case_view(case, parts, viewer) for case in cases]
    to_read = [(row, outgoing) for row in unread for outgoing in row.thread.outgoing if outgoing.is_to_read]
    return render(request, "stuck.html", human=human, rows=rows, to_read=to_read, stages=wording.STAGES)


def _is_stuck(case: CaseFile) -> bool:
    return case.work == "parked" or any(reply.sending.stage in IN_TROUBLE for reply in case.handled.replies)

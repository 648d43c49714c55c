"""The line under the header that lists what I can take back, and taking it back."""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.access import Agent
from api.console.desk import Refused, show_desk
from api.console.form import Form, FormDep, refused, to_case, to_list
from api.console.look import render
from api.console.mine_view import DONE, writer_of
from care.errors import Conflict, NotFound
from care.taking_back import BULK
from care.unit_of_work import Work

router = APIRouter(include_in_schema=False)


@router.get("/mine")
def read_mine(request: Request, human: Agent) -> HTMLResponse:
    """The line under the header alone, for a page that is open."""
    return render(request, "mine.html", human=human)


@router.post("/acts/{number}/undo")
def undo_act(number: int, form: FormDep) -> Response:
    """Take back one thing that I did, or what I did to several cases at once."""
    with form.parts.reading() as work:
        event = work.recent.act(number)
    if event is None or event.by != form.human.id or event.event not in (*DONE, BULK):
        raise NotFound("act", str(number))
    taking_back = form.parts.journey.taking_back
    if event.event == BULK:
        left = taking_back.several(event, by=form.human.id)
        return show_left(form, left) if left else to_list(form)
    if event.case_id is None:
        raise NotFound("act", str(number))
    try:
        taking_back.one(event, by=form.human.id)
    except Conflict as error:
        return refused(event.case_id, form, error)
    return to_case(event.case_id, form)


def show_left(form: Form, case_ids: Sequence[str]) -> Response:
    """The list, with the names of those cases that have changed since."""
    said = f"Taken back, but for what has changed since: {', '.join(who_wrote(form, case_ids))}."
    return show_desk(form.request, form.parts, form.human, form.desk, refused=Refused([said], status=409))


def who_wrote(form: Form, case_ids: Sequence[str]) -> list[str]:
    """Of whom these cases are."""
    with form.parts.reading() as work:
        return [_said(work, case_id) for case_id in case_ids]


def _said(work: Work, case_id: str) -> str:
    try:
        return writer_of(work, case_id)
    except NotFound:
        return "A case that is gone"

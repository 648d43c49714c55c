"""The line under the header that lists what I can take back, and taking it back."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.access import Agent
from api.console.form import FormDep, refused, to_case
from api.console.look import render
from api.console.mine_view import DONE, STATES, labels_before, still_stands
from care.errors import Conflict, NotFound

router = APIRouter(include_in_schema=False)


@router.get("/mine")
def read_mine(request: Request, human: Agent) -> HTMLResponse:
    """The line under the header alone, for a page that is open."""
    return render(request, "mine.html", human=human)


@router.post("/acts/{number}/undo")
def undo_act(number: int, form: FormDep) -> Response:
    """Take back one thing that I did."""
    with form.parts.reading() as work:
        event = work.recent.act(number)
        if event is None or event.by != form.human.id or event.event not in DONE or event.case_id is None:
            raise NotFound("act", str(number))
        is_so = still_stands(work, event, form.human.id)
    journey, by = form.parts.journey, form.human.id
    try:
        if not is_so:
            raise Conflict("This has changed since; there is nothing to take back.")
        if event.event == "draft.rejected":
            journey.answering.restore_draft(event.subject_id, int(str(event.facts["draft"])), by=by)
        elif event.event in STATES:
            journey.answering.reconsider(event.subject_id, by=by)
        elif event.event == "case.resolved":
            journey.casework.reopen(event.subject_id, by=by)
        else:
            journey.casework.relabel(event.subject_id, by=by, labels=labels_before(event))
    except Conflict as error:
        return refused(event.case_id, form, error)
    return to_case(event.case_id, form)

"""Taking a case to write in it, asking for it, and saying that one looks."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from api.access import Agent
from api.console.case_view import case_view
from api.console.desk import viewer_of
from api.console.form import Form, FormDep, to_case
from api.console.look import render
from api.depends import PartsDep
from care.hold import ASK_S, Doing, Presence
from care.unsent import OWN, UnsentText
from care.writing import keep_unsent, take_hold

router = APIRouter(include_in_schema=False)

LONGEST_PLACE = 64


@router.post("/cases/{case_id}/hold")
def hold_case(case_id: str, form: FormDep) -> Response:
    """Take the case to write in it, or keep it; 409 with the holder's name while somebody else has it."""
    hold = take_hold(form.parts.store, case_id, by=form.human.id)
    if hold is not None:
        return _done(form, case_id, fence=hold.fence)
    with form.parts.reading() as work:
        held = work.holds.of(case_id)
        person = work.access.person(id=held.person_id) if held else None
    return _done(form, case_id, status=409, holder=person.name if person else "Somebody")


@router.post("/cases/{case_id}/hold/end")
def end_hold(case_id: str, form: FormDep) -> Response:
    """Give the case back: others may write."""
    with form.parts.store() as work:
        work.holds.give_back(case_id, form.human.id)
        if form.text("leave"):
            work.holds.leave(case_id, form.human.id)
    return _done(form, case_id)


@router.post("/cases/{case_id}/hold/ask")
def ask_for_case(case_id: str, form: FormDep) -> Response:
    """Ask the holder for the case; without a word from them one gets it after half a minute."""
    with form.parts.store() as work:
        work.holds.ask(case_id, form.human.id, ask_s=ASK_S)
    return _done(form, case_id)


@router.post("/cases/{case_id}/hold/keep")
def keep_case(case_id: str, form: FormDep) -> Response:
    """The holder says no."""
    with form.parts.store() as work:
        work.holds.refuse(case_id, form.human.id)
    return _done(form, case_id)


@router.post("/cases/{case_id}/seen")
def see_case(case_id: str, form: FormDep) -> Response:
    """This page shows the case now."""
    doing = Doing.WRITING if form.text("doing") == Doing.WRITING else Doing.VIEWING
    with form.parts.store() as work:
        work.cases.get(case_id)
        work.holds.see(Presence(case_id, form.human.id, doing))
    return Response(status_code=204)


@router.get("/cases/{case_id}/presence")
def read_presence(case_id: str, request: Request, human: Agent, parts: PartsDep) -> HTMLResponse:
    """The line that says who else is here."""
    with parts.reading() as work:
        viewer = viewer_of(work, parts, human)
        case = work.cases.latest(case_id)
    return render(request, "presence.html", human=human, c=case_view(case, parts, viewer))


@router.post("/cases/{case_id}/unsent")
def save_unsent(case_id: str, form: FormDep) -> Response:
    """Keep what stands in the composer; nothing there: forget it."""
    unsent = UnsentText(
        person_id=form.human.id,
        case_id=case_id,
        place=form.text("place")[:LONGEST_PLACE] or OWN,
        text=form.text("text"),
        saved_at=form.parts.clock(),
        pointer=form.text("pointer"),
        is_pair=bool(form.text("also")),
    )
    is_kept = keep_unsent(form.parts.store, form.parts.journey.redactor, unsent)
    return Response(status_code=204 if is_kept else 422)


def _done(form: Form, case_id: str, *, status: int = 200, **said: object) -> Response:
    """For a script in words of JSON, for a plain form the case again."""
    if form.request.headers.get("accept") == "application/json":
        return JSONResponse(said, status)
    return to_case(case_id, form)

"""One thing that a channel handed in and nobody could read, for administrators: look at it, try it again, drop it."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access import Admin, Human
from api.console.form import FormDep
from api.console.look import render
from api.depends import Parts, PartsDep
from care.errors import BadStep

router = APIRouter(include_in_schema=False)


@router.get("/service/quarantine/{item_id}")
def read_quarantined(item_id: str, request: Request, human: Admin, parts: PartsDep) -> HTMLResponse:
    """The item as it is kept: masked, or withheld."""
    return _show(request, parts, human, item_id)


@router.post("/service/quarantine/{item_id}/retry")
def retry_quarantined(item_id: str, human: Admin, form: FormDep) -> Response:
    """Try it once more, as after an upgrade."""
    parts = form.parts
    try:
        parts.quarantine.retry(parts.channels, item_id, by=human.id)
    except BadStep as error:
        return _show(form.request, parts, human, item_id, problem=str(error), status=409)
    return RedirectResponse("/service", 303)


@router.post("/service/quarantine/{item_id}/drop")
def drop_quarantined(item_id: str, human: Admin, form: FormDep) -> Response:
    """Remove it unread."""
    form.parts.quarantine.drop(item_id, by=human.id)
    return RedirectResponse("/service", 303)


def _show(
    request: Request, parts: Parts, human: Human, item_id: str, *, problem: str = "", status: int = 200
) -> HTMLResponse:
    with parts.reading() as work:
        item = work.quarantine.get(item_id)
    return render(request, "quarantined.html", status=status, human=human, item=item, problem=problem)

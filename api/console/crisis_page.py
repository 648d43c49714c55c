"""Crisis mode in the console: everybody reads what is said and who decided it, leads declare it and end it."""

from collections.abc import Mapping
from types import MappingProxyType

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access import Agent, Human
from api.console.desk import names_of
from api.console.form import Form, LeadFormDep
from api.console.look import render
from api.depends import Parts, PartsDep
from care.access import Role
from care.crisis import CrisisMatter, Statement
from care.crisis_mode import CrisisWish
from care.errors import BadInput, Conflict
from wiring.shapes.crisis import CrisisStandingOut, say_tone

router = APIRouter(include_in_schema=False)

_FIELDS = (
    "name", "reason", "intents", "phrases", "channels", "public_text", "private_text", "approved_by", "is_drill",
)  # fmt: skip
_NOTHING = dict.fromkeys(_FIELDS, "")
"""What an empty form holds."""


@router.get("/crisis")
def read_crisis(request: Request, human: Agent, parts: PartsDep) -> HTMLResponse:
    return _show(request, human, parts)


@router.post("/crisis")
def begin_crisis(form: LeadFormDep) -> Response:
    """Declare it; the page says what is in the way."""
    matter = CrisisMatter(_listed(form, "intents"), _listed(form, "phrases"), _listed(form, "channels"))
    wish = CrisisWish(form.text("name"), form.text("reason"), matter, _statement(form), bool(form.text("is_drill")))
    try:
        form.parts.crisis_desk.begin(wish, by=form.human.id)
    except (BadInput, Conflict) as error:
        return _refused(form, error)
    return RedirectResponse("/crisis", 303)


@router.post("/crisis/{crisis_id}/statement")
def change_statement(crisis_id: str, form: LeadFormDep) -> Response:
    """Say something else from now on."""
    try:
        form.parts.crisis_desk.change(crisis_id, _statement(form), by=form.human.id)
    except (BadInput, Conflict) as error:
        return _refused(form, error)
    return RedirectResponse("/crisis", 303)


@router.post("/crisis/{crisis_id}/end")
def end_crisis(crisis_id: str, form: LeadFormDep) -> Response:
    form.parts.crisis_desk.end(crisis_id, by=form.human.id)
    return RedirectResponse("/crisis", 303)


def _show(
    request: Request,
    human: Human,
    parts: Parts,
    *,
    status: int = 200,
    problem: str = "",
    fields: Mapping[str, str] = MappingProxyType({}),
) -> HTMLResponse:
    with parts.reading() as work:
        standing, names, on = CrisisStandingOut.of_work(work), names_of(work), work.crises.on()
    tone = parts.crisis_desk.tone_of(on.statement, on.matter) if on is not None else {}
    return render(
        request,
        "crisis.html",
        status=status,
        human=human,
        on=standing.on,
        past=standing.past,
        names=names,
        tone={part: say_tone(report) for part, report in tone.items()},
        may_decide=human.person.role is not Role.AGENT,
        problem=problem,
        given=_NOTHING | (standing.on.statement.as_json() if standing.on else {}) | dict(fields),
        intents=sorted(parts.playbook.policy.intents),
        channels=sorted(parts.channels),
    )


def _refused(form: Form, error: Exception) -> HTMLResponse:
    return _show(form.request, form.human, form.parts, status=422, problem=str(error), fields=form.fields)


def _statement(form: Form) -> Statement:
    return Statement(form.text("public_text"), form.text("private_text"), form.text("approved_by"))


def _listed(form: Form, name: str) -> tuple[str, ...]:
    """One a line, or with commas between."""
    return tuple(part for part in form.text(name).replace(",", "\n").splitlines() if part.strip())

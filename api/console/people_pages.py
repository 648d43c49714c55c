"""Settings: how the console looks for everyone, and where one is signed in; people and keys for administrators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access import Admin, Agent, Human, clear_cookie
from api.console.desk import names_of
from api.console.form import FormDep
from api.console.look import CHOICES, render
from api.console.roles import MATRIX
from api.depends import Parts, PartsDep
from api.failures import Refusal
from care.access import Role, Scope, Session
from care.errors import BadInput, Conflict
from care.people import add_person as keep_person
from care.people import (
    be_away,
    change_password,
    check_person,
    end_session,
    living_sessions,
    name_of,
    new_person,
    sign_as,
    switch_person,
)
from care.service_keys import make_key
from care.service_keys import revoke_key as end_key
from care.signing import LONGEST, SLOT
from care.unit_of_work import Work
from wiring.passwords import hash_password, may_enter

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One browser that somebody is signed in with. id: names it, and lets nobody in."""

    session: Session
    id: str
    who: str
    is_this: bool


def _sessions(work: Work, parts: Parts, human: Human, *, of: str | None = None) -> Sequence[SessionLine]:
    """Those that live, the latest seen first; of: one person's alone."""
    names = names_of(work)
    return [
        SessionLine(
            session,
            name_of(session),
            names.get(session.person_id, "somebody who left"),
            session.token_hash == human.session.token_hash,
        )
        for session in living_sessions(work, now=parts.clock())
        if of is None or session.person_id == of
    ]


# oneself -------------------------------------------------------------------------------------------------------


def _show(request: Request, parts: Parts, human: Human, *, problem: str = "", status: int = 200) -> HTMLResponse:
    with parts.reading() as work:
        sessions = _sessions(work, parts, human, of=human.id)
    return render(
        request,
        "settings.html",
        status=status,
        human=human,
        sessions=sessions,
        is_admin=human.person.role is Role.ADMIN,
        choices=CHOICES,
        problem=problem,
        is_routed=parts.playbook.policy.teams.routing.is_on,
        away_until=away if (away := human.person.away_until) and parts.clock() < away else None,
        longest_signature=LONGEST,
        signing=[rules for rules in parts.playbook.channels.values() if SLOT in rules.sign_off],
    )


@router.get("/settings")
def read_settings(request: Request, human: Agent, parts: PartsDep) -> HTMLResponse:
    return _show(request, parts, human)


@router.post("/settings/sessions/{name}/end")
def end_own_session(name: str, human: Agent, form: FormDep) -> Response:
    """Sign another browser of one's own out."""
    with form.parts.store() as work:
        end_session(work, name, by=human.person, now=form.parts.clock())
    return RedirectResponse("/settings", 303)


@router.post("/settings/signature")
def set_signature(human: Agent, form: FormDep) -> Response:
    """How somebody signs from now on, where a channel signs."""
    try:
        with form.parts.store() as work:
            sign_as(work, human.id, form.text("signs_as"))
    except BadInput as error:
        return _show(form.request, form.parts, human, problem=str(error), status=422)
    return RedirectResponse("/settings", 303)


@router.post("/settings/away")
def set_away(human: Agent, form: FormDep) -> Response:
    """Be given no cases until the morning of a day; no day: to be back."""
    zone, day = ZoneInfo(form.parts.playbook.policy.zone), form.text("day")
    try:
        until = datetime.combine(date.fromisoformat(day), time(), zone) if day else None
    except ValueError:
        return _show(form.request, form.parts, human, problem="Give the day on which you are back.", status=422)
    with form.parts.store() as work:
        be_away(work, human.id, until, by=human.id)
    return RedirectResponse("/settings", 303)


@router.post("/settings/password")
def set_password(human: Agent, form: FormDep) -> Response:
    """A new password for oneself; every session ends."""
    if not may_enter(human.person, form.text("current")):
        return _show(form.request, form.parts, human, problem="The current password is not right.", status=422)
    try:
        password_hash = hash_password(form.text("password"))
        with form.parts.store() as work:
            change_password(work, human.person, password_hash)
    except BadInput as error:
        return _show(form.request, form.parts, human, problem=str(error), status=422)
    redirect = RedirectResponse("/login", 303)
    clear_cookie(redirect, form.parts)
    return redirect


# people --------------------------------------------------------------------------------------------------------


def _show_people(request: Request, parts: Parts, human: Human, *, problem: str = "", status: int = 200) -> HTMLResponse:
    with parts.reading() as work:
        people, sessions = work.access.people(), _sessions(work, parts, human)
    return render(
        request,
        "people.html",
        status=status,
        human=human,
        people=people,
        sessions=sessions,
        roles=list(Role),
        matrix=MATRIX,
        problem=problem,
    )


@router.get("/people")
def read_people(request: Request, human: Admin, parts: PartsDep) -> HTMLResponse:
    """Who may come in and do what, and who is signed in."""
    return _show_people(request, parts, human)


@router.post("/settings/people")
def add_person(human: Admin, form: FormDep) -> Response:
    """Let somebody new in."""
    if form.text("role") not in set(Role):
        raise Refusal("validation_failed")
    try:
        person = new_person(
            form.text("email"),
            form.text("name"),
            Role(form.text("role")),
            hash_password(form.text("password")),
            now=form.parts.clock(),
            is_checked=form.text("is_checked") == "yes",
        )
        with form.parts.store() as work:
            keep_person(work, person, by=human.id)
    except (BadInput, Conflict) as error:
        return _show_people(form.request, form.parts, human, problem=str(error), status=422)
    return RedirectResponse("/people", 303)


@router.post("/settings/people/{person_id}")
def change_person(person_id: str, human: Admin, form: FormDep) -> Response:
    """Keep somebody out or let them in again; have their replies read first, or not any more."""
    try:
        with form.parts.store() as work:
            if form.text("is_checked"):
                check_person(work, person_id, is_checked=form.text("is_checked") == "yes", by=human.id)
            else:
                switch_person(work, person_id, is_active=form.text("is_active") == "yes", by=human.id)
    except Conflict as error:
        return _show_people(form.request, form.parts, human, problem=str(error), status=409)
    return RedirectResponse("/people", 303)


@router.post("/settings/people/sessions/{name}/end")
def end_anybodys_session(name: str, human: Admin, form: FormDep) -> Response:
    """Sign one browser of somebody out."""
    with form.parts.store() as work:
        end_session(work, name, by=human.person, now=form.parts.clock())
    return RedirectResponse("/people", 303)


# keys ----------------------------------------------------------------------------------------------------------


def _show_keys(
    request: Request, parts: Parts, human: Human, *, problem: str = "", key: str = "", status: int = 200
) -> HTMLResponse:
    with parts.reading() as work:
        keys = work.access.keys()
    return render(
        request,
        "keys.html",
        status=status,
        human=human,
        keys=keys,
        scopes=list(Scope),
        problem=problem,
        new_key=key,
    )


@router.get("/keys")
def read_keys(request: Request, human: Admin, parts: PartsDep) -> HTMLResponse:
    """What programs sign in with."""
    return _show_keys(request, parts, human)


@router.post("/settings/keys")
def add_key(human: Admin, form: FormDep) -> Response:
    """Make a key; it is shown on this one page and never again."""
    scopes = [scope for scope in Scope if form.text(f"scope.{scope}") == "on"]
    is_test = form.text("is_test") == "on"
    try:
        with form.parts.store() as work:
            secret, _ = make_key(work, form.text("name"), scopes, by=human.id, now=form.parts.clock(), is_test=is_test)
    except BadInput as error:
        return _show_keys(form.request, form.parts, human, problem=str(error), status=422)
    return _show_keys(form.request, form.parts, human, key=secret)


@router.post("/settings/keys/{key_id}/revoke")
def revoke_key(key_id: str, human: Admin, form: FormDep) -> Response:
    """End a key: here at once, in other processes when they ask the store again."""
    with form.parts.store() as work:
        end_key(work, key_id, by=human.id, at=form.parts.clock())
    form.request.app.state.keys.forget()
    return RedirectResponse("/keys", 303)

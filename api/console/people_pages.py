"""Settings: how the console looks for everyone; people and keys for administrators."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access import Admin, Agent, Human, clear_cookie
from api.console.desk import stuck
from api.console.form import FormDep
from api.console.look import CHOICES, render
from api.depends import Parts, PartsDep
from api.failures import Refusal
from care.access import Role, Scope
from care.errors import BadInput, Conflict
from care.people import add_person as keep_person
from care.people import change_password, new_person, sign_as, switch_person
from care.service_keys import make_key
from care.service_keys import revoke_key as end_key
from care.signing import LONGEST, SLOT
from wiring.passwords import hash_password, may_enter

router = APIRouter(include_in_schema=False)


def _show(
    request: Request, parts: Parts, human: Human, *, problem: str = "", key: str = "", status: int = 200
) -> HTMLResponse:
    is_admin = human.person.role is Role.ADMIN
    with parts.store() as work:
        people = work.access.people() if is_admin else []
        keys = work.access.keys() if is_admin else []
        n_stuck = stuck(work.lists.figures())
    return render(
        request,
        "settings.html",
        status=status,
        human=human,
        people=people,
        keys=keys,
        is_admin=is_admin,
        roles=list(Role),
        scopes=list(Scope),
        choices=CHOICES,
        problem=problem,
        new_key=key,
        longest_signature=LONGEST,
        signing=[rules for rules in parts.playbook.channels.values() if SLOT in rules.sign_off],
        n_stuck=n_stuck,
    )


@router.get("/settings")
def read_settings(request: Request, human: Agent, parts: PartsDep) -> HTMLResponse:
    return _show(request, parts, human)


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
        )
        with form.parts.store() as work:
            keep_person(work, person, by=human.id)
    except (BadInput, Conflict) as error:
        return _show(form.request, form.parts, human, problem=str(error), status=422)
    return RedirectResponse("/settings", 303)


@router.post("/settings/people/{person_id}")
def change_person(person_id: str, human: Admin, form: FormDep) -> Response:
    """Keep somebody out, or let them in again."""
    try:
        with form.parts.store() as work:
            switch_person(work, person_id, is_active=form.text("is_active") == "yes", by=human.id)
    except Conflict as error:
        return _show(form.request, form.parts, human, problem=str(error), status=409)
    return RedirectResponse("/settings", 303)


@router.post("/settings/keys")
def add_key(human: Admin, form: FormDep) -> Response:
    """Make a key; it is shown on this one page and never again."""
    scopes = [scope for scope in Scope if form.text(f"scope.{scope}") == "on"]
    try:
        with form.parts.store() as work:
            secret, _ = make_key(work, form.text("name"), scopes, by=human.id, now=form.parts.clock())
    except BadInput as error:
        return _show(form.request, form.parts, human, problem=str(error), status=422)
    return _show(form.request, form.parts, human, key=secret)


@router.post("/settings/keys/{key_id}/revoke")
def revoke_key(key_id: str, human: Admin, form: FormDep) -> Response:
    """End a key: here at once, in other processes when they ask the store again."""
    with form.parts.store() as work:
        end_key(work, key_id, by=human.id, at=form.parts.clock())
    form.request.app.state.keys.forget()
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

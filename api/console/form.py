"""A form that has proved it is ours, and where it leads: on, back, or to the same page with what is in the way."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access import Agent, Human, administering, check_same_site, check_token, leading
from api.console import wording
from api.console.composer_view import BOXES, composer_of
from api.console.desk import DeskQuery, Refused, names_of, show_desk
from api.console.standing_view import chip_of
from api.depends import Parts, PartsDep
from api.failures import Refusal
from api.narrowing import written
from api.reading import form_body
from care.case import Case
from care.case_file import CaseFile
from care.errors import AlreadyDecided, BadReply, Conflict, NotFound, SensitiveBlocked, StaleVersion
from care.hold import HELD
from care.lists import View


class Form:
    """A form that has proved it is ours: who sent it, and its fields."""

    def __init__(self, request: Request, human: Human, parts: Parts, fields: dict[str, str]) -> None:
        self.request, self.human, self.parts, self.fields = request, human, parts, fields

    def text(self, name: str) -> str:
        return self.fields.get(name, "")

    def number(self, name: str) -> int:
        digits = self.fields.get(name, "")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
            raise Refusal("validation_failed")
        return int(digits)

    @property
    def desk(self) -> DeskQuery:
        """The list that the page shows: its field `view` holds what stands behind `?view=` in the address."""
        name, _, rest = self.text("view").partition("&")
        asked = dict(parse_qsl(rest[:2000]))
        view = View(name) if name in set(View) else View.NOW_DUE
        return DeskQuery(view=view, q=asked.get("q", "")[:200] or None, narrowed=written(asked))


async def _form(request: Request) -> dict[str, str]:
    return await form_body(request)


def checked_form(
    request: Request, human: Agent, parts: PartsDep, fields: Annotated[dict[str, str], Depends(_form)]
) -> Form:
    check_form(request, parts, human, fields)
    return Form(request, human, parts, fields)


FormDep = Annotated[Form, Depends(checked_form)]


async def a_lead_form(form: FormDep) -> Form:
    leading(form.human)
    return form


LeadFormDep = Annotated[Form, Depends(a_lead_form)]
"""A form of a supervisor or an administrator."""


async def an_admin_form(form: FormDep) -> Form:
    administering(form.human)
    return form


AdminFormDep = Annotated[Form, Depends(an_admin_form)]
"""A form of an administrator."""


def check_form(request: Request, parts: Parts, human: Human, fields: Mapping[str, str]) -> None:
    """Every form of ours carries the session's token and comes from our own page. Raises Refusal."""
    check_same_site(request, parts)
    check_token(request, human, fields.get("csrf", ""))


def to_case(case_id: str, form: Form, **more: str) -> Response:
    return RedirectResponse(f"/cases/{case_id}?{_address(form, more)}", 303)


def to_list(form: Form, **more: str) -> Response:
    return RedirectResponse(f"/?{_address(form, more)}", 303)


def _address(form: Form, more: Mapping[str, str]) -> str:
    return f"view={form.desk.where}" + (f"&{urlencode(more)}" if more else "")


def go_on(form: Form, **more: str) -> Response:
    """To the case that stood below this one in the list, else to the list."""
    below = form.text("next")[:64]
    if not below:
        return to_list(form, **more)
    try:
        with form.parts.reading() as work:
            work.cases.get(below)
    except NotFound:
        return to_list(form, **more)
    return to_case(below, form, **more)


def refused(case_id: str, form: Form, error: Exception, *, text: str | None = None) -> HTMLResponse:
    """The same case with what is in the way; no typed character is lost."""
    with form.parts.reading() as work:
        case, names = work.cases.latest(case_id), names_of(work)
    status = 409 if isinstance(error, Conflict) else 422
    if isinstance(error, SensitiveBlocked):
        said = [
            f"{wording.words(category)}. A reply never holds such a value, whoever wrote it."
            for category in _said(error)
        ]
    elif isinstance(error, BadReply):
        said = _said(error)
    elif isinstance(error, AlreadyDecided):
        who = (
            "You have" if error.decided_by == form.human.id else f"{names.get(error.decided_by or '', 'Somebody')} has"
        )
        what = ALREADY.get(error.state or "", f"{error.state} this suggestion")
        said = [f"{who} already {what}. The case is now: {_now(case.case, names)}.{_kept(case, text)}"]
    elif isinstance(error, Conflict) and error.state == HELD:
        said = [f"{names.get(error.by or '', 'Somebody')} holds this case now. Ask to take it over.{_kept(case, text)}"]
    elif isinstance(error, StaleVersion):
        status = 412
        look = " Read what is new, then send." if text else " Look at it again, then decide."
        said = [f"This case changed while you looked at it.{_kept(case, text)}{look}"]
    else:
        said = [f"{error}{_kept(case, text)}"]
        if isinstance(error, Conflict):
            said = [f"{error} The case is now: {_now(case.case, names)}.{_kept(case, text)}"]
    return show_desk(
        form.request,
        form.parts,
        form.human,
        form.desk,
        case_id=case_id,
        refused=Refused(said, form.fields, text=text, status=status),
    )


ALREADY = {
    "approved": "approved an answer to this message",
    "rejected": "rejected what was suggested here",
    "dismissed": "said that this message needs no answer",
    "superseded": "written to the customer, or the customer wrote again, since this was suggested",
}


def _said(error: BadReply) -> list[str]:
    fixes = {CONFIRM: "confirm the hour below by sending once more, or say that it is no promise"}
    said = []
    for problem in error.problems:
        fix = next((ours for mark, ours in fixes.items() if problem.fix.startswith(mark)), problem.fix)
        said.append(wording.capital(f"{problem.where}: {problem.what}{f' – {fix}' if fix else ''}"))
    return said


CONFIRM = "confirm "
"""How the fix begins where a text promises an hour that nobody confirmed."""


def _now(case: Case, names: Mapping[str, str]) -> str:
    return chip_of(case, names).text.removesuffix(" until").lower()


def _kept(case: CaseFile, text: str | None) -> str:
    """Where the text is that a person wrote, if they wrote one."""
    if not text:
        return ""
    return " Your text is kept below." if composer_of(case) in BOXES else " Your text was not sent; it stands below."

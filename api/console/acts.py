"""What a person does to a case: send, reject, dismiss, relabel, take it, hand it over, note, resolve, undo."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access import Agent, Human
from api.console import wording
from api.console.look import render
from api.console.pages import check_form, names_of, show_desk
from api.console.quoting import quoted_in
from api.console.see import BOXES, chip_of, composer_of, signed_as
from api.depends import Parts, PartsDep
from api.failures import Refusal
from api.reading import form_body
from care.answering import Words
from care.case import Case
from care.case_file import CaseFile
from care.channel_rules import rules_of
from care.decision import Action
from care.errors import AlreadyDecided, BadInput, BadReply, Conflict, NotFound, SensitiveBlocked, StaleVersion
from care.lists import View
from care.masking import mask
from care.message import Visibility
from care.offline import OfflineState
from care.outgoing import read_by
from care.reply import Approval, Rejection, RejectReason, Reply
from care.signing import signed
from care.times import moment_of


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
    def view(self) -> View:
        return View(self.text("view")) if self.text("view") in set(View) else View.NOW_DUE


async def _form(request: Request) -> dict[str, str]:
    return await form_body(request)


def checked_form(
    request: Request, human: Agent, parts: PartsDep, fields: Annotated[dict[str, str], Depends(_form)]
) -> Form:
    check_form(request, parts, human, fields)
    return Form(request, human, parts, fields)


FormDep = Annotated[Form, Depends(checked_form)]
router = APIRouter(include_in_schema=False)


def _to_case(case_id: str, form: Form, **more: str) -> Response:
    return RedirectResponse(f"/cases/{case_id}?{urlencode({'view': form.view, **more})}", 303)


def _to_list(form: Form, **more: str) -> Response:
    return RedirectResponse(f"/?{urlencode({'view': form.view, **more})}", 303)


def _on(form: Form, **more: str) -> Response:
    """To the case that stood below this one in the list, else to the list."""
    below = form.text("next")[:64]
    if not below:
        return _to_list(form, **more)
    try:
        with form.parts.reading() as work:
            work.cases.get(below)
    except NotFound:
        return _to_list(form, **more)
    return _to_case(below, form, **more)


def _again(case_id: str, form: Form, error: Exception, *, text: str | None) -> HTMLResponse:
    """The same case with what is in the way; no typed character is lost."""
    with form.parts.reading() as work:
        case, names = work.cases.latest(case_id), names_of(work)
    status = 409 if isinstance(error, Conflict) else 422
    if isinstance(error, SensitiveBlocked):
        said = [f"{wording.words(one)}. A reply never holds such a value, whoever wrote it." for one in _said(error)]
    elif isinstance(error, BadReply):
        said = _said(error)
    elif isinstance(error, AlreadyDecided):
        who = (
            "You have" if error.decided_by == form.human.id else f"{names.get(error.decided_by or '', 'Somebody')} has"
        )
        what = ALREADY.get(error.state or "", f"{error.state} this suggestion")
        said = [f"{who} already {what}. The case is now: {_now(case.case, names)}.{_kept(case, text)}"]
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
        case_id=case_id,
        view=form.view,
        text=text,
        none_of=form.text("quoted") if form.text("no_promise") else "",
        problems=said,
        typed=form.fields,
        status=status,
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
    for one in error.problems:
        fix = next((ours for mark, ours in fixes.items() if one.fix.startswith(mark)), one.fix)
        said.append(wording.capital(f"{one.where}: {one.what}{f' – {fix}' if fix else ''}"))
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


@router.post("/cases/{case_id}/send")
def send_reply(case_id: str, form: FormDep) -> Response:
    """Approve the text in the composer: as it was drafted, edited, in own words, or to close an offline matter."""
    text, journey, by = form.text("text"), form.parts.journey, form.human.id
    with form.parts.reading() as work:
        case = work.cases.latest(case_id)
    try:
        if form.text("mode") == "approve":
            if case.suggestion is None or case.suggestion.id != form.text("suggestion"):
                raise StaleVersion("Another suggestion stands here now.")
            draft = form.number("draft")
            promise, is_none = _promised(form, case, draft=draft)
            approval = Approval(
                by,
                text,
                form.number("version"),
                draft,
                promise=promise,
                is_no_promise=is_none,
                pointer=_pointer(form),
            )
            reply = journey.approve(case.suggestion.id, approval)
        else:
            turn = form.number("turn") if form.text("turn") else case.case.turn
            promise, is_none = _promised(form, case, draft=None)
            key = form.text("key")[:64] or None
            own = Words(
                by,
                text,
                promise=promise,
                turn=turn,
                request_key=key,
                is_no_promise=is_none,
                pointer=_pointer(form),
            )
            write = journey.answering.close_in_public if form.text("mode") == "close" else journey.answering.answer
            reply = write(case.message.id, own)
    except (BadReply, Conflict) as error:
        return _again(case_id, form, error, text=text)
    if form.text("then") == "next":
        return _on(form, undo=reply.id)
    return _to_case(case_id, form, undo=reply.id)


def _pointer(form: Form) -> str | None:
    """What is said in public beside a private answer, where that was wanted."""
    return form.text("pointer") if form.text("also") and form.text("mode") != "close" else None


def _promised(form: Form, case: CaseFile, *, draft: int | None) -> tuple[datetime | None, bool]:
    """The hour a person confirmed by sending, and whether they said that it is none.

    What they saw counts only while the text still says it in the same words: else they are asked again.
    """
    drafts = case.suggestion.drafts if case.suggestion else ()
    chosen = drafts[draft] if draft is not None and draft < len(drafts) else None
    now = form.parts.clock()
    found = quoted_in(form.text("text"), case, form.parts, draft=chosen, now=now)
    if found is None or found.words != form.text("quoted"):
        return None, False
    if form.text("no_promise"):
        return None, True
    try:
        return moment_of(form.text("promise")), False
    except ValueError:
        return None, False


@router.post("/cases/{case_id}/reject")
def reject_drafts(case_id: str, form: FormDep) -> Response:
    """No draft will do, and why. The composer stays for a person's own words."""
    if form.text("reason") not in set(RejectReason):
        raise Refusal("validation_failed", detail="Choose why.")
    with form.parts.reading() as work:
        case = work.cases.latest(case_id)
    rejection = Rejection(
        by=form.human.id,
        version=form.number("version"),
        reason=RejectReason(form.text("reason")),
        note=form.text("note")[:1000] or None,
    )
    try:
        if case.suggestion is None:
            raise StaleVersion("There is no suggestion.")
        form.parts.journey.answering.reject(case.suggestion.id, rejection)
    except Conflict as error:
        return _again(case_id, form, error, text=None)
    return _to_case(case_id, form)


@router.post("/cases/{case_id}/reconsider")
def reconsider_case(case_id: str, form: FormDep) -> Response:
    """Take a rejection or a dismissal back: what was suggested stands there again."""
    with form.parts.reading() as work:
        case, suggestion = work.cases.latest(case_id).case, work.suggestions.get(form.text("suggestion")[:64])
    if suggestion.case_id != case.id:
        raise NotFound("suggestion", suggestion.id)
    try:
        form.parts.journey.answering.reconsider(suggestion.id, by=form.human.id)
    except Conflict as error:
        return _again(case_id, form, error, text=None)
    return _to_case(case_id, form)


@router.post("/cases/{case_id}/dismiss")
def dismiss_case(case_id: str, form: FormDep) -> Response:
    """This message needs no answer."""
    with form.parts.reading() as work:
        case = work.cases.latest(case_id)
    try:
        if case.suggestion is None:
            raise StaleVersion("There is no suggestion.")
        form.parts.journey.answering.dismiss(case.suggestion.id, by=form.human.id, version=form.number("version"))
    except Conflict as error:
        return _again(case_id, form, error, text=None)
    return _on(form, decided=case.suggestion.id)


@router.post("/cases/{case_id}/labels")
def relabel_case(case_id: str, form: FormDep) -> Response:
    """Keep the labels a person chose, where they differ."""
    with form.parts.reading() as work:
        case = work.cases.latest(case_id)
    current = case.labels
    labels = {task: form.text(f"label.{task}")[:128] for task in current if form.text(f"label.{task}")}
    changed = {task: label for task, label in labels.items() if label != current[task]}
    if changed:
        form.parts.journey.casework.relabel(case.message.id, by=form.human.id, labels=changed)
    return _to_case(case_id, form)


@router.post("/cases/{case_id}/decision")
def decide_otherwise(case_id: str, form: FormDep) -> Response:
    """Put a person's action or team in place of ours, with the reason."""
    if form.text("action") not in set(Action):
        raise Refusal("validation_failed")
    try:
        with form.parts.reading() as work:
            message_id = work.cases.latest(case_id).message.id
        form.parts.journey.casework.override(
            message_id,
            by=form.human.id,
            reason=form.text("reason")[:500],
            action=Action(form.text("action")),
            team=form.text("team").strip()[:64] or None,
        )
    except (Conflict, BadReply, BadInput) as error:
        return _again(case_id, form, error, text=None)
    return _to_case(case_id, form)


@router.post("/cases/{case_id}/assign")
def assign_case(case_id: str, form: FormDep) -> Response:
    """Take a case, or put it back."""
    agent = form.human.id if form.text("to") == "me" else None
    with form.parts.reading() as work:
        case = work.cases.latest(case_id).case
    form.parts.journey.casework.assign(case.id, by=form.human.id, to=agent)
    return _to_case(case_id, form)


@router.post("/cases/{case_id}/offline")
def move_offline(case_id: str, form: FormDep) -> Response:
    """Take the offline task to its next state."""
    if form.text("state") not in set(OfflineState):
        raise Refusal("validation_failed")
    with form.parts.reading() as work:
        known = work.cases.latest(case_id).case
    try:
        state = OfflineState(form.text("state"))
        form.parts.journey.casework.move_offline(
            known.id, state, by=form.human.id, waiver=form.text("waiver")[:1000] or None
        )
    except Conflict as error:
        return _again(case_id, form, error, text=None)
    return _to_case(case_id, form)


@router.post("/cases/{case_id}/resolve")
def resolve_case(case_id: str, form: FormDep) -> Response:
    """Close the thread, and ask whether the customer is content if that was wanted."""
    question = form.parts.playbook.question if form.text("ask") == "yes" else ""
    with form.parts.reading() as work:
        known = work.cases.latest(case_id).case
    try:
        form.parts.journey.casework.resolve(known.id, by=form.human.id, question=question or None)
    except (Conflict, BadReply) as error:
        return _again(case_id, form, error, text=None)
    return _on(form)


@router.post("/cases/{case_id}/reopen")
def reopen_case(case_id: str, form: FormDep) -> Response:
    """Open a resolved case again."""
    try:
        with form.parts.reading() as work:
            known = work.cases.latest(case_id).case
        form.parts.journey.casework.reopen(known.id, by=form.human.id)
    except Conflict as error:
        return _again(case_id, form, error, text=None)
    return _to_case(case_id, form)


@router.post("/cases/{case_id}/notes")
def add_note(case_id: str, form: FormDep) -> Response:
    """Keep a word for colleagues; the customer never sees it."""
    try:
        with form.parts.reading() as work:
            known = work.cases.latest(case_id).case
        form.parts.journey.casework.note(known.id, by=form.human.id, text=form.text("note"))
    except BadInput as error:
        return _again(case_id, form, error, text=None)
    return _to_case(case_id, form)


@router.post("/cases/{case_id}/hand-over")
def hand_over_case(case_id: str, form: FormDep) -> Response:
    """Put the matter into the hands of a team or contact, who is told at once."""
    try:
        with form.parts.reading() as work:
            known = work.cases.latest(case_id).case
        to, reason = form.text("to")[:120], form.text("why")[:1000]
        form.parts.journey.handing_over.hand_over(known.id, to=to, by=form.human.id, reason=reason)
    except (BadInput, Conflict) as error:
        return _again(case_id, form, error, text=None)
    return _to_case(case_id, form)


@router.post("/cases/{case_id}/handovers/{handover_id}/call-back")
def call_back(case_id: str, handover_id: str, form: FormDep) -> Response:
    """Take the matter back from whom it was handed to."""
    try:
        form.parts.journey.handing_over.call_back(handover_id, by=form.human.id)
    except Conflict as error:
        return _again(case_id, form, error, text=None)
    return _to_case(case_id, form)


@router.post("/replies/{reply_id}/undo")
def undo_reply(reply_id: str, form: FormDep) -> Response:
    """Take a reply back; its text stands in the composer again."""
    with form.parts.reading() as work:
        case_id = work.replies.get(reply_id).case_id
    try:
        form.parts.journey.answering.withdraw(reply_id, by=form.human.id)
    except Conflict as error:
        return _again(case_id, form, error, text=None)
    return _to_case(case_id, form, restore=reply_id)


@router.post("/replies/{reply_id}/again")
def send_again(reply_id: str, form: FormDep) -> Response:
    """Send a reply once more that failed, was held, or of which nobody knows."""
    return _settled(reply_id, form, form.parts.journey.answering.send_again)


@router.post("/replies/{reply_id}/sent")
def mark_sent(reply_id: str, form: FormDep) -> Response:
    """A person saw it on the channel."""
    return _settled(reply_id, form, form.parts.journey.answering.mark_sent)


def _settled(reply_id: str, form: Form, step: Callable[..., Reply]) -> Response:
    with form.parts.reading() as work:
        case_id = work.replies.get(reply_id).case_id
    try:
        step(reply_id, by=form.human.id)
    except Conflict as error:
        return _again(case_id, form, error, text=None)
    if form.text("back") == "case":
        return _to_case(case_id, form)
    return RedirectResponse("/needs-a-look", 303)


@router.post("/cases/{case_id}/prepare")
def prepare_again(case_id: str, form: FormDep) -> Response:
    """Have a parked message read and answered once more."""
    with form.parts.reading() as work:
        message_id = work.cases.latest(case_id).message.id
    form.parts.journey.casework.take_up(message_id, by=form.human.id)
    return RedirectResponse("/needs-a-look", 303)


@router.post("/cases/{case_id}/tone")
def check_tone(case_id: str, form: FormDep, box: Literal["text", "pointer"] = "text") -> HTMLResponse:
    """The tone check on what stands in a box of the composer right now, signed as it goes out. Nothing is kept."""
    with form.parts.reading() as work:
        case = work.cases.latest(case_id)
    labels, channel = case.labels, case.message.channel
    text = form.text(box)[:20_000]
    is_private = box == "text" and _pointer(form) is not None
    place = Visibility.PRIVATE if is_private else case.message.visibility
    rules, signs_as = rules_of(form.parts.playbook.channels, channel), form.human.person.signs_as
    report = form.parts.journey.tone.check(
        signed(text, rules=rules, by=signs_as),
        channel=channel,
        to=case.message.text,
        mood=labels.get("sentiment"),
        urgency=labels.get("urgency"),
        visibility=place,
    )
    # Only a warning: sending looks again, and refuses when it cannot look.
    hidden = mask(text, redactor=form.parts.journey.redactor, is_public=read_by(place)).may_not_go_out
    drafts = case.suggestion.drafts if case.suggestion and form.text("mode") == "approve" else ()
    at = form.number("draft") if drafts and form.text("draft") else len(drafts)
    quoted = None
    if box == "text":
        quoted = quoted_in(
            text,
            case,
            form.parts,
            draft=drafts[at] if at < len(drafts) else None,
            now=form.parts.clock(),
            none_of=form.text("quoted") if form.text("no_promise") else "",
        )
    return render(
        form.request,
        "tone.html",
        human=form.human,
        report=report,
        hidden=hidden,
        quoted=quoted,
        box=box,
        signature=signed_as(text, rules, signs_as),
    )

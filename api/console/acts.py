"""What a person does to a case: send, reject, dismiss, relabel, take it, offline steps, resolve, undo."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access import Agent, Human
from api.console import words
from api.console.look import render
from api.console.pages import check_form, show_desk
from api.depends import Parts, PartsDep
from api.failures import Refusal
from api.reading import form_body
from care.decision import Action
from care.desk import View
from care.errors import AlreadyDecided, BadInput, BadReply, Conflict, SensitiveBlocked, StaleVersion
from care.masking import masked
from care.offline import OfflineState
from care.reply import Approval, Rejection, RejectReason


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


def _to_case(message_id: str, form: Form, **more: str) -> Response:
    return RedirectResponse(f"/cases/{message_id}?{urlencode({'view': form.view, **more})}", 303)


def _to_list(form: Form, **more: str) -> Response:
    return RedirectResponse(f"/?{urlencode({'view': form.view, **more})}", 303)


def _again(message_id: str, form: Form, error: Exception, *, text: str | None) -> HTMLResponse:
    """The same case with what is in the way; no typed character is lost."""
    if isinstance(error, BadReply):
        said = [words.capital(f"{p.where}: {p.what}{f' – {p.fix}' if p.fix else ''}") for p in error.problems]
        if isinstance(error, SensitiveBlocked):
            said = [f"{words.words(one)}. A reply never holds such a value, whoever wrote it." for one in said]
        status = 422
    elif isinstance(error, AlreadyDecided):
        said, status = [f"Somebody else has already {error.state} this suggestion. Your text is kept below."], 409
    elif isinstance(error, StaleVersion):
        said, status = ["This case changed while you looked at it. Your text is kept; look again before you send."], 412
    else:
        said, status = [str(error)], 409 if isinstance(error, Conflict) else 422
    return show_desk(
        form.request,
        form.parts,
        form.human,
        message_id=message_id,
        view=form.view,
        text=text,
        problems=said,
        status=status,
    )


@router.post("/cases/{message_id}/send")
def send_reply(message_id: str, form: FormDep) -> Response:
    """Approve the text in the composer: as it was drafted, edited, in own words, or to close an offline matter."""
    text, journey, by = form.text("text"), form.parts.journey, form.human.id
    with form.parts.reading() as work:
        case = work.desk.case(message_id)
    try:
        if form.text("mode") == "approve":
            approval = Approval(by=by, text=text, version=form.number("version"), draft=form.number("draft"))
            if case.suggestion is None or case.suggestion.id != form.text("suggestion"):
                raise StaleVersion("Another suggestion stands here now.")
            reply = journey.approve(case.suggestion.id, approval)
        elif form.text("mode") == "close":
            reply = journey.close_in_public(case.message.thread_id, by=by, text=text)
        else:
            reply = journey.answer(message_id, by=by, text=text)
    except (BadReply, Conflict) as error:
        return _again(message_id, form, error, text=text)
    if form.text("then") == "next":
        return _to_list(form, undo=reply.id)
    return _to_case(message_id, form, undo=reply.id)


@router.post("/cases/{message_id}/reject")
def reject_drafts(message_id: str, form: FormDep) -> Response:
    """No draft will do, and why. The composer stays for a person's own words."""
    if form.text("reason") not in set(RejectReason):
        raise Refusal("validation_failed", detail="Choose why.")
    with form.parts.reading() as work:
        case = work.desk.case(message_id)
    rejection = Rejection(
        by=form.human.id,
        version=form.number("version"),
        reason=RejectReason(form.text("reason")),
        note=form.text("note")[:1000] or None,
    )
    try:
        if case.suggestion is None:
            raise StaleVersion("There is no suggestion.")
        form.parts.journey.reject(case.suggestion.id, rejection)
    except Conflict as error:
        return _again(message_id, form, error, text=None)
    return _to_case(message_id, form)


@router.post("/cases/{message_id}/dismiss")
def dismiss_case(message_id: str, form: FormDep) -> Response:
    """This message needs no answer."""
    with form.parts.reading() as work:
        case = work.desk.case(message_id)
    try:
        if case.suggestion is None:
            raise StaleVersion("There is no suggestion.")
        form.parts.journey.dismiss(case.suggestion.id, by=form.human.id, version=form.number("version"))
    except Conflict as error:
        return _again(message_id, form, error, text=None)
    return _to_list(form)


@router.post("/cases/{message_id}/labels")
def relabel_case(message_id: str, form: FormDep) -> Response:
    """Keep the labels a person chose, where they differ."""
    with form.parts.reading() as work:
        case = work.desk.case(message_id)
    tasks = case.classification.tasks if case.classification else {}
    labels = {task: form.text(f"label.{task}")[:128] for task in tasks if form.text(f"label.{task}")}
    current = {task: judgement.label for task, judgement in tasks.items()} | dict(case.corrections)
    changed = {task: label for task, label in labels.items() if label != current.get(task)}
    if changed:
        form.parts.journey.relabel(message_id, by=form.human.id, labels=changed)
    return _to_case(message_id, form)


@router.post("/cases/{message_id}/decision")
def decide_otherwise(message_id: str, form: FormDep) -> Response:
    """Put a person's action or team in place of ours, with the reason."""
    if form.text("action") not in set(Action):
        raise Refusal("validation_failed")
    try:
        form.parts.journey.override(
            message_id,
            by=form.human.id,
            reason=form.text("reason")[:500],
            action=Action(form.text("action")),
            team=form.text("team").strip()[:64] or None,
        )
    except (Conflict, BadReply, BadInput) as error:
        return _again(message_id, form, error, text=None)
    return _to_case(message_id, form)


@router.post("/cases/{message_id}/assign")
def assign_case(message_id: str, form: FormDep) -> Response:
    """Take a case, or put it back."""
    agent = form.human.id if form.text("to") == "me" else None
    with form.parts.store() as work:
        work.desk.case(message_id)
        work.desk.assign(message_id, agent)
        work.note("message.assigned", message_id, by=form.human.id, facts={"to": agent})
    return _to_case(message_id, form)


@router.post("/cases/{message_id}/offline")
def move_offline(message_id: str, form: FormDep) -> Response:
    """Take the offline task to its next state."""
    if form.text("state") not in set(OfflineState):
        raise Refusal("validation_failed")
    with form.parts.reading() as work:
        thread_id = work.desk.case(message_id).message.thread_id
    try:
        state = OfflineState(form.text("state"))
        form.parts.journey.move_offline(thread_id, state, by=form.human.id, waiver=form.text("waiver")[:1000] or None)
    except Conflict as error:
        return _again(message_id, form, error, text=None)
    return _to_case(message_id, form)


@router.post("/cases/{message_id}/resolve")
def resolve_case(message_id: str, form: FormDep) -> Response:
    """Close the thread, and ask whether the customer is content if that was wanted."""
    question = form.parts.playbook.question if form.text("ask") == "yes" else ""
    with form.parts.reading() as work:
        thread_id = work.desk.case(message_id).message.thread_id
    try:
        form.parts.journey.resolve(thread_id, by=form.human.id, question=question or None)
    except (Conflict, BadReply) as error:
        return _again(message_id, form, error, text=None)
    return _to_list(form)


@router.post("/replies/{reply_id}/undo")
def undo_reply(reply_id: str, form: FormDep) -> Response:
    """Take a reply back; its text stands in the composer again."""
    with form.parts.reading() as work:
        message_id = work.replies.get(reply_id).message_id
    try:
        form.parts.journey.withdraw(reply_id, by=form.human.id)
    except Conflict as error:
        return _again(message_id, form, error, text=None)
    return _to_case(message_id, form, restore=reply_id)


@router.post("/replies/{reply_id}/again")
def send_again(reply_id: str, form: FormDep) -> Response:
    """Send a reply once more that failed or of which nobody knows."""
    form.parts.journey.send_again(reply_id, by=form.human.id)
    return RedirectResponse("/needs-a-look", 303)


@router.post("/replies/{reply_id}/sent")
def mark_sent(reply_id: str, form: FormDep) -> Response:
    """A person saw it on the channel."""
    form.parts.journey.mark_sent(reply_id, by=form.human.id)
    return RedirectResponse("/needs-a-look", 303)


@router.post("/cases/{message_id}/tone")
def check_tone(message_id: str, form: FormDep) -> HTMLResponse:
    """The tone check on what stands in the composer right now. Nothing is kept."""
    with form.parts.reading() as work:
        case = work.desk.case(message_id)
    labels = {t: j.label for t, j in case.classification.tasks.items()} if case.classification else {}
    text = form.text("text")[:20_000]
    report = form.parts.journey.tone.check(
        text,
        channel=case.message.channel,
        to=case.message.text,
        mood=labels.get("sentiment"),
        urgency=labels.get("urgency"),
    )
    # Only a warning: sending looks again, and refuses when it cannot look.
    hidden = masked(text, redactor=form.parts.journey.redactor).may_not_go_out
    return render(form.request, "tone.html", human=form.human, report=report, text=text, hidden=hidden)

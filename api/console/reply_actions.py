"""What a person does about an answer: send it, take it back, send it again, look at its tone."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.console.composer_view import signed_as
from api.console.form import Form, FormDep, go_on, refused, to_case
from api.console.look import render
from api.console.quoting import quoted_in
from api.console.verdict import verdict_of
from care.answering import Words
from care.case_file import CaseFile
from care.channel_rules import rules_of
from care.colleague_reading import ColleagueReading
from care.errors import BadReply, BadStep, Conflict, StaleVersion
from care.masking import mask
from care.message import Visibility
from care.outgoing import read_by
from care.reply import Approval, Reply
from care.signing import signed
from care.times import moment_of
from care.writing import bring_back

router = APIRouter(include_in_schema=False)


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
                fence=_fence(form),
            )
            journey.approve(case.suggestion.id, approval)
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
                fence=_fence(form),
            )
            write = journey.answering.close_in_public if form.text("mode") == "close" else journey.answering.answer
            write(case.message.id, own)
    except (BadReply, Conflict) as error:
        return refused(case_id, form, error, text=text)
    if form.text("then") == "next":
        return go_on(form)
    return to_case(case_id, form)


def _fence(form: Form) -> int | None:
    """The number of the hold under which it was written, where the page had one."""
    return form.number("fence") if form.text("fence") else None


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
    quoted = quoted_in(form.text("text"), case, form.parts, draft=chosen, now=now)
    if quoted is None or quoted.words != form.text("quoted"):
        return None, False
    if form.text("no_promise"):
        return None, True
    try:
        return moment_of(form.text("promise")), False
    except ValueError:
        return None, False


@router.post("/replies/{reply_id}/undo")
def undo_reply(reply_id: str, form: FormDep) -> Response:
    """Take a reply back; its text stands in the composer again."""
    with form.parts.reading() as work:
        case_id = work.replies.get(reply_id).case_id
    try:
        form.parts.journey.answering.withdraw(reply_id, by=form.human.id)
    except Conflict as error:
        return refused(case_id, form, error)
    _bring_back(form, reply_id)
    return to_case(case_id, form, restore=reply_id)


def _bring_back(form: Form, reply_id: str) -> None:
    """What was taken back is unsent text of its author again, beside what else they wrote since."""
    with form.parts.store() as work:
        bring_back(work, work.replies.get(reply_id), to=form.human.id, now=form.parts.clock())


@router.post("/replies/{reply_id}/again")
def send_again(reply_id: str, form: FormDep) -> Response:
    """Send a reply once more that failed, was held, or of which nobody knows."""
    return _settled(reply_id, form, form.parts.journey.answering.send_again)


@router.post("/replies/{reply_id}/sent")
def mark_sent(reply_id: str, form: FormDep) -> Response:
    """A person saw it on the channel."""
    return _settled(reply_id, form, form.parts.journey.answering.mark_sent)


@router.post("/replies/{reply_id}/read")
def let_go_out(reply_id: str, form: FormDep) -> Response:
    """A colleague read a reply that waits for it, and lets it go out."""
    return _settled(reply_id, form, ColleagueReading(form.parts.journey.answering).agree)


@router.post("/replies/{reply_id}/give-back")
def give_back_reply(reply_id: str, form: FormDep) -> Response:
    """A colleague gives a reply back to its author and says why."""
    give_back = ColleagueReading(form.parts.journey.answering).give_back
    return _settled(reply_id, form, lambda reply_id, by: give_back(reply_id, by=by, why=form.text("why")))


def _settled(reply_id: str, form: Form, step: Callable[..., Reply]) -> Response:
    with form.parts.reading() as work:
        case_id = work.replies.get(reply_id).case_id
    try:
        step(reply_id, by=form.human.id)
    except (BadStep, Conflict) as error:
        return refused(case_id, form, error)
    if form.text("back") == "case":
        return to_case(case_id, form)
    return RedirectResponse("/needs-a-look", 303)


@router.post("/cases/{case_id}/tone")
def check_tone(case_id: str, form: FormDep, box: Literal["text", "pointer"] = "text") -> HTMLResponse:
    """The tone check on what stands in a box of the composer right now, signed as it goes out. Nothing is kept."""
    with form.parts.reading() as work:
        case = work.cases.latest(case_id)
    labels, channel = case.labels, case.message.origin.channel
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
        verdict=verdict_of(text, report, quoted=quoted, hidden=hidden),
        quoted=quoted,
        box=box,
        signature=signed_as(text, rules, signs_as),
    )

"""What a person does to a case beside answering it: dismiss, relabel, take it, hand it over, note, resolve."""

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from api.console.form import Form, FormDep, go_on, refused, to_case
from api.failures import Refusal
from care.case_file import CaseFile
from care.decision import Action
from care.errors import BadInput, BadReply, Conflict, NotFound, StaleVersion
from care.offline import OfflineState
from care.reply import Rejection, RejectReason, SuggestionState
from care.snooze import until_of
from care.snoozing import snooze, wake
from care.taking_back import rejected_drafts

router = APIRouter(include_in_schema=False)


@router.post("/cases/{case_id}/reject")
def reject_drafts(case_id: str, form: FormDep) -> Response:
    """This draft will not do, and why: the next one is shown. After the last one the box stays for own words."""
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
        draft = form.number("draft") if form.text("draft") else None
        left = _left(form, case, without=draft)
        if draft is not None and left and not form.text("all"):
            form.parts.journey.answering.reject_draft(case.suggestion.id, draft, rejection)
            return to_case(case_id, form, draft=str(left[0]))
        form.parts.journey.answering.reject(case.suggestion.id, rejection)
    except Conflict as error:
        return refused(case_id, form, error)
    return to_case(case_id, form)


def _left(form: Form, case: CaseFile, *, without: int | None) -> list[int]:
    """The drafts that nobody rejected, those behind this one first."""
    suggestion = case.suggestion
    if suggestion is None or suggestion.choice.state is not SuggestionState.PROPOSED:
        return []
    with form.parts.reading() as work:
        out = rejected_drafts(work, case.case.id, suggestion.id)
    left = [n for n in range(len(suggestion.drafts[:3])) if n not in out and n != without]
    return sorted(left, key=lambda n: n < (without or 0))


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
        return refused(case_id, form, error)
    return to_case(case_id, form)


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
        return refused(case_id, form, error)
    return go_on(form)


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
    return to_case(case_id, form)


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
        return refused(case_id, form, error)
    return to_case(case_id, form)


@router.post("/cases/{case_id}/assign")
def assign_case(case_id: str, form: FormDep) -> Response:
    """Take a case, or put it back."""
    agent = form.human.id if form.text("to") == "me" else None
    with form.parts.reading() as work:
        case = work.cases.latest(case_id).case
    form.parts.journey.casework.assign(case.id, by=form.human.id, to=agent)
    return to_case(case_id, form)


@router.post("/cases/{case_id}/snooze")
def snooze_case(case_id: str, form: FormDep) -> Response:
    """Put a case out of its list until a time that was chosen, or a day."""
    now, zone = form.parts.clock(), form.parts.playbook.policy.zone
    try:
        until = until_of(form.text("until") or form.text("day"), now, zone=zone)
        snooze(form.parts.store, _case_id(case_id, form), by=form.human.id, until=until, now=now)
    except (Conflict, BadInput) as error:
        return refused(case_id, form, error)
    return go_on(form)


@router.post("/cases/{case_id}/wake")
def wake_case(case_id: str, form: FormDep) -> Response:
    """Bring a snoozed case back."""
    try:
        wake(form.parts.store, _case_id(case_id, form), by=form.human.id)
    except Conflict as error:
        return refused(case_id, form, error)
    return to_case(case_id, form)


def _case_id(case_id: str, form: Form) -> str:
    """The id of a case, also where that of a message of it stands in the address."""
    with form.parts.reading() as work:
        return work.cases.latest(case_id).case.id


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
        return refused(case_id, form, error)
    return to_case(case_id, form)


@router.post("/cases/{case_id}/resolve")
def resolve_case(case_id: str, form: FormDep) -> Response:
    """Close the thread, and ask whether the customer is content if that was wanted."""
    question = form.parts.playbook.question if form.text("ask") == "yes" else ""
    with form.parts.reading() as work:
        known = work.cases.latest(case_id).case
    try:
        form.parts.journey.casework.resolve(known.id, by=form.human.id, question=question or None)
    except (Conflict, BadReply) as error:
        return refused(case_id, form, error)
    return go_on(form)


@router.post("/cases/{case_id}/reopen")
def reopen_case(case_id: str, form: FormDep) -> Response:
    """Open a resolved case again."""
    try:
        with form.parts.reading() as work:
            known = work.cases.latest(case_id).case
        form.parts.journey.casework.reopen(known.id, by=form.human.id)
    except Conflict as error:
        return refused(case_id, form, error)
    return to_case(case_id, form)


@router.post("/cases/{case_id}/notes")
def add_note(case_id: str, form: FormDep) -> Response:
    """Keep a word for colleagues; the customer never sees it."""
    try:
        with form.parts.reading() as work:
            known = work.cases.latest(case_id).case
        form.parts.journey.casework.note(known.id, by=form.human.id, text=form.text("note"))
    except BadInput as error:
        return refused(case_id, form, error)
    return to_case(case_id, form)


@router.post("/cases/{case_id}/hand-over")
def hand_over_case(case_id: str, form: FormDep) -> Response:
    """Put the matter into the hands of a team or contact, who is told at once."""
    try:
        with form.parts.reading() as work:
            known = work.cases.latest(case_id).case
        to, reason = form.text("to")[:120], form.text("why")[:1000]
        form.parts.journey.handing_over.hand_over(known.id, to=to, by=form.human.id, reason=reason)
    except (BadInput, Conflict) as error:
        return refused(case_id, form, error)
    return to_case(case_id, form)


@router.post("/cases/{case_id}/handovers/{handover_id}/call-back")
def call_back(case_id: str, handover_id: str, form: FormDep) -> Response:
    """Take the matter back from whom it was handed to."""
    try:
        form.parts.journey.handing_over.call_back(handover_id, by=form.human.id)
    except Conflict as error:
        return refused(case_id, form, error)
    return to_case(case_id, form)


@router.post("/cases/{case_id}/prepare")
def prepare_again(case_id: str, form: FormDep) -> Response:
    """Have a parked message read and answered once more."""
    with form.parts.reading() as work:
        message_id = work.cases.latest(case_id).message.id
    form.parts.journey.casework.take_up(message_id, by=form.human.id)
    return RedirectResponse("/needs-a-look", 303)

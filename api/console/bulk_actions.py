"""One thing done to the cases that are selected in the list; those that are left out are named."""

from collections.abc import Sequence

from fastapi import APIRouter
from fastapi.responses import Response

from api.console.desk import Refused, names_of, show_desk
from api.console.form import Form, FormDep, to_list
from api.console.undoing import who_wrote
from care.bulk import BulkAct, BulkWish, Skipped
from care.errors import BadInput
from care.snooze import until_of

router = APIRouter(include_in_schema=False)

CASE = "case."
"""What the field of a selected case begins with; behind it its id, in it the turn that was on the page."""


@router.post("/bulk")
def act_on_several(form: FormDep) -> Response:
    """Do one thing to every selected case."""
    try:
        done = form.parts.journey.bulk.do(_wish(form))
    except BadInput as error:
        refused = Refused([str(error)], status=422)
        return show_desk(form.request, form.parts, form.human, form.desk, refused=refused)
    if not done.skipped:
        return to_list(form)
    n = len(done.done)
    said = [f"Done for {n} {'case' if n == 1 else 'cases'}. Left out:", *_left_out(form, done.skipped)]
    refused = Refused(said, status=200 if done.done else 409)
    return show_desk(form.request, form.parts, form.human, form.desk, refused=refused)


def _wish(form: Form) -> BulkWish:
    """What the form asks for. Raises BadInput."""
    now = form.parts.clock()
    cases = {name.removeprefix(CASE)[:64]: form.number(name) for name in form.fields if name.startswith(CASE)}
    act, by = form.text("act"), form.human.id
    if act in (BulkAct.RESOLVE, BulkAct.DISMISS):
        return BulkWish(BulkAct(act), by, cases)
    kind, _, value = form.text("choice").partition(":")
    if kind not in set(BulkAct) or not value:
        raise BadInput("Choose what to do with the selected cases.")
    if kind == BulkAct.SNOOZE:
        until = until_of(value, now, zone=form.parts.playbook.policy.zone)
        return BulkWish(BulkAct.SNOOZE, by, cases, until=until)
    if kind == BulkAct.LABEL:
        return BulkWish(BulkAct.LABEL, by, cases, labels={"intent": value[:128]})
    to = {"me": by, "nobody": None}.get(value, value[:64])
    return BulkWish(BulkAct(kind), by, cases, to=to)


def _left_out(form: Form, skipped: Sequence[Skipped]) -> list[str]:
    names = who_wrote(form, [left.case_id for left in skipped])
    with form.parts.reading() as work:
        people = names_of(work)
    by = [f" ({people[left.by]})" if left.by and left.by in people else "" for left in skipped]
    return [f"{name}: {left.why}{who}" for name, left, who in zip(names, skipped, by, strict=True)]

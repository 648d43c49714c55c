"""Putting a case out of sight until an hour, and back. No clock stops: who snoozes past a target misses it."""

from datetime import datetime

from care.case import Case
from care.case_file import CaseFile
from care.errors import BadStep, Conflict
from care.ids import new_id
from care.pointing import IN_TROUBLE
from care.settling import end_snooze, settle
from care.snooze import LONGEST, Snooze
from care.times import rfc_3339
from care.unit_of_work import Store
from care.writing import refuse_held


def snooze(store: Store, case_id: str, *, by: str, until: datetime, now: datetime) -> Case:
    """Put a case that waits for us out of its list until then; one that is snoozed already is moved.

    Raises NotFound, BadStep for an hour that is past or too far away, and Conflict where nothing waits, where the
    matter cannot wait, or where something of it comes due now.
    """
    if not now < until <= now + LONGEST:
        raise BadStep("Choose a time to come, within a year.")
    with store() as work:
        case = work.cases.lock(case_id)
        refuse_held(work, case, by=by)
        _refuse_what_cannot_wait(work.cases.latest(case_id))
        work.snoozes.end(case_id, by=by)
        made = Snooze(new_id("snz", now=now), case_id, until, by, now, case.turn)
        work.snoozes.add(made)
        case = settle(work, case, by=by)
        back_at = case.standing.snoozed_until
        if back_at is None:
            raise Conflict("Nothing of this case waits for us.", state=case.standing.state)
        if back_at <= now:
            raise Conflict("Something of this case is due now.", state=case.standing.state)
        work.note("case.snoozed", case_id, by=by, facts={"until": rfc_3339(until)}, case_id=case_id)
        return case


def wake(store: Store, case_id: str, *, by: str) -> Case:
    """Bring a snoozed case back. Raises NotFound, and Conflict for one that is not snoozed."""
    with store() as work:
        case = work.cases.lock(case_id)
        if not end_snooze(work, case, by=by):
            raise Conflict("This case is not snoozed.", state=case.standing.state)
        return settle(work, case, by=by)


def _refuse_what_cannot_wait(file: CaseFile) -> None:
    if file.work == "preparing":
        raise Conflict("What the customer wrote is still being read.", state=file.case.standing.state)
    if file.offline is not None and file.offline.is_open:
        raise Conflict("This was taken offline, and stays in its list until it is closed.")
    if any(reply.sending.stage in IN_TROUBLE for reply in file.handled.replies):
        raise Conflict("A reply of this case needs a look first.", state=file.case.standing.state)
    if file.decision is not None and file.decision.is_always:
        raise Conflict("This cannot wait: its clock runs at any hour.", state=file.case.standing.state)

"""The path of a matter that left the open: opened, planned, moved on, its loop closed and reopened."""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from care.case import Case
from care.case_file import CaseFile
from care.decision import Decision
from care.errors import Conflict, NotFound
from care.ids import new_id
from care.message import Message
from care.offline import OfflineState, OfflineTask
from care.reply import Reply
from care.unit_of_work import Work


def open_task(
    work: Work,
    message: Message,
    *,
    categories: AbstractSet[str],
    due_at: datetime,
    now: datetime,
    owner: str | None = None,
) -> None:
    """Open the thread's offline task, and the thread with it. categories: kinds of sensitive data that were found."""
    task = OfflineTask(
        id=new_id("off", now=now),
        thread_id=message.thread_id,
        message_id=message.id,
        categories=tuple(sorted(categories)),
        state=OfflineState.OPEN,
        due_at=due_at,
        created_at=now,
        case_id=message.case_id,
        owner=owner,
    )
    if work.offline.open(task):
        facts = {"message_id": message.id}
        work.note("offline.opened", task.id, by="tactful", facts=facts, case_id=message.case_id)


def plan(work: Work, message: Message, decision: Decision, *, now: datetime) -> None:
    """Say who and by when, now that it is decided; a matter that is settled already stays so."""
    task = work.offline.of_case(message.case_id)
    if task is None or task.message_id != message.id:
        categories = {span.category for span in message.masking.spans}
        open_task(work, message, categories=categories, due_at=decision.due_at, now=now, owner=decision.team)
    elif task.is_open:
        work.offline.save(replace(task, owner=task.owner or decision.team, due_at=decision.due_at))


def task_of(work: Work, case_id: str) -> OfflineTask:
    """The case's latest offline task. Raises NotFound."""
    task = work.offline.of_case(case_id)
    if task is None:
        raise NotFound("offline task for case", case_id)
    return task


def moved(task: OfflineTask, state: OfflineState, *, by: str, at: datetime, waiver: str | None = None) -> OfflineTask:
    """The task at another state, not yet kept. Raises Conflict for a move that is not allowed."""
    try:
        return task.moved(state, by=by, at=at, waiver=waiver)
    except ValueError as error:
        raise Conflict(str(error)) from error


def refuse_closing(file: CaseFile) -> None:
    """Raises Conflict where there is no offline matter whose customer was reached, and whose loop is still open."""
    if file.offline is None or not file.offline.is_open:
        raise Conflict("Nothing of this case is offline; there is no loop to close.")
    if file.offline.state is OfflineState.OPEN:
        raise Conflict("Reach the customer on the safe channel first, then close the loop where it began.")


def close(work: Work, case: Case, closing: Reply, *, at: datetime) -> None:
    """The loop is closed by this reply. Raises Conflict before the customer was reached, and NotFound."""
    task = moved(task_of(work, case.id), OfflineState.CLOSED, by=closing.consent.approved_by, at=at)
    work.offline.save(task)
    facts = {"reply_id": closing.id}
    work.note("offline.closed", task.id, by=closing.consent.approved_by, facts=facts, case_id=case.id)


def reopen_loop(work: Work, closing: Reply, *, by: str, at: datetime) -> None:
    """The reply that closed the loop was taken back: the customer was reached, but it is not closed where it began."""
    task = work.offline.of_case(closing.case_id)
    if task is not None and task.state is OfflineState.CLOSED:
        work.offline.save(moved(task, OfflineState.CONTACTED, by=by, at=at))
        work.note("offline.contacted", task.id, by=by, case_id=closing.case_id)

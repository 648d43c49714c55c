"""After every step a case is put where everything that was kept of it says it stands."""

from dataclasses import replace
from datetime import datetime

from care.case import Case, Ending, Reopening, Resolution, standing
from care.errors import Conflict
from care.pointing import beside
from care.policy import Policy
from care.promise import Promise, PromiseState
from care.reply import Reply
from care.times import rfc_3339
from care.unit_of_work import Work


def settle(work: Work, case: Case, *, by: str) -> Case:
    """Put a locked case where its facts say it stands, and tell the trail when its state changed."""
    for pointer, answer in work.replies.pointers(case.id):
        stands = beside(pointer, answer)
        was, stage = pointer.sending.stage, stands.sending.stage if stands else None
        if stands is not None and work.replies.save(stands, was=was) and stage is not was:
            work.note(f"reply.{stage}", pointer.id, by="tactful", case_id=case.id)
    moved = case.moved(standing(work.cases.facts(case)))
    if case.standing.snoozed_until is not None and moved.standing.snoozed_until is None:
        # Something happened since: it is not snoozed by that any more.
        end_snooze(work, case, by="tactful")
    if moved != case:
        work.cases.save(moved)
    if moved.standing.state is not case.standing.state:
        facts = {"was": str(case.standing.state), "turn": moved.turn}
        work.note(f"case.{moved.standing.state}", case.id, by=by, facts=facts, case_id=case.id)
    return moved


def end_snooze(work: Work, case: Case, *, by: str) -> bool:
    """End the snooze of a locked case, and tell the trail. False where there is none."""
    is_over = work.snoozes.end(case.id, by=by)
    if is_over:
        work.note("case.woken", case.id, by=by, case_id=case.id)
    return is_over


def settle_again(work: Work, case_id: str, *, by: str) -> Case:
    """Lock a case and settle it, where a step began with something else."""
    return settle(work, work.cases.lock(case_id), by=by)


def resolved(work: Work, case: Case, resolution: Resolution, *, by: str, at: datetime) -> Case:
    """Close a locked case: its promise is kept by that. Raises Conflict while something of it is still offline."""
    refuse_while_offline(work, case)
    end_promise(work, case, PromiseState.KEPT, at=at)
    closed = replace(case, ending=Ending(at, by, resolution), reopening=Reopening())
    work.cases.save(closed)
    return settle(work, closed, by=by)


def reopened(work: Work, case: Case, *, by: str, at: datetime, policy: Policy) -> Case:
    """Open a locked case again, with a clock of its own; one that is open stays as it is."""
    if case.ending.resolved_at is None:
        return case
    due_at = _due_again(work, case, at=at, policy=policy)
    opened = replace(case, ending=Ending(), reopening=Reopening(at, due_at))
    work.cases.save(opened)
    work.note("case.reopened", case.id, by=by, case_id=case.id)
    return settle(work, opened, by=by)


def _due_again(work: Work, case: Case, *, at: datetime, policy: Policy) -> datetime:
    """When we want to have said something: our own target for such a matter, counted from now."""
    file = work.cases.latest(case.id)
    is_always = file.decision.is_always if file.decision else False
    return policy.clock(case.channel).due_at(at, file.labels.get("urgency"), is_always=is_always)


def end_promise(work: Work, case: Case, state: PromiseState, *, at: datetime, by_reply: str | None = None) -> None:
    """End what is promised on a case. by_reply: the reply that keeps or moves it."""
    for promise in work.promises.of_case(case.id):
        if promise.is_open:
            _end(work, promise, state, at=at, by_reply=by_reply)


def unsay(work: Work, reply: Reply, *, at: datetime) -> None:
    """A reply does not go out after all: what it promised was never promised, what it kept is still owed."""
    of_case = work.promises.of_case(reply.case_id)
    for promise in of_case:
        if promise.is_open and promise.reply_id == reply.id:
            _end(work, promise, PromiseState.WITHDRAWN, at=at)
    for promise in of_case:
        if promise.ended_by == reply.id and work.promises.reopen(promise.id):
            work.note("promise.open", promise.id, by="tactful", facts={"reply_id": reply.id}, case_id=reply.case_id)


def say_again(work: Work, reply: Reply, *, at: datetime) -> None:
    """A reply that was held or failed goes out after all: its promise holds again, and it ends those before it."""
    its_own = next(
        (candidate for candidate in work.promises.of_case(reply.case_id) if candidate.reply_id == reply.id), None
    )
    ended = PromiseState.MOVED if its_own is not None else PromiseState.KEPT
    for promise in work.promises.of_case(reply.case_id):
        if promise.is_open and promise.reply_id != reply.id:
            _end(work, promise, ended, at=at, by_reply=reply.id)
    if its_own is not None:
        work.promises.reopen(its_own.id)


def _end(work: Work, promise: Promise, state: PromiseState, *, at: datetime, by_reply: str | None = None) -> None:
    ended = promise.ended(state, at=at, by=by_reply)
    if work.promises.end(ended):
        facts = {"until": rfc_3339(ended.until), "reply_id": by_reply}
        work.note(f"promise.{ended.state}", promise.id, by="tactful", facts=facts, case_id=promise.case_id)


def refuse_while_offline(work: Work, case: Case) -> None:
    """Raises Conflict while something was taken offline and is neither closed where it began nor waived."""
    task = work.offline.of_case(case.id)
    if task is not None and task.is_open:
        raise Conflict(
            "This was taken offline: close it where it began, or waive that with a reason, before resolving.",
            state=case.standing.state,
            by=task.changed_by,
        )

"""Handing a matter over: opened with a notice at once, taken, answered, called back, or lapsed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from care.case import Case
from care.errors import BadStep, Conflict
from care.escalation import Notice, NoticeClock, NoticeKind, NoticeSubject
from care.handover import HandOver, HandOverState
from care.hours import ServiceClock
from care.ids import new_id
from care.masking import mask
from care.note import Note, NoteKind
from care.policy import EscalationStep, Policy
from care.ports import NOTIFY, Clock, JobQueue, Playbook, Redactor
from care.settling import settle
from care.unit_of_work import Store, Work

HAND_OVER_STEP = "hand-over"
LONGEST_ANSWER = 4000
"""Characters of a contact's answer; what is longer belongs in a mail of theirs."""


@dataclass(frozen=True, slots=True)
class HandingOver:
    """Everything it takes to put a matter into somebody else's hands, and back."""

    store: Store
    playbook: Playbook
    redactor: Redactor
    queue: JobQueue
    clock: Clock

    def hand_over(self, case_id: str, *, to: str, by: str, reason: str) -> HandOver:
        """Hand a case to a team or contact of the playbook, who is told at once.

        Raises NotFound, BadStep for nobody reachable, and Conflict when they have it already or the case is resolved.
        """
        policy, now = self.playbook.policy, self.clock()
        step = reachable(policy, to)
        if step is None:
            known = ", ".join(sorted(reachable_names(policy))) or "nobody"
            raise BadStep(f"Nobody of that name can be reached. The playbook gives an address of {known}.")
        with self.store() as work:
            case = work.cases.lock(case_id)
            if case.is_resolved:
                said = "This case is resolved; open it again before handing it over."
                raise Conflict(said, state=case.standing.state, by=case.ending.resolved_by)
            why = mask(reason.strip(), redactor=self.redactor).text
            handover, notice = opened(work, case, HandOverWish(to, step, by, why), policy=policy, now=now)
            if notice is None:
                said = f"{step.contact} has this case already."
                raise Conflict(said, state=case.standing.state, by=_handed_by(work, case, step))
            if why:
                work.notes.add(_note(case, NoteKind.HAND_OVER, why, by=by, at=now))
            settle(work, case, by=by)
        self.queue.ring(NOTIFY, notice.id)
        return handover

    def take(self, handover_id: str, *, by: str) -> HandOver:
        """The contact has it. Raises NotFound, and Conflict where the matter came back meanwhile.

        Who takes one that has lapsed takes the newer one that they were told of since, where there is one.
        """
        return self._moved(handover_id, HandOverState.TAKEN, by=by)

    def call_back(self, handover_id: str, *, by: str) -> HandOver:
        """A person here takes the matter back. Raises NotFound, and Conflict when it was answered."""
        return self._moved(handover_id, HandOverState.CALLED_BACK, by=by)

    def answer(self, handover_id: str, *, by: str, text: str) -> HandOver:
        """Keep the contact's answer as a note on the case; a person tells the customer.

        Raises NotFound, BadStep without an answer, and Conflict for a second one.
        """
        said = mask(text.strip()[:LONGEST_ANSWER], redactor=self.redactor, is_public=False).text
        if not said:
            raise BadStep("Write what the answer is.")
        return self._moved(handover_id, HandOverState.ANSWERED, by=by, note=said)

    def _moved(self, handover_id: str, state: HandOverState, *, by: str, note: str = "") -> HandOver:
        now = self.clock()
        with self.store() as work:
            case = work.cases.lock(work.handovers.get(handover_id).case_id)
            handover = work.handovers.get(handover_id)
            if state is HandOverState.TAKEN and not handover.is_open:
                handover = _open_with(work, case, handover.to) or handover
            if state is HandOverState.TAKEN and handover.state is state:
                return handover
            moved = move(work, handover, state, by=by, now=now)
            if note:
                work.notes.add(_note(case, NoteKind.ANSWER, note, by=by, at=now))
            settle(work, case, by=by)
        return moved


@dataclass(frozen=True, slots=True)
class HandOverWish:
    """To whom a case is to go, by whom and why.

    is_grave: what the customer wrote now cannot wait, so that those who have the case are told again, unless they were
    within the last minute.
    """

    to: str
    step: EscalationStep
    by: str
    reason: str = ""
    is_grave: bool = False


def opened(
    work: Work, case: Case, wish: HandOverWish, *, policy: Policy, now: datetime
) -> tuple[HandOver, Notice | None]:
    """Open a hand-over of a locked case with its notice; without a notice where they have the case already."""
    to, step = wish.to, wish.step
    until = answer_by(step, policy.clock(case.channel), now)
    handover = HandOver(
        id=new_id("hov", now=now),
        case_id=case.id,
        message_id=case.latest_message_id,
        to=to,
        contact=step.contact,
        opened_by=wish.by,
        opened_at=now,
        until=until,
        reason=wish.reason,
    )
    if not work.handovers.open(handover):
        return handover, _told_again(work, case, to=to, step=step, now=now) if wish.is_grave else None
    notice = _notice(case, handover, step, f"{HAND_OVER_STEP} {handover.id}", now=now)
    work.notices.add(notice)
    facts = {"to": to, "contact": step.contact, "handover_id": handover.id}
    work.note("handover.opened", handover.id, by=wish.by, facts=facts, case_id=case.id)
    return handover, notice


TOLD_LATELY = timedelta(minutes=1)


def _told_again(work: Work, case: Case, *, to: str, step: EscalationStep, now: datetime) -> Notice | None:
    """Tell those who have a case what its customer wrote now, each message once; None where they were told lately."""
    theirs = _open_with(work, case, to)
    if theirs is None or now - theirs.opened_at < TOLD_LATELY:
        return None
    notice = _notice(case, theirs, step, f"{HAND_OVER_STEP} {theirs.id}, {case.latest_message_id}", now=now)
    facts = {"to": to, "contact": step.contact, "handover_id": theirs.id}
    work.note("handover.urged", theirs.id, by="tactful", facts=facts, case_id=case.id)
    return notice if work.notices.add(notice) else None


def _open_with(work: Work, case: Case, to: str) -> HandOver | None:
    """The open hand-over of a case to a team; at most one is."""
    return next(
        (handover for handover in work.handovers.of_case(case.id) if handover.is_open and handover.to == to), None
    )


def _notice(case: Case, handover: HandOver, step: EscalationStep, name: str, *, now: datetime) -> Notice:
    about = NoticeSubject(
        case.channel,
        handover.to,
        NoticeKind.HAND_OVER,
        handover.id,
        message_id=case.latest_message_id,
        thread_id=case.thread_id,
        case_id=case.id,
    )
    clock = NoticeClock(now, handover.until, timedelta(0), handover.until)
    return Notice(new_id("ntc", now=now), name, step.contact, step.email, about, clock)


def move(work: Work, handover: HandOver, state: HandOverState, *, by: str, now: datetime) -> HandOver:
    """A hand-over at another state, kept. Raises Conflict for a move that is not allowed."""
    try:
        moved = handover.moved(state, by=by, at=now)
    except ValueError as error:
        said = f"{error} Look at the case again."
        raise Conflict(said, state=handover.state, by=handover.changed_by) from error
    if not work.handovers.save(moved, was=handover.state):
        raise Conflict("This hand-over has just changed; look at the case again.")
    facts = {"to": handover.to, "contact": handover.contact}
    work.note(f"handover.{state}", handover.id, by=by, facts=facts, case_id=handover.case_id)
    return moved


def reachable(policy: Policy, to: str) -> EscalationStep | None:
    """The first contact with an address of a team's ladder, or the contact called so; None: nobody can be told."""
    ladder = policy.steps.get(to, ())
    named = [step for steps in policy.steps.values() for step in steps if step.contact.casefold() == to.casefold()]
    with_address = [step for step in (*ladder, *named) if step.email]
    return with_address[0] if with_address else None


def reachable_names(policy: Policy) -> frozenset[str]:
    """Teams and contacts that a matter can be handed to."""
    teams = {team for team, steps in policy.steps.items() if team != "*" and any(step.email for step in steps)}
    contacts = {step.contact for steps in policy.steps.values() for step in steps if step.email}
    return frozenset(teams | contacts)


def answer_by(step: EscalationStep, clock: ServiceClock, now: datetime) -> datetime:
    """Until when a contact should have answered: at any hour where they are called day and night."""
    return clock.later(now, step.answers_within, is_always=step.is_day_and_night)


def _handed_by(work: Work, case: Case, step: EscalationStep) -> str | None:
    """Who handed them the case that they have."""
    theirs = [
        handover
        for handover in work.handovers.of_case(case.id)
        if handover.is_open and handover.contact == step.contact
    ]
    return theirs[-1].opened_by if theirs else None


def _note(case: Case, kind: NoteKind, text: str, *, by: str, at: datetime) -> Note:
    return Note(id=new_id("note", now=at), case_id=case.id, text=text, by=by, at=at, kind=kind)

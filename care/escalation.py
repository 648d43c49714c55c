"""Nothing is left unanswered: the steps that a waiting message has reached, each of them told once, and to whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from care.decision import Action
from care.hours import ServiceClock
from care.ids import new_id
from care.parts import Part
from care.policy import EscalationStep, Policy

WARNING = "warning"
"""The internal target comes near and nobody has answered."""
BREACHED = "breached"
"""The internal target has passed."""
WARN_AT = 0.75
"""Share of the staffed time up to the target after which a message is nearly late."""

NOTICES = "notices"
"""The channel by which contacts are told what climbed to them; no message comes in by it."""


class NoticeKind(StrEnum):
    CLIMB = "climb"
    """Nobody answered in time."""
    HAND_OVER = "hand_over"
    """The matter is theirs now."""
    MENTION = "mention"
    """A colleague named them in a note."""
    ENDPOINT_OFF = "endpoint_off"
    """An endpoint of theirs took nothing for a day and was switched off."""
    SURGE = "surge"
    """Far more comes in than usual, or far more of it is negative."""
    CRISIS = "crisis"
    """Somebody declared a crisis, or a drill of one."""


class NoticeState(StrEnum):
    WAITING = "waiting"
    CLAIMED = "claimed"
    """A worker has it and may be telling them now."""
    SENT = "sent"
    FAILED = "failed"
    """Tried for the last time, or refused; the next step tells the next contact."""


@dataclass(frozen=True, slots=True)
class NoticeSubject(Part):
    """What a notice is about. message_id, thread_id, case_id: empty where it is about no case.

    kind: why they are told. subject_id: the hand-over, note, endpoint, surge or crisis it is about; empty for a climb.
    """

    channel: str
    team: str = ""
    kind: NoticeKind = NoticeKind.CLIMB
    subject_id: str = ""
    message_id: str = ""
    thread_id: str = ""
    case_id: str = ""


@dataclass(frozen=True, slots=True)
class NoticeClock(Part):
    """How late it is. late: staffed time since due_at. answer_by: until when the contact should have answered."""

    at: datetime
    due_at: datetime
    late: timedelta
    answer_by: datetime


@dataclass(frozen=True, slots=True)
class NoticeSending(Part):
    """How far a notice has come on its way to its contact."""

    state: NoticeState = NoticeState.WAITING
    attempt: int = 0
    sent_at: datetime | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody is told who has to look: where, and how late it is, no customer's word.

    contact: who is told, as the playbook names them; recipient: their address. labels: by task, what the message is
    about. link: its page in the console; it and the labels are filled in for sending.
    """

    id: str
    step: str
    contact: str
    recipient: str = field(repr=False)
    about: NoticeSubject
    clock: NoticeClock
    sending: NoticeSending = NoticeSending()
    labels: Mapping[str, str] = field(default_factory=dict)
    link: str = ""


@dataclass(frozen=True, slots=True)
class Climbed:
    """One step that a message has reached. step: warning, breached, or "step 1", "step 2" and so on.

    contact: whom it climbed to, as the playbook names them; empty for the first two. notice: what they are told; None
    where the playbook has no address of theirs, and where they heard of this wait by an earlier message of the thread.
    """

    step: str
    contact: str
    at: datetime
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A case that waits for us, by what its customer wrote last.

    due_at: None where nothing could be decided yet. steps: those it has taken. n_heard: how often the customer heard
    from us before this wait. is_always: its clock runs at any hour.
    """

    message_id: str
    channel: str
    received_at: datetime
    thread_id: str = ""
    due_at: datetime | None = None
    team: str = ""
    action: Action | None = None
    steps: frozenset[str] = frozenset()
    case_id: str = ""
    n_heard: int = 0
    is_always: bool = False

    def named(self, step: str) -> str:
        """A step's name in this wait: each wait of a case climbs by itself."""
        return step if not self.n_heard else f"{step}, after answer {self.n_heard}"


def reached(waiting: Unanswered, policy: Policy, *, now: datetime) -> list[Climbed]:
    """The steps that are due now and were not taken before, lowest first. What asks for no answer never climbs.

    Counts staffed time only, unless its clock runs always. After a pause all steps that came due in it are given:
    nobody on the way is left out.
    """
    if waiting.action is Action.IGNORE:
        return []
    clock = policy.clock(waiting.channel)
    due_at = waiting.due_at or clock.due_at(waiting.received_at)
    if now <= due_at:
        allowed = clock.passed(waiting.received_at, due_at, is_always=waiting.is_always)
        is_near = clock.passed(waiting.received_at, now, is_always=waiting.is_always) >= allowed * WARN_AT
        climbed = [Climbed(waiting.named(WARNING), "", now)] if is_near else []
    else:
        overdue = clock.passed(due_at, now, is_always=waiting.is_always)
        ladder = policy.steps.get(waiting.team, policy.steps.get("*", ()))
        climbed = [Climbed(waiting.named(BREACHED), "", now)]
        for n, step in enumerate(ladder, 1):
            if step.after <= overdue:
                climbed.append(_climbed(waiting.named(f"step {n}"), step, waiting, clock, due_at=due_at, now=now))
    return [climb for climb in climbed if climb.step not in waiting.steps]


def _climbed(
    step: str, to: EscalationStep, waiting: Unanswered, clock: ServiceClock, *, due_at: datetime, now: datetime
) -> Climbed:
    if not to.email:
        return Climbed(step, to.contact, now)
    about = NoticeSubject(
        waiting.channel,
        waiting.team,
        message_id=waiting.message_id,
        thread_id=waiting.thread_id,
        case_id=waiting.case_id,
    )
    late = clock.passed(due_at, now, is_always=waiting.is_always)
    answer_by = clock.later(now, to.answers_within, is_always=to.is_day_and_night)
    told = NoticeClock(now, due_at, late, answer_by)
    notice = Notice(new_id("ntc", now=now), step, to.contact, to.email, about, told)
    return Climbed(step, to.contact, now, notice)


def climb(policy: Policy, *, team: str, channel: str, due_at: datetime, now: datetime) -> EscalationStep | None:
    """The step an unanswered message has reached, or None while it is within its target.

    Counts staffed time only; the last step holds until somebody answers.
    """
    clock = policy.clock(channel)
    overdue = clock.hours.staffed(due_at, now) if now > due_at else None
    if overdue is None:
        return None
    reached = [step for step in policy.steps.get(team, policy.steps.get("*", ())) if step.after <= overdue]
    return reached[-1] if reached else None


def most_steps(policy: Policy) -> int:
    """How many steps a message can take at most, warning and breach among them."""
    return 2 + max((len(ladder) for ladder in policy.steps.values()), default=0)

"""The case: one customer's matter on one thread, from the first word to its solution.

A case is never done because something was said. It waits for us, for the customer, for an hour we promised or for
somebody it was handed to, until a person resolves it; and a new message opens it again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from care.errors import Conflict
from care.handover import HandOver
from care.parts import Part
from care.promise import Promise
from care.snooze import Snooze


class CaseState(StrEnum):
    NEW = "new"
    """The customer wrote and has heard nothing from us yet."""
    OPEN = "open"
    """Our turn: the customer wrote again, an answer failed, or a person opened it again."""
    WAITING_FOR_CUSTOMER = "waiting_for_customer"
    """We answered and promised nothing more."""
    PROMISED = "promised"
    """We said by when they hear from us."""
    HANDED_OVER = "handed_over"
    """A contact or another team has it."""
    OFFLINE = "offline"
    """It continues where nobody else can read it, and must be closed where it began."""
    RESOLVED = "resolved"


_ANY = frozenset(CaseState)

NEXT: dict[CaseState, frozenset[CaseState]] = {
    CaseState.NEW: _ANY - {CaseState.NEW},
    # Back to new: the only answer was taken back.
    CaseState.OPEN: _ANY - {CaseState.OPEN},
    CaseState.WAITING_FOR_CUSTOMER: _ANY - {CaseState.WAITING_FOR_CUSTOMER},
    CaseState.PROMISED: _ANY - {CaseState.PROMISED},
    CaseState.HANDED_OVER: _ANY - {CaseState.HANDED_OVER},
    # It leaves this state only when the loop is closed or waived; then it stands where everything else puts it.
    CaseState.OFFLINE: _ANY - {CaseState.OFFLINE},
    # Opened again by a message or a person. What was promised or handed over ended with it, and is not so again.
    CaseState.RESOLVED: _ANY - {CaseState.RESOLVED, CaseState.PROMISED, CaseState.HANDED_OVER},
}


class Resolution(StrEnum):
    """How a case ended. Only a solved one counts as answered in any figure."""

    SOLVED = "solved"
    DISMISSED = "dismissed"
    """A person saw that nothing asks for an answer."""
    IGNORED = "ignored"
    """It was an answer to our satisfaction question, or a machine's own mail."""
    IMPORTED = "imported"
    """It came in as history."""
    ARCHIVED = "archived"
    """It was a sample or a rehearsal, and its channel went live."""


class Source(StrEnum):
    """Where a case came from. Figures count live ones only; one that a customer writes on again is live."""

    LIVE = "live"
    DEMO = "demo"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Standing(Part):
    """Where a case stands, and its clock.

    until: the hour we promised or by which a contact answers. due_at: when a person must look; None: no clock runs.
    snoozed_until: until then no list of what is due shows it; its clock runs on.
    """

    state: CaseState
    due_at: datetime | None = None
    until: datetime | None = None
    priority: int = 0
    snoozed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assignment(Part):
    """Who has a case, since when, and why them."""

    assigned_to: str | None = None
    assigned_at: datetime | None = None
    assigned_why: str = ""


@dataclass(frozen=True, slots=True)
class Ending(Part):
    """When, by whom and how a case was resolved; all None while it is open."""

    resolved_at: datetime | None = None
    resolved_by: str | None = None
    resolution: Resolution | None = None


@dataclass(frozen=True, slots=True)
class Reopening(Part):
    """When a person opened a case again, and when we owe the customer a word by that."""

    reopened_at: datetime | None = None
    reopened_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One customer's matter on one thread.

    customer: the handle of who it is, as the channel knows them. latest_message_id: what they wrote last.
    turn: grows by one with every message of theirs and every answer written on the network itself; a suggestion and a
    reply note the turn they were made at, so that what is behind the conversation never goes out unseen.
    """

    id: str
    channel: str
    thread_id: str
    customer: str
    opened_at: datetime
    latest_message_id: str
    standing: Standing
    turn: int = 1
    customer_id: str | None = None
    source: Source = Source.LIVE
    assignment: Assignment = Assignment()
    ending: Ending = Ending()
    reopening: Reopening = Reopening()

    @property
    def is_resolved(self) -> bool:
        return self.standing.state is CaseState.RESOLVED

    def moved(self, standing: Standing) -> Self:
        """This case where its facts put it. Raises Conflict for a move that NEXT does not allow."""
        was = self.standing.state
        if standing.state is not was and standing.state not in NEXT[was]:
            raise Conflict(f"This case is {say(was)}; it cannot become {say(standing.state)}.")
        return replace(self, standing=standing)


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides where a case stands.

    is_our_turn: something the customer wrote has no answer yet, and nobody decided that it needs none.
    waits_since: when what waits for us is due by our own target; where nothing waits and we have said nothing yet, when
    what they wrote was due. is_answered: we have answered at any time. reopened_due_at: when a word is due because a
    person opened it again; None once we have said something since. snooze: the open one, while nothing has happened
    since.
    offline_due_at: by when the customer must be reached on a safe channel; None: nothing is offline.
    """

    is_our_turn: bool
    is_answered: bool
    is_resolved: bool = False
    waits_since: datetime | None = None
    offline_due_at: datetime | None = None
    reopened_due_at: datetime | None = None
    priority: int = 0
    promises: tuple[Promise, ...] = ()
    handovers: tuple[HandOver, ...] = ()
    snooze: Snooze | None = None


def standing(facts: Facts) -> Standing:
    """Where these facts put a case.

    An open promise or hand-over keeps its clock whatever the state is: the earliest clock is the case's, and ends a
    snooze.
    """
    stands = replace(_standing(facts), priority=facts.priority)
    if facts.snooze is None or stands.state not in (CaseState.NEW, CaseState.OPEN):
        return stands
    promised = (open_promise.look_at for open_promise in facts.promises)
    handed = (handover.until for handover in facts.handovers)
    return replace(stands, snoozed_until=_earliest(facts.snooze.until, *promised, *handed))


def _standing(facts: Facts) -> Standing:
    if facts.is_resolved:
        return Standing(CaseState.RESOLVED)
    promise = min(facts.promises, key=lambda open_promise: open_promise.until, default=None)
    handover = min(facts.handovers, key=lambda open_handover: open_handover.until, default=None)
    look_at, answer_by = promise.look_at if promise else None, handover.until if handover else None
    clocks = (look_at, answer_by)
    if facts.offline_due_at is not None:
        return Standing(CaseState.OFFLINE, _earliest(facts.offline_due_at, *clocks))
    if facts.is_our_turn or facts.reopened_due_at is not None:
        # Who opens a case again owes the customer a word, whatever was answered before.
        is_new = facts.is_our_turn and not facts.is_answered
        due_at = _earliest(facts.waits_since, facts.reopened_due_at, *clocks)
        return Standing(CaseState.NEW if is_new else CaseState.OPEN, due_at, promise.until if promise else None)
    if handover is not None:
        return Standing(CaseState.HANDED_OVER, _earliest(*clocks), handover.until)
    if promise is not None:
        return Standing(CaseState.PROMISED, promise.look_at, promise.until)
    if facts.is_answered:
        return Standing(CaseState.WAITING_FOR_CUSTOMER)
    # Nothing was said by us and nothing waits: it needs a person all the same until one of them resolves it.
    return Standing(CaseState.OPEN, facts.waits_since)


def look_ahead(until: datetime, *, made_at: datetime) -> datetime:
    """When a promised case comes back to those who are to keep it: at three quarters of the wait.

    At least ten minutes before the hour where the wait is that long, and at most an hour.
    """
    wait = until - made_at
    lead = min(max(wait / 4, timedelta(minutes=10)), timedelta(hours=1), wait)
    return until - lead


def say(state: CaseState) -> str:
    """A state in words for people."""
    return state.value.replace("_", " ")


def _earliest(*clocks: datetime | None) -> datetime | None:
    return min((at for at in clocks if at is not None), default=None)

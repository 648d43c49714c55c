"""What an agent sees: the lists of the inbox and one case with everything that belongs to it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from care.classification import Classification
from care.decision import Action, Decision
from care.escalation import Climbed
from care.message import Message, Turn
from care.offline import OfflineTask
from care.reply import Reply, Suggestion
from care.satisfaction import Satisfaction


class View(StrEnum):
    """The lists of the inbox. Each message that waits for us is in exactly one of the first three."""

    NOW_DUE = "now_due"
    """A person has to decide; ordered by due time, then priority."""
    OFFLINE = "offline"
    """Needs offline handling: flagged, withheld, or with an open offline task."""
    WAITING = "waiting"
    """Nothing to do for us now: being prepared, on its way out, or the customer's turn."""
    MINE = "mine"
    """Assigned to the agent who asks."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Case:
    """One message with everything that belongs to it.

    state: preparing | open | decided | parked (prepare gave up, a person must look). corrections: (task, label), the
    tasks "action" and "team" among them where a person overrode the decision. climbed: whom it climbed to, lowest
    step first. satisfaction: of the whole conversation.
    """

    message: Message
    state: str
    classification: Classification | None
    suggestion: Suggestion | None
    reply: Reply | None
    thread: tuple[Turn, ...]
    offline: OfflineTask | None
    assigned_to: str | None
    corrections: tuple[tuple[str, str], ...] = ()
    problem: str | None = None
    is_resolved: bool = False
    climbed: tuple[Climbed, ...] = ()
    satisfaction: Satisfaction | None = None

    @property
    def decision(self) -> Decision | None:
        """What to do about it: what was decided, with what a person put in its place."""
        return None if self.suggestion is None else overridden(self.suggestion.decision, dict(self.corrections))


def overridden(decision: Decision, corrections: Mapping[str, str]) -> Decision:
    """A decision with a person's action and team in place of ours."""
    return replace(
        decision,
        action=Action(corrections.get("action", decision.action)),
        team=corrections.get("team", decision.team),
    )


@dataclass(frozen=True, slots=True)
class Page:
    """One page of cases; `next_cursor` is None on the last."""

    cases: tuple[Case, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the audit trail. number grows by one or more; subject_id names what it happened to."""

    number: int
    event: str
    subject_id: str
    by: str
    at: datetime
    facts: dict[str, object]

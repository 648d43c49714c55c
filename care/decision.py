"""What to do about a message: the seven actions, the visible priority sum, when it is due, and why."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Action(StrEnum):
    """What to do about a message."""

    ANSWER_PUBLIC = "answer_public"
    ANSWER_PRIVATE = "answer_private"
    TAKE_OFFLINE = "take_offline"
    DEFLECT = "deflect"
    PHONE_OR_EMAIL = "phone_or_email"
    IGNORE = "ignore"
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True)
class Addend:
    """One visible part of a priority: "urgency 40"."""

    name: str
    points: int


@dataclass(frozen=True, slots=True)
class Priority:
    """A sum whose addends are always shown with it."""

    addends: tuple[Addend, ...] = ()

    @property
    def total(self) -> int:
        return sum(addend.points for addend in self.addends)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, who, by when, and the reasons a person can read.

    due_at: the internal target, aware UTC. promised_at: the published window, never earlier than due_at. is_always: its
    clock runs at any hour. hand_to: the team that is told at once; empty where nobody beside the desk has to be.
    """

    action: Action
    team: str
    priority: Priority
    due_at: datetime
    promised_at: datetime
    kind: str = "question"
    reasons: tuple[str, ...] = field(default=())
    is_always: bool = False
    hand_to: str = ""

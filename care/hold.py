"""Holding a case: one person writes, everybody else reads.

A hold ends by itself. Its number, the fence, grows whenever the case changes hands, so that an approval made under an
older hold is refused.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

HELD = "held"
"""The state of a case in a Conflict where somebody else holds it."""
HOLD_S = 90.0
"""How long a case is held after the last sign of its holder."""
ASK_S = 30.0
"""How long a holder may take to say no to somebody who asks to take over."""
SEEN_S = 40.0
"""How long somebody counts as looking after their page last said so."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Who has a case, until when.

    asked_by: who asks to take it over, since when. is_over: it ran out or was given back.
    """

    case_id: str
    person_id: str
    fence: int
    until: datetime
    asked_by: str | None = None
    asked_at: datetime | None = None
    is_over: bool = False


class Doing(StrEnum):
    """What somebody does on an open case."""

    VIEWING = "viewing"
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody who has a case open."""

    case_id: str
    person_id: str
    doing: Doing

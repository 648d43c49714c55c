"""The lists a person works through, and where each case stands in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from care.case_file import CaseFile


class View(StrEnum):
    """The lists of the inbox. Each case that is not resolved is in exactly one of the first three."""

    NOW_DUE = "now_due"
    """A person has to do something now; ordered by due time, then priority."""
    OFFLINE = "offline"
    """Needs offline handling: flagged, withheld, or with an open offline task."""
    WAITING = "waiting"
    """Nothing to do for us now: being prepared, promised, handed over, snoozed, or the customer's turn."""
    MINE = "mine"
    """Assigned to the agent who asks, and not snoozed."""
    ALL = "all"


class Clock(StrEnum):
    """How much time a case leaves us."""

    LATE = "late"
    SOON = "soon"
    """Within the next hour."""
    LATER = "later"
    NONE = "none"
    """No clock runs."""
    SNOOZED = "snoozed"
    """Out of sight until an hour, whatever its clock says."""


SOON_S = 3600
NOBODY = "nobody"
"""An assignee that is none."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a list is narrowed to; each part that is left out allows everything.

    search: words of either side, of names and notes; all have to be there. labels: by task what the case is about now,
    "action", "team", "tier" and "language" among the tasks. assignee: a person's id, or NOBODY.
    """

    search: str = ""
    channel: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    assignee: str | None = None
    clock: Clock | None = None


EVERYTHING = Narrowing()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of cases; `next_cursor` is None on the last."""

    cases: tuple[CaseFile, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many cases wait for us now, by team, channel, clock and assignee. clock: late, soon, later or none.

    since: when the one of them wrote who has waited longest, by what each wrote last.
    """

    team: str
    channel: str
    clock: str
    assignee: str | None
    n: int
    since: datetime

"""The lists a person works through, and where each case stands in them."""

from dataclasses import dataclass
from enum import StrEnum

from care.case_file import CaseFile


class View(StrEnum):
    """The lists of the inbox. Each case that is not resolved is in exactly one of the first three."""

    NOW_DUE = "now_due"
    """A person has to do something now; ordered by due time, then priority."""
    OFFLINE = "offline"
    """Needs offline handling: flagged, withheld, or with an open offline task."""
    WAITING = "waiting"
    """Nothing to do for us now: being prepared, promised, handed over, or the customer's turn."""
    MINE = "mine"
    """Assigned to the agent who asks."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of cases; `next_cursor` is None on the last."""

    cases: tuple[CaseFile, ...]
    next_cursor: str | None

"""The audit trail: who did what to which id, and when."""

from dataclasses import dataclass
from datetime import datetime

OPERATOR = "operator"
"""Who works on the machine itself, by the `tactful` command."""


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the audit trail. number: its own; subject_id names what it happened to.

    place: in the one order in which all rows are read; who has read up to one misses nothing that comes later.
    """

    number: int
    event: str
    subject_id: str
    by: str
    at: datetime
    facts: dict[str, object]
    case_id: str | None = None
    place: int = 0

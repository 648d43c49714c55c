"""The audit trail: who did what to which id, and when."""

from dataclasses import dataclass
from datetime import datetime

OPERATOR = "operator"
"""Who works on the machine itself, by the `tactful` command."""


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the audit trail. number grows by one or more; subject_id names what it happened to."""

    number: int
    event: str
    subject_id: str
    by: str
    at: datetime
    facts: dict[str, object]
    case_id: str | None = None

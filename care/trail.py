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


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """Which rows of the audit trail are wanted; what is left empty leaves none out.

    by: a person's id, a key's, or the name of a part of tactful. event: a name, or with a dot at its end all that begin
    so, such as "reply.". since, until: instants, the end exclusive.
    """

    case_id: str = ""
    by: str = ""
    event: str = ""
    since: datetime | None = None
    until: datetime | None = None

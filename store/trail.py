"""The audit trail: who did what to which id, in one order that never changes.

Rows are written at the end of the transaction they belong to, numbered under a lock, so that a number seen means
that every smaller number is there to be seen too: a reader who asks "after 41" misses nothing.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from care.trail import Event
from store.moments import Now
from store.tables import EventRow

_LOCK = 7_310_033
"""PostgreSQL's advisory lock for numbering; any number nobody else in this database uses."""

_MAX_FACT_LENGTH = 200


class Trail:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now
        self._waiting: list[dict[str, Any]] = []

    def note(
        self, event: str, subject_id: str, *, by: str, facts: Mapping[str, object], case_id: str | None = None
    ) -> None:
        """Remember one row until the transaction ends."""
        kept = {name: _fact(value) for name, value in facts.items()}
        self._waiting.append({"event": event, "subject_id": subject_id, "by": by, "facts": kept, "case_id": case_id})

    def write(self) -> None:
        """Write what was noted; called once, before the commit."""
        if not self._waiting:
            return
        if self._session.get_bind().dialect.name == "postgresql":
            self._session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        for row in self._waiting:
            self._session.execute(insert(EventRow).values(at=self._now(0), **row))
        self._waiting.clear()

    def events(self, *, after: int, limit: int = 200) -> list[Event]:
        query = select(EventRow).where(EventRow.number > after).order_by(EventRow.number).limit(limit)
        return [event_of(row) for row in self._session.scalars(query)]

    def of_case(self, case_id: str, *, limit: int = 500) -> list[Event]:
        """What happened to a case, oldest first."""
        query = select(EventRow).where(EventRow.case_id == case_id).order_by(EventRow.number).limit(limit)
        return [event_of(row) for row in self._session.scalars(query)]

    def last(self) -> int:
        return self._session.scalar(select(func.max(EventRow.number))) or 0


def event_of(row: EventRow) -> Event:
    return Event(
        number=row.number,
        event=row.event,
        subject_id=row.subject_id,
        by=row.by,
        at=row.at,
        facts=row.facts,
        case_id=row.case_id,
    )


def _fact(value: object) -> object:
    """Ids, labels and numbers pass; anything that could be somebody's words does not."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str) and len(value) <= _MAX_FACT_LENGTH and "\n" not in value:
        return value
    return f"({type(value).__name__} left out)"

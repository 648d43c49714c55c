"""The audit trail: who did what to which id, in one order that never changes.

Rows are written at the end of the transaction they belong to, and nobody waits for anybody else's. On PostgreSQL a
number may so be seen before a smaller one: a reader is shown a row only once every number before it is there, or was
given up. A reader who asks "after 41" misses nothing.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from care.trail import Event
from store.moments import Now
from store.tables import EventRow

_GIVEN_UP = timedelta(seconds=60)
"""A number that is not there for so long belongs to a transaction that failed: none of ours lives half as long."""

_IN_FLIGHT = 2000
"""How many of the latest numbers may stand before one that somebody still writes."""

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
        for row in self._waiting:
            self._session.execute(insert(EventRow).values(at=self._now(0), salt=secrets.token_hex(16), **row))
        self._waiting.clear()

    def events(self, *, after: int, limit: int = 200) -> list[Event]:
        return [_event_of(row) for row in self.settled(after=after, limit=limit)]

    def settled(self, *, after: int, limit: int) -> list[EventRow]:
        """Rows with a greater number, up to the first number that somebody may still be writing."""
        query = select(EventRow).where(EventRow.number > after).order_by(EventRow.number).limit(limit)
        rows = list(self._session.scalars(query))
        if not self._has_gaps():
            return rows
        gaps = [n for n, row in enumerate(rows) if row.number != (rows[n - 1].number if n else after) + 1]
        if not gaps:
            return rows
        given_up = self._session.scalars(select(self._now(-_GIVEN_UP.total_seconds()))).one()
        return rows[: next((n for n in gaps if rows[n].at > given_up), len(rows))]

    def of_case(self, case_id: str, *, limit: int = 500) -> list[Event]:
        """What happened to a case, oldest first."""
        query = select(EventRow).where(EventRow.case_id == case_id).order_by(EventRow.number).limit(limit)
        return [_event_of(row) for row in self._session.scalars(query)]

    def last(self) -> int:
        """The number up to which nobody writes any more."""
        last = self._session.scalar(select(func.max(EventRow.number))) or 0
        if not self._has_gaps():
            return last
        latest = select(EventRow.number, EventRow.at).order_by(EventRow.number.desc()).limit(_IN_FLIGHT)
        rows = self._session.execute(latest).all()[::-1]
        given_up = self._session.scalars(select(self._now(-_GIVEN_UP.total_seconds()))).one()
        pairs = pairwise(rows)
        return next((one.number for one, next in pairs if next.number != one.number + 1 and next.at > given_up), last)

    def _has_gaps(self) -> bool:
        """Whether numbers may be seen in another order than they were given: on SQLite one writes at a time."""
        return self._session.get_bind().dialect.name == "postgresql"


def _event_of(row: EventRow) -> Event:
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

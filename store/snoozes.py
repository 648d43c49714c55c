"""Cases that people put out of sight, and until when."""

from collections.abc import Sequence

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session

from care.snooze import Snooze
from store.mapping import from_row, to_columns
from store.moments import Now
from store.rows import changed
from store.tables import CaseRow, SnoozeRow


class SqlSnoozes:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now

    def add(self, snooze: Snooze) -> None:
        self._session.add(SnoozeRow(**to_columns(snooze, SnoozeRow)))
        self._session.flush()

    def of_case(self, case_id: str) -> Snooze | None:
        return open_snooze(self._session, case_id)

    def end(self, case_id: str, *, by: str) -> bool:
        ended = update(SnoozeRow).where(SnoozeRow.case_id == case_id, SnoozeRow.ended_at.is_(None))
        return changed(self._session, ended.values(ended_at=self._now(0), ended_by=by)) == 1

    def passed(self, *, of: str | None = None, limit: int = 500) -> list[str]:
        is_open = exists().where(SnoozeRow.case_id == CaseRow.id, SnoozeRow.ended_at.is_(None))
        query = select(CaseRow.id).where(CaseRow.snoozed_until <= self._now(0), is_open)
        if of is not None:
            query = query.where(CaseRow.id == of)
        return list(self._session.scalars(query.order_by(CaseRow.snoozed_until).limit(limit)))


# It runs at every step of every case: built once.
_OPEN = (
    select(SnoozeRow)
    .where(SnoozeRow.case_id == bindparam("case_id", type_=SnoozeRow.case_id.type), SnoozeRow.ended_at.is_(None))
    .execution_options(populate_existing=True)
)


def open_snooze(session: Session, case_id: str) -> Snooze | None:
    row = session.scalar(_OPEN, {"case_id": case_id})
    return None if row is None else from_row(Snooze, row)


def open_snoozes(session: Session, case_ids: Sequence[str]) -> dict[str, Snooze]:
    """By case."""
    query = select(SnoozeRow).where(SnoozeRow.case_id.in_(case_ids), SnoozeRow.ended_at.is_(None))
    rows = session.scalars(query.execution_options(populate_existing=True))
    return {row.case_id: from_row(Snooze, row) for row in rows}

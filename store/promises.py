"""The hours that replies quote, and what became of each."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from care.promise import Promise, PromiseState
from store.mapping import from_row, to_columns
from store.moments import Now
from store.rows import changed, insert_once
from store.tables import PromiseRow


class SqlPromises:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now

    def make(self, promise: Promise) -> bool:
        return insert_once(self._session, PromiseRow, to_columns(promise, PromiseRow))

    def of_case(self, case_id: str) -> list[Promise]:
        return promises_of(self._session, [case_id]).get(case_id, [])

    def end(self, promise: Promise) -> bool:
        """Keep how it ended. False when it had ended before."""
        ended = update(PromiseRow).where(PromiseRow.id == promise.id, PromiseRow.state == PromiseState.OPEN)
        values = {"state": promise.state, "ended_at": promise.ended_at, "ended_by": promise.ended_by}
        return changed(self._session, ended.values(values)) == 1

    def reopen(self, promise_id: str) -> bool:
        """Open it again, unless another of the case is open. False then, and when it is open already."""
        promise = self._session.get(PromiseRow, promise_id, populate_existing=True)
        if promise is None or promise.state is PromiseState.OPEN or open_promises(self._session, promise.case_id):
            return False
        promise.state, promise.ended_at, promise.ended_by = PromiseState.OPEN, None, None
        self._session.flush()
        return True

    def passed(self, *, at: datetime, limit: int = 500) -> list[Promise]:
        """Open ones whose hour has passed, earliest first."""
        query = select(PromiseRow).where(PromiseRow.state == PromiseState.OPEN, PromiseRow.until < at)
        return [_promise_of(row) for row in self._session.scalars(query.order_by(PromiseRow.until).limit(limit))]


def open_promises(session: Session, case_id: str) -> tuple[Promise, ...]:
    query = select(PromiseRow).where(PromiseRow.case_id == case_id, PromiseRow.state == PromiseState.OPEN)
    return tuple(_promise_of(row) for row in session.scalars(query.execution_options(populate_existing=True)))


def promises_of(session: Session, case_ids: Sequence[str]) -> dict[str, list[Promise]]:
    """By case, oldest first."""
    query = select(PromiseRow).where(PromiseRow.case_id.in_(case_ids)).order_by(PromiseRow.made_at, PromiseRow.id)
    by_case: dict[str, list[Promise]] = {}
    for row in session.scalars(query.execution_options(populate_existing=True)):
        by_case.setdefault(row.case_id, []).append(_promise_of(row))
    return by_case


def _promise_of(row: PromiseRow) -> Promise:
    return from_row(Promise, row)

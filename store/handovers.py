"""Who has which matter outside the desk."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from care.errors import NotFound
from care.handover import HAS_IT, HandOver, HandOverState
from store.mapping import from_row, to_columns
from store.rows import changed, insert_once
from store.tables import HandOverRow


class SqlHandOvers:
    def __init__(self, session: Session) -> None:
        self._session = session

    def open(self, handover: HandOver) -> bool:
        """Keep it. False when the case is with them already."""
        return insert_once(self._session, HandOverRow, to_columns(handover, HandOverRow))

    def get(self, handover_id: str) -> HandOver:
        """Raises NotFound."""
        row = self._session.get(HandOverRow, handover_id, populate_existing=True)
        if row is None:
            raise NotFound("hand-over", handover_id)
        return _handover_of(row)

    def of_case(self, case_id: str) -> list[HandOver]:
        return handovers_of(self._session, [case_id]).get(case_id, [])

    def save(self, handover: HandOver, *, was: HandOverState) -> bool:
        """Write a moved hand-over if it still stands at `was`; False otherwise."""
        moved = update(HandOverRow).where(HandOverRow.id == handover.id, HandOverRow.state == was)
        values = {
            "state": handover.state,
            "changed_by": handover.changed_by,
            "changed_at": handover.changed_at,
            "answered_at": handover.answered_at,
        }
        return changed(self._session, moved.values(values)) == 1

    def passed(self, *, at: datetime, limit: int = 500) -> list[HandOver]:
        """Those that should have been answered by now, earliest first."""
        query = select(HandOverRow).where(HandOverRow.state.in_(HAS_IT), HandOverRow.until < at)
        return [_handover_of(row) for row in self._session.scalars(query.order_by(HandOverRow.until).limit(limit))]


def open_handovers(session: Session, case_id: str) -> tuple[HandOver, ...]:
    query = select(HandOverRow).where(HandOverRow.case_id == case_id, HandOverRow.state.in_(HAS_IT))
    return tuple(_handover_of(row) for row in session.scalars(query.execution_options(populate_existing=True)))


def handovers_of(session: Session, case_ids: Sequence[str]) -> dict[str, list[HandOver]]:
    """By case, oldest first."""
    query = select(HandOverRow).where(HandOverRow.case_id.in_(case_ids))
    by_case: dict[str, list[HandOver]] = {}
    ordered = query.order_by(HandOverRow.opened_at, HandOverRow.id)
    for row in session.scalars(ordered.execution_options(populate_existing=True)):
        by_case.setdefault(row.case_id, []).append(_handover_of(row))
    return by_case


def _handover_of(row: HandOverRow) -> HandOver:
    return from_row(HandOver, row)

"""Surges that were found, and when they were over."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from care.surge import Surge
from store.mapping import from_row, to_columns
from store.rows import changed, insert_once
from store.tables import SurgeRow


class SqlSurges:
    """Satisfies care.surge.Surges."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def open(self) -> list[Surge]:
        query = select(SurgeRow).where(SurgeRow.ended_at.is_(None)).order_by(SurgeRow.found_at, SurgeRow.id)
        return [from_row(Surge, row) for row in self._session.scalars(query)]

    def begin(self, surge: Surge) -> bool:
        return insert_once(self._session, SurgeRow, to_columns(surge, SurgeRow))

    def end(self, surge_id: str, *, at: datetime) -> bool:
        ended = update(SurgeRow).where(SurgeRow.id == surge_id, SurgeRow.ended_at.is_(None))
        return changed(self._session, ended.values(ended_at=at)) == 1

"""What channels handed in and nobody could read."""

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from care.errors import NotFound
from care.unreadable import Quarantined
from store.mapping import from_row, to_columns
from store.rows import changed, insert_once
from store.tables import QuarantineRow


class SqlQuarantine:
    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, item: Quarantined) -> str:
        if insert_once(self._session, QuarantineRow, to_columns(item, QuarantineRow)):
            return item.id
        same = (
            QuarantineRow.channel == item.channel,
            QuarantineRow.door == item.door,
            QuarantineRow.digest == item.digest,
        )
        seen = update(QuarantineRow).where(*same).values(n_seen=QuarantineRow.n_seen + 1, last_at=item.last_at)
        return self._session.scalars(seen.returning(QuarantineRow.id)).one()

    def size(self) -> tuple[int, int]:
        query = select(func.count(), func.coalesce(func.sum(func.length(QuarantineRow.content)), 0))
        n, n_characters = self._session.execute(query).one()
        return n, int(n_characters)

    def get(self, item_id: str) -> Quarantined:
        row = self._session.get(QuarantineRow, item_id)
        if row is None:
            raise NotFound("quarantined item", item_id)
        return from_row(Quarantined, row)

    def page(self, *, channel: str | None = None, limit: int = 200) -> list[Quarantined]:
        query = select(QuarantineRow).order_by(QuarantineRow.last_at.desc(), QuarantineRow.id.desc()).limit(limit)
        if channel is not None:
            query = query.where(QuarantineRow.channel == channel)
        return [from_row(Quarantined, row) for row in self._session.scalars(query)]

    def failed_again(self, item_id: str, *, problem: str) -> None:
        tried = update(QuarantineRow).where(QuarantineRow.id == item_id)
        self._session.execute(tried.values(problem=problem, n_tries=QuarantineRow.n_tries + 1))

    def remove(self, item_id: str) -> bool:
        return changed(self._session, delete(QuarantineRow).where(QuarantineRow.id == item_id)) > 0

    def forget(self, *, before: datetime) -> int:
        return changed(self._session, delete(QuarantineRow).where(QuarantineRow.last_at < before))

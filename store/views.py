"""Lists of the inbox that people saved under a name."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from care.errors import NotFound
from care.saved_view import SavedView
from store.mapping import from_row, to_columns
from store.tables import SavedViewRow


class SqlViews:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, view: SavedView) -> None:
        self._session.add(SavedViewRow(**to_columns(view, SavedViewRow)))
        self._session.flush()

    def get(self, view_id: str) -> SavedView:
        row = self._session.get(SavedViewRow, view_id)
        if row is None:
            raise NotFound("view", view_id)
        return from_row(SavedView, row)

    def of(self, *owners: str) -> list[SavedView]:
        query = select(SavedViewRow).where(SavedViewRow.owner.in_(owners))
        rows = self._session.scalars(query.order_by(SavedViewRow.made_at, SavedViewRow.id))
        return [from_row(SavedView, row) for row in rows]

    def everybodys(self) -> list[SavedView]:
        return [from_row(SavedView, row) for row in self._session.scalars(select(SavedViewRow))]

    def drop(self, view_id: str) -> None:
        self._session.execute(delete(SavedViewRow).where(SavedViewRow.id == view_id))

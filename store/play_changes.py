"""Proposals for plays that wait, and the history of their edits; satisfies care.play_changes.PlayChanges."""

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from care.errors import NotFound
from care.play_changes import ChangeState, PlayChange
from store.mapping import from_row, to_columns
from store.rows import changed
from store.tables import PlayChangeRow


class SqlPlayChanges:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, change: PlayChange) -> None:
        self._session.add(PlayChangeRow(**to_columns(change, PlayChangeRow)))
        self._session.flush()

    def get(self, change_id: str) -> PlayChange:
        row = self._session.get(PlayChangeRow, change_id, populate_existing=True)
        if row is None:
            raise NotFound("change of a play", change_id)
        return from_row(PlayChange, row)

    def of_play(self, play_id: str) -> list[PlayChange]:
        query = select(PlayChangeRow).where(PlayChangeRow.play_id == play_id)
        rows = self._session.scalars(query.order_by(PlayChangeRow.at.desc(), PlayChangeRow.id.desc()).limit(100))
        return [from_row(PlayChange, row) for row in rows]

    def proposed(self) -> dict[str, int]:
        waits = select(PlayChangeRow.play_id, func.count().label("n")).where(
            PlayChangeRow.state == ChangeState.PROPOSED
        )
        rows = self._session.execute(waits.group_by(PlayChangeRow.play_id))
        return {row.play_id: row.n for row in rows}

    def undo(self, change_id: str, *, by: str, at: datetime) -> bool:
        made = update(PlayChangeRow).where(PlayChangeRow.id == change_id, PlayChangeRow.state == ChangeState.MADE)
        return changed(self._session, made.values(state=ChangeState.UNDONE, decided_by=by, decided_at=at)) == 1

    def drop(self, change_id: str) -> bool:
        is_it = (PlayChangeRow.id == change_id, PlayChangeRow.state == ChangeState.PROPOSED)
        return changed(self._session, delete(PlayChangeRow).where(*is_it)) == 1

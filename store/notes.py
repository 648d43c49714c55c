"""Internal notes on cases, oldest first."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from care.note import Note
from store.mapping import from_row, to_columns
from store.tables import NoteRow


class SqlNotes:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, note: Note) -> None:
        self._session.add(NoteRow(**to_columns(note, NoteRow)))
        self._session.flush()

    def of_case(self, case_id: str) -> list[Note]:
        return notes_of(self._session, [case_id]).get(case_id, [])


def notes_of(session: Session, case_ids: Sequence[str]) -> dict[str, list[Note]]:
    """By case, oldest first."""
    query = select(NoteRow).where(NoteRow.case_id.in_(case_ids)).order_by(NoteRow.at, NoteRow.id)
    found: dict[str, list[Note]] = {}
    for row in session.scalars(query):
        found.setdefault(row.case_id, []).append(from_row(Note, row))
    return found

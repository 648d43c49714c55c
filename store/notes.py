"""Internal notes on cases, oldest first."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from care.note import Note
from store.mapping import from_row, to_columns
from store.said import keep_said
from store.tables import NoteRow


class SqlNotes:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, note: Note) -> None:
        self._session.add(NoteRow(**to_columns(note, NoteRow)))
        self._session.flush()
        keep_said(self._session, [{"case_id": note.case_id, "source_id": note.id, "texts": (note.text,)}])

    def of_case(self, case_id: str) -> list[Note]:
        return notes_of(self._session, [case_id]).get(case_id, [])


def notes_of(session: Session, case_ids: Sequence[str]) -> dict[str, list[Note]]:
    """By case, oldest first."""
    query = select(NoteRow).where(NoteRow.case_id.in_(case_ids)).order_by(NoteRow.at, NoteRow.id)
    by_case: dict[str, list[Note]] = {}
    for row in session.scalars(query):
        by_case.setdefault(row.case_id, []).append(from_row(Note, row))
    return by_case

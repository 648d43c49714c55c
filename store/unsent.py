"""What people wrote and have not sent."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from care.unsent import UnsentText
from store.rows import insert_or_update
from store.tables import UnsentTextRow


class SqlUnsentTexts:
    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, unsent: UnsentText) -> None:
        values = {
            "person_id": unsent.person_id,
            "case_id": unsent.case_id,
            "place": unsent.place,
            "text": unsent.text,
            "pointer": unsent.pointer,
            "is_pair": unsent.is_pair,
            "saved_at": unsent.saved_at,
        }
        insert_or_update(self._session, UnsentTextRow, values)

    def of(self, person_id: str, case_id: str) -> list[UnsentText]:
        query = (
            select(UnsentTextRow)
            .where(UnsentTextRow.person_id == person_id, UnsentTextRow.case_id == case_id)
            .order_by(UnsentTextRow.saved_at.desc(), UnsentTextRow.place)
        )
        return [
            UnsentText(row.person_id, row.case_id, row.place, row.text, row.saved_at, row.pointer, row.is_pair)
            for row in self._session.scalars(query)
        ]

    def drop(self, person_id: str, case_id: str, *, place: str | None = None) -> None:
        theirs = delete(UnsentTextRow).where(UnsentTextRow.person_id == person_id, UnsentTextRow.case_id == case_id)
        self._session.execute(theirs if place is None else theirs.where(UnsentTextRow.place == place))

"""What each message is about, and what people made of it."""

from collections.abc import Collection

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from care.classification import Classification, Correction
from store.moments import Now
from store.tables import ClassificationRow, CorrectionRow


class SqlClassifications:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now

    def save(self, message_id: str, classification: Classification) -> None:
        """Keep it; a later one replaces it."""
        row = self._session.get(ClassificationRow, message_id) or ClassificationRow(message_id=message_id)
        row.bundle = classification.bundle
        row.value = classification
        row.made_at = self._session.scalars(select(self._now(0))).one()
        self._session.add(row)
        self._session.flush()

    def get(self, message_id: str) -> Classification | None:
        row = self._session.get(ClassificationRow, message_id)
        return None if row is None else row.value

    def correct(self, correction: Correction) -> None:
        """Append it: what a person said before stays, the latest one counts."""
        values = {
            "message_id": correction.message_id,
            "task": correction.task,
            "predicted": correction.predicted,
            "corrected": correction.corrected,
            "agent": correction.agent,
            "reason": correction.reason,
        }
        self._session.execute(insert(CorrectionRow).values(corrected_at=self._now(0), **values))


def corrections_of(session: Session, ids: Collection[str]) -> dict[str, dict[str, str]]:
    """By message and task what a person said last."""
    query = select(CorrectionRow).where(CorrectionRow.message_id.in_(ids)).order_by(CorrectionRow.number)
    latest: dict[str, dict[str, str]] = {}
    for row in session.scalars(query):
        latest.setdefault(row.message_id, {})[row.task] = row.corrected
    return latest

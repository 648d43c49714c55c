"""Answers kept for requests that come again. Of two that begin at once, one is the first."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.orm import Session

from care.unit_of_work import KeptAnswer
from store.moments import Now
from store.rows import changed, insert_once
from store.tables import KeptAnswerRow


class SqlAnswers:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now

    def begin(self, owner: str, key: str, *, request: str, lease_s: float) -> KeptAnswer | None:
        begun: dict[str, Any] = {
            "request": request,
            "until": self._now(lease_s),
            "status": None,
            "headers": {},
            "body": "",
        }
        if insert_once(self._session, KeptAnswerRow, {"owner": owner, "key": key, **begun}):
            return None
        is_over = KeptAnswerRow.until <= self._now(0)
        if changed(self._session, update(KeptAnswerRow).where(_is(owner, key), is_over).values(**begun)):
            return None
        row = self._session.scalars(select(KeptAnswerRow).where(_is(owner, key))).one()
        return KeptAnswer(row.request, row.status, row.headers, row.body)

    def keep(self, owner: str, key: str, answer: KeptAnswer, *, keep_s: float) -> None:
        kept = update(KeptAnswerRow).where(_is(owner, key), KeptAnswerRow.request == answer.request)
        values = {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}
        changed(self._session, kept.values(until=self._now(keep_s), **values))

    def drop(self, owner: str, key: str) -> None:
        self._session.execute(delete(KeptAnswerRow).where(_is(owner, key)))

    def forget(self, *, before: datetime) -> int:
        old = delete(KeptAnswerRow).where(KeptAnswerRow.until <= before).returning(KeptAnswerRow.key)
        return len(self._session.execute(old).all())


def _is(owner: str, key: str) -> ColumnElement[bool]:
    return and_(KeptAnswerRow.owner == owner, KeptAnswerRow.key == key)

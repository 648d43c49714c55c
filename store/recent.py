"""What a person did lately and may want to take back."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from care.reply import ReplyStage
from care.trail import Event
from store.moments import Now
from store.replies import IS_READ
from store.tables import EventRow, ReplyRow
from store.trail import event_of

LOOK_BACK = 5_000
"""Rows of the trail that are looked at: its number is its index."""


class SqlRecent:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now

    def waiting(self, by: str) -> list[str]:
        query = (
            select(ReplyRow.id)
            .where(ReplyRow.stage == ReplyStage.PENDING, ReplyRow.approved_by == by)
            .where(ReplyRow.not_before > self._now(0), IS_READ)
            .order_by(ReplyRow.not_before, ReplyRow.number)
        )
        return list(self._session.scalars(query))

    def acts(self, by: str, events: Collection[str], *, within_s: float) -> list[Event]:
        latest = self._session.scalar(select(func.max(EventRow.number))) or 0
        query = (
            select(EventRow)
            .where(EventRow.number > latest - LOOK_BACK, EventRow.by == by, EventRow.event.in_(events))
            .where(EventRow.at > self._now(-within_s))
            .order_by(EventRow.number.desc())
            .limit(20)
        )
        return [event_of(row) for row in self._session.scalars(query)]

    def act(self, number: int) -> Event | None:
        row = self._session.get(EventRow, number)
        return None if row is None else event_of(row)

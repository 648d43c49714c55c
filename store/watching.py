"""Figures for whoever watches the service."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.endpoints import DELIVERIES
from store.moments import Now
from store.notices import NOTICES
from store.replies import REPLIES
from store.tables import ReplyRow
from store.tasks import TASKS

LANES = {"tasks": TASKS, "replies": REPLIES, "notices": NOTICES, "deliveries": DELIVERIES}


class SqlWatching:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now

    def oldest_s(self) -> dict[str, float]:
        now: datetime = self._session.scalars(select(self._now(0))).one()
        since = {name: self._oldest(name, now) for name in LANES}
        return {name: max(0.0, (now - at).total_seconds()) if at else 0.0 for name, at in since.items()}

    def replies(self) -> dict[tuple[str, str], int]:
        query = (
            select(ReplyRow.channel, ReplyRow.stage, func.count())
            .where(~ReplyRow.is_rehearsal)
            .group_by(ReplyRow.channel, ReplyRow.stage)
        )
        return {(channel, str(stage)): n for channel, stage, n in self._session.execute(query)}

    def _oldest(self, name: str, now: datetime) -> datetime | None:
        lane = LANES[name]
        due = lane.table.not_before
        waits = lane.state.in_((lane.waiting, lane.claimed))
        return self._session.scalar(select(func.min(due)).where(waits, due <= now, *lane.only))

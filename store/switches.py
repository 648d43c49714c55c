"""Which channels were switched on, and what was only rehearsed on them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from care.case import Resolution, Source
from care.reply import ReplyStage
from store.rows import insert_once
from store.tables import CaseRow, LiveChannelRow, ReplyRow


class SqlSwitches:
    def __init__(self, session: Session) -> None:
        self._session = session

    def is_on(self, channel: str) -> bool:
        return self._session.get(LiveChannelRow, channel) is not None

    def on(self) -> dict[str, datetime]:
        return {row.name: row.at for row in self._session.scalars(select(LiveChannelRow))}

    def turn_on(self, channel: str, *, by: str, at: datetime) -> bool:
        return insert_once(self._session, LiveChannelRow, {"name": channel, "by": by, "at": at})

    def n_rehearsed(self, channel: str) -> tuple[int, int]:
        samples, theirs = (
            self._session.scalar(select(func.count()).select_from(CaseRow).where(CaseRow.channel == channel, which))
            for which in (_is_open_sample(), _is_rehearsed())
        )
        return samples or 0, theirs or 0

    def rehearsed(self, channel: str, *, after: str = "", limit: int = 200) -> Sequence[str]:
        which = or_(_is_open_sample(), _is_rehearsed())
        query = select(CaseRow.id).where(CaseRow.channel == channel, CaseRow.id > after, which)
        return list(self._session.scalars(query.order_by(CaseRow.id).limit(limit)))


def _is_open_sample() -> ColumnElement[bool]:
    is_archived = func.coalesce(CaseRow.resolution, "") == Resolution.ARCHIVED.value
    return (CaseRow.source == Source.DEMO) & ~is_archived


def _is_rehearsed() -> ColumnElement[bool]:
    """A real customer's case with answers that reached nobody."""
    said = exists().where(ReplyRow.case_id == CaseRow.id, ReplyRow.is_rehearsal, ReplyRow.stage != ReplyStage.WITHDRAWN)
    return (CaseRow.source != Source.DEMO) & said

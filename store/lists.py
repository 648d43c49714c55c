"""The inbox: its lists of cases, their counts, and the figures for /metrics."""

import base64
import binascii
import json
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select, true
from sqlalchemy.orm import Session

from care.case import CaseState, Source
from care.errors import BadCursor
from care.lists import EVERYTHING, NOBODY, SOON_S, Clock, Narrowing, Page, View, Waiting
from care.pointing import IN_TROUBLE
from care.times import moment_of
from store.cases import SqlCases
from store.moments import Now
from store.places import AnySelect, due, is_snoozed, place, with_latest
from store.replies import IS_UNREAD
from store.said import holds
from store.tables import (
    CaseLabelRow,
    CaseRow,
    CorrectionRow,
    HandOverRow,
    MessageRow,
    NoticeRow,
    OfflineRow,
    PromiseRow,
    QuarantineRow,
    ReplyRow,
    SatisfactionRow,
    TaskRow,
)
from store.tasks import TASKS
from store.texts import keepable

MAX_PAGE = 200


class SqlLists:
    def __init__(self, session: Session, now: Now, cases: SqlCases) -> None:
        self._session = session
        self._now = now
        self._cases = cases

    def page(
        self,
        view: View,
        *,
        agent: str | None = None,
        only: Narrowing = EVERYTHING,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page:
        """Lists for a person to work through stand by due time, the others by what changed last."""
        limit = max(1, min(limit, MAX_PAGE))
        by_due = view in (View.NOW_DUE, View.OFFLINE, View.MINE)
        columns = (CaseRow.latest_message_id, CaseRow.id, due().label("due"), CaseRow.priority, CaseRow.changed_at)
        query = with_latest(select(*columns)).where(self._in_view(view, agent=agent))
        query = query.where(*self._narrowed(only))
        if by_due:
            query = query.order_by(due(), CaseRow.priority.desc(), CaseRow.id)
        else:
            query = query.order_by(CaseRow.changed_at.desc(), CaseRow.id.desc())
        if cursor is not None:
            query = query.where(_after_due(cursor, view) if by_due else _after_change(cursor, view))
        rows = self._session.execute(query.limit(limit + 1)).all()
        shown = rows[:limit]
        last = shown[-1] if len(rows) > limit else None
        return Page(
            cases=tuple(self._cases.files([row.latest_message_id for row in shown])),
            next_cursor=None
            if last is None
            else _cursor(view, last.due if by_due else last.changed_at, last.priority if by_due else 0, last.id),
        )

    def count(self, view: View, *, agent: str | None = None, only: Narrowing = EVERYTHING, at_most: int) -> int:
        listed = with_latest(select(CaseRow.id)).where(self._in_view(view, agent=agent), *self._narrowed(only))
        return self._session.scalar(select(func.count()).select_from(listed.limit(at_most).subquery())) or 0

    def labels(self) -> dict[str, list[str]]:
        query = select(CaseLabelRow.task, CaseLabelRow.label).distinct().where(CaseLabelRow.label != "")
        by_task: dict[str, list[str]] = {}
        for task, label in self._session.execute(query.order_by(CaseLabelRow.task, CaseLabelRow.label)):
            by_task.setdefault(task, []).append(label)
        return by_task

    def _narrowed(self, only: Narrowing) -> Iterator[ColumnElement[bool]]:
        if only.search.strip():
            yield holds(self._session, only.search)
        if only.channel:
            yield CaseRow.channel == keepable(only.channel)
        for task, label in only.labels.items():
            about = select(CaseLabelRow.case_id).where(CaseLabelRow.task == task, CaseLabelRow.label == keepable(label))
            yield CaseRow.id.in_(about)
        if only.assignee:
            is_nobody = only.assignee == NOBODY
            yield CaseRow.assigned_to.is_(None) if is_nobody else CaseRow.assigned_to == keepable(only.assignee)
        if only.clock:
            yield self._clock(only.clock)

    def _clock(self, clock: Clock) -> ColumnElement[bool]:
        due, now, soon = CaseRow.due_at, self._now(0), self._now(SOON_S)
        is_over = CaseRow.state == CaseState.RESOLVED
        if clock is Clock.SNOOZED:
            return is_snoozed(self._now)
        if clock is Clock.NONE:
            return or_(due.is_(None), is_over)
        within = {Clock.LATE: due <= now, Clock.SOON: and_(due > now, due <= soon), Clock.LATER: due > soon}
        return and_(within[clock], ~is_over)

    def counts(self, *, agent: str | None = None) -> dict[View, int]:
        is_mine = and_(CaseRow.assigned_to == agent, ~is_snoozed(self._now)) if agent is not None else false()
        # Where the customer has written nothing yet, no list shows the case.
        placed = select(place(self._now).label("place"), is_mine.label("is_mine")).where(CaseRow.turn > 0).subquery()
        query = select(placed.c.place, placed.c.is_mine, func.count()).group_by(placed.c.place, placed.c.is_mine)
        counts = dict.fromkeys(View, 0)
        for where, mine, count in self._session.execute(query):
            counts[View.ALL] += count
            if where != "done":
                counts[View(where)] += count
                counts[View.MINE] += count if mine else 0
        return counts

    def waiting(self) -> list[Waiting]:
        clock = case(
            (CaseRow.due_at.is_(None), Clock.NONE.value),
            (CaseRow.due_at <= self._now(0), Clock.LATE.value),
            (CaseRow.due_at <= self._now(SOON_S), Clock.SOON.value),
            else_=Clock.LATER.value,
        ).label("clock")
        team = func.coalesce(CaseLabelRow.label, "").label("team")
        is_team = and_(CaseLabelRow.case_id == CaseRow.id, CaseLabelRow.task == "team")
        listed = (
            with_latest(select(CaseRow.channel, CaseRow.assigned_to, MessageRow.received_at, team, clock))
            .outerjoin(CaseLabelRow, is_team)
            .where(place(self._now) == View.NOW_DUE.value)
            .subquery()
        )
        columns = (listed.c.team, listed.c.channel, listed.c.clock, listed.c.assigned_to)
        since = func.min(listed.c.received_at).label("since")
        query = select(*columns, func.count().label("n"), since).group_by(*columns)
        return [
            Waiting(row.team, row.channel, row.clock, row.assigned_to, row.n, row.since)
            for row in self._session.execute(query)
        ]

    def stuck(self) -> int:
        replies = select(func.count()).select_from(ReplyRow).where(ReplyRow.stage.in_(IN_TROUBLE), _is_real())
        to_read = select(func.count()).select_from(ReplyRow).where(IS_UNREAD)
        tasks = select(func.count()).select_from(TaskRow).where(TaskRow.state == TASKS.parked)
        return sum(self._session.scalar(query) or 0 for query in (replies, to_read, tasks))

    def figures(self) -> dict[str, dict[str, int]]:
        scores = (
            select(SatisfactionRow.score, func.count())
            .join(ReplyRow, ReplyRow.id == SatisfactionRow.reply_id)
            .where(SatisfactionRow.score.is_not(None), _is_real())
        )
        return {
            "cases": self._tally(select(CaseRow.state, func.count()).where(_counts()).group_by(CaseRow.state)),
            "replies": self._tally(select(ReplyRow.stage, func.count()).where(_is_real()).group_by(ReplyRow.stage)),
            "tasks": self._tally(select(TaskRow.state, func.count()).group_by(TaskRow.state)),
            "promises": self._tally(select(PromiseRow.state, func.count()).group_by(PromiseRow.state)),
            "handovers": self._tally(select(HandOverRow.state, func.count()).group_by(HandOverRow.state)),
            "corrections": self._tally(_corrected().group_by(CorrectionRow.task)),
            "satisfaction": self._tally(scores.group_by(SatisfactionRow.score)),
            "sensitive": self._tally(_read().group_by(MessageRow.handling)),
            "notices": self._tally(select(NoticeRow.state, func.count()).group_by(NoticeRow.state)),
            "offline": self._tally(select(OfflineRow.state, func.count()).group_by(OfflineRow.state)),
            "quarantine": self._tally(select(QuarantineRow.channel, func.count()).group_by(QuarantineRow.channel)),
        }

    def _tally(self, query: AnySelect) -> dict[str, int]:
        return {str(getattr(name, "value", name)): count for name, count in self._session.execute(query)}

    def _in_view(self, view: View, *, agent: str | None) -> ColumnElement[bool]:
        if view is View.ALL:
            return true()
        if view is View.MINE:
            is_over = CaseRow.state == CaseState.RESOLVED
            is_mine = and_(CaseRow.assigned_to == agent, ~is_over, ~is_snoozed(self._now))
            return is_mine if agent is not None else false()
        return place(self._now) == view.value


def _corrected() -> AnySelect:
    return select(CorrectionRow.task, func.count()).where(CorrectionRow.predicted != CorrectionRow.corrected)


def _counts() -> ColumnElement[bool]:
    """Whether figures count this case: neither a sample nor history."""
    return and_(CaseRow.source == Source.LIVE, CaseRow.turn > 0)


def _is_real() -> ColumnElement[bool]:
    """Whether a reply was written for the network, not to rehearse."""
    return ~ReplyRow.is_rehearsal


def _read() -> AnySelect:
    """How many messages that came in here are handled how: what was brought in as history had no task."""
    came_in = or_(MessageRow.automatic.is_not(None), exists().where(TaskRow.message_id == MessageRow.id))
    query = select(MessageRow.handling, func.count()).join(CaseRow, CaseRow.id == MessageRow.case_id)
    return query.where(_counts(), came_in)


def _after_due(cursor: str, view: View) -> ColumnElement[bool]:
    at, points, id = _read_cursor(cursor, view)
    is_next = or_(CaseRow.priority < points, and_(CaseRow.priority == points, CaseRow.id > id))
    return or_(due() > at, and_(due() == at, is_next))


def _after_change(cursor: str, view: View) -> ColumnElement[bool]:
    at, _, id = _read_cursor(cursor, view)
    return or_(CaseRow.changed_at < at, and_(CaseRow.changed_at == at, CaseRow.id < id))


def _cursor(view: View, at: datetime, priority: int, id: str) -> str:
    """Where a page ended, in a form nobody should read."""
    ended = json.dumps([view.value, at.isoformat(), priority, id], separators=(",", ":"))
    return base64.urlsafe_b64encode(ended.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, view: View) -> tuple[datetime, int, str]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        name, at, priority, id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        due = moment_of(at)
        # Whole numbers that fit the column, our id, and the list it was made for.
        is_ours = name == view.value and isinstance(id, str) and keepable(id) == id
        is_ours = is_ours and type(priority) is int and abs(priority) < 2**31
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise BadCursor("This cursor is not one of ours; start from the first page.") from error
    if not is_ours:
        raise BadCursor("This cursor is not one of ours for this list; start from the first page.")
    return due, priority, id

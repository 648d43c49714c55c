"""The inbox: its lists, one case with everything that belongs to it, and the counts."""

import base64
import binascii
import json
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true, update
from sqlalchemy.orm import Session

from care.desk import Case, Event, Page, View
from care.errors import BadCursor, Conflict, NotFound
from care.escalation import Climbed
from care.offline import OfflineTask
from care.reply import Purpose, Reply, Stage
from care.satisfaction import Satisfaction
from store.classifications import corrections_of
from store.escalations import steps_of
from store.messages import message_of, turns_of
from store.offline import is_offline, task_of
from store.places import AnySelect, due, joined, place, priority, state
from store.replies import reply_of
from store.rows import changed
from store.suggestions import suggestion_of
from store.surveys import satisfaction_of
from store.tables import (
    ClassificationRow,
    CorrectionRow,
    MessageRow,
    NoticeRow,
    OfflineRow,
    ReplyRow,
    SatisfactionRow,
    SuggestionRow,
    TaskRow,
    ThreadRow,
)
from store.texts import clean, literal
from store.trail import Trail

MAX_PAGE = 200
CASE_TURNS = 200
"""Turns of the thread that one open case shows; a list shows the last few."""
LIST_TURNS = 20


class SqlDesk:
    def __init__(self, session: Session, trail: Trail) -> None:
        self._session = session
        self._trail = trail

    def page(
        self,
        view: View,
        *,
        agent: str | None = None,
        channel: str | None = None,
        search: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page:
        """Lists for a person to work through stand by due time, the others newest first."""
        limit = max(1, min(limit, MAX_PAGE))
        by_due = view in (View.NOW_DUE, View.OFFLINE, View.MINE)
        query = joined(select(MessageRow.id, due().label("due"), priority().label("priority"), MessageRow.received_at))
        query = query.where(_in_view(view, agent=agent))
        if channel is not None:
            query = query.where(MessageRow.channel == clean(channel))
        if search:
            pattern = literal(search)
            query = query.where(
                or_(
                    MessageRow.text.ilike(pattern, escape="\\"),
                    MessageRow.handle.ilike(pattern, escape="\\"),
                    MessageRow.author_name.ilike(pattern, escape="\\"),
                )
            )
        if by_due:
            query = query.order_by(due(), priority().desc(), MessageRow.id)
        else:
            query = query.order_by(MessageRow.received_at.desc(), MessageRow.id.desc())
        if cursor is not None:
            query = query.where(_after_due(cursor, view) if by_due else _after_received(cursor, view))
        rows = self._session.execute(query.limit(limit + 1)).all()
        shown = rows[:limit]
        last = shown[-1] if len(rows) > limit else None
        return Page(
            cases=tuple(self._cases([row.id for row in shown], n_turns=LIST_TURNS)),
            next_cursor=None
            if last is None
            else _cursor(view, last.due if by_due else last.received_at, last.priority if by_due else 0, last.id),
        )

    def counts(self, *, agent: str | None = None) -> dict[View, int]:
        where_it_is = place().label("place")
        is_mine = (MessageRow.assigned_to == agent) if agent is not None else false()
        placed = joined(select(where_it_is, is_mine.label("is_mine"))).subquery()
        query = select(placed.c.place, placed.c.is_mine, func.count()).group_by(placed.c.place, placed.c.is_mine)
        counts = dict.fromkeys(View, 0)
        for where, mine, count in self._session.execute(query):
            counts[View.ALL] += count
            if where != "done":
                counts[View(where)] += count
                counts[View.MINE] += count if mine else 0
        return counts

    def case(self, message_id: str) -> Case:
        for found in self._cases([message_id], n_turns=CASE_TURNS):
            return found
        raise NotFound("message", message_id)

    def assign(self, message_id: str, agent: str | None) -> None:
        """Raises NotFound."""
        if not changed(self._session, update(MessageRow).where(MessageRow.id == message_id).values(assigned_to=agent)):
            raise NotFound("message", message_id)

    def resolve(self, thread_id: str, *, is_resolved: bool) -> None:
        """Raises NotFound, and Conflict for resolving a thread with an open offline task, whoever asks."""
        resolved = update(ThreadRow).where(ThreadRow.id == thread_id).values(is_resolved=is_resolved)
        if is_resolved:
            resolved = resolved.where(~is_offline(thread_id))
        if changed(self._session, resolved):
            return
        if is_resolved and self._session.scalar(select(is_offline(thread_id))):
            raise Conflict("This was taken offline: close it where it began, or waive that with a reason, first.")
        raise NotFound("thread", thread_id)

    def reopen(self, thread_id: str) -> bool:
        reopened = update(ThreadRow).where(ThreadRow.id == thread_id, ThreadRow.is_resolved).values(is_resolved=False)
        return changed(self._session, reopened) == 1

    def events(self, *, after: int, limit: int = 200) -> list[Event]:
        return self._trail.events(after=after, limit=limit)

    def last_event(self) -> int:
        return self._trail.last()

    def figures(self) -> dict[str, dict[str, int]]:
        messages = joined(select(state().label("state"))).subquery()
        scores = select(SatisfactionRow.score, func.count()).where(SatisfactionRow.score.is_not(None))
        return {
            "messages": self._tally(select(messages.c.state, func.count()).group_by(messages.c.state)),
            "replies": self._tally(select(ReplyRow.stage, func.count()).group_by(ReplyRow.stage)),
            "tasks": self._tally(select(TaskRow.state, func.count()).group_by(TaskRow.state)),
            "corrections": self._tally(select(CorrectionRow.task, func.count()).group_by(CorrectionRow.task)),
            "satisfaction": self._tally(scores.group_by(SatisfactionRow.score)),
            "sensitive": self._tally(select(MessageRow.handling, func.count()).group_by(MessageRow.handling)),
            "notices": self._tally(select(NoticeRow.state, func.count()).group_by(NoticeRow.state)),
            "offline": self._tally(select(OfflineRow.state, func.count()).group_by(OfflineRow.state)),
        }

    def _tally(self, query: AnySelect) -> dict[str, int]:
        return {str(getattr(name, "value", name)): count for name, count in self._session.execute(query)}

    def _cases(self, ids: Sequence[str], *, n_turns: int) -> list[Case]:
        """Whole cases in the order of their ids, by a fixed number of queries."""
        query = joined(
            select(MessageRow, TaskRow, ThreadRow, SuggestionRow, state().label("state")).where(MessageRow.id.in_(ids))
        ).execution_options(populate_existing=True)
        rows = {row.MessageRow.id: row for row in self._session.execute(query)}
        threads = {row.MessageRow.thread_id for row in rows.values()}
        turns = turns_of(self._session, threads, limit=n_turns)
        replies = self._replies(ids)
        corrections = corrections_of(self._session, ids)
        offline = self._offline(threads)
        climbed = self._climbed(ids)
        satisfaction = self._satisfaction(threads)
        classifications = {
            row.message_id: row.value
            for row in self._session.scalars(select(ClassificationRow).where(ClassificationRow.message_id.in_(ids)))
        }
        return [
            Case(
                message=message_of(row.MessageRow),
                state=row.state,
                classification=classifications.get(message_id),
                suggestion=None if row.SuggestionRow is None else suggestion_of(row.SuggestionRow),
                reply=replies.get(message_id),
                thread=tuple(turns[row.MessageRow.thread_id]),
                offline=offline.get(row.MessageRow.thread_id),
                assigned_to=row.MessageRow.assigned_to,
                corrections=tuple(sorted(corrections.get(message_id, {}).items())),
                problem=_problem(row.TaskRow, replies.get(message_id)),
                is_resolved=row.ThreadRow.is_resolved,
                climbed=climbed.get(message_id, ()),
                satisfaction=satisfaction.get(row.MessageRow.thread_id),
            )
            for message_id in ids
            if (row := rows.get(message_id)) is not None
        ]

    def _replies(self, ids: Sequence[str]) -> dict[str, Reply]:
        """Each message's live reply: its answer where there is one, else the latest of another purpose."""
        query = (
            select(ReplyRow)
            .where(ReplyRow.message_id.in_(ids), ReplyRow.stage != Stage.WITHDRAWN)
            .order_by((ReplyRow.purpose == Purpose.ANSWER), ReplyRow.approved_at)
        )
        return {row.message_id: reply_of(row) for row in self._session.scalars(query)}

    def _offline(self, thread_ids: Collection[str]) -> dict[str, OfflineTask]:
        query = (
            select(OfflineRow)
            .where(OfflineRow.thread_id.in_(thread_ids))
            .order_by(OfflineRow.created_at, OfflineRow.id)
        )
        return {row.thread_id: task_of(row) for row in self._session.scalars(query)}

    def _climbed(self, ids: Sequence[str]) -> dict[str, tuple[Climbed, ...]]:
        """Whom each message climbed to, lowest step first; the warning and the breach have nobody to name."""
        found = steps_of(self._session, ids)
        return {id: tuple(step for step in steps if step.contact) for id, steps in found.items()}

    def _satisfaction(self, thread_ids: Collection[str]) -> dict[str, Satisfaction]:
        query = select(SatisfactionRow).where(SatisfactionRow.thread_id.in_(thread_ids))
        return {row.thread_id: satisfaction_of(row) for row in self._session.scalars(query)}


def _problem(task: TaskRow | None, reply: Reply | None) -> str | None:
    if reply is not None and reply.problem:
        return reply.problem
    return None if task is None else task.problem


def _in_view(view: View, *, agent: str | None) -> ColumnElement[bool]:
    if view is View.ALL:
        return true()
    if view is View.MINE:
        return and_(MessageRow.assigned_to == agent, place() != "done") if agent is not None else false()
    return place() == view.value


def _after_due(cursor: str, view: View) -> ColumnElement[bool]:
    at, points, id = _read_cursor(cursor, view)
    return or_(
        due() > at,
        and_(due() == at, or_(priority() < points, and_(priority() == points, MessageRow.id > id))),
    )


def _after_received(cursor: str, view: View) -> ColumnElement[bool]:
    at, _, id = _read_cursor(cursor, view)
    return or_(MessageRow.received_at < at, and_(MessageRow.received_at == at, MessageRow.id < id))


def _cursor(view: View, at: datetime, priority: int, id: str) -> str:
    """Where a page ended, in a form nobody should read."""
    place = json.dumps([view.value, at.isoformat(), priority, id], separators=(",", ":"))
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, view: View) -> tuple[datetime, int, str]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        name, at, priority, id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        due = datetime.fromisoformat(at)
        # Whole numbers that fit the column, an aware time, our id, and the list it was made for.
        is_ours = name == view.value and due.tzinfo is not None and isinstance(id, str) and clean(id) == id
        is_ours = is_ours and type(priority) is int and abs(priority) < 2**31
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise BadCursor("This cursor is not one of ours; start from the first page.") from error
    if not is_ours:
        raise BadCursor("This cursor is not one of ours for this list; start from the first page.")
    return due, priority, id

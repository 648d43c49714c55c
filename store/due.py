"""What the sweep looks for: bells the queue lost, leases whose holder died. Safe to run twice and by two at once."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.dml import ReturningUpdate

from care.escalation import NoticeState
from care.reply import Stage
from store.moments import Now
from store.notices import MAX_ATTEMPTS as MAX_NOTICE_ATTEMPTS
from store.tables import NoticeRow, ReplyRow, TaskRow
from store.tasks import MAX_ATTEMPTS, MAX_CRASHES
from store.trail import Trail

MAX_BUSY_S = 24 * 3600.0
"""How long a channel may answer "later" before a person is asked to look."""


_TOLD = {
    "tasks_parked": "task.parked",
    "replies_unknown": "reply.unknown",
    "replies_failed": "reply.failed",
    "notices_failed": "notice.failed",
}
"""What a person has to hear of, with the name of its event."""

_RELEASED: dict[str, Any] = {"lease_token": None, "lease_until": None, "n_crashes": ReplyRow.n_crashes + 1}


class SqlDue:
    def __init__(self, session: Session, now: Now, trail: Trail) -> None:
        self._session = session
        self._now = now
        self._trail = trail

    def silent_tasks(self, *, silent_s: float, limit: int = 200) -> list[str]:
        """One that failed was rung before its wait began, and is silent as soon as that is over."""
        return self._silent(TaskRow, TaskRow.message_id, TaskRow.state == "waiting", silent_s, limit)

    def silent_replies(self, *, silent_s: float, limit: int = 200) -> list[str]:
        """A reply that was rung before its undo window ended is silent as soon as it has."""
        return self._silent(ReplyRow, ReplyRow.id, ReplyRow.stage == Stage.PENDING, silent_s, limit)

    def silent_notices(self, *, silent_s: float, limit: int = 200) -> list[str]:
        """One that was rung before it was put off is silent as soon as it is due again."""
        return self._silent(NoticeRow, NoticeRow.id, NoticeRow.state == NoticeState.WAITING, silent_s, limit)

    def _silent(
        self,
        table: type[TaskRow] | type[ReplyRow] | type[NoticeRow],
        id: InstrumentedAttribute[str],
        waits: ColumnElement[bool],
        silent_s: float,
        limit: int,
    ) -> list[str]:
        """What waits and is due, longest first: never rung, not since it is due, or not for so long."""
        silent = (
            select(id)
            .where(
                waits,
                table.not_before <= self._now(0),
                or_(
                    table.rung_at.is_(None),
                    table.rung_at < table.not_before,
                    table.rung_at <= self._now(-silent_s),
                ),
            )
            .order_by(table.not_before)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rung = update(table).where(id.in_(silent.scalar_subquery()), waits)
        return self._changed(rung.values(rung_at=self._now(0)).returning(id))

    def expired(self, *, idempotent_channels: frozenset[str]) -> dict[str, int]:
        done = {
            "tasks_waiting": self._tasks_back(),
            "tasks_parked": self._tasks_parked(),
            "replies_again": self._inflight_again(idempotent_channels),
            "replies_unknown": self._inflight_unknown(),
            "replies_pending": self._claimed_back(),
            "replies_failed": self._given_up(),
            "notices_failed": self._notices_given_up(),
        }
        for name, event in _TOLD.items():
            for id in done[name]:
                self._trail.note(event, id, by="tactful", facts={})
        return {name: len(ids) for name, ids in done.items() if ids}

    def _tasks_back(self) -> list[str]:
        back = (
            update(TaskRow)
            .where(TaskRow.state == "claimed", TaskRow.lease_until <= self._now(0))
            .values(state="waiting", n_crashes=TaskRow.n_crashes + 1, lease_token=None, lease_until=None, rung_at=None)
        )
        return self._changed(back.returning(TaskRow.message_id))

    def _tasks_parked(self) -> list[str]:
        has_crashed = TaskRow.n_crashes >= MAX_CRASHES
        problem = case(
            (has_crashed, "It stopped its worker too often."),
            else_=func.coalesce(TaskRow.problem, "It failed too often."),
        )
        parked = (
            update(TaskRow)
            .where(TaskRow.state == "waiting", or_(has_crashed, TaskRow.attempt >= MAX_ATTEMPTS))
            .values(state="parked", problem=problem)
        )
        return self._changed(parked.returning(TaskRow.message_id))

    def _inflight_again(self, idempotent_channels: frozenset[str]) -> list[str]:
        """The channel knows the key: sending once more cannot make two of it."""
        again = (
            update(ReplyRow)
            .where(
                self._is_lost(Stage.INFLIGHT),
                ReplyRow.channel.in_(sorted(idempotent_channels)),
                ReplyRow.n_crashes + 1 < MAX_CRASHES,
            )
            .values(stage=Stage.PENDING, rung_at=None, **_RELEASED)
        )
        return self._changed(again.returning(ReplyRow.id))

    def _inflight_unknown(self) -> list[str]:
        problem = "Sending was interrupted: it may or may not have gone out. Look on the channel."
        unknown = (
            update(ReplyRow)
            .where(self._is_lost(Stage.INFLIGHT))
            .values(stage=Stage.UNKNOWN, problem=problem, **_RELEASED)
        )
        return self._changed(unknown.returning(ReplyRow.id))

    def _claimed_back(self) -> list[str]:
        """Nothing has gone out yet: a claimed reply can always be tried again."""
        back = (
            update(ReplyRow).where(self._is_lost(Stage.CLAIMED)).values(stage=Stage.PENDING, rung_at=None, **_RELEASED)
        )
        return self._changed(back.returning(ReplyRow.id))

    def _given_up(self) -> list[str]:
        """A pending reply that never gets through stands as failed, so that a person sees it."""
        has_crashed = ReplyRow.n_crashes >= MAX_CRASHES
        is_too_long = and_(ReplyRow.attempt >= MAX_ATTEMPTS, ReplyRow.queued_at <= self._now(-MAX_BUSY_S))
        problem = case(
            (has_crashed, "It stopped its worker too often. Look on the channel before sending it again."),
            else_="The channel was busy for a day; nothing was sent.",
        )
        failed = (
            update(ReplyRow)
            .where(ReplyRow.stage == Stage.PENDING, or_(has_crashed, is_too_long))
            .values(stage=Stage.FAILED, problem=problem)
        )
        return self._changed(failed.returning(ReplyRow.id))

    def _notices_given_up(self) -> list[str]:
        """A notice whose last try ended with its worker; an earlier one is due again by itself."""
        failed = (
            update(NoticeRow)
            .where(
                NoticeRow.state == NoticeState.WAITING,
                NoticeRow.attempt >= MAX_NOTICE_ATTEMPTS,
                NoticeRow.not_before <= self._now(0),
            )
            .values(state=NoticeState.FAILED, lease_token=None, problem="It stopped its worker too often.")
        )
        return self._changed(failed.returning(NoticeRow.id))

    def _is_lost(self, stage: Stage) -> ColumnElement[bool]:
        return and_(ReplyRow.stage == stage, ReplyRow.lease_until <= self._now(0))

    def _changed(self, statement: ReturningUpdate[str]) -> list[str]:
        rows = self._session.execute(statement.execution_options(synchronize_session=False))
        return sorted(row[0] for row in rows)

"""What the sweep looks for: bells the queue lost, leases whose holder died. Safe to run twice and by two at once."""

from sqlalchemy import Update, and_, case, func, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from care.reply import Stage
from store.moments import Now
from store.rows import changed
from store.tables import ReplyRow, TaskRow
from store.tasks import MAX_ATTEMPTS, MAX_CRASHES

MAX_BUSY_S = 24 * 3600.0
"""How long a channel may answer "later" before a person is asked to look."""


class SqlDue:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now

    def silent_tasks(self, *, silent_s: float, limit: int = 200) -> list[str]:
        silent = (
            select(TaskRow.message_id)
            .where(
                TaskRow.state == "waiting",
                TaskRow.not_before <= self._now(0),
                or_(TaskRow.rung_at.is_(None), TaskRow.rung_at <= self._now(-silent_s)),
            )
            .order_by(TaskRow.message_id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rung = update(TaskRow).where(TaskRow.message_id.in_(silent.scalar_subquery()), TaskRow.state == "waiting")
        return self._ring(rung.values(rung_at=self._now(0)).returning(TaskRow.message_id))

    def silent_replies(self, *, silent_s: float, limit: int = 200) -> list[str]:
        """A reply that was rung before its undo window ended is silent as soon as it has."""
        silent = (
            select(ReplyRow.id)
            .where(
                ReplyRow.stage == Stage.PENDING,
                ReplyRow.not_before <= self._now(0),
                or_(
                    ReplyRow.rung_at.is_(None),
                    ReplyRow.rung_at < ReplyRow.not_before,
                    ReplyRow.rung_at <= self._now(-silent_s),
                ),
            )
            .order_by(ReplyRow.not_before)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rung = update(ReplyRow).where(ReplyRow.id.in_(silent.scalar_subquery()), ReplyRow.stage == Stage.PENDING)
        return self._ring(rung.values(rung_at=self._now(0)).returning(ReplyRow.id))

    def expired(self, *, idempotent_channels: frozenset[str]) -> dict[str, int]:
        counts = {
            "tasks_waiting": self._tasks_back(),
            "tasks_parked": self._tasks_parked(),
            **self._inflight(idempotent_channels),
            "replies_pending": self._claimed_back(),
            "replies_failed": self._given_up(),
        }
        return {name: count for name, count in counts.items() if count}

    def _tasks_back(self) -> int:
        return self._change(
            update(TaskRow)
            .where(TaskRow.state == "claimed", TaskRow.lease_until <= self._now(0))
            .values(state="waiting", n_crashes=TaskRow.n_crashes + 1, lease_token=None, lease_until=None, rung_at=None)
        )

    def _tasks_parked(self) -> int:
        is_hopeless = or_(TaskRow.n_crashes >= MAX_CRASHES, TaskRow.attempt >= MAX_ATTEMPTS)
        problem = case(
            (TaskRow.n_crashes >= MAX_CRASHES, "It stopped its worker too often."),
            else_=func.coalesce(TaskRow.problem, "It failed too often."),
        )
        return self._change(
            update(TaskRow).where(TaskRow.state == "waiting", is_hopeless).values(state="parked", problem=problem)
        )

    def _inflight(self, idempotent_channels: frozenset[str]) -> dict[str, int]:
        lost = and_(ReplyRow.stage == Stage.INFLIGHT, ReplyRow.lease_until <= self._now(0))
        takes_twice = ReplyRow.channel.in_(sorted(idempotent_channels))
        released = {"lease_token": None, "lease_until": None, "n_crashes": ReplyRow.n_crashes + 1}
        again = update(ReplyRow).where(lost, takes_twice, ReplyRow.n_crashes + 1 < MAX_CRASHES)
        unclear = update(ReplyRow).where(lost)
        return {
            "replies_again": self._change(again.values(stage=Stage.PENDING, rung_at=None, **released)),
            "replies_unknown": self._change(
                unclear.values(
                    stage=Stage.UNKNOWN,
                    problem="Sending was interrupted: it may or may not have gone out. Look on the channel.",
                    **released,
                )
            ),
        }

    def _claimed_back(self) -> int:
        """Nothing has gone out yet: a claimed reply can always be tried again."""
        return self._change(
            update(ReplyRow)
            .where(ReplyRow.stage == Stage.CLAIMED, ReplyRow.lease_until <= self._now(0))
            .values(
                stage=Stage.PENDING,
                n_crashes=ReplyRow.n_crashes + 1,
                lease_token=None,
                lease_until=None,
                rung_at=None,
            )
        )

    def _given_up(self) -> int:
        """A pending reply that never gets through stands as failed, so that a person sees it."""
        has_crashed = ReplyRow.n_crashes >= MAX_CRASHES
        is_too_long = and_(ReplyRow.attempt >= MAX_ATTEMPTS, ReplyRow.queued_at <= self._now(-MAX_BUSY_S))
        problem = case(
            (has_crashed, "It stopped its worker too often. Look on the channel before sending it again."),
            else_="The channel was busy for a day; nothing was sent.",
        )
        return self._change(
            update(ReplyRow)
            .where(ReplyRow.stage == Stage.PENDING, or_(has_crashed, is_too_long))
            .values(stage=Stage.FAILED, problem=problem)
        )

    def _change(self, statement: Update) -> int:
        return changed(self._session, statement)

    def _ring(self, statement: ReturningUpdate[str]) -> list[str]:
        rows = self._session.execute(statement.execution_options(synchronize_session=False))
        return [row[0] for row in rows]

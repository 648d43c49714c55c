"""The waiting work of each message: claimed under a lease, finished, or parked for a person."""

from sqlalchemy import Update, and_, or_, select, update
from sqlalchemy.orm import Session

from care.work import Lease
from store.leases import new_token
from store.moments import Now
from store.rows import changed
from store.tables import TaskRow
from store.trail import Trail

MAX_ATTEMPTS = 5
MAX_CRASHES = 3
"""A message that took its worker down this often is parked: it would take down the next one too."""

_BACK_OFF_S = (1.0, 5.0, 15.0, 60.0)
"""Seconds to wait after the first, second, ... failed attempt."""


class SqlTasks:
    def __init__(self, session: Session, now: Now, trail: Trail) -> None:
        self._session = session
        self._now = now
        self._trail = trail

    def claim(self, message_id: str, *, lease_s: float) -> Lease | None:
        token = new_token()
        is_free = or_(
            and_(TaskRow.state == "waiting", TaskRow.not_before <= self._now(0)),
            and_(TaskRow.state == "claimed", TaskRow.lease_until <= self._now(0)),
        )
        claim = (
            update(TaskRow)
            .where(TaskRow.message_id == message_id, is_free)
            .values(
                state="claimed",
                attempt=TaskRow.attempt + 1,
                lease_token=token,
                lease_until=self._now(lease_s),
            )
            .returning(TaskRow.lease_until)
        )
        until = self._session.execute(claim).scalar()
        return None if until is None else Lease(id=message_id, token=token, until=until)

    def finish(self, lease: Lease) -> bool:
        done = self._held(lease).values(state="done", lease_token=None, lease_until=None, problem=None)
        return changed(self._session, done) == 1

    def fail(self, lease: Lease, *, problem: str) -> None:
        held = select(TaskRow.attempt).where(TaskRow.message_id == lease.id, TaskRow.lease_token == lease.token)
        attempt = self._session.scalar(held)
        if attempt is None:
            return
        is_over = attempt >= MAX_ATTEMPTS
        wait_s = _BACK_OFF_S[min(attempt, len(_BACK_OFF_S)) - 1]
        if is_over:
            self._trail.note("task.parked", lease.id, by="tactful", facts={"problem": problem})
        changed(
            self._session,
            self._held(lease).values(
                state="parked" if is_over else "waiting",
                not_before=self._now(wait_s),
                lease_token=None,
                lease_until=None,
                problem=problem,
            ),
        )

    def _held(self, lease: Lease) -> Update:
        return update(TaskRow).where(
            TaskRow.message_id == lease.id, TaskRow.state == "claimed", TaskRow.lease_token == lease.token
        )

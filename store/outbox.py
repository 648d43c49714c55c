"""The outbox: rows that wait for a worker. One way to claim, give back, park and take up again, whatever they hold.

Every move is one conditional update: of two callers, one wins. Times are the database's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Update, and_, case, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute as Attribute
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningDelete, ReturningUpdate

from care.retries import Retries
from care.unit_of_work import Lease
from store.leases import new_token
from store.moments import Now
from store.rows import changed
from store.tables import EventDeliveryRow, NoticeRow, ReplyRow, TaskRow

CRASHED = "It stopped its worker too often."


@dataclass(frozen=True, slots=True)
class Lane:
    """One table of the outbox: its columns, and what its states are called there.

    only: what else has to be so before a row is anybody's work.
    """

    table: type[TaskRow] | type[ReplyRow] | type[NoticeRow] | type[EventDeliveryRow]
    id: Attribute[str]
    state: Attribute[Any]
    waiting: Any
    claimed: Any
    parked: Any
    retries: Retries
    only: tuple[ColumnElement[bool], ...] = ()


class Outbox:
    """The moves of one lane, in one transaction."""

    def __init__(self, session: Session, now: Now, lane: Lane) -> None:
        self._session = session
        self._now = now
        self.lane = lane

    def claim(self, id: str, *, lease_s: float, only: Sequence[ColumnElement[bool]] = ()) -> Lease | None:
        """waiting and due, or held by a lease that has run out -> claimed for one caller; None otherwise."""
        lane, token = self.lane, new_token()
        claim = (
            update(lane.table)
            .where(
                lane.id == id,
                or_(self.is_due(), and_(self.is_lost(lane.claimed), ~self.is_worn_out())),
                *lane.only,
                *only,
            )
            .values(
                {
                    lane.state: lane.claimed,
                    lane.table.attempt: lane.table.attempt + 1,
                    lane.table.n_crashes: lane.table.n_crashes + case((lane.state == lane.claimed, 1), else_=0),
                    lane.table.lease_token: token,
                    lane.table.lease_until: self._now(lease_s),
                }
            )
            .returning(lane.table.lease_until)
        )
        until = self._session.execute(claim.execution_options(synchronize_session=False)).scalar()
        return None if until is None else Lease(id=id, token=token, until=until)

    def held(self, lease: Lease) -> Update:
        """An update of the row while this lease is the one that holds it."""
        lane = self.lane
        return update(lane.table).where(lane.id == lease.id, lane.table.lease_token == lease.token)

    def land(self, lease: Lease, state: Any, *, problem: str | None = None, **values: Any) -> bool:
        """claimed -> another state, the lease given back. False when the lease was lost."""
        landing = self.held(lease).where(self.lane.state == self.lane.claimed)
        return changed(self._session, landing.values(**self._at(state), problem=problem, **FREE, **values)) == 1

    def fail(self, lease: Lease, *, problem: str, is_final: bool = False, wait_s: float = 0.0) -> bool:
        """Put it off, each time for longer. True when it is parked: it was final, or the last try."""
        attempt = self._session.scalar(
            select(self.lane.table.attempt).where(self.lane.id == lease.id, self.lane.table.lease_token == lease.token)
        )
        if attempt is None:
            return False
        if is_final or self.lane.retries.is_over(attempt):
            return self.land(lease, self.lane.parked, problem=problem)
        later = self._now(max(wait_s, self.lane.retries.wait_s(attempt)))
        self.land(lease, self.lane.waiting, problem=problem, not_before=later)
        return False

    def again(self, id: str) -> bool:
        """parked -> waiting, due now and with all its tries before it. False when it does not stand parked."""
        again = update(self.lane.table).where(self.lane.id == id, self.lane.state == self.lane.parked)
        return changed(self._session, again.values(**self._at(self.lane.waiting), **self.fresh())) == 1

    def fresh(self) -> dict[str, Any]:
        """The columns of a row that is due now, with all its tries before it."""
        now = self._now(0)
        return {"attempt": 0, "n_crashes": 0, "not_before": now, "rung_at": now, "problem": None}

    def unrung(self, *, unrung_s: float, limit: int) -> list[str]:
        """Ids that wait and are due, longest first: never rung, not since they are due, or not for so long.

        Marks them rung. One that was rung before it was put off counts as soon as it is due again.
        """
        table = self.lane.table
        silent = (
            select(self.lane.id)
            .where(
                self.lane.state == self.lane.waiting,
                table.not_before <= self._now(0),
                or_(table.rung_at.is_(None), table.rung_at < table.not_before, table.rung_at <= self._now(-unrung_s)),
                *self.lane.only,
            )
            .order_by(table.not_before)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rung = update(table).where(self.lane.id.in_(silent.scalar_subquery()), self.lane.state == self.lane.waiting)
        return self.ids(rung.values(rung_at=self._now(0)).returning(self.lane.id))

    def expire_leases(self) -> list[str]:
        """claimed -> waiting where the lease has run out: its holder died, and nothing has gone out yet."""
        back = update(self.lane.table).where(self.is_lost(self.lane.claimed))
        return self.ids(back.values(**self._at(self.lane.waiting), **self.released()).returning(self.lane.id))

    def wear_out(self, *more: ColumnElement[bool], why: str) -> list[str]:
        """waiting -> parked: what took its worker down too often, and what is worn out otherwise. Returns ids."""
        has_crashed = self.lane.table.n_crashes >= self.lane.retries.max_crashes
        problem = case((has_crashed, CRASHED), else_=func.coalesce(self.lane.table.problem, why))
        is_over = or_(self.is_worn_out(), *more)
        worn = update(self.lane.table).where(self.lane.state == self.lane.waiting, is_over)
        return self.ids(worn.values(**self._at(self.lane.parked), problem=problem).returning(self.lane.id))

    def is_due(self) -> ColumnElement[bool]:
        """Whether a row waits, its time has come, and it has a try left."""
        lane = self.lane
        is_time = lane.table.not_before <= self._now(0)
        return and_(lane.state == lane.waiting, is_time, ~self.is_worn_out(), *lane.only)

    def is_worn_out(self) -> ColumnElement[bool]:
        """Whether no try is left: it took its worker down too often, or failed too often."""
        table, retries = self.lane.table, self.lane.retries
        has_crashed = table.n_crashes >= retries.max_crashes
        return has_crashed if retries.max_attempts is None else or_(has_crashed, table.attempt >= retries.max_attempts)

    def is_lost(self, state: Any) -> ColumnElement[bool]:
        """Whether a row stands at a state that its holder's lease no longer covers."""
        return and_(self.lane.state == state, self.lane.table.lease_until <= self._now(0))

    def released(self) -> dict[str, Any]:
        """The columns of a row that its dead holder gives back."""
        return {**FREE, "rung_at": None, "n_crashes": self.lane.table.n_crashes + 1}

    def present(self) -> datetime:
        """The time by the database's clock."""
        return self._session.scalars(select(self._now(0))).one()

    def ids(self, statement: ReturningUpdate[str] | ReturningDelete[str]) -> list[str]:
        rows = self._session.execute(statement.execution_options(synchronize_session=False))
        return sorted(row[0] for row in rows)

    def _at(self, state: Any) -> dict[str, Any]:
        return {self.lane.state.key: state}


FREE: dict[str, Any] = {"lease_token": None, "lease_until": None}
"""The columns of a row that nobody holds."""

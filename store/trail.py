"""The audit trail: who did what to which id, in one order that never changes.

Rows are written at the end of the transaction they belong to. Their place in the order is given when they can be seen:
on SQLite there is one writer and the place stands at once; on PostgreSQL writers wait for nobody, and whoever reads
puts what was committed since in place. So a place seen means that no smaller one comes later: a reader who asks
"after 41" misses nothing.

Of a row that other systems are told, the deliveries to their endpoints are kept in the same transaction.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from care.endpoint import DeliveryState
from care.errors import NotFound
from care.events import EventType, type_of
from care.failpoints import Point, reach
from care.ids import new_id
from care.trail import Event, TrailFilter
from store.mapping import from_row
from store.moments import Now
from store.rows import changed
from store.tables import EndpointRow, EventDeliveryRow, EventRow

_LOCK = 7_310_033
"""PostgreSQL's advisory lock for giving places; any number nobody else in this database uses."""

_MAX_FACT_LENGTH = 200
_PLACED_AT_ONCE = 1_000


class Trail:
    """deliveries: ids of those that were made in this transaction, for whoever rings after its commit."""

    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now
        self._waiting: list[dict[str, Any]] = []
        self.deliveries: list[str] = []

    @property
    def _has_many_writers(self) -> bool:
        return self._session.get_bind().dialect.name == "postgresql"

    def note(
        self, event: str, subject_id: str, *, by: str, facts: Mapping[str, object], case_id: str | None = None
    ) -> None:
        """Remember one row until the transaction ends."""
        kept = {name: _fact(value) for name, value in facts.items()}
        self._waiting.append({"event": event, "subject_id": subject_id, "by": by, "facts": kept, "case_id": case_id})

    def write(self) -> None:
        """Write what was noted; called once, before the commit."""
        told = [type for row in self._waiting if (type := type_of(row["event"])) is not None]
        hearing = self._hearing() if told else []
        if self._waiting:
            reach(Point.TRAIL_UNWRITTEN)
        for row in self._waiting:
            number = self._insert(row)
            type = type_of(row["event"])
            ids = [id for id, types in hearing if type is not None and (not types or type in types)]
            self._deliver(number, row["event"], ids)
        self._waiting.clear()

    def tell_one(self, endpoint_id: str, event: str, *, by: str, facts: Mapping[str, object]) -> str:
        """Write a row that this endpoint alone is told. Returns the id of its delivery."""
        row = {"event": event, "subject_id": endpoint_id, "by": by, "facts": dict(facts), "case_id": None}
        return self._deliver(self._insert(row), event, [endpoint_id])[0]

    def _insert(self, row: Mapping[str, Any]) -> int:
        place = None if self._has_many_writers else _after_last()
        written = (
            insert(EventRow)
            .values(at=self._now(0), place=place, salt=secrets.token_hex(16), **row)
            .returning(EventRow.number)
        )
        return self._session.scalars(written).one()

    def _hearing(self) -> list[tuple[str, frozenset[EventType]]]:
        on = select(EndpointRow.id, EndpointRow.types).where(EndpointRow.off_since.is_(None))
        return [(row.id, row.types) for row in self._session.execute(on)]

    def _deliver(self, number: int, event: str, endpoint_ids: Sequence[str]) -> list[str]:
        if not endpoint_ids:
            return []
        now = self._session.scalars(select(self._now(0))).one()
        ids = [new_id("dlv", now=now) for _ in endpoint_ids]
        for id, endpoint_id in zip(ids, endpoint_ids, strict=True):
            made = {"id": id, "endpoint_id": endpoint_id, "event_number": number, "event": event, "created_at": now}
            started = {"state": DeliveryState.WAITING, "attempt": 0, "attempts": (), "n_crashes": 0, "not_before": now}
            self._session.execute(insert(EventDeliveryRow).values(rung_at=now, **made, **started))
        self.deliveries += ids
        return ids

    # reading --------------------------------------------------------------------------------------------------------

    def events(self, *, after: int, limit: int = 200, names: Sequence[str] = ()) -> list[Event]:
        return [event_of(row) for row in self.placed(after=after, limit=limit, names=names)]

    def placed(self, *, after: int, limit: int, names: Sequence[str] = ()) -> list[EventRow]:
        """Rows behind a place, in their order. names: only these events."""
        self._put_in_place()
        query = select(EventRow).where(EventRow.place > after).order_by(EventRow.place).limit(limit)
        return list(self._session.scalars(query.where(EventRow.event.in_(names)) if names else query))

    def event(self, number: int) -> Event:
        """One row. Raises NotFound."""
        row = self._session.get(EventRow, number)
        if row is None:
            raise NotFound("event", str(number))
        return event_of(row)

    def place_of(self, number: int) -> int | None:
        self._put_in_place()
        return self._session.scalar(select(EventRow.place).where(EventRow.number == number))

    def of_case(self, case_id: str, *, limit: int = 500) -> list[Event]:
        """What happened to a case, oldest first."""
        query = select(EventRow).where(EventRow.case_id == case_id).order_by(EventRow.number).limit(limit)
        return [event_of(row) for row in self._session.scalars(query)]

    def search(self, only: TrailFilter, *, before: int | None = None, limit: int = 200) -> list[Event]:
        """What happened, newest first; before: only rows with a smaller number."""
        query = select(EventRow).order_by(EventRow.number.desc()).limit(limit)
        if only.case_id:
            query = query.where(EventRow.case_id == only.case_id)
        if only.by:
            query = query.where(EventRow.by == only.by)
        if only.event.endswith("."):
            query = query.where(EventRow.event.startswith(only.event, autoescape=True))
        elif only.event:
            query = query.where(EventRow.event == only.event)
        if only.since is not None:
            query = query.where(EventRow.at >= only.since)
        if only.until is not None:
            query = query.where(EventRow.at < only.until)
        if before is not None:
            query = query.where(EventRow.number < before)
        return [event_of(row) for row in self._session.scalars(query)]

    def latest(self, event: str) -> Event | None:
        query = select(EventRow).where(EventRow.event == event).order_by(EventRow.number.desc()).limit(1)
        row = self._session.scalar(query)
        return None if row is None else event_of(row)

    def last(self) -> int:
        self._put_in_place()
        return self._session.scalar(select(func.max(EventRow.place))) or 0

    def _put_in_place(self) -> None:
        """Give a place to every row that was committed since the last reader did. Who finds another at it goes on."""
        if not self._has_many_writers or not self._session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
            return
        place = func.row_number().over(order_by=EventRow.number) + _after_last() - 1
        unplaced = (
            select(EventRow.number, place.label("place"))
            .where(EventRow.place.is_(None))
            .order_by(EventRow.number)
            .limit(_PLACED_AT_ONCE)
            .subquery()
        )
        placed = update(EventRow).where(EventRow.number == unplaced.c.number).values(place=unplaced.c.place)
        while changed(self._session, placed) == _PLACED_AT_ONCE:
            pass


def _after_last() -> Any:
    """The first place that no row has."""
    other = EventRow.__table__.alias("other")
    return select(func.coalesce(func.max(other.c.place), 0) + 1).scalar_subquery()


def event_of(row: EventRow) -> Event:
    return from_row(Event, row, place=row.place or 0)


def _fact(value: object) -> object:
    """Ids, labels and numbers pass; anything that could be somebody's words does not."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str) and len(value) <= _MAX_FACT_LENGTH and "\n" not in value:
        return value
    return f"({type(value).__name__} left out)"

"""Endpoints of other systems, and the lane of the outbox that holds what is on its way to them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from care.endpoint import Attempt, DeliveryState, Endpoint, EventDelivery
from care.errors import NotFound
from care.retries import TELL
from care.trail import Event
from care.unit_of_work import Lease
from store.mapping import from_row, to_columns
from store.moments import Now
from store.outbox import Lane, Outbox
from store.rows import changed
from store.tables import EndpointRow, EventDeliveryRow
from store.trail import Trail

DELIVERIES = Lane(
    EventDeliveryRow,
    EventDeliveryRow.id,
    EventDeliveryRow.state,
    DeliveryState.WAITING,
    DeliveryState.CLAIMED,
    DeliveryState.FAILED,
    TELL,
)
_ENDED = (DeliveryState.DELIVERED, DeliveryState.FAILED)
_AT_ONCE = 500


class SqlEndpoints:
    def __init__(self, session: Session, now: Now, trail: Trail) -> None:
        self._session = session
        self._now = now
        self._trail = trail
        self._outbox = Outbox(session, now, DELIVERIES)

    # endpoints ------------------------------------------------------------------------------------------------------

    def add(self, endpoint: Endpoint) -> None:
        self._session.add(EndpointRow(**to_columns(endpoint, EndpointRow)))
        self._session.flush()

    def get(self, endpoint_id: str) -> Endpoint:
        row = self._session.get(EndpointRow, endpoint_id, populate_existing=True)
        if row is None:
            raise NotFound("webhook endpoint", endpoint_id)
        return from_row(Endpoint, row)

    def all(self) -> list[Endpoint]:
        return [from_row(Endpoint, row) for row in self._session.scalars(select(EndpointRow).order_by(EndpointRow.id))]

    def save(self, endpoint: Endpoint) -> None:
        saved = update(EndpointRow).where(EndpointRow.id == endpoint.id).values(to_columns(endpoint, EndpointRow))
        if not changed(self._session, saved):
            raise NotFound("webhook endpoint", endpoint.id)

    def remove(self, endpoint_id: str) -> None:
        for statement in (
            delete(EventDeliveryRow).where(EventDeliveryRow.endpoint_id == endpoint_id),
            delete(EndpointRow).where(EndpointRow.id == endpoint_id),
        ):
            self._session.execute(statement.execution_options(synchronize_session=False))

    # deliveries -----------------------------------------------------------------------------------------------------

    def trigger(self, endpoint_id: str, event: str, *, by: str, facts: Mapping[str, object]) -> EventDelivery:
        return self.delivery(self._trail.tell_one(endpoint_id, event, by=by, facts=facts))

    def delivery(self, delivery_id: str) -> EventDelivery:
        row = self._session.get(EventDeliveryRow, delivery_id, populate_existing=True)
        if row is None:
            raise NotFound("delivery", delivery_id)
        return from_row(EventDelivery, row)

    def deliveries(
        self, endpoint_id: str, *, state: DeliveryState | None = None, limit: int = 50, before: str = ""
    ) -> list[EventDelivery]:
        query = select(EventDeliveryRow).where(EventDeliveryRow.endpoint_id == endpoint_id)
        query = query.where(EventDeliveryRow.state == state) if state else query
        query = query.where(EventDeliveryRow.id < before) if before else query
        rows = self._session.scalars(query.order_by(EventDeliveryRow.id.desc()).limit(limit))
        return [from_row(EventDelivery, row) for row in rows]

    def claim(self, delivery_id: str, *, lease_s: float) -> tuple[EventDelivery, Endpoint, Event, Lease] | None:
        is_on = exists().where(EndpointRow.id == EventDeliveryRow.endpoint_id, EndpointRow.off_since.is_(None))
        lease = self._outbox.claim(delivery_id, lease_s=lease_s, only=[is_on])
        if lease is None:
            return None
        delivery = self.delivery(delivery_id)
        return delivery, self.get(delivery.endpoint_id), self._trail.event(delivery.event_number), lease

    def delivered(self, delivery: EventDelivery, lease: Lease, attempt: Attempt) -> bool:
        attempts = (*delivery.attempts, attempt)
        is_ours = self._outbox.land(lease, DeliveryState.DELIVERED, attempts=attempts)
        if is_ours:
            self._failing(delivery.endpoint_id, None)
        return is_ours

    def failed(self, delivery: EventDelivery, lease: Lease, attempt: Attempt, *, is_final: bool, wait_s: float) -> bool:
        noted = self._outbox.held(lease).values(attempts=(*delivery.attempts, attempt))
        if not changed(self._session, noted):
            return False
        self._failing(delivery.endpoint_id, attempt.at)
        return self._outbox.fail(lease, problem=attempt.problem, is_final=is_final, wait_s=wait_s)

    def _failing(self, endpoint_id: str, since: datetime | None) -> None:
        mark = update(EndpointRow).where(EndpointRow.id == endpoint_id).values(failing_since=since)
        unmarked = EndpointRow.failing_since.is_(None) if since is not None else EndpointRow.failing_since.is_not(None)
        changed(self._session, mark.where(unmarked))

    def again(self, delivery_id: str) -> bool:
        return bool(self._again(EventDeliveryRow.id == delivery_id, EventDeliveryRow.state.in_(_ENDED)))

    def again_all(self, endpoint_id: str) -> list[str]:
        failed = EventDeliveryRow.state == DeliveryState.FAILED
        some = select(EventDeliveryRow.id).where(EventDeliveryRow.endpoint_id == endpoint_id, failed).limit(_AT_ONCE)
        return self._again(EventDeliveryRow.id.in_(some.scalar_subquery()), failed)

    def _again(self, *which: Any) -> list[str]:
        fresh = self._outbox.fresh()
        again = update(EventDeliveryRow).where(*which).values(state=DeliveryState.WAITING, **fresh)
        return self._outbox.ids(again.returning(EventDeliveryRow.id))

    def give_up(self, endpoint_id: str, *, problem: str) -> None:
        waiting = (EventDeliveryRow.endpoint_id == endpoint_id, EventDeliveryRow.state == DeliveryState.WAITING)
        changed(
            self._session,
            update(EventDeliveryRow).where(*waiting).values(state=DeliveryState.FAILED, problem=problem),
        )

    def forget(self, *, before: datetime) -> int:
        old = delete(EventDeliveryRow).where(EventDeliveryRow.created_at < before, EventDeliveryRow.state.in_(_ENDED))
        return len(self._outbox.ids(old.returning(EventDeliveryRow.id)))

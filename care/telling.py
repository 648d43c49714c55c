"""Telling endpoints what happened, and what people and programs do to endpoints.

A delivery is kept in the transaction of its event and tried until it is taken or given up. No transaction is open while
an endpoint is told. One that takes nothing for a day is switched off, and its owner told.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from care.access import Role
from care.endpoint import Attempt, Endpoint, EndpointFormat, EventDelivery
from care.errors import ChannelBusy, ChannelError, Conflict
from care.escalation import Notice, NoticeClock, NoticeKind, NoticeSubject
from care.events import TRIGGERED, EventType, PublicEvent, public
from care.ids import new_id
from care.ports import WEBHOOK, Clock, JobQueue
from care.retries import TELL
from care.unit_of_work import Store, Work

GONE = 410
"""The status by which an endpoint says that it wants to hear nothing any more. Source: Standard Webhooks 1.0."""
MOST_ENDPOINTS = 50
_JITTER = 0.1
"""Share by which a wait may grow, so that what failed together does not come again together."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint said. retry_after_s: how long it wants to be left alone."""

    status: int
    retry_after_s: float = 0.0


class Teller(Protocol):
    """Tells endpoints of events.

    check: raises BadStep for an address that will never be told anything. tell: raises ChannelError when no answer
    came. May be called twice for one event: the receiver can tell by its id. secrets: those that sign now, the newest
    first.
    """

    def check(self, url: str) -> None: ...

    def tell(self, endpoint: Endpoint, event: PublicEvent) -> Answer: ...

    def secrets(self, endpoint: Endpoint) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Telling:
    """What tells endpoints. lease_s: how long one worker has for one delivery; longer than the job's own timeout."""

    store: Store
    teller: Teller
    clock: Clock
    lease_s: float

    def tell(self, delivery_id: str) -> None:
        """Tell one endpoint of one event. Safe to run twice: only one run can claim it; every outcome is kept."""
        with self.store() as work:
            claimed = work.endpoints.claim(delivery_id, lease_s=self.lease_s)
        if claimed is None:
            return
        delivery, endpoint, event, lease = claimed
        attempt, retry_after_s = self._try(endpoint, public(event))
        with self.store() as work:
            if attempt.is_taken:
                work.endpoints.delivered(delivery, lease, attempt)
                return
            is_gone = attempt.status == GONE
            wait_s = max(retry_after_s, TELL.wait_s(delivery.attempt) * random.uniform(1.0, 1.0 + _JITTER))
            is_over = work.endpoints.failed(delivery, lease, attempt, is_final=is_gone, wait_s=wait_s)
            if is_over:
                self._give_up(work, delivery, is_gone=is_gone)

    def _try(self, endpoint: Endpoint, event: PublicEvent) -> tuple[Attempt, float]:
        began = self.clock()
        status, problem, retry_after_s = None, "", 0.0
        try:
            answer = self.teller.tell(endpoint, event)
        except ChannelBusy as error:
            problem, retry_after_s = "it cannot be reached", error.retry_after_s or 0.0
        except ChannelError as error:
            problem = str(error)
        else:
            status, retry_after_s = answer.status, answer.retry_after_s
            problem = "" if 200 <= status < 300 else f"it answered {status}"
        return Attempt(began, status, _ms(began, self.clock()), problem), retry_after_s

    def _give_up(self, work: Work, delivery: EventDelivery, *, is_gone: bool) -> None:
        """Switch an endpoint off that said so, or that took nothing for as long as this delivery was tried."""
        endpoint = work.endpoints.get(delivery.endpoint_id)
        is_dead = endpoint.failing_since is not None and endpoint.failing_since <= delivery.created_at + _A_MOMENT
        if endpoint.is_on and (is_gone or is_dead):
            why = "It answered 410: it wants to hear nothing any more." if is_gone else "It took nothing for a day."
            switch_off(work, endpoint, why=why, by="tactful", now=self.clock())
            for notice in _notices(work, endpoint, now=self.clock()):
                work.notices.add(notice)


_A_MOMENT = timedelta(hours=1)
"""A delivery that was made this long before the first failure has seen nothing but failures either."""


def _ms(began: datetime, ended: datetime) -> int:
    return round((ended - began).total_seconds() * 1000)


def switch_off(work: Work, endpoint: Endpoint, *, why: str, by: str, now: datetime) -> Endpoint:
    """Tell an endpoint nothing more; what waits for it is given up, and can be sent again later."""
    off = replace(endpoint, off_since=now, off_why=why)
    work.endpoints.save(off)
    work.endpoints.give_up(endpoint.id, problem="Its endpoint was switched off.")
    work.note("webhook.off", endpoint.id, by=by, facts={"why": why})
    return off


def _notices(work: Work, endpoint: Endpoint, *, now: datetime) -> list[Notice]:
    """What the owner of an endpoint is told, or where it has none every administrator."""
    admins = [person.email for person in work.access.people() if person.role is Role.ADMIN and person.is_active]
    since = endpoint.failing_since or now
    about = NoticeSubject("webhooks", kind=NoticeKind.ENDPOINT_OFF, subject_id=endpoint.id)
    clock = NoticeClock(now, since, now - since, now + timedelta(days=1))
    return [
        Notice(new_id("ntc", now=now), "", address, address, about, clock)
        for address in ([endpoint.owner] if endpoint.owner else admins)
    ]


# what people and programs do -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants of an endpoint; None leaves it as it is."""

    url: str | None = None
    types: frozenset[EventType] | None = None
    format: EndpointFormat | None = None
    has_objects: bool | None = None
    owner: str | None = None
    is_on: bool | None = None

    def over(self, known: Endpoint) -> Endpoint:
        """An endpoint with what is wanted of it; whether it is on is not its look-out."""
        return replace(
            known,
            url=known.url if self.url is None else self.url,
            types=known.types if self.types is None else self.types,
            format=self.format or known.format,
            has_objects=known.has_objects if self.has_objects is None else self.has_objects,
            owner=known.owner if self.owner is None else self.owner,
        )


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What people and programs do to endpoints."""

    store: Store
    teller: Teller
    queue: JobQueue
    clock: Clock

    def add(self, wanted: Wanted, *, by: str) -> Endpoint:
        """Keep a new endpoint; it hears of what happens from now on. Raises BadStep for an address that is no good."""
        self.teller.check(wanted.url or "")
        now = self.clock()
        endpoint = Endpoint(
            id=new_id("whk", now=now),
            url=wanted.url or "",
            types=wanted.types or frozenset(),
            format=wanted.format or EndpointFormat.WEBHOOK,
            has_objects=bool(wanted.has_objects),
            owner=wanted.owner or "",
            created_by=by,
            created_at=now,
        )
        with self.store() as work:
            if len(work.endpoints.all()) >= MOST_ENDPOINTS:
                raise Conflict(f"There are {MOST_ENDPOINTS} endpoints; remove one first.")
            work.endpoints.add(endpoint)
            work.note("webhook.added", endpoint.id, by=by)
        return endpoint

    def change(self, endpoint_id: str, wanted: Wanted, *, by: str) -> Endpoint:
        """Raises NotFound, and BadStep for an address that is no good."""
        if wanted.url is not None:
            self.teller.check(wanted.url)
        with self.store() as work:
            endpoint = wanted.over(work.endpoints.get(endpoint_id))
            if wanted.is_on is True:
                endpoint = replace(endpoint, off_since=None, off_why="", failing_since=None)
            work.endpoints.save(endpoint)
            work.note("webhook.changed", endpoint.id, by=by)
            if wanted.is_on is False and endpoint.is_on:
                endpoint = switch_off(work, endpoint, why="Somebody switched it off.", by=by, now=self.clock())
        return endpoint

    def rotate(self, endpoint_id: str, *, by: str) -> Endpoint:
        """Give it a new secret; the one before signs beside it for a day. Raises NotFound."""
        with self.store() as work:
            known = work.endpoints.get(endpoint_id)
            endpoint = replace(known, generation=known.generation + 1, rotated_at=self.clock())
            work.endpoints.save(endpoint)
            work.note("webhook.rotated", endpoint.id, by=by)
        return endpoint

    def remove(self, endpoint_id: str, *, by: str) -> None:
        """Forget it, with everything that was sent to it. Raises NotFound."""
        with self.store() as work:
            work.endpoints.get(endpoint_id)
            work.endpoints.remove(endpoint_id)
            work.note("webhook.removed", endpoint_id, by=by)

    def trigger(self, endpoint_id: str, type: EventType, *, by: str) -> EventDelivery:
        """Send an endpoint a sample of a type, whatever it hears of. Raises NotFound, and Conflict when it is off."""
        with self.store() as work:
            endpoint = work.endpoints.get(endpoint_id)
            _refuse_off(endpoint)
            return work.endpoints.trigger(endpoint_id, TRIGGERED, by=by, facts={"type": str(type)})

    def resend(self, delivery_id: str, *, by: str) -> EventDelivery:
        """Send one delivery again, at once and with all its tries before it.

        Raises NotFound, and Conflict when its endpoint is off or it has not ended.
        """
        with self.store() as work:
            delivery = work.endpoints.delivery(delivery_id)
            _refuse_off(work.endpoints.get(delivery.endpoint_id))
            if not work.endpoints.again(delivery_id):
                raise Conflict("It is still being tried.", state=delivery.state)
            work.note("webhook.resent", delivery_id, by=by)
            again = work.endpoints.delivery(delivery_id)
        self.queue.ring(WEBHOOK, delivery_id)
        return again

    def resend_failed(self, endpoint_id: str, *, by: str) -> Sequence[str]:
        """Send again everything that an endpoint did not take. Returns the ids. Raises NotFound and Conflict."""
        with self.store() as work:
            _refuse_off(work.endpoints.get(endpoint_id))
            ids = work.endpoints.again_all(endpoint_id)
            work.note("webhook.resent", endpoint_id, by=by, facts={"n": len(ids)})
        for id in ids:
            self.queue.ring(WEBHOOK, id)
        return ids


def _refuse_off(endpoint: Endpoint) -> None:
    if not endpoint.is_on:
        raise Conflict("This endpoint is switched off; switch it on first.", state="off")

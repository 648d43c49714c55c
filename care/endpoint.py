"""Endpoints of other systems, and what becomes of telling them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from care.events import EventType

ROTATION = timedelta(hours=24)
"""How long the secret before the newest one still signs beside it."""


class EndpointFormat(StrEnum):
    """How an event is written down."""

    WEBHOOK = "webhook"
    """As Standard Webhooks has it: type, timestamp, data."""
    CLOUDEVENTS = "cloudevents"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where another system wants to hear of events.

    types: which; none: all. has_objects: whether it gets messages, suggestions and replies themselves, masked as they
    are kept, beside their ids. owner: a mail address, told when it is switched off; "": every administrator is.
    generation: of its secret, which is made from the deployment's key and kept nowhere. off_since, off_why: set while
    it is switched off. failing_since: since when it has taken nothing.
    """

    id: str
    url: str
    types: frozenset[EventType]
    format: EndpointFormat
    has_objects: bool
    owner: str
    created_by: str
    created_at: datetime
    generation: int = 1
    rotated_at: datetime | None = None
    off_since: datetime | None = None
    off_why: str = ""
    failing_since: datetime | None = None

    @property
    def is_on(self) -> bool:
        return self.off_since is None

    def generations(self, now: datetime) -> tuple[int, ...]:
        """Of the secrets that sign now, the newest first."""
        if self.rotated_at is not None and now < self.rotated_at + ROTATION:
            return self.generation, self.generation - 1
        return (self.generation,)


class DeliveryState(StrEnum):
    WAITING = "waiting"
    CLAIMED = "claimed"
    """A worker has it and may be telling the endpoint now."""
    DELIVERED = "delivered"
    FAILED = "failed"
    """Tried for the last time, or its endpoint was switched off; it can be sent again."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to tell an endpoint. status: of its answer; None where none came, and then a problem says why."""

    at: datetime
    status: int | None
    took_ms: int
    problem: str = ""

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class EventDelivery:
    """One event for one endpoint. event: its name in the trail, event_number its row there."""

    id: str
    endpoint_id: str
    event_number: int
    event: str
    created_at: datetime
    state: DeliveryState = DeliveryState.WAITING
    attempt: int = 0
    attempts: tuple[Attempt, ...] = field(default=())
    problem: str | None = None
    not_before: datetime | None = None

    @property
    def event_id(self) -> str:
        return f"evt_{self.event_number}"

"""Events as other systems get them, their endpoints, what was sent there, and keys."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from care.access import Scope
from care.endpoint import DeliveryState, EndpointFormat
from care.events import EventType, PublicEvent
from care.unit_of_work import Work
from wiring.shapes.base import Moment, Out
from wiring.shapes.conversation import CaseSummaryOut, MessageOut, ReplyOut, SuggestionOut


class PublicEventOut(Out):
    """Something that happened. `data` holds ids, labels and scores, and with `include=objects` what they belong to."""

    object: Literal["event"] = "event"
    id: str
    type: EventType
    timestamp: Annotated[Moment, Field(alias="at", serialization_alias="timestamp")]
    data: dict[str, Any]


class EventListOut(Out):
    """A page of events, oldest first. `next_cursor` goes on from here as `after`, also when nothing is new yet."""

    object: Literal["list"] = "list"
    data: tuple[PublicEventOut, ...]
    has_more: bool
    next_cursor: str


class EndpointOut(Out):
    """Where another system hears of events. `types`: which, empty for all. `off_why`: why it was switched off."""

    object: Literal["webhook"] = "webhook"
    id: str
    url: str
    types: Annotated[tuple[EventType, ...], BeforeValidator(sorted)]
    format: EndpointFormat
    has_objects: bool
    owner: str
    is_on: bool
    off_since: Moment | None
    off_why: str
    failing_since: Moment | None
    rotated_at: Moment | None
    created_by: str
    created_at: Moment


class EndpointSecretsOut(Out):
    """The secrets that sign now, the newest first; the one before it signs for a day after a rotation."""

    object: Literal["webhook_secrets"] = "webhook_secrets"
    id: str
    secrets: tuple[str, ...]


class AttemptOut(Out):
    """One try. `status`: of the answer, null where none came."""

    at: Moment
    status: int | None
    took_ms: int
    problem: str


class EventDeliveryOut(Out):
    """One event on its way to one endpoint. `not_before`: when it is tried next, while it waits."""

    object: Literal["delivery"] = "delivery"
    id: str
    webhook_id: Annotated[str, Field(alias="endpoint_id", serialization_alias="webhook_id")]
    event_id: str
    event: str
    state: DeliveryState
    attempts: tuple[AttemptOut, ...]
    problem: str | None
    not_before: Moment | None
    created_at: Moment


class ResentOut(Out):
    """The deliveries that are sent again."""

    object: Literal["resent"] = "resent"
    ids: tuple[str, ...]


class KeyOut(Out):
    """A program's key, without its secret."""

    object: Literal["key"] = "key"
    id: str
    name: str
    prefix: str
    scopes: Annotated[tuple[Scope, ...], BeforeValidator(sorted)]
    is_test: bool
    created_at: Moment
    expires_at: Moment | None
    used_at: Moment | None
    revoked_at: Moment | None


def with_objects(work: Work, event: PublicEvent) -> dict[str, Any]:
    """An event's data with the message, suggestion, reply and case that it names, as they stand now."""
    data, found = dict(event.data), {}
    if data.get("is_sample"):
        return data
    if event.type in (EventType.MESSAGE_RECEIVED, EventType.MESSAGE_CLASSIFIED):
        found["message"] = MessageOut.of(work.messages.get(str(data["message_id"]))).as_json()
    if event.type in (EventType.SUGGESTION_READY, EventType.SUGGESTION_DECIDED):
        found["suggestion"] = SuggestionOut.of(work.suggestions.get(str(data["suggestion_id"]))).as_json()
    if event.type in (EventType.REPLY_SENT, EventType.REPLY_FAILED):
        found["reply"] = ReplyOut.of(work.replies.get(str(data["reply_id"]))).as_json()
    if "case_id" in data:
        found["case"] = CaseSummaryOut.of(work.cases.get(str(data["case_id"]))).as_json()
    return data | found

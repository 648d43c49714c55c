"""Events as other systems get them, their endpoints, what was sent there, and keys."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from care.access import Scope
from care.endpoint import DeliveryState, EndpointFormat
from care.errors import NotFound
from care.events import EventType, PublicEvent
from care.unit_of_work import Work
from wiring.shapes.base import Moment, Out, Score, left_out
from wiring.shapes.conversation import CaseSummaryOut, MessageOut, ReplyOut, SuggestionOut


class EventDataOut(Out):
    """What an event tells: ids, labels and scores, each where the type has it; with objects what the ids belong to."""

    case_id: str | None = left_out()
    message_id: str | None = left_out()
    suggestion_id: str | None = left_out()
    reply_id: str | None = left_out()
    promise_id: str | None = left_out()
    channel: str | None = left_out()
    bundle: str | None = left_out()
    was: str | None = left_out()
    intent: str | None = left_out()
    intent_score: Score | None = left_out()
    sentiment: str | None = left_out()
    sentiment_score: Score | None = left_out()
    urgency: str | None = left_out()
    urgency_score: Score | None = left_out()
    play: str | None = left_out()
    outcome: str | None = left_out()
    reason: str | None = left_out()
    attempt: int | None = left_out()
    is_rehearsal: bool | None = left_out()
    until: Moment | None = left_out()
    turn: int | None = left_out()
    step: str | None = left_out()
    team: str | None = left_out()
    contact: str | None = left_out()
    by: str | None = left_out()
    surge_id: str | None = left_out()
    kind: str | None = left_out()
    n: int | None = left_out()
    usual: float | None = left_out()
    tasks: str | None = left_out()
    days: int | None = left_out()
    crisis_id: str | None = left_out()
    n_matched: int | None = left_out()
    n_answered: int | None = left_out()
    is_sample: bool | None = left_out()
    message: MessageOut | None = left_out()
    suggestion: SuggestionOut | None = left_out()
    reply: ReplyOut | None = left_out()
    case: CaseSummaryOut | None = left_out()


class PublicEventOut(Out):
    """Something that happened, as other systems are told it."""

    object: Literal["event"] = "event"
    id: str
    type: EventType
    timestamp: Moment
    data: EventDataOut


class PublicEventListOut(Out):
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


OBJECTS = {
    EventType.MESSAGE_RECEIVED: "message",
    EventType.MESSAGE_CLASSIFIED: "message",
    EventType.SUGGESTION_READY: "suggestion",
    EventType.SUGGESTION_DECIDED: "suggestion",
    EventType.REPLY_SENT: "reply",
    EventType.REPLY_FAILED: "reply",
}
"""By type, what stands in its data beside the case, where objects are wished."""


def told_data(event: PublicEvent) -> EventDataOut:
    """What an event tells, by ids alone."""
    return EventDataOut.model_validate(dict(event.data))


def with_objects(work: Work, event: PublicEvent) -> EventDataOut:
    """The same with the message, suggestion, reply and case that it names, as they stand now.

    What was forgotten since is told by its ids alone.
    """
    data = told_data(event)
    if data.is_sample:
        return data
    try:
        return data.model_copy(update=_objects(work, event.type, data))
    except NotFound:
        return data


def _objects(work: Work, type: EventType, data: EventDataOut) -> dict[str, Out]:
    shapes: dict[str, Out] = {}
    name = OBJECTS.get(type)
    if name == "message":
        shapes[name] = MessageOut.of(work.messages.get(data.message_id or ""))
    elif name == "suggestion":
        shapes[name] = SuggestionOut.of(work.suggestions.get(data.suggestion_id or ""))
    elif name == "reply":
        shapes[name] = ReplyOut.of(work.replies.get(data.reply_id or ""))
    if data.case_id:
        shapes["case"] = CaseSummaryOut.of(work.cases.get(data.case_id))
    return shapes


def event_out(event: PublicEvent, data: EventDataOut) -> PublicEventOut:
    return PublicEventOut(id=event.id, type=event.type, timestamp=event.at, data=data)

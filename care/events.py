"""What other systems are told: the public part of the audit trail, in names and facts that stay stable.

An event is thin: ids, labels, scores and the clock. What somebody wrote is fetched by its id, by who may read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from care.trail import Event


class EventType(StrEnum):
    MESSAGE_RECEIVED = "message.received"
    MESSAGE_CLASSIFIED = "message.classified"
    SUGGESTION_READY = "suggestion.ready"
    SUGGESTION_DECIDED = "suggestion.decided"
    REPLY_SENT = "reply.sent"
    REPLY_FAILED = "reply.failed"
    """It did not go out, or nobody can say whether it did: a person has to look."""
    CASE_PROMISED = "case.promised"
    CASE_RESOLVED = "case.resolved"
    CASE_CLIMBED = "case.climbed"
    MODEL_PROMOTED = "model.promoted"
    MODEL_DRIFTED = "model.drifted"
    """Messages are no longer like those that the bundles learnt from."""
    SURGE_BEGAN = "surge.began"
    """Far more comes in than usual, or far more of it is negative."""
    SURGE_ENDED = "surge.ended"
    CRISIS_BEGAN = "crisis.began"
    """Somebody declared a crisis. Of a drill nobody is told."""
    CRISIS_CHANGED = "crisis.changed"
    """Its statement was changed."""
    CRISIS_ENDED = "crisis.ended"


PROMOTED = "model.promoted"
DRIFTED = "model.drifted"
TRIGGERED = "webhook.triggered"
"""In the trail: somebody tries an endpoint with a sample. Only that endpoint is told."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """How one kind of row of the trail is told. subject: what its subject_id is called. facts: those that are told."""

    type: EventType
    subject: str
    facts: tuple[str, ...] = ()


_DECIDED = _Rule(EventType.SUGGESTION_DECIDED, "suggestion_id", ("message_id", "reply_id", "play", "reason"))
_SENT = _Rule(EventType.REPLY_SENT, "reply_id", ("attempt", "is_rehearsal"))
_FAILED = _Rule(EventType.REPLY_FAILED, "reply_id", ("attempt", "is_rehearsal"))
_SURGE = ("kind", "channel", "intent", "n", "usual")
LABELS = ("intent", "sentiment", "urgency", "intent_score", "sentiment_score", "urgency_score")

RULES = {
    "message.received": _Rule(EventType.MESSAGE_RECEIVED, "message_id", ("channel",)),
    "message.classified": _Rule(EventType.MESSAGE_CLASSIFIED, "message_id", ("bundle", *LABELS)),
    "suggestion.created": _Rule(EventType.SUGGESTION_READY, "suggestion_id", ("message_id", "play")),
    "suggestion.approved": _DECIDED,
    "suggestion.edited": _DECIDED,
    "suggestion.rejected": _DECIDED,
    "suggestion.dismissed": _DECIDED,
    "reply.sent": _SENT,
    "reply.marked_sent": _SENT,
    "reply.failed": _FAILED,
    "reply.unknown": _FAILED,
    "promise.made": _Rule(EventType.CASE_PROMISED, "promise_id", ("until", "reply_id")),
    "case.resolved": _Rule(EventType.CASE_RESOLVED, "case_id", ("turn",)),
    "case.climbed": _Rule(EventType.CASE_CLIMBED, "message_id", ("step", "team", "contact")),
    "surge.began": _Rule(EventType.SURGE_BEGAN, "surge_id", _SURGE),
    "surge.ended": _Rule(EventType.SURGE_ENDED, "surge_id", _SURGE),
    DRIFTED: _Rule(EventType.MODEL_DRIFTED, "bundle", ("tasks", "n", "days")),
    "crisis.began": _Rule(EventType.CRISIS_BEGAN, "crisis_id"),
    "crisis.changed": _Rule(EventType.CRISIS_CHANGED, "crisis_id"),
    "crisis.ended": _Rule(EventType.CRISIS_ENDED, "crisis_id", ("n_matched", "n_answered")),
    PROMOTED: _Rule(EventType.MODEL_PROMOTED, "bundle", ("was",)),
}
"""By its name in the trail, what other systems are told of it; all the rest is ours alone."""

_WITH_OUTCOME = (_DECIDED, _SENT, _FAILED)
_BY_A_PERSON = frozenset(
    {
        EventType.SUGGESTION_READY,
        EventType.SUGGESTION_DECIDED,
        EventType.CASE_RESOLVED,
        EventType.CASE_CLIMBED,
        EventType.CRISIS_BEGAN,
        EventType.CRISIS_CHANGED,
        EventType.CRISIS_ENDED,
    }
)


@dataclass(frozen=True, slots=True)
class PublicEvent:
    """One event as other systems see it. place: where it stands among all of them."""

    id: str
    type: EventType
    at: datetime
    data: Mapping[str, object]
    place: int


def names_of(types: frozenset[EventType]) -> list[str]:
    """What events of these types are called in the trail; of none: of all types."""
    return sorted(name for name, rule in RULES.items() if not types or rule.type in types)


def keys_of(type: EventType) -> tuple[str, ...]:
    """The keys that the data of an event of this type may have, beside objects; the first is always there."""
    rule = next(rule for rule in RULES.values() if rule.type is type)
    outcome = ("outcome",) if rule in _WITH_OUTCOME else ()
    by = ("by",) if type in _BY_A_PERSON else ()
    return tuple(dict.fromkeys((rule.subject, "case_id", *rule.facts, *outcome, *by)))


def type_of(name: str) -> EventType | None:
    """The type that a row of the trail is told as; None for one that is not told."""
    rule = RULES.get(name)
    return None if rule is None else rule.type


def public(event: Event) -> PublicEvent:
    """A row of the trail as other systems see it. Raises KeyError for one that they are not told."""
    if event.event == TRIGGERED:
        return _sample(event)
    rule = RULES[event.event]
    data: dict[str, object] = {rule.subject: event.subject_id}
    if event.case_id is not None:
        data["case_id"] = event.case_id
    data |= {name: event.facts[name] for name in rule.facts if event.facts.get(name) is not None}
    if rule in _WITH_OUTCOME:
        data["outcome"] = event.event.partition(".")[2]
    if rule.type in _BY_A_PERSON and event.by.startswith("per_"):
        data["by"] = event.by
    return PublicEvent(_id(event), rule.type, event.at, data, event.place)


def _sample(event: Event) -> PublicEvent:
    """What an event of a type looks like, with ids that lead nowhere."""
    type = EventType(str(event.facts["type"]))
    rule = next(rule for rule in RULES.values() if rule.type is type)
    data: dict[str, object] = {"is_sample": True, rule.subject: "sample", "case_id": "sample"}
    return PublicEvent(_id(event), type, event.at, data, event.place)


def _id(event: Event) -> str:
    return f"evt_{event.number}"

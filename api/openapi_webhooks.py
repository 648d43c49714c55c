"""The webhooks of the OpenAPI document: what an endpoint is sent, type by type, and what its answers mean."""

from typing import Any

from care.endpoint import EndpointFormat
from care.events import EventType, keys_of
from wiring.shapes.events import OBJECTS
from wiring.telling import CONTENT_TYPES

SUMMARIES = {
    EventType.MESSAGE_RECEIVED: "A customer's message is kept",
    EventType.MESSAGE_CLASSIFIED: "A message has its labels",
    EventType.SUGGESTION_READY: "Drafts wait for a person, or a decision that there are none",
    EventType.SUGGESTION_DECIDED: "A person approved, edited, rejected or dismissed a suggestion",
    EventType.REPLY_SENT: "The channel took a reply, or a person found it there",
    EventType.REPLY_FAILED: "A reply did not go out, or nobody can say: a person has to look",
    EventType.CASE_PROMISED: "A reply quotes an hour",
    EventType.CASE_RESOLVED: "A case is closed",
    EventType.CASE_CLIMBED: "Nobody answered in time and the next contact is told",
    EventType.MODEL_DRIFTED: "Messages are no longer like those that the bundles learnt from",
    EventType.MODEL_PROMOTED: "Another bundle reads messages",
    EventType.SURGE_BEGAN: "Far more messages come in than usual, or far more of them are negative",
    EventType.SURGE_ENDED: "What comes in is as usual again",
    EventType.CRISIS_BEGAN: "Somebody declared a crisis, which is no drill",
    EventType.CRISIS_CHANGED: "The statement of the crisis was changed",
    EventType.CRISIS_ENDED: "Somebody ended the crisis",
}

SIGNED = (
    ("webhook-id", "The event's `id`. The same event may come twice: skip the ids that you know."),
    ("webhook-timestamp", "When it was signed, in seconds since 1970."),
    ("webhook-signature", "Standard Webhooks: `v1,` and an HMAC-SHA256 of `id.timestamp.body`; two during a rotation."),
)

ANSWERS = {
    "2XX": {"description": "Taken. Anything else, and no answer within 15 s, is tried again for a day."},
    "410": {"description": "The endpoint wants to hear nothing any more, and is switched off."},
    "429": {"description": "Later, please. `Retry-After` puts the next try off for up to an hour."},
}


def webhooks(schemas: dict[str, Any]) -> dict[str, Any]:
    """The path item of each type of event. schemas: the document's own, of which the keys of an event are taken."""
    return {type.value: {"post": _operation(type, schemas)} for type in EventType}


def _operation(type: EventType, schemas: dict[str, Any]) -> dict[str, Any]:
    data = _data(type, schemas["EventDataOut"])
    return {
        "operationId": f"tell_{type.value.replace('.', '_')}",
        "summary": SUMMARIES[type],
        "security": [{"signature": []}],
        "parameters": [
            {"in": "header", "name": name, "required": True, "description": description, "schema": {"type": "string"}}
            for name, description in SIGNED
        ],
        "requestBody": {
            "required": True,
            "content": {
                CONTENT_TYPES[EndpointFormat.WEBHOOK]: {"schema": _envelope(type, data)},
                CONTENT_TYPES[EndpointFormat.CLOUDEVENTS]: {"schema": _cloud_event(type, data)},
            },
        },
        "responses": ANSWERS,
    }


def _data(type: EventType, shape: dict[str, Any]) -> dict[str, Any]:
    keys = keys_of(type)
    objects = [OBJECTS[type]] if type in OBJECTS else []
    with_case = ["case"] if "case_id" in keys else []
    told = [*keys, "is_sample", *objects, *with_case]
    return {"type": "object", "required": [keys[0]], "properties": {key: shape["properties"][key] for key in told}}


def _envelope(type: EventType, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": type.value},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": data,
        },
    }


def _cloud_event(type: EventType, data: dict[str, Any]) -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "time", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": text,
            "source": {"type": "string", "format": "uri-reference"},
            "type": {"const": f"tactful.{type.value}"},
            "subject": text,
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "data": data,
        },
    }

"""What the OpenAPI document says of webhooks is what an endpoint gets, type by type."""

import json
from datetime import UTC, datetime
from typing import Any

import jsonschema_rs
import pytest

from api.app import create_app
from care.endpoint import EndpointFormat
from care.events import RULES, TRIGGERED, EventType, keys_of, public
from care.trail import Event
from wiring.shapes.events import told_data
from wiring.telling import CONTENT_TYPES, written

VALUES: dict[str, object] = {
    "attempt": 1,
    "turn": 2,
    "is_rehearsal": False,
    "n": 42,
    "days": 7,
    "n_matched": 12,
    "n_answered": 7,
    "usual": 7.5,
    "intent_score": 0.9,
    "sentiment_score": 0.8,
    "urgency_score": 0.7,
    "until": "2026-11-26T09:30:00.000Z",
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app().openapi()


def row(name: str, **facts: object) -> Event:
    return Event(41, name, "sub_1", "per_1", datetime(2026, 11, 26, tzinfo=UTC), facts, case_id="case_1")


EVERY_EVENT = [
    *(row(name, **{fact: VALUES.get(fact, "some") for fact in rule.facts}) for name, rule in RULES.items()),
    *(row(TRIGGERED, type=type.value) for type in EventType),
]


def test_every_type_of_event_has_its_webhook(document: dict[str, Any]) -> None:
    assert set(document["webhooks"]) == {type.value for type in EventType}


@pytest.mark.parametrize("format", EndpointFormat)
def test_every_event_that_is_sent_fits_the_schema_of_its_type(document: dict[str, Any], format: EndpointFormat) -> None:
    for event in map(public, EVERY_EVENT):
        told = document["webhooks"][event.type]["post"]["requestBody"]["content"][CONTENT_TYPES[format]]["schema"]
        body = json.loads(written(event, told_data(event), format, source="https://care.example.org"))

        jsonschema_rs.validate({**told, "components": document["components"]}, body)
        assert set(body) <= set(told["properties"])
        assert set(body["data"]) <= set(told["properties"]["data"]["properties"]), event.type


def test_no_key_is_told_that_an_event_of_the_type_never_has() -> None:
    for name, rule in RULES.items():
        event = public(row(name, **{fact: VALUES.get(fact, "some") for fact in rule.facts}))

        assert set(event.data) == set(keys_of(event.type)), name

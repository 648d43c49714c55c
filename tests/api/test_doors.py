"""What a door takes and refuses: names in the query, ids used twice, items of a batch, lines of a stream."""

import json
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from care.access import Scope
from care.classification import Classification
from tests.api.conftest import House
from tests.api.doubles import WordClassifier
from tests.api.test_main_path import MESSAGE, signed


@pytest.fixture
def program(anyone: TestClient, house: House) -> TestClient:
    """A client with a key that has every scope."""
    anyone.headers["Authorization"] = f"Bearer {house.keys['all']}"
    return anyone


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (
            "/v1/cases?squad=billing",
            "sentiment, urgency, team, tier, language, assignee, clock, search.",
        ),
        ("/v1/messages?limit=5&chanel=x", "It has limit, cursor, channel."),
        ("/v1/suggestions?search=a", "It has limit, cursor, view."),
        ("/v1/people?limit=5", "It has none."),
        ("/health/live?verbose=1", "It has none."),
        ("/v1/cases?channel=x&channel=email", "channel stands in the query twice."),
    ],
)
def test_a_name_that_an_address_does_not_have_is_refused(program: TestClient, address: str, said: str) -> None:
    refused = program.get(address)

    assert (refused.status_code, refused.json()["code"]) == (422, "validation_failed")
    assert refused.json()["detail"].endswith(said)
    assert not any(sent in refused.text for sent in ("squad", "billing", "chanel", "verbose"))


def test_health_answers_head_as_well(anyone: TestClient) -> None:
    for path in ("/health/live", "/health/ready"):
        answer = anyone.head(path)
        assert (answer.status_code, answer.content) == (200, b"")


def test_an_id_that_comes_again_with_another_text_is_refused(program: TestClient) -> None:
    body = {"id": "m-1", "author": {"handle": "ana"}, "text": "my card is 4111 1111 1111 1111, where is my parcel"}

    first, again, other = (
        program.post("/v1/messages", json={**body, "text": text})
        for text in (body["text"], body["text"], "cancel my order")
    )

    assert (first.status_code, again.status_code, again.json()["is_new"]) == (202, 202, False)
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    assert "another text" in other.json()["detail"]


def test_a_network_that_sends_an_id_again_with_another_text_is_told(anyone: TestClient, house: House) -> None:
    (id,) = anyone.post("/inbox/x", **signed(MESSAGE, house)).json()["ids"]

    edited = anyone.post("/inbox/x", **signed({**MESSAGE, "text": "never mind"}, house, id="evt_2"))

    assert (edited.status_code, edited.json()["known"], edited.json()["changed"]) == (202, 1, [id])
    with house.store() as work:
        assert work.messages.get(id).text == MESSAGE["text"]


@pytest.mark.parametrize(
    "raw",
    [
        b'{"id": "1", "id": "2", "text": "a", "author": {"handle": "h"}}',
        b'{"id": "1", "text": "a", "author": {"handle": "h", "followers": 1e999}}',
        b'{"id": "1", "text": "a", "author": {"handle": "h"}, "written_at": 1767225600}',
        b'{"id": "1", "text": "a", "author": {"handle": "h"}, "written_at": "2026-01-01"}',
        b'{"id": "1", "text": "a", "author": {"handle": "h"}, "written_at": "2026-W01-1T00:00:00Z"}',
        b'{"id": "1", "text": "a", "author": {"handle": "h"}, "written_at": "0001-01-01T00:00:00+14:00"}',
    ],
)
def test_an_inbox_puts_aside_what_json_and_rfc_3339_do_not_have(anyone: TestClient, house: House, raw: bytes) -> None:
    answer = anyone.post("/inbox/x", **signed(raw, house))

    assert (answer.status_code, answer.json()["ids"], len(answer.json()["quarantined"])) == (202, [], 1)


@pytest.mark.parametrize(
    "at", [1767225600, "1767225600", "2026-01-01", "2026-01-01T00:00Z", "0001-01-01T00:00:00+14:00"]
)
def test_a_message_handed_in_has_its_time_as_rfc_3339_has_it(program: TestClient, at: Any) -> None:
    body = {"id": "m-1", "author": {"handle": "ana"}, "text": "where is my parcel", "written_at": at}

    refused = program.post("/v1/messages", json=body)

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/written_at")


# batch and stream ----------------------------------------------------------------------------------------------


def test_an_item_that_cannot_be_read_has_an_error_in_its_place(program: TestClient) -> None:
    inputs = [{"id": "a", "text": "where is my parcel"}, {"id": "b", "txt": "x"}, 5, {"text": "cancel my order"}]

    answer = program.post("/v1/classify", json={"inputs": inputs})

    good, bad, no_object, last = answer.json()["data"]
    assert answer.status_code == 200
    assert (good["object"], good["input_id"], last["object"]) == ("classification", "a", "classification")
    assert (bad["object"], bad["input_id"], bad["error"]["code"]) == ("error", "b", "validation_failed")
    assert {problem["pointer"] for problem in bad["error"]["errors"]} == {"/", "/text"}
    assert no_object["input_id"] is None


class FailsOnOne(WordClassifier):
    def classify(self, text: str, **options: Any) -> Classification:
        if "unreadable" in text:
            raise ValueError(text)
        return super().classify(text, **options)


def test_a_text_that_the_classifier_fails_on_does_not_take_its_neighbours_with_it(house: House) -> None:
    parts = replace(house.parts, journey=replace(house.journey, classifier=FailsOnOne()))
    headers = {"Authorization": f"Bearer {house.keys[Scope.CLASSIFY]}"}
    inputs = [{"text": "where is my parcel"}, {"text": "unreadable"}, {"text": "cancel my order"}]

    with TestClient(create_app(parts=parts)) as client:
        answer = client.post("/v1/classify", json={"inputs": inputs}, headers=headers)

    assert [item["object"] for item in answer.json()["data"]] == ["classification", "error", "classification"]
    assert answer.json()["data"][1]["error"]["code"] == "internal_error"
    assert "unreadable" not in answer.text


def test_a_stream_answers_every_line_in_order(program: TestClient) -> None:
    lines = [json.dumps({"id": str(n), "text": f"where is my parcel {n}"}) for n in range(300)]
    lines[7], lines[9] = '{"id": "7", "text": ', '{"id": "9", "text": 1}'
    headers = {"Content-Type": "application/jsonl"}

    answer = program.post("/v1/classify/stream?task=intent&top_k=1", content="\n".join(lines), headers=headers)

    told = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["content-type"].startswith("application/jsonl")
    assert [answer["input_id"] for answer in told] == [None if n == 7 else str(n) for n in range(300)]
    assert [n for n, answer in enumerate(told) if answer["object"] == "error"] == [7, 9]
    assert told[7]["error"]["code"] == "invalid_json"
    assert len(told[0]["intent"]["candidates"]) == 1
    assert "urgency" not in told[0]


def test_a_stream_says_before_it_begins_what_is_wrong_with_all_of_it(program: TestClient) -> None:
    line, jsonl = b'{"text": "a"}', {"Content-Type": "application/jsonl"}

    as_json = program.post("/v1/classify/stream", content=line, headers={"Content-Type": "application/json"})
    no_task = program.post("/v1/classify/stream?task=colour", content=line, headers=jsonl)

    assert (as_json.status_code, no_task.status_code) == (415, 422)
    assert as_json.headers["content-type"] == no_task.headers["content-type"] == "application/problem+json"

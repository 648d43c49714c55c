"""Times at the edges of what a date can be: refused in words, never an error of ours."""

import base64

import pytest
from fastapi.testclient import TestClient

from care.access import Scope
from tests.api.conftest import House
from tests.api.test_main_path import signed

EDGES = [
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00Z",
    "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:60Z",
    "2026-01-01T00:00:00+25:00",
    "2026-01-01T24:00:01Z",
    "2026-02-30T00:00:00Z",
]


@pytest.mark.parametrize("at", EDGES)
def test_a_message_written_at_an_edge_of_time_is_refused(anyone: TestClient, house: House, at: str) -> None:
    sent = {"id": "m1", "author": {"handle": "kim"}, "text": "Where is it?", "written_at": at}
    key = {"Authorization": f"Bearer {house.keys[Scope.WRITE]}"}

    answer = anyone.post("/v1/messages", json=sent, headers=key)
    at_the_inbox = anyone.post("/inbox/x", **signed({"messages": [{**sent, "thread_id": "t"}]}, house))

    assert (answer.status_code, at_the_inbox.status_code, at_the_inbox.json()["accepted"]) == (422, 202, 0)
    assert answer.json()["errors"][0]["pointer"] == "/written_at"
    assert at not in answer.text + at_the_inbox.text


@pytest.mark.parametrize("at", EDGES)
def test_a_promise_at_an_edge_of_time_is_refused(agent: TestClient, house: House, at: str) -> None:
    message_id = house.say("where is my parcel")

    answer = agent.post(f"/v1/messages/{message_id}/answer", json={"text": "By then.", "promise": at})

    assert answer.status_code == 422


@pytest.mark.parametrize("at", EDGES)
@pytest.mark.parametrize("path", ["/v1/messages", "/v1/cases"])
def test_a_cursor_at_an_edge_of_time_is_none_of_ours(agent: TestClient, path: str, at: str) -> None:
    for said in (f"{at} msg_1", f'["all","{at}",0,"case_1"]'):
        cursor = base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")

        answer = agent.get(path, params={"cursor": cursor})

        assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")

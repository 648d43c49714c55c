"""What other systems read of what happened: by polling and as a stream, and endpoints over HTTP."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api import broadcast as broadcasts
from api import events
from api.broadcast import Broadcast
from care.access import Scope
from care.service_keys import make_key
from care.telling import Telling
from tests.api.conftest import House
from tests.receiver import Receiver, receiving


@pytest.fixture
def reader(anyone: TestClient, house: House) -> TestClient:
    anyone.headers["Authorization"] = f"Bearer {house.keys[Scope.READ]}"
    return anyone


@pytest.fixture
def manager(anyone: TestClient, house: House) -> TestClient:
    anyone.headers["Authorization"] = f"Bearer {house.keys[Scope.WEBHOOKS]}"
    return anyone


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listener:
        yield listener


# polling -----------------------------------------------------------------------------------------------------------


def test_who_goes_on_from_the_cursor_reads_every_event_once(reader: TestClient, house: House) -> None:
    for n in range(4):
        house.say(f"where is my parcel {n}")
    read, after = [], ""
    while True:
        page = reader.get("/v1/events", params={"after": after, "limit": 5}).json()
        read += [event["id"] for event in page["data"]]
        after = page["next_cursor"]
        if not page["has_more"]:
            break
    house.say("where is my order")

    rest = reader.get("/v1/events", params={"after": after}).json()["data"]

    assert len(read) == len(set(read)) == 12
    assert [event["type"] for event in rest] == ["message.received", "message.classified", "suggestion.ready"]
    assert reader.get("/v1/events", params={"after": rest[-1]["id"]}).json()["data"] == []


def test_events_are_thin_and_with_objects_in_the_shapes_of_the_api(reader: TestClient, house: House) -> None:
    message_id = house.say("charged twice, card 4111 1111 1111 1111")

    thin = reader.get("/v1/events", params={"type": "message.classified"})
    whole = reader.get("/v1/events", params={"include": "objects"}).json()["data"]

    [event] = thin.json()["data"]
    assert event["object"] == "event"
    assert event["timestamp"].endswith("Z")
    assert event["data"] == {
        "message_id": message_id, "case_id": house.case(message_id), "bundle": "test-bundle",
        "intent": "billing_problem", "intent_score": 0.97, "sentiment": "very_negative", "sentiment_score": 0.78,
        "urgency": "high", "urgency_score": 0.88,
    }  # fmt: skip
    shown = reader.get(f"/v1/messages/{message_id}").json()
    assert {**shown, **whole[0]["data"]["message"]} == shown
    assert "4111 1111" not in json.dumps(whole)
    assert [event["data"]["case"]["id"] for event in whole] == [house.case(message_id)] * 3


def test_only_the_types_that_are_asked_for_come(reader: TestClient, house: House) -> None:
    house.say("where is my parcel")

    events = reader.get("/v1/events", params={"type": ["suggestion.ready", "message.received"]}).json()["data"]

    assert [event["type"] for event in events] == ["message.received", "suggestion.ready"]
    assert reader.get("/v1/events", params={"type": "note.added"}).status_code == 422


@pytest.mark.parametrize("after", ["x", "-1", "evt_", "evt_x", "evt_999999", "9" * 19, "١"])
def test_a_cursor_that_is_none_of_ours_is_refused(reader: TestClient, after: str) -> None:
    answer = reader.get("/v1/events", params={"after": after})

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


# the stream --------------------------------------------------------------------------------------------------------


class Asking:
    """A request as far as a stream needs it."""

    def __init__(self, house: House, broadcast: Broadcast, key: str) -> None:
        from api.keys import KnownKeys

        self.headers = {"authorization": f"Bearer {key}"}
        self.app: Any = type("App", (), {})()
        self.app.state = type("State", (), {"live": broadcast, "keys": KnownKeys(clock=lambda: 0.0)})()
        self.app.state.keys.recall = lambda secret: None


def streamed(house: House, monkeypatch: pytest.MonkeyPatch, *, start: int, n_lines: int, between: Any = None) -> bytes:
    monkeypatch.setattr(broadcasts, "POLL_S", 0.01)
    monkeypatch.setattr(broadcasts, "CHECK_S", 0.05)
    monkeypatch.setattr(events, "CHECK_S", 0.05)

    async def act() -> bytes:
        broadcast = Broadcast(house.parts)
        request: Any = Asking(house, broadcast, house.keys[Scope.READ])
        said = b""
        async for chunk in events._as_stream(request, house.parts, start, frozenset(["message.received"])):
            said += chunk
            if between is not None:
                await asyncio.to_thread(between)
            if said.count(b"data:") >= n_lines > 0:
                break
        await broadcast.stop()
        return said

    return asyncio.run(asyncio.wait_for(act(), 10))


def test_a_stream_that_broke_off_goes_on_after_its_last_event(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.say("where is my parcel")
    said = streamed(house, monkeypatch, start=0, n_lines=1)
    place = int(next(line for line in said.splitlines() if line.startswith(b"id:"))[3:])
    second = house.say("where is my order")

    rest = streamed(house, monkeypatch, start=place, n_lines=1)

    assert b"event: message.received" in said
    data = json.loads(next(line for line in rest.splitlines() if line.startswith(b"data:"))[5:])
    assert data["data"]["message_id"] == second
    assert b"parcel" not in said + rest


def test_a_stream_ends_when_its_key_does(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def revoke() -> None:
        with house.store() as work:
            for key in work.access.keys():
                work.access.revoke_key(key.id, at=house.clock())

    said = streamed(house, monkeypatch, start=0, n_lines=0, between=revoke)

    # It ended by itself: nobody closed it, and it would have said for ever that it is still here.
    assert said.startswith(b": open")
    assert b"event:" not in said


def test_a_stream_is_served_and_refuses_a_place_that_is_none(reader: TestClient) -> None:
    refused = reader.get("/v1/events/stream", headers={"Last-Event-ID": "nonsense"})

    assert refused.status_code == 422


# endpoints ---------------------------------------------------------------------------------------------------------


def worked_off(house: House) -> None:
    telling = Telling(house.store, house.parts.endpoints.teller, house.clock, lease_s=60)
    with house.store() as work:
        ids = [delivery.id for endpoint in work.endpoints.all() for delivery in work.endpoints.deliveries(endpoint.id)]
    for id in ids:
        telling.tell(id)


def test_an_endpoint_is_made_read_changed_and_removed(manager: TestClient, receiver: Receiver) -> None:
    made = manager.post("/v1/webhooks", json={"url": receiver.url, "types": ["reply.sent"], "owner": "ops@example.org"})
    path = f"/v1/webhooks/{made.json()['id']}"

    assert made.status_code == 201
    assert made.json()["types"] == ["reply.sent"]
    assert "secret" not in made.text
    assert manager.get("/v1/webhooks").json()["data"] == [made.json()]
    changed = manager.patch(path, json={"types": [], "is_on": False}).json()
    assert (changed["types"], changed["is_on"], changed["owner"]) == ([], False, "ops@example.org")
    assert manager.patch(path, json={"is_on": True}).json()["off_since"] is None
    assert manager.delete(path).status_code == 204
    assert manager.get(path).status_code == 404


def test_a_secret_is_read_and_rotated(manager: TestClient, receiver: Receiver) -> None:
    path = f"/v1/webhooks/{manager.post('/v1/webhooks', json={'url': receiver.url}).json()['id']}"
    [first] = manager.get(f"{path}/secret").json()["secrets"]

    manager.post(f"{path}/rotate")

    second, still = manager.get(f"{path}/secret").json()["secrets"]
    assert first == still != second
    assert second.startswith("whsec_")


def test_the_log_says_what_was_sent_and_sends_it_again(manager: TestClient, house: House, receiver: Receiver) -> None:
    receiver.statuses = [400, 204]
    path = f"/v1/webhooks/{manager.post('/v1/webhooks', json={'url': receiver.url}).json()['id']}"
    tried = manager.post(f"{path}/trigger", json={"type": "suggestion.ready"})
    worked_off(house)
    waiting = manager.post(f"{path}/deliveries/{tried.json()['id']}/resend")
    house.clock.move(10)
    worked_off(house)

    [delivery] = manager.get(f"{path}/deliveries", params={"state": "delivered"}).json()["data"]

    assert tried.status_code == 202
    assert waiting.status_code == 409
    assert [attempt["status"] for attempt in delivery["attempts"]] == [400, 204]
    again = manager.post(f"{path}/deliveries/{delivery['id']}/resend")
    assert (again.status_code, again.json()["state"]) == (202, "waiting")
    assert manager.get(f"{path}/deliveries/{delivery['id']}").json()["id"] == delivery["id"]
    assert manager.post(f"{path}/resend").json()["ids"] == []


def test_a_delivery_is_found_at_its_own_endpoint_only(manager: TestClient, receiver: Receiver) -> None:
    first, second = (manager.post("/v1/webhooks", json={"url": receiver.url}).json()["id"] for _ in range(2))
    made = manager.post(f"/v1/webhooks/{first}/trigger", json={"type": "reply.sent"}).json()["id"]

    assert manager.get(f"/v1/webhooks/{second}/deliveries/{made}").status_code == 404
    assert manager.post(f"/v1/webhooks/{second}/deliveries/{made}/resend").status_code == 404


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"url": "x"},
        {"url": "ftp://example.org/"},
        {"url": "http://127.0.0.1/ x"},
        {"url": "http://127.0.0.1/", "types": ["note.added"]},
        {"url": "http://127.0.0.1/", "format": "xml"},
        {"url": "http://127.0.0.1/", "owner": "nobody"},
        {"url": "http://127.0.0.1/", "secret": "whsec_mine"},
    ],
)
def test_an_endpoint_that_is_none_is_refused(manager: TestClient, sent: dict[str, Any]) -> None:
    assert manager.post("/v1/webhooks", json=sent).status_code == 422


# keys --------------------------------------------------------------------------------------------------------------


def test_a_key_ends_by_itself_and_tells_when_it_was_used(anyone: TestClient, house: House) -> None:
    ends_at = house.clock() + timedelta(hours=1)
    with house.store() as work:
        secret, key = make_key(work, "for an hour", [Scope.READ], now=house.clock(), expires_at=ends_at)
    headers = {"Authorization": f"Bearer {secret}"}

    assert anyone.get("/v1/messages", headers=headers).status_code == 200
    with house.store() as work:
        assert {kept_key.id: kept_key.used_at for kept_key in work.access.keys()}[key.id] == house.clock()
    house.clock.move(3600)
    anyone.app.state.keys.forget()  # type: ignore[attr-defined]

    assert anyone.get("/v1/messages", headers=headers).status_code == 401


def test_what_a_test_key_hands_in_is_a_sample_beside_all_real_messages(anyone: TestClient, house: House) -> None:
    with house.store() as work:
        secret, key = make_key(work, "a test", [Scope.WRITE, Scope.READ], now=house.clock(), is_test=True)
    sent = {"id": "m1", "thread": "t1", "author": {"handle": "kim"}, "text": "Where is it?"}
    live = {"Authorization": f"Bearer {house.keys[Scope.WRITE]}"}

    sample = anyone.post("/v1/messages", json=sent, headers={"Authorization": f"Bearer {secret}"}).json()
    real = anyone.post("/v1/messages", json=sent, headers=live).json()

    assert secret.startswith("tk_test_")
    assert key.is_test
    assert real["is_new"]
    with house.store() as work:
        assert work.cases.of_message(sample["id"]).source == "demo"
        assert work.cases.of_message(real["id"]).source == "live"
        assert work.cases.of_message(real["id"]).id != work.cases.of_message(sample["id"]).id


def test_a_test_key_gets_the_answer_that_a_magic_text_asks_for(anyone: TestClient, house: House) -> None:
    with house.store() as work:
        secret, _ = make_key(work, "a test", [Scope.CLASSIFY], now=house.clock(), is_test=True)
    texts = ["test: intent=praise urgency=urgent", "test: card", "where is my parcel"]
    sent = {"inputs": [{"text": text} for text in texts]}

    told, card, plain = anyone.post("/v1/classify", json=sent, headers={"Authorization": f"Bearer {secret}"}).json()[
        "data"
    ]
    live = anyone.post(
        "/v1/classify", json={"text": texts[0]}, headers={"Authorization": f"Bearer {house.keys[Scope.CLASSIFY]}"}
    ).json()

    assert (told["intent"]["label"], told["intent"]["score"], told["urgency"]["label"]) == ("praise", 1.0, "urgent")
    assert told["sentiment"]["abstained"]
    assert card["sensitive"]["flagged"]
    assert plain["intent"]["label"] == "delivery_problem"
    assert live["intent"]["score"] != 1.0

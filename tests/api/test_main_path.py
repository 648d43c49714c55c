"""From a signed message to an approved reply, over HTTP."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from care.access import Scope
from care.reply import ReplyStage
from channels.http import signed_headers
from tests.api.conftest import House
from tests.api.doubles import SECRET


def signed(body: Any, house: House, *, secret: str = SECRET, id: str = "evt_1") -> dict[str, Any]:
    from datetime import UTC, datetime

    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return {"content": raw, "headers": signed_headers(secret, id=id, body=raw, at=datetime.now(UTC))}


MESSAGE = {
    "id": "1",
    "thread_id": "t",
    "author": {"handle": "ana"},
    "text": "where is my parcel",
    "written_at": "2026-03-02T11:00:00Z",
}


def test_a_signed_message_is_kept_and_the_same_one_again_is_not(anyone: TestClient, house: House) -> None:
    first = anyone.post("/inbox/x", **signed(MESSAGE, house))
    again = anyone.post("/inbox/x", **signed(MESSAGE, house, id="evt_2"))

    assert first.status_code == again.status_code == 202
    assert len(first.json()["ids"]) == 1
    assert again.json() == {"object": "receipt", "ids": [], "accepted": 1, "known": 1, "changed": [], "quarantined": []}
    assert house.journey.queue.rung == [("prepare", first.json()["ids"][0])]  # type: ignore[attr-defined]


def test_a_message_is_taken_while_the_queue_is_away(anyone: TestClient, house: House) -> None:
    house.journey.queue.is_away = True  # type: ignore[attr-defined]

    assert anyone.post("/inbox/x", **signed(MESSAGE, house)).status_code == 202
    assert anyone.get("/health/ready").json()["checks"]["queue"] == "away"


def test_every_bad_signature_gets_the_same_answer(anyone: TestClient, house: House) -> None:
    good = signed(MESSAGE, house)
    raw, headers = good["content"], good["headers"]
    signature = next(name for name in headers if "signature" in name.lower())
    stamp = next(name for name in headers if "timestamp" in name.lower())
    tries: list[tuple[bytes, list[tuple[str, str]]]] = [
        (raw, []),
        (raw, [*headers.items(), (signature, headers[signature])]),
        (raw + b" ", list(headers.items())),
        (json.dumps(MESSAGE, indent=1).encode(), list(headers.items())),
        *(
            (raw, list({**headers, signature: value}.items()))
            for value in ("", "v1,", "v1,AAAA", "sha1=00", "v1," + "A" * 10_000)
        ),
        *(
            (raw, list({**headers, stamp: value}.items()))
            for value in ("", "soon", "-1", "1.5", "9" * 20, "1000000000")
        ),
        (raw, list(signed(MESSAGE, house, secret="whsec_b3RoZXItb3RoZXItb3RoZXItb3RoZXI=")["headers"].items())),
        (b"not even json", list(headers.items())),
    ]

    answers = [anyone.post("/inbox/x", content=body, headers=sent) for body, sent in tries]

    assert {answer.status_code for answer in answers} == {401}
    assert len({json.dumps({**answer.json(), "request_id": ""}) for answer in answers}) == 1
    assert answers[0].json()["detail"].startswith("The signature is missing, too old, or does not fit")


def test_an_unknown_channel_is_not_found(anyone: TestClient, house: House) -> None:
    assert anyone.post("/inbox/nowhere", **signed(MESSAGE, house)).status_code == 404


def test_a_card_number_never_comes_back_from_any_route(agent: TestClient, house: House) -> None:
    message_id = house.say("charged, my card is 4111 1111 1111 1111 ok")
    pages = [
        "/v1/messages",
        f"/v1/messages/{message_id}",
        "/v1/suggestions",
        "/",
        f"/cases/{message_id}",
        "/?view=offline",
    ]

    texts = [agent.get(page).text for page in pages]

    assert all("4111 1111" not in text for text in texts)
    assert "payment_card" in texts[1]


def test_a_service_hands_in_a_message_once(anyone: TestClient, house: House) -> None:
    key = {"Authorization": f"Bearer {house.keys[Scope.WRITE]}"}
    body = {
        "id": "m-1",
        "author": {"handle": "ana"},
        "text": "where is my parcel",
        "written_at": "2026-03-02T11:00:00+02:00",
    }

    first = anyone.post("/v1/messages", json=body, headers=key)
    again = anyone.post("/v1/messages", json=body, headers=key)

    assert first.status_code == again.status_code == 202
    assert first.json() == {"object": "message", "id": again.json()["id"], "is_new": True}
    assert again.json()["is_new"] is False


def test_a_person_approves_what_they_saw(agent: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    suggestion_id = agent.get(f"/v1/messages/{message_id}").json()["suggestion"]["id"]
    seen = agent.get(f"/v1/suggestions/{suggestion_id}")
    draft = seen.json()["drafts"][0]["text"]

    response = agent.post(
        f"/v1/suggestions/{suggestion_id}/approve", json={"text": draft}, headers={"If-Match": seen.headers["etag"]}
    )

    reply = response.json()
    assert response.status_code == 200
    assert (reply["stage"], reply["is_edited"], reply["approved_by"]) == ("pending", False, house.people["agent"].id)
    assert agent.get(f"/v1/replies/{reply['id']}").json() == reply

    approve = f"/v1/suggestions/{suggestion_id}/approve"
    same = agent.post(approve, json={"text": draft}, headers={"If-Match": seen.headers["etag"]})
    assert (same.status_code, same.json()) == (200, reply)
    other = agent.post(approve, json={"text": "Something else."}, headers={"If-Match": '"2"'})
    assert (other.status_code, other.json()["code"]) == (409, "already_decided")
    assert other.json()["decided_by"] == house.people["agent"].id


def test_a_reply_is_taken_back_inside_its_window(agent: TestClient, house: House) -> None:
    suggestion = house.suggestion(house.say("where is my order AB-10442"))
    tag = {"If-Match": f'"{suggestion.choice.version}"'}
    reply = agent.post(f"/v1/suggestions/{suggestion.id}/approve", json={"text": "On its way."}, headers=tag).json()

    response = agent.post(f"/v1/replies/{reply['id']}/withdraw")

    assert response.json()["stage"] == "withdrawn"
    assert house.suggestion(suggestion.message_id).choice.state == "proposed"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 428, "precondition_required"),
        ({"If-Match": '"7"'}, 412, "stale_version"),
        ({"If-Match": "*"}, 412, "stale_version"),
    ],
)
def test_nobody_decides_about_something_they_did_not_see(
    agent: TestClient, house: House, headers: dict[str, str], status: int, code: str
) -> None:
    suggestion = house.suggestion(house.say("where is my order AB-10442"))

    response = agent.post(f"/v1/suggestions/{suggestion.id}/approve", json={"text": "On its way."}, headers=headers)

    assert (response.status_code, response.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Your order [[order_number]] is on its way.", "reply_blocked"),
        ("You are stupid.", "reply_blocked"),
        ("", "reply_blocked"),
        ("Your card 4111 1111 1111 1111 was charged.", "sensitive_blocked"),
    ],
)
def test_a_text_that_may_not_go_out_is_refused_with_the_place(
    agent: TestClient, house: House, text: str, code: str
) -> None:
    suggestion = house.suggestion(house.say("where is my order AB-10442"))
    tag = {"If-Match": f'"{suggestion.choice.version}"'}

    response = agent.post(f"/v1/suggestions/{suggestion.id}/approve", json={"text": text}, headers=tag)

    assert (response.status_code, response.json()["code"]) == (422, code)
    assert response.json()["errors"][0]["where"]
    assert house.suggestion(suggestion.message_id).choice.state == "proposed"


def test_rejecting_keeps_the_reason_and_leaves_own_words(agent: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")
    suggestion = house.suggestion(message_id)
    tag = {"If-Match": f'"{suggestion.choice.version}"'}

    rejected = agent.post(f"/v1/suggestions/{suggestion.id}/reject", json={"reason": "wrong_tone"}, headers=tag)
    answered = agent.post(f"/v1/messages/{message_id}/answer", json={"text": "Hi Ana, it comes on Friday."})

    assert (rejected.json()["state"], rejected.json()["reject_reason"]) == ("rejected", "wrong_tone")
    assert answered.json()["is_edited"] is True


def test_a_changed_label_is_kept_as_a_correction(agent: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")

    response = agent.post(f"/v1/messages/{message_id}/labels", json={"labels": {"intent": "delivery_problem"}})

    assert {"task": "intent", "label": "delivery_problem"} in response.json()["corrections"]


def test_a_label_that_nobody_knows_is_refused_with_those_there_are(agent: TestClient, house: House) -> None:
    message_id = house.say("where is my order AB-10442")

    response = agent.post(f"/v1/messages/{message_id}/labels", json={"labels": {"intent": "no_label_of_ours"}})

    assert (response.status_code, response.json()["code"]) == (422, "validation_failed")
    assert "intent has no such label. It has: billing_problem" in response.text
    assert "no_label_of_ours" not in response.text
    assert agent.get(f"/v1/messages/{message_id}").json()["corrections"] == []


def test_the_offline_path_is_walked_in_order(agent: TestClient, house: House) -> None:
    message_id = house.say("charged, my card is 4111 1111 1111 1111")
    url = f"/v1/cases/{agent.get(f'/v1/messages/{message_id}').json()['case_id']}"

    assert agent.post(f"{url}/resolve", json={}).status_code == 409
    assert agent.post(f"{url}/offline", json={"state": "waived"}).status_code == 409
    assert agent.post(f"{url}/offline/close", json={"text": "All sorted out, thank you."}).status_code == 409
    assert agent.post(f"{url}/offline", json={"state": "contacted"}).json()["state"] == "contacted"
    closing = agent.post(f"{url}/offline/close", json={"text": "All sorted out, thank you."})
    assert closing.status_code == 200
    assert agent.get(f"{url}/offline").json()["state"] == "closed"
    assert agent.post(f"{url}/resolve", json={}).json()["state"] == "resolved"


def test_an_unclear_reply_is_settled_by_a_person(agent: TestClient, house: House) -> None:

    suggestion = house.suggestion(house.say("where is my order AB-10442"))
    tag = {"If-Match": f'"{suggestion.choice.version}"'}
    reply = agent.post(f"/v1/suggestions/{suggestion.id}/approve", json={"text": "On its way."}, headers=tag).json()
    with house.store() as work:
        kept = work.replies.get(reply["id"])
        assert work.replies.save(kept.with_sending(stage=ReplyStage.UNKNOWN), was=ReplyStage.PENDING)

    assert agent.post(f"/v1/replies/{reply['id']}/mark_sent").json()["stage"] == "sent"
    assert agent.post(f"/v1/replies/{reply['id']}/send_again").status_code == 409


def test_pages_of_messages_follow_each_other(agent: TestClient, house: House) -> None:
    ids = {house.say(f"where is my parcel {n}") for n in range(5)}

    first = agent.get("/v1/messages?limit=3")
    second = agent.get(first.headers["link"].split(">")[0].lstrip("<"))

    assert first.json()["has_more"] is True
    assert {item["id"] for item in first.json()["data"]} | {item["id"] for item in second.json()["data"]} == ids
    assert second.json()["next_cursor"] is None


def test_a_batch_comes_back_in_order(anyone: TestClient, house: House) -> None:
    key = {"Authorization": f"Bearer {house.keys[Scope.CLASSIFY]}"}
    inputs = [{"id": "a", "text": "where is my parcel"}, {"id": "b", "text": "I love it"}]

    body = anyone.post("/v1/classify", json={"inputs": inputs}, headers=key).json()

    assert [item["intent"]["label"] for item in body["data"]] == ["delivery_problem", "praise"]
    assert body["data"][0]["intent"] == {
        "label": "delivery_problem",
        "score": 0.83,
        "confidence": "medium",
        "abstained": False,
        "candidates": body["data"][0]["intent"]["candidates"],
    }


def test_the_tone_of_a_text_is_judged(anyone: TestClient, house: House) -> None:
    key = {"Authorization": f"Bearer {house.keys[Scope.CLASSIFY]}"}

    body = anyone.post("/v1/tone", json={"text": "lol, sorry"}, headers=key).json()

    assert (body["verdict"], body["findings"][0]["rule"]) == ("warn", "slang")


def test_metrics_take_a_key_and_count_what_is_kept(anyone: TestClient, house: House) -> None:
    house.say("where is my parcel")
    response = anyone.get("/metrics", headers={"Authorization": f"Bearer {house.keys[Scope.METRICS]}"})

    assert response.status_code == 200
    assert 'tactful_kept{kind="cases"' in response.text
    assert anyone.get("/metrics", headers={"Authorization": f"Bearer {house.keys[Scope.READ]}"}).status_code == 403


def test_every_answer_carries_its_headers(agent: TestClient) -> None:
    for path in ("/v1/messages", "/", "/nowhere", "/v1/nowhere", "/login", "/health/live"):
        response = agent.get(path, headers={"X-Request-Id": "abc-123"})
        assert response.headers["x-request-id"] == "abc-123"
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in response.headers["content-security-policy"]
    assert agent.get("/health/live", headers={"X-Request-Id": "bad id\t!"}).headers["x-request-id"].startswith("req_")

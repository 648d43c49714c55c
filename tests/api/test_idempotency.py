"""A request that comes again with its Idempotency-Key has one effect and one answer."""

import threading
import time
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.idempotency import KEEP_S, LEASE_S
from care.access import Scope
from care.message import Inbound
from care.unit_of_work import KeptAnswer
from store.work import SqlStore
from tests.api.conftest import House, sign_in
from tests.doubles import FixedClock

SENT = {"id": "m1", "author": {"handle": "kim"}, "text": "Where is it?"}
HOOK = {"url": "http://127.0.0.1:9/hook"}


@pytest.fixture
def program(anyone: TestClient, house: House) -> TestClient:
    anyone.headers["Authorization"] = f"Bearer {house.keys['all']}"
    return anyone


def hooks(house: House) -> int:
    with house.store() as work:
        return len(work.endpoints.all())


def test_the_same_request_again_is_answered_the_same_and_does_nothing(program: TestClient, house: House) -> None:
    first = program.post("/v1/webhooks", json=HOOK, headers={"Idempotency-Key": "a"})
    again = program.post("/v1/webhooks", json=HOOK, headers={"Idempotency-Key": "a"})
    other = program.post("/v1/webhooks", json=HOOK, headers={"Idempotency-Key": "b"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json() != other.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["x-content-type-options"] == "nosniff"
    assert hooks(house) == 2


def test_another_request_with_the_same_key_is_refused(program: TestClient, house: House) -> None:
    program.post("/v1/webhooks", json=HOOK, headers={"Idempotency-Key": "a"})

    for sent in (
        program.post("/v1/webhooks", json={**HOOK, "types": ["reply.sent"]}, headers={"Idempotency-Key": "a"}),
        program.post("/v1/messages", json=HOOK, headers={"Idempotency-Key": "a"}),
    ):
        assert (sent.status_code, sent.json()["code"]) == (422, "idempotency_mismatch")
    assert hooks(house) == 1


def test_keys_of_others_are_theirs(anyone: TestClient, house: House) -> None:
    said = []
    for key in (house.keys["all"], house.keys[Scope.WRITE]):
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "a"}
        said.append(anyone.post("/v1/messages", json={**SENT, "id": key[-5:]}, headers=headers).status_code)

    assert said == [202, 202]


def test_of_many_at_once_one_has_an_effect(program: TestClient, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    may_go_on, answers = threading.Event(), []
    receive = type(house.journey).receive

    def slow(self: Any, inbound: list[Inbound], **more: Any) -> list[str]:
        may_go_on.wait(10)
        return receive(self, inbound, **more)

    monkeypatch.setattr(type(house.journey), "receive", slow)

    def ask() -> None:
        answers.append(program.post("/v1/messages", json=SENT, headers={"Idempotency-Key": "a"}))

    first = threading.Thread(target=ask)
    first.start()
    ends_at = time.monotonic() + 60
    while not _is_begun(house) and time.monotonic() < ends_at:
        time.sleep(0.01)
    for _ in range(5):
        ask()
    may_go_on.set()
    first.join()
    ask()

    codes = [answer.status_code for answer in answers]
    assert codes == [409] * 5 + [202, 202]
    assert answers[0].json()["code"] == "idempotency_in_progress"
    assert answers[-1].json() == answers[-2].json()
    assert answers[-1].json()["is_new"]


def _is_begun(house: House) -> bool:
    from sqlalchemy import text

    with house.store.engine.connect() as connection:
        return bool(connection.execute(text("SELECT count(*) FROM kept_answer")).scalar())


def test_what_was_refused_is_looked_at_anew(program: TestClient, house: House) -> None:
    refused = program.post("/v1/webhooks", json={"url": "x"}, headers={"Idempotency-Key": "a"})
    taken = program.post("/v1/webhooks", json=HOOK, headers={"Idempotency-Key": "a"})

    assert (refused.status_code, taken.status_code) == (422, 201)


def test_who_may_not_ask_gets_no_answer_of_anybodys(anyone: TestClient, program: TestClient, house: House) -> None:
    program.post("/v1/webhooks", json=HOOK, headers={"Idempotency-Key": "a"})
    for key in ("tk_live_nobody", house.keys[Scope.READ]):
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "a"}
        assert anyone.post("/v1/webhooks", json=HOOK, headers=headers).status_code in (401, 403)


def test_a_person_s_request_is_answered_once_too(anyone: TestClient, house: House) -> None:
    anyone.headers["X-CSRF-Token"] = sign_in(anyone)
    case = house.case(house.say("where is my parcel"))
    first, again = (
        anyone.post(f"/v1/cases/{case}/notes", json={"text": "The depot has it."}, headers={"Idempotency-Key": "a"})
        for _ in range(2)
    )

    assert (first.status_code, first.json()) == (201, again.json())
    with house.store() as work:
        assert len(work.notes.of_case(case)) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_a_key_that_is_none_is_refused(program: TestClient, key: str) -> None:
    answer = program.post("/v1/webhooks", json=HOOK, headers={"Idempotency-Key": key})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_after_a_day_a_key_may_be_used_anew(any_store: SqlStore, clock: FixedClock) -> None:
    answer = KeptAnswer("digest", 201, {"etag": '"1"'}, "{}")
    with any_store() as work:
        assert work.answers.begin("key_1", "a", request="digest", lease_s=LEASE_S) is None
        assert work.answers.begin("key_1", "a", request="digest", lease_s=LEASE_S) == KeptAnswer("digest")
        assert work.answers.begin("key_2", "a", request="digest", lease_s=LEASE_S) is None
        work.answers.keep("key_1", "a", answer, keep_s=KEEP_S)
    clock.advance(KEEP_S - 1)
    with any_store() as work:
        assert work.answers.begin("key_1", "a", request="other", lease_s=LEASE_S) == answer
        # The other one never ended: its process died.
        assert work.answers.begin("key_2", "a", request="digest", lease_s=LEASE_S) is None
    clock.advance(2)
    with any_store() as work:
        assert work.answers.begin("key_1", "a", request="other", lease_s=LEASE_S) is None
        work.answers.drop("key_1", "a")
        assert work.answers.forget(before=clock()) == 0

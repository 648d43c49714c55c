"""A contact who could not be told is told again when a person says so."""

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from care.access import Scope
from care.errors import ChannelRefused
from care.escalation import Climbed, Notice
from care.ports import NOTIFY
from channels.rehearsal import RehearsalChannel
from tests.api.conftest import House
from tests.doubles import a_notice


class Refusing(RehearsalChannel):
    def notify(self, notice: Notice) -> None:
        raise ChannelRefused("notices", "notices: the server answered 550")


@pytest.fixture
def message_id(house: House) -> str:
    """A message that climbed to a contact with an address."""
    message_id, now = house.say("I was charged twice"), house.clock()
    with house.store() as work:
        case = work.cases.of_message(message_id)
        notice = a_notice(now, message_id=message_id, thread_id=case.thread_id, case_id=case.id)
        work.escalations.record(message_id, Climbed("step 1", "billing lead", now, notice))
    return message_id


def tell(house: House, kind: type[RehearsalChannel] = RehearsalChannel) -> None:
    replace(house.journey, notifier=kind("notices", False, ())).delivery.notify("ntc_1")


def test_a_notice_that_failed_is_sent_again_when_a_person_says_so(
    agent: TestClient, house: House, message_id: str
) -> None:
    tell(house, Refusing)
    failed = agent.get("/v1/notices/ntc_1").json()

    again = agent.post("/v1/notices/ntc_1/send_again")
    rung = house.journey.queue.rung[-1]  # type: ignore[attr-defined]
    tell(house)

    assert failed == {
        "id": "ntc_1",
        "object": "notice",
        "message_id": message_id,
        "case_id": again.json()["case_id"],
        "kind": "climb",
        "step": "step 1",
        "contact": "billing lead",
        "state": "failed",
        "answer_by": "2026-03-02T14:00:00.000Z",
        "sent_at": None,
        "problem": "notices: the server answered 550",
    }
    assert (again.status_code, again.json()["state"]) == (200, "waiting")
    assert rung == (NOTIFY, "ntc_1")
    sent = agent.get("/v1/notices/ntc_1").json()
    assert (sent["state"], sent["problem"]) == ("sent", None)
    with house.store() as work:
        [event] = [listed for listed in work.trail.events(after=0) if listed.event == "notice.sent_again"]
    assert (event.subject_id, event.by) == ("ntc_1", house.people["agent"].id)
    assert "lead@example.org" not in repr(event) + again.text + str(failed)


@pytest.mark.parametrize("is_sent", [False, True])
def test_a_notice_that_waits_or_is_sent_is_not_sent_again(
    agent: TestClient, house: House, message_id: str, is_sent: bool
) -> None:
    if is_sent:
        tell(house)

    response = agent.post("/v1/notices/ntc_1/send_again")

    assert (response.status_code, response.json()["code"]) == (409, "conflict")
    assert response.headers["content-type"] == "application/problem+json"
    assert f"is {'sent' if is_sent else 'waiting'}" in response.json()["detail"]


@pytest.mark.parametrize("call", ["get", "post"])
def test_a_notice_that_is_none_is_not_found(agent: TestClient, call: str) -> None:
    path = "/v1/notices/ntc_0" + ("/send_again" if call == "post" else "")

    response = agent.request(call, path)

    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert response.headers["content-type"] == "application/problem+json"


def test_no_key_has_a_notice_sent_again(anyone: TestClient, house: House, message_id: str) -> None:
    tell(house, Refusing)

    key = {"Authorization": f"Bearer {house.keys['all']}"}
    refused = anyone.post("/v1/notices/ntc_1/send_again", headers=key)

    assert (refused.status_code, refused.json()["code"]) == (403, "needs_person")
    read = anyone.get("/v1/notices/ntc_1", headers={"Authorization": f"Bearer {house.keys[Scope.READ]}"})
    assert read.json()["state"] == "failed"

"""A case in somebody else's hands, over HTTP: told at once, taken, answered, called back, and refused."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from care.policy import EscalationStep
from care.ports import Assessment, Drafted
from care.reply import Draft
from tests.api.conftest import House
from tests.api.doubles import PlainPlaybook
from tests.api.test_cases import CARD, decide, ok, refused

OFFICER = EscalationStep("Safety officer", timedelta(0), timedelta(minutes=30), "safety@example.org", True)
SILENT = EscalationStep("Shift lead", timedelta(0), timedelta(hours=1))


@dataclass
class Claiming(PlainPlaybook):
    """A draft about smoke says that safety has the matter."""

    def draft(self, assessed: Assessment, *, agent: str = "") -> Drafted:
        if "smokes" not in assessed.message.text:
            return super().draft(assessed, agent=agent)
        claim = Draft("smoke@1", "Our safety team has your message.", title="Smoke", handed_to="safety")
        return Drafted((claim,), "")


@pytest.fixture
def house(house: House) -> House:
    journey = replace(house.journey, playbook=Claiming(steps={"safety": (OFFICER,), "service": (SILENT,)}))
    return replace(house, parts=replace(house.parts, journey=journey), journey=journey)


@pytest.fixture
def message_id(house: House) -> str:
    return house.say("my order AB-10442 smokes")


@pytest.fixture
def url(house: House, message_id: str) -> str:
    return f"/v1/cases/{house.case(message_id)}"


def hand_over(agent: TestClient, url: str, **more: Any) -> dict[str, Any]:
    return ok(agent.post(f"{url}/hand_over", json={"to": "safety", **more}), 201)


def test_whom_a_case_is_handed_to_is_told_at_once(agent: TestClient, house: House, url: str) -> None:
    handover = hand_over(agent, url, reason=f"They smell smoke, card {CARD}.")

    assert (handover["state"], handover["to"], handover["contact"]) == ("open", "safety", "Safety officer")
    assert handover["opened_by"] == house.people["agent"].id
    assert handover["until"] == "2026-03-02T12:30:00.000Z"
    job, notice_id = house.journey.queue.rung[-1]  # type: ignore[attr-defined]
    notice = ok(agent.get(f"/v1/notices/{notice_id}"))
    assert (job, notice["kind"], notice["contact"]) == ("notify", "hand_over", "Safety officer")
    case = agent.get(url)
    assert [listed["id"] for listed in ok(case)["handovers"]] == [handover["id"]]
    assert [(note["kind"], note["text"]) for note in case.json()["notes"]] == [
        ("hand_over", "They smell smoke, card [payment card 1111].")
    ]
    assert CARD not in case.text
    assert "safety@example.org" not in case.text + str(notice)
    assert ok(agent.get(f"/v1/handovers/{handover['id']}")) == handover


def test_an_answered_case_that_was_handed_over_is_with_them(agent: TestClient, url: str) -> None:
    ok(agent.post(f"{url}/answer", json={"text": "I have asked a colleague."}))
    handover = hand_over(agent, url)

    case = ok(agent.get(url))
    assert (case["state"], case["until"], case["due_at"]) == ("handed_over", handover["until"], handover["until"])


@pytest.mark.parametrize("to", ["service", "Shift lead", "nobody at all", "*"])
def test_nobody_reachable_is_refused_with_who_can_be_reached(agent: TestClient, url: str, to: str) -> None:
    problem = refused(agent.post(f"{url}/hand_over", json={"to": to}), 422, "validation_failed")

    assert problem["detail"].endswith("The playbook gives an address of Safety officer, safety.")
    assert to == "*" or to not in problem["detail"]
    assert ok(agent.get(url))["handovers"] == []


def test_a_contact_is_found_by_name_however_it_is_written(agent: TestClient, url: str) -> None:
    assert hand_over(agent, url, to="safety OFFICER")["contact"] == "Safety officer"


def test_who_has_a_case_is_not_given_it_again(agent: TestClient, house: House, url: str) -> None:
    hand_over(agent, url)

    problem = refused(agent.post(f"{url}/hand_over", json={"to": "safety"}))

    assert problem["detail"] == "Safety officer has this case already."
    assert problem["by"] == house.people["agent"].id
    assert len(ok(agent.get(url))["handovers"]) == 1


def test_a_resolved_case_is_handed_to_nobody(agent: TestClient, house: House, url: str) -> None:
    ok(agent.post(f"{url}/resolve", json={"ask": False}))

    problem = refused(agent.post(f"{url}/hand_over", json={"to": "safety"}))

    assert (problem["state"], problem["by"]) == ("resolved", house.people["agent"].id)


def test_what_they_answer_is_a_note_for_who_tells_the_customer(agent: TestClient, house: House, url: str) -> None:
    ok(agent.post(f"{url}/answer", json={"text": "I have asked a colleague."}))
    handover_url = f"/v1/handovers/{hand_over(agent, url)['id']}"

    assert ok(agent.post(f"{handover_url}/take"))["state"] == "taken"
    assert ok(agent.post(f"{handover_url}/take"))["state"] == "taken"
    answered = ok(agent.post(f"{handover_url}/answer", json={"text": f"Unplug it. Ask for card {CARD}."}))

    assert (answered["state"], answered["is_open"]) == ("answered", False)
    assert answered["answered_at"] == "2026-03-02T12:00:00.000Z"
    case = ok(agent.get(url))
    [note] = case["notes"]
    assert (note["kind"], note["text"]) == ("answer", "Unplug it. Ask for card [payment card 1111].")
    assert len(case["replies"]) == 1
    assert case["id"] in {due["id"] for due in ok(agent.get("/v1/cases?view=now_due"))["data"]}


def test_a_second_answer_is_refused_and_says_who_gave_the_first(agent: TestClient, house: House, url: str) -> None:
    handover_url = f"/v1/handovers/{hand_over(agent, url)['id']}"
    ok(agent.post(f"{handover_url}/answer", json={"text": "Unplug it."}))

    for act, sent in (("answer", {"text": "Plug it in."}), ("take", {}), ("call_back", {})):
        problem = refused(agent.post(f"{handover_url}/{act}", json=sent))
        assert (problem["state"], problem["by"]) == ("answered", house.people["agent"].id)
        assert "answered already" in problem["detail"]
    assert [note["text"] for note in ok(agent.get(url))["notes"]] == ["Unplug it."]


def test_an_answer_of_nothing_is_refused_with_what_to_do(agent: TestClient, url: str) -> None:
    handover_url = f"/v1/handovers/{hand_over(agent, url)['id']}"

    assert refused(agent.post(f"{handover_url}/answer", json={"text": "  "}), 422, "validation_failed")["detail"] == (
        "Write what the answer is."
    )
    assert ok(agent.get(handover_url))["is_open"]


def test_a_case_that_was_called_back_can_be_handed_over_again(agent: TestClient, url: str) -> None:
    handover_url = f"/v1/handovers/{hand_over(agent, url)['id']}"

    assert ok(agent.post(f"{handover_url}/call_back"))["state"] == "called_back"
    assert "called back already" in refused(agent.post(f"{handover_url}/take"))["detail"]
    assert hand_over(agent, url)["state"] == "open"


def test_resolving_takes_a_case_out_of_other_hands(agent: TestClient, url: str) -> None:
    handover_url = f"/v1/handovers/{hand_over(agent, url)['id']}"

    ok(agent.post(f"{url}/resolve", json={"ask": False}))

    assert ok(agent.get(handover_url))["state"] == "called_back"


def test_a_decision_to_escalate_hands_the_case_over(agent: TestClient, message_id: str, url: str) -> None:
    sent = {"action": "escalate", "team": "safety", "reason": "It smokes."}

    ok(agent.post(f"/v1/messages/{message_id}/decision", json=sent))

    assert [handover["to"] for handover in ok(agent.get(url))["handovers"]] == ["safety"]


def test_a_draft_that_says_who_has_the_matter_waits_until_they_have_it(
    agent: TestClient, house: House, message_id: str, url: str
) -> None:
    claim = house.suggestion(message_id).drafts[0].text

    [error] = refused(decide(agent, house, message_id, "approve", text=claim), 422, "reply_blocked")["errors"]
    hand_over(agent, url)

    assert error["fix"] == "hand the case to safety first"
    assert ok(decide(agent, house, message_id, "approve", text=claim))["stage"] == "pending"


@pytest.mark.parametrize("act", ["", "/take", "/answer", "/call_back"])
def test_a_hand_over_that_is_none_is_not_found(agent: TestClient, act: str) -> None:
    address = f"/v1/handovers/hov_none{act}"

    refused(agent.post(address, json={"text": "x"}) if act else agent.get(address), 404, "not_found")


def test_a_key_reads_a_hand_over_and_moves_none(anyone: TestClient, house: House, url: str) -> None:
    by = house.people["agent"].id
    handover = house.journey.handing_over.hand_over(url.rsplit("/", 1)[1], to="safety", by=by, reason="")
    key = {"Authorization": f"Bearer {house.keys['all']}"}
    handover_url = f"/v1/handovers/{handover.id}"

    for act in ("take", "answer", "call_back"):
        refused(anyone.post(f"{handover_url}/{act}", json={"text": "x"}, headers=key), 403, "needs_person")

    assert ok(anyone.get(handover_url, headers=key))["state"] == "open"

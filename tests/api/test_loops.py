"""The loops that close over HTTP: climbing, satisfaction, what drafts become, and a person's own decision."""

from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from care.access import Scope
from care.errors import ChannelRefused
from care.escalation import Climbed, Notice
from channels.rehearsal import RehearsalChannel
from tests.api.conftest import House, sign_in
from tests.api.doubles import PlainPlaybook
from tests.doubles import a_notice, inbound
from tests.playbook.builders import the_playbook


@pytest.fixture
def house(house: House) -> House:
    """With the question, the plays and the goals of the fixtures' playbook."""
    journey = replace(house.journey, playbook=PlainPlaybook(agreed=the_playbook()), undo_s={"*": 0.0})
    parts = replace(house.parts, journey=journey)
    return replace(house, parts=parts, journey=journey)


def approve(agent: TestClient, suggestion: Any, text: str) -> dict[str, Any]:
    url = f"/v1/suggestions/{suggestion.id}/approve"
    response = agent.post(url, json={"text": text}, headers={"If-Match": f'"{suggestion.choice.version}"'})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_a_case_says_whom_it_climbed_to(agent: TestClient, house: House) -> None:
    message_id = house.say("I was charged twice")
    with house.store() as work:
        work.escalations.record(message_id, Climbed("breached", "", house.clock()))
        work.escalations.record(message_id, Climbed("step 1", "billing lead", house.clock()))

    case = agent.get(f"/v1/messages/{message_id}").json()

    assert case["climbed"] == [
        {"step": "step 1", "contact": "billing lead", "at": "2026-03-02T12:00:00.000Z", "notice": None}
    ]


def case_id_of(agent: TestClient, message_id: str) -> str:
    return str(agent.get(f"/v1/messages/{message_id}").json()["case_id"])


def climbed(house: House, message_id: str) -> Notice:
    """A message that climbed to a contact with an address, and what they are to be told."""
    now = house.clock()
    with house.store() as work:
        case = work.cases.of_message(message_id)
        notice = a_notice(now, message_id=message_id, thread_id=case.thread_id, case_id=case.id)
        work.escalations.record(message_id, Climbed("step 1", "billing lead", now, notice))
    return notice


def test_a_case_says_whether_the_contact_was_told(agent: TestClient, house: House) -> None:
    message_id = house.say("I was charged twice")
    climbed(house, message_id)
    before = agent.get(f"/cases/{message_id}").text
    replace(house.journey, notifier=RehearsalChannel("notices", False, ())).delivery.notify("ntc_1")

    after = agent.get(f"/cases/{message_id}").text
    answer = agent.get(f"/v1/messages/{message_id}")

    assert "Step 1: billing lead, being told" in before
    assert "Step 1: billing lead, told" in after
    assert answer.json()["climbed"][0]["notice"] == {
        "id": "ntc_1",
        "object": "notice",
        "message_id": message_id,
        "case_id": case_id_of(agent, message_id),
        "kind": "climb",
        "step": "step 1",
        "contact": "billing lead",
        "state": "sent",
        "answer_by": "2026-03-02T14:00:00.000Z",
        "sent_at": "2026-03-02T12:00:00.000Z",
        "problem": None,
    }
    assert "lead@example.org" not in before + after + answer.text


def test_a_rehearsed_notice_says_so(house: House) -> None:
    message_id = house.say("I was charged twice")
    climbed(house, message_id)
    replace(house.journey, notifier=RehearsalChannel("notices", False, ())).delivery.notify("ntc_1")
    with TestClient(create_app(parts=replace(house.parts, rehearsals=frozenset({"notices"})))) as client:
        sign_in(client)

        assert "Step 1: billing lead, notice rehearsed, not sent" in client.get(f"/cases/{message_id}").text


def test_a_contact_who_could_not_be_told_is_seen_even_before_the_message_was_read(
    agent: TestClient, house: House
) -> None:
    class Refusing(RehearsalChannel):
        def notify(self, notice: Notice) -> None:
            raise ChannelRefused("notices", "notices: the server answered 550")

    [message_id] = house.journey.receive([inbound(channel="x")])
    climbed(house, message_id)
    replace(house.journey, notifier=Refusing("notices", False, ())).delivery.notify("ntc_1")

    page = agent.get(f"/cases/{message_id}").text

    assert "Step 1: billing lead, could not be told" in page
    assert "notices: the server answered 550" in page


def test_resolving_asks_once_and_the_answer_stands_on_the_case(agent: TestClient, house: House) -> None:
    message_id = house.say("Where is my parcel?", thread="t")
    case = agent.get(f"/v1/messages/{message_id}").json()
    house.journey.deliver(approve(agent, house.suggestion(message_id), "I have asked the depot.")["id"])
    house.clock.move(60)

    url = f"/v1/cases/{case['case_id']}"
    assert agent.post(f"{url}/resolve", json={}).status_code == 200
    assert agent.post(f"{url}/resolve", json={}).status_code == 200
    with house.store() as work:
        [question] = [reply for reply in work.replies.of_thread(case["thread_id"]) if reply.purpose == "satisfaction"]
    house.journey.deliver(question.id)
    house.clock.move(600)
    house.say("5 of 5", thread="t")

    assert question.said.text == the_playbook().question
    assert agent.get(url).json()["satisfaction"]["score"] == 5


def test_resolving_without_asking_asks_nothing(agent: TestClient, house: House) -> None:
    message_id = house.say("Where is my parcel?")
    url = f"/v1/cases/{case_id_of(agent, message_id)}"
    house.journey.deliver(approve(agent, house.suggestion(message_id), "I have asked the depot.")["id"])

    assert agent.post(f"{url}/resolve", json={"ask": False}).status_code == 200

    assert [reply["purpose"] for reply in agent.get(url).json()["replies"]] == ["answer"]


def test_play_statistics_count_what_people_made_of_drafts(agent: TestClient, house: House) -> None:
    for number in range(5):
        suggestion = house.suggestion(house.say("I was charged twice", thread=f"t{number}"))
        approve(
            agent, suggestion, suggestion.drafts[0].text.replace("right now", "today").replace("[[order_number]]", "1")
        )

    stats = agent.get("/v1/playbook/stats").json()

    assert stats["data"][0] == {
        "play": "look-into-it", "shown": 5, "accepted": 0, "edited": 5, "rejected": 0,
        "edits": {"fact": 5}, "kept": stats["data"][0]["kept"],
    }  # fmt: skip
    assert {"before": "right now", "after": "today"} in [flag["change"] for flag in stats["flags"]]


def test_a_key_that_reads_may_read_them(anyone: TestClient, house: House) -> None:
    key = house.keys[Scope.READ]

    response = anyone.get("/v1/playbook/stats", headers={"Authorization": f"Bearer {key}"})

    stats = response.json()
    assert (stats["object"], stats["data"], stats["flags"]) == ("play_stats", [], [])
    assert {(goal["measured"], goal["reached"], goal["cases"]) for goal in stats["goals"]} == {(None, None, 0)}


def test_the_goals_of_the_playbook_stand_beside_what_was_measured(agent: TestClient, house: House) -> None:
    as_it_was, edited = (house.suggestion(house.say("I love it, where is my order AB-10442?")) for _ in range(2))
    approve(agent, as_it_was, as_it_was.drafts[0].text)
    approve(agent, edited, "It is on its way.")

    goals = {goal["goal"]: goal for goal in agent.get("/v1/playbook/stats").json()["goals"]}

    assert set(goals) == {"first_response_on_time", "satisfaction", "drafts_taken"}
    assert goals["drafts_taken"] == {
        "goal": "drafts_taken", "target": 60, "of": 100, "measured": 50, "reached": False, "cases": 2,
    }  # fmt: skip


def test_a_person_decides_otherwise_and_the_correction_is_counted(agent: TestClient, house: House) -> None:
    message_id = house.say("I was charged twice")
    url = f"/v1/messages/{message_id}/decision"

    assert agent.post(url, json={"action": "escalate"}).status_code == 422
    assert agent.post(url, json={"action": "shout", "reason": "x"}).status_code == 422
    case = agent.post(url, json={"action": "escalate", "team": "legal", "reason": "They name a lawyer."}).json()

    assert (case["decision"]["action"], case["decision"]["team"]) == ("escalate", "legal")
    assert case["suggestion"]["decision"]["action"] == "answer_public"
    assert case["corrections"] == [{"task": "action", "label": "escalate"}, {"task": "team", "label": "legal"}]


def test_the_case_page_says_that_a_person_decided_otherwise(agent: TestClient, house: House) -> None:
    message_id = house.say("I was charged twice")
    sent = {"team": "legal", "reason": "They name a lawyer."}

    before = agent.get(f"/cases/{message_id}").text
    agent.post(f"/v1/messages/{message_id}/decision", json=sent)

    assert "decided otherwise" not in before
    assert "Suggested: answer public, billing. A person decided otherwise." in agent.get(f"/cases/{message_id}").text


def test_no_key_decides_otherwise(house: House) -> None:
    message_id = house.say("I was charged twice")
    with TestClient(create_app(parts=house.parts)) as client:
        headers = {"Authorization": f"Bearer {house.keys['all']}"}
        sent = {"team": "legal", "reason": "x"}

        assert client.post(f"/v1/messages/{message_id}/decision", json=sent, headers=headers).status_code == 403

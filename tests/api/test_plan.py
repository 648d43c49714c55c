"""/v1/plan and its page: who reads them, and that the figures of what happened are in them."""

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from care.handover import HandOver, HandOverState
from care.plan import WORKSHEET
from tests.api.conftest import House, sign_in

pytestmark = pytest.mark.issue(19)


def test_a_lead_reads_the_plan_as_a_page_as_json_and_as_a_document(anyone: TestClient, house: House) -> None:
    sign_in(anyone, "supervisor")

    page, plan, document = anyone.get("/plan"), anyone.get("/v1/plan").json(), anyone.get("/plan.md")

    assert all(f". {asks.replace('&', '&amp;')}</h2>" in page.text for asks in WORKSHEET.values())
    assert [row["key"] for row in plan["rows"]] == list(WORKSHEET)
    assert plan["n_findings"] == page.text.count('<div class="finding')
    assert document.headers["content-type"].startswith("text/markdown")
    assert "The written plan" in anyone.get("/report").text.replace("The written plan, and", "The written plan")


def test_a_service_key_with_the_scope_read_reads_the_plan_and_an_agent_does_not(
    anyone: TestClient, agent: TestClient, house: House
) -> None:
    key = {"Authorization": f"Bearer {house.keys['read']}"}

    assert agent.get("/v1/plan").status_code == 403
    assert agent.get("/plan").status_code == 403
    assert 'href="/plan"' not in agent.get("/report").text
    anyone.cookies.clear()
    assert anyone.get("/v1/plan", headers=key).status_code == 200


def test_a_contact_who_let_three_hand_overs_pass_is_in_the_plan(anyone: TestClient, house: House) -> None:
    now = house.clock()
    for n in range(3):
        message_id = house.say(f"Case {n}")
        handover = HandOver(f"hov_{n}", house.case(message_id), message_id, "legal", "counsel", "tactful", now, now)
        with house.store() as work:
            assert work.handovers.open(handover)
            late = handover.moved(HandOverState.LAPSED, by="tactful", at=now)
            work.handovers.save(replace(late), was=HandOverState.OPEN)
    sign_in(anyone, "admin")

    page = anyone.get("/plan").text
    assert page.count("Counsel answered none of 3 hand-overs") == 2

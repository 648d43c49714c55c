"""/v1/crisis and its page: leads declare and end it, everybody sees that it is on, and a drill is beside the case."""

import pytest
from fastapi.testclient import TestClient

from care.crisis_watch import CrisisWatch
from care.preparing import DraftingTools
from tests.api.conftest import House, sign_in

pytestmark = pytest.mark.issue(19)

STATEMENT = {
    "public_text": "We know that parcels are late and are working on it.",
    "private_text": "Your parcel is late with all the others; we will write again.",
    "approved_by": "Head of legal",
}
LATE = {"name": "Late parcels", "reason": "A depot burnt.", "phrases": ["parcel*"], "statement": STATEMENT}


@pytest.fixture
def lead(anyone: TestClient) -> TestClient:
    anyone.headers["X-CSRF-Token"] = sign_in(anyone, "supervisor")
    return anyone


def watch(house: House) -> None:
    journey = house.journey
    CrisisWatch(house.store, lambda: DraftingTools(journey.playbook, journey.tone, journey.clock)).look()


def test_a_lead_declares_changes_and_ends_a_crisis(house: House, lead: TestClient) -> None:
    message = house.say("Where is my parcel?")
    assert lead.get("/v1/crisis").json() == {"object": "crisis_standing", "on": None, "past": []}

    begun = lead.post("/v1/crisis", json=LATE)
    again = lead.post("/v1/crisis", json=LATE)
    watch(house)

    assert (begun.status_code, again.json()["id"]) == (201, begun.json()["id"])
    assert begun.json()["statement"] == STATEMENT
    shown = lead.get("/v1/crisis").json()["on"]
    assert (shown["n_matched"], shown["n_answered"], shown["phrases"]) == (1, 0, ["parcel*"])
    page = lead.get(f"/cases/{house.case(message)}").text
    assert "This is the statement of the crisis" in page
    assert STATEMENT["public_text"] in page

    other = lead.post("/v1/crisis", json=LATE | {"name": "Something else"})
    assert (other.status_code, "A crisis is on already" in other.json()["detail"]) == (409, True)
    at = f"/v1/crisis/{shown['id']}"
    said = STATEMENT | {"public_text": "The depot works again and parcels go out."}
    assert lead.post(f"{at}/statement", json=said).json()["statement"] == said
    assert [line["step"] for line in lead.post(f"{at}/end").json()["log"]] == ["began", "changed", "ended"]
    assert lead.post(f"{at}/end").json()["is_on"] is False
    assert lead.post("/v1/crisis/crs_none/end").status_code == 404


def test_agents_and_keys_read_it_and_declare_nothing(house: House, anyone: TestClient, agent: TestClient) -> None:
    assert agent.post("/v1/crisis", json=LATE).status_code == 403
    csrf = agent.headers["X-CSRF-Token"]
    assert agent.post("/crisis", data={"csrf": csrf, "name": "x"}).status_code == 403
    assert agent.get("/crisis").status_code == 200
    assert "Declare one" not in agent.get("/crisis").text
    key = {"Authorization": f"Bearer {house.keys['all']}"}
    assert anyone.get("/v1/crisis", headers=key).status_code == 200
    assert anyone.post("/v1/crisis", json=LATE, headers=key).status_code == 403


def test_a_drill_stands_on_every_page_and_beside_the_case_that_it_is_about(house: House, lead: TestClient) -> None:
    csrf = lead.headers["X-CSRF-Token"]
    form = {**STATEMENT, "csrf": csrf, "name": "Practice", "reason": "Every spring.", "phrases": "parcel*\nlost"}
    refused = lead.post("/crisis", data=form | {"public_text": "Soon."})
    assert (refused.status_code, "too short" in refused.text, "Every spring." in refused.text) == (422, True, True)

    assert lead.post("/crisis", data=form | {"is_drill": "1"}).status_code == 303
    about, other = house.say("Where is my parcel?"), house.say("Where is my bill?")

    assert "<b>DRILL: Practice</b>" in lead.get("/").text
    assert "this would be the first draft" in lead.get(f"/cases/{house.case(about)}").text
    assert "this would be the first draft" not in lead.get(f"/cases/{house.case(other)}").text
    page = lead.get("/crisis").text
    assert "a reply with these words is refused" in page
    drill = lead.get("/v1/crisis").json()["on"]
    assert lead.post(f"/crisis/{drill['id']}/end", data={"csrf": csrf}).status_code == 303
    assert "DRILL: Practice," in lead.get("/crisis").text

"""/v1/staffing, its page and its roster: for leads, and honest where there is too little to tell."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from care.surge import Surge, SurgeKind
from care.workload import StaffingPolicy, StaffingRules
from tests.api.conftest import House, sign_in
from tests.doubles import StubPlaybook
from tests.workload import arrived, weekly

pytestmark = pytest.mark.issue(19)


@pytest.fixture
def lead(house: House) -> Iterator[TestClient]:
    rules = StaffingPolicy(StaffingRules(), {"legal": StaffingRules(shrinkage=0.5)})
    journey = replace(house.journey, playbook=StubPlaybook(staffing=rules))
    with TestClient(create_app(parts=replace(house.parts, journey=journey)), follow_redirects=False) as client:
        sign_in(client, "supervisor")
        yield client


def test_too_little_history_is_said_on_the_page_and_by_the_api(lead: TestClient) -> None:
    said = lead.get("/v1/staffing").json()

    assert "Too little history: 0 whole weeks" in said["problem"]
    assert (said["slots"], said["coverage"]) == ([], {"n": 0, "share": None})
    assert "Too little history: 0 whole weeks" in lead.get("/staffing").text


def test_page_api_and_roster_say_the_same(lead: TestClient, house: House) -> None:
    arrived(house.store, weekly(house.clock(), 6, per_hour=6), handled_s=240)

    said = lead.get("/v1/staffing", params={"team": "care"}).json()
    page = lead.get("/staffing", params={"team": "care"}).text
    response = lead.get("/staffing/roster")
    rows = list(csv.DictReader(io.StringIO(response.text)))

    assert (said["team"], said["problem"], said["n_weeks"], len(said["slots"])) == ("care", "", 5, 336)
    assert said["handle"] == {"mean_s": 240.0, "n_measured": said["handle"]["n_measured"]}
    care = [row for row in rows if row["team"] == "care"]
    assert [row["desk"] for row in care] == [str(slot["needed"]["desk"]) for slot in said["slots"]]
    assert {row["team"] for row in rows} == {"care", "legal", "press", "safety"}
    assert response.headers["content-disposition"] == 'attachment; filename="roster.csv"'
    assert f"on {said['handle']['n_measured']} replies" in page
    assert page.count('<path class="band"') == 2
    assert "By Erlang C" in page
    assert "People at work, by half hour" in page


def test_only_leads_and_keys_that_read_see_it_and_what_is_unknown_is_refused(
    house: House, anyone: TestClient, agent: TestClient
) -> None:
    assert agent.get("/v1/staffing").status_code == 403
    assert agent.get("/staffing").status_code == 403
    assert agent.get("/staffing/roster").status_code == 403
    key = {"Authorization": f"Bearer {house.keys['read']}"}
    assert anyone.get("/v1/staffing", headers=key).status_code == 200
    unknown = anyone.get("/v1/staffing", headers=key, params={"team": "sales"})
    assert (unknown.status_code, "no team 'sales'" in unknown.json()["detail"]) == (422, True)


def test_a_surge_stands_on_top_of_every_page_for_leads_and_in_the_metrics(
    house: House, lead: TestClient, agent: TestClient
) -> None:
    now = house.clock()
    with house.store() as work:
        work.surges.begin(Surge("srg_1", SurgeKind.ARRIVALS, "x", "outage", 42, 7.0, now, now))

    page = lead.get("/").text

    assert "Far more messages than usual" in page
    assert "42 where 7 are usual" in page
    assert "Far more messages than usual" not in agent.get("/").text
    assert 'tactful_surges{kind="arrivals"} 1.0' in agent.get("/metrics").text
    assert 'tactful_surges{kind="negative"} 0.0' in agent.get("/metrics").text

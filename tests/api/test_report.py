"""/v1/report and its page: the same figures, and the cases behind each."""

from typing import Any

from fastapi.testclient import TestClient

from tests.api.conftest import House


def read(client: TestClient, path: str, **query: str) -> Any:
    response = client.get(path, params=query)
    assert response.status_code == 200, response.text
    return response.json()


def test_a_report_counts_messages_and_opens_their_cases(house: House, agent: TestClient) -> None:
    said = [house.say("Where is my parcel?"), house.say("You charged me twice.")]

    report = read(agent, "/v1/report", by="channel")
    cases = read(agent, "/v1/report/cases", figure="messages", by="channel", line="x")

    assert [(line["key"], line["figures"]["messages"]) for line in report["lines"]] == [("x", 2)]
    assert report["total"]["shares"]["on target"] is None
    assert set(cases["data"]) == {house.case(message_id) for message_id in said}


def test_a_report_says_which_days_it_covers(house: House, agent: TestClient) -> None:
    report = read(agent, "/v1/report", **{"from": "2026-01-01", "to": "2026-01-31"})

    assert (report["from"], report["to"], report["lines"]) == ("2026-01-01", "2026-01-31", [])


def test_a_figure_that_does_not_exist_and_days_the_wrong_way_round_are_refused(agent: TestClient) -> None:
    unknown = agent.get("/v1/report/cases", params={"figure": "sales"})
    backwards = agent.get("/v1/report", params={"from": "2026-02-01", "to": "2026-01-01"})

    assert (unknown.status_code, backwards.status_code) == (422, 422)
    assert "no figure 'sales'" in unknown.json()["detail"]


def test_each_figure_on_the_page_is_a_link_to_a_page_with_its_cases(house: House, agent: TestClient) -> None:
    message_id = house.say("Where is my parcel?")

    page = agent.get("/report", params={"by": "team"}).text
    cases = agent.get("/report/cases", params={"figure": "messages"}).text

    assert "/report/cases?figure=messages" in page
    assert f"/cases/{house.case(message_id)}" in cases

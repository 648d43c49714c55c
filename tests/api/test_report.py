"""/v1/report and its page: the same figures, and the cases behind each."""

from dataclasses import replace
from typing import Any

from fastapi.testclient import TestClient

from care.knowledge import Lack
from tests.api.conftest import House
from tests.doubles import StubPlaybook


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


def test_what_knowledge_lacked_is_listed_with_links_to_the_cases(house: House, agent: TestClient) -> None:
    lacks = (Lack("answer", "product_question"), Lack("next_step"))
    house.journey = replace(house.journey, playbook=StubPlaybook(lacks=lacks))
    message_id = house.say("Do you have it in <b>green</b>?")

    gaps = read(agent, "/v1/report/gaps")["data"]
    report = agent.get("/report").text
    page = agent.get("/report/gaps").text
    empty = agent.get("/report/gaps", params={"from": "2026-01-01", "to": "2026-01-31"}).text

    case_id = house.case(message_id)
    assert [(gap["slot"], gap["about"], gap["cases"]) for gap in gaps] == [
        ("answer", "product_question", [case_id]),
        ("next_step", None, [case_id]),
    ]
    assert 'href="/report/gaps?from=' in report
    assert page.count(f'<a href="/cases/{case_id}?view=all"><bdi>Ana Alvarez</bdi></a>') == 2
    assert "Product question" in page
    assert "No draft of these days lacked knowledge" in empty

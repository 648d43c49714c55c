"""/v1/report and its page: the same figures, and the cases behind each."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from fastapi.testclient import TestClient

from care.goal_standings import standings
from care.goals import Goal
from care.knowledge import Lack
from tests.api.conftest import House
from tests.doubles import StubPlaybook

DAY = date(2026, 1, 5)


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


def test_goals_are_told_as_intervals_and_say_when_there_is_too_little_to_tell(house: House, agent: TestClient) -> None:
    goals = (Goal("first_response_on_time", 95, 100, owner="care"), Goal("climbs", 3, is_most=True))
    house.journey = replace(house.journey, playbook=StubPlaybook(agreed_goals=goals))
    house.parts = replace(house.parts, journey=house.journey)
    agent.app.state.parts = house.parts  # type: ignore[attr-defined]
    house.say("Where is my parcel?")

    on_time, climbs = read(agent, "/v1/report/goals")["data"]
    page = agent.get("/report").text

    assert (on_time["now"], on_time["reached"], on_time["owner"]) == (None, None, "care")
    assert (climbs["now"]["value"], climbs["now"]["n"], climbs["reached"]) == (0.0, 0, None)
    assert climbs["since"] == "the first four weeks are not over"
    assert "Nothing to measure yet" in page
    assert "at most 3 a week" in page


def test_a_goal_is_held_against_the_first_four_weeks_once_they_are_over(house: House) -> None:
    book = StubPlaybook(agreed_goals=(Goal("messages", 1), Goal("messages", 1, first=DAY, last=DAY)))
    house.say("Where is my parcel?")
    later = house.clock() + timedelta(days=60)

    first, named = standings(house.store, book, now=later)

    assert first.baseline is not None
    assert (first.baseline.value, first.baseline.n, first.now) == (0.25, 1, None)
    assert first.since == f"{house.clock().date()} to {house.clock().date() + timedelta(days=27)}"
    assert (named.baseline, named.since) == (None, "2026-01-05 to 2026-01-05")

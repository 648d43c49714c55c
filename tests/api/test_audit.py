"""The audit trail in the console: administrators filter it and take it along as a file."""

import csv
import io
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from care.trail import TrailFilter
from tests.api.conftest import House, sign_in


@pytest.fixture
def admin(anyone: TestClient) -> TestClient:
    """A signed-in administrator."""
    anyone.headers["X-CSRF-Token"] = sign_in(anyone, "admin")
    return anyone


def exported(client: TestClient, **query: str) -> list[dict[str, str]]:
    response = client.get("/audit/export", params=query)
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.text)))


def test_what_happened_to_one_case_is_shown_newest_first_and_nothing_of_others(house: House, admin: TestClient) -> None:
    case, other = (house.case(house.say(text)) for text in ("Where is my parcel?", "You charged me twice."))

    page = admin.get("/audit", params={"case": case}).text
    rows = exported(admin, case=case)

    assert f"/cases/{case}?view=all" in page
    assert other not in page
    numbers = [int(row["number"]) for row in rows]
    assert numbers == sorted(numbers, reverse=True)
    assert {row["case_id"] for row in rows} == {case}
    assert {"message.received", "suggestion.created"} <= {row["event"] for row in rows}


def test_events_are_found_by_who_did_them_by_name_and_by_the_beginning_of_a_name(
    house: House, admin: TestClient
) -> None:
    house.say("Where is my parcel?")
    person = house.people["agent"]
    with house.store() as work:
        work.note("reply.held", "rpl_1", by=person.id)

    assert [row["event"] for row in exported(admin, by=person.id)] == ["reply.held"]
    assert [row["name"] for row in exported(admin, by=person.id)] == [person.name]
    assert {row["event"] for row in exported(admin, event="message.received")} == {"message.received"}
    assert {row["event"].partition(".")[0] for row in exported(admin, event="message.")} == {"message"}
    # A sign that a search in the database takes for "anything" is a sign like any other.
    assert exported(admin, event="mess%.") == []


def test_days_are_whole_days_of_the_playbooks_zone(house: House, admin: TestClient) -> None:
    house.say("Where is my parcel?")
    today = house.clock().date().isoformat()

    assert exported(admin, **{"from": today, "to": today}) != []
    assert exported(admin, to="2020-01-01") == []
    assert exported(admin, **{"from": today, "to": "2020-01-01"}) == []
    # A form sends the fields that were left empty, too.
    assert admin.get("/audit", params={"from": "", "to": "", "case": ""}).status_code == 200
    assert admin.get("/audit", params={"from": "yesterday"}).status_code == 422


def test_older_events_are_one_link_away_and_the_file_has_all_of_them(house: House, admin: TestClient) -> None:
    with house.store() as work:
        for n in range(2300):
            work.note("case.noted", f"cas_{n}", by="tactful")

    first = admin.get("/audit", params={"event": "case.noted"}).text
    with house.store(read=True) as work:
        newest = work.trail.search(TrailFilter(event="case.noted"), limit=100)
    older = admin.get("/audit", params={"event": "case.noted", "before": str(newest[-1].number)}).text

    assert "cas_2299<" in first
    assert "cas_2199<" not in first
    assert f"before={newest[-1].number}" in first
    assert "cas_2199<" in older
    assert "cas_2299<" not in older
    assert len(exported(admin, event="case.noted")) == 2300


def test_a_name_that_a_spreadsheet_would_run_is_disarmed(house: House, admin: TestClient) -> None:
    person = house.people["agent"]
    with house.store() as work:
        work.access.save_person(replace(person, name="=HYPERLINK(1)"))
        work.note("reply.held", "rpl_1", by=person.id)

    assert [row["name"] for row in exported(admin, by=person.id)] == ["HYPERLINK(1)"]


@pytest.mark.parametrize("role", ["agent", "supervisor"])
@pytest.mark.parametrize("path", ["/audit", "/audit/export"])
def test_the_trail_is_for_administrators(anyone: TestClient, role: str, path: str) -> None:
    sign_in(anyone, role)

    assert anyone.get(path).status_code == 403

"""The live board: what waits, who has it, today beside other days, and giving a case to somebody else."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from care.access import Role
from care.board import board
from care.case import Source
from care.hold import Doing, Presence
from care.usual import UsualWeeks
from store.tables import CaseRow
from tests.api.conftest import House, sign_in
from tests.doubles import StubPlaybook
from tests.workload import arrived, weekly

pytestmark = pytest.mark.issue(19)


@pytest.fixture
def csrf(anyone: TestClient) -> str:
    return sign_in(anyone, "supervisor")


def test_what_waits_is_counted_by_team_channel_clock_and_person(house: House) -> None:
    first, second = house.say("Where is it?"), house.say("Charged twice.", channel="email")
    ben = house.people[Role.AGENT]
    house.journey.casework.assign(house.case(first), by=ben.id, to=ben.id)

    decided = house.suggestion(second).decision
    with house.store() as work:
        waiting = work.lists.waiting()
    assert [(some.assignee, some.n) for some in waiting if some.channel == "x"] == [(ben.id, 1)]
    assert [(some.team, some.assignee) for some in waiting if some.channel == "email"] == [(decided.team, None)]
    assert {some.clock for some in waiting} <= {"soon", "later"}
    house.clock.now += timedelta(days=3)
    with house.store() as work:
        assert {some.clock for some in work.lists.waiting()} == {"late"}


def test_the_board_shows_it_and_each_number_opens_its_cases(house: House, anyone: TestClient, csrf: str) -> None:
    case_id = house.case(house.say("Where is my parcel?"))
    with house.store() as work:
        work.holds.see(Presence(case_id, house.people[Role.AGENT].id, Doing.WRITING))

    page = anyone.get("/board").text

    assert "Ana Alvarez" in page
    assert 'href="/?view=now_due&amp;assignee=nobody"' in page
    assert "Too little history to say what is usual today." in page
    row = page.partition("Some agent</bdi>")[2].partition("</tr>")[0]
    assert (">here<" in row, row.count('<td class="num">1</td>')) == (True, 1)


def test_today_stands_beside_what_other_weeks_bring_by_now(house: House) -> None:
    now = house.clock()
    arrived(house.store, weekly(now, 6, per_hour=6, hours=range(24)))

    usual = UsualWeeks()

    today = board(house.store, StubPlaybook(), usual, now=now).today

    assert today.due is not None
    hours = (now - now.replace(hour=0, minute=0, second=0, microsecond=0)) / timedelta(hours=1)
    assert today.due.mean == pytest.approx(6 * hours, rel=0.1, abs=1)
    assert len(today.usual) == 48
    assert today.so_far == 0
    with house.store(read=True) as work:
        assert usual.on(work, "UTC", now) is usual.on(work, "UTC", now + timedelta(minutes=1))
        assert usual.on(work, "UTC", now) is not usual.on(work, "UTC", now + timedelta(days=1))


def test_who_waits_longest_stands_first_and_samples_count_as_what_came_in_today(house: House) -> None:
    house.say("Where is it?", channel="email")
    house.clock.now += timedelta(minutes=5)
    house.say("Charged twice.")
    house.say("Where is my parcel?")
    house.clock.now += timedelta(seconds=1)
    with house.store.engine.begin() as connection:
        connection.execute(update(CaseRow).values(source=Source.DEMO))

    seen = board(house.store, StubPlaybook(), UsualWeeks(), now=house.clock())

    assert [line.channel for line in seen.lines] == ["email", "x", "x"]
    assert seen.lines[1].since - seen.lines[0].since == timedelta(minutes=5)
    assert seen.today.so_far == 3


def test_a_lead_gives_a_case_to_somebody_else_and_an_agent_may_not(house: House, anyone: TestClient, csrf: str) -> None:
    case_id, ben = house.case(house.say("Where is it?")), house.people[Role.AGENT]
    form = {"csrf": csrf, "case": case_id, "to": ben.id}

    assert anyone.post("/board/assign", data=form).headers["location"] == "/board"
    with house.store() as work:
        assert work.cases.get(case_id).assignment.assigned_to == ben.id
    anyone.post("/board/assign", data={**form, "to": ""})
    with house.store() as work:
        assert work.cases.get(case_id).assignment.assigned_to is None

    form["csrf"] = sign_in(anyone, "agent")
    assert anyone.post("/board/assign", data=form).status_code == 403

"""Cases that wait are given to those who are here, with the reason beside the case; who is away gets none."""

from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from care.access import Role
from care.people import open_session
from care.routing import RoutingPolicy, Skills
from care.routing_watch import RoutingWatch
from tests.api.conftest import House, sign_in

pytestmark = pytest.mark.issue(19)

EVERYTHING = Skills()
PEOPLE = {"agent@example.com": EVERYTHING, "supervisor@example.com": EVERYTHING}


def watch(house: House, people: dict[str, Skills] = PEOPLE) -> RoutingWatch:
    """A watch by this policy; agent and supervisor are here."""
    playbook = house.parts.playbook
    policy = playbook.policy
    routing = RoutingPolicy(people)

    class Agreed:
        policy = replace(playbook.policy, teams=replace(playbook.policy.teams, routing=routing))

    assert policy.teams.routing.is_on is False
    here(house, Role.AGENT, Role.SUPERVISOR)
    return RoutingWatch(house.store, Agreed)  # type: ignore[arg-type]


def here(house: House, *roles: Role) -> None:
    with house.store() as work:
        for role in roles:
            open_session(work, house.people[role], now=house.clock())


def assigned(house: House, message_id: str) -> tuple[str | None, str]:
    with house.store() as work:
        assignment = work.cases.of_message(message_id).assignment
    return assignment.assigned_to, assignment.assigned_why


def test_what_waits_is_given_in_turns_with_a_reason(house: House, anyone: TestClient) -> None:
    messages = [house.say(f"Where is parcel {n}?", name=f"Cus{n} Tomer") for n in range(4)]
    routing = watch(house)

    assert routing.look(now=house.clock()) == {"cases.given": 4}
    assert routing.look(now=house.clock()) == {}

    given = [assigned(house, message_id) for message_id in messages]
    assert sorted(who or "" for who, _ in given) == sorted(
        [house.people[Role.AGENT].id] * 2 + [house.people[Role.SUPERVISOR].id] * 2
    )
    assert all("who may take it; had" in why for _, why in given)
    sign_in(anyone)
    case_id = house.case(messages[0])
    assert given[0][1] in anyone.get(f"/cases/{case_id}").text
    assert anyone.get(f"/v1/cases/{case_id}").json()["assigned_why"] == given[0][1]


def test_nobody_named_is_nobody_given(house: House) -> None:
    message_id = house.say("Where is it?")

    assert watch(house, {}).look(now=house.clock()) == {}
    assert assigned(house, message_id) == (None, "")


def test_who_is_away_gets_none_and_what_was_theirs_goes_on(house: House, anyone: TestClient) -> None:
    message_id = house.say("Where is it?")
    routing = watch(house)
    csrf = sign_in(anyone)
    agent, lead = house.people[Role.AGENT].id, house.people[Role.SUPERVISOR].id
    house.journey.casework.assign(house.case(message_id), by=lead, to=agent)
    assert assigned(house, message_id)[1] == "Given by Some supervisor."

    until = (house.clock() + timedelta(days=1)).isoformat()
    anyone.headers["X-CSRF-Token"] = csrf
    assert anyone.post("/v1/people/me/away", json={"until": until}).json()["away_until"]
    routing.look(now=house.clock())

    who, why = assigned(house, message_id)
    assert who == lead
    assert why.startswith("Whoever had it is away. ")
    admin = TestClient(anyone.app, follow_redirects=False)
    sign_in(admin, "admin")
    assert "agent, away until" in admin.get("/people").text
    assert anyone.post("/settings/away", data={"csrf": csrf, "day": ""}).status_code == 303
    with house.store() as work:
        person = work.access.person(id=agent)
    assert person is not None
    assert person.away_until is None


def test_a_case_finds_who_answered_it_before(house: House) -> None:
    from care.answering import Words

    message_id = house.say("Where is it?", thread="t", channel="email")
    agent = house.people[Role.AGENT].id
    house.journey.answering.answer(message_id, Words(agent, "It comes on Tuesday."))
    again = house.say("Still not here!", thread="t", channel="email")

    watch(house).look(now=house.clock())

    who, why = assigned(house, again)
    assert (who, why.partition(";")[0]) == (agent, "Answered this customer before")


def test_who_has_gone_home_is_given_nothing(house: House) -> None:
    message_id = house.say("Where is it?")
    routing = watch(house)
    house.clock.now += timedelta(minutes=16)

    assert routing.look(now=house.clock()) == {}
    assert assigned(house, message_id)[0] is None


def test_what_somebody_writes_in_is_left_alone(house: House) -> None:
    message_id = house.say("Where is it?")
    with house.store() as work:
        work.holds.take(house.case(message_id), house.people[Role.ADMIN].id, hold_s=90, ask_s=30)

    assert watch(house).look(now=house.clock()) == {}


def test_who_gave_a_case_back_is_not_given_it_again(house: House) -> None:
    message_id = house.say("Where is it?")
    routing = watch(house)
    routing.look(now=house.clock())
    first = assigned(house, message_id)[0]
    assert first is not None

    house.journey.casework.assign(house.case(message_id), by=first, to=None)
    routing.look(now=house.clock())

    assert assigned(house, message_id)[0] not in (None, first)

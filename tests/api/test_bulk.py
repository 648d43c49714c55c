"""One thing done to several cases over HTTP and in the console's list."""

import re

import pytest
from fastapi.testclient import TestClient

from care.writing import take_hold
from tests.api.conftest import House, sign_in

pytestmark = pytest.mark.issue(16)


@pytest.fixture
def cases(house: House) -> list[str]:
    return [house.case(house.say(f"where is my order AB-1044{n}", name=f"Customer {n}")) for n in range(3)]


def test_a_program_of_a_person_acts_on_several_and_takes_it_back(
    agent: TestClient, house: House, cases: list[str]
) -> None:
    sent = {"act": "snooze", "cases": [{"id": id} for id in cases], "until": "2026-03-05T09:00:00Z"}
    bulk = agent.post("/v1/bulk", json=sent).json()

    assert (bulk["act"], bulk["done"], bulk["skipped"]) == ("snooze", cases, [])
    assert len(agent.get("/v1/cases?clock=snoozed").json()["data"]) == 3
    assert agent.post(f"/v1/bulk/{bulk['undo']}/undo").json() == {"object": "taken_back", "left": []}
    assert agent.get("/v1/cases?clock=snoozed").json()["data"] == []
    assert agent.post("/v1/bulk/1/undo").status_code == 404


def test_a_turn_that_is_behind_is_left_out_and_named(agent: TestClient, cases: list[str]) -> None:
    sent = {"act": "resolve", "cases": [{"id": cases[0], "turn": 0}, {"id": cases[1], "turn": 1}]}

    bulk = agent.post("/v1/bulk", json=sent).json()

    assert bulk["done"] == [cases[1]]
    assert bulk["skipped"] == [{"case_id": cases[0], "detail": "Something was written in it since.", "by": None}]


def test_no_key_acts_on_several(anyone: TestClient, house: House, cases: list[str]) -> None:
    key = {"Authorization": f"Bearer {house.keys['all']}"}

    response = anyone.post("/v1/bulk", json={"act": "resolve", "cases": [{"id": cases[0]}]}, headers=key)

    assert (response.status_code, response.json()["code"]) == (403, "needs_person")


@pytest.mark.parametrize("act", ["send", "approve", "answer", "hand_over", ""])
def test_nothing_that_sends_can_be_done_to_several(agent: TestClient, cases: list[str], act: str) -> None:
    assert agent.post("/v1/bulk", json={"act": act, "cases": [{"id": cases[0]}]}).status_code == 422


def test_the_list_acts_on_what_is_selected_names_what_it_left_out_and_takes_all_back(
    anyone: TestClient, house: House, cases: list[str]
) -> None:
    csrf = sign_in(anyone)
    take_hold(house.store, cases[2], by=house.people["supervisor"].id)
    page = anyone.get("/").text
    fields = dict(re.findall(r'name="(case\.[^"]+)" value="(\d+)"', page))
    assert set(fields) == {f"case.{id}" for id in cases}

    shown = anyone.post("/bulk", data={"csrf": csrf, "view": "now_due", "act": "dismiss", **fields})

    assert shown.status_code == 200
    assert "Done for 2 cases. Left out:" in shown.text
    assert "Customer 2: Somebody else is writing in it. (Some supervisor)" in shown.text
    [undo] = re.findall(r'<form class="undo[^"]*" method="post" action="([^"]+)"', anyone.get("/settings").text)
    assert anyone.post(undo, data={"csrf": csrf}).headers["location"] == "/?view=now_due"
    with house.store() as work:
        assert [work.cases.get(id).is_resolved for id in cases] == [False, False, False]


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("", "Choose what to do"),
        ("assign:", "Choose what to do"),
        ("send:now", "Choose what to do"),
        ("snooze:soon", "Say until when"),
        ("assign:per_nobody", "Nobody here has"),
        ("team:nonsense", "The playbook knows no such team"),
        ("label:nonsense", "intent has no such label"),
    ],
)
def test_a_choice_that_is_none_says_so(
    anyone: TestClient, house: House, cases: list[str], choice: str, said: str
) -> None:
    csrf = sign_in(anyone)

    shown = anyone.post("/bulk", data={"csrf": csrf, "act": "choice", "choice": choice, f"case.{cases[0]}": "1"})

    assert shown.status_code in (409, 422)
    assert said in shown.text


@pytest.mark.parametrize("choice", ["assign:me", "assign:nobody", "label:praise", "snooze:hour", "team:orders"])
def test_every_choice_of_the_list_can_be_done_and_undone(
    anyone: TestClient, house: House, cases: list[str], choice: str
) -> None:
    csrf = sign_in(anyone)
    house.journey.casework.assign(cases[0], by=house.people["agent"].id, to=house.people["supervisor"].id)
    page = anyone.get("/").text
    if f'value="{choice}"' not in page:
        choice = next(value for value in re.findall(r'<option value="([^"]+)"', page) if value.startswith("team:"))

    shown = anyone.post("/bulk", data={"csrf": csrf, "act": "choice", "choice": choice, f"case.{cases[0]}": "1"})

    assert shown.status_code in (303, 409), shown.text
    if shown.status_code == 409:
        assert "It is so already." in shown.text
        return
    [undo] = re.findall(r'<form class="undo[^"]*" method="post" action="([^"]+)"', anyone.get("/settings").text)
    anyone.post(undo, data={"csrf": csrf})
    with house.store() as work:
        file = work.cases.latest(cases[0])
    assert file.case.assignment.assigned_to == house.people["supervisor"].id
    assert (file.labels["intent"], file.case.standing.snoozed_until) == ("order_status", None)

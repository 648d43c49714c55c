"""Lists that people save under a name: whose they are, what they count, and what none of them may hold."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.narrowing import SEARCH, NarrowQuery
from care.saved_view import AT_MOST
from tests.api.conftest import House, sign_in

pytestmark = pytest.mark.issue(16)


@pytest.fixture
def other(house: House) -> Any:
    with TestClient(create_app(parts=house.parts), follow_redirects=False) as client:
        client.headers["X-CSRF-Token"] = sign_in(client, "supervisor")
        yield client


def saves(client: TestClient, name: str, *, status: int = 201, **sent: Any) -> dict[str, Any]:
    response = client.post("/v1/views", json={"name": name, **sent})
    assert response.status_code == status, response.text
    body: dict[str, Any] = response.json()
    return body


def names(client: TestClient, **headers: str) -> list[tuple[str, int]]:
    return [(view["name"], view["cases"]) for view in client.get("/v1/views", headers=headers).json()["data"]]


def test_a_view_is_one_persons_or_everybodys_and_counts_its_cases(
    agent: TestClient, other: TestClient, house: House
) -> None:
    case_id = house.case(house.say("where is my order AB-10442"))
    house.say("where is my parcel")
    saves(agent, "Orders of mine", view="now_due", filters={"assignee": "me"})
    saves(agent, "AB", view="all", filters={"search": "AB-10442"}, for_all=True)
    agent.post(f"/v1/cases/{case_id}/assign", json={"to": house.people["agent"].id})

    assert sorted(names(agent)) == [("AB", 1), ("Orders of mine", 1)]
    assert names(other) == [("AB", 1)]
    saves(other, "mine too", view="now_due", filters={"assignee": "me"})
    assert sorted(names(other)) == [("AB", 1), ("mine too", 0)]


def test_a_key_sees_the_views_for_all_and_makes_none(anyone: TestClient, house: House) -> None:
    key = {"Authorization": f"Bearer {house.keys['all']}"}

    assert anyone.post("/v1/views", json={"name": "x"}, headers=key).status_code == 403
    assert names(anyone, **key) == []


def test_the_same_name_replaces_and_there_is_an_end_of_them(agent: TestClient) -> None:
    for n in range(AT_MOST):
        saves(agent, f"view {n}")
    again = saves(agent, "VIEW  0", view="all")

    assert again["view"] == "all"
    assert len(names(agent)) == AT_MOST
    assert "Remove one first" in saves(agent, "one more", status=422)["detail"]


@pytest.mark.parametrize(
    "sent",
    [
        {"name": "card 4111 1111 1111 1111"},
        {"name": "x", "filters": {"search": "4111 1111 1111 1111"}},
        {"name": " "},
        {"name": "x" * 41},
        {"name": "x", "filters": {"colour": "red"}},
        {"name": "x", "filters": {"clock": "soonish"}},
        {"name": "x", "view": "nowhere"},
    ],
)
def test_what_no_view_may_hold_is_refused(agent: TestClient, sent: dict[str, Any]) -> None:
    response = agent.post("/v1/views", json=sent)

    assert response.status_code == 422, response.text
    assert "4111" not in response.text
    assert names(agent) == []


def test_a_view_is_removed_by_who_may(agent: TestClient, other: TestClient, house: House) -> None:
    own, theirs = saves(agent, "own"), saves(other, "theirs", for_all=True)

    assert other.delete(f"/v1/views/{own['id']}").status_code == 404
    assert "colleague made it" in agent.delete(f"/v1/views/{theirs['id']}").json()["detail"]
    assert agent.delete(f"/v1/views/{own['id']}").status_code == 204
    for_all = saves(agent, "for all", for_all=True)
    assert other.delete(f"/v1/views/{for_all['id']}").status_code == 204
    assert names(agent) == [("theirs", 0)]


def test_no_filter_of_lists_is_called_as_the_words_of_a_view_are() -> None:
    assert SEARCH not in NarrowQuery.model_fields


def test_the_console_saves_the_list_on_the_page_and_forgets_it_again(anyone: TestClient, house: House) -> None:
    csrf = sign_in(anyone)
    house.say("where is my order AB-10442")
    where = "now_due&assignee=nobody&q=order"
    page = anyone.get(f"/?view={where.replace('&q=order', '')}&q=order").text
    assert "Save this list under a name" in page

    saved = anyone.post(
        "/views", data={"csrf": csrf, "view": "now_due&q=order&assignee=nobody", "name": "New <orders>"}
    )

    assert saved.headers["location"] == "/?view=now_due&q=order&assignee=nobody"
    shown = anyone.get(saved.headers["location"]).text
    assert 'data-name="New &lt;orders&gt;" aria-current="page"' in shown
    [address] = re.findall(r'action="(/views/[^"]+/remove)"', shown)
    refused = anyone.post("/views", data={"csrf": csrf, "view": "now_due&q=order", "name": "4111 1111 1111 1111"})
    assert (refused.status_code, "may hold sensitive data" in refused.text) == (422, True)
    anyone.post(address, data={"csrf": csrf, "view": "now_due"})
    assert 'class="saved"' not in anyone.get("/").text

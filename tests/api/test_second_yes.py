"""New colleagues through both doors: their replies wait, and only another person's yes lets them go."""

import pytest
from fastapi.testclient import TestClient

from care.access import Role
from care.people import check_person
from tests.api.conftest import House, sign_in

pytestmark = pytest.mark.issue(19)


@pytest.fixture
def checked(house: House) -> House:
    """A house where what the agent writes is read first."""
    with house.store() as work:
        check_person(work, house.people[Role.AGENT].id, is_checked=True, by=house.people[Role.ADMIN].id)
    return house


def written(house: House, client: TestClient) -> str:
    """The agent answers in their own words through the API. Returns the reply's id."""
    client.headers["X-CSRF-Token"] = sign_in(client)
    message_id = house.say("where is my order AB-10442", channel="email")
    answered = client.post(f"/v1/messages/{message_id}/answer", json={"text": "It is on its way to you."})
    assert answered.json()["needs_second"] is True
    reply_id: str = answered.json()["id"]
    return reply_id


def test_the_author_is_refused_and_a_colleague_lets_it_go(checked: House, anyone: TestClient) -> None:
    reply_id = written(checked, anyone)

    refused = anyone.post(f"/v1/replies/{reply_id}/read")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden_scope")
    assert anyone.post(f"/v1/replies/{reply_id}/send_again").status_code == 409
    assert [reply["id"] for reply in anyone.get("/v1/replies").json()["data"]] == [reply_id]
    checked.journey.delivery.deliver(reply_id)
    assert anyone.get(f"/v1/replies/{reply_id}").json()["stage"] == "pending"

    anyone.headers["X-CSRF-Token"] = sign_in(anyone, "supervisor")
    read = anyone.post(f"/v1/replies/{reply_id}/read").json()

    assert (read["second_by"], read["stage"]) == (checked.people[Role.SUPERVISOR].id, "pending")
    assert anyone.get("/v1/replies").json()["data"] == []


def test_a_key_cannot_read_for_a_person(checked: House, anyone: TestClient) -> None:
    reply_id = written(checked, anyone)
    anyone.cookies.clear()

    answer = anyone.post(
        f"/v1/replies/{reply_id}/read", headers={"Authorization": f"Bearer {checked.keys['all']}", "X-CSRF-Token": ""}
    )

    assert answer.status_code in (401, 403)


def test_giving_back_says_why(checked: House, anyone: TestClient) -> None:
    reply_id = written(checked, anyone)
    anyone.headers["X-CSRF-Token"] = sign_in(anyone, "supervisor")

    back = anyone.post(f"/v1/replies/{reply_id}/give_back", json={"text": "Say by when."})

    assert back.json()["stage"] == "withdrawn"
    with checked.store() as work:
        assert [note.text for note in work.notes.of_case(back.json()["case_id"])] == ["Say by when."]


def test_the_page_shows_who_waits_and_what_to_do(checked: House, anyone: TestClient) -> None:
    reply_id = written(checked, anyone)
    with checked.store() as work:
        case_id = work.replies.get(reply_id).case_id
    own = anyone.get(f"/cases/{case_id}").text
    assert "A colleague reads it first." in own
    assert f"/replies/{reply_id}/read" not in own

    csrf = sign_in(anyone, "supervisor")
    assert "It is on its way to you." in anyone.get("/needs-a-look").text
    page = anyone.get(f"/cases/{case_id}").text
    assert f'action="/replies/{reply_id}/read"' in page
    empty = anyone.post(f"/replies/{reply_id}/give-back", data={"csrf": csrf, "why": " "})
    assert "Say what should be different" in empty.text
    done = anyone.post(f"/replies/{reply_id}/read", data={"csrf": csrf, "back": "stuck"})

    assert done.headers["location"] == "/needs-a-look"
    assert "Every approved reply has gone out" in anyone.get("/needs-a-look").text


def test_an_administrator_says_whose_replies_are_read_first(house: House, anyone: TestClient) -> None:
    agent, csrf = house.people[Role.AGENT].id, sign_in(anyone, "admin")

    assert anyone.post(f"/settings/people/{agent}", data={"csrf": csrf, "is_checked": "yes"}).status_code == 303

    with house.store() as work:
        person = work.access.person(id=agent)
        assert person is not None
        assert (person.is_checked, person.is_active) == (True, True)
    assert "read first" in anyone.get("/people").text

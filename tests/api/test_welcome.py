"""The link that a first start prints: it lets one person in, once, while it is fresh."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from care.people import LINK_LASTS, change_password, new_sign_in_link, open_session, switch_person
from tests.api.conftest import House

HERE = {"Origin": "http://testserver"}


@pytest.fixture
def token(house: House) -> str:
    with house.store() as work:
        return new_sign_in_link(work, house.people["agent"], now=house.clock())


def use(client: TestClient, token: str) -> int:
    return client.post("/welcome", data={"token": token}, headers=HERE, follow_redirects=False).status_code


def test_a_sign_in_link_lets_its_person_in_once(anyone: TestClient, house: House, token: str) -> None:
    page = anyone.get("/welcome", params={"token": token})
    assert (page.status_code, page.headers["cache-control"], page.headers["referrer-policy"]) == (
        200,
        "no-store",
        "same-origin",
    )
    sent = anyone.post("/welcome", data={"token": token}, headers=HERE, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "/")
    assert token not in sent.headers["set-cookie"]
    assert house.people["agent"].name in anyone.get("/settings").text
    anyone.cookies.clear()
    assert use(anyone, token) == 410
    assert anyone.get("/welcome", params={"token": token}).status_code == 410


def test_whoever_only_looks_at_a_sign_in_link_uses_up_nothing(anyone: TestClient, token: str) -> None:
    for method in ("GET", "GET", "HEAD"):
        looked = anyone.request(method, "/welcome", params={"token": token})
        assert "set-cookie" not in looked.headers
    assert use(anyone, token) == 303


def test_of_many_who_use_a_sign_in_link_at_once_one_comes_in(anyone: TestClient, token: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(lambda _: use(anyone, token), range(4))) == [303, 410, 410, 410]


def test_a_sign_in_link_is_kept_as_a_hash_only(house: House, token: str) -> None:
    with house.store() as work:
        assert work.access.link(token) is None
        told = [str(event.facts) for event in work.trail.events(after=0, limit=500)]
    assert not any(token in facts for facts in told)


def test_an_old_sign_in_link_lets_nobody_in(anyone: TestClient, house: House, token: str) -> None:
    house.clock.now += LINK_LASTS + timedelta(seconds=1)
    assert use(anyone, token) == 410


@pytest.mark.parametrize("act", ["another link", "signed in", "password", "kept out"])
def test_a_sign_in_link_ends_before_its_time_when(act: str, anyone: TestClient, house: House, token: str) -> None:
    person = house.people["agent"]
    with house.store() as work:
        if act == "another link":
            new_sign_in_link(work, person, now=house.clock())
        elif act == "signed in":
            open_session(work, person, now=house.clock())
        elif act == "password":
            change_password(work, person, person.password_hash)
        else:
            switch_person(work, person.id, is_active=False, by="operator")
    assert use(anyone, token) == 410


def test_a_sign_in_link_is_not_used_from_another_site(anyone: TestClient, token: str) -> None:
    sent = {"token": token}
    assert anyone.post("/welcome", data=sent, headers={"Origin": "https://evil.example"}).status_code == 403
    assert anyone.post("/welcome", data=sent, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert use(anyone, token) == 303


@pytest.mark.parametrize("token", ["", "guessed", "x" * 128, "ü"])
def test_a_guessed_sign_in_link_says_only_that_it_is_over(anyone: TestClient, token: str) -> None:
    assert use(anyone, token) == 410
    page = anyone.get("/welcome", params={"token": token})
    assert page.status_code == 410
    assert 'href="/login"' in page.text

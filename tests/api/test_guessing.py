"""Who guesses is slowed down; nobody else is kept out by it."""

from dataclasses import replace
from ipaddress import ip_network

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.guessing import FREE_TRIES, LONGEST_S, Tries, address_of
from tests.api.conftest import PASSWORD, House
from wiring.links import SignedLinks

WRONG = {"email": "agent@example.com", "password": "not this one"}
RIGHT = {**WRONG, "password": PASSWORD}


class Moved:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def front(house: House) -> TestClient:
    """An application behind a proxy that it trusts; a test says by X-Forwarded-For who asks.

    Its tries are counted by a clock that stands still: on a busy machine a wait of a second is over before the next.
    """
    journey = replace(house.journey, links=SignedLinks("a key of this test"))
    parts = replace(house.parts, journey=journey, proxies=(ip_network("192.0.2.1/32"),))
    app = create_app(parts=parts)
    app.state.tries = Tries(clock=Moved())
    return TestClient(app, follow_redirects=False, client=("192.0.2.1", 4000))


def status(client: TestClient, sent: dict[str, str], *, by: str) -> int:
    return client.post("/v1/session", json=sent, headers={"X-Forwarded-For": by}).status_code


def test_after_five_wrong_tries_the_next_waits_and_each_wait_is_twice_the_last() -> None:
    clock = Moved()
    tries, waits = Tries(clock=clock), []
    for _ in range(5 + 2 * 12):
        if wait_s := tries.begin("ana"):
            waits.append(wait_s)
            clock.now += wait_s

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_who_guesses_is_told_what_is_wrong_and_then_for_how_long_to_wait(front: TestClient) -> None:
    with front:
        front.app.state.tries = Tries(clock=Moved())
        answers = [front.post("/v1/session", json=WRONG) for _ in range(FREE_TRIES + 1)]

    assert {answer.status_code for answer in answers[:-1]} == {401}
    assert {answer.json()["detail"] for answer in answers[:-1]} == {
        "That e-mail address and password do not fit together."
    }
    assert answers[-1].status_code == 429
    assert answers[-1].headers["retry-after"] == "1"


def test_ten_thousand_guesses_in_a_day_look_at_the_password_a_hundred_times_at_most() -> None:
    clock = Moved()
    tries, n_looked = Tries(clock=clock), 0
    for _ in range(10_000):
        clock.now += 8.64
        n_looked += tries.begin("ana") == 0

    assert n_looked < 120


def test_many_tries_at_once_are_no_more_than_one_after_another() -> None:
    tries = Tries(clock=lambda: 0.0)

    assert sum(tries.begin("ana") == 0 for _ in range(500)) == FREE_TRIES


def test_a_wait_never_grows_past_a_quarter_of_an_hour_and_is_forgotten_after_a_day() -> None:
    clock = Moved()
    tries = Tries(clock=clock)
    for _ in range(60):
        clock.now += LONGEST_S
        assert tries.begin("ana") == 0
    assert tries.begin("ana") == pytest.approx(LONGEST_S)

    clock.now += 2 * 86_400

    assert [tries.begin("ana") for _ in range(FREE_TRIES)] == [0] * FREE_TRIES


def test_a_stranger_who_keeps_guessing_delays_nobody_at_another_address(front: TestClient) -> None:
    with front:
        guesses = [status(front, WRONG, by="203.0.113.9") for _ in range(30)]

        assert guesses == [401] * FREE_TRIES + [429] * 25
        assert status(front, RIGHT, by="198.51.100.7") == 200


def test_a_stranger_who_tries_many_accounts_keeps_nobody_out(front: TestClient) -> None:
    with front:
        for n in range(40):
            status(front, {**WRONG, "email": f"no{n}@example.com"}, by="203.0.113.9")

        assert status(front, RIGHT, by="203.0.113.9") == 200


def test_a_browser_that_was_let_in_before_gets_in_whatever_a_stranger_at_its_address_does(front: TestClient) -> None:
    with front:
        assert status(front, RIGHT, by="203.0.113.9") == 200
        device = front.cookies["tactful_device"]
        front.cookies.clear()
        for _ in range(30):
            status(front, WRONG, by="203.0.113.9")
        assert status(front, RIGHT, by="203.0.113.9") == 429

        front.cookies.set("tactful_device", device)

        assert status(front, RIGHT, by="203.0.113.9") == 200


@pytest.mark.parametrize("device", ["x", "x.y", ".", "x." + "A" * 32])
def test_a_made_up_device_is_no_place_of_its_own(front: TestClient, device: str) -> None:
    with front:
        for n in range(30):
            front.cookies.set("tactful_device", f"{n}{device}")
            status(front, WRONG, by="203.0.113.9")

        assert status(front, RIGHT, by="203.0.113.9") == 429


def test_the_device_of_one_account_is_none_for_another(front: TestClient) -> None:
    with front:
        assert status(front, {**RIGHT, "email": "admin@example.com"}, by="203.0.113.9") == 200
        tried = [status(front, WRONG, by="203.0.113.9") for _ in range(7)]
        del front.cookies["tactful_device"]

        assert tried[-1] == 429
        assert status(front, RIGHT, by="203.0.113.9") == 429


def test_an_address_is_believed_only_from_what_the_settings_trust(house: House) -> None:
    with TestClient(create_app(parts=house.parts), follow_redirects=False) as client:
        for n in range(30):
            status(client, WRONG, by=f"203.0.113.{n}")

        assert status(client, RIGHT, by="198.51.100.7") == 429


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("10.0.0.7", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.7", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.7", "203.0.113.9, 10.0.0.8", "203.0.113.9"),
        ("10.0.0.7", "", "10.0.0.7"),
        ("10.0.0.7", "nonsense", "10.0.0.7"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("2001:db8::1", "", "2001:db8::/64"),
        ("10.0.0.7", "2001:db8::abcd", "2001:db8::/64"),
    ],
)
def test_the_last_hop_that_is_not_ours_is_who_asks(peer: str, forwarded: str, found: str) -> None:
    from fastapi import Request

    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    request = Request({"type": "http", "client": (peer, 1), "headers": headers})

    assert address_of(request, (ip_network("10.0.0.0/24"),)) == found

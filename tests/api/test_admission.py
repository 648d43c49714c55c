"""Over a limit the answer comes at once and says when to come back; those who are inside are served."""

import asyncio
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from starlette.types import Receive, Scope, Send

from api.admission import Admission, Rates, lane_of
from api.app import addresses, create_app
from api.failures import Refusal
from tests.api.conftest import House


def test_a_request_over_the_limit_of_its_lane_is_refused_while_those_inside_are_served() -> None:
    async def crowd() -> tuple[list[object], list[object]]:
        gate = asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await gate.wait()

        admission = Admission(app, lanes={"read": 2, "inbox": 1, "api": 1, "pages": 1})

        def ask(path: str) -> asyncio.Task[None]:
            return asyncio.ensure_future(admission({"type": "http", "path": path}, None, None))  # type: ignore[arg-type]

        inside = [ask("/v1/classify"), ask("/v1/tone"), ask("/inbox/x"), ask("/health/ready"), ask("/v1/events/stream")]
        await asyncio.sleep(0)
        refused = await asyncio.gather(ask("/v1/classify"), ask("/inbox/mail"), return_exceptions=True)
        gate.set()
        served = await asyncio.gather(*inside, return_exceptions=True)
        # There is room again for who comes after.
        return list(refused), [*served, await ask("/v1/classify")]

    refused, served = asyncio.run(crowd())

    assert [error.code for error in refused if isinstance(error, Refusal)] == ["overloaded", "overloaded"]
    assert all(isinstance(error, Refusal) and error.headers["Retry-After"] == "1" for error in refused)
    assert served == [None] * 6


def test_every_route_has_a_lane_but_health_figures_files_and_streams() -> None:
    free = {path for _, path in addresses() if not lane_of(path)}

    probes = {"/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready"}
    assert free == {*probes, "/metrics", "/v1/events/stream", "/live"}


def test_a_refusal_is_a_problem_with_a_time_to_come_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.app.Admission", lambda app: Admission(app, lanes={"read": 0, "api": 1, "pages": 1}))
    with TestClient(create_app(parts=house.parts)) as client:
        answer = client.post("/v1/classify", json={"text": "hello"})

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "overloaded"


def test_a_key_hears_what_it_has_left_and_is_refused_when_nothing_is(house: House) -> None:
    parts = replace(house.parts, requests_per_minute=2)
    with TestClient(create_app(parts=parts)) as client:
        mine = {"Authorization": f"Bearer {house.keys['read']}"}
        first, second, third = (client.get("/v1/cases", headers=mine) for _ in range(3))
        other = client.get("/v1/cases", headers={"Authorization": f"Bearer {house.keys['all']}"})

    assert (first.status_code, second.status_code, other.status_code) == (200, 200, 200)
    assert first.headers["RateLimit-Policy"] == '"key";q=2;w=60'
    assert [answer.headers["RateLimit"].partition(";t")[0] for answer in (first, second)] == ['"key";r=1', '"key";r=0']
    assert third.status_code == 429
    assert third.json()["code"] == "rate_limited"
    assert 0 < int(third.headers["Retry-After"]) <= 30


def test_an_allowance_fills_evenly_and_never_beyond_a_minutes_worth() -> None:
    now = 0.0
    rates = Rates(60, clock=lambda: now)
    for _ in range(60):
        rates.spend("key_1")
    with pytest.raises(Refusal):
        rates.spend("key_1")

    now = 1.0
    rates.spend("key_1")
    with pytest.raises(Refusal):
        rates.spend("key_1")
    now = 3_600.0

    allowance = rates.spend("key_1")
    assert allowance is not None
    assert allowance.n_left == 59


def test_nothing_is_counted_where_no_limit_is_set(house: House) -> None:
    with TestClient(create_app(parts=house.parts)) as client:
        answer = client.get("/v1/cases", headers={"Authorization": f"Bearer {house.keys['read']}"})

    assert "RateLimit" not in answer.headers

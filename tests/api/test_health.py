"""What /health says: whether messages can be taken, and never later than a moment after it was asked."""

import time
from dataclasses import replace

from fastapi.testclient import TestClient

from api.app import create_app
from tests.api.conftest import House


def test_a_service_that_works_says_so_and_counts_it(agent: TestClient) -> None:
    answer = agent.get("/health/ready")

    assert (answer.status_code, answer.json()["checks"]["store"]) == (200, "ok")
    assert 'tactful_health{check="store"} 1.0' in agent.get("/metrics").text


def test_a_store_that_somebody_holds_is_not_ready_and_hangs_nobody(anyone: TestClient, house: House) -> None:
    with house.store() as work:
        work.keeping.probe("holder")
        began = time.monotonic()
        answer = anyone.get("/health/ready")
        took_s = time.monotonic() - began

    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    assert "no answer" in answer.json()["checks"]["store"]
    assert took_s < 3.5
    deadline = time.monotonic() + 10
    while anyone.get("/health/ready").status_code != 200:
        assert time.monotonic() < deadline


def test_what_messages_do_not_need_is_said_and_closes_nothing(house: House) -> None:
    def fails() -> str:
        raise RuntimeError("words of a customer")

    checks = {"processes": lambda: "no life: deliver-1", "clock": fails}
    with TestClient(create_app(parts=replace(house.parts, checks=checks)), client=("127.0.0.1", 1)) as client:
        answer = client.get("/health/ready")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["checks"]["processes"] == "no life: deliver-1"
    assert answer.json()["checks"]["clock"] == "RuntimeError"


def test_tables_of_another_version_close_the_door(house: House) -> None:
    checks = {"tables": lambda: "of version 9999"}
    with TestClient(create_app(parts=replace(house.parts, checks=checks))) as client:
        assert client.get("/health/ready").status_code == 503

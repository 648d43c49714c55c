"""What /health says: whether messages can be taken, and never later than a moment after it was asked."""

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from care.errors import Unreachable
from care.message import Author, Inbound, Origin, Visibility
from store.work import SqlStore
from tests.api.conftest import House
from wiring.lock import only_service
from wiring.measures import BACKED_UP, measures
from wiring.processes import forget_restarts, note_restart


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
    assert took_s < 15
    deadline = time.monotonic() + 60
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


def test_metrics_tell_what_waits_and_for_how_long(house: House) -> None:
    house.say("where is my parcel")
    waiting = Inbound(
        origin=Origin(channel="x", outside_id="late", thread_key="late", written_at=house.clock()),
        author=Author(handle="@late"),
        text="and mine",
        visibility=Visibility.PUBLIC,
    )
    house.journey.receive([waiting])
    house.clock.move(90)

    with TestClient(create_app(parts=house.parts), client=("127.0.0.1", 1)) as client:
        told = client.get("/metrics").text

    assert 'tactful_oldest_waiting_seconds{kind="tasks"} 90.0' in told
    assert 'tactful_oldest_waiting_seconds{kind="replies"} 0.0' in told
    assert 'tactful_queue_length{job="prepare"} 2.0' in told
    assert 'tactful_health{check="store"} 1.0' in told
    assert "tactful_store_write_seconds 0.0" in told


def test_metrics_tell_of_this_machine(house: House, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "deliver-1.beat").touch()
    for _ in range(2):
        note_restart(tmp_path, "deliver-1")
    look = {"at": "2026-11-27T08:00:00+00:00", "bundles": "bdl_1", "tasks": {"intent": True, "urgency": False}}
    (tmp_path / ".drift.json").write_text(json.dumps(look))
    with only_service(tmp_path):
        parts = replace(house.parts, measures=lambda: measures(tmp_path))
        with TestClient(create_app(parts=parts), client=("127.0.0.1", 1)) as client:
            told = client.get("/metrics").text
            (tmp_path / BACKED_UP).touch()
            later = client.get("/metrics").text
    forget_restarts(tmp_path)

    assert 'tactful_process_restarts{process="deliver-1"} 2.0' in told
    assert 'tactful_heartbeat_age_seconds{process="deliver-1"}' in told
    assert 'tactful_drift{task="intent"} 1.0' in told
    assert 'tactful_drift{task="urgency"} 0.0' in told
    assert "tactful_disk_free_bytes " in told
    assert "tactful_backup_age_seconds +Inf" in told
    assert "tactful_backup_age_seconds +Inf" not in later
    assert measures(tmp_path)[0].name == "disk_free_bytes"


def test_metrics_are_told_while_the_store_is_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with TestClient(create_app(parts=house.parts), client=("127.0.0.1", 1)) as client:
        monkeypatch.setattr(SqlStore, "__call__", _away)
        told = client.get("/metrics")

    assert told.status_code == 200
    assert 'tactful_health{check="store"} 0.0' in told.text


def _away(self: SqlStore, *, read: bool = False) -> object:
    raise Unreachable("The database cannot be used now.")

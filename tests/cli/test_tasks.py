"""`tactful tasks`: what is parked is seen and taken up again without the console."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from care.errors import Conflict
from care.journey import Journey
from care.ports import utc_now
from cli.main import app
from store.work import SqlStore
from tests.doubles import FixedClock, StubPlaybook, inbound


@pytest.fixture(autouse=True)
def served_from(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACTFUL_DATABASE__URL", sqlite_url)
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))
    # Nobody listens there: the sweep rings later.
    monkeypatch.setenv("TACTFUL_REDIS__URL", "redis://127.0.0.1:1/0")


def tactful(*words: str) -> str:
    told = CliRunner().invoke(app, ["tasks", *words], catch_exceptions=False)
    return told.output


def test_a_parked_message_is_listed_and_taken_up_again(
    store: SqlStore, make_journey: Callable[..., Journey], clock: FixedClock
) -> None:
    playbook = StubPlaybook(error=RuntimeError("boom"))
    walk = make_journey(store, playbook=playbook)
    [message_id] = walk.receive([inbound("my name is swordfish")])
    assert tactful("list") == ""
    for _ in range(5):
        with pytest.raises(RuntimeError):
            walk.prepare(message_id)
        clock.advance(61)

    listed = tactful("list")
    assert listed.split("\t") == [message_id, "chat", "2026-03-02 09:00", "5 tries", "RuntimeError\n"]
    record = json.loads(tactful("list", "--format", "jsonl"))
    assert (record["message_id"], record["received_at"], record["tries"]) == (message_id, "2026-03-02T09:00:00.000Z", 5)
    assert tactful("again", message_id).endswith(f"{message_id} is prepared again.\n")

    # The command goes by the clock of the database.
    playbook.error, clock.now = None, utc_now()
    assert tactful("list") == ""
    walk.prepare(message_id)
    with store() as work:
        assert work.cases.file(message_id).work == "open"
        assert ("task.taken_up", "operator") in [(event.event, event.by) for event in work.trail.events(after=0)]
    with pytest.raises(Conflict, match="not parked"):
        tactful("again", message_id)

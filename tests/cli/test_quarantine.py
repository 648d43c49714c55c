"""`tactful quarantine`: what nobody could read is listed, shown, tried again and dropped without the console."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from care.journey import Journey
from care.quarantine import Quarantine
from channels.rehearsal import RehearsalChannel
from cli.main import app
from store.work import SqlStore
from tests.doubles import FixedClock, StubRedactor

pytestmark = pytest.mark.issue(18)


@pytest.fixture(autouse=True)
def served_from(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACTFUL_DATABASE__URL", sqlite_url)
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))


def tactful(*words: str) -> tuple[int, str]:
    told = CliRunner().invoke(app, ["quarantine", *words], catch_exceptions=False)
    return told.exit_code, told.output


def test_what_nobody_could_read_is_seen_and_dropped(
    store: SqlStore, make_journey: Callable[..., Journey], clock: FixedClock
) -> None:
    walk = make_journey(store)
    quarantine = Quarantine(store, StubRedactor(), clock, walk.receive, walk.acknowledge)
    chat = RehearsalChannel("chat", is_public=False, secrets=())
    assert tactful("list") == (0, "")
    [unread] = quarantine.take_messages(chat, b'{"id": "m1", "text": 5, "author": {"handle": "kim"}}').unread

    assert tactful("list")[1].split("\t") == [
        unread.id, "chat", "messages", "2026-03-02 09:00", "1 times", "message/text: expected a string.\n"
    ]  # fmt: skip
    record = json.loads(tactful("list", "--format", "jsonl")[1])
    assert (record["id"], record["times"], record["is_whole"]) == (unread.id, 1, True)
    assert tactful("show", unread.id)[1].endswith('{"id": "m1", "text": 5, "author": {"handle": "kim"}}\n')
    assert tactful("drop", "--all") == (0, f"{unread.id}: dropped\n")
    assert tactful("list") == (0, "")

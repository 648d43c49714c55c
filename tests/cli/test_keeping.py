"""The commands that keep a store: what they print, and how they end."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from care.journey import Journey
from care.ports import utc_now
from cli.main import app
from store.migrate import newest_revision
from tests.doubles import RecordingQueue, StubClassifier, StubPlaybook, StubRedactor, StubTone, inbound
from wiring.assemble import Assembly, migrate
from wiring.opening import check_in
from wiring.settings import Settings, load_settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))
    settings = load_settings()
    migrate(settings)
    check_in(settings)
    with Assembly(settings) as parts:
        stubs = {"redactor": StubRedactor(), "classifier": StubClassifier(), "playbook": StubPlaybook()}
        more = {"tone": StubTone(), "queue": RecordingQueue(), "clock": utc_now, "undo_s": {}}
        journey = Journey(store=parts.store, channels=parts.channels, **stubs, **more)  # type: ignore[arg-type]
        journey.receive([inbound("Where is my parcel?")])
    return settings


def ran(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result.output


def test_a_backup_is_made_checked_and_put_back(settings: Settings, tmp_path: Path) -> None:
    backup = str(tmp_path / "backup.tar.gz")

    assert "checked" in ran("backup", backup)
    assert "whole" in ran("restore", "--check", backup)
    assert "0 replies and 0 notices are held" in ran("restore", backup)
    assert ran("held", "list") == ""
    assert (Path(backup).stat().st_mode & 0o777) == 0o600
    assert [path.name for path in settings.home.glob("before-restore-*/tactful.db")] == ["tactful.db"]


def test_a_customer_is_written_out_and_forgotten(settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "kim.json"
    ran("person", "export", "kim", "-o", str(out))
    said = json.loads(out.read_text("utf-8"))
    assert [row["text"] for row in said["data"]["message"]] == ["Where is my parcel?"]

    done = json.loads(ran("forget", "chat:kim", "--yes", "--json"))

    assert (done["cases"], done["removed"]["message"], done["bundles"]) == (1, 1, [])
    assert "kim" not in json.dumps(done)
    assert all(b"parcel" not in path.read_bytes() for path in settings.home.glob("tactful.db*"))
    assert "Whole" in ran("audit", "verify")
    assert "0 messages" in ran("doctor", code=1)


def test_the_doctor_counts_messages(settings: Settings) -> None:
    assert "1 messages" in ran("doctor", code=1)


def test_retention_says_what_it_would_delete(settings: Settings) -> None:
    assert "Everything is kept" in ran("retention", "--dry-run")


def test_tables_are_brought_up_to_date_by_a_command(settings: Settings) -> None:
    assert f"version {newest_revision()}." in ran("migrate")

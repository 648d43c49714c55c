"""`tactful staffing`: the week as a table, a roster and JSON, and what it says without history."""

import csv
import io
import json
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from care.ports import utc_now
from cli.main import app
from store.work import SqlStore
from tests.workload import arrived, weekly


@pytest.fixture(autouse=True)
def served_from(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACTFUL_DATABASE__URL", sqlite_url)
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))


def tactful(*words: str) -> str:
    return CliRunner().invoke(app, ["staffing", *words], catch_exceptions=False).output


def test_without_history_it_says_so() -> None:
    assert "all teams: Too little history: 0 whole weeks of arrivals" in tactful()


def test_a_week_is_printed_as_a_table_a_roster_and_json(store: SqlStore) -> None:
    # Whole days where the team is: late in the evening of UTC it is the next day there.
    here = utc_now().astimezone(ZoneInfo("Europe/Berlin"))
    came = [at.astimezone(UTC) for at in weekly(here, 6, per_hour=2)]
    arrived(store, came, channel="x", handled_s=300)

    told, [line] = tactful("--team", "care"), tactful("--team", "care", "--format", "json").splitlines()
    rows = list(csv.DictReader(io.StringIO(tactful("--team", "care", "--format", "csv"))))

    assert "learnt from 5 weeks" in told
    assert "a reply takes 5 min (measured on" in told
    assert "with one person less" in told
    said = json.loads(line)
    assert len(rows) == len(said["slots"])
    assert {row["team"] for row in rows} == {"care"}

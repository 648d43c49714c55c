"""`tactful report`: the figures as a table, CSV and JSON."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from care.errors import BadInput
from care.journey import Journey
from cli.main import app
from store.work import SqlStore
from tests.doubles import inbound
from tests.workload import arrived

DAYS = ("--from", "2026-03-01", "--to", "2026-03-07")


@pytest.fixture(autouse=True)
def served_from(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACTFUL_DATABASE__URL", sqlite_url)
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))


@pytest.fixture
def case_id(store: SqlStore, make_journey: Callable[..., Journey]) -> str:
    walk = make_journey(store)
    [message_id] = walk.receive([inbound("Where is my parcel?")])
    walk.prepare(message_id)
    with store() as work:
        return work.cases.of_message(message_id).id


def tactful(*words: str) -> str:
    return CliRunner().invoke(app, ["report", *DAYS, *words], catch_exceptions=False).output


def test_text_names_the_day_and_every_figure_that_is_not_nought(case_id: str) -> None:
    told = tactful()

    assert "2026-03-02            1        0" in told
    assert "      1  Messages that people wrote" in told
    assert "Promises" not in told


def test_csv_and_json_hold_the_same_lines(case_id: str) -> None:
    rows = list(csv.DictReader(io.StringIO(tactful("--format", "csv", "--by", "channel"))))
    read = json.loads(tactful("--format", "json", "--by", "channel"))

    assert [(row["channel"], row["messages"]) for row in rows] == [("chat", "1"), ("total", "1")]
    assert [(line["key"], line["figures"]["messages"]) for line in read["lines"]] == [("chat", 1)]


def test_the_cases_behind_a_figure_are_printed(case_id: str) -> None:
    assert tactful("--cases", "messages") == f"{case_id}\n"
    with pytest.raises(BadInput, match="no figure 'sales'"):
        tactful("--cases", "sales")


def test_a_day_that_is_none_is_refused_with_how_to_write_one() -> None:
    with pytest.raises(BadInput, match=r"--to '3rd of May' is no day. Write it like"):
        tactful("--to", "3rd of May")


def test_goals_are_told_with_what_can_be_told_of_them(case_id: str) -> None:
    told = tactful("--goals")

    assert "first_response_on_time: at least 95 of 100 wanted; 0 (0 to 79.3, of 1) in four weeks\n" in told
    assert "    too little to tell whether it is reached; 2026-03-02 to 2026-03-29 (owner: care)\n" in told


def test_what_drafts_are_worth_is_told_from_measured_replies(store: SqlStore) -> None:
    monday = datetime(2026, 3, 2, 9, tzinfo=UTC)
    arrived(store, [monday + timedelta(minutes=n) for n in range(12)], handled_s=120)

    told = tactful("--value")

    assert "own words        12 replies, half of them within 2 min, 2 min on average" in told
    assert "Too little to tell what drafts save" in told

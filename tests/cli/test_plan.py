"""`tactful plan`: checked with an exit code, as JSON, and printed as a document."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from care.plan import WORKSHEET
from cli.main import app

pytestmark = pytest.mark.issue(19)


@pytest.fixture(autouse=True)
def served_from(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACTFUL_DATABASE__URL", sqlite_url)
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))


def tactful(*words: str) -> Result:
    return CliRunner().invoke(app, ["plan", *words], catch_exceptions=False)


def test_check_names_what_is_missing_and_exits_one() -> None:
    told = tactful("check")

    assert told.exit_code == 1
    assert "! Channels, and what each is for: 7 stated\n    missing: no channel is live" in told.stdout
    assert "✓ Who is accountable" in told.stdout


def test_check_as_json_has_every_question_with_its_lines_and_their_places() -> None:
    plan = json.loads(tactful("check", "--json").stdout)

    assert [row["key"] for row in plan["rows"]] == list(WORKSHEET)
    assert plan["n_findings"] == sum(len(row["findings"]) for row in plan["rows"]) == 3
    assert plan["rows"][0]["lines"][0]["where"].startswith("playbook.yaml:")


def test_print_gives_a_document() -> None:
    told = tactful("print")

    assert told.exit_code == 0
    assert told.stdout.startswith("# How Lumo & Finch cares for customers who write\n")

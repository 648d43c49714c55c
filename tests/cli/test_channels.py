"""`tactful channels`: what sends and what rehearses, for people and for programs."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app


def test_channels_are_listed_as_json_lines(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACTFUL_DATABASE__URL", sqlite_url)
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path))

    told = CliRunner().invoke(app, ["channels", "list", "--format", "jsonl"], catch_exceptions=False)

    records = [json.loads(line) for line in told.stdout.splitlines()]
    assert records
    assert {(record["object"], record["is_set_up"], record["live_since"]) for record in records} == {
        ("channel", False, None)
    }


def test_the_version_is_told() -> None:
    told = CliRunner().invoke(app, ["--version"])

    assert (told.exit_code, told.stdout.split()[0]) == (0, "tactful")

"""`tactful knowledge`: what is printed, and how it ends."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_lint_of_the_example_finds_nothing_to_mend() -> None:
    result = CliRunner().invoke(app, ["knowledge", "lint", "--strict"])

    assert result.exit_code == 0, result.output
    assert "nothing to mend" in result.stderr


def test_lint_names_file_and_line_and_never_prints_a_secret(tmp_path: Path) -> None:
    (tmp_path / "k").mkdir()
    (tmp_path / "k" / "a.md").write_text("---\ntitle: T\nowner: care\n---\nThe card is 4111 1111 1111 1111.\n", "utf-8")

    result = CliRunner().invoke(app, ["knowledge", "lint", str(tmp_path / "k"), "--strict", "--json"])

    assert result.exit_code == 3
    (line,) = result.stdout.splitlines()
    assert json.loads(line)["where"] == "a.md:5"
    assert "4111" not in result.output

"""`tactful crisis`: declared, shown and ended from a terminal."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from care.errors import Conflict
from cli.main import app
from store.work import SqlStore

pytestmark = pytest.mark.issue(19)


@pytest.fixture(autouse=True)
def served_from(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACTFUL_DATABASE__URL", sqlite_url)
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))


def tactful(*words: str) -> str:
    return CliRunner().invoke(app, ["crisis", *words], catch_exceptions=False).output


def begin(name: str) -> str:
    said = ("--public", "Parcels are late, and we work on it.", "--private", "Your parcel is late; we write again.")
    about = ("--about", "parcel*", "--about", "intent=delivery_problem")
    return tactful("begin", name, "--reason", "A depot burnt.", *said, *about, "--approved-by", "Legal", "--drill")


def test_a_drill_is_declared_shown_and_ended(store: SqlStore) -> None:
    assert tactful("show") == "no crisis is on\n"

    assert begin("Late parcels").startswith("drill crs_")
    with pytest.raises(Conflict, match="A drill is on already"):
        begin("Another one")
    shown = json.loads(tactful("show", "--json"))["on"]

    assert (shown["phrases"], shown["intents"], shown["began_by"]) == (["parcel*"], ["delivery_problem"], "operator")
    assert "DRILL Late parcels: 0 cases, 0 answered with it" in tactful("show")
    assert tactful("end") == f"{shown['id']} is over\n"
    assert tactful("end") == "no crisis is on\n"

"""`tactful evaluate`: what it demands, and how it says that a demand means nothing."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.failures import GATE_NOT_MET
from cli.main import app
from tests.model.tiny import tiny_folder


def evaluate(folder: Path, *options: str) -> tuple[int, str]:
    labelled = folder / "gold.csv"
    labelled.write_text("text,intent\nwhere is my parcel,delivery\nrefund the lamp please,refund\n", "utf-8")
    bundle = ["--label", "intent", "--bundle", str(tiny_folder()), "--encoder", "none"]
    ran = CliRunner().invoke(app, ["evaluate", str(labelled), *bundle, *options])
    return ran.exit_code, " ".join((ran.stdout + ran.stderr).split())


@pytest.mark.parametrize("demand", ["macro_f1", "macro_f1=", "macro_f1=high", "="])
def test_a_demand_without_a_number_is_refused_before_anything_is_scored(tmp_path: Path, demand: str) -> None:
    code, said = evaluate(tmp_path, "--fail-under", demand)

    assert code == 2
    assert "say measure=value" in said
    assert "accuracy" not in said


def test_an_unknown_measure_is_answered_with_those_there_are(tmp_path: Path) -> None:
    code, said = evaluate(tmp_path, "--fail-under", "reliability=0.9")

    assert code == 2
    assert "intent has no measure reliability; it has n" in said.replace("│ ", "")


def test_a_demand_that_is_not_met_has_its_own_exit_code(tmp_path: Path) -> None:
    assert evaluate(tmp_path, "--fail-under", "accuracy=0.0")[0] == 0
    assert evaluate(tmp_path, "--fail-under", "accuracy=1.1")[0] == GATE_NOT_MET

"""`tactful evaluate`: what it demands, and how it says that a demand means nothing."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.failures import GATE_NOT_MET
from cli.main import app
from tests.model.tiny import THINGS, WORDS, tiny_folder


def evaluate(folder: Path, *options: str) -> tuple[int, str]:
    labelled = folder / "gold.csv"
    labelled.write_text("text,intent\nwhere is my lost parcel,parcel\nplease refund this lamp,refund\n", "utf-8")
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


NEW = [("where is my lost parcel", "parcel"), ("please refund this lamp", "refund"), ("cannot sign in at all", "login")]


def measured(folder: Path, rows: list[tuple[str, str]], *options: str) -> tuple[int, str, str]:
    labelled = folder / "gold.csv"
    with labelled.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "intent"), *rows])
    bundle = ["--label", "intent", "--bundle", str(tiny_folder()), "--encoder", "none"]
    ran = CliRunner().invoke(app, ["evaluate", str(labelled), *bundle, *options])
    problem = str(ran.exception) if ran.exception and not isinstance(ran.exception, SystemExit) else ""
    return ran.exit_code, ran.stdout, ran.stderr + problem


@pytest.mark.parametrize("demands", [[], ["--fail-under", "accuracy=0"]])
@pytest.mark.parametrize("rows", [[], [("hello", "")], [("hello", "none")]])
def test_no_labelled_rows_are_no_proof_of_anything(
    tmp_path: Path, rows: list[tuple[str, str]], demands: list[str]
) -> None:
    code, _, said = measured(tmp_path, rows, *demands)

    assert code == 1
    assert "there are no labelled rows" in said


def test_of_rows_that_fit_nothing_only_what_abstains_is_measured(tmp_path: Path) -> None:
    rows = [("the moon is full", "out_of_scope"), ("knitting is fun", "out_of_scope")]

    assert measured(tmp_path, rows)[0] == 0
    assert measured(tmp_path, rows, "--fail-under", "joint_accuracy=0.5")[0] in (0, GATE_NOT_MET)
    code, _, said = measured(tmp_path, rows, "--fail-under", "accuracy=0")
    assert code == GATE_NOT_MET
    assert "accuracy cannot be measured on these rows, so the demand is not met" in said
    tasks = json.loads(measured(tmp_path, rows, "--json")[1])["tasks"]
    assert tasks["intent"]["accuracy"] is None


def test_labels_that_the_bundle_does_not_know_are_refused_by_line_or_count_as_wrong(tmp_path: Path) -> None:
    rows = [*NEW, ("where is the shop", "address")]

    code, _, said = measured(tmp_path, rows)
    assert code == 1
    assert "1 of 4 rows have labels that the bundle does not know: 'address' (line 5)" in said
    code, out, said = measured(tmp_path, rows, "--allow-unknown", "--json")
    assert code == 0
    assert "they count as wrong" in said
    assert json.loads(out)["tasks"]["intent"]["accuracy"] <= 0.75


def test_another_spelling_of_a_label_is_the_label(tmp_path: Path) -> None:
    told = measured(tmp_path, [(text, label.upper()) for text, label in NEW], "--json")[1]

    assert json.loads(told) == json.loads(measured(tmp_path, NEW, "--json")[1])


def test_messages_that_the_bundle_learnt_from_are_refused_or_told(tmp_path: Path) -> None:
    learnt = [
        (sentence.format(thing), intent) for intent, said in WORDS.items() for sentence in said for thing in THINGS[:2]
    ]

    code, _, said = measured(tmp_path, learnt, "--fail-under", "accuracy=0.5")
    assert code == 1
    assert "the bundle learnt from 48 of these 48 messages" in said
    assert measured(tmp_path, learnt, "--allow-seen")[0] == 0
    code, _, said = measured(tmp_path, [*NEW, learnt[0]])
    assert code == 0
    assert "the bundle learnt from 1 of these 4 messages; the figures are too good by that" in said


def test_a_measure_that_is_better_when_it_is_lower_fails_when_it_is_higher(tmp_path: Path) -> None:
    assert measured(tmp_path, NEW, "--fail-under", "ece=1")[0] == 0
    code, _, said = measured(tmp_path, NEW, "--fail-under", "ece=0.0001")
    assert code == GATE_NOT_MET
    assert "above 0.0001" in said


def test_every_demand_that_is_not_met_is_told(tmp_path: Path) -> None:
    _, _, said = measured(tmp_path, NEW, "--fail-under", "accuracy=1.1", "--fail-under", "macro_f1=1.2")

    assert "accuracy is" in said
    assert "macro_f1 is" in said

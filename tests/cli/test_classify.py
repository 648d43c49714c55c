import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cli.classify import precision_of
from cli.main import app
from tests.model.tiny import tiny_folder


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ([], {}),
        (["0.95"], {"intent": 0.95, "urgency": 0.95}),
        (["intent=0.9"], {"intent": 0.9}),
        (["urgency=0.99", "0.9"], {"intent": 0.9, "urgency": 0.99}),
    ],
)
def test_a_precision_holds_for_all_tasks_or_for_the_one_it_names(options: list[str], wanted: dict[str, float]) -> None:
    assert precision_of(options, ["intent", "urgency"]) == wanted


@pytest.mark.parametrize("option", ["95", "1", "0.2", "high", "mood=0.9", "intent=", "="])
def test_a_precision_that_means_nothing_is_refused(option: str) -> None:
    with pytest.raises(typer.BadParameter, match="--precision"):
        precision_of([option], ["intent", "urgency"])


def test_a_file_classified_at_a_precision_says_what_it_bought(tmp_path: Path) -> None:
    messages = tmp_path / "new.csv"
    messages.write_text("text\nwhere is my parcel\nrefund the lamp please\nqwertz uiop\n", "utf-8")
    options = ["--bundle", str(tiny_folder()), "--encoder", "none", "--precision", "intent=0.9"]

    ran = CliRunner().invoke(app, ["classify", "--file", str(messages), *options])

    assert ran.exit_code == 0, ran.output
    rows = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    assert [row["intent"]["promise"]["precision"] for row in rows] == [0.9] * 3
    assert "promise" not in rows[0]["urgency"]
    assert rows[2]["intent"]["abstained"]
    assert "of 3 at a certified precision of 0.9" in ran.stderr


def test_reasons_are_words_of_the_message_and_never_what_was_masked() -> None:
    options = ["--bundle", str(tiny_folder()), "--encoder", "none", "--explain"]

    ran = CliRunner().invoke(app, ["classify", "refund the lamp to 4111111111111111 please", *options])

    assert ran.exit_code == 0, ran.output
    words = [line for line in ran.stdout.splitlines() if line.strip().startswith("words:")]
    assert "refund" in words[0]
    assert "4111" not in ran.stdout


def test_a_files_subjects_are_read_as_the_service_reads_a_mails(tmp_path: Path) -> None:
    mails = tmp_path / "mails.csv"
    mails.write_text("subject,text\nwhere is my parcel,please help\n", "utf-8")
    lines = tmp_path / "mails.jsonl"
    lines.write_text('{"subject": "where is my parcel", "text": "please help"}\n', "utf-8")

    for file in (mails, lines):
        options = ["--bundle", str(tiny_folder()), "--encoder", "none"]
        ran = CliRunner().invoke(app, ["classify", "--file", str(file), *options])

        assert ran.exit_code == 0, ran.output
        assert json.loads(ran.stdout)["redacted_text"] == "where is my parcel\nplease help"

"""Every command reads files by the one reader: what one of them takes, all take, and refuse in the same words."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from care.errors import BadInput, NotFound
from care.history import Said
from cli import draft, tone
from cli.classify import texts_of
from cli.main import app
from cli.playbook import _outcomes
from tests.model.tiny import tiny_folder
from training.examples import read_examples
from training.options import ReadOptions
from wiring.history import read_history

COLUMNS = ["text", "label", "thread", "id", "customer", "from_us", "written_at", "play", "draft", "outcome"]
WHEN = "2026-03-01T10:00:00Z"
RECORDS = [
    ["where is it?\nit is late", "late", "t1", "1", "kim", "no", WHEN, "ask", "", "sent"],
    ["schöne Lampe", "praise", "t1", "2", "kim", "no", WHEN, "ask", "", "sent"],
    ["it is late again", "late", "t2", "3", "jo", "no", WHEN, "ask", "", "sent"],
    ["a lovely lamp", "praise", "t2", "4", "jo", "no", WHEN, "ask", "", "sent"],
]
SAID = [record[0] for record in RECORDS]


def _tables(sign: str) -> str:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=sign).writerows([COLUMNS, *RECORDS])
    return written.getvalue()


def _objects() -> list[dict[str, str]]:
    return [dict(zip(COLUMNS, record, strict=True)) for record in RECORDS]


def _workbook(path: Path) -> None:
    book = Workbook()
    for row in [COLUMNS, *RECORDS]:
        book.active.append(row)
    book.save(path)


KINDS: dict[str, Callable[[Path], object]] = {
    "semicolons.csv": lambda path: path.write_text(_tables(";"), "cp1252", newline=""),
    "unicode.txt": lambda path: path.write_text(_tables("\t"), "utf-16", newline=""),
    "lines.JSONL": lambda path: path.write_text("\n".join(map(json.dumps, _objects())), "utf-8-sig"),
    "array.json": lambda path: path.write_text(json.dumps(_objects()), "utf-8"),
    "packed.csv.gz": lambda path: path.write_bytes(gzip.compress(_tables(",").encode())),
    "book.xlsx": _workbook,
}


def of_classify(path: Path) -> list[str]:
    return list(texts_of(path, "text"))


def of_draft(path: Path) -> list[str]:
    return [row.text for row in draft.DraftOptions(file=path, id_column="id", author_column="customer").rows]


def of_tone(path: Path) -> list[str | None]:
    return [row["text"] for row in tone.read_rows(path, "text", {"to": None, "channel": "*"})]


def of_train(path: Path) -> list[str]:
    return read_examples([path], ReadOptions({"intent": "label"})).texts


def of_import(path: Path) -> list[str]:
    return [row.text for row in read_history(path, names={}) if isinstance(row, Said)]


def of_stats(path: Path) -> list[str]:
    return [SAID[at] for at, _ in enumerate(_outcomes(path))]


COMMANDS = [of_classify, of_draft, of_tone, of_train, of_import, of_stats]


@pytest.mark.parametrize("read", COMMANDS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_command_reads_every_kind(tmp_path: Path, kind: str, read: Callable[[Path], list[str]]) -> None:
    KINDS[kind](tmp_path / kind)

    assert read(tmp_path / kind) == SAID


@pytest.mark.parametrize("read", [command for command in COMMANDS if command is not of_import])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('text,label,play,draft,outcome,id,customer\n"open,a,b,c,d,e,f\n', "x.csv:2: a quote is opened there"),
        ("text,label,play,draft,outcome,id,customer\na,b\n", "x.csv:2: has 2 cells, the heading has 7"),
        ("9,my pin is 4821 and my card 4111111111111111\n8,fine\n", "does not look like a heading"),
    ],
)
def test_every_command_refuses_what_is_broken_and_quotes_nothing(
    tmp_path: Path, content: str, said: str, read: Callable[[Path], list[str]]
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(content, "utf-8")

    with pytest.raises(BadInput) as caught:
        read(path)

    assert said in str(caught.value)
    assert "4111" not in str(caught.value)
    assert "4821" not in str(caught.value)


@pytest.mark.parametrize("read", [command for command in COMMANDS if command is not of_train])
def test_a_file_that_is_not_there_is_not_found(tmp_path: Path, read: Callable[[Path], list[str]]) -> None:
    with pytest.raises(NotFound):
        read(tmp_path / "no.csv")


def test_a_message_that_a_help_desk_left_out_is_empty_and_keeps_its_place(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": 1, "text": "where is my lamp"}\n{"id": 2, "text": null}\n{"id": 3}\n', "utf-8")
    options = ["--bundle", str(tiny_folder()), "--encoder", "none"]

    ran = CliRunner().invoke(app, ["classify", "--file", str(path), *options])

    assert ran.exit_code == 0
    assert len(ran.stdout.splitlines()) == 3
    assert of_classify(path) == ["where is my lamp", "", ""]


def test_nothing_is_answered_before_the_whole_file_was_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("id,text\n" + "1,fine\n" * 700 + "2,so, sad\n", "utf-8")
    options = ["--bundle", str(tiny_folder()), "--encoder", "none"]

    ran = CliRunner().invoke(app, ["classify", "--file", str(path), *options])

    assert ran.exit_code != 0
    assert ran.stdout == ""
    assert "x.csv:702: has 3 cells" in str(ran.exception)


def test_history_names_broken_rows_and_takes_the_others(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(_tables(",") + "t9,only this\r\n", "utf-8", newline="")

    rows: list[Any] = list(read_history(path, names={}))

    assert [row.text for row in rows[:4]] == SAID
    assert "x.csv:7: has 2 cells, the heading has 10" in str(rows[4])

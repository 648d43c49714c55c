"""`tactful redact` over texts, tables, lines and standard input."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from care.errors import BadInput, NotFound
from care.sensitive import WITHHELD_TEXT
from cli.redact import paragraphs, redact

APP = typer.Typer()
ROOT = Path(__file__).resolve().parents[2]
APP.command()(redact)
CARD = "my card is 4111 1111 1111 1111"
MASKED = "my card is <PAYMENT_CARD 411111…1111>"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))


def run(*words: str, given: str | None = None):
    return CliRunner().invoke(APP, list(words), input=given)


def test_a_text_comes_out_masked_and_counted() -> None:
    done = run(CARD)

    assert done.exit_code == 0
    assert done.stdout == MASKED + "\n"
    assert "payment_card" in done.stderr


def test_a_number_broken_over_two_lines_of_standard_input_is_found() -> None:
    done = run("-", given="my card is\n4111 1111\n1111 1111\n\nnothing here\n")

    assert done.stdout == "my card is\n<PAYMENT_CARD 411111…1111>\n\nnothing here\n"


def test_a_table_keeps_everything_but_the_text(tmp_path: Path) -> None:
    table = tmp_path / "messages.csv"
    table.write_text(f'id,body,stars\n1,"{CARD}, ""now""",5\n2,fine,1\n')
    out = tmp_path / "out.csv"

    done = run("--file", str(table), "--text", "body", "-o", str(out))

    assert done.exit_code == 0
    with out.open(newline="") as rows:
        assert list(csv.reader(rows)) == [["id", "body", "stars"], ["1", MASKED + ', "now"', "5"], ["2", "fine", "1"]]


def test_lines_of_json_keep_their_other_fields(tmp_path: Path) -> None:
    lines = tmp_path / "messages.jsonl"
    lines.write_text(
        json.dumps({"text": CARD, "label": "billing"}) + "\n\n" + json.dumps({"text": None, "n": 1}) + "\n"
    )

    done = run("--file", str(lines))

    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"text": MASKED, "label": "billing"},
        {"text": None, "n": 1},
    ]


def test_json_tells_every_span() -> None:
    record = json.loads(run(CARD, "--json", "--explain", "-q").stdout)

    assert record["text"] == MASKED
    assert record["handling"] == "offline"
    assert [(span["category"], span["start"], span["end"]) for span in record["spans"]] == [("payment_card", 11, 30)]
    assert "near_misses" in record


def test_an_explanation_names_words_and_near_misses() -> None:
    done = run("my card is 4111 1111 1111 1111; order 4222222222222222", "--explain")

    assert "because of: card" in done.stderr
    assert "let go:" in done.stderr
    assert "4222222222222222" not in done.stderr


def test_a_gate_fails_when_anything_was_masked() -> None:
    assert run(CARD, "--check").exit_code == 3
    assert run("nothing", "--check").exit_code == 0


def test_neither_or_both_sources_is_wrong_usage(tmp_path: Path) -> None:
    assert run().exit_code == 2
    assert run("x", "--file", str(tmp_path / "x.csv")).exit_code == 2


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    assert isinstance(run("--file", str(tmp_path / "no.csv")).exception, NotFound)


def test_a_missing_column_is_named_with_those_there_are(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text("id,body\n1,x\n")

    failed = run("--file", str(table)).exception

    assert isinstance(failed, BadInput)
    assert "id, body" in str(failed)


def test_a_broken_line_is_named_and_not_quoted(tmp_path: Path) -> None:
    lines = tmp_path / "a.jsonl"
    lines.write_text('{"text": "ok"}\n{4111111111111111\n')

    failed = run("--file", str(lines)).exception

    assert "a.jsonl:2: is not JSON" in str(failed)
    assert "4111" not in str(failed)


def test_a_text_that_cannot_be_checked_is_withheld(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(CARD)

    monkeypatch.setattr("model.sensitive.SensitiveFinder.redact", broken)

    done = run(CARD)

    assert done.exit_code == 1
    assert done.stdout == WITHHELD_TEXT + "\n"
    assert "4111" not in done.stderr


def test_bytes_that_are_no_text_survive(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_bytes(b"text\nol\xe9 \xff\n")
    out = tmp_path / "b.csv"

    run("--file", str(table), "-o", str(out))

    assert out.read_bytes() == b"text\nol\xe9 \xff\n"


def test_paragraphs_joined_are_the_source_again() -> None:
    lines = ["a\n", "b\n", "\n", "\n", "c\n", "d"]

    parts = list(paragraphs(lines))

    assert "".join(parts) == "".join(lines)
    assert parts == ["a\nb\n\n\n", "c\nd"]


@pytest.mark.issue(4)
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    small, large = (_peak_kb(tmp_path, n_rows=n_rows) for n_rows in (100, 20_000))

    assert large - small < 20_000


def _peak_kb(folder: Path, *, n_rows: int) -> int:
    """The most memory the command held for a table of this many rows of 500 characters."""
    table = folder / f"{n_rows}.csv"
    filler = "I have waited for a week and nobody answers me. " * 10
    with table.open("w", encoding="utf-8") as file:
        file.write("id,text\n")
        file.writelines(f'{n},"row {n}: {filler}{CARD if n % 50 == 0 else ""}"\n' for n in range(n_rows))
    measured = (
        "import resource, sys; sys.argv[:] = ['tactful', 'redact', '--file', sys.argv[1], '-o', sys.argv[2], '-q']\n"
        "from cli.main import app\n"
        "app(standalone_mode=False)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    out = folder / f"{n_rows}.out.csv"
    command = [sys.executable, "-c", measured, str(table), str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True, timeout=300)
    assert out.read_text("utf-8").count(MASKED) == n_rows // 50
    return int(done.stdout)

"""`tactful redact --file`: the same kind out as in, in one step, and nothing that cannot be read passes in clear."""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pyarrow
import pytest
import typer
from openpyxl import Workbook, load_workbook
from pyarrow import parquet
from typer.testing import CliRunner

from care.errors import BadInput
from cli.redact import redact

APP = typer.Typer()
APP.command()(redact)
CARD = "my card is 4111 1111 1111 1111"
MASKED = "my card is <PAYMENT_CARD 411111…1111>"
ROWS = [["1", CARD], ["2", "fine"]]


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path_factory.mktemp("home")))


def run(*words: str) -> Any:
    return CliRunner().invoke(APP, list(words))


def in_place(path: Path, *more: str) -> Any:
    done = run("--file", str(path), "-o", str(path), *more)
    assert [left.name for left in path.parent.iterdir()] == [path.name]
    return done


def test_a_table_may_be_masked_in_its_own_place(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"id,text\n1,{CARD}\n2,fine\n", "utf-8")
    path.chmod(0o640)

    assert in_place(path).exit_code == 0
    assert path.read_text("utf-8") == f"id,text\n1,{MASKED}\n2,fine\n"
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("encoding", "line_end", "sign", "first"),
    [
        ("utf-8-sig", "\r\n", ";", "sep=;"),
        ("utf-16", "\r\n", "\t", ""),
        ("cp1252", "\n", ",", ""),
        ("utf-8", "\r", "|", ""),
    ],
)
def test_a_table_keeps_its_signs_its_encoding_and_its_line_ends(
    tmp_path: Path, encoding: str, line_end: str, sign: str, first: str
) -> None:
    path = tmp_path / "a.csv"
    lines = [*([first] if first else []), f"id{sign}text", f"1{sign}{CARD}", f"2{sign}schöne Grüße", ""]
    path.write_bytes(line_end.join(lines).encode(encoding))

    assert in_place(path).exit_code == 0
    assert path.read_bytes() == line_end.join(lines).replace(CARD, MASKED).encode(encoding)


def test_a_table_with_quotes_by_backslash_is_written_so_again(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'id,text\n1,"they said \\"{CARD}\\", twice"\n', "utf-8")

    assert in_place(path).exit_code == 0
    assert path.read_text("utf-8") == f'id,text\n1,"they said \\"{MASKED}\\", twice"\n'


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_line_ends_inside_cells_part_no_rows(tmp_path: Path, end: str) -> None:
    path = tmp_path / "a.csv"
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([["text"], [f"one{end}two"], ["three"]])
    path.write_text(written.getvalue(), "utf-8", newline="")

    assert in_place(path).exit_code == 0
    with path.open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [["text"], [f"one{end}two"], ["three"]]


@pytest.mark.parametrize("name", ["a.jsonl", "a.JSONL", "a.ndjson"])
def test_objects_stay_one_a_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(json.dumps({"text": CARD, "n": [1]}) + "\n" + json.dumps({"n": 2}) + "\n", "utf-8")

    assert in_place(path).exit_code == 0
    assert [json.loads(line) for line in path.read_text("utf-8").splitlines()] == [{"text": MASKED, "n": [1]}, {"n": 2}]


def test_an_array_of_objects_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"text": CARD}, {"text": None}, {"text": 4111111111111111}], indent=1), "utf-8")

    assert in_place(path).exit_code == 0
    masked = json.loads(path.read_text("utf-8"))
    assert masked[:2] == [{"text": MASKED}, {"text": None}]
    assert "4111111111111111" not in path.read_text("utf-8")


@pytest.mark.parametrize("value", [[CARD], {"said": CARD}])
def test_a_text_that_is_no_text_is_refused_and_nothing_is_written(tmp_path: Path, value: object) -> None:
    path = tmp_path / "a.jsonl"
    before = json.dumps({"text": "fine"}) + "\n" + json.dumps({"text": value})
    path.write_text(before, "utf-8")

    failed = in_place(path).exception

    assert isinstance(failed, BadInput)
    assert "a.jsonl:2: text is no text" in str(failed)
    assert "4111" not in str(failed)
    assert path.read_text("utf-8") == before


@pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.gz", "a.txt.gz"])
def test_what_is_packed_is_masked_and_packed_again(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    said = {
        "a.csv.gz": f"id,text\n1,{CARD}\n",
        "a.jsonl.gz": json.dumps({"text": CARD}) + "\n",
        "a.txt.gz": f"{CARD}\n",
    }[name]
    path.write_bytes(gzip.compress(said.encode()))

    assert in_place(path).exit_code == 0
    assert gzip.decompress(path.read_bytes()).decode() == said.replace(CARD, MASKED)


def test_a_workbook_is_masked_and_its_numbers_and_formulas_hide_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = Workbook()
    book.active.title = "Tickets"
    for row in (["id", "text"], [1, CARD], [2.5, 4111111111111111], [3, "+4 stars"], [4, None]):
        book.active.append(row)
    book.save(path)

    assert in_place(path).exit_code == 0
    sheet = load_workbook(path)["Tickets"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[:2] == [["id", "text"], [1, MASKED]]
    assert rows[3:] == [[3, "+4 stars"], [4, None]]
    assert "4111111111111111" not in str(rows)


def test_a_text_that_looks_like_a_formula_stays_a_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = Workbook()
    for row in (["text"], ["x"]):
        book.active.append(row)
    book.active["A2"].value = '=HYPERLINK("http://x.example","refund")'
    book.active["A2"].data_type = "s"
    book.save(path)

    assert in_place(path).exit_code == 0
    assert load_workbook(path).active["A2"].data_type == "s"


def test_of_a_workbook_only_the_sheet_that_was_masked_is_written(tmp_path: Path) -> None:
    path, out = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    book = Workbook()
    for title in ("May", "June"):
        sheet = book.create_sheet(title)
        sheet.append(["text"])
        sheet.append([CARD])
    book.save(path)

    assert "say which with --sheet" in str(run("--file", str(path), "-o", str(out)).exception)
    assert run("--file", str(path), "-o", str(out), "--sheet", "May").exit_code == 0
    written = load_workbook(out)
    assert written.sheetnames == ["May"]
    assert written["May"]["A2"].value == MASKED


def test_parquet_is_masked_and_keeps_its_types(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pyarrow.table(
        {
            "id": pyarrow.array([1, 2, 3], pyarrow.int16()),
            "text": pyarrow.array([CARD, None, "fine"]).dictionary_encode(),
        }
    )
    parquet.write_table(table, path)

    assert in_place(path).exit_code == 0
    masked = parquet.read_table(path)
    assert masked["text"].to_pylist() == [MASKED, None, "fine"]
    assert masked.schema.field("id").type == pyarrow.int16()
    assert CARD.encode() not in path.read_bytes()


def test_a_parquet_column_that_holds_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    parquet.write_table(pyarrow.table({"text": [4111111111111111]}), path)

    assert "holds no text" in str(in_place(path).exception)


@pytest.mark.parametrize("name", ["a.xls", "a.ods", "a.docx", "a.pdf", "a.zip", "a", "a.html", "a.eml"])
def test_a_kind_that_is_not_known_never_passes_in_clear(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(CARD, "utf-8")

    done = in_place(path)

    assert done.exit_code != 0
    assert "of no kind that can be read" in str(done.exception)
    assert "4111" not in done.stdout + str(done.exception)
    assert path.read_text("utf-8") == CARD


@pytest.mark.parametrize(
    "content", ["id,text\n1,fine\n2,where, is it\n", f'id,text\n1,fine\n2,"{CARD}\n', "id,text\n1,fi\0ne\n"]
)
def test_what_cannot_be_read_whole_stays_as_it_was(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content, "utf-8")

    done = in_place(path)

    assert done.exit_code != 0
    assert "a.csv:" in str(done.exception)
    assert "4111" not in str(done.exception)
    assert path.read_text("utf-8") == content


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"text,text\nfine,{CARD}\n", "utf-8")

    assert "two columns called 'text'" in str(in_place(path).exception)


def test_a_name_of_another_kind_is_no_place_to_write(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"text\n{CARD}\n", "utf-8")

    for name in ("b.xlsx", "b.jsonl", "b.parquet"):
        assert "give it a name that ends so, too" in str(run("--file", str(path), "-o", str(tmp_path / name)).exception)
        assert not (tmp_path / name).exists()


def test_a_workbook_is_never_poured_onto_a_screen(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["text"], [CARD]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")

    done = run("--file", str(tmp_path / "a.xlsx"))

    assert "say where to write with -o" in str(done.exception)
    assert done.stdout == ""


def test_a_file_with_texts_that_could_not_be_checked_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"text\n{CARD}\n", "utf-8")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(CARD)

    monkeypatch.setattr("model.sensitive.SensitiveFinder.redact", broken)

    assert "1 texts could not be checked" in str(in_place(path).exception)
    assert path.read_text("utf-8") == f"text\n{CARD}\n"
    done = run("--file", str(path), "-o", str(tmp_path / "b.csv"))
    assert done.exit_code == 1
    assert "4111" not in (tmp_path / "b.csv").read_text("utf-8")


def test_running_text_in_utf_16_is_masked_and_stays_so(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"{CARD}\n\nfine\n", "utf-16")

    assert in_place(path).exit_code == 0
    assert path.read_text("utf-16") == f"{MASKED}\n\nfine\n"


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "a.csv", tmp_path / "a.csv"
    real.write_text(f"text\n{CARD}\n", "utf-8")
    link.symlink_to(real)

    assert run("--file", str(link), "-o", str(link)).exit_code == 0
    assert link.is_symlink()
    assert real.read_text("utf-8") == f"text\n{MASKED}\n"


def test_what_is_no_plain_file_is_written_straight(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text\nfine\n", "utf-8")

    assert run("--file", str(path), "-o", "/dev/null").exit_code == 0
    assert Path("/dev/null").is_char_device()

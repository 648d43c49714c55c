"""Files as spreadsheets and help desks export them: read whole, or refused with the line and the mend."""

import csv
import gzip
import io
import json
import sys
import tracemalloc
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from openpyxl import Workbook
from pyarrow import parquet

from care.errors import NotFound
from wiring.tables.place import Unreadable
from wiring.tables.reading import Table, open_table

SAID = [
    "Is the kettle back? Card 4000 0566 5566 5556",
    "The tray, the oak one,\nhas a crack",
    "Schöne Grüße – wo bleibt es?",
]
HEADING = ["ref", "text"]


def table_of(rows: list[list[str]], *, sign: str = ",", line_end: str = "\r\n", **options: Any) -> str:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=sign, lineterminator=line_end, **options).writerows(rows)
    return written.getvalue()


def usual(sign: str = ",", line_end: str = "\r\n") -> str:
    numbered = [[str(n), said] for n, said in enumerate(SAID)]
    if line_end == "\r":
        return table_of([HEADING, *numbered], sign=sign, line_end=line_end, quoting=csv.QUOTE_ALL)
    return table_of([HEADING, *numbered], sign=sign, line_end=line_end)


def texts(table: Table) -> list[str]:
    return [row["text"] for row in table]


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(Unreadable) as caught:
        texts(open_table(path, **{"needs": ["text"], **options}))
    return str(caught.value)


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_whatever_sign_parts_the_cells_and_ends_the_lines(tmp_path: Path, sign: str, line_end: str) -> None:
    path = tmp_path / "export.csv"
    path.write_text(usual(sign, line_end), "utf-8", newline="")

    table = open_table(path, needs=["text", "ref"])

    assert texts(table) == SAID
    assert [row.line for row in table] == [2, 3, 5]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-16-le", "utf-32", "cp1252"])
def test_whatever_encoding_the_letters_are_in(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(usual().encode(encoding))

    table = open_table(path, needs=["text"])

    assert texts(table) == SAID
    assert bool(table.notes) == (not encoding.startswith("utf-8"))


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("cp1251", "Где мой заказ, он должен был прийти вчера"),
        ("cp1250", "Děkuji, příliš žluťoučký kůň úpěl"),
        ("cp932", "商品がまだ届きません。いつ届きますか"),
    ],
)
def test_an_encoding_that_nobody_names_is_guessed_and_told(tmp_path: Path, encoding: str, said: str) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(table_of([["text"], *[[said]] * 5]).encode(encoding))

    table = open_table(path, needs=["text"])

    assert texts(table) == [said] * 5
    assert encoding in table.notes[0]


@pytest.mark.parametrize("said", ["a café, please", "it was 20 € more", "déjà vu", "wait – what", "so kühl"])
def test_a_single_accent_makes_no_text_cyrillic(tmp_path: Path, said: str) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(table_of([["text"], ["fine"], [said]]).encode("cp1252"))

    assert texts(open_table(path, needs=["text"])) == ["fine", said]


def test_a_file_in_two_encodings_is_refused_where_the_second_begins(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes("text\nschöne Größe für Käufer\n".encode() + "Grüße\n".encode("latin-1"))

    assert refusal(path).startswith("export.csv:3: is not UTF-8 there, though it is elsewhere")


def test_utf_16_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(usual().encode("utf-16")[:-1])

    assert "is neither UTF-8 nor whole utf-16-le" in refusal(path)


def test_a_first_line_that_names_the_sign_is_no_row(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("sep=;\r\n" + usual(";"), "utf-8-sig", newline="")

    assert texts(open_table(path, needs=["text"])) == SAID


def test_quotes_written_with_a_backslash_are_read(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text('ref,text\n1,"they said \\"wait\\", twice"\n2,fine\n', "utf-8")

    assert texts(open_table(path, needs=["text"])) == ['they said "wait", twice', "fine"]


def test_a_backslash_that_first_comes_late_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    filler = "".join(f'{n},"all is well, thank you {n}"\n' for n in range(20_000))
    path.write_text(f'ref,text\n{filler}1,"they said \\"wait\\", twice"\n', "utf-8")

    assert texts(open_table(path, needs=["text"]))[-1] == 'they said "wait", twice'


def test_one_column_needs_no_quotes_for_its_commas(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("text\nhello, where is it\nthanks, bye\nfine\n", "utf-8")

    assert texts(open_table(path, needs=["text"])) == ["hello, where is it", "thanks, bye", "fine"]


@pytest.mark.parametrize("name", ["Text", "TEXT", " text ", "\u200btext", "text\xa0"])
def test_a_column_is_found_however_its_name_looks(tmp_path: Path, name: str) -> None:
    path = tmp_path / "export.csv"
    path.write_text(f"ref,{name}\n1,fine\n", "utf-8")

    assert texts(open_table(path, needs=["text"])) == ["fine"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("ref,text,lang\n1,where is it\n2,fine,en\n", "x.csv:2: has 2 cells, the heading has 3"),
        ("ref,text\n1,where, oh where\n2,fine\n", "x.csv:2: has 3 cells, the heading has 2"),
        (
            'ref,text\n1,"where is it\n2,fine\n',
            "x.csv:2: a quote is opened there and not closed rightly (up to line 3)",
        ),
        ('ref,text\n1,fine\n2,"so" it goes\n', "x.csv:3: a quote is opened there and not closed rightly"),
        ("text,text\none,two\n", "x.csv:1: has two columns called 'text'"),
        ("ref,text\n1,whe\0re\n", "x.csv:2: holds an empty character"),
        ("text,Text\none,two\n", "x.csv:1: has two columns called 'text'"),
        ("", "x.csv: is empty"),
        ("ref,body\n1,fine\n", "x.csv:1: there is no column 'text' (the columns are: ref, body)"),
        ("Ticket id,Subject,Status\n1,fine,x\n", "(the columns are: Ticket id, Subject, Status)"),
    ],
)
def test_a_broken_table_is_refused_with_its_line(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(content, "utf-8")

    assert said in refusal(path)


@pytest.mark.parametrize(
    "first",
    [
        "7,Where is it? card 4000 0566 5566 5556",
        "kim@mail.example,fine",
        "Kim Sanders,refund my lamp",
        "Please call 555 0134,now",
        "a,the pin is hunter",
        "hello,greeting",
        "where now,reason",
        "my name is Kim,message",
    ],
)
def test_a_file_without_a_heading_is_refused_and_nothing_of_it_is_told(tmp_path: Path, first: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"{first}\n8,fine\n", "utf-8")

    said = refusal(path)

    assert "does not look like a heading" in said
    assert not any(word in said for word in first.replace(",", " ").split() if len(word) > 4)


def test_a_column_that_lacks_does_not_hide_what_is_wrong_with_a_row(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("id,text,lang\n1,where is my order\n2,refund please,en\n", "utf-8")

    assert "x.csv:2: has 2 cells, the heading has 3" in refusal(path, needs=["text", "label"])


@pytest.mark.parametrize("name", ["x.jsonl", "x.JSONL", "x.ndjson", "x.json"])
def test_objects_are_read_one_a_line_and_as_an_array(tmp_path: Path, name: str) -> None:
    records = [{"ref": 1, "text": "first"}, {"ref": 2, "text": None}, {"ref": 3}, {"text": "a ] and a } in it, {"}]
    lines, array = tmp_path / name, tmp_path / f"array-{name}"
    lines.write_text("\n\n".join(map(json.dumps, records)), "utf-8-sig")
    array.write_text(json.dumps(records, indent=2), "utf-16")

    wanted = ["first", "", "", "a ] and a } in it, {"]
    assert texts(open_table(lines, needs=["text"])) == wanted
    assert texts(open_table(array, needs=["text"])) == wanted
    assert [row.line for row in open_table(array, needs=["text"])] == [2, 6, 10, 13]


def test_an_array_longer_than_a_part_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps([{"text": "wait " * (n % 700)} for n in range(2_000)]), "utf-8")

    assert [len(text) for text in texts(open_table(path, needs=["text"]))] == [5 * (n % 700) for n in range(2_000)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"text": "fine"}\n{4000056655665556\n[1]\n', "x.json:2: is not JSON"),
        ('{"text": "fine"}\n"4000056655665556"\n', "x.json:2: is not a JSON object"),
        ('[{"text": "fine"},\n{"text": "4000056655665556"\n', "x.json:2: is not JSON"),
        ('[{"text": "fine"}] {"text": "4000056655665556"}', "x.json:1: is not JSON"),
        ('[{"text": "fine"}\n{"text": "4000056655665556"}]', "x.json:2: is not JSON"),
        ('{"text": ["4000056655665556"]}', "x.json:1: text is no text"),
        ('{"body": "4000056655665556"}', "there is no column 'text' (the columns are: body"),
    ],
)
def test_broken_json_is_refused_with_its_line_and_not_quoted(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content, "utf-8")

    told = refusal(path)

    assert said in told
    assert "4000" not in told


@pytest.mark.parametrize("name", ["x.csv.gz", "x.jsonl.gz", "x.json.GZ", "x.xlsx.gz", "x.parquet.gz"])
def test_every_kind_is_read_packed_too(tmp_path: Path, name: str) -> None:
    plain = tmp_path / name.rpartition(".")[0]
    write(plain, SAID)
    packed = tmp_path / name
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    assert texts(open_table(packed, needs=["text"])) == SAID


def test_what_was_packed_and_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(usual().encode())[:-12])

    assert "is cut off or damaged" in refusal(path)


def write(path: Path, said: list[str]) -> None:
    """The texts as a file of the kind that its name says."""
    if path.suffix == ".csv":
        path.write_text(usual(), "utf-8", newline="")
    elif path.suffix == ".xlsx":
        book = Workbook()
        for row in [HEADING, *enumerate(said)]:
            book.active.append(list(row))
        book.save(path)
    elif path.suffix == ".parquet":
        parquet.write_table(pyarrow.table({"ref": list(range(len(said))), "text": said}), path)
    else:
        path.write_text("\n".join(json.dumps({"text": sentence}) for sentence in said), "utf-8")


def test_a_workbook_is_read_by_what_its_cells_hold(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append([None, None])
    book.active.append(["text", "label"])
    for row in (["late", 1.0], ["=1+1", True], [date(2026, 3, 1), None]):
        book.active.append(row)
    book.active["A4"].data_type = "s"
    book.save(tmp_path / "x.xlsx")

    rows = list(open_table(tmp_path / "x.xlsx", needs=["text", "label"]))

    assert [(row.line, row["text"], row["label"]) for row in rows] == [
        (3, "late", "1"),
        (4, "=1+1", "true"),
        (5, "2026-03-01T00:00:00", ""),
    ]


def test_of_several_sheets_the_one_that_fits_is_taken_or_asked_for(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "Notes"
    book.active.append(["about", "this"])
    for title in ("May", "June"):
        sheet = book.create_sheet(title)
        sheet.append(["text", "label"])
        sheet.append([f"said in {title}", "x"])
    path = tmp_path / "x.xlsx"
    book.save(path)

    assert "say which with --sheet: Notes, May, June" in refusal(path)
    assert "its sheets are: Notes, May, June" in refusal(path, sheet="July")
    table = open_table(path, needs=["text"], sheet="June")
    assert texts(table) == ["said in June"]
    assert "only the sheet 'June' is read, 2 more are not" in table.notes[0]
    del book["May"]
    book.save(path)
    assert texts(open_table(path, needs=["text"])) == ["said in June"]


def test_a_damaged_workbook_and_a_damaged_parquet_are_refused(tmp_path: Path) -> None:
    for name in ("x.xlsx", "x.parquet"):
        write(tmp_path / name, SAID)
        raw = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(raw[: len(raw) // 2])
        assert "x." in refusal(tmp_path / name)


def test_without_pyarrow_parquet_is_refused_with_what_to_install(tmp_path: Path, monkeypatch: Any) -> None:
    write(tmp_path / "x.parquet", SAID)
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    assert "pip install 'tactful[parquet]'" in refusal(tmp_path / "x.parquet")


@pytest.mark.parametrize("name", ["x.xls", "x.ods", "x.docx", "x.pdf", "x", "x.zip", "x.csv.zip"])
def test_a_kind_that_is_not_known_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(usual(), "utf-8")

    assert "of no kind that can be read (known are .csv" in refusal(tmp_path / name)


@pytest.mark.parametrize("other", ["x.xlsx", "x.parquet"])
def test_a_name_that_lies_about_the_kind_is_refused(tmp_path: Path, other: str) -> None:
    write(tmp_path / other, SAID)
    (tmp_path / other).rename(tmp_path / "x.csv")
    assert "let its name end in" in refusal(tmp_path / "x.csv") or "end in .xlsx" in refusal(tmp_path / "x.csv")
    (tmp_path / "y.csv").write_bytes(gzip.compress(b"text\nfine\n"))
    assert "end in .gz" in refusal(tmp_path / "y.csv")


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        open_table(tmp_path / "no.csv", needs=["text"])
    (tmp_path / "x.csv").mkdir()
    assert "is a folder" in refusal(tmp_path / "x.csv")


@pytest.mark.parametrize("name", ["x.csv", "x.json", "x.parquet"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, name: str) -> None:
    def peak(n_rows: int) -> int:
        path = tmp_path / f"{n_rows}{name}"
        said = [f"row {n}: {'I have waited for a week. ' * 8}" for n in range(n_rows)]
        if name == "x.csv":
            path.write_text(table_of([["text"], *([sentence] for sentence in said)]), "utf-8", newline="")
        elif name == "x.json":
            path.write_text(json.dumps([{"text": sentence} for sentence in said]), "utf-8")
        else:
            parquet.write_table(pyarrow.table({"text": said}), path, row_group_size=1000)
        tracemalloc.start()
        assert sum(1 for _ in open_table(path, needs=["text"])) == n_rows
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert peak(30_000) < peak(3_000) + 1_500_000

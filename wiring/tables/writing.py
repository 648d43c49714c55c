"""Rows written as they were read: the same kind, signs, encoding and line ends, and in one step."""

import codecs
import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, cast

from care.errors import BadInput
from wiring.tables.columnar import Columns
from wiring.tables.delimited import Cells, Writing
from wiring.tables.encoding import Encoding
from wiring.tables.files import replaced
from wiring.tables.objects import Objects
from wiring.tables.place import Kind, kind_of
from wiring.tables.reading import FileRow, Table
from wiring.tables.workbook import Sheet

Keep = Callable[[FileRow], None]
WriteRow = Callable[[Sequence[Any]], None]
"""Takes the cells of one row, in the order of the columns."""
_LONGEST_CELL = 32_767
"""Characters that a cell of a workbook takes."""


def check_name(path: Path, kind: Kind, read: Path) -> None:
    """Raises BadInput where a file's name says another kind than what will be written into it."""
    says, is_packed = kind_of(path)
    if says not in (None, kind):
        raise BadInput(f"{path.name} would hold {kind}, as {read.name} does; give it a name that ends so, too.")
    if is_packed and kind in (Kind.WORKBOOK, Kind.PARQUET):
        raise BadInput(f"{path.name}: {kind} is packed as it is; leave out the .gz.")


@contextmanager
def rewriting(table: Table, to: Path | TextIO, *, changed: Sequence[str]) -> Iterator[Keep]:
    """Takes rows of a table, changed or not, and writes them as the table is written.

    to: a file, which changes in one step when all went well, or a stream of text. changed: columns that get other
    texts. Raises BadInput.
    """
    kind = table.place.kind
    for name in changed:
        if isinstance(table.source, Columns) and not table.source.is_text(table.source.columns[table.at[name]]):
            raise table.place.refused(f"its column {name!r} is of a type that holds no text", "write it as a string")
    if isinstance(table.source, Objects) and table.source.is_wrapped:
        raise table.place.refused("has its rows inside of an object", "write the list of rows alone into a file")
    if isinstance(to, Path):
        check_name(to, kind, table.place.path)
        with replaced(to) as fresh:
            if isinstance(table.source, Sheet):
                yield from _workbook(table.source, fresh)
            elif isinstance(table.source, Columns):
                yield from _parquet(table.source, fresh)
            else:
                source = cast("Cells | Objects", table.source)
                with text_into(fresh, source.encoding, is_packed=kind_of(to)[1]) as text:
                    yield from _text(source, text)
    elif isinstance(table.source, Sheet | Columns):
        raise BadInput(f"{table.place.name} is {kind}, which no screen shows; say where to write with -o.")
    else:
        yield from _text(cast("Cells | Objects", table.source), to)


@contextmanager
def text_into(path: Path, encoding: Encoding, *, is_packed: bool) -> Iterator[TextIO]:
    """A file to write text into, with its mark, packed or not."""
    with path.open("wb") as raw:
        packed = gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) if is_packed else None
        into = cast("io.BufferedWriter", packed or raw)
        into.write(encoding.mark)
        text = io.TextIOWrapper(into, encoding=encoding.codec, errors=_DOTS, newline="")
        try:
            yield text
            text.flush()
        finally:
            text.detach()
            if packed is not None:
                packed.close()


_DOTS = "tactful-dots"


def _with_dots(error: UnicodeError) -> tuple[str, int]:
    # What stands for masked values has an ellipsis, which older encodings lack; nothing else can be new in a text.
    assert isinstance(error, UnicodeEncodeError)
    letters = error.object[error.start : error.end]
    return "".join("..." if letter == "…" else "?" for letter in letters), error.end


codecs.register_error(_DOTS, _with_dots)


def _text(source: Cells | Objects, text: TextIO) -> Iterator[Keep]:
    if isinstance(source, Objects):
        yield from _objects(source, text)
        return
    if source.writing.says_sign:
        text.write(f"sep={source.writing.sign}{source.writing.line_end}")
    write = cell_writer(text, source.writing)
    write(source.columns)
    yield lambda row: write(cast("list[Any]", row.values))


def cell_writer(text: TextIO, writing: Writing) -> WriteRow:
    """Writes one row a call."""
    options: dict[str, Any] = {**writing.options, "lineterminator": writing.line_end}
    plain = csv.writer(text, **options)
    quoted = csv.writer(text, quoting=csv.QUOTE_ALL, **options)

    def write(cells: Sequence[Any]) -> None:
        # Python quotes only the line end it writes itself, but every line end would part a row.
        has_line_end = any(isinstance(cell, str) and ("\r" in cell or "\n" in cell) for cell in cells)
        (quoted if has_line_end else plain).writerow(cells)

    return write


def _objects(source: Objects, text: TextIO) -> Iterator[Keep]:
    n_written = 0

    def keep(row: FileRow) -> None:
        nonlocal n_written
        if source.is_array:
            text.write(",\n" if n_written else "[\n")
        text.write(as_json(row.values) + ("" if source.is_array else "\n"))
        n_written += 1

    yield keep
    if source.is_array:
        text.write("\n]\n" if n_written else "[]\n")


def as_json(record: object) -> str:
    """One line of JSON."""
    text = json.dumps(record, ensure_ascii=False)
    # Half a surrogate pair cannot be written as UTF-8; escaped it can, and reads back the same.
    return json.dumps(record) if any("\ud800" <= char <= "\udfff" for char in text) else text


def _workbook(source: Sheet, to: Path) -> Iterator[Keep]:
    with workbook_writer(to, source.name, source.columns) as write:
        yield lambda row: write(cast("list[Any]", row.values))


def _parquet(source: Columns, to: Path) -> Iterator[Keep]:
    with parquet_writer(to, source.schema) as write:
        yield lambda row: write(cast("list[Any]", row.values))


@contextmanager
def workbook_writer(to: Path, name: str, columns: Sequence[str]) -> Iterator[WriteRow]:
    """Writes one row a call into a new workbook with one sheet. Raises BadInput for a text that no cell takes."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(name)

    def as_cell(value: object) -> object:
        if not isinstance(value, str):
            return value
        if len(value) > _LONGEST_CELL:
            raise BadInput("A text is longer than a cell of a workbook may be; write CSV, JSON Lines or Parquet.")
        cell = WriteOnlyCell(sheet, value)
        # A text that begins like a formula stays a text.
        cell.data_type = "s"
        return cell

    sheet.append([as_cell(column) for column in columns])
    yield lambda values: sheet.append([as_cell(value) for value in values])
    book.save(to)
    book.close()


@contextmanager
def parquet_writer(to: Path, schema: Any) -> Iterator[WriteRow]:
    """Writes one row a call, a thousand at once. schema: pyarrow's."""
    import pyarrow
    from pyarrow import parquet

    kept: list[Sequence[Any]] = []
    with parquet.ParquetWriter(to, schema) as writer:

        def flush() -> None:
            columns = zip(*kept, strict=True)
            arrays = [pyarrow.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
            writer.write_batch(pyarrow.record_batch(arrays, schema=schema))
            kept.clear()

        def write(values: Sequence[Any]) -> None:
            kept.append(values)
            if len(kept) == 1024:
                flush()

        yield write
        if kept:
            flush()

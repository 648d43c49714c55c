"""New files of rows, of the kind that their name says, in one step."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from care.errors import BadInput
from wiring.tables.delimited import Writing
from wiring.tables.encoding import Encoding
from wiring.tables.files import replaced
from wiring.tables.place import KNOWN, Kind, kind_of
from wiring.tables.writing import WriteRow, as_json, cell_writer, parquet_writer, text_into, workbook_writer

Columns = Mapping[str, type]
"""Each column's name and what stands in it: str, int, float or bool; anything else is written as JSON."""
_SIGNS = {".tsv": "\t", ".tab": "\t", ".psv": "|"}


def check_kind(path: Path) -> Kind:
    """The kind that a name says. Raises BadInput for one that holds no rows."""
    kind, is_packed = kind_of(path)
    if kind in (None, Kind.WORDS):
        raise BadInput(f"{path.name} is of no kind that holds rows; {KNOWN}.")
    if is_packed and kind in (Kind.WORKBOOK, Kind.PARQUET):
        raise BadInput(f"{path.name}: {kind} is packed as it is; leave out the .gz.")
    assert kind is not None
    return kind


def check_place(path: Path) -> None:
    """Raises BadInput where no rows could be written in the end: ask before the work."""
    check_kind(path)
    if path.is_dir() or not os.access(path.absolute().parent, os.W_OK):
        raise BadInput(f"{path} cannot be written: name a file in a folder that is there and may be written in.")


@contextmanager
def making(path: Path, columns: Columns) -> Iterator[WriteRow]:
    """Takes rows and writes them to a file that appears, or changes, in one step when all went well.

    Raises BadInput for a name that says no kind of rows.
    """
    kind = check_kind(path)
    with replaced(path) as fresh:
        if kind is Kind.WORKBOOK:
            with workbook_writer(fresh, "rows", list(columns)) as write:
                yield lambda values: write([_plain(value) for value in values])
        elif kind is Kind.PARQUET:
            with parquet_writer(fresh, _schema(path, columns)) as write:
                yield lambda values: write(_typed(values, columns))
        else:
            yield from _text(path, fresh, kind, columns)


def _text(path: Path, fresh: Path, kind: Kind, columns: Columns) -> Iterator[WriteRow]:
    is_packed = kind_of(path)[1]
    with text_into(fresh, Encoding("utf-8"), is_packed=is_packed) as text:
        if kind is Kind.CELLS:
            name = path.with_suffix("").name if is_packed else path.name
            write = cell_writer(text, Writing(_SIGNS.get(Path(name).suffix.lower(), ",")))
            write(list(columns))
            yield lambda values: write([_plain(value) for value in values])
            return

        def keep(values: Sequence[Any]) -> None:
            record = {name: value for name, value in zip(columns, values, strict=True) if value is not None}
            write_object(record)

        with _objects(text, path) as write_object:
            yield keep


@contextmanager
def writing_objects(path: Path) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Takes objects and writes JSON Lines, or one array where the name ends in .json; in one step.

    Raises BadInput for another name.
    """
    if check_kind(path) is not Kind.JSON:
        raise BadInput(f"{path.name} would hold JSON; let its name end in .json or .jsonl, with .gz or without.")
    with replaced(path) as fresh, text_into(fresh, Encoding("utf-8"), is_packed=kind_of(path)[1]) as text:
        with _objects(text, path) as write:
            yield write


@contextmanager
def _objects(text: TextIO, path: Path) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    is_array = (path.suffixes[-2] if kind_of(path)[1] else path.suffix).lower() == ".json"
    n_written = 0

    def write(record: Mapping[str, Any]) -> None:
        nonlocal n_written
        if is_array:
            text.write(",\n" if n_written else "[\n")
        text.write(as_json(record) + ("" if is_array else "\n"))
        n_written += 1

    yield write
    if is_array:
        text.write("\n]\n" if n_written else "[]\n")


def _plain(value: object) -> object:
    return as_json(value) if isinstance(value, list | dict) else value


def _typed(values: Any, columns: Columns) -> list[Any]:
    return [
        value if value is None or kind in (int, float, bool) else str(_plain(value))
        for value, kind in zip(values, columns.values(), strict=True)
    ]


def _schema(path: Path, columns: Columns) -> Any:
    try:
        import pyarrow
    except ImportError:
        raise BadInput(f"{path.name} is Parquet, which needs pyarrow: pip install 'tactful[parquet]'.") from None
    kinds = {int: pyarrow.int64(), float: pyarrow.float64(), bool: pyarrow.bool_()}
    return pyarrow.schema([(name, kinds.get(kind, pyarrow.string())) for name, kind in columns.items()])

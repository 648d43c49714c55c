"""The one reader of files with a message a row: whatever a spreadsheet or a help desk exports, whole or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Protocol

from care.errors import Problem
from wiring.tables.columnar import open_columns
from wiring.tables.delimited import open_cells
from wiring.tables.encoding import encoding_of
from wiring.tables.heading import place_in, shown
from wiring.tables.objects import open_objects
from wiring.tables.place import Kind, Place, Unreadable, place_of
from wiring.tables.workbook import open_sheet


class Source(Protocol):
    """A kind of file, opened and looked at. rows: each with its line, cells in the order of the columns or by name."""

    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    @property
    def broken(self) -> tuple[Problem, ...]: ...
    def rows(self) -> Iterator[tuple[int, list[Any] | dict[str, Any]]]: ...


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row. line: where it begins in its file, 1 is the heading of a table. at: asked name -> place in values."""

    line: int
    values: list[Any] | dict[str, Any] = field(repr=False)
    at: Mapping[str, Any] = field(repr=False)
    place: Place = field(repr=False)

    def __getitem__(self, name: str) -> str:
        """What stands there, as text; empty where nothing does, or where the file has no such column.

        Raises Unreadable where it is a list or the like.
        """
        try:
            return as_words(self.value(name))
        except ValueError:
            raise self.place.refused(f"{name} is no text", "write one text there", line=self.line) from None

    def value(self, name: str) -> object:
        """What stands there, as the file has it; None where nothing does."""
        at = self.at.get(name)
        if at is None:
            return None
        return self.values.get(at) if isinstance(self.values, dict) else self.values[at]

    def put(self, name: str, value: object) -> None:
        self.values[self.at[name]] = value


@dataclass(frozen=True, slots=True)
class Table:
    """A file that was looked at and can be read whole, in constant memory, as often as you like.

    notes: what is unusual about it, for people. source: what its kind knows of it.
    """

    place: Place
    source: Source
    at: Mapping[str, Any]

    def has(self, name: str) -> bool:
        return name in self.at

    @property
    def notes(self) -> tuple[str, ...]:
        return self.source.notes

    @property
    def broken(self) -> tuple[Problem, ...]:
        """Rows that are left out, where that was asked for."""
        return self.source.broken

    def __iter__(self) -> Iterator[FileRow]:
        """Its rows, one after the other."""
        for line, values in self.source.rows():
            yield FileRow(line, values, self.at, self.place)


def open_table(
    path: Path,
    *,
    needs: Sequence[str],
    may: Sequence[str] = (),
    sheet: str | None = None,
    hint: str = "",
    skips: bool = False,
) -> Table:
    """Look at the whole file once, so that it is read whole or refused.

    needs: columns that must be there; may: columns that are read where they are. hint: how to name others. skips: leave
    out rows that are broken, and name them in `broken`.
    Raises NotFound; Unreadable with every line that is wrong and how to mend it, never with what stands in a cell.
    """
    place = place_of(path)
    source = _source(place, needs, sheet, skips=skips)
    if sheet is not None and place.kind is not Kind.WORKBOOK:
        raise place.refused("has no sheets", "leave out --sheet")
    at: dict[str, Any] = {}
    problems, missing = [], []
    for name in dict.fromkeys(filter(None, (*needs, *may))):
        try:
            column = place_in(source.columns, name)
        except KeyError:
            problems.append(place.problem(f"has two columns called {name!r}", "give one another name", line=1))
            continue
        if column is not None:
            at[name] = source.columns[column] if place.kind is Kind.JSON else column
        elif name in needs:
            missing.append(repr(name))
    if missing:
        mend = shown(source.columns, are_fields=place.kind in (Kind.JSON, Kind.PARQUET)) + (f"; {hint}" if hint else "")
        problems.append(place.problem(f"there is no column {', '.join(missing)}", mend, line=1))
    if problems:
        raise Unreadable(*problems)
    return Table(place, source, at)


def _source(place: Place, needs: Sequence[str], sheet: str | None, *, skips: bool) -> Source:
    if place.kind is Kind.WORKBOOK:
        return open_sheet(place, needs, sheet)
    if place.kind is Kind.PARQUET:
        return open_columns(place)
    encoding = encoding_of(place)
    if place.kind is Kind.JSON:
        return open_objects(place, encoding, skips=skips)
    return open_cells(place, encoding, needs, skips=skips)


def as_words(value: object) -> str:
    """A cell as text. Raises ValueError for a list, an object, or bytes, which are no cell's text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        # Spreadsheets hold every number as a real one.
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list | dict | tuple | set | bytes | bytearray):
        raise ValueError("no text")
    return str(value)

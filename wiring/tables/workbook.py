"""One sheet of an Excel workbook. openpyxl reads it row by row; only the table of its strings is held whole."""

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from wiring.tables.heading import n_found, tidy
from wiring.tables.place import Place

_FAULTS = (
    zipfile.BadZipFile,
    InvalidFileException,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,
    EOFError,
)
"""What openpyxl raises over files that are no workbooks or damaged ones."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet whose first row that holds anything is the heading."""

    place: Place
    name: str
    n_others: int
    columns: tuple[str, ...]

    broken = ()

    @property
    def notes(self) -> tuple[str, ...]:
        if not self.n_others:
            return ()
        return (f"{self.place.name}: only the sheet {self.name!r} is read, {self.n_others} more are not",)

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        with _opened(self.place) as book:
            width, is_below = len(self.columns), False
            for line, values in _filled(book[self.name]):
                if is_below:
                    if any(value is not None for value in values[width:]):
                        raise self.place.refused("has cells beyond the heading", "name every column", line=line)
                    yield line, [*values[:width], *[None] * (width - len(values))]
                is_below = True


def open_sheet(place: Place, wanted: Sequence[str], asked: str | None) -> Sheet:
    """The sheet that was asked for, or the only one that has the columns. Raises Unreadable."""
    with _opened(place) as book:
        headings = {sheet.title: _heading(sheet) for sheet in book.worksheets}
    if asked is not None and asked not in headings:
        raise place.refused(f"has no sheet {asked!r}", f"its sheets are: {', '.join(headings)}")
    filled = {name: heading for name, heading in headings.items() if heading}
    if asked is not None:
        name = asked
    elif len(filled) == 1:
        [name] = filled
    else:
        fitting = [name for name, heading in filled.items() if n_found(wanted, heading) == len(wanted)]
        if not filled:
            raise place.refused("is empty", "a heading, then a row a line")
        if len(fitting) != 1:
            raise place.refused("has several sheets", f"say which with --sheet: {', '.join(filled)}")
        [name] = fitting
    if not headings[name]:
        raise place.refused(f"has nothing in its sheet {name!r}", f"its sheets are: {', '.join(headings)}")
    return Sheet(place, name, len(filled) - 1, headings[name])


def _heading(sheet: Any) -> tuple[str, ...]:
    _, values = next(_filled(sheet), (0, ()))
    names = [tidy(value) for value in values]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _filled(sheet: Any) -> Iterator[tuple[int, Sequence[Any]]]:
    # Some programs write a wrong size, and rows beyond it would be lost in silence.
    sheet.reset_dimensions()
    for line, values in enumerate(sheet.iter_rows(values_only=True), 1):
        if any(value is not None for value in values):
            yield line, values


@contextmanager
def _opened(place: Place) -> Iterator[Any]:
    """The workbook, its formulas by the values that were last seen. Raises Unreadable."""
    with place.seekable() as source:
        try:
            with warnings.catch_warnings():
                # About styles and validations, which are no rows.
                warnings.simplefilter("ignore")
                book = load_workbook(source, read_only=True, data_only=True)
                try:
                    yield book
                finally:
                    book.close()
        except _FAULTS:
            raise place.refused(
                "is no workbook that can be read, or is damaged or locked", "save it as .xlsx without a password"
            ) from None

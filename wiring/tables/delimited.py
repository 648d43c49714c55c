"""Tables of cells parted by a sign: which sign, how a quote in a cell is written, whether every row is whole."""

import csv
import io
import itertools
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TextIO

from care.errors import Problem
from wiring.tables.encoding import Encoding, as_text
from wiring.tables.heading import n_found, tidy
from wiring.tables.place import Place, Unreadable

csv.field_size_limit(min(sys.maxsize, 64 * 1024 * 1024))
LONGEST_LINE = 64 * 1024 * 1024
MOST_PROBLEMS = 500
_SAMPLE_CHARS, _SAMPLE_ROWS = 1 << 18, 200
_SIGNS = (",", ";", "\t", "|")
NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "upright strokes"}


@dataclass(frozen=True, slots=True)
class Writing:
    """How a table is written: so it is read, and so a masked one is written again.

    sign: what parts cells. escapes: a quote in a cell is \\" instead of "". says_sign: a first line `sep=;`.
    """

    sign: str = ","
    escapes: bool = False
    says_sign: bool = False
    line_end: str = "\n"

    @property
    def options(self) -> dict[str, Any]:
        """For csv.reader and csv.writer."""
        if self.escapes:
            return {"delimiter": self.sign, "escapechar": "\\", "doublequote": False}
        return {"delimiter": self.sign}


@dataclass(frozen=True, slots=True)
class Cells:
    """A table. broken: rows that are not like the heading, and are left out."""

    place: Place
    encoding: Encoding
    writing: Writing
    columns: tuple[str, ...]
    broken: tuple[Problem, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        odd = []
        if not self.encoding.is_usual:
            odd.append(f"read as {self.encoding.codec}")
        if self.writing.sign != ",":
            odd.append(f"cells parted by {NAMES[self.writing.sign]}")
        if self.writing.escapes:
            odd.append("quotes in cells written with a backslash")
        return (f"{self.place.name}: {', '.join(odd)}",) if odd else ()

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        with as_text(self.place, self.encoding) as text:
            for line, cells in itertools.islice(_records(_Lines(text), self.writing), 1, None):
                if len(cells) == len(self.columns):
                    yield line, cells


def open_cells(place: Place, encoding: Encoding, wanted: Sequence[str], *, skips: bool = False) -> Cells:
    """Find out how the table is written and look at every row.

    Raises Unreadable with all that is wrong; with skips only where the rest cannot be told apart.
    """
    with as_text(place, encoding) as text:
        sample = text.read(_SAMPLE_CHARS)
        is_all = not text.read(1)
    if not sample.strip():
        raise place.refused("is empty", "a heading, then a row a line")
    likeliest = _likeliest(sample, is_all, wanted)
    table, problems, is_torn, may_escape = _checked(place, encoding, likeliest)
    if problems and may_escape and not likeliest.escapes:
        # Further down than the sample a quote may be written \\" after all.
        other, none, _, _ = _checked(place, encoding, replace(likeliest, escapes=True))
        if not none:
            return other
    if problems and (is_torn or not skips):
        raise Unreadable(*problems)
    return replace(table, broken=tuple(problems))


def _likeliest(sample: str, is_all: bool, wanted: Sequence[str]) -> Writing:
    first = sample.splitlines()[0].strip() if sample else ""
    match = re.search(r"\r\n|\r|\n", sample)
    line_end = match.group() if match else "\n"
    if first[:4].lower() == "sep=" and len(first) <= 5:
        plain = [Writing(first[4:] or "\t", says_sign=True, line_end=line_end)]
    else:
        plain = [Writing(sign, line_end=line_end) for sign in _SIGNS]
    tried = [*plain, *(replace(writing, escapes=True) for writing in plain if '\\"' in sample)]
    return max(tried, key=lambda writing: _fit(sample, is_all, writing, wanted))


def _fit(sample: str, is_all: bool, writing: Writing, wanted: Sequence[str]) -> tuple[int, bool, float, int]:
    """How well a sample is read so: wanted columns found, no fault, share of rows like the heading, columns."""
    rows: list[Sequence[str]] = []
    is_sound = True
    try:
        for _, cells in itertools.islice(_records(_Lines(io.StringIO(sample, newline="")), writing), _SAMPLE_ROWS):
            rows.append(cells)
    except csv.Error:
        # The end of the sample may have cut a quoted cell.
        is_sound = not is_all and len(rows) > 1
    if not rows:
        return 0, False, 0.0, 0
    heading, body = rows[0], rows[1:]
    alike = sum(len(cells) == len(heading) for cells in body) / len(body) if body else 1.0
    return n_found(wanted, [tidy(name) for name in heading]), is_sound, alike, len(heading)


def _checked(place: Place, encoding: Encoding, writing: Writing) -> tuple[Cells, list[Problem], bool, bool]:
    """The table; what is wrong with it; whether rows cannot be told apart; whether quotes may have backslashes."""
    problems: list[Problem] = []
    is_torn = False
    columns: tuple[str, ...] = ()
    with as_text(place, encoding) as text:
        lines = _Lines(text)
        records = _records(lines, writing)
        began = 1
        try:
            for line, cells in records:
                began = lines.number + 1
                if not columns:
                    columns = tuple(tidy(name) for name in cells)
                elif len(cells) != len(columns) and len(problems) < MOST_PROBLEMS:
                    problems.append(_ragged(place, line, lines.number, len(cells), len(columns)))
        except csv.Error:
            is_torn = True
            what = "a quote is opened there and not closed rightly"
            if lines.number > began:
                what += f" (up to line {lines.number})"
            fix = "close the quote; a quote inside a quoted cell is written twice"
            problems.append(place.problem(what, fix, line=began))
    return Cells(place, encoding, writing, columns), problems, is_torn, lines.has_escapes


def _ragged(place: Place, line: int, last: int, n: int, n_heading: int) -> Problem:
    what = f"has {n} cells, the heading has {n_heading}"
    fix = "quote cells that hold the parting sign or line breaks"
    if n < n_heading:
        fix = "write empty cells too, and quote cells that hold line breaks"
    if last > line:
        what += f", and ends on line {last}"
        fix = "is a quote opened there and never closed?"
    return place.problem(what, fix, line=line)


class _Lines:
    """Lines of a text, counted, none endless."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self.number = 0
        self.has_escapes = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        self.has_escapes = self.has_escapes or '\\"' in line
        return line


def _records(lines: _Lines, writing: Writing) -> Iterator[tuple[int, list[str]]]:
    """Records with the line each begins on; empty lines left out. Raises csv.Error."""
    if writing.says_sign:
        next(lines, None)
    began = lines.number + 1
    for cells in csv.reader(lines, strict=True, **writing.options):
        if cells:
            yield began, cells
        began = lines.number + 1

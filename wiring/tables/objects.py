"""Rows as JSON objects: one a line, one array of them, or an object with the array in it; read one after the other."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TextIO

from care.errors import Problem
from wiring.tables.encoding import Encoding, as_text
from wiring.tables.place import Place, Unreadable

LONGEST = 64 * 1024 * 1024
MOST_PROBLEMS, _MOST_COLUMNS = 500, 10_000
_PART = 1 << 16
_ONE_A_LINE = "write one object a line, or one array of objects"
_WRAPPED = re.compile(r'\s*\{[^\[\]]*?"(?:tickets|conversations|payload|records|results|data)"\s*:\s*\[(?=\s*[{\]])')
"""Help desks put the rows into an object: it is the first array in it."""


@dataclass(frozen=True, slots=True)
class Objects:
    """JSON with an object a row. columns: the fields of all of them. broken: rows that are none, and are left out.

    is_wrapped: the array stands in an object, whose other fields are no rows.
    """

    place: Place
    encoding: Encoding
    is_array: bool
    columns: tuple[str, ...]
    broken: tuple[Problem, ...] = ()
    is_wrapped: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        return () if self.encoding.is_usual else (f"{self.place.name}: read as {self.encoding.codec}",)

    def rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        with as_text(self.place, self.encoding) as text:
            for line, value in _values(text, is_array=self.is_array, is_wrapped=self.is_wrapped):
                if isinstance(value, dict):
                    yield line, value


_BROKEN = object()
"""Stands where no JSON is."""


def open_objects(place: Place, encoding: Encoding, *, skips: bool = False) -> Objects:
    """Look at every row. Raises Unreadable with all that is wrong; with skips only where nothing is right."""
    problems: list[Problem] = []
    columns: dict[str, None] = {}
    is_array, is_wrapped = _begins_array(place, encoding)
    with as_text(place, encoding) as text:
        for line, value in _values(text, is_array=is_array, is_wrapped=is_wrapped):
            if isinstance(value, dict):
                if len(columns) < _MOST_COLUMNS:
                    columns.update(dict.fromkeys(value))
            elif len(problems) < MOST_PROBLEMS:
                what = "is not JSON" if value is _BROKEN else "is not a JSON object"
                problems.append(place.problem(what, _ONE_A_LINE, line=line))
    if problems and not (skips and columns):
        raise Unreadable(*problems)
    if not columns:
        raise place.refused("is empty", _ONE_A_LINE)
    return Objects(place, encoding, is_array, tuple(columns), tuple(problems), is_wrapped)


def _begins_array(place: Place, encoding: Encoding) -> tuple[bool, bool]:
    """Whether the rows are an array, and whether it stands in an object."""
    with as_text(place, encoding) as text:
        while part := text.read(_PART):
            if part.strip():
                is_wrapped = _WRAPPED.match(part) is not None
                return is_wrapped or part.lstrip()[0] == "[", is_wrapped
    return False, False


def _values(text: TextIO, *, is_array: bool, is_wrapped: bool) -> Iterator[tuple[int, object]]:
    """Each value with its line; _BROKEN where there is none."""
    return _of_array(text, is_wrapped=is_wrapped) if is_array else _of_lines(text)


def _of_lines(text: TextIO) -> Iterator[tuple[int, object]]:
    number = 0
    while line := text.readline(LONGEST):
        number += 1
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                yield number, _BROKEN


def _of_array(text: TextIO, *, is_wrapped: bool) -> Iterator[tuple[int, object]]:
    array = _Array(text)
    array.enter(is_wrapped=is_wrapped)
    sign = array.sign()
    while sign != "]":
        line = array.line
        value = array.value() if sign == "{" else _BROKEN
        yield line, value
        if value is _BROKEN:
            return
        sign = array.sign()
        if sign == ",":
            array.step()
            sign = array.sign()
        elif sign != "]":
            yield array.line, _BROKEN
            return
    array.step()
    if array.sign() and not is_wrapped:
        yield array.line, _BROKEN


class _Array:
    """The text of an array, a part of it at a time. line: where we are."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._part, self._at = "", 0
        self._decoder = json.JSONDecoder()
        self.line = 1

    def sign(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self._at < len(self._part) and self._part[self._at].isspace():
                self.step()
            if self._at < len(self._part):
                return self._part[self._at]
            self._part, self._at = self._text.read(_PART), 0
            if not self._part:
                return ""

    def enter(self, *, is_wrapped: bool) -> None:
        """Go to the first row, behind what stands before it."""
        self.sign()
        before = _WRAPPED.match(self._part, self._at) if is_wrapped else None
        self.step(before.end() - self._at if before else 1)

    def step(self, n: int = 1) -> None:
        self.line += self._part.count("\n", self._at, self._at + n)
        self._at += n

    def value(self) -> object:
        """The object that begins here, or _BROKEN."""
        while True:
            try:
                value, end = self._decoder.raw_decode(self._part, self._at)
            except (ValueError, RecursionError):
                known = len(self._part) - self._at
                more = self._text.read(max(_PART, known)) if known < LONGEST else ""
                if not more:
                    return _BROKEN
                self._part, self._at = self._part[self._at :] + more, 0
            else:
                self.step(end - self._at)
                return value

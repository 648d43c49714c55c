"""Reads files of history row by row. What stands in a row is never printed."""

import itertools
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from care.errors import Problem
from care.history import Row, Said
from wiring.tables.reading import open_table

FIELDS = ("thread", "id", "customer", "from_us", "text", "written_at")
MAYBE = ("author", "visibility")
_TRUE, _FALSE = {"true", "1", "yes", "us", "out", "outbound"}, {"false", "0", "no", "them", "in", "inbound", ""}


def read_history(file: Path, *, names: Mapping[str, str], sheet: str | None = None) -> Iterator[Row]:
    """Rows of a file, those that cannot be used as problems with line and mend.

    names: column of the file -> our field. Raises NotFound, and BadInput for a file whose rows cannot be told apart or
    that lacks a column.
    """
    column = {**{field: field for field in (*FIELDS, *MAYBE)}, **{ours: theirs for theirs, ours in names.items()}}
    table = open_table(
        file,
        needs=[column[field] for field in FIELDS],
        may=[column[field] for field in MAYBE],
        sheet=sheet,
        hint="name the file's own by --map COLUMN=FIELD",
        skips=True,
    )
    said = (_said({field: row[column[field]] for field in column}, line=row.line) for row in table)
    return itertools.chain(said, table.broken)


def _said(row: Mapping[str, str], *, line: int) -> Row:
    where = f"line {line}"
    told = {name: row[name].strip() for name in (*FIELDS, *MAYBE)}
    for name in ("thread", "id", "customer", "text"):
        if not told[name] or (name != "text" and len(told[name]) > 256):
            return Problem(where, f"has no usable {name}", "fill it in, at most 256 characters for an id or a handle")
    side = told["from_us"].lower()
    if side not in _TRUE | _FALSE:
        return Problem(where, "from_us is neither yes nor no", "write true or false")
    visibility = told["visibility"].lower()
    if visibility not in ("public", "private", ""):
        return Problem(where, "visibility is neither public nor private", "write one of them, or leave it empty")
    written_at = _moment(told["written_at"])
    if written_at is None:
        return Problem(where, "written_at is no time", "write it like 2026-11-22T04:00:00Z")
    return Said(
        line=line,
        thread=told["thread"],
        id=told["id"],
        customer=told["customer"],
        from_us=side in _TRUE,
        text=told["text"],
        written_at=written_at,
        author=told["author"][:200],
        is_public=visibility == "public" if visibility else None,
    )


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.astimezone(UTC) if 1990 <= at.year <= 2200 else None

"""Reads files of history, CSV or JSON Lines, line by line. What stands in a line is never printed."""

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from care.errors import BadInput, Problem
from care.history import Row, Said

FIELDS = ("thread", "id", "customer", "from_us", "text", "written_at")
MAYBE = ("author", "visibility")
_TRUE, _FALSE = {"true", "1", "yes", "us", "out", "outbound"}, {"false", "0", "no", "them", "in", "inbound", ""}
csv.field_size_limit(10_000_000)


def read_history(file: Path, *, names: Mapping[str, str]) -> Iterator[Row]:
    """Rows of a file, those that cannot be read as problems with line and mend.

    names: column of the file -> our field. Raises BadInput for a file that is not there, is neither kind, or lacks a
    column.
    """
    if not file.is_file():
        raise BadInput(f"There is no file {file.name}.")
    if file.suffix.lower() in (".jsonl", ".ndjson"):
        yield from _json_lines(file, names)
    elif file.suffix.lower() == ".csv":
        yield from _csv(file, names)
    else:
        raise BadInput(f"{file.name}: history is read from .csv or .jsonl files.")


def _csv(file: Path, names: Mapping[str, str]) -> Iterator[Row]:
    with file.open(encoding="utf-8-sig", newline="", errors="strict") as lines:
        reader = csv.DictReader(lines)
        known = {names.get(column, column) for column in reader.fieldnames or ()}
        missing = [field for field in FIELDS if field not in known]
        if missing:
            raise BadInput(
                f"{file.name}: no column {', '.join(missing)}; name the file's own by --map COLUMN={missing[0]}."
            )
        try:
            for row in reader:
                mapped = {names.get(str(column), str(column)): value for column, value in row.items()}
                yield _said(mapped, line=reader.line_num)
        except (csv.Error, UnicodeDecodeError) as error:
            raise BadInput(
                f"{file.name}, after line {reader.line_num}: {type(error).__name__}; save it as UTF-8."
            ) from None


def _json_lines(file: Path, names: Mapping[str, str]) -> Iterator[Row]:
    with file.open("rb") as lines:
        for number, raw in enumerate(lines, 1):
            try:
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                yield Problem(f"line {number}", "is not UTF-8", "save the file as UTF-8")
                continue
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if not isinstance(row, dict):
                yield Problem(f"line {number}", "is not a JSON object", "write one object a line")
                continue
            yield _said({names.get(key, key): value for key, value in row.items()}, line=number)


def _said(row: Mapping[str, object], *, line: int) -> Row:
    where = f"line {line}"
    told = {name: str(row.get(name) if row.get(name) is not None else "").strip() for name in (*FIELDS, *MAYBE)}
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

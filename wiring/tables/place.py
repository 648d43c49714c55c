"""Where rows come from: a plain file, packed or not, and what kind its name says it is."""

import gzip
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO, cast

from care.errors import BadInput, NotFound, Problem


class Kind(StrEnum):
    """How rows are written down."""

    CELLS = "cells parted by a sign"
    JSON = "JSON"
    WORKBOOK = "an Excel workbook"
    PARQUET = "Parquet"
    WORDS = "running text"


SUFFIXES = {
    ".csv": Kind.CELLS,
    ".tsv": Kind.CELLS,
    ".tab": Kind.CELLS,
    ".psv": Kind.CELLS,
    ".jsonl": Kind.JSON,
    ".ndjson": Kind.JSON,
    ".json": Kind.JSON,
    ".xlsx": Kind.WORKBOOK,
    ".xlsm": Kind.WORKBOOK,
    ".parquet": Kind.PARQUET,
    ".txt": Kind.WORDS,
    ".text": Kind.WORDS,
    ".md": Kind.WORDS,
    ".log": Kind.WORDS,
}
KNOWN = "known are .csv, .tsv, .jsonl, .json, .xlsx and .parquet, each also with .gz"
_SIGNS = (
    (b"\x1f\x8b", "is packed with gzip", "let its name end in .gz"),
    (b"PK\x03\x04", "is an Excel workbook or another zip file", "let the name of a workbook end in .xlsx"),
    (b"PAR1", "is a Parquet file", "let its name end in .parquet"),
    (b"\xd0\xcf\x11\xe0", "is an old or locked Office file", "open it and save it as .xlsx without a password"),
    (b"%PDF", "is a PDF", "export the rows as CSV"),
)


class Unreadable(BadInput):
    """A file that cannot be read whole; `problems` says where and how to mend it. It never holds what a cell says."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Place:
    """A file of rows."""

    path: Path
    kind: Kind
    is_packed: bool = False
    name: str = field(default="")

    def refused(self, what: str, fix: str, *, line: int | None = None) -> Unreadable:
        """The error that says so."""
        return Unreadable(self.problem(what, fix, line=line))

    def problem(self, what: str, fix: str, *, line: int | None = None) -> Problem:
        return Problem(self.name if line is None else f"{self.name}:{line}", what, fix)

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Its bytes, unpacked. Raises Unreadable where they are damaged, also later while they are read."""
        try:
            with self.path.open("rb") as raw:
                if not self.is_packed:
                    yield raw
                    return
                with gzip.open(raw) as unpacked:
                    yield cast("IO[bytes]", unpacked)
        except (gzip.BadGzipFile, EOFError, zlib.error):
            raise self.refused(
                "is cut off or damaged: it cannot be unpacked whole", "export or copy it again"
            ) from None

    @contextmanager
    def seekable(self) -> Iterator[IO[bytes]]:
        """Its bytes for readers that jump about in them; what is packed is unpacked into a nameless file."""
        with self.opened() as source:
            if not self.is_packed:
                yield source
                return
            with tempfile.TemporaryFile() as whole:
                while part := source.read(1 << 20):
                    whole.write(part)
                whole.seek(0)
                yield whole


def place_of(path: Path) -> Place:
    """The file, looked at from outside. Raises NotFound, and Unreadable for what is no plain file of a known kind."""
    kind, is_packed = kind_of(path)
    place = Place(path, kind or Kind.WORDS, is_packed, path.name)
    try:
        if path.is_dir():
            raise place.refused("is a folder", "name a file in it")
        if not path.exists():
            raise NotFound("file", str(path))
        if not path.is_file():
            raise place.refused("is no plain file", "write its content to a file first, and name that")
        if kind is None:
            raise place.refused("is of no kind that can be read", KNOWN)
        with place.opened() as source:
            head = source.read(8)
    except OSError as error:
        raise place.refused(
            f"cannot be read: {error.strerror or 'it is damaged'}", "check the path and its rights"
        ) from None
    if kind not in (Kind.WORKBOOK, Kind.PARQUET):
        for sign, what, fix in _SIGNS:
            if head.startswith(sign):
                raise place.refused(what, fix)
    return place


def kind_of(path: Path) -> tuple[Kind | None, bool]:
    """What a name says: the kind, None where it says none that we know, and whether it is packed."""
    is_packed = path.suffix.lower() == ".gz"
    name = path.with_suffix("") if is_packed else path
    return SUFFIXES.get(name.suffix.lower()), is_packed

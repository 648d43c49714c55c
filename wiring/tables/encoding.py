"""How the letters of a file are written as bytes: told by its first bytes, by trying UTF-8 on all of it, or guessed."""

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TextIO, cast

from channels.mail.charsets import charset_of
from wiring.tables.place import Place

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PART = 1 << 18
_AROUND = 16_384
_BEYOND = re.compile(r"[^\x00-\x7f]")
_AS_UTF8 = "save it as UTF-8; spreadsheets call it 'CSV UTF-8'"


@dataclass(frozen=True, slots=True)
class Encoding:
    """codec: Python's name. mark: the bytes before the first letter, which say so."""

    codec: str
    mark: bytes = b""

    @property
    def is_usual(self) -> bool:
        return self.codec == "utf-8"


def encoding_of(place: Place) -> Encoding:
    """The encoding that all of the file can be read in. Raises Unreadable, with the line, where there is none."""
    with place.opened() as source:
        head = source.read(4096)
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return _tried(place, Encoding(codec, mark))
    if head.count(0) > len(head) // 4:
        # Every other byte is empty: UTF-16 of somebody who left out the mark.
        return _tried(place, Encoding("utf-16-be" if head[:1] == b"\0" else "utf-16-le"))
    usual = Encoding("utf-8")
    wrong = _first_wrong(place, usual)
    if wrong is None:
        return usual
    if _is_mostly_utf8(place):
        raise place.refused("is not UTF-8 there, though it is elsewhere", _AS_UTF8, line=wrong.line)
    return _tried(place, Encoding(charset_of(wrong.sample)))


@dataclass(frozen=True, slots=True)
class _Wrong:
    line: int
    sample: bytes


def _tried(place: Place, encoding: Encoding) -> Encoding:
    wrong = _first_wrong(place, encoding)
    if wrong is not None:
        raise place.refused(f"is neither UTF-8 nor whole {encoding.codec}", _AS_UTF8, line=wrong.line)
    return encoding


def _first_wrong(place: Place, encoding: Encoding) -> _Wrong | None:
    """The first place that does not decode. Raises Unreadable for an empty character."""
    decoder = codecs.getincrementaldecoder(encoding.codec)("strict")
    line = 1
    with place.opened() as source:
        source.read(len(encoding.mark))
        while True:
            part = source.read(_PART)
            try:
                text = decoder.decode(part, final=not part)
            except UnicodeDecodeError as error:
                line += error.object[: error.start].decode(encoding.codec, "replace").count("\n")
                sample = error.object[max(0, error.start - 256) : error.start + _AROUND] + source.read(_AROUND)
                return _Wrong(line, sample[: 256 + _AROUND])
            if "\0" in text:
                line += text[: text.index("\0")].count("\n")
                raise place.refused(
                    "holds an empty character (NUL), which no text has",
                    "remove it, or export the file again",
                    line=line,
                )
            line += text.count("\n")
            if not part:
                return None


def _is_mostly_utf8(place: Place) -> bool:
    """More whole letters beyond ASCII than broken ones: two encodings in one file, and no guess would fit both."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    n_whole = n_broken = 0
    with place.opened() as source:
        while part := source.read(_PART):
            text = decoder.decode(part)
            if not text.isascii():
                n_broken += text.count("\ufffd")
                n_whole += len(_BEYOND.findall(text))
    return n_whole - n_broken > n_broken


@contextmanager
def as_text(place: Place, encoding: Encoding) -> Iterator[TextIO]:
    """The file as text, line ends as they are."""
    with place.opened() as source:
        source.read(len(encoding.mark))
        text = io.TextIOWrapper(
            cast("IO[bytes]", _Unclosed(source)), encoding=encoding.codec, errors="strict", newline=""
        )
        try:
            yield text
        finally:
            text.detach()


class _Unclosed(io.BufferedIOBase):
    """Bytes that somebody else opened and closes."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        return self._source.read(-1 if size is None else size)

    def read1(self, size: int = -1, /) -> bytes:
        return self._source.read(_PART if size < 0 else size)

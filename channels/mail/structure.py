"""The parts of a mail, within limits: depth, number of parts, size of headers. Bytes in, nothing raised.

The standard library's parser is not used for the whole: it recurses into nested parts (3,000 of them end it) and tries
every open boundary on every line, which for 400 nested parts in 1 MiB takes seconds. Its headers are used.
"""

import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.message import Message
from email.utils import unquote
from functools import cached_property

from care.message import Attachment
from channels.mail import charsets

DEPTH_MAX = 12
PARTS_MAX = 200
HEADER_MAX = 4_096
"""Bytes of one header that are read; References may be eight times as long."""
HEADERS_MAX = 262_144
FIELDS_MAX = 2_000
TEXT_MAX = 2_097_152
"""Bytes of one part that are read as text."""

_HEADER = re.compile(rb"([!-9;-~]{1,100})[ \t]*:[ \t]*(.*)", re.DOTALL)
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,4000})\?=")
_SNIFFED = re.compile(rb"^--([^\s-][^\r\n]{0,100})\r?\n(?=[A-Za-z-]{1,60}:)", re.MULTILINE)
_PART_HEADER = re.compile(
    rb"^(?:--\S{1,200}|(?:content-[a-z-]{1,40}|mime-version)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*)\r?$",
    re.IGNORECASE | re.MULTILINE,
)
_ESCAPED = re.compile(rb"=(?:C3|E2|C2|[89A-F][0-9A-F])(?==?[0-9A-Za-z])")
_BASE64 = re.compile(rb"\s*(?:[A-Za-z0-9+/]{40,998}\r?\n)*[A-Za-z0-9+/]{1,998}={0,2}\s*")


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in their order, names in lower case, values unfolded bytes."""

    fields: Sequence[tuple[str, bytes]]

    def all(self, name: str) -> list[str]:
        return [words(value[:HEADER_MAX]) for field_name, value in self.fields if field_name == name]

    def get(self, name: str) -> str:
        """The first one, decoded; empty where there is none."""
        return next(iter(self.all(name)), "")

    def ids(self, name: str) -> list[str]:
        """Message ids, whatever stands between them. Source: RFC 5322 section 3.6.4, and what is sent instead."""
        raw = b" ".join(value[: 8 * HEADER_MAX] for field_name, value in self.fields if field_name == name)
        text = raw.decode("utf-8", "replace")
        return [re.sub(r"\s+", "", id) for id in re.findall(r"<[^<>]{1,998}>", text)]

    def without(self, name: str) -> "Headers":
        return Headers(tuple(field for field in self.fields if field[0] != name))

    def __contains__(self, name: str) -> bool:
        return any(field_name == name for field_name, _ in self.fields)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part without parts. raw: as it was sent, not yet decoded."""

    headers: Headers
    raw: bytes = field(repr=False)
    media_type: str = "text/plain"
    is_forwarded: bool = False

    @property
    def size_bytes(self) -> int:
        """How large the part is when it is decoded; of base64 by its length, without decoding it."""
        encoding = self.headers.get("content-transfer-encoding").strip().casefold()
        if encoding != "base64":
            return len(_transferred(self.raw, encoding))
        n_signs = len(self.raw) - sum(self.raw.count(blank) for blank in (b"\r", b"\n", b" ", b"="))
        return n_signs * 3 // 4

    @property
    def content(self) -> bytes:
        """The file itself, as it was before it was sent."""
        return _transferred(self.raw, self.headers.get("content-transfer-encoding"))

    @property
    def text(self) -> str:
        """The part's text, before any HTML is read."""
        encoding = self.headers.get("content-transfer-encoding")
        body = _ends(_transferred(_ends(self.raw, 2 * TEXT_MAX), encoding), TEXT_MAX)
        if "content-transfer-encoding" not in self.headers:
            body = _undeclared(body)
        charset = _param(self.headers, "content-type", "charset")
        text = charsets.decode(body, charset, is_html=self.media_type == "text/html")
        return text.replace("\r\n", "\n").replace("\r", "\n")

    @property
    def name(self) -> str | None:
        """The file's name as its sender gave it, without folders."""
        named = _filename(self.headers)
        return re.split(r"[/\\]", named)[-1].strip()[:200] or None if named else None

    @property
    def is_attached(self) -> bool:
        disposition = self.headers.get("content-disposition").split(";")[0].strip().casefold()
        return disposition == "attachment" or self.name is not None

    @property
    def content_id(self) -> str:
        return self.headers.get("content-id").strip().strip("<>")

    @property
    def attachment(self) -> Attachment:
        return Attachment(
            name=self.name, media_type=self.media_type, size_bytes=self.size_bytes, content=lambda: self.content
        )


@dataclass(frozen=True)
class Branch:
    """A part with parts: kind is alternative, mixed, related, ... or rfc822 for a mail inside a mail."""

    headers: Headers
    kind: str
    parts: Sequence["Leaf | Branch"]

    @cached_property
    def leaves(self) -> list[Leaf]:
        return [leaf for part in self.parts for leaf in ([part] if isinstance(part, Leaf) else part.leaves)]


def parse(raw: bytes) -> Leaf | Branch:
    """One mail as its parts. What is nested too deep, or too many, is one part of text: its words stay."""
    budget = [PARTS_MAX]
    return _parse(_begun(raw), depth=0, budget=budget, fallback="text/plain", is_forwarded=False)


def _begun(raw: bytes) -> bytes:
    """Without what gateways put before the first header: byte order marks, empty lines, an mbox line."""
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n\t \xef\xbb\xbf")
    if re.match(rb">?From [^\s:]{1,200}[ \t][^\n]{0,200}\n", raw):
        raw = raw.partition(b"\n")[2]
    return raw


def _parse(raw: bytes, *, depth: int, budget: list[int], fallback: str, is_forwarded: bool) -> Leaf | Branch:
    headers, body = _split_head(raw)
    kind = _media_type(headers, fallback)
    budget[0] -= 1
    if depth >= DEPTH_MAX or budget[0] <= 0:
        if kind.startswith(("multipart/", "message/")):
            return Leaf(headers.without("content-type"), _unwrapped(body), is_forwarded=is_forwarded)
        return Leaf(headers, body, kind, is_forwarded)
    if kind.startswith("multipart/"):
        pieces = _pieces(body, _param(headers, "content-type", "boundary"))
        if not pieces:
            return Leaf(headers.without("content-type"), body, is_forwarded=is_forwarded)
        default = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        parts = [
            _parse(piece, depth=depth + 1, budget=budget, fallback=default, is_forwarded=is_forwarded)
            for piece in _within(pieces, budget)
        ]
        return Branch(headers, kind.partition("/")[2], parts)
    if kind in ("message/rfc822", "message/global"):
        body = _transferred(body, headers.get("content-transfer-encoding"))
        mail = _parse(_begun(body), depth=depth + 1, budget=budget, fallback="text/plain", is_forwarded=True)
        return Branch(headers, "rfc822", [_introduced(mail), mail])
    return Leaf(headers, body, kind, is_forwarded)


def _within(pieces: Sequence[bytes], budget: list[int]) -> Iterator[bytes]:
    """The pieces, those past the limit as one."""
    for at, piece in enumerate(pieces):
        if budget[0] <= 1:
            yield b"\n" + _unwrapped(b"\n".join(pieces[at:]))
            return
        yield piece


def _ends(raw: bytes, limit: int) -> bytes:
    """The start and the end of what is longer than the limit."""
    return raw if len(raw) <= limit else raw[: limit * 3 // 4] + b"\n" + raw[-(limit // 4) :]


def _unwrapped(body: bytes) -> bytes:
    """Nested parts without the lines that only part them."""
    return _PART_HEADER.sub(b"", _ends(body, TEXT_MAX))


def _introduced(mail: Leaf | Branch) -> Leaf:
    """Who wrote a mail that stands inside another, and about what."""
    lines = [f"{name}: {value}" for name in ("From", "Subject") if (value := mail.headers.get(name.lower()))]
    return Leaf(
        Headers((("content-type", b"text/plain; charset=utf-8"), ("content-transfer-encoding", b"8bit"))),
        "\n".join(lines).encode("utf-8", "replace"),
        is_forwarded=True,
    )


def _split_head(raw: bytes) -> tuple[Headers, bytes]:
    """Header fields and what follows. A line that is no header ends them, with or without an empty line."""
    fields: list[tuple[str, list[bytes]]] = []
    at = size = 0
    while at < len(raw) and size < HEADERS_MAX and len(fields) < FIELDS_MAX:
        end = raw.find(b"\n", at) + 1 or len(raw)
        line = raw[at : min(end, at + 8 * HEADER_MAX)].rstrip(b"\r\n")
        size += len(line) + 2
        if not line.strip():
            # An empty line: the body begins behind it.
            return _joined(fields), raw[end:]
        if line[:1] in b" \t" and fields:
            fields[-1][1].append(line.strip())
        else:
            match = _HEADER.fullmatch(line)
            if match is None:
                return _joined(fields), raw[at:]
            fields.append((match.group(1).decode("ascii").casefold(), [match.group(2)]))
        at = end
    return _joined(fields), raw[at:]


def _joined(fields: Sequence[tuple[str, list[bytes]]]) -> Headers:
    return Headers(tuple((name, b" ".join(values)) for name, values in fields))


def _pieces(body: bytes, boundary: str | None) -> list[bytes]:
    """The parts of a multipart body; with the boundary that is really there where the named one is not."""
    pieces = _cut(body, boundary.encode("utf-8", "surrogateescape")) if boundary else []
    if not pieces and (sniffed := _SNIFFED.search(body)) is not None:
        pieces = _cut(body, sniffed.group(1).rstrip())
    return pieces


def _cut(body: bytes, boundary: bytes) -> list[bytes]:
    line = re.compile(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
    pieces, start = [], None
    for match in line.finditer(body):
        if start is not None:
            pieces.append(body[start : match.start()])
        elif body[: match.start()].strip() and not pieces:
            pieces.append(b"Content-Type: text/x-preamble\n\n" + body[: match.start()])
        start = None if match.group(1) else match.end()
        if len(pieces) > PARTS_MAX:
            break
    if start is not None:
        pieces.append(body[start:])
    elif pieces and (last := body[body.rfind(b"--" + boundary + b"--") :].partition(b"\n")[2]).strip():
        pieces.append(b"Content-Type: text/x-epilogue\n\n" + last)
    return pieces


def _media_type(headers: Headers, fallback: str) -> str:
    if "content-type" not in headers:
        return fallback
    named = re.match(r"\s*([\w.+-]{1,60}/[\w.+-]{1,100})", headers.get("content-type"))
    return named.group(1).casefold() if named else "text/plain"


def _param(headers: Headers, name: str, param: str) -> str | None:
    message = Message()
    value = _plain_header(headers, name)
    if not value:
        return None
    message[name] = value
    try:
        given = message.get_param(param, header=name)
    except (ValueError, LookupError, TypeError, IndexError):
        return None
    if isinstance(given, tuple):
        given = given[2]
    return unquote(given).strip() if isinstance(given, str) else None


def _filename(headers: Headers) -> str | None:
    """Source: RFC 2231 and RFC 2047; many programs use the second where only the first is allowed."""
    message = Message()
    for name in ("content-disposition", "content-type"):
        if value := _plain_header(headers, name):
            message[name] = value
    try:
        file_name = message.get_filename()
    except (ValueError, LookupError, TypeError, IndexError):
        return None
    if not isinstance(file_name, str):
        return None
    return words(file_name.encode("utf-8", "surrogateescape"))


def _plain_header(headers: Headers, name: str) -> str:
    """One header as text that keeps its bytes: parameters are decoded after they are taken apart."""
    raw = next((value for field_name, value in headers.fields if field_name == name), b"")
    return " ".join(raw[:HEADER_MAX].decode("utf-8", "surrogateescape").split())


def words(raw: bytes) -> str:
    """A header's value as text: encoded words decoded, raw bytes guessed. Source: RFC 2047."""
    text = charsets.decode(raw)
    parts: list[str] = []
    pending, charset, last = b"", "", 0
    for match in _WORD.finditer(text):
        between = text[last : match.start()]
        named = match.group(1).partition("*")[0]
        if between.strip() or named.casefold() != charset.casefold():
            parts.append(charsets.decode(pending, charset or None))
            pending = b""
        # White space between two encoded words is not part of the text.
        if between.strip() or last == 0:
            parts.append(between)
        pending += _decoded_word(match.group(2), match.group(3))
        charset, last = named, match.end()
    parts.append(charsets.decode(pending, charset or None))
    parts.append(text[last:])
    return " ".join("".join(parts).split())


def _decoded_word(encoding: str, encoded: str) -> bytes:
    raw = encoded.encode("utf-8", "replace")
    return binascii.a2b_qp(raw, header=True) if encoding in "qQ" else _base64(raw)


def _transferred(raw: bytes, encoding: str) -> bytes:
    """A body without its transfer encoding; broken encodings give what can be read."""
    encoding = encoding.split(";")[0].strip().casefold()
    if encoding == "base64":
        return _base64(raw)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(raw)
    return raw


def _base64(raw: bytes) -> bytes:
    head, mark, tail = raw.partition(b"=")
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", head)
    # What stands behind the padding is a footer that a list added, or a second block: the first is what counts.
    del mark
    whole = clean[: len(clean) - len(clean) % 4]
    rest = clean[len(whole) :]
    if len(rest) == 1:
        rest = b""
    body = binascii.a2b_base64(whole + (rest + b"=" * (4 - len(rest)) if rest else b""))
    more = tail.lstrip(b"=\r\n\t ")
    if not more:
        return body
    return body + b"\n" + (_base64(more) if _BASE64.fullmatch(more[:4096]) and len(more) < len(raw) // 2 else more)


def _undeclared(body: bytes) -> bytes:
    """Quoted-printable or base64 that nobody declared."""
    if len(_ESCAPED.findall(body[:65_536])) >= 2 and not any(byte > 127 for byte in body[:65_536]):
        return binascii.a2b_qp(body)
    if 60 <= len(body) <= 262_144 and body[:1].isalnum() and _BASE64.fullmatch(body):
        decoded = _base64(body)
        try:
            text = decoded.decode("utf-8")
        except UnicodeDecodeError:
            return body
        return decoded if text.isprintable() or "\n" in text else body
    return body

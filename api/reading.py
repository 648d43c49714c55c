"""Reading what was sent: strict about bytes, sizes and shapes, so that nothing odd gets further than this file."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args
from urllib.parse import parse_qsl, unquote_to_bytes

from fastapi import Request
from pydantic import BaseModel, ValidationError

from api.failures import Refusal

JSON_MAX_BYTES = 1_048_576
STREAM_MAX_BYTES = 16 * 1_048_576
"""Of a stream of texts; it is held in memory while it is read, and nowhere else."""
JSON_LINES = ("application/jsonl", "application/x-ndjson", "application/x-jsonlines")
INBOX_MAX_BYTES = 3 * 1_048_576  # Meta sends batches of up to this size
FORM_MAX_BYTES = 262_144
SMALL_MAX_BYTES = 65_536
"""Of what is read of somebody who has not signed in: an address and a password, or the answer of a contact."""
DEPTH_MAX, KEYS_MAX = 32, 20_000
"""A batch of 256 inputs has about 1,000 keys; twenty times that is an attack."""

_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"')
_BRACKETS = re.compile(rb"[\[\]{}]")
_CONTROL = re.compile(r"[\x00\ud800-\udfff]")

Shape = TypeVar("Shape", bound=BaseModel)


async def raw_body(request: Request, *, limit: int) -> bytes:
    """The bytes of the body, refused as soon as they are more than `limit`."""
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise Refusal("unsupported_media_type")
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:18]) > limit:
        raise _too_large(limit)
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    return b"".join(chunks)


def _too_large(limit: int) -> Refusal:
    return Refusal("payload_too_large", detail=f"The body is larger than {limit:,} bytes. Send it in parts.")


def _media_type(request: Request) -> str:
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    charset = rest.replace(" ", "").lower()
    if "charset=" in charset and charset.split("charset=")[1].strip('"').split(";")[0] not in ("utf-8", "utf8"):
        raise Refusal("unsupported_media_type")
    return kind.strip().lower()


def strict_json(raw: bytes) -> Any:
    """Parse JSON as its standard has it and no further.

    Refuses: bytes that are not UTF-8, a key named twice, NaN and infinities, numbers outside what a double or a
    64-bit integer holds, NUL and lone surrogates, more than 32 levels. Raises Refusal.
    """
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal("invalid_encoding") from error
    _check_depth(raw)
    keys = 0

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal keys
        keys += len(items)
        members = dict(items)
        if len(members) != len(items):
            raise Refusal("invalid_json", detail="An object in the body names one key twice.")
        if keys > KEYS_MAX:
            raise Refusal("invalid_json", detail=f"The body has more than {KEYS_MAX:,} keys. Send it in parts.")
        for key in members:
            _check_text(key)
        return members

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=_refuse, parse_float=_real, parse_int=_whole)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Refusal("invalid_json", detail=f"The body is not valid JSON: look at {where}.") from error
    except (ValueError, RecursionError) as error:
        raise Refusal("invalid_json") from error
    _check_strings(value)
    return value


def _check_depth(raw: bytes) -> None:
    depth = 0
    for bracket in _BRACKETS.finditer(_STRINGS.sub(b"", raw)):
        depth += 1 if bracket.group() in b"[{" else -1
        if depth > DEPTH_MAX:
            raise Refusal("invalid_json", detail=f"The body is nested more than {DEPTH_MAX} levels deep.")


def _refuse(_: str) -> None:
    raise Refusal("invalid_json", detail="NaN and infinities are not valid JSON. Leave the value out, or send null.")


def _real(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Refusal("validation_failed", detail="A number is too large.")
    return number


def _whole(digits: str) -> int:
    if len(digits) > 20 or not -(2**63) <= int(digits) < 2**63:
        raise Refusal("validation_failed", detail="A number is too large.")
    return int(digits)


def _check_text(text: str) -> None:
    if _CONTROL.search(text):
        raise Refusal("validation_failed", detail="A text holds a NUL or half of a surrogate pair.")


def _check_strings(value: Any) -> None:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, list):
        for item in value:
            _check_strings(item)
    elif isinstance(value, dict):
        for item in value.values():
            _check_strings(item)


WORDS = {
    "missing": "This field is needed.",
    "model_type": "This has to be a JSON object.",
    "datetime_parsing": "Write the time as RFC 3339 has it, with its offset, as in 2026-03-01T09:30:00Z.",
    "value_error": "This value cannot be used.",
}
"""What we say in place of pydantic's own words, by the kind of problem."""


def as_problems(shape: type[BaseModel], error: ValidationError) -> list[dict[str, str]]:
    """Where a value does not fit a shape and what belongs there, never what stood there; at most 20."""
    # Pydantic's own list repeats the input; only the place and the kind leave the house.
    problems: dict[str, tuple[int, dict[str, str]]] = {}
    for item in error.errors(include_input=False, include_url=False, include_context=False):
        pointer, at = _place(shape, item["loc"])
        detail = WORDS.get(item["type"], item["msg"])
        if item["type"] == "extra_forbidden":
            detail = f"There is a key here that this request does not have; it has {', '.join(at.model_fields)}."
        # Where a value may be of several kinds, each says what is wrong: the one that got furthest is meant.
        if len(item["loc"]) > problems.get(pointer, (-1, {}))[0]:
            problems[pointer] = len(item["loc"]), {"pointer": pointer, "code": item["type"], "detail": detail}
    return [problem for _, problem in problems.values()][:20]


def _place(shape: type[BaseModel], loc: Sequence[str | int]) -> tuple[str, type[BaseModel]]:
    """The way to a problem by our own names, and the shape it ends in: unknown keys are the sender's words."""
    path = []
    for part in loc:
        if isinstance(part, int):
            path.append(str(part))
            continue
        field = shape.model_fields.get(part)
        if field is None:
            break
        path.append(part)
        inner = _shape_in(field.annotation)
        if inner is None:
            break
        shape = inner
    return "/" + "/".join(path), shape


def _shape_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((shape for part in get_args(annotation) if (shape := _shape_in(part)) is not None), None)


def shaped(shape: type[Shape], value: Any) -> Shape:
    """The value as this shape. Raises Refusal with a list of places, never with what stood there."""
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        problems = as_problems(shape, error)
        raise Refusal("validation_failed", problems=problems, detail=n_wrong(problems)) from error


def n_wrong(problems: Sequence[object]) -> str:
    """How many fields are wrong, in words."""
    return f"{len(problems)} field{'s are' if len(problems) > 1 else ' is'} wrong."


@dataclass(frozen=True, slots=True)
class JsonBody(Generic[Shape]):
    """A dependency that reads the body as a shape. limit: in bytes, what the settings say without it."""

    shape: type[Shape]
    limit: int | None = None

    async def __call__(self, request: Request) -> Shape:
        kind = _media_type(request)
        raw = await raw_body(request, limit=self.limit or request.app.state.parts.max_body_bytes)
        if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
            raise Refusal("unsupported_media_type")
        return shaped(self.shape, strict_json(raw))


@dataclass(frozen=True, slots=True)
class JsonLinesBody:
    """A dependency that reads the bytes of a body with a JSON object a line. shape: of each, for the document."""

    shape: type[BaseModel]

    async def __call__(self, request: Request) -> bytes:
        kind = _media_type(request)
        raw = await raw_body(request, limit=STREAM_MAX_BYTES)
        if kind not in JSON_LINES:
            raise Refusal("unsupported_media_type", detail=f"Send `Content-Type: {JSON_LINES[0]}`, the body in UTF-8.")
        return raw


async def form_body(request: Request) -> dict[str, str]:
    """The fields of a form; a field sent twice is refused."""
    return await _form(request, limit=FORM_MAX_BYTES)


async def small_form(request: Request) -> dict[str, str]:
    """The same of somebody who has not signed in."""
    return await _form(request, limit=SMALL_MAX_BYTES)


async def _form(request: Request, *, limit: int) -> dict[str, str]:
    if _media_type(request) != "application/x-www-form-urlencoded":
        raise Refusal("unsupported_media_type")
    raw = await raw_body(request, limit=limit)
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=60)
    except ValueError as error:
        raise Refusal("invalid_encoding") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Refusal("invalid_request")
    for value in fields.values():
        _check_text(value)
    # A browser sends CRLF for every line break of a textarea.
    return {name: value.replace("\r\n", "\n") for name, value in fields.items()}


def utf8_query(query: bytes) -> None:
    """Refuse an address whose query is not UTF-8 or holds a NUL. Raises Refusal."""
    try:
        text = unquote_to_bytes(query).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal("invalid_encoding") from error
    if "\x00" in text:
        raise Refusal("invalid_request")

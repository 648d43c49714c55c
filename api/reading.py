"""Reading what was sent: strict about bytes, sizes and shapes, so that nothing odd gets further than this file."""

import json
import math
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote_to_bytes

from fastapi import Request
from pydantic import BaseModel, ValidationError

from api.failures import Refusal

JSON_MAX_BYTES = 1_048_576
INBOX_MAX_BYTES = 3 * 1_048_576  # Meta sends batches of up to this size
FORM_MAX_BYTES = 262_144
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
        raise Refusal("payload_too_large")
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise Refusal("payload_too_large")
        chunks.append(chunk)
    return b"".join(chunks)


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
        found = dict(items)
        if len(found) != len(items) or keys > KEYS_MAX:
            raise Refusal("invalid_json")
        for key in found:
            _check_text(key)
        return found

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=_refuse, parse_float=_real, parse_int=_whole)
    except (ValueError, RecursionError) as error:
        raise Refusal("invalid_json") from error
    _check_strings(value)
    return value


def _check_depth(raw: bytes) -> None:
    depth = 0
    for bracket in _BRACKETS.finditer(_STRINGS.sub(b"", raw)):
        depth += 1 if bracket.group() in b"[{" else -1
        if depth > DEPTH_MAX:
            raise Refusal("invalid_json")


def _refuse(_: str) -> None:
    raise Refusal("invalid_json")


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


def _as_problems(error: ValidationError) -> list[dict[str, str]]:
    # Pydantic's own list repeats the input; only the place and the kind leave the house. Unknown keys are the
    # sender's words too, so their place is their parent.
    problems = []
    for item in error.errors(include_input=False, include_url=False, include_context=False)[:20]:
        place = item["loc"][:-1] if item["type"] == "extra_forbidden" else item["loc"]
        detail = "There is a key here that this request does not have." if place != item["loc"] else item["msg"]
        if item["type"] == "value_error":
            detail = "This value cannot be used."
        problems.append(
            {"pointer": "/" + "/".join(str(part) for part in place), "code": item["type"], "detail": detail}
        )
    return problems


def shaped(shape: type[Shape], value: Any) -> Shape:
    """The value as this shape. Raises Refusal with a list of places, never with what stood there."""
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        problems = _as_problems(error)
        count = len(problems)
        detail = f"{count} field{'s are' if count > 1 else ' is'} wrong."
        raise Refusal("validation_failed", problems=problems, detail=detail) from error


def json_body(shape: type[Shape]) -> Callable[[Request], Awaitable[Shape]]:
    """A dependency that reads the body as this shape."""

    async def read(request: Request) -> Shape:
        kind = _media_type(request)
        raw = await raw_body(request, limit=JSON_MAX_BYTES)
        if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
            raise Refusal("unsupported_media_type")
        return shaped(shape, strict_json(raw))

    return read


async def form_body(request: Request) -> dict[str, str]:
    """The fields of a form; a field sent twice is refused."""
    if _media_type(request) != "application/x-www-form-urlencoded":
        raise Refusal("unsupported_media_type")
    raw = await raw_body(request, limit=FORM_MAX_BYTES)
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

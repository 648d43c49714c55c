"""Care values to JSON and back, by their own type hints.

A field that a row was written without gets the dataclass's default, and a field the dataclass no longer has is left
out: old rows stay readable when a value grows. `unpack(kind, pack(value)) == value` for every value care keeps.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from store.texts import keepable


def pack(value: Any) -> Any:
    """Turn a care value into what JSON can hold.

    Raises TypeError for a type JSON has no shape for: better here than a row nobody can read.
    """
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return keepable(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: pack(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {keepable(str(key)): pack(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(pack(item) for item in value)
    if isinstance(value, tuple | list):
        return [pack(item) for item in value]
    raise TypeError(f"{type(value).__name__} cannot be kept.")


def unpack(kind: Any, data: Any) -> Any:
    """Rebuild a care value of type `kind` from what `pack` made of it."""
    origin = get_origin(kind)
    if data is None or kind is Any or kind is object:
        return data
    if origin in (Union, UnionType):
        return unpack(next(option for option in get_args(kind) if option is not type(None)), data)
    if origin is tuple:
        inner = get_args(kind)
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(unpack(inner[0], item) for item in data)
        return tuple(unpack(option, item) for option, item in zip(inner, data, strict=True))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: unpack(get_args(kind)[1], item) for key, item in data.items()}
    if isinstance(origin, type) and issubclass(origin, frozenset | list):
        return origin(unpack(get_args(kind)[0], item) for item in data)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{name: unpack(hints[name], item) for name, item in data.items() if name in hints})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    if kind is datetime:
        return datetime.fromisoformat(data)
    return float(data) if kind is float else data


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}

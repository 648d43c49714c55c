"""A wide value is made of parts: fields that mean something together, under a name of their own."""

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar, get_type_hints

Value = TypeVar("Value")


class Part:
    """What the frozen dataclass of a field of a wider one is. A row keeps its fields beside those of the whole.

    So no field of a part may have the name of a field of the whole, or of another part.
    """

    __slots__ = ()


@cache
def parts_of(kind: Any) -> Mapping[str, Any]:
    """The classes of the parts of a value of this class, by the names of their fields."""
    hints = get_type_hints(kind)
    own = {field.name: hints[field.name] for field in fields(kind) if field.init}
    return {name: hint for name, hint in own.items() if isinstance(hint, type) and issubclass(hint, Part)}


@cache
def names_of(kind: Any) -> frozenset[str]:
    """The names of the fields that a value of this class is made by, those of its parts in place of the parts."""
    parts = parts_of(kind)
    own = frozenset(field.name for field in fields(kind) if field.init) - parts.keys()
    return own.union(*(names_of(part) for part in parts.values()))


def flat(value: Any) -> dict[str, Any]:
    """The fields that a value is made by, by name, those of its parts in place of the parts."""
    kind: Any = type(value)
    held: dict[str, Any] = {}
    for field in (field for field in fields(kind) if field.init):
        item = getattr(value, field.name)
        held |= flat(item) if field.name in parts_of(kind) else {field.name: item}
    return held


def whole(kind: type[Value], held: Mapping[str, Any]) -> Value:
    """The value that has these fields, each by itself or in its part. Raises TypeError where one is missing."""
    plain: Any = kind
    rest, parts = dict(held), {}
    for name, part in parts_of(plain).items():
        parts[name] = whole(part, {key: rest.pop(key) for key in names_of(part) & rest.keys()})
    made: Value = plain(**rest, **parts)
    return made

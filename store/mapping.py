"""A care value and its row share names: one way from the value to columns, and one way back."""

from dataclasses import is_dataclass
from functools import cache
from typing import Any, TypeVar

from care.parts import flat, names_of, whole
from store.tables import TableRow

Value = TypeVar("Value")


def to_columns(value: object, row: type[TableRow]) -> dict[str, Any]:
    """What the columns of `row` hold of a value: those with the name of a field of it, or of one of its parts."""
    if not is_dataclass(value):
        raise TypeError(f"{type(value).__name__} has no fields to keep: give a dataclass.")
    kind: Any = type(value)
    held = flat(value)
    return {name: held[name] for name in _shared(kind, row)}


def from_row(kind: type[Value], row: TableRow, **others: object) -> Value:
    """The value that a row holds. others: fields that no column has the name of, or that are not its column's."""
    plain: Any = kind
    held = {name: getattr(row, name) for name in _shared(plain, type(row)) if name not in others}
    return whole(kind, {**held, **others})


@cache
def _shared(kind: Any, row: type[TableRow]) -> tuple[str, ...]:
    """Names of columns, in the table's order, that are fields too."""
    known: frozenset[str] = names_of(kind)
    return tuple(name for name in row.__table__.columns.keys() if name in known)

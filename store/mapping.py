"""A care value and its row share names: one way from the value to columns, and one way back."""

from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar

from store.tables import TableRow

Value = TypeVar("Value")


def to_columns(value: object, row: type[TableRow]) -> dict[str, Any]:
    """What the columns of `row` hold of a value: those with the name of one of its fields."""
    kind: type = type(value)
    return {name: getattr(value, name) for name in _shared(kind, row)}


def from_row(kind: type[Value], row: TableRow, **others: object) -> Value:
    """The value that a row holds. others: fields that no column has the name of, or that are not its column's."""
    plain: type = kind
    held = {name: getattr(row, name) for name in _shared(plain, type(row)) if name not in others}
    return kind(**held, **others)


@cache
def _shared(kind: type, row: type[TableRow]) -> tuple[str, ...]:
    """Names of columns, in the table's order, that are fields too."""
    if not is_dataclass(kind):
        raise TypeError(f"{kind.__name__} has no fields to keep: give a dataclass.")
    known = {field.name for field in fields(kind)}
    return tuple(name for name in row.__table__.columns.keys() if name in known)

"""The statements that every noun needs: insert once, one row or many, and update if."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, Delete, Table, Update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from store.tables import TableRow


def insert_once(session: Session, row: type[TableRow], values: Mapping[str, Any]) -> bool:
    """Insert unless a unique key is already there. True when it was inserted."""
    table, insert = _insert_into(session, row)
    statement = insert.values(**values).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return session.execute(statement).first() is not None


def insert_or_update(session: Session, row: type[TableRow], values: Mapping[str, Any]) -> None:
    """Insert, or put these values where the primary key is already there."""
    table, insert = _insert_into(session, row)
    key = [column.name for column in table.primary_key.columns]
    rest = {name: value for name, value in values.items() if name not in key}
    session.execute(insert.values(**values).on_conflict_do_update(index_elements=key, set_=rest))


def insert_all_once(session: Session, row: type[TableRow], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows by one statement, each unless a unique key is already there."""
    if rows:
        _, insert = _insert_into(session, row)
        session.execute(insert.on_conflict_do_nothing(), [dict(values) for values in rows])


def _insert_into(session: Session, row: type[TableRow]) -> tuple[Table, Any]:
    table = row.__table__
    assert isinstance(table, Table)
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return table, insert_sqlite(table) if is_sqlite else insert_postgresql(table)


def changed(session: Session, update: Update | Delete) -> int:
    """Run a conditional update or deletion and say how many rows it met."""
    result = session.execute(update.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount

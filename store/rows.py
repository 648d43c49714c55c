"""Two statements that every noun needs: insert once, and update if."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import CursorResult, Table, Update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from store.tables import Row


def insert_once(session: Session, row: type[Row], values: Mapping[str, Any]) -> bool:
    """Insert unless a unique key is already there. True when it was inserted."""
    table = row.__table__
    assert isinstance(table, Table)
    insert = insert_sqlite if session.get_bind().dialect.name == "sqlite" else insert_postgresql
    statement = insert(table).values(**values).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return session.execute(statement).first() is not None


def changed(session: Session, update: Update) -> int:
    """Run a conditional update and say how many rows it met."""
    result = session.execute(update.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount

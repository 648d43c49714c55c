"""Alembic's entry: runs inside the connection that `store.migrate.migrate` opened."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.types import TypeDecorator

from store.said import is_compared
from store.tables import TableRow


def _plain(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """Migrations name the database's types, not ours: old ones must keep running when our classes move on."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=TableRow.metadata,
        render_item=_plain,
        render_as_batch=True,
        transactional_ddl=True,
        compare_type=True,
        include_object=is_compared,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            # Two processes that start at once migrate one after the other, and a large table may take its time.
            connection.execute(text("SELECT pg_advisory_xact_lock(7310034)"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        context.run_migrations()


if "connection" not in context.config.attributes:
    raise CommandError(
        'Say  make migration NAME="..."  to write one; the service brings its database up to date itself.'
    )
_run(context.config.attributes["connection"])

"""Whether the tables of a database are those of the code."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from store.said import is_compared
from store.tables import TableRow
from store.work import looking, open_engine


def differences(url: str) -> list[object]:
    """What the tables in the database lack or have too much, compared with `store/tables.py`."""
    engine = open_engine(url)
    try:
        with looking(engine).connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_compared})
            return list(compare_metadata(context, TableRow.metadata))
    finally:
        engine.dispose()

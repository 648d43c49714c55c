"""Bring a database to the tables this version of tactful works with."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from care.errors import Unreachable
from care.failpoints import Point, reach
from store.work import looking, open_engine, reason_of, where

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(url: str, *, to: str = "head") -> str:
    """Run every migration that has not run yet, in one transaction. Returns the revision the database is at now.

    to: the revision to stop at.

    Safe to run twice and by several processes at once.
    Raises Unreachable when the database is away, or was written by a newer tactful.
    """
    engine = open_engine(url, is_migrating=True)
    try:
        with engine.begin() as connection:
            config = Config()
            # Percent signs are Alembic's own syntax in a path.
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, to)
            reach(Point.MIGRATE_UNCOMMITTED)
            if engine.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise Unreachable(f"The database at {where(engine.url)} has rows without parents: nothing changed.")
            return MigrationContext.configure(connection).get_current_revision() or ""
    except CommandError as error:
        raise Unreachable(
            f"The database at {where(engine.url)} was written by a newer tactful; update this one."
        ) from error
    except DBAPIError as error:
        raise Unreachable(
            f"The database at {where(engine.url)} cannot be brought up to date: {reason_of(error)}"
        ) from error
    finally:
        engine.dispose()


def newest_revision() -> str:
    """The revision this version of tactful works with."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


def is_known(name: str) -> bool:
    """Whether this version of tactful knows a revision, and can so bring its tables up to date."""
    return any(revision.revision == name for revision in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def revision(url: str) -> str:
    """The revision the database is at; empty before the first migration."""
    engine = open_engine(url)
    try:
        with looking(engine).connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() or ""
    except DBAPIError as error:
        raise Unreachable(f"The database at {where(engine.url)} cannot be used now: {reason_of(error)}") from error
    finally:
        engine.dispose()

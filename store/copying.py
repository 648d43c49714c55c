"""A copy of the whole database, taken while others write, and put back: SQLite by its backup API, PostgreSQL by
`pg_dump` and `pg_restore`."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import MetaData, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from care.errors import BadInput, Unreachable
from store.migrate import revision
from store.work import open_engine, reason_of, where

SQLITE, POSTGRESQL = "database.sqlite", "database.dump"
"""What the copy of each kind is called."""


def name_of_copy(url: str) -> str:
    return SQLITE if make_url(url).get_backend_name() == "sqlite" else POSTGRESQL


def copy_to(url: str, target: Path) -> None:
    """Write a copy of one moment. Nobody who writes meanwhile waits for it. Raises Unreachable."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        _copy_sqlite(Path(str(parsed.database)), target)
    else:
        _run(parsed, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def check_copy(path: Path) -> None:
    """Raises BadInput for a copy that is damaged."""
    if path.name != SQLITE:
        return
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as copy:
        try:
            [verdict] = copy.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            raise BadInput(f"{path} is no database any more: {error}.") from error
    if verdict != "ok":
        raise BadInput(f"{path} is damaged: {verdict}.")


def put_back(url: str, source: Path, *, aside: Path) -> None:
    """Put a copy in place of what is there. aside: a folder for what was there. Raises Unreachable, BadInput."""
    parsed = make_url(url)
    if name_of_copy(url) != source.name:
        raise BadInput(
            f"The backup holds {source.name}, and database.url names {where(parsed)}: restore to its own kind."
        )
    if parsed.get_backend_name() == "sqlite":
        _put_back_sqlite(Path(str(parsed.database)), source, aside=aside)
    else:
        if not is_empty(url):
            aside.mkdir(mode=0o700, parents=True, exist_ok=True)
            copy_to(url, aside / POSTGRESQL)
            _drop_all(url)
        whole = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
        _run(parsed, "pg_restore", *whole, f"--dbname={_plain(parsed)}", str(source))


def is_empty(url: str) -> bool:
    """Whether there is no database of ours yet."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).exists():
        return True
    return not revision(url)


def _copy_sqlite(path: Path, target: Path) -> None:
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        source = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
        with closing(source), closing(sqlite3.connect(target)) as copy:
            # All pages in one step: with smaller ones it would begin again whenever somebody writes.
            source.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise Unreachable(f"The database at {path} cannot be copied now: {error}") from error


def _put_back_sqlite(path: Path, source: Path, *, aside: Path) -> None:
    aside.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}-restored")
    shutil.copyfile(source, draft)
    draft.chmod(0o600)
    with open(draft, "rb") as file:
        os.fsync(file.fileno())
    for suffix in ("-wal", "-shm", ""):
        old = path.with_name(path.name + suffix)
        if old.exists():
            old.replace(aside / old.name)
    draft.replace(path)


def _drop_all(url: str) -> None:
    """Newer tables than those of the copy would stay and be in the way."""
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            tables = MetaData()
            tables.reflect(connection)
            tables.drop_all(connection)
    except DBAPIError as error:
        raise Unreachable(f"The tables at {where(engine.url)} cannot be put aside: {reason_of(error)}") from error
    finally:
        engine.dispose()


def _run(url: URL, program: str, *options: str) -> None:
    address = () if program == "pg_restore" else (f"--dbname={_plain(url)}",)
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    command = [_find(program), *options, *address]
    done = subprocess.run(
        command, env={**os.environ, **password}, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        said = next(iter(done.stderr.splitlines()), "no reason given")
        raise Unreachable(f"{program} on {where(url)} ended with {done.returncode}: {said}")


def _plain(url: URL) -> str:
    """The address as PostgreSQL's own programs read it, without a password that others could see in a list."""
    query: Mapping[str, object] = url.query
    plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, query)  # type: ignore[arg-type]
    return plain.render_as_string(hide_password=False)


def _find(program: str) -> str:
    path = shutil.which(program)
    if path:
        return path
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3]))
    if newest:
        return str(newest[-1])
    raise Unreachable(f"{program} is not installed (Debian: apt-get install postgresql-client); it copies PostgreSQL.")

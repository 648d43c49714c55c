"""A throw-away PostgreSQL server for tests and benchmarks, on a unix socket, run by an unprivileged user."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from sqlalchemy import text

from store.migrate import migrate, newest_revision
from store.tables import TableRow
from store.work import open_engine


@contextmanager
def cluster() -> Iterator[str]:
    """The URL of a migrated database, on a server of its own. Raises RuntimeError where PostgreSQL is not installed."""
    binaries = _binaries()
    if binaries is None:
        raise RuntimeError("PostgreSQL is not installed (Debian: apt-get install postgresql); `make test` does it")
    folder = Path(mkdtemp(prefix="tactful-pg-"))
    as_nobody: dict[str, Any] = {}
    if os.getuid() == 0:
        # PostgreSQL refuses to run as root.
        shutil.chown(folder, "nobody")
        as_nobody = {"user": "nobody", "env": {**os.environ, "HOME": str(folder)}}
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_nobody)

    run(str(binaries / "initdb"), "-D", str(data), "-U", "tactful", "--auth=trust", "--no-sync", "-E", "UTF8")
    settings = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c full_page_writes=off"
    run(str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", settings, "start")
    try:
        url = f"postgresql+psycopg://tactful@/postgres?host={folder}"
        migrate(url)
        yield url
    finally:
        run(str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder)


def empty(url: str) -> None:
    """Take every row out, as a new database has it. Fifty times faster than a database for each test."""
    tables = ", ".join(f'"{name}"' for name in TableRow.metadata.tables)
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
        connection.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest_revision()})
    engine.dispose()


def _binaries() -> Path | None:
    path = shutil.which("pg_ctl")
    if path and shutil.which("initdb"):
        return Path(path).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None

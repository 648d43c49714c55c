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


# Of 42 tables a test fills a few: to look into each and delete is six times faster than to truncate them all.
_EMPTY = text("""
DO $$ DECLARE name text; has_rows boolean; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT quote_ident(tablename) FROM pg_tables
      WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE 'SELECT EXISTS (SELECT 1 FROM ' || name || ')' INTO has_rows;
    IF has_rows THEN EXECUTE 'DELETE FROM ' || name; END IF;
  END LOOP;
  FOR name IN SELECT quote_ident(sequencename) FROM pg_sequences
      WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
    EXECUTE 'ALTER SEQUENCE ' || name || ' RESTART';
  END LOOP;
END $$""")


def empty(url: str) -> None:
    """Take every row out, as a new database has it. Far faster than a database for each test."""
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(_EMPTY)
        connection.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest_revision()})
    engine.dispose()


def _binaries() -> Path | None:
    path = shutil.which("pg_ctl")
    if path and shutil.which("initdb"):
        return Path(path).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None

"""The migrations make exactly the tables the code works with, on both databases."""

import os
import shutil
from pathlib import Path

import pytest
from sqlalchemy import Index, text

from care.correcting import labels_by_people
from care.errors import BadSettings, Unreachable
from store.migrate import MIGRATIONS, migrate, newest_revision, revision
from store.new_migration import write_migration
from store.tables import TableRow
from store.work import open_engine, open_store
from tests.tables import differences


def test_migrated_tables_are_the_tables_of_the_code(any_url: str) -> None:
    assert revision(any_url) == newest_revision()
    assert differences(any_url) == []


def test_migrating_twice_changes_nothing(any_url: str) -> None:
    assert migrate(any_url) == newest_revision()


def test_a_database_without_tables_says_how_to_make_them(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'tactful.db'}")

    with pytest.raises(Unreachable, match="`tactful up` and `tactful migrate` make what is missing"):
        list(labels_by_people(store))


def test_an_index_is_one_line_in_the_tables_and_one_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations"))
    monkeypatch.setattr("store.migrate.MIGRATIONS", folder)
    table = TableRow.metadata.tables["message"]
    index = Index("ix_message_try", table.c.thread_id, table.c.id)
    try:
        written = write_migration("An index to try")
        url = f"sqlite:///{tmp_path / 'tactful.db'}"

        assert written.name == f"{int(newest_revision()):04}_an_index_to_try.py"
        assert "ix_message_try" in written.read_text("utf-8")
        assert migrate(url) == newest_revision()
        assert differences(url) == []
    finally:
        table.indexes.discard(index)


def test_a_database_of_a_newer_tactful_is_left_alone(any_url: str) -> None:
    engine = open_engine(any_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(Unreachable, match="newer tactful"):
        migrate(any_url)


def test_sqlite_is_set_up_to_lose_and_to_leak_nothing(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 5000}

    with engine.connect() as connection:
        settings_now = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}

    engine.dispose()
    assert settings_now == wanted


def test_a_connection_to_a_host_that_is_cut_off_ends_within_seconds(postgres_url: str) -> None:
    # A host that is cut off acknowledges nothing: only the kernel can tell.
    engine = open_engine(postgres_url)
    with engine.connect() as connection:
        info = connection.connection.driver_connection.info  # type: ignore[union-attr]
        said = info.get_parameters()
    engine.dispose()

    assert said["tcp_user_timeout"] == "5000"
    assert float(said["keepalives_idle"]) + 3 * float(said["keepalives_interval"]) <= 11


def test_postgresql_waits_for_nothing_for_ever(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    wanted = {
        "statement_timeout": "5s",
        "lock_timeout": "4s",
        "idle_in_transaction_session_timeout": "10s",
        "synchronous_commit": "on",
        "TimeZone": "UTC",
    }

    with engine.connect() as connection:
        settings_now = {name: connection.exec_driver_sql(f"SHOW {name}").scalar() for name in wanted}

    engine.dispose()
    assert settings_now == wanted


def test_a_deleted_text_is_gone_from_the_file(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO thread VALUES ('thr_1', 'chat', 'swordfish')"))
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM thread"))
    with engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()

    path = Path(sqlite_url.removeprefix("sqlite:///"))
    assert all(b"swordfish" not in file.read_bytes() for file in path.parent.glob("tactful.db*"))
    assert os.path.getsize(path) > 0


@pytest.mark.parametrize("url", ["", "mysql://x/y", "tactful.db", "oracle+x://"])
def test_an_address_that_is_no_database_of_ours_is_refused_in_words(url: str) -> None:
    with pytest.raises(BadSettings, match=r"database\.url"):
        open_engine(url)

"""A database of the version before cases keeps every row, and every open matter stands in a list afterwards."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Connection, MetaData, Table, create_engine, insert, make_url, select, text

from care.case import CaseState
from care.lists import View
from care.reply import ReplyStage
from store.migrate import migrate
from store.work import open_engine, open_store
from tests.tables import differences

IN_ORDER = (
    "person", "session", "service_key", "thread", "message", "task", "classification", "correction", "suggestion",
    "reply", "offline_task", "escalation", "notice", "satisfaction", "play_flag", "event",
)  # fmt: skip
DATA = Path(__file__).parent / "data" / "before_cases.json"
"""Every row of a database that the version before cases wrote itself, in an order that foreign keys allow."""


@pytest.fixture(params=["sqlite", "postgres"])
def old_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database as it was before cases, with rows in it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.db'}"
        _fill(url)
        yield url
        return
    cluster = request.getfixturevalue("postgres_cluster")
    admin = create_engine(make_url(cluster), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS before_cases"))
        connection.execute(text("CREATE DATABASE before_cases"))
    url = make_url(cluster).set(database="before_cases").render_as_string(hide_password=False)
    _fill(url)
    yield url
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE before_cases WITH (FORCE)"))
    admin.dispose()


def rows_before() -> dict[str, list[dict[str, Any]]]:
    loaded: dict[str, list[dict[str, Any]]] = json.loads(DATA.read_text("utf-8"))
    return loaded


def _fill(url: str) -> None:
    migrate(url, to="0003")
    engine = open_engine(url)
    with engine.begin() as connection:
        for name in IN_ORDER:
            table = Table(name, MetaData(), autoload_with=connection)
            for row in rows_before()[name]:
                connection.execute(insert(table).values(_typed(table, row)))
    engine.dispose()


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """SQLite's texts and numbers as the column's own kind."""
    typed = dict(row)
    for name, value in row.items():
        if value is None:
            continue
        kind = str if isinstance(table.c[name].type, JSON) else table.c[name].type.python_type
        if kind is datetime:
            typed[name] = datetime.fromisoformat(value).replace(tzinfo=UTC)
        elif isinstance(table.c[name].type, JSON):
            typed[name] = json.loads(value)
        elif kind is bool:
            typed[name] = bool(value)
    return typed


def _ids(connection: Connection, table: str) -> set[str]:
    kept_table = Table(table, MetaData(), autoload_with=connection)
    return {str(row[0]) for row in connection.execute(select(*kept_table.primary_key.columns))}


def test_no_row_is_lost_and_the_tables_are_those_of_the_code(old_url: str) -> None:
    engine = open_engine(old_url)
    kept = [name for name in rows_before() if rows_before()[name]]
    with engine.connect() as connection:
        before = {name: _ids(connection, name) for name in kept}

    migrate(old_url)

    with engine.connect() as connection:
        after = {name: _ids(connection, name) for name in kept}
    engine.dispose()
    assert after == before
    assert differences(old_url) == []


def test_every_case_stands_where_its_matter_stood(old_url: str) -> None:
    migrate(old_url)

    store = open_store(old_url)
    with store(read=True) as work:
        files = {file.message.text: file for file in work.lists.page(View.ALL, limit=200).cases}
        now_due = {file.message.text for file in work.lists.page(View.NOW_DUE, limit=200).cases}
        assert work.cases.of_message(files["public one"].message.id).customer == "kim"
    store.close()
    states = {said: file.case.standing.state for said, file in files.items()}
    assert states == {
        "still waits, prepared": CaseState.NEW,
        "only received": CaseState.NEW,
        "answered": CaseState.WAITING_FOR_CUSTOMER,
        "rejected": CaseState.NEW,
        "dismissed": CaseState.RESOLVED,
        "answered, then resolved": CaseState.RESOLVED,
        "card [card_number]": CaseState.OFFLINE,
        "wrote twice, second": CaseState.NEW,
        "sent, failed": CaseState.OPEN,
        "unclear": CaseState.WAITING_FOR_CUSTOMER,
        "taken back": CaseState.NEW,
        "pending": CaseState.WAITING_FOR_CUSTOMER,
        "public one": CaseState.NEW,
        "public by another": CaseState.NEW,
        "offline closed [card_number]": CaseState.WAITING_FOR_CUSTOMER,
        "parks": CaseState.NEW,
    }
    # What failed or is unclear needs a person too; what is still being read does not, yet.
    assert now_due == {
        "still waits, prepared", "rejected", "wrote twice, second", "sent, failed", "unclear", "taken back",
        "public one", "public by another", "parks",
    }  # fmt: skip


def test_every_reply_of_before_has_its_place_in_its_case(old_url: str) -> None:
    migrate(old_url)

    engine = open_engine(old_url)
    with engine.connect() as connection:
        replies = Table("reply", MetaData(), autoload_with=connection).c
        rows = connection.execute(
            select(replies.case_id, replies.number).order_by(replies.case_id, replies.approved_at, replies.id)
        ).all()
    engine.dispose()
    assert rows
    places: dict[str, list[int]] = {}
    for case_id, number in rows:
        places.setdefault(case_id, []).append(number)
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in places.values())


def test_a_reply_that_was_on_its_way_is_not_held_back_by_the_upgrade(old_url: str) -> None:
    migrate(old_url)

    store = open_store(old_url)
    with store(read=True) as work:
        pending = next(f for f in work.lists.page(View.ALL, limit=200).cases if f.message.text == "pending")
        assert pending.reply is not None
        assert (pending.reply.sending.stage, pending.reply.consent.turn) == (ReplyStage.PENDING, pending.case.turn)
    store.close()


def test_addresses_history_and_live_channels_are_told_from_what_was_kept(old_url: str) -> None:
    migrate(old_url, to="0004")
    engine = open_engine(old_url)
    with engine.begin() as connection:

        def run(sql: str, **values: object) -> Any:
            return connection.execute(text(sql), values)

        sent = run("SELECT id, case_id, thread_id FROM reply WHERE stage = 'sent'").first()
        pending = run("SELECT id, channel FROM reply WHERE stage = 'pending'").first()
        run("UPDATE reply SET receipt = 'rehearsed-' || id, channel = 'tried' WHERE id = :id", id=pending.id)
        run("UPDATE reply SET stage = 'sent', sent_at = approved_at WHERE id = :id", id=pending.id)
        live = set(
            run("SELECT channel FROM reply WHERE stage IN ('sent', 'unknown') AND id <> :id", id=pending.id).scalars()
        )
        run("INSERT INTO customer (id, created_at) VALUES ('cus_a', '2026-01-01 00:00:00')")
        for handle in ("\u00c4nne@Example.test", "@kim"):
            run("INSERT INTO identity (channel, handle, customer_id) VALUES ('email', :handle, 'cus_a')", handle=handle)
        for id in ("nat_live", "nat_past"):
            run(
                "INSERT INTO native_answer (id, channel, outside_id, thread_id, case_id, author, text, written_at, "
                "received_at) VALUES (:id, 'chat', :id, :thread, :case, 'us', 'Hi', '2026-01-01 00:00:00', "
                "'2026-01-01 00:00:00')",
                id=id, thread=sent.thread_id, case=sent.case_id,
            )  # fmt: skip
        run(
            'INSERT INTO event (number, event, subject_id, "by", at, facts) '
            "VALUES (9999, 'reply.native', 'nat_live', 'channel', '2026-01-01 00:00:00', '{}')"
        )
        waits = run("SELECT case_id FROM message JOIN task ON task.message_id = message.id LIMIT 1").scalar_one()
        run("UPDATE care_case SET source = 'import' WHERE id = :id", id=waits)

    migrate(old_url)

    with engine.connect() as connection:
        assert dict(
            connection.execute(text("SELECT handle, address FROM identity WHERE customer_id = 'cus_a'")).all()
        ) == {
            "\u00c4nne@Example.test": "\u00e4nne@example.test",
            "@kim": None,
        }
        past = dict(connection.execute(text("SELECT id, is_history FROM native_answer")).all())
        assert {id: bool(is_history) for id, is_history in past.items()} == {"nat_live": False, "nat_past": True}
        assert set(connection.execute(text("SELECT name FROM live_channel")).scalars()) == live
        source = connection.execute(text("SELECT source FROM care_case WHERE id = :id"), {"id": waits}).scalar_one()
        assert source == "live"
    engine.dispose()
    assert differences(old_url) == []

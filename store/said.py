"""What was said in each case, by both sides, for searching: SQLite's FTS5, PostgreSQL's full text.

The table `said` holds the words; a full-text index lies over it that only the database reads. Masked values are not
among the words.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, delete, false, func, insert, literal_column, select, text
from sqlalchemy.orm import Session

from store.rows import changed
from store.tables import CaseRow, SaidRow
from store.words import searchable, terms

FULL_TEXT = "said_full_text"
"""How the index over the words is called, in both databases; SQLite keeps it as tables whose names begin so."""

MADE = {
    "sqlite": (
        f"CREATE VIRTUAL TABLE {FULL_TEXT} USING fts5(words, content='said', content_rowid='number',"
        " tokenize='unicode61 remove_diacritics 0')",
        f"CREATE TRIGGER said_added AFTER INSERT ON said BEGIN"
        f" INSERT INTO {FULL_TEXT}(rowid, words) VALUES (new.number, new.words); END",
        f"CREATE TRIGGER said_removed AFTER DELETE ON said BEGIN"
        f" INSERT INTO {FULL_TEXT}({FULL_TEXT}, rowid, words) VALUES ('delete', old.number, old.words); END",
    ),
    "postgresql": (f"CREATE INDEX {FULL_TEXT} ON said USING gin (to_tsvector('simple', words))",),
}
"""What makes the index, by database."""

DROPPED = {
    "sqlite": ("DROP TRIGGER said_added", "DROP TRIGGER said_removed", f"DROP TABLE {FULL_TEXT}"),
    "postgresql": (f"DROP INDEX {FULL_TEXT}",),
}

# What is removed stays in the pieces of the index until they are merged.
OPTIMIZED = text(f"INSERT INTO {FULL_TEXT}({FULL_TEXT}) VALUES ('optimize')")


def is_compared(_: object, name: str | None, *rest: object) -> bool:
    """Whether Alembic compares what stands in a database under this name with our tables: the index is none of them."""
    return not (name or "").startswith(FULL_TEXT)


def keep_said(session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep the words of some texts: case_id, source_id (of the message, reply or note) and the texts."""
    said = [
        {"case_id": row["case_id"], "source_id": row["source_id"], "words": words}
        for row in rows
        if (words := searchable(*row["texts"]))
    ]
    if said:
        session.execute(insert(SaidRow), said)


def forget_said(session: Session, source_id: str) -> None:
    """Find a text no more: it was taken back before it was said."""
    changed(session, delete(SaidRow).where(SaidRow.source_id == source_id))


def holds(session: Session, search: str) -> ColumnElement[bool]:
    """Whether a case has every word of a search, by either side or in a name."""
    wanted = terms(search)
    if not wanted:
        return false()
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    has = _matches_sqlite if is_sqlite else _matches_postgresql
    cases = [select(SaidRow.case_id).where(has(row, may_go_on)) for row, may_go_on in wanted]
    return and_(*(CaseRow.id.in_(ids) for ids in cases))


def _matches_sqlite(row: Sequence[str], may_go_on: bool) -> ColumnElement[bool]:
    quoted = f'"{" ".join(row)}"{"*" if may_go_on else ""}'
    is_hit = literal_column(FULL_TEXT).op("MATCH")(quoted)
    hits: Select[int] = select(literal_column("rowid", Integer)).select_from(text(FULL_TEXT)).where(is_hit)
    return SaidRow.number.in_(hits)


def _matches_postgresql(row: Sequence[str], may_go_on: bool) -> ColumnElement[bool]:
    query = " <-> ".join(row) + (":*" if may_go_on else "")
    # The configuration stands in the statement, not in a parameter, or the index would not be used.
    words = func.to_tsvector(literal_column("'simple'"), SaidRow.words)
    return words.op("@@")(func.to_tsquery(literal_column("'simple'"), query))

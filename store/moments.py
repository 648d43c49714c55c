"""The database's clock, in SQL: leases compare times of one clock only, whatever the hosts' clocks say."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, DateTime, Dialect, Double, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time, exact to the microsecond; on SQLite a text that sorts."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class DatabaseTime(FunctionElement[datetime]):
    """Now by the database's clock, moved by some seconds."""

    inherit_cache = True
    type = UtcTime()

    def __init__(self, seconds: float) -> None:
        super().__init__(literal(float(seconds), Double))


@compiles(DatabaseTime, "sqlite")
def _on_sqlite(element: DatabaseTime, compiler: SQLCompiler, **options: Any) -> str:
    seconds = compiler.process(element.clauses, **options)
    # Six digits, as SQLAlchemy writes a time on SQLite: they are compared as texts.
    return f"strftime('%Y-%m-%d %H:%M:%f', 'now', printf('%+.3f seconds', {seconds})) || '000'"


@compiles(DatabaseTime, "postgresql")
def _on_postgresql(element: DatabaseTime, compiler: SQLCompiler, **options: Any) -> str:
    # Not now(): that stands still for the whole transaction.
    return f"(clock_timestamp() + make_interval(secs => {compiler.process(element.clauses, **options)}))"


class EpochSeconds(FunctionElement[int]):
    """The whole seconds of a time column since 1970."""

    inherit_cache = True
    type = BigInteger()


@compiles(EpochSeconds, "sqlite")
def _seconds_on_sqlite(element: EpochSeconds, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **options)}) AS INTEGER)"


@compiles(EpochSeconds, "postgresql")
def _seconds_on_postgresql(element: EpochSeconds, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(FLOOR(EXTRACT(EPOCH FROM {compiler.process(element.clauses, **options)})) AS BIGINT)"


Now = Callable[[float], ColumnElement[datetime]]
"""now(0) is the present, now(-10) ten seconds ago, now(90) the end of a lease of 90 s."""


def database_now(seconds: float) -> ColumnElement[datetime]:
    """The clock of a running service."""
    return DatabaseTime(seconds)

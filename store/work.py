"""One transaction over everything that is kept, on SQLite or PostgreSQL."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, literal, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session

from care.errors import BadSettings, Unreachable
from care.ports import WEBHOOK
from store.access import SqlAccess
from store.answers import SqlAnswers
from store.attachments import SqlAttachments
from store.cases import SqlCases
from store.classifications import SqlClassifications
from store.crises import SqlCrises
from store.customers import SqlCustomers
from store.endpoints import SqlEndpoints
from store.erasure import SqlErasure
from store.escalations import SqlEscalations
from store.handovers import SqlHandOvers
from store.history import SqlHistories
from store.holds import SqlHolds
from store.keeping import SqlKeeping
from store.learning import SqlLearning
from store.lists import SqlLists
from store.messages import SqlMessages
from store.moments import Now, UtcTime, database_now
from store.notes import SqlNotes
from store.notices import SqlNotices
from store.offline import SqlOfflineTasks
from store.play_changes import SqlPlayChanges
from store.promises import SqlPromises
from store.quality import SqlQuality
from store.quarantine import SqlQuarantine
from store.recent import SqlRecent
from store.recovery import SqlRecovery
from store.replies import SqlReplies
from store.reporting import SqlReporting
from store.said import OPTIMIZED
from store.seals import SqlSeals
from store.snoozes import SqlSnoozes
from store.suggestions import SqlSuggestions
from store.surges import SqlSurges
from store.surveys import SqlSurveys
from store.switches import SqlSwitches
from store.tasks import SqlTasks
from store.trail import Trail
from store.turns import turns_at
from store.unsent import SqlUnsentTexts
from store.views import SqlViews
from store.watching import SqlWatching
from store.workload import SqlWorkload

BUSY_S = 5.0
"""How long SQLite waits for a writer of another process before it gives up."""

QUEUE_S = 10.0
"""How long a writer waits for those of its own process: the line moves, so it is worth more patience."""

_POSTGRESQL_OPTIONS = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "statement_timeout": "5s",
        "lock_timeout": "4s",
        "idle_in_transaction_session_timeout": "10s",
        "synchronous_commit": "on",
        "timezone": "UTC",
    }.items()
)


class SqlWork:
    """Satisfies care.unit_of_work.Work."""

    def __init__(self, session: Session, now: Now) -> None:
        self.trail = Trail(session, now)
        self.cases = SqlCases(session, now)
        self.lists = SqlLists(session, now, self.cases)
        self.customers = SqlCustomers(session, now)
        self.messages = SqlMessages(session, now)
        self.attachments = SqlAttachments(session)
        self.tasks = SqlTasks(session, now, self.trail)
        self.classifications = SqlClassifications(session, now)
        self.suggestions = SqlSuggestions(session)
        self.replies = SqlReplies(session, now)
        self.history = SqlHistories(session)
        self.switches = SqlSwitches(session)
        self.promises = SqlPromises(session, now)
        self.handovers = SqlHandOvers(session)
        self.notes = SqlNotes(session)
        self.holds = SqlHolds(session, now)
        self.snoozes = SqlSnoozes(session, now)
        self.views = SqlViews(session)
        self.unsent = SqlUnsentTexts(session)
        self.recent = SqlRecent(session, now)
        self.offline = SqlOfflineTasks(session)
        self.escalations = SqlEscalations(session, now)
        self.notices = SqlNotices(session, now, self.trail)
        self.surveys = SqlSurveys(session)
        self.learning = SqlLearning(session, now)
        self.reporting = SqlReporting(session, now)
        self.access = SqlAccess(session)
        self.answers = SqlAnswers(session, now)
        self.endpoints = SqlEndpoints(session, now, self.trail)
        self.recovery = SqlRecovery(session, now, self.trail)
        self.keeping = SqlKeeping(session, now)
        self.seals = SqlSeals(session, now, self.trail)
        self.quarantine = SqlQuarantine(session)
        self.watching = SqlWatching(session, now)
        self.workload = SqlWorkload(session, now)
        self.surges = SqlSurges(session)
        self.play_changes = SqlPlayChanges(session)
        self.crises = SqlCrises(session)
        self.quality = SqlQuality(session)
        self.erasure = SqlErasure(session)

    def note(
        self,
        event: str,
        subject_id: str,
        *,
        by: str,
        facts: Mapping[str, object] = MappingProxyType({}),
        case_id: str | None = None,
    ) -> None:
        self.trail.note(event, subject_id, by=by, facts=facts, case_id=case_id)

    def close(self) -> None:
        """The last thing a transaction does."""
        self.trail.write()


@dataclass(frozen=True, slots=True)
class SqlStore:
    """Opens transactions; is a care.unit_of_work.Store. Safe from several threads and processes, not across a fork.

    ring: is called after a commit with each event's delivery that was made in it; the sweep rings where nobody does.
    """

    engine: Engine
    now: Now = database_now
    ring: Callable[[str, str], object] | None = None

    @contextmanager
    def __call__(self, *, read: bool = False) -> Iterator[SqlWork]:
        """One transaction. `read`: for looking only; on SQLite it does not wait for those who write.

        Raises Unreachable when the database is away or too busy.
        """
        with _translated(self.engine.url), self._turn(read=read), self._session(read=read) as session, session.begin():
            work = SqlWork(session, self.now)
            yield work
            work.close()
        if self.ring is not None:
            for delivery_id in work.trail.deliveries:
                self.ring(WEBHOOK, delivery_id)

    @contextmanager
    def _turn(self, *, read: bool) -> Iterator[None]:
        """Our turn to write, where only one can. Raises Unreachable."""
        path = self.engine.url.database
        if read or path is None or self.engine.dialect.name != "sqlite":
            yield
            return
        turns = turns_at(path)
        try:
            turns.wait(patience_s=QUEUE_S)
        except TimeoutError as error:
            raise Unreachable(f"Too many wait to write to the database at {path}.") from error
        try:
            yield
        finally:
            turns.pass_on()

    def _session(self, *, read: bool) -> Session:
        engine = looking(self.engine) if read else self.engine
        return Session(engine, expire_on_commit=False)

    def wipe(self) -> None:
        """Write what SQLite keeps beside its file into it, so that what was deleted is nowhere any more."""
        if self.engine.dialect.name == "sqlite":
            with closing(self.engine.raw_connection()) as connection:
                connection.cursor().execute(str(OPTIMIZED))
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def open_store(
    url: str, *, clock: Callable[[], datetime] | None = None, ring: Callable[[str, str], object] | None = None
) -> SqlStore:
    """Open the store at `url`: `sqlite:///<file>` or `postgresql+psycopg://...`. Connects at the first transaction.

    clock: for tests; the database's own clock otherwise. ring: rings a worker for an event's delivery.
    Raises BadSettings for a URL of another kind.
    """
    engine = open_engine(url)
    return SqlStore(engine, now=_now_by(clock) if clock else database_now, ring=ring)


def _now_by(clock: Callable[[], datetime]) -> Now:
    return lambda seconds: literal(clock() + timedelta(seconds=seconds), UtcTime)


def open_engine(url: str, *, is_migrating: bool = False) -> Engine:
    """An engine with the settings each database needs. Parameters never show in errors: they hold texts.

    is_migrating: SQLite alters a table by copying it, which its foreign keys would not allow meanwhile.
    """
    try:
        parsed = make_url(url)
    except SQLAlchemyError:
        raise BadSettings(
            "database.url is not a database address: sqlite:///FILE or postgresql+psycopg://..."
        ) from None
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed, has_foreign_keys=not is_migrating)
    if parsed.get_backend_name() == "postgresql":
        return _open_postgresql(parsed)
    raise BadSettings(f"database.url names {parsed.get_backend_name()}; tactful keeps data in SQLite or PostgreSQL.")


def looking(engine: Engine) -> Engine:
    """The engine for whoever only reads: on SQLite its transactions do not wait for those who write."""
    return engine.execution_options(tactful_read=True)


def _open_sqlite(url: URL, *, has_foreign_keys: bool) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_S, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: Any) -> None:
        # The driver begins no transaction by itself; `begin` below does, in the right way.
        connection.isolation_level = None
        foreign_keys = f"foreign_keys={'ON' if has_foreign_keys else 'OFF'}"
        for pragma in ("journal_mode=WAL", "synchronous=FULL", foreign_keys, "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("tactful_read"):
            connection.exec_driver_sql("BEGIN")
            return
        # A transaction that reads first and writes later fails at once beside another one that does the same,
        # whatever the timeout; one that takes the write lock first waits its turn.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


_NOTICES_A_PARTITION = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 5_000,
}
"""A host that is cut off answers nothing, not even that it is gone: a connection to it would wait for a quarter of an
hour. Source: libpq, 34.1.2."""


def _open_postgresql(url: URL) -> Engine:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    try:
        return create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            pool_timeout=BUSY_S,
            pool_recycle=1800,
            connect_args={
                "options": _POSTGRESQL_OPTIONS,
                "connect_timeout": 3,
                "application_name": "tactful",
                **_NOTICES_A_PARTITION,
            },
        )
    except ModuleNotFoundError as error:
        raise BadSettings(f"PostgreSQL needs {error.name}: pip install 'tactful[postgres]'.") from error


@contextmanager
def _translated(url: URL) -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except NoConnection as error:
        raise Unreachable(f"Every connection to the database at {where(url)} is in use.") from error
    except DBAPIError as error:
        mend = " `tactful up` and `tactful migrate` make what is missing." if _lacks_a_table(error) else ""
        raise Unreachable(f"The database at {where(url)} cannot be used now: {reason_of(error)}.{mend}") from error


def _lacks_a_table(error: DBAPIError) -> bool:
    """Whether it was never brought up to date: SQLite says it in words, PostgreSQL by a code."""
    missing_at_postgresql = ("42P01", "42703")
    return str(error.orig).startswith("no such ") or getattr(error.orig, "sqlstate", "") in missing_at_postgresql


def reason_of(error: DBAPIError) -> str:
    """The driver's first line: later ones can quote a row."""
    return next(iter(str(error.orig).splitlines()), type(error.orig).__name__)


def where(url: URL) -> str:
    """A database's address to show to people, without its password."""
    return url.database or "memory" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)

"""Fixtures for everyone: the store on both databases, the fixed clock, the stubs, and a journey made of them."""

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from care.journey import Journey
from store.migrate import migrate
from store.work import SqlStore, open_store
from tests.doubles import (
    ANNA,
    BEN,
    FixedClock,
    RecordingQueue,
    StubChannel,
    StubClassifier,
    StubPlaybook,
    StubRedactor,
    StubTone,
)
from tests.postgres import cluster, empty


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command that sets up its logs writes to the stream it had: closed, it would speak up in another test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def queue() -> RecordingQueue:
    return RecordingQueue()


@pytest.fixture
def channel() -> StubChannel:
    return StubChannel("chat")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database that tests copy."""
    path = tmp_path_factory.mktemp("template") / "tactful.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite database of this test's own."""
    path = tmp_path / "tactful.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    """A throw-away PostgreSQL with our tables."""
    with cluster() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_cluster: str) -> Iterator[str]:
    """A migrated, empty PostgreSQL database."""
    yield postgres_cluster
    empty(postgres_cluster)


@pytest.fixture(params=["sqlite", "postgres"])
def any_url(request: pytest.FixtureRequest) -> str:
    """Both databases, one after the other: the store's contracts hold on each."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def any_store(any_url: str, clock: FixedClock) -> Iterator[SqlStore]:
    """The store on both databases, by the fixed clock."""
    with closing(open_store(any_url, clock=clock)) as store:
        _add_people(store)
        yield store


@pytest.fixture
def store(sqlite_url: str, clock: FixedClock) -> Iterator[SqlStore]:
    """The store on SQLite, by the fixed clock, with Anna and Ben in it."""
    with closing(open_store(sqlite_url, clock=clock)) as store:
        _add_people(store)
        yield store


def _add_people(store: SqlStore) -> None:
    with store() as work:
        for person in (ANNA, BEN):
            work.access.add_person(person)


@pytest.fixture
def make_journey(clock: FixedClock, queue: RecordingQueue, channel: StubChannel) -> Callable[..., Journey]:
    """Builds a journey of stubs over a store; anything can be replaced by name."""

    def make(store: SqlStore, **replaced: Any) -> Journey:
        parts: dict[str, Any] = {
            "store": store,
            "channels": {channel.name: channel},
            "redactor": StubRedactor(),
            "classifier": StubClassifier(),
            "playbook": StubPlaybook(),
            "tone": StubTone(),
            "queue": queue,
            "clock": clock,
            "undo_s": {"*": 0.0},
        }
        return Journey(**{**parts, **replaced})

    return make


@pytest.fixture
def journey(store: SqlStore, make_journey: Callable[..., Journey]) -> Journey:
    """A whole journey on SQLite with stubs, no undo window."""
    return make_journey(store)

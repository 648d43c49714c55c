"""One application on a real store, with people, keys and a few messages; shared by every test of this door."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.app import create_app
from api.depends import Parts
from care.access import Person, Role, Scope
from care.forgetting import Forgetting
from care.journey import Journey
from care.message import Author, Inbound, Origin, Visibility
from care.people import make_person
from care.ports import utc_now
from care.reply import Suggestion
from care.service_keys import make_key
from care.telling import Endpoints
from store.files import FolderFiles
from store.migrate import migrate
from store.work import SqlStore, open_store
from tests.api.doubles import FixedClock, a_journey
from wiring.beside import ProofList
from wiring.copies import FileCopies
from wiring.origins import SettingLine
from wiring.settings import Settings
from wiring.telling import EndpointTeller
from wiring.training_jobs import TrainingJobs

PASSWORD = "correct horse battery"


@dataclass
class House:
    """Everything a test may want to reach around the door."""

    parts: Parts
    journey: Journey
    clock: FixedClock
    store: SqlStore
    people: dict[str, Person] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    n: int = 0

    def say(self, text: str, *, channel: str = "x", name: str = "Ana Alvarez", thread: str | None = None) -> str:
        """A customer writes; the message is prepared. Returns its id."""
        self.n += 1
        public = self.journey.channels[channel].is_public
        inbound = Inbound(
            origin=Origin(
                channel=channel,
                outside_id=f"out-{self.n}",
                thread_key=thread or f"thread-{self.n}",
                written_at=self.clock() - timedelta(minutes=3),
            ),
            author=Author(handle=f"@{name.split()[0].lower()}", name=name, followers=1200),
            text=text,
            visibility=Visibility.PUBLIC if public else Visibility.PRIVATE,
        )
        (message_id,) = self.journey.receive([inbound])
        self.journey.prepare(message_id)
        return message_id

    def case(self, message_id: str) -> str:
        """The id of the case that a message belongs to."""
        with self.store() as work:
            return work.cases.of_message(message_id).id

    def suggestion(self, message_id: str) -> Suggestion:
        with self.store() as work:
            suggestion = work.cases.file(message_id).suggestion
        assert suggestion is not None
        return suggestion


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "empty.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def hashes() -> dict[str, str]:
    """argon2 is slow on purpose; once a session is enough."""
    from wiring.passwords import hash_password

    return {"hash": hash_password(PASSWORD)}


@pytest.fixture
def house(
    tmp_path: Path, empty_database: Path, hashes: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    path = tmp_path / "tactful.db"
    path.write_bytes(empty_database.read_bytes())
    clock = FixedClock()
    store = open_store(f"sqlite:///{path}", clock=clock)
    journey = a_journey(store, clock)
    teller = EndpointTeller(store, clock, "http://testserver", "a key of this test", is_private_allowed=True)
    files = FolderFiles(tmp_path / "attachments", False, 1, 1, frozenset())
    copies = FileCopies(Settings(home=tmp_path))
    parts = Parts(
        journey=journey,
        forgetting=Forgetting(store, files, ProofList(tmp_path, "a secret"), copies, clock),
        webhooks=Endpoints(store, teller, journey.queue, clock),
        public_url="http://testserver",
        training=TrainingJobs(tmp_path, clock),
        settings=(SettingLine("home", "/a" * 60, "/b" * 60), SettingLine("server.port", "8080", "default")),
    )
    served = House(parts, journey, clock, store)
    monkeypatch.setattr("api.console.people_pages.hash_password", lambda _: hashes["hash"])
    with store() as work:
        for role in Role:
            served.people[role] = make_person(
                work, f"{role}@example.com", f"Some {role}", role, hashes["hash"], now=clock()
            )
        for scope in Scope:
            served.keys[scope], _ = make_key(work, f"a {scope} key", [scope], now=clock())
        served.keys["all"], _ = make_key(work, "a key with everything", list(Scope), now=clock())
    yield served
    store.close()


@pytest.fixture
def anyone(house: House) -> Iterator[TestClient]:
    """A client with no credentials."""
    with TestClient(create_app(parts=house.parts), follow_redirects=False) as client:
        yield client


class RealClock(FixedClock):
    def __call__(self):  # type: ignore[no-untyped-def]
        return utc_now()


@pytest.fixture
def served(house: House) -> Iterator[House]:
    """The house, reachable at parts.public_url, with real time."""
    clock = RealClock()
    house.clock = clock
    house.journey = replace(house.journey, clock=clock)
    server = uvicorn.Server(
        uvicorn.Config("unset:app", port=0, log_config=None, ws="none", timeout_graceful_shutdown=1, lifespan="on")
    )
    socket = server.config.bind_socket()
    url = f"http://127.0.0.1:{socket.getsockname()[1]}"
    house.parts = replace(house.parts, journey=house.journey, public_url=url, hosts=frozenset({"127.0.0.1"}))
    server.config.app = create_app(parts=house.parts)
    thread = threading.Thread(target=server.run, args=([socket],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield house
    server.should_exit = True
    thread.join(10)
    socket.close()


def sign_in(client: TestClient, role: str = "agent") -> str:
    """Sign a client in; returns the session's CSRF token."""
    response = client.post("/v1/session", json={"email": f"{role}@example.com", "password": PASSWORD})
    assert response.status_code == 200, response.text
    csrf: str = response.json()["csrf"]
    client.headers["Origin"] = "http://testserver"
    return csrf


@pytest.fixture
def agent(anyone: TestClient) -> TestClient:
    """A signed-in agent whose JSON requests carry the token."""
    anyone.headers["X-CSRF-Token"] = sign_in(anyone)
    return anyone


__all__ = ["PASSWORD", "Engine", "House", "sign_in"]

"""A real process is killed at every failpoint and another one goes on: nothing accepted is lost, none goes out twice.

The history is written by the client and by the channel, outside of the service.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest

from care import failpoints
from care.access import Role
from care.failpoints import Point
from care.people import make_person
from care.ports import utc_now
from care.reply import ReplyStage
from channels.http import signed_headers
from store.migrate import migrate, newest_revision, revision
from store.work import SqlStore, open_store
from tests.doubles import inbound
from tests.journeys.crash import LEASE_S
from tests.journeys.failing import CUSTOMER, SECRET, socket_of
from wiring.embedded import queue_server
from wiring.passwords import hash_password
from wiring.settings import RedisSettings, Settings

pytestmark = pytest.mark.issue(18)
ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery"

IN_THE_API = {
    Point.INBOX_VERIFIED: "K1",
    Point.RECEIVE_UNCOMMITTED: "K2",
    Point.TRAIL_UNWRITTEN: "K22",
    Point.RECEIVE_COMMITTED: "K3",
    Point.INBOX_TAKEN: "K4",
}
"""Points that are reached while a message is handed in."""

IN_PREPARE = {
    Point.JOB_POPPED: "K5",
    Point.PREPARE_CLAIMED: "K6",
    Point.PREPARE_READ: "K7",
    Point.PREPARE_DRAFTED: "K8",
    Point.PREPARE_UNCOMMITTED: "K8",
    Point.PREPARE_SAVED: "K9",
}
IN_APPROVE = {Point.APPROVE_DECIDED: "K10", Point.APPROVE_COMMITTED: "K11"}
IN_DELIVER = {
    Point.DELIVER_CLAIMED: ("K12", {ReplyStage.SENT}, 1),
    Point.DELIVER_TAKING_OFF: ("K12", {ReplyStage.SENT}, 1),
    Point.DELIVER_INFLIGHT: ("K13", {ReplyStage.UNKNOWN}, 0),
    Point.CHANNEL_HALF_WRITTEN: ("K14", {ReplyStage.UNKNOWN}, 0),
    Point.CHANNEL_ANSWERED: ("K16", {ReplyStage.UNKNOWN}, 1),
    Point.DELIVER_ANSWERED: ("K16", {ReplyStage.UNKNOWN}, 1),
    Point.DELIVER_LANDING: ("K16", {ReplyStage.UNKNOWN}, 1),
    Point.DELIVER_LANDED: ("K16", {ReplyStage.SENT}, 1),
}
"""With the stages in which the reply may stand at the end, and how often the channel has it."""

ELSEWHERE = {
    Point.SWEEP_BETWEEN: "K17",
    Point.MIGRATE_UNCOMMITTED: "K19",
    Point.FORGET_BETWEEN: "K21",
    Point.QUARANTINE_TAKEN: "K3",
}
"""Points that have a test of their own."""


def test_no_failpoint_is_without_a_test_that_kills_there() -> None:
    assert set(Point) == {*IN_THE_API, *IN_PREPARE, *IN_APPROVE, *IN_DELIVER, *ELSEWHERE}


def test_every_failpoint_is_reached_somewhere_and_stands_in_the_table() -> None:
    rooms = ("api", "care", "channels", "store", "wiring", "workers")
    code = "".join(path.read_text() for room in rooms for path in (ROOT / room).rglob("*.py"))
    table = (ROOT / "docs" / "failpoints.md").read_text()

    assert [point for point in Point if code.count(f"reach(Point.{point.name})") != 1] == []
    assert [point for point in Point if f"`{point}`" not in table] == []


def test_a_point_that_is_not_armed_costs_nothing() -> None:
    began = time.perf_counter()
    for _ in range(10_000):
        failpoints.reach(Point.DELIVER_INFLIGHT)
    assert (time.perf_counter() - began) / 10_000 < 5e-6
    assert "TACTFUL_FAILPOINT" not in os.environ


def test_a_flag_that_names_nothing_is_refused() -> None:
    for said in ("nowhere=kill", "deliver.inflight=explode", "deliver.inflight"):
        with pytest.raises(ValueError, match=r"nowhere|action"):
            failpoints.read(said)


@dataclass
class Channel:
    """The outside network: it keeps what it has read whole, and may end whoever sends before it answers."""

    url: str = ""
    got: list[dict[str, Any]] = field(default_factory=list)
    victim: int | None = None


@contextmanager
def receiving() -> Iterator[Channel]:
    channel = Channel()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            body = self.rfile.read(length)
            if len(body) < length:
                return
            channel.got.append(json.loads(body)["data"])
            if channel.victim is not None:
                os.kill(channel.victim, signal.SIGKILL)
                channel.victim = None
                return
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    channel.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield channel
    finally:
        server.shutdown()
        server.server_close()


class Service:
    """The service as its outside sees it: a client that notes what it was told, and processes that can be ended."""

    def __init__(self, store_url: str, queue_url: str, folder: Path, channel: Channel) -> None:
        self.store_url, self.folder, self.channel = store_url, folder, channel
        self.store: SqlStore = open_store(store_url)
        self.log = open(folder / "host.log", "w+")
        command = [sys.executable, "-m", "tests.journeys.failing", store_url, queue_url, str(folder), channel.url]
        self.host = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        self.ahead_s = 0.0
        self.api_pid: int | None = None
        self.accepted: set[str] = set()
        self.approved: dict[str, str] = {}
        self.n = 0
        with self.store() as work:
            make_person(work, "anna@shop.example", "Anna", Role.AGENT, hash_password(PASSWORD), now=utc_now())
        transport = httpx2.HTTPTransport(uds=str(socket_of(folder)))
        self.client = httpx2.Client(transport=transport, base_url="http://testserver", timeout=90)

    def run(self, role: str, failpoint: Point | None = None, **more: object) -> int:
        """Have a process do something once. Returns its exit code."""
        self._tell(role, failpoint, more)
        code: int = self._heard()["code"]
        return code

    def begin(self, role: str, failpoint: Point | None = None, **more: object) -> int:
        """The number of the process; `ended` waits for it."""
        return self._tell(role, failpoint, more)

    def ended(self) -> int:
        code: int = self._heard()["code"]
        return code

    def _tell(self, role: str, failpoint: Point | None, more: dict[str, object]) -> int:
        assert self.host.stdin is not None
        said = f"{failpoint}=kill" if failpoint else ""
        line = {"role": role, "failpoint": said, "ahead_s": self.ahead_s, **more}
        self.host.stdin.write(json.dumps(line) + "\n")
        self.host.stdin.flush()
        pid: int = self._heard()["pid"]
        return pid

    def _heard(self) -> dict[str, int]:
        assert self.host.stdout is not None
        line = self.host.stdout.readline()
        assert line, f"the host of the processes is gone: {(self.folder / 'host.log').read_text()[-500:]}"
        told: dict[str, int] = json.loads(line)
        return told

    def open_api(self, failpoint: Point | None = None) -> None:
        """A fresh API; the one before is ended first."""
        self.end_api()
        self.api_pid = self._tell("api", failpoint, {})
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            with socket.socket(socket.AF_UNIX) as probe, suppress(OSError):
                probe.connect(str(socket_of(self.folder)))
                return
            time.sleep(0.02)
        raise AssertionError("the API did not open")

    def end_api(self) -> None:
        if self.api_pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self.api_pid, signal.SIGKILL)
            # Until the host has seen it, it is a zombie; its socket is replaced by the next one.
            socket_of(self.folder).unlink(missing_ok=True)
            self.api_pid = None

    def sign_in(self) -> None:
        session = self.client.post("/v1/session", json={"email": "anna@shop.example", "password": PASSWORD})
        assert session.status_code == 200, session.text
        self.client.headers["X-CSRF-Token"] = session.json()["csrf"]
        self.client.headers["Origin"] = "http://testserver"

    # what the outside does, and notes ------------------------------------------------------------------------------

    def hand_in(self, failpoint: Point | None = None) -> str:
        """A customer's message, sent until it is taken. Returns the network's id for it."""
        self.n += 1
        id = f"m{self.n}"
        sent = {"id": id, "thread_id": f"t{self.n}", "text": "Where is my parcel?", "author": {"handle": f"h{self.n}"}}
        body = json.dumps(sent).encode()
        if failpoint is not None:
            self.open_api(failpoint)
            with pytest.raises(httpx2.HTTPError):
                self._post_in(body)
            self.open_api()
        assert self._post_in(body).status_code == 202
        self.accepted.add(id)
        return id

    def _post_in(self, body: bytes) -> httpx2.Response:
        headers = signed_headers(SECRET, id=f"evt_{time.monotonic_ns()}", body=body, at=datetime.now(UTC))
        return self.client.post("/inbox/chat", content=body, headers=headers)

    def prepared(self, id: str, failpoint: Point | None = None) -> str:
        """Prepare it, killed on the way. Returns the id of its suggestion."""
        if failpoint is not None:
            assert self.run("prepare", failpoint) == -signal.SIGKILL
            self.recover("prepare")
        else:
            self.run("sweep")
            assert self.run("prepare") == 0
        with self.store(read=True) as work:
            message = work.messages.find("chat", id)
            assert message is not None
            suggestion = work.cases.file(message.id).suggestion
            events = [event.event for event in work.trail.of_case(message.case_id)]
        assert suggestion is not None
        assert events.count("suggestion.created") == events.count("message.received") == 1
        return suggestion.id

    def approve(self, suggestion_id: str, failpoint: Point | None = None) -> str:
        """A person approves it until they are told that it is. Returns the id of the reply."""
        text = f"We are on it, {suggestion_id}."
        if failpoint is not None:
            self.open_api(failpoint)
            with pytest.raises(httpx2.HTTPError):
                self._approve(suggestion_id, text)
            self.open_api()
        answer = self._approve(suggestion_id, text)
        assert answer.status_code in (200, 201, 202), answer.text
        reply_id: str = answer.json()["id"]
        self.approved[reply_id] = text
        return reply_id

    def _approve(self, suggestion_id: str, text: str) -> httpx2.Response:
        path = f"/v1/suggestions/{suggestion_id}/approve"
        return self.client.post(path, json={"text": text}, headers={"If-Match": '"1"'})

    def recover(self, role: str) -> None:
        """What the running service does by itself once the leases of the dead have run out."""
        self.ahead_s += LEASE_S + 1
        assert self.run("sweep") == 0
        assert self.run(role) == 0

    # what must be so -----------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Everything that was accepted is there once; what was approved went out at most once, and nothing else did."""
        sent = [post["reply_id"] for post in self.channel.got]
        assert len(sent) == len(set(sent)), "a reply went out twice"
        assert {(post["reply_id"], post["text"]) for post in self.channel.got} <= set(self.approved.items())
        with self.store(read=True) as work:
            for id in self.accepted:
                assert work.messages.find("chat", id) is not None, f"{id} was accepted and is lost"
            assert work.keeping.n_messages() == len(self.accepted)
            stages = {id: work.replies.get(id).sending.stage for id in self.approved}
            assert work.seals.verify({}).problem == ""
        for id, stage in stages.items():
            assert stage in (ReplyStage.SENT, ReplyStage.UNKNOWN), f"{id} stands at {stage}"
            assert stage is ReplyStage.UNKNOWN or id in sent, f"{id} is said to be sent and was not"
        with self.store.engine.connect() as connection:
            left = "SELECT count(*) FROM reply WHERE stage IN ('claimed', 'inflight')"
            assert connection.exec_driver_sql(left).scalar() == 0

    def close(self) -> None:
        self.end_api()
        self.client.close()
        self.store.close()
        assert self.host.stdin is not None
        assert self.host.stdout is not None
        self.host.stdin.close()
        self.host.wait(20)
        self.host.stdout.close()
        self.log.close()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("f")
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'tactful.db'}"
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "tactful.db")
    else:
        from tests.postgres import empty

        url = request.getfixturevalue("postgres_cluster")
        empty(url)
    home = folder / "h"
    home.mkdir(mode=0o700)
    settings = Settings(home=home, redis=RedisSettings(url="embedded"))
    with queue_server(settings) as queue_url, receiving() as channel:
        with closing(Service(url, queue_url, folder, channel)) as service:
            service.open_api()
            service.sign_in()
            yield service
    if request.param == "postgres":
        empty(url)


@pytest.mark.parametrize("point", IN_THE_API)
def test_killed_while_a_message_is_handed_in_it_is_kept_once(service: Service, point: Point) -> None:
    id = service.hand_in(point)
    reply_id = service.approve(service.prepared(id))

    assert service.run("deliver") == 0

    service.check()
    assert reply_id in [post["reply_id"] for post in service.channel.got]


@pytest.mark.parametrize("point", IN_PREPARE)
def test_killed_while_it_is_prepared_there_is_one_suggestion(service: Service, point: Point) -> None:
    service.approve(service.prepared(service.hand_in(), point))

    assert service.run("deliver") == 0

    service.check()


@pytest.mark.parametrize("point", IN_APPROVE)
def test_killed_while_a_person_approves_there_is_one_reply(service: Service, point: Point) -> None:
    reply_id = service.approve(service.prepared(service.hand_in()), point)

    service.recover("deliver")

    service.check()
    assert [post["reply_id"] for post in service.channel.got].count(reply_id) == 1


@pytest.mark.parametrize("point", IN_DELIVER)
def test_killed_while_it_is_sent_it_goes_out_at_most_once(service: Service, point: Point) -> None:
    _, stages, n_taken = IN_DELIVER[point]
    reply_id = service.approve(service.prepared(service.hand_in()))

    assert service.run("deliver", point) == -signal.SIGKILL
    service.recover("deliver")
    service.recover("deliver")

    service.check()
    with service.store(read=True) as work:
        assert work.replies.get(reply_id).sending.stage in stages
    assert [post["reply_id"] for post in service.channel.got].count(reply_id) == n_taken


def test_killed_by_the_channel_before_it_answers_it_is_unclear_and_never_sent_again(service: Service) -> None:
    """K15: the network has it, and its answer is lost."""
    reply_id = service.approve(service.prepared(service.hand_in()))
    service.run("sweep")

    service.channel.victim = service.begin("deliver")
    assert service.ended() == -signal.SIGKILL
    service.recover("deliver")

    service.check()
    with service.store(read=True) as work:
        assert work.replies.get(reply_id).sending.stage is ReplyStage.UNKNOWN


def test_killed_between_two_parts_of_a_sweep_the_next_one_ends_it(service: Service) -> None:
    service.approve(service.prepared(service.hand_in()))
    assert service.run("deliver", Point.DELIVER_INFLIGHT) == -signal.SIGKILL
    waiting = service.hand_in()
    assert service.run("prepare", Point.PREPARE_CLAIMED) == -signal.SIGKILL
    service.ahead_s += LEASE_S + 1

    assert service.run("sweep", Point.SWEEP_BETWEEN) == -signal.SIGKILL
    service.approve(service.prepared(waiting))
    assert service.run("deliver") == 0

    service.check()


def test_killed_while_what_could_not_be_read_is_tried_again_it_is_kept_once(service: Service) -> None:
    service.n += 1
    odd = {"id": f"m{service.n}", "text": "When?", "author": {"handle": "odd"}, "written_at": "the day before"}
    answer = service._post_in(json.dumps(odd).encode())
    assert (answer.status_code, len(answer.json()["quarantined"])) == (202, 1)
    service.accepted.add(odd["id"])  # type: ignore[arg-type]

    assert service.run("retry", Point.QUARANTINE_TAKEN) == -signal.SIGKILL
    assert service.run("retry") == 0

    with service.store(read=True) as work:
        assert work.quarantine.page() == []
    service.check()


def test_killed_while_a_customer_is_forgotten_the_next_sweep_ends_it(service: Service) -> None:
    walk_in = [inbound(outside_id=f"f{n}", thread_key=f"f{n}", handle=CUSTOMER) for n in range(3)]
    for message in walk_in:
        body = {"id": message.origin.outside_id, "thread_id": message.origin.thread_key, "text": message.text}
        service._post_in(json.dumps({**body, "author": {"handle": CUSTOMER}}).encode())

    assert service.run("forget", Point.FORGET_BETWEEN) == -signal.SIGKILL
    with service.store(read=True) as work:
        n_left = work.keeping.n_messages() - len(service.accepted)
    assert service.run("forget") == 0

    assert n_left == 2
    service.check()


def test_killed_before_a_migration_is_committed_the_next_one_brings_all_of_it(service: Service, tmp_path: Path) -> None:
    if not service.store_url.startswith("sqlite"):
        # One transaction there too; a database of its own for it would cost more than it says.
        with service.store.engine.connect() as connection:
            assert connection.dialect.name == "postgresql"
        return
    url = f"sqlite:///{tmp_path / 'old.db'}"
    migrate(url, to="0014")

    assert service.run("migrate", Point.MIGRATE_UNCOMMITTED, store=url) == -signal.SIGKILL
    assert revision(url) == "0014"
    assert service.run("migrate", store=url) == 0
    assert revision(url) == newest_revision()

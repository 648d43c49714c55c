"""A whole service whose processes are killed and frozen while customers write, people approve and channels misbehave.

    python -m benchmarks.chaos [--minutes 2] [--seed 1] [--stores sqlite postgres]

Real `tactful up`, the bundled queue server, SQLite or PostgreSQL, the default bundles, two channels that are HTTP
servers of their own. What clients were told and what channels took is written by this process, outside of the
service. After the faults the invariants are asked of that history, then a backup that was made under load is put
back, and they are asked again. A seed replays the order of faults and answers, not the machine's timing.
"""

import argparse
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import text as sql

from benchmarks.machine import RESULTS, ROOT, heading, row
from benchmarks.running import Service
from care.ports import utc_now
from channels.http import signed_headers
from store.work import SqlStore, open_store
from tests.postgres import cluster

SECRET = "whsec_" + "Y2hhb3MtY2hhb3MtY2hhb3MtY2hhb3MtY2g="
ONCE, ANY = "bridge_once", "bridge_any"
"""The channel that takes one key once, and the one that takes whatever comes."""
TEXTS = (
    "Where is my parcel? It should have come on Monday.",
    "I was charged twice for one order, please look into it.",
    "How do I change the address of my order?",
    "The lamp arrived broken. What now?",
    "Can I return shoes that do not fit?",
    "Thanks, that solved it!",
)
ANSWERS = {"taken": 84, "error": 4, "reset": 3, "garbage": 2, "slow": 3, "busy": 2, "away": 2}
"""What a channel does with a request, out of a hundred: all but the last two take it, whatever they answer."""
FAULTS = ("kill", "kill", "kill", "freeze", "hold", "queue")
QUIET_S = 120.0
THROW_OUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


@dataclass
class History:
    """What the outside knows. taken: by reply, how often its channel took it anew. asked: texts that were approved."""

    accepted: dict[str, str] = field(default_factory=dict)
    handed_in: set[str] = field(default_factory=set)
    asked: dict[str, str] = field(default_factory=dict)
    approved: set[str] = field(default_factory=set)
    taken: Counter[str] = field(default_factory=Counter)
    texts: dict[str, set[str]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    n_quarantined: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def networks(history: History, chance: random.Random) -> Iterator[str]:
    """Both channels, as one server. Gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = self.rfile.read(length)
            told = json.loads(body) if len(body) == length else {}
            if told.get("type") != "reply.approved":
                self._answer(200)
                return
            with history.lock:
                how = chance.choices(list(ANSWERS), list(ANSWERS.values()))[0]
                history.answers[how] += 1
                if how not in ("busy", "away"):
                    self._take(told["data"])
            if how == "slow":
                time.sleep(3)
            if how == "reset":
                self.connection.shutdown(socket.SHUT_RDWR)
            elif how == "garbage":
                self.wfile.write(b"what is HTTP\r\n\r\n")
                self.close_connection = True
            else:
                self._answer({"error": 500, "busy": 429, "away": 429}.get(how, 200))

        def _take(self, data: dict[str, Any]) -> None:
            key, id = self.headers["webhook-id"], data["reply_id"]
            if self.path == f"/{ONCE}" and key in history.keys:
                return
            history.keys.add(key)
            history.taken[id] += 1
            history.texts.setdefault(id, set()).add(data["text"])

        def _answer(self, status: int) -> None:
            self.send_response(status)
            if status == 429:
                self.send_header("retry-after", "1")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None: ...

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Running:
    """A service in a home of its own that can be killed and started again."""

    def __init__(self, home: Path, database_url: str, networks_url: str) -> None:
        self.home, self.database_url = home, database_url
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        channels = {
            name: {
                "kind": "webhook",
                "url": f"{networks_url}/{name}",
                "secrets": [SECRET],
                "is_private_allowed": True,
                "is_idempotent": name == ONCE,
                "timeout_s": 5.0,
            }
            for name in (ONCE, ANY)
        }
        self.env = {
            **os.environ,
            "TACTFUL_HOME": str(home),
            "TACTFUL_DATABASE__URL": database_url,
            "TACTFUL_CHANNELS": json.dumps(channels),
            "TACTFUL_REPLIES__UNDO_S": '{"*": 0.5}',
            "TACTFUL_WORKERS__SWEEP_S": "2",
            "TACTFUL_WORKERS__PREPARE_TIMEOUT_S": "20",
            "TACTFUL_WORKERS__PREPARE_LEASE_S": "25",
            "TACTFUL_WORKERS__DELIVER_TIMEOUT_S": "10",
            "TACTFUL_WORKERS__DELIVER_LEASE_S": "15",
            "TACTFUL_LOGS__LEVEL": "error",
        }
        self.service: Service | None = None
        self.known: dict[str, str] = {}

    def start(self) -> None:
        command = [sys.executable, "-m", "cli.main", "up", "--json", "--port", str(self.port)]
        log = open(self.home / "chaos.log", "ab")
        process = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=subprocess.PIPE, stderr=log)
        log.close()
        told = self._ready(process)
        self.known = {**self.known, **told}
        known = self.known
        self.service = Service(known["url"], known["key"], known["email"], known["password"], self.home, process)

    def _ready(self, process: subprocess.Popen[bytes]) -> dict[str, str]:
        """What it says of itself once it is ready, among what it logs."""
        assert process.stdout is not None
        for line in process.stdout:
            with suppress(ValueError):
                told = json.loads(line)
                if "url" in told:
                    return dict(told)
        raise RuntimeError(f"tactful up did not start: {(self.home / 'chaos.log').read_text()[-2000:]}")

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self.service is not None:
            self.service.process.send_signal(number)
            self.service.process.wait(120)
            assert self.service.process.stdout is not None
            self.service.process.stdout.close()
            self.service = None

    def tactful(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cli.main", *words]
        return subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=300)

    def pids(self) -> dict[str, int]:
        """The processes under the supervisor, by what they do."""
        assert self.service is not None
        kept = {name: int(path.name) for name, path in self.service._processes().items()}
        return {name: pid for name, pid in kept.items() if name.split()[0] in ("serve", "worker", "sweep")}

    def queue_pid(self) -> int | None:
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                words = (folder / "cmdline").read_text()
                if "server" in words.split("\0")[0] and str(self.home) in words + os.readlink(folder / "cwd"):
                    return int(folder.name)
        return None

    def open(self) -> SqlStore:
        return open_store(self.database_url)


def customers(
    running: Running, history: History, chance: random.Random, stop: threading.Event, todo: deque[str]
) -> None:
    """Write, each payload until it is taken; some come twice, some hold an item that nobody can read."""
    n, who = 0, chance.randrange(10**6)
    with httpx2.Client(timeout=20) as client:
        while not stop.is_set():
            channel, items = chance.choice((ONCE, ANY)), list[dict[str, Any]]()
            for _ in range(chance.choice((1, 1, 1, 3))):
                n += 1
                id = f"{who}-{n}"
                author = {"handle": f"h{who}-{n if chance.random() < 0.8 else n - 1}"}
                items.append({"id": id, "thread_id": id, "text": chance.choice(TEXTS), "author": author})
            broken = [{"id": f"{who}-broken-{n}", "text": 7}] if chance.random() < 0.03 else []
            body = json.dumps({"messages": [*items, *broken]}).encode()
            with history.lock:
                history.handed_in |= {str(item["id"]) for item in items}
            ids = _until_taken(client, running, channel, body, history, stop)
            if ids is None:
                return
            with history.lock:
                history.accepted |= {str(item["id"]): channel for item in items}
                history.n_quarantined += len(broken)
            todo.extend(ids)
            if chance.random() < 0.1:
                _until_taken(client, running, channel, body, history, stop)
            stop.wait(chance.uniform(0.05, 0.4))


def _until_taken(
    client: httpx2.Client, running: Running, channel: str, body: bytes, history: History, stop: threading.Event
) -> list[str] | None:
    """The ids that are new; None when it was told to stop before anybody took it."""
    url = f"http://127.0.0.1:{running.port}/inbox/{channel}"
    while True:
        headers = signed_headers(SECRET, id=f"evt_{time.monotonic_ns()}", body=body, at=datetime.now(UTC))
        try:
            answer = client.post(url, content=body, headers=headers)
            if answer.status_code == 202:
                return list(answer.json()["ids"])
            history.refused[f"inbox {answer.status_code}"] += 1
        except httpx2.HTTPError as error:
            history.refused[f"inbox {type(error).__name__}"] += 1
        if stop.wait(0.3):
            return None


def people(running: Running, history: History, stop: threading.Event, todo: deque[str]) -> None:
    """Approve what was prepared, in own words, each until they are told what became of it."""
    client: httpx2.Client | None = None
    while not stop.is_set():
        try:
            if client is None:
                client = _signed_in(running)
            message_id = todo.popleft()
        except IndexError:
            stop.wait(0.2)
            continue
        except (httpx2.HTTPError, KeyError):
            client = None
            stop.wait(0.5)
            continue
        try:
            if not _approve(client, history, message_id):
                todo.append(message_id)
                stop.wait(0.05)
        except httpx2.HTTPError as error:
            history.refused[f"approve {type(error).__name__}"] += 1
            todo.append(message_id)
            stop.wait(0.3)
    if client is not None:
        client.close()


def _signed_in(running: Running) -> httpx2.Client:
    client = httpx2.Client(base_url=f"http://127.0.0.1:{running.port}", timeout=20)
    known = running.known
    session = client.post("/v1/session", json={"email": known["email"], "password": known["password"]})
    client.headers |= {"X-CSRF-Token": session.json()["csrf"], "Origin": f"http://127.0.0.1:{running.port}"}
    return client


def _approve(client: httpx2.Client, history: History, message_id: str) -> bool:
    """Whether there is nothing more to do about it."""
    answer = client.get(f"/v1/messages/{message_id}")
    suggestion = answer.json().get("suggestion") if answer.status_code == 200 else None
    if suggestion is None:
        return answer.status_code == 404
    if suggestion["state"] != "proposed":
        return True
    text = f"Thank you for your message. We are looking into it. Your reference is {suggestion['id'][-6:]}."
    with history.lock:
        history.asked[suggestion["id"]] = text
    headers = {"If-Match": f'"{suggestion["version"]}"'}
    said = client.post(f"/v1/suggestions/{suggestion['id']}/approve", json={"text": text}, headers=headers)
    if said.status_code in (200, 201, 202):
        with history.lock:
            history.approved.add(said.json()["id"])
        return True
    history.refused[f"approve {said.status_code}"] += 1
    return said.status_code in (409, 422)


def harm(running: Running, history: History, chance: random.Random, stop: threading.Event) -> None:
    """One fault after another."""
    while not stop.wait(chance.uniform(2, 5)):
        fault = chance.choice(FAULTS)
        pids = running.pids()
        if not pids:
            continue
        name = chance.choice(sorted(pids))
        with suppress(ProcessLookupError, sqlite3.Error, OSError):
            if fault == "kill":
                os.kill(pids[name], signal.SIGKILL)
                history.faults[f"{name.split()[0]} {name.split()[-1]}".replace("serve serve", "api") + " killed"] += 1
            elif fault == "freeze":
                os.kill(pids[name], signal.SIGSTOP)
                stop.wait(chance.uniform(2, 8))
                os.kill(pids[name], signal.SIGCONT)
                history.faults["frozen for seconds"] += 1
            elif fault == "queue" and (pid := running.queue_pid()) is not None:
                os.kill(pid, signal.SIGKILL)
                history.faults["queue server killed"] += 1
            elif fault == "hold":
                _hold(running, history, chance.uniform(1, 6))


def _hold(running: Running, history: History, seconds: float) -> None:
    """Somebody else holds the database, or throws everybody out of it."""
    if running.database_url.startswith("sqlite"):
        with closing(sqlite3.connect(running.database_url.removeprefix("sqlite:///"), timeout=5)) as other:
            other.execute("BEGIN EXCLUSIVE")
            time.sleep(seconds)
            other.rollback()
        history.faults["database locked for seconds"] += 1
        return
    with closing(running.open()) as store, store.engine.connect() as connection:
        connection.execute(sql(THROW_OUT))
        history.faults["every connection ended"] += 1


def until_quiet(running: Running) -> float:
    """Seconds until nothing is under way any more."""
    began = time.monotonic()
    busy = (
        "SELECT (SELECT count(*) FROM task WHERE state IN ('waiting', 'claimed')) + "
        "(SELECT count(*) FROM reply WHERE stage IN ('pending', 'claimed', 'inflight'))"
    )
    with closing(running.open()) as store:
        while time.monotonic() - began < QUIET_S:
            with suppress(Exception), store.engine.connect() as connection:
                if connection.execute(sql(busy)).scalar() == 0:
                    break
            time.sleep(0.5)
    return time.monotonic() - began


def broken_laws(running: Running, history: History, *, is_restored: bool) -> Counter[str]:
    """How often each law was broken."""
    broken: Counter[str] = Counter()
    texts = set(history.asked.values())
    broken["sent twice"] = sum(n - 1 for n in history.taken.values() if n > 1)
    broken["sent unapproved"] = sum(not said <= texts for said in history.texts.values())
    if is_restored:
        return +broken
    with closing(running.open()) as store, store(read=True) as work:
        by_channel: dict[str, list[str]] = {}
        for id, channel in history.accepted.items():
            by_channel.setdefault(channel, []).append(id)
        known = {id for channel, ids in by_channel.items() for id in work.messages.known(channel, ids)}
        broken["accepted and lost"] = len(history.accepted) - len(known)
        broken["kept and never handed in"] = max(0, work.keeping.n_messages() - len(history.handed_in))
        stages = {id: str(work.replies.get(id).sending.stage) for id in history.approved}
        broken["approved and neither sent nor with a person"] = sum(
            stage not in ("sent", "delivered", "unknown", "failed", "held") for stage in stages.values()
        )
        broken["said to be sent and not taken"] = sum(
            stage == "sent" and not history.taken[id] for id, stage in stages.items()
        )
        broken["taken and not known to be"] = sum(
            stage not in ("sent", "delivered", "unknown") and history.taken[id] > 0 for id, stage in stages.items()
        )
        broken["trail does not verify"] = bool(work.seals.verify({}).problem)
        history.answers["unknown at the end"] = sum(stage == "unknown" for stage in stages.values())
    return +broken


def one_run(name: str, database_url: str, home: Path, *, minutes: float, seed: int) -> list[object]:
    """A row of the result. Raises AssertionError when a law was broken."""
    chance, history, stop, no_harm = random.Random(seed), History(), threading.Event(), threading.Event()
    todo: deque[str] = deque()
    with networks(history, random.Random(seed + 1)) as url:
        running = Running(home, database_url, url)
        running.start()
        with closing(running.open()) as store, store() as work:
            for channel in (ONCE, ANY):
                work.switches.turn_on(channel, by="operator", at=utc_now())
        doings: list[Callable[[], None]] = [
            lambda: customers(running, history, random.Random(seed + 2), stop, todo),
            lambda: customers(running, history, random.Random(seed + 3), stop, todo),
            lambda: people(running, history, stop, todo),
            lambda: harm(running, history, chance, no_harm),
        ]
        threads = [threading.Thread(target=doing, daemon=True) for doing in doings]
        for thread in threads:
            thread.start()
        time.sleep(minutes * 30)
        backed_up = running.tactful("backup", str(home.parent / "backup"))
        history.faults["backup under load"] += backed_up.returncode == 0
        no_harm.set()
        threads[-1].join(30)
        running.stop(signal.SIGKILL)
        history.faults["supervisor killed"] += 1
        running.start()
        no_harm.clear()
        threads[-1] = threading.Thread(target=doings[-1], daemon=True)
        threads[-1].start()
        time.sleep(minutes * 30)
        no_harm.set()
        threads[-1].join(30)
        stop.set()
        for thread in threads[:-1]:
            thread.join(60)
        quiet_s = until_quiet(running)
        broken = broken_laws(running, history, is_restored=False)
        running.stop()
        n_taken = len(history.taken)
        restored = running.tactful("restore", str(home.parent / "backup"))
        if backed_up.returncode == 0:
            assert restored.returncode == 0, restored.stderr
            running.start()
            time.sleep(10)
            broken |= broken_laws(running, history, is_restored=True)
            running.stop()
    print(f"{name}: faults {dict(history.faults)}, answers {dict(history.answers)}, refused {dict(history.refused)}")
    figures = [len(history.accepted), len(history.approved), n_taken, sum(history.faults.values())]
    unknown = history.answers["unknown at the end"]
    rest = [unknown, history.n_quarantined, round(quiet_s), dict(broken) or "none"]
    return [name, seed, f"{minutes:g}", *figures, *rest]


@contextmanager
def a_store(name: str, folder: Path) -> Iterator[str]:
    if name == "sqlite":
        yield f"sqlite:///{folder / 'home' / 'tactful.db'}"
        return
    with cluster() as url:
        yield url


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--minutes", type=float, default=2.0, help="for each database")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--stores", nargs="+", default=["sqlite", "postgres"])
    given = arguments.parse_args()
    lines = [
        heading("Processes killed and frozen while customers write and people approve"),
        "| database | seed | minutes | messages accepted | replies approved | replies the channels took | faults "
        "| unknown at the end | put into quarantine | quiet after (s) | laws broken, restore too |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    trained = Path(os.environ.get("TACTFUL_HOME", ROOT / ".tactful"))
    for name in given.stores:
        folder = Path(tempfile.mkdtemp(prefix="tactful-chaos-"))
        home = folder / "home"
        home.mkdir(mode=0o700)
        try:
            for part in ("encoder", "bundles"):
                shutil.copytree(trained / part, home / part, symlinks=True)
            with a_store(name, folder) as url:
                lines.append(row(*one_run(name, url, home, minutes=given.minutes, seed=given.seed)))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        print(lines[-1], flush=True)
    kept = RESULTS / "chaos.md"
    before = kept.read_text("utf-8").splitlines() if kept.exists() else []
    ours = tuple(f"| {name} |" for name in given.stores)
    rows = [line for line in before if line.startswith(("| sqlite |", "| postgres |")) and not line.startswith(ours)]
    kept.write_text("\n".join([*lines, *rows]) + "\n", "utf-8")
    if any(not line.rstrip().endswith("none |") for line in lines[3:]):
        raise SystemExit("a law was broken")


if __name__ == "__main__":
    main()

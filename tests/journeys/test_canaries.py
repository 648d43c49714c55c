"""No planted value reaches a disk: 500 of them go in by every door, then every byte that was written is searched."""

import csv
import io
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
import structlog
from fastapi.testclient import TestClient

from api.app import create_app
from api.depends import Parts
from care.classification import Classification
from care.journey import Journey
from care.message import Turn
from care.sensitive import WITHHELD_TEXT, Redaction
from channels.http import derived_secret, signed_headers
from channels.rehearsal import RehearsalChannel
from model.sensitive import SensitiveFinder
from store.migrate import migrate
from store.work import open_store
from tests.doubles import StubClassifier, StubRedactor, inbound
from tests.journeys.planted import KEPT, N_PLANTED, Planted, Search, planted
from training.options import ReadOptions, TrainOptions
from training.run import train
from wiring.embedded import queue_server
from wiring.logs import set_up_logs
from wiring.queue import RqQueue, connect
from wiring.settings import LogSettings, RedisSettings, Settings
from workers.run import work_on

pytestmark = pytest.mark.issue(4)
ROOT = Path(__file__).resolve().parents[2]
SECRET = derived_secret("a bridge of the operator's own", "bridge")
EVERYTHING = planted()


def share(name: str) -> Sequence[Planted]:
    """The values that go in by one door; together they are all of them."""
    doors = ("webhook", "message", "classify", "mail", "person", "address")
    sizes = (100, 40, 220, 40, 40, 60)
    start = sum(sizes[: doors.index(name)])
    return EVERYTHING[start : start + sizes[doors.index(name)]]


@dataclass
class Running:
    """A whole service, and everything a stranger or a person can send to it."""

    url: str
    home: Path
    log: Path
    key: str
    person: httpx2.Client
    stranger: httpx2.Client
    said: io.BytesIO

    def sign(self, channel: str, body: bytes) -> httpx2.Response:
        headers = signed_headers(SECRET, id=f"evt_{time.monotonic_ns()}", body=body, at=datetime.now(UTC))
        return self.hear(self.stranger.post(f"{self.url}/inbox/{channel}", content=body, headers=headers))

    def program(self, method: str, path: str, **body: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.key}"}
        return self.hear(self.stranger.request(method, self.url + path, headers=headers, **body))

    def hear(self, answer: httpx2.Response) -> httpx2.Response:
        """Keep every word the service says, to search it too."""
        self.said.write(answer.content + repr(answer.headers).encode() + b"\n")
        return answer


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("canaries")
    trained = Path(os.environ.get("TACTFUL_HOME", ROOT / ".tactful"))
    for part in ("bundles", "encoder"):
        shutil.copytree(trained / part, home / part, symlinks=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    channels = {
        "bridge": {"secrets": [SECRET], "public": True},
        "mail": {"kind": "email", "sender": "care@example.org", "host": "127.0.0.1", "port": 1, "secrets": [SECRET]},
    }
    env = {
        **os.environ,
        "TACTFUL_HOME": str(home),
        "TACTFUL_CHANNELS": json.dumps(channels),
        "TACTFUL_REPLIES__UNDO_S": '{"*": 0}',
        "TACTFUL_LOGS__LEVEL": "debug",
    }
    log = tmp_path_factory.mktemp("stderr") / "everything.log"
    command = [sys.executable, "-m", "cli.main", "up", "--json", "--port", str(port)]
    with log.open("wb") as stderr:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=stderr)
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        anna = httpx2.Client(base_url=ready["url"], timeout=60, headers={"Origin": ready["url"]})
        with anna as person, httpx2.Client(timeout=60) as stranger:
            entry = person.post("/v1/session", json={"email": ready["email"], "password": ready["password"]})
            person.headers["X-CSRF-Token"] = entry.json()["csrf"]
            yield Running(ready["url"], home, log, ready["key"], person, stranger, io.BytesIO())
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        process.stdout.close()


def eventually(holds: Callable[[], bool], *, within_s: float = 180) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


def hand_in_everything(running: Running) -> None:
    """Every door a stranger's program can use."""
    batch = [
        {
            "id": f"w-{n}",
            "text": planted_value.text,
            "visibility": "public" if n % 2 else "private",
            # A name is typed by the customer too.
            "author": {
                "handle": f"h{n}",
                "name": planted_value.text[:200]
                if n % 4 == 0 and planted_value.kind not in ("email", "phone")
                else "Mira",
            },
        }
        for n, planted_value in enumerate(share("webhook"))
    ]
    body = json.dumps({"messages": batch}).encode()
    assert running.sign("bridge", body).json()["accepted"] == len(batch)
    # A network that had no answer sends it all again.
    assert running.sign("bridge", body).json()["known"] == len(batch)
    for n, planted_value in enumerate(share("message")):
        sent = {"id": f"a-{n}", "text": planted_value.text, "author": {"handle": f"@{n}", "name": "Ana"}}
        assert running.program("POST", "/v1/messages", json=sent).status_code == 202
    inputs = [{"id": str(n), "text": planted_value.text} for n, planted_value in enumerate(share("classify"))]
    read = running.program("POST", "/v1/classify", json={"inputs": inputs})
    assert read.status_code == 200
    assert all(answer["sensitive"]["flagged"] for answer in read.json()["data"])
    for n, planted_value in enumerate(share("mail")):
        assert running.sign("mail", mail(planted_value, n)).status_code == 202


def mail(planted_value: Planted, n: int) -> bytes:
    """A letter with the value in its subject, in its words, in what it quotes, or in its HTML."""
    letter = EmailMessage()
    letter["From"] = f"Mira <mira{n}@example.net>"
    letter["To"] = "care@example.org"
    letter["Message-ID"] = f"<{n}@example.net>"
    letter["Subject"] = " ".join(planted_value.text.split()) if n % 4 == 0 else "My order"
    quoted = "\n".join(f"> {line}" for line in planted_value.text.splitlines())
    words = {1: planted_value.text, 2: f"Any news?\n\nOn Monday, care wrote:\n{quoted}", 3: planted_value.text}.get(
        n % 4, "Any news?"
    )
    letter.set_content(words)
    if n % 4 == 3:
        letter.add_alternative(f"<p>{planted_value.text}</p>", subtype="html")
    return letter.as_bytes()


def act_as_a_person(running: Running) -> None:
    """Everything a signed-in person can type somewhere it does not belong."""
    page = running.person.get("/v1/cases", params={"view": "offline", "limit": 200}).json()
    on_bridge = [case for case in page["data"] if case["channel"] == "bridge"]
    cases = [case for case in on_bridge if case["message"]["suggestion"]]
    # Our own address and number may go out, so of these kinds a reply may hold any.
    values = [planted_value for planted_value in share("person") if planted_value.kind not in ("email", "phone")]
    for case, planted_value in zip(cases, values, strict=False):
        message = case["message"]
        suggestion, version = message["suggestion"]["id"], {"If-Match": f'"{message["suggestion"]["version"]}"'}
        approve = f"/v1/suggestions/{suggestion}/approve"
        sent = running.hear(running.person.post(approve, json={"text": planted_value.text}, headers=version))
        assert (sent.status_code, sent.json()["code"]) == (422, "sensitive_blocked")
        note = {"reason": "other", "note": planted_value.text[:1000]}
        rejected = running.person.post(f"/v1/suggestions/{suggestion}/reject", json=note, headers=version)
        assert running.hear(rejected).status_code == 200
        answered = running.person.post(f"/v1/cases/{case['id']}/answer", json={"text": planted_value.text})
        assert running.hear(answered).json()["code"] == "sensitive_blocked"
        if "\n" not in planted_value.value:
            labels = {"labels": {"intent": planted_value.text[:128]}}
            running.hear(running.person.post(f"/v1/messages/{message['id']}/labels", json=labels))
        why = {"action": "answer_private", "reason": planted_value.text[:1000]}
        decided = running.person.post(f"/v1/messages/{message['id']}/decision", json=why)
        assert running.hear(decided).status_code < 300
        waiver = {"state": "waived", "waiver": planted_value.text[:1000]}
        waived = running.person.post(f"/v1/cases/{case['id']}/offline", json=waiver)
        assert running.hear(waived).status_code == 200
        answer = running.hear(running.person.get("/v1/cases", params={"search": planted_value.value[:200]}))
        assert answer.json()["data"] == []
        running.person.post("/cases/" + case["id"] + "/tone", data={"text": planted_value.text})


def ask_in_the_wrong_place(running: Running) -> None:
    """Values where no route, no body and no header expects them. What is said back to the sender is not kept."""
    for planted_value in share("address"):
        value = quote(planted_value.value, safe="")
        for path in (f"/v1/{value}", f"/{value}?q={value}", f"/v1/messages/{value}", f"/v1/messages?limit={value}"):
            running.stranger.get(running.url + path)
        running.program("GET", f"/v1/messages/{value}?view={value}")
        running.hear(running.person.get(f"/cases/{value}"))
        running.program("POST", "/v1/messages", content=b'{"text": "' + planted_value.value.encode())
        running.program(
            "POST", "/v1/messages", json={"text": planted_value.text, planted_value.value[:50]: planted_value.value}
        )
        running.sign("bridge", b'{"messages": [{"text": ' + json.dumps(planted_value.text).encode() + b"}]}")
        running.sign("bridge", b"{" + planted_value.text.encode())
        unsigned = running.stranger.post(f"{running.url}/inbox/bridge", content=planted_value.text.encode())
        assert running.hear(unsigned).status_code == 401


def test_500_values_by_every_door_and_none_on_the_disk(running: Running) -> None:
    hand_in_everything(running)
    n_messages = sum(len(share(door)) for door in ("webhook", "message", "mail"))
    eventually(lambda: f'tactful_kept{{kind="tasks",state="done"}} {n_messages}.0' in metrics(running))
    act_as_a_person(running)
    ask_in_the_wrong_place(running)
    eventually(lambda: 'state="pending"} ' not in metrics(running).replace('state="pending"} 0', ""))

    search = Search()

    assert len(EVERYTHING) == N_PLANTED
    leaks = search.found_in(*(path for path in running.home.iterdir() if path.name != "encoder"))
    assert leaks == {}, leaks
    assert search.found(running.log.read_bytes()) == set()
    assert search.found(metrics(running).encode()) == set()
    assert search.found(running.said.getvalue()) == set()
    assert KEPT.encode() in (running.home / "tactful.db-wal").read_bytes() + (running.home / "tactful.db").read_bytes()
    assert (running.home / "queue" / "appendonlydir").is_dir()


def metrics(running: Running) -> str:
    return running.hear(running.stranger.get(running.url + "/metrics")).text


def test_everything_in_the_home_folder_is_for_its_owner_alone(running: Running) -> None:
    open_to_others = [path for path in running.home.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o077]

    assert open_to_others == []


# what breaks ---------------------------------------------------------------------------------------------------------


class QuotingClassifier(StubClassifier):
    """Breaks, and quotes what it should never have seen."""

    def classify(self, text: str, *, thread: Sequence[Turn] = ()) -> Classification:
        try:
            raise KeyError(EVERYTHING[0].text)
        except KeyError as error:
            raise ValueError(f"cannot read {text}: {EVERYTHING[0].text} {EVERYTHING[1].value}") from error


class QuotingRedactor(StubRedactor):
    """Breaks, and quotes what it was given."""

    def redact(self, text: str, *, before: str | None = None, is_public: bool | None = None) -> Redaction:
        raise RuntimeError(f"no rule for {text}")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Every log line of this process at debug level."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    set_up_logs(Settings(logs=LogSettings(format="json", level="debug")))
    yield written
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "h"
    home.mkdir(mode=0o700)
    return Settings(home=home, redis=RedisSettings(url="embedded"))


@pytest.fixture
def walk(settings: Settings, make_journey: Callable[..., Journey]) -> Iterator[Journey]:
    url = f"sqlite:///{settings.home / 'tactful.db'}"
    migrate(url)
    rehearsal = RehearsalChannel("chat", is_public=True, secrets=(), folder=settings.home / "rehearsal")
    with closing(open_store(url)) as store:
        yield make_journey(store, redactor=SensitiveFinder(), channels={"chat": rehearsal})


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """RQ's worker installs its own handlers and leaves them."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_worker_whose_error_quotes_the_message_leaves_nothing_of_it(
    walk: Journey, settings: Settings, log: io.StringIO
) -> None:
    with queue_server(settings) as url:
        bell = RqQueue(connect(url), {"prepare": 60, "deliver": 30})
        broken = replace(walk, queue=bell, classifier=QuotingClassifier())
        ids = broken.receive(
            [inbound(planted_value.text, outside_id=f"m{n}") for n, planted_value in enumerate(EVERYTHING[:20])]
        )
        work_on("prepare", broken, url=url, is_burst=True)
        for key in bell.connection.scan_iter():
            assert Search().found(key + (bell.connection.dump(key) or b"")) == set()

    assert Search().found_in(settings.home) == {}
    assert Search().found(log.getvalue().encode()) == set()
    assert "ValueError" in log.getvalue()
    with walk.store() as work:
        assert work.cases.file(ids[0]).problem == "ValueError"


def test_a_request_whose_error_quotes_the_message_answers_and_logs_nothing_of_it(
    walk: Journey, log: io.StringIO
) -> None:
    parts = Parts(journey=replace(walk, classifier=QuotingClassifier()), public_url="http://testserver")
    with TestClient(create_app(parts=parts), raise_server_exceptions=False) as client:
        key = service_key(walk)
        answer = client.post("/v1/classify", json={"text": EVERYTHING[0].text}, headers=key)

    assert answer.status_code == 500
    assert Search().found(answer.content + log.getvalue().encode()) == set()
    assert "ValueError" in log.getvalue()


def service_key(walk: Journey) -> dict[str, str]:
    from care.access import Scope
    from care.service_keys import make_key

    with walk.store() as work:
        key, _ = make_key(work, "a program", list(Scope), now=walk.clock())
    return {"Authorization": f"Bearer {key}"}


def test_a_detector_that_breaks_on_a_message_withholds_it_and_says_so(
    walk: Journey, settings: Settings, log: io.StringIO
) -> None:
    classifier = StubClassifier()
    blind = replace(walk, redactor=QuotingRedactor(), classifier=classifier)
    ids = blind.receive(
        [
            inbound(planted_value.text, outside_id=f"m{n}", thread_key=f"t{n}")
            for n, planted_value in enumerate(EVERYTHING[:100])
        ]
    )
    for message_id in ids[:5]:
        blind.prepare(message_id)

    assert Search().found_in(settings.home) == {}
    assert Search().found(log.getvalue().encode()) == set()
    assert log.getvalue().count("RuntimeError") >= len(ids)
    assert set(classifier.asked) == {""}
    with blind.store() as work:
        events = [event for event in work.trail.events(after=0, limit=10_000) if event.event == "message.withheld"]
        assert work.cases.file(ids[0]).message.text == WITHHELD_TEXT
        assert work.lists.figures()["sensitive"] == {"withheld": len(ids)}
    assert [(event.subject_id, event.facts["error"]) for event in events] == [(id, "RuntimeError") for id in ids]


# what is trained and exported ----------------------------------------------------------------------------------------


def test_a_bundle_trained_on_messages_with_values_holds_none(tmp_path: Path) -> None:
    rows = tmp_path / "history.csv"
    with rows.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "intent"])
        writer.writerows(
            [planted_value.text, "pay" if "card" in planted_value.kind else "other"]
            for planted_value in EVERYTHING[:200]
        )

    train([rows], ReadOptions({"intent": "intent"}), TrainOptions(out=tmp_path / "out", home=tmp_path, encoder="none"))

    assert Search().found_in(tmp_path / "out") == {}
    assert "history.csv" in next(iter(Search().found_in(tmp_path)))


def test_redacted_history_holds_no_value_and_every_order_number(tmp_path: Path) -> None:
    table, lines, text = tmp_path / "in.csv", tmp_path / "in.jsonl", tmp_path / "in.txt"
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [["id", "text"], *([n, planted_value.text] for n, planted_value in enumerate(EVERYTHING[:170]))]
        )
    lines.write_text(
        "".join(json.dumps({"text": planted_value.text, "id": 1}) + "\n" for planted_value in EVERYTHING[170:340]),
        "utf-8",
    )
    text.write_text("\n\n".join(planted_value.text for planted_value in EVERYTHING[340:]), "utf-8")
    out = tmp_path / "out"
    out.mkdir()

    for file in (table, lines, text):
        command = [sys.executable, "-m", "cli.main", "redact", "--file", str(file), "-o", str(out / file.name)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=300)
        assert Search().found(done.stdout + done.stderr) == set()

    assert Search().found_in(out) == {}
    assert sum(file.read_bytes().count(KEPT.encode()) for file in out.iterdir()) == N_PLANTED

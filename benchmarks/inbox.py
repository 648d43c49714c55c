"""The console on a store of 100,000 cases: list, narrowed list, search and case; and many agents on live streams.

    python -m benchmarks.inbox [--cases 100000] [--streams 200] [--looks 60]

Cases of a year, a third of them open, made row by row as the service would keep them, in SQLite. Pages are asked of the
real application over HTTP in this process, by a signed-in agent, and their time is the whole request. Then so many
clients listen to /live while cases change hands: how long after its commit a change is with each, and what a stream
costs in memory.
"""

import argparse
import asyncio
import random
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import uvicorn
from fastapi.testclient import TestClient
from sqlalchemy import insert

from api.app import create_app
from api.depends import Parts
from benchmarks.machine import RESULTS, heading, percentile, row
from benchmarks.report import CHANNELS, INTENTS, Rows
from benchmarks.running import resident_mb
from care.access import Role
from care.case import CaseState, Resolution, Source
from care.classification import Candidate, Classification, Judgement
from care.decision import Action, Decision, Priority
from care.message import Visibility
from care.people import make_person
from care.ports import utc_now
from care.reply import Draft, SuggestionState
from care.sensitive import Handling, Redaction
from store import tables
from store.migrate import migrate
from store.work import SqlStore, open_store
from tests.api.doubles import FixedClock, a_journey
from wiring.passwords import hash_password

PASSWORD = "correct horse battery"
WORDS = tuple(Path(__file__).read_text("utf-8").split())
GOALS = {"list": 100, "narrowed list": 100, "search": 200, "case": 80, "list of a program": 100}
N_CHANGES = 40
SELF = Path("/proc/self")


class RealClock(FixedClock):
    def __call__(self):  # type: ignore[no-untyped-def]
        return utc_now()


def a_case(
    rows: Rows, said: list[dict[str, object]], labels: list[dict[str, object]], n: int, dice: random.Random
) -> None:
    """One case with one message, its drafts and the words that it is found by."""
    id, channel, intent = f"{n:08d}", dice.choice(CHANNELS[:1] + CHANNELS[2:]), dice.choice(INTENTS)
    at = utc_now() - timedelta(seconds=dice.randrange(360 * 86_400))
    is_open = dice.random() < 0.33
    due = at + timedelta(hours=dice.randrange(1, 9000))
    text = f"{' '.join(dice.choices(WORDS, k=25))} AB-{10_000 + n}"
    common = {"case_id": f"cas_{id}", "turn": 1}
    rows.add(tables.ThreadRow, id=f"thr_{id}", channel=channel, key=id)
    rows.add(
        tables.CaseRow, id=f"cas_{id}", channel=channel, thread_id=f"thr_{id}", customer=f"c{n}", source=Source.LIVE,
        state=CaseState.OPEN if is_open else CaseState.RESOLVED, latest_message_id=f"msg_{id}", turn=1, opened_at=at,
        changed_at=at, due_at=due if is_open else None, priority=dice.randrange(60),
        resolved_at=None if is_open else at, resolution=None if is_open else Resolution.SOLVED,
    )  # fmt: skip
    rows.add(
        tables.MessageRow, id=f"msg_{id}", channel=channel, outside_id=id, thread_id=f"thr_{id}", thread_key=id,
        handle=f"c{n}", text=text, visibility=Visibility.PUBLIC, written_at=at, received_at=at,
        handling=Handling.ALLOW, spans=(), **common,
    )  # fmt: skip
    rows.add(
        tables.ClassificationRow, message_id=f"msg_{id}", bundle="bench", made_at=at,
        value=Classification({"intent": Judgement(intent, 0.9, False, (Candidate(intent, 0.9),))}, Redaction(text)),
    )  # fmt: skip
    drafts = tuple(Draft(f"play{m}@1", f"Hi, {' '.join(dice.choices(WORDS, k=30))}", title="On it") for m in range(3))
    rows.add(
        tables.SuggestionRow, id=f"sug_{id}", message_id=f"msg_{id}", thread_id=f"thr_{id}", version=1, drafts=drafts,
        decision=Decision(Action.ANSWER_PUBLIC, "care", Priority(), due, due), created_at=at, due_at=due, priority=0,
        state=SuggestionState.PROPOSED if is_open else SuggestionState.DISMISSED, playbook="bench", **common,
    )  # fmt: skip
    said.append({"case_id": f"cas_{id}", "source_id": f"msg_{id}", "words": text.casefold()})
    known = {"intent": intent, "team": "care", "action": "answer_public"}
    labels.extend({"case_id": f"cas_{id}", "task": task, "label": label} for task, label in known.items())


def fill(store: SqlStore, n_cases: int, dice: random.Random) -> None:
    for begin in range(0, n_cases, 5000):
        rows, said, labels = Rows(), [], []  # type: ignore[var-annotated]
        for n in range(begin, min(begin + 5000, n_cases)):
            a_case(rows, said, labels, n, dice)
        rows.write(store.engine)
        with store.engine.begin() as connection:
            connection.execute(insert(tables.SaidRow), said)
            connection.execute(insert(tables.CaseLabelRow), labels)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")


def timed(ask: Callable[[], int], looks: int) -> list[float]:
    """Milliseconds of each look, after two that warm up."""
    took = []
    for n in range(looks + 2):
        began = time.perf_counter()
        status = ask()
        if status != 200:
            raise SystemExit(f"answered {status}")
        if n >= 2:
            took.append((time.perf_counter() - began) * 1000)
    return took


def pages(client: TestClient, n_cases: int, looks: int, dice: random.Random) -> dict[str, list[float]]:
    some = [f"cas_{dice.randrange(n_cases):08d}" for _ in range(looks + 2)]
    words, numbers = dice.choices(WORDS, k=looks + 2), iter(dice.choices(range(n_cases), k=looks + 2))

    def get(path: str, **query: str) -> int:
        return client.get(path, params=query).status_code

    return {
        "list": timed(lambda: get("/", view="now_due"), looks),
        "narrowed list": timed(lambda: get("/", view="now_due", intent=dice.choice(INTENTS), channel="x"), looks),
        "search": [
            *timed(lambda: get("/", view="all", q=f"AB-{10_000 + next(numbers)}"), looks),
            *timed(lambda: get("/", view="all", q=f"{words.pop()} {dice.choice(WORDS)}"[:60]), looks),
        ],
        "case": timed(lambda: get(f"/cases/{some.pop()}", view="now_due"), looks),
        "list of a program": timed(lambda: get("/v1/cases", view="now_due"), looks),
    }


async def listen(port: int, cookie: str, n_streams: int, change: Callable[[int], str]) -> tuple[list[float], float]:
    """Milliseconds between a change and each stream that tells it, and kB of memory a stream."""
    before, came = resident_mb(SELF), [{} for _ in range(n_streams)]  # type: ignore[var-annotated]
    streams = []
    for n in range(n_streams):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode())
        streams.append((reader, writer, asyncio.create_task(note_events(reader, came[n]))))
    await asyncio.sleep(3)
    grown, sent = (resident_mb(SELF) - before) * 1024, {}
    for n in range(N_CHANGES):
        case_id = await asyncio.to_thread(change, n)
        sent[case_id] = time.perf_counter()
        await asyncio.sleep(0.25)
    await asyncio.sleep(3)
    for _, writer, task in streams:
        task.cancel()
        writer.close()
    told = [times[id] - at for times in came for id, at in sent.items() if id in times]
    if len(told) < 0.99 * N_CHANGES * n_streams:
        raise SystemExit(f"only {len(told)} of {N_CHANGES * n_streams} changes arrived")
    return [1000 * max(0.0, span) for span in told], grown / n_streams


async def note_events(reader: asyncio.StreamReader, came: dict[str, float]) -> None:
    while line := await reader.readline():
        now, words = time.perf_counter(), line.decode()
        for part in words.replace('"', " ").replace(",", " ").split():
            if part.startswith("cas_"):
                came.setdefault(part, now)


def live(parts: Parts, n_streams: int, cookie: str, person_id: str) -> tuple[list[float], float]:
    server = uvicorn.Server(uvicorn.Config(create_app(parts=parts), port=0, log_config=None, lifespan="on"))
    socket = server.config.bind_socket()
    port = socket.getsockname()[1]
    thread = threading.Thread(target=server.run, args=([socket],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)

    def change(n: int) -> str:
        parts.journey.casework.assign(f"cas_{n:08d}", by=person_id, to=person_id)
        return f"cas_{n:08d}"

    try:
        return asyncio.run(listen(port, cookie, n_streams, change))
    finally:
        server.should_exit = True
        thread.join(10)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--cases", type=int, default=100_000)
    arguments.add_argument("--streams", type=int, default=200)
    arguments.add_argument("--looks", type=int, default=60)
    given = arguments.parse_args()
    dice = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/inbox.db"
        migrate(url)
        with closing(open_store(url)) as store:
            fill(store, given.cases, dice)
            journey = a_journey(store, RealClock())
            with store() as work:
                person = make_person(
                    work, "a@example.com", "Ada", Role.SUPERVISOR, hash_password(PASSWORD), now=utc_now()
                )
            parts = Parts(journey=journey, public_url="http://testserver")
            with TestClient(create_app(parts=parts)) as client:
                answer = client.post("/v1/session", json={"email": "a@example.com", "password": PASSWORD})
                answer.raise_for_status()
                times = pages(client, given.cases, given.looks, dice)
                cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
            told, stream_kb = live(parts, given.streams, cookie, person.id) if given.streams else ([], 0.0)
    tell(given.cases, given.streams, times, told, stream_kb)


def tell(n_cases: int, n_streams: int, times: dict[str, list[float]], told: list[float], stream_kb: float) -> None:
    lines = [
        heading(f"The console on {n_cases:,} cases"),
        row("page", "looks", "median ms", "p95 ms", "goal p95 ms"),
        row(*["---"] * 5),
        *(
            row(name, len(took), percentile(took, 0.5), percentile(took, 0.95), GOALS[name])
            for name, took in times.items()
        ),
    ]
    if told:
        lines += [
            "",
            f"{n_streams} clients on /live, {N_CHANGES} cases assigned: a change is with a client after a median of "
            f"{percentile(told, 0.5):.0f} ms, p95 {percentile(told, 0.95):.0f} ms (goal 200); {stream_kb:.0f} kB a "
            "stream, both ends in one process (goal 60).",
        ]
    text = "\n".join(lines) + "\n"
    print(text)
    (RESULTS / "inbox.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

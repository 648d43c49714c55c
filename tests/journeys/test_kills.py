"""A real worker process is killed at every point of its jobs; afterwards nothing is lost and nothing went out twice."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from care.escalation import NoticeState
from care.journey import Journey
from care.ports import utc_now
from care.reply import Approval, Reply, ReplyStage, SuggestionState
from tests.doubles import inbound
from tests.journeys.crash import ShiftedClock, pointed_journey
from tests.playbook.builders import the_book
from wiring.embedded import Server, folder_of, queue_server, socket_of
from wiring.queue import RqQueue, connect
from wiring.settings import RedisSettings, Settings
from workers.run import EXIT_HUNG, work_on
from workers.sweep import climb, sweep

ROOT = Path(__file__).parents[2]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "h"
    home.mkdir(mode=0o700)
    return Settings(home=home, redis=RedisSettings(url="embedded"))


@pytest.fixture
def url(settings: Settings) -> Iterator[str]:
    with queue_server(settings) as url:
        yield url


@pytest.fixture
def bell(url: str) -> RqQueue:
    return RqQueue(connect(url), {"prepare": 60, "deliver": 30, "notify": 30})


@pytest.fixture
def walk(sqlite_url: str, tmp_path: Path, bell: RqQueue) -> Iterator[Journey]:
    """The survivor: the same store, channel and queue as the process that dies."""
    journey = pointed_journey(sqlite_url, tmp_path / "out", lambda _: None, queue=bell, clock=ShiftedClock())
    yield journey
    journey.store.store.close()  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """RQ's worker installs its own handlers and leaves them."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def worker_dies(url: str, sqlite_url: str, tmp_path: Path) -> Callable[[str, str], int]:
    """Runs a real worker process that ends at a point; gives its exit code."""

    def run(queue_name: str, point: str) -> int:
        command = [sys.executable, "-m", "tests.journeys.crash", queue_name, sqlite_url, url, str(tmp_path / "out")]
        return subprocess.run([*command, point], cwd=ROOT, timeout=120, stderr=subprocess.DEVNULL).returncode

    return run


def recover(walk: Journey, bell: RqQueue, url: str, queue_name: str) -> None:
    """What the running service does by itself: sweeps, rings, works."""
    assert isinstance(walk.clock, ShiftedClock)
    walk.clock.outlive_leases()
    sweep(walk.store, bell, walk.channels, unrung_s=0)  # type: ignore[arg-type]
    work_on(queue_name, walk, url=url, is_burst=True)


def approved(walk: Journey) -> Reply:
    [message_id] = walk.receive([inbound()])
    walk.prepare(message_id)
    with walk.store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    return walk.approve(suggestion.id, Approval(by="per_anna", text="We are on it.", version=1))


def taken(tmp_path: Path) -> list[str]:
    """Reply ids the channel took, from its file."""
    path = tmp_path / "out" / "chat.jsonl"
    return [json.loads(line)["reply_id"] for line in path.read_text().splitlines()] if path.exists() else []


@pytest.mark.parametrize(
    ("point", "stage", "n_taken"),
    [
        pytest.param("tx1:before", ReplyStage.SENT, 1, id="before the claim is kept"),
        pytest.param("tx1:after", ReplyStage.SENT, 1, id="claimed"),
        pytest.param("tx2:before", ReplyStage.SENT, 1, id="before take-off is kept"),
        pytest.param("tx2:after", ReplyStage.UNKNOWN, 0, id="in flight"),
        pytest.param("send:before", ReplyStage.UNKNOWN, 0, id="before the first byte"),
        pytest.param("send:after", ReplyStage.UNKNOWN, 1, id="taken, answer lost"),
        pytest.param("tx3:before", ReplyStage.UNKNOWN, 1, id="answer read, not kept"),
        pytest.param("tx3:after", ReplyStage.SENT, 1, id="kept, job not ended"),
    ],
)
def test_a_deliver_worker_that_is_killed_never_makes_two_of_one_reply(
    walk: Journey,
    bell: RqQueue,
    url: str,
    worker_dies: Callable[[str, str], int],
    tmp_path: Path,
    point: str,
    stage: ReplyStage,
    n_taken: int,
) -> None:
    reply = approved(walk)

    assert worker_dies("deliver", point) == -signal.SIGKILL
    recover(walk, bell, url, "deliver")

    with walk.store() as work:
        assert work.replies.get(reply.id).sending.stage is stage
    assert taken(tmp_path) == [reply.id] * n_taken
    recover(walk, bell, url, "deliver")
    assert taken(tmp_path) == [reply.id] * n_taken


@pytest.mark.parametrize(
    "point",
    [
        pytest.param("tx1:before", id="before the claim is kept"),
        pytest.param("tx1:after", id="claimed"),
        pytest.param("classify", id="while the model thinks"),
        pytest.param("tx2:before", id="drafted, not kept"),
        pytest.param("tx2:after", id="kept, job not ended"),
    ],
)
def test_a_prepare_worker_that_is_killed_leaves_one_suggestion(
    walk: Journey, bell: RqQueue, url: str, worker_dies: Callable[[str, str], int], point: str
) -> None:
    [message_id] = walk.receive([inbound()])

    assert worker_dies("prepare", point) == -signal.SIGKILL
    recover(walk, bell, url, "prepare")

    with walk.store() as work:
        case = work.cases.file(message_id)
        created = [event.event for event in work.trail.events(after=0)].count("suggestion.created")
    assert case.suggestion is not None
    assert case.suggestion.choice.state is SuggestionState.PROPOSED
    assert created == 1


@pytest.mark.parametrize(
    ("point", "n_told"),
    [
        pytest.param("tx1:before", 1, id="before the claim is kept"),
        pytest.param("tx1:after", 1, id="claimed"),
        pytest.param("send:before", 1, id="before the first byte"),
        pytest.param("send:after", 2, id="taken, answer lost"),
        pytest.param("tx2:before", 2, id="answer read, not kept"),
        pytest.param("tx2:after", 1, id="kept, job not ended"),
    ],
)
def test_a_contact_hears_of_a_climb_whatever_kills_the_worker_and_can_tell_two_copies(
    walk: Journey,
    bell: RqQueue,
    url: str,
    worker_dies: Callable[[str, str], int],
    tmp_path: Path,
    point: str,
    n_told: int,
) -> None:
    [message_id] = walk.receive([inbound()])
    walk.prepare(message_id)
    climb(walk.store, the_book().policy, now=utc_now() + timedelta(hours=1, minutes=30))  # type: ignore[arg-type]
    assert sweep(walk.store, bell, walk.channels, unrung_s=0)["notify_rung"] == 1  # type: ignore[arg-type]

    assert worker_dies("notify", point) == -signal.SIGKILL
    recover(walk, bell, url, "notify")
    recover(walk, bell, url, "notify")

    with walk.store() as work:
        [step] = work.cases.file(message_id).handled.climbed
    assert step.notice is not None
    assert step.notice.sending.state is NoticeState.SENT
    lines = (tmp_path / "out" / "notices.jsonl").read_text().splitlines()
    assert [json.loads(line)["notice_id"] for line in lines] == [step.notice.id] * n_told


def test_a_worker_that_hangs_ends_itself_and_another_takes_over(
    walk: Journey, bell: RqQueue, url: str, worker_dies: Callable[[str, str], int]
) -> None:
    impatient = RqQueue(connect(url), {"prepare": 1, "deliver": 1})
    [message_id] = Journey.receive(_with_queue(walk, impatient), [inbound()])

    assert worker_dies("prepare", "hang") == EXIT_HUNG
    recover(walk, bell, url, "prepare")

    with walk.store() as work:
        assert work.cases.file(message_id).work == "open"


def _with_queue(walk: Journey, queue: RqQueue) -> Journey:
    from dataclasses import replace

    return replace(walk, queue=queue)


def test_with_the_queue_away_messages_are_still_received_and_the_sweep_rings_later(
    walk: Journey, settings: Settings, sqlite_url: str, tmp_path: Path
) -> None:
    away = RqQueue(connect(f"unix://{tmp_path}/nobody.sock"), {"prepare": 60, "deliver": 30})

    ids = _with_queue(walk, away).receive([inbound(outside_id=f"m{n}", thread_key=f"t{n}") for n in range(20)])

    assert len(ids) == 20
    back = walk.queue
    assert isinstance(back, RqQueue)
    assert sweep(walk.store, back, walk.channels, unrung_s=0) == {"prepare_rung": 20}  # type: ignore[arg-type]
    work_on("prepare", walk, url=f"unix://{socket_of(settings)}", is_burst=True)
    with walk.store() as work:
        assert work.lists.figures()["tasks"] == {"done": 20}


def test_the_whole_journey_passes_with_the_queue_killed_and_emptied_between_each_two_steps(
    sqlite_url: str, settings: Settings, tmp_path: Path
) -> None:
    folder = folder_of(settings)
    folder.mkdir(mode=0o700)

    def fresh_server() -> Server:
        for path in folder.rglob("*.aof*"):
            path.unlink()
        from wiring.embedded import find_server

        server = Server(binary=find_server(), folder=folder, socket=socket_of(settings))
        server._launch()
        return server

    def kill(server: Server) -> None:
        assert server._process is not None
        server._process.kill()
        server._process.wait()

    url = f"unix://{socket_of(settings)}"
    walk = pointed_journey(sqlite_url, tmp_path / "out", lambda _: None, clock=ShiftedClock())

    def with_bell(step: Callable[[Journey, RqQueue], object]) -> object:
        server = fresh_server()
        try:
            bell = RqQueue(connect(url), {"prepare": 60, "deliver": 30})
            return step(_with_queue(walk, bell), bell)
        finally:
            kill(server)

    [message_id] = with_bell(lambda journey, _: journey.receive([inbound()]))  # type: ignore[misc]
    with_bell(lambda journey, bell: recover(journey, bell, url, "prepare"))
    with walk.store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    approval = Approval(by="per_anna", text="We are on it.", version=1)
    reply = with_bell(lambda journey, _: journey.approve(suggestion.id, approval))
    assert isinstance(reply, Reply)
    with_bell(lambda journey, bell: recover(journey, bell, url, "deliver"))

    with walk.store() as work:
        assert work.replies.get(reply.id).sending.stage is ReplyStage.SENT
    assert taken(tmp_path) == [reply.id]
    walk.store.store.close()  # type: ignore[attr-defined]

"""Worker processes: one queue, no fork, no model where none is needed."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from care.errors import BadSettings, ChannelBusy, Unreachable
from care.journey import Journey
from store.work import SqlStore
from tests.doubles import FixedClock, RecordingQueue, StubChannel, inbound
from wiring import assemble
from wiring.channels import channels as channels_of
from wiring.channels import signed_inbox_request
from wiring.embedded import queue_server
from wiring.queue import RqQueue, connect
from wiring.secret_key import secret_key
from wiring.settings import RedisSettings, Settings
from workers import jobs
from workers.run import run_worker, work_on
from workers.sweep import run_sweep, sweep

ROOT = Path(__file__).parents[2]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "h"
    home.mkdir(mode=0o700)
    return Settings(home=home, redis=RedisSettings(url="embedded"))


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_no_job_forks_the_process_that_holds_the_model(settings: Settings, journey: Journey) -> None:
    [message_id] = journey.receive([inbound()])
    forks: list[int] = []
    os.register_at_fork(before=lambda: forks.append(os.getpid()))

    with queue_server(settings) as url:
        RqQueue(connect(url), {"prepare": 60, "deliver": 30}).ring("prepare", message_id)
        forks.clear()
        work_on("prepare", journey, url=url, is_burst=True)

    assert forks == []
    with journey.store() as work:
        assert work.cases.file(message_id).work == "open"


def test_a_delivering_process_never_loads_a_classifier(tmp_path: Path) -> None:
    code = """
import sys
from wiring import assemble
from wiring.settings import load_settings
import workers.run
settings = load_settings()
assemble.migrate(settings)
assemble.Assembly(settings).delivery
heavy = {"onnxruntime", "spacy", "sklearn", "presidio_analyzer", "torch", "transformers", "fastapi"}
print(sorted(heavy & set(sys.modules)))
"""
    env = {**os.environ, "TACTFUL_HOME": str(tmp_path / "h")}
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_an_unknown_queue_is_refused_in_words(settings: Settings) -> None:
    with pytest.raises(BadSettings, match="prepare, deliver, notify"):
        run_worker("format_disk", settings)


def test_a_worker_without_a_queue_server_says_so(tmp_path: Path, journey: Journey) -> None:
    with pytest.raises(Unreachable, match="queue server is away"):
        work_on("deliver", journey, url=f"unix://{tmp_path}/nobody.sock", is_burst=True)


def test_a_busy_channel_is_no_failure_of_the_job(journey: Journey, channel: StubChannel, monkeypatch) -> None:
    monkeypatch.setattr(
        Journey, "deliver", lambda self, id: (_ for _ in ()).throw(ChannelBusy("chat", retry_after_s=30))
    )
    jobs.plug(journey)

    jobs.deliver("rpl_1")


def test_what_a_job_fails_with_carries_no_words(journey: Journey, monkeypatch) -> None:
    monkeypatch.setattr(Journey, "prepare", lambda self, id: int("swordfish"))
    jobs.plug(journey)

    with pytest.raises(jobs.JobFailedError) as raised:
        jobs.prepare("msg_1")

    assert str(raised.value) == "ValueError"
    assert raised.value.__cause__ is None


def test_the_sweep_does_not_ring_into_a_queue_that_is_full(
    store: SqlStore, journey: Journey, clock: FixedClock, queue: RecordingQueue, monkeypatch
) -> None:
    journey.receive([inbound()])
    clock.advance(60)
    queue.rung.clear()
    monkeypatch.setattr(RecordingQueue, "lengths", lambda self: {"prepare": 5000})

    assert sweep(store, queue, {}, unrung_s=10) == {}  # type: ignore[arg-type]

    monkeypatch.setattr(RecordingQueue, "lengths", lambda self: {"prepare": 0})
    assert sweep(store, queue, {}, unrung_s=10) == {"prepare_rung": 1}  # type: ignore[arg-type]


def test_the_sweep_goes_on_while_the_database_is_away(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assemble.migrate(settings)
    stop = threading.Event()
    rounds = []

    def fail(*args: object, **kwargs: object) -> dict[str, int]:
        rounds.append(1)
        if len(rounds) == 3:
            stop.set()
        raise Unreachable("The database is away.")

    monkeypatch.setattr("workers.sweep.sweep", fail)
    monkeypatch.setattr("workers.sweep.set_up_logs", lambda _: None)
    quick = settings.model_copy(update={"workers": settings.workers.model_copy(update={"sweep_s": 0.01})})

    run_sweep(quick, stop=stop)

    assert len(rounds) == 3


def test_every_channel_is_in_rehearsal_and_its_inbox_is_signed(settings: Settings) -> None:
    channels = channels_of(settings, assemble.store(settings))
    body = b'{"messages": []}'

    for name, channel in channels.items():
        channel.verify(signed_inbox_request(settings, name, body), body)

    assert {type(channel).__name__ for channel in channels.values()} == {"RehearsalChannel"}


def test_the_secret_key_is_made_once_and_is_its_owners_alone(settings: Settings) -> None:
    keys = {secret_key(settings) for _ in range(3)}

    assert len(keys) == 1
    assert (settings.home / "secret.key").stat().st_mode & 0o777 == 0o600


def test_the_database_file_is_its_owners_alone(settings: Settings) -> None:
    assemble.migrate(settings)
    with assemble.store(settings)() as work:
        work.note("test", "id", by="test", facts={})

    files = list(settings.home.glob("tactful.db*"))
    assert files
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}

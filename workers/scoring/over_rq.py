"""Shards handed out by the queue server, to workers on any host that sees the folder of scores.

The folder is the truth: a number in the queue only says that a shard is wanted, and is written there again when its
worker died. Texts never pass through the queue server.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from care.errors import TactfulError, Unreachable
from wiring.embedded import url_of
from wiring.queue import ListedJob, open_server
from wiring.settings import Settings
from workers.run import worker_on
from workers.scoring.plan import ScoringPlan, Shard, read_plan
from workers.scoring.shards import ShardScorer

log = structlog.get_logger("tactful.score")

SCORE = "workers.scoring.over_rq.score"
SHARD_TIMEOUT_S = 1800
"""A worker whose shard takes longer ends itself."""
PATIENCE_S = 60.0
"""With nothing waiting and nothing coming for so long, what is missing is asked for again."""
MOST_RINGS = 5
LOOK_S = 0.5


class ShardJob(ListedJob):
    """A job that scores one shard of the run that its worker joined, and can do nothing else."""

    listed = frozenset({SCORE})


_scorers: list[ShardScorer] = []
_errors: list[TactfulError] = []


def score(number: str) -> None:
    """Score one shard of the run that this process has joined."""
    scorer = _scorers[0]
    try:
        shards = scorer.plan.shards()
        if number.isdecimal() and int(number) < len(shards):
            scorer.score(shards[int(number)])
    except TactfulError as error:
        _errors.append(error)
        raise


def hand_out(
    plan: ScoringPlan,
    folder: Path,
    connection: "Redis",
    *,
    tell: Callable[[list[Shard]], None],
    patience_s: float = PATIENCE_S,
) -> None:
    """Ask for what is missing until nothing is. tell: called with what is missing, often.

    Raises Unreachable when a shard was asked for again and again and never came.
    """
    queue, rung = queue_of(plan, connection), Counter[int]()
    missing, last_came = plan.missing(folder), -patience_s
    while missing:
        try:
            if time.monotonic() - last_came >= patience_s and not queue.count:
                _ring(queue, missing, rung, plan)
                last_came = time.monotonic()
        except RedisError as error:
            log.warning("no queue server: what is handed out already goes on", error=type(error).__name__)
        tell(missing)
        time.sleep(LOOK_S)
        left = plan.missing(folder)
        if len(left) < len(missing):
            last_came = time.monotonic()
        missing = left


def _ring(queue: Queue, missing: list[Shard], rung: Counter[int], plan: ScoringPlan) -> None:
    for shard in missing:
        rung[shard.number] += 1
        if rung[shard.number] > MOST_RINGS:
            raise Unreachable(
                f"Rows {shard.first + 1} to {shard.first + shard.n_rows} of {plan.files[shard.file].path} were handed "
                f"out {MOST_RINGS} times and never came back: look at what the workers say. What is there stays."
            )
        queue.enqueue_call(
            SCORE, args=(str(shard.number),), timeout=SHARD_TIMEOUT_S, result_ttl=0, failure_ttl=60, description="score"
        )


def join(folder: Path, settings: Settings, *, is_stopped: threading.Event | None = None) -> None:
    """Score what is handed out, until nothing of the run is missing or it is told to stop.

    Raises whatever a shard could not be scored for.
    """
    scorer, is_stopped = ShardScorer.open(folder, settings), is_stopped or threading.Event()
    _scorers[:], _errors[:] = [scorer], []
    connection = open_server(url_of(settings))
    while scorer.plan.missing(folder) and not is_stopped.is_set():
        try:
            worker = worker_on(_name(scorer.plan), connection, job_class=ShardJob)
            worker.is_stopped = is_stopped
            worker.work(burst=True, logging_level="ERROR")
        except RedisError as error:
            log.warning("no queue server", error=type(error).__name__)
        if _errors:
            raise _errors[0]
        is_stopped.wait(LOOK_S)


def queue_of(plan: ScoringPlan, connection: "Redis") -> Queue:
    return Queue(_name(plan), connection=connection, serializer=JSONSerializer, job_class=ShardJob)


def open_queue(folder: Path, settings: Settings) -> tuple[ScoringPlan, "Redis"]:
    """The plan of a run and the queue server. Raises Unreachable when that is away."""
    connection = open_server(url_of(settings))
    try:
        connection.ping()
    except (RedisError, OSError):
        raise Unreachable(
            "The queue server is away: start `tactful up`, or set TACTFUL_REDIS__URL to one that runs."
        ) from None
    return read_plan(folder), connection


def _name(plan: ScoringPlan) -> str:
    return f"score-{plan.run_id}"

"""Shards handed out by a Dask cluster, whose workers have tactful installed and see the folder of scores.

Dask calls whatever it is sent: its scheduler and workers belong on a network that only trusted clients reach.
"""

import itertools
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from care.errors import BadSettings, Unreachable
from workers.scoring.plan import ScoringPlan, Shard
from workers.scoring.shards import ShardScorer

RETRIES = 3
"""How often a shard is tried again that failed."""
AHEAD = 4
"""Shards handed out for each thread of the cluster."""


def score(folder: str, number: int) -> int:
    """Score one shard, in a worker of the cluster. Returns its number."""
    scorer, lock = _opened(folder)
    with lock:
        scorer.score(scorer.plan.shards()[number])
    return number


@cache
def _opened(folder: str) -> tuple[ShardScorer, threading.Lock]:
    return ShardScorer.open(Path(folder)), threading.Lock()


def hand_out(
    plan: ScoringPlan,
    folder: Path,
    *,
    address: str | None,
    n_workers: int,
    tell: Callable[[list[Shard]], None],
) -> None:
    """Have a cluster score what is missing. address: of its scheduler; None: one of our own, with so many processes.

    Raises BadSettings where the library is not installed, Unreachable where no scheduler answers, and whatever a shard
    could not be scored for.
    """
    distributed = _library()
    missing = {shard.number: shard for shard in plan.missing(folder)}
    try:
        client = distributed.Client(address or _own_cluster(distributed, n_workers), timeout="10s")
    except (OSError, TimeoutError):
        raise Unreachable(f"No Dask scheduler answers at {address}. Start one: dask scheduler.") from None
    with client:
        n_ahead = max(1, sum(client.nthreads().values())) * AHEAD
        waiting = iter(list(missing))

        def ask(number: int) -> Any:
            key = f"score-{plan.run_id}-{number}"
            return client.submit(score, str(folder), number, key=key, pure=False, retries=RETRIES)

        running = distributed.as_completed([ask(number) for number in itertools.islice(waiting, n_ahead)])
        for done in running:
            missing.pop(done.result())
            tell(list(missing.values()))
            if (number := next(waiting, None)) is not None:
                running.add(ask(number))
    if plan.missing(folder):
        raise Unreachable(f"The cluster says it is done, and {folder} lacks scores: do its workers see that folder?")


def _own_cluster(distributed: Any, n_workers: int) -> Any:
    return distributed.LocalCluster(
        n_workers=max(1, n_workers), threads_per_worker=1, dashboard_address=None, protocol="tcp://", host="127.0.0.1"
    )


def _library() -> Any:
    try:
        import distributed
    except ImportError:
        raise BadSettings(
            "--engine dask needs the library distributed, here and on every worker: pip install 'tactful[dask]'."
        ) from None
    return distributed

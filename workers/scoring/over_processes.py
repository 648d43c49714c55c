"""Shards scored by processes of this machine: each has its own part of them, and is started again when it dies."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from care.errors import Unreachable
from wiring.processes import end_group, on_a_leash
from workers.scoring.plan import ScoringPlan, Shard
from workers.scoring.shards import ShardScorer

LOOK_S = 0.1
MOST_STARTS = 3
"""So often a process is started without any shard being done in between."""


@dataclass(frozen=True, slots=True)
class Part:
    """Every so-and-so-many-th shard: 2/5 is the second of five parts."""

    number: int = 1
    of: int = 1

    def has(self, shard: Shard) -> bool:
        return shard.number % self.of == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


def score_part(folder: Path, part: Part, *, tell: Callable[[list[Shard]], None]) -> None:
    """Score here, one after the other, what is missing of a part. Raises what a shard could not be scored for."""
    scorer = ShardScorer.open(folder)
    missing = [shard for shard in scorer.plan.missing(folder) if part.has(shard)]
    while missing:
        tell(missing)
        scorer.score(missing.pop(0))
    tell([])


def hand_out(plan: ScoringPlan, folder: Path, *, n_workers: int, tell: Callable[[list[Shard]], None]) -> None:
    """Have so many processes score what is missing. Raises Unreachable when they keep dying."""
    parts = [Part(number + 1, n_workers) for number in range(n_workers)]
    with Crew([["--part", str(part)] for part in parts], folder) as crew:
        while missing := plan.missing(folder):
            tell(missing)
            crew.tend(len(missing), is_done=lambda n: not any(parts[n].has(shard) for shard in missing))
            time.sleep(LOOK_S)
    tell([])


class Crew:
    """Processes that each join the run in a folder. None outlives this one, however it ends."""

    def __init__(self, options: Sequence[Sequence[str]], folder: Path) -> None:
        join = [sys.executable, "-m", "cli.main", "score", "--join", str(folder), "--quiet"]
        self._commands = [[*join, *given] for given in options]
        self._processes: list[subprocess.Popen[bytes] | None] = [None] * len(self._commands)
        self._starts = [0] * len(self._commands)
        self._n_missing = -1

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for process in self._processes:
            if process is not None:
                end_group(process.pid, signal.SIGKILL)
                process.wait()

    def tend(self, n_missing: int, *, is_done: Callable[[int], bool] = lambda _: False) -> None:
        """Start who does not run and is not done. n_missing: shards of the run. Raises Unreachable where they die."""
        if n_missing != self._n_missing:
            self._n_missing, self._starts = n_missing, [0] * len(self._commands)
        for n, process in enumerate(self._processes):
            if process is not None and process.poll() is not None:
                if process.returncode > 0:
                    raise Unreachable("A process of this run ended; the line above says why. What is there stays.")
                self._processes[n] = None
            if self._processes[n] is None and not is_done(n):
                self._start(n)

    def _start(self, n: int) -> None:
        self._starts[n] += 1
        if self._starts[n] > MOST_STARTS:
            raise Unreachable(
                f"A process of this run was killed {MOST_STARTS} times before one shard was done: is there too little "
                "memory? Try fewer --workers or --shard-rows. What is there stays."
            )
        self._processes[n] = subprocess.Popen(on_a_leash(self._commands[n]), start_new_session=True)

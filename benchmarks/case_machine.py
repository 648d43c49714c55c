"""Looks for an order of events that breaks a law of a case, on both databases, and says how long it looked.

    python -m benchmarks.case_machine [--runs 1000] [--steps 30] [--seed 1]

Each run opens a new database and lets customers, people, channels, clocks and dying processes act in a random order
(`tests/journeys/case_machine.py`); every law is asked for after every step. A broken law ends it with the shortest
order that breaks it.
"""

import argparse
import multiprocessing
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from benchmarks.machine import RESULTS, heading, row
from store.migrate import migrate
from tests.journeys.case_machine import machine
from tests.postgres import cluster, empty

STORES = ("sqlite", "postgres")


@contextmanager
def databases(store: str) -> Iterator[Callable[[], str]]:
    """Gives a new, migrated and empty database at each call."""
    if store == "postgres":
        with cluster() as url:

            def emptied() -> str:
                empty(url)
                return url

            yield emptied
        return
    with TemporaryDirectory() as folder:
        template, used = Path(folder) / "template.db", Path(folder) / "used.db"
        migrate(f"sqlite:///{template}")

        def copied() -> str:
            for rest in Path(folder).glob("used.db*"):
                rest.unlink()
            shutil.copy(template, used)
            return f"sqlite:///{used}"

        yield copied


def look(store: str, runs: int, steps: int, seeded: int) -> tuple[int, float]:
    """How many databases were opened, and seconds. Raises AssertionError with the shortest order that breaks a law."""
    began, opened = time.perf_counter(), 0
    with databases(store) as new_url:

        def counted() -> str:
            nonlocal opened
            opened += 1
            return new_url()

        cases = seed(seeded)(machine(counted))
        run_state_machine_as_test(
            cases,
            settings=settings(
                max_examples=runs,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate, Phase.shrink],
            ),
        )
    return opened, time.perf_counter() - began


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=1000, help="for each database")
    arguments.add_argument("--steps", type=int, default=30, help="at most, for each run")
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    # A process for each: what one database costs the other does not wait for.
    with multiprocessing.get_context("spawn").Pool(len(STORES)) as pool:
        figures = pool.starmap(look, [(store, given.runs, given.steps, given.seed) for store in STORES])
    lines = [
        heading("Laws of a case, in any order of events"),
        f"Up to {given.steps} steps a run. No law was broken in any of them.",
        "",
        "| database | runs | minutes |",
        "|---|---|---|",
        *(row(store, runs, seconds / 60) for store, (runs, seconds) in zip(STORES, figures, strict=True)),
    ]
    print("\n".join(lines))
    (RESULTS / "case_machine.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()

"""How long writers wait for each other on SQLite: one process whose threads write, as the API's do.

    python -m benchmarks.writers [--seconds 5]

Each client writes one small row and asks again at once. The baseline, in the same run, is SQLite's own waiting: whoever
asks at the right moment goes first.
"""

import argparse
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.machine import RESULTS, heading, percentile, row
from care.errors import Unreachable
from store.migrate import migrate
from store.work import SqlStore, open_store

CLIENTS = (4, 16)


class WithoutTurns(SqlStore):
    """Everybody asks SQLite at once."""

    @contextmanager
    def _turn(self, *, read: bool) -> Iterator[None]:
        yield


def hammer(store: SqlStore, *, n_clients: int, seconds: float) -> tuple[list[float], int]:
    """Milliseconds of each write, and how many were refused."""
    taken_ms: list[float] = []
    refused: list[int] = []
    ends_at = time.monotonic() + seconds

    def write(client: int) -> None:
        while time.monotonic() < ends_at:
            began = time.perf_counter()
            try:
                with store() as work:
                    work.note("note.added", f"nte_{client}", by="benchmark")
            except Unreachable:
                refused.append(client)
            taken_ms.append((time.perf_counter() - began) * 1000)

    clients = [threading.Thread(target=write, args=(n,)) for n in range(n_clients)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return taken_ms, len(refused)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seconds", type=float, default=5.0, help="for each line")
    given = arguments.parse_args()
    lines = [
        heading("Writers of one process on SQLite"),
        "| who is next | clients | writes a second | p50 ms | p99 ms | longest ms | refused |",
        "|---|---|---|---|---|---|---|",
    ]
    with TemporaryDirectory() as folder:
        for n_clients in CLIENTS:
            for name, kind in (("SQLite's own waiting", WithoutTurns), ("first come, first served", SqlStore)):
                url = f"sqlite:///{Path(folder, f'{name[:5]}-{n_clients}.db')}"
                migrate(url)
                with closing(kind(open_store(url).engine)) as store:
                    taken_ms, n_refused = hammer(store, n_clients=n_clients, seconds=given.seconds)
                p50, p99 = percentile(taken_ms, 0.5), percentile(taken_ms, 0.99)
                rate = len(taken_ms) / given.seconds
                lines.append(row(name, n_clients, rate, p50, p99, max(taken_ms), n_refused))
    print("\n".join(lines))
    (RESULTS / "writers.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()

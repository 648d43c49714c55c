"""How quickly `tactful score` labels a history, and how much memory it takes, whatever the history's length.

    python -m benchmarks.bulk [--rows 3000 12000] [--workers 1 2]

Real processes, the default bundles with their encoder, the texts of our fixtures one after the other. The last line is
killed with SIGKILL in the middle and run again: what both runs took together, and whether every row is there once.
"""

import argparse
import csv
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from benchmarks.machine import RESULTS, ROOT, heading, row
from benchmarks.running import resident_mb

LOOK_S = 0.1


def history(path: Path, n_rows: int) -> Path:
    texts = []
    for file in sorted((ROOT / "fixtures" / "messages").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as opened:
            texts += [message["text"] for message in csv.DictReader(opened)]
    # Sparse over all files, so that a short history is like a long one.
    step = max(1, len(texts) // n_rows)
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(("id", "text"))
        writer.writerows((f"m{n}", text) for n, text in zip(range(n_rows), itertools.cycle(texts[::step])))
    return path


def run(command: list[str], is_enough: Callable[[], bool] = lambda: False) -> tuple[float, float, bool]:
    """Seconds, the most megabytes that one of its processes had, and whether it was killed because it was enough."""
    began, most = time.perf_counter(), 0.0
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ)
    while process.poll() is None:
        for folder in (Path(f"/proc/{process.pid}"), *_children(process.pid)):
            with suppress(OSError, StopIteration):
                most = max(most, resident_mb(folder))
        if is_enough():
            process.kill()
            process.wait()
            return time.perf_counter() - began, most, True
        time.sleep(LOOK_S)
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return time.perf_counter() - began, most, False


def _has(folder: Path, n_shards: int) -> bool:
    return len(list(folder.glob("part-*"))) >= n_shards


def _children(pid: int) -> list[Path]:
    with suppress(OSError):
        return [Path(f"/proc/{child}") for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, nargs="+", default=[3000, 12000])
    arguments.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    given = arguments.parse_args()
    lines = [
        heading("A history scored by `tactful score`"),
        f"Load of the machine when it began: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.\n",
        "| rows | processes | killed after rows | seconds | rows a second | largest process, MB | rows there once |",
        "|---|---|---|---|---|---|---|",
    ]
    runs = [(n_rows, n_workers, False) for n_workers in given.workers for n_rows in given.rows]
    for n_rows, n_workers, is_killed in [*runs, (min(given.rows), max(given.workers), True)]:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "scores")
            words = ["score", str(history(Path(folder, "history.csv"), n_rows)), "-o", str(out), "--quiet"]
            words += ["--workers", str(n_workers), "--shard-rows", "500"]
            command = [sys.executable, "-m", "cli.main", *words]
            seconds, most, n_before = 0.0, 0.0, 0
            if is_killed:
                seconds, most, _ = run(command, partial(_has, out, n_rows // 1000))
                n_before = 500 * len(list(out.glob("part-*")))
            more_s, more_mb, _ = run(command)
            seconds, most = seconds + more_s, max(most, more_mb)
            ids = [json.loads(line)["input_id"] for part in out.glob("part-*") for line in part.open()]
            is_whole = sorted(ids) == sorted(f"m{n}" for n in range(n_rows))
        whole = "yes" if is_whole else f"no: {len(ids)}, {len(set(ids))} different"
        lines.append(row(n_rows, n_workers, n_before or "-", seconds, n_rows / seconds, round(most), whole))
        print(lines[-1], flush=True)
    (RESULTS / "bulk.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()

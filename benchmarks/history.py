"""How long a large history takes to come in, in how much memory, and that a killed import doubles nothing.

    python -m benchmarks.history --rows 100000

Rows of our own messages and replies, each made different by numbers, names and a card now and then; four rows a thread.
Twice: straight through, and killed by SIGKILL halfway and started again. Writes results/history.md.
"""

import argparse
import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.machine import RESULTS, ROOT, heading, row
from benchmarks.running import resident_mb
from store.work import open_store

A_THREAD = 4
NAMES = ("Kim Miller", "Jo Brandt", "Sam Okafor", "Ana Ruiz", "Lee Novak")
CARDS = ("4111 1111 1111 1111", "5500 0000 0000 0004")


@dataclass
class Run:
    """One start of the command. at_mb: resident memory by rows seen."""

    seconds: float = 0.0
    at_mb: dict[int, float] = field(default_factory=dict)
    peak_mb: float = 0.0
    said: str = ""


def texts(file: Path) -> list[str]:
    with file.open(encoding="utf-8", newline="") as lines:
        return [row["text"] for row in csv.DictReader(lines) if row.get("text")]


def rows(n_rows: int) -> Iterator[dict[str, object]]:
    asked = [text for file in sorted((ROOT / "fixtures" / "messages").glob("*.csv")) for text in texts(file)]
    answered = texts(ROOT / "fixtures" / "replies.csv")
    began = datetime(2024, 1, 1, tzinfo=UTC)
    for n in range(n_rows):
        thread, place = divmod(n, A_THREAD)
        name, from_us = NAMES[thread % len(NAMES)], place % 2 == 1
        text = answered[n % len(answered)] if from_us else f"{asked[n % len(asked)]} My order is A{n:07d}."
        text += f" Regards, {name}" if place == 2 else ""
        text += f" My card is {CARDS[n % 2]}." if n % 50 == 0 else ""
        yield {
            "thread": f"t{thread}",
            "id": f"h{n}",
            "customer": f"customer{thread % (n_rows // 10 + 1)}",
            "from_us": from_us,
            "text": text,
            "written_at": (began + timedelta(minutes=5 * n)).isoformat(),
            "author": name if from_us else "",
        }


def bring_in(file: Path, home: Path, *, kill_at: int | None = None) -> Run:
    """Start `tactful import`; kill_at: rows after which it is killed."""
    run, began = Run(), time.perf_counter()
    env = {**os.environ, "TACTFUL_HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "cli.main", "import", str(file), "--channel", "chat"]
    with (home / "said.txt").open("w+", encoding="utf-8") as said:
        process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=said, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        for line in process.stderr:
            n_seen = int(line.split()[0].replace(",", ""))
            run.at_mb[n_seen] = resident_mb(Path("/proc") / str(process.pid))
            if kill_at is not None and n_seen >= kill_at:
                # In the middle of something.
                time.sleep(0.05)
                process.send_signal(signal.SIGKILL)
                break
        _, status, used = os.wait4(process.pid, 0)
        process.stderr.close()
        if kill_at is None and status:
            raise SystemExit("the import failed")
        said.seek(0)
        run.said = said.read()
    run.seconds, run.peak_mb = time.perf_counter() - began, used.ru_maxrss / 1024
    return run


def kept(home: Path) -> tuple[int, int, int]:
    """Messages, answers of ours and cases in the database."""
    store = open_store(f"sqlite:///{home / 'tactful.db'}")
    with store.engine.connect() as connection:
        counts = [
            connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            for table in ("message", "native_answer", "care_case")
        ]
    store.close()
    return counts[0], counts[1], counts[2]


def new_home(folder: Path, name: str) -> Path:
    from wiring import assemble
    from wiring.settings import Settings

    home = folder / name
    home.mkdir()
    assemble.migrate(Settings(home=home))
    return home


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rows", type=int, default=100_000)
    n_rows = asked.parse_args().rows
    folder = Path(tempfile.mkdtemp(prefix="tactful-history-"))
    try:
        file = folder / "history.jsonl"
        with file.open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(row) + "\n" for row in rows(n_rows))
        straight_home, killed_home = new_home(folder, "straight"), new_home(folder, "killed")
        straight = bring_in(file, straight_home)
        killed = bring_in(file, killed_home, kill_at=n_rows // 2)
        rest = bring_in(file, killed_home)
        again = bring_in(file, straight_home)
        tell(n_rows, straight, killed, rest, again, kept(straight_home), kept(killed_home))
    finally:
        shutil.rmtree(folder)


def tell(
    n_rows: int, straight: Run, killed: Run, rest: Run, again: Run, once: tuple[int, ...], twice: tuple[int, ...]
) -> None:
    seen = sorted(straight.at_mb)
    quarters = [seen[min(len(seen) - 1, len(seen) * n // 4)] for n in (0, 1, 2, 3, 4)]
    lines = [heading("History: how long a large import takes, and in how much memory"), ""]
    lines += [f"{n_rows:,} rows, {A_THREAD} a thread, one card in fifty; SQLite, one process.", ""]
    lines += ["| run | s | peak resident MB |", "|---|---|---|"]
    runs = {
        "straight through": straight,
        "killed halfway (SIGKILL)": killed,
        "started again": rest,
        "the whole file once more": again,
    }
    lines += [row(name, measured.seconds, measured.peak_mb) for name, measured in runs.items()]
    lines += ["", "| rows seen | resident MB |", "|---|---|"]
    lines += [row(f"{n:,}", straight.at_mb[n]) for n in quarters]
    lines += ["", "| kept | messages | answers of ours | cases |", "|---|---|---|---|"]
    lines += [row("straight through, then once more", *once), row("killed, started again", *twice), ""]
    lines += ["The command said when it was started again:", "", *(f"    {line}" for line in rest.said.splitlines())]
    (RESULTS / "history.md").write_text("\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()

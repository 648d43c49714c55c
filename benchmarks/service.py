"""Figures of the whole running service: HTTP classify, prepare jobs a second, memory, start-up.

    python benchmarks/service.py

The client runs on the same machine and takes its share of the two cores; both sides' CPU is in the figures. Every
message is another one, so that none is answered from memory.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.client import hammer
from benchmarks.machine import RESULTS, ROOT, heading, percentile, row
from benchmarks.running import Service, service

N_REQUESTS = 1_000
N_CLIENTS = 8
N_JOBS = 500


def texts(n: int) -> list[str]:
    """n different messages of 12 to 20 words, made from our own fixtures by numbering them."""
    import csv

    lines = []
    for path in sorted((ROOT / "fixtures" / "messages").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            lines += [line["text"] for line in csv.DictReader(file) if 12 <= len(line["text"].split()) <= 20]
    return [f"{lines[n % len(lines)]} ({n})" for n in range(n)]


def jobs_per_second(running: Service, messages: list[str]) -> float:
    """Hand messages in, then time how fast one worker prepares them."""
    with running.api() as api:
        for n, text in enumerate(messages):
            body = {"id": f"bench-{n}", "text": text, "author": {"handle": f"customer-{n}"}}
            api.post("/v1/messages", json=body).raise_for_status()
        began, before = time.perf_counter(), prepared(running)
        while (done := prepared(running)) < len(messages) and time.perf_counter() - began < 300:
            time.sleep(0.5)
        return (done - before) / (time.perf_counter() - began)


def prepared(running: Service) -> int:
    import sqlite3

    with sqlite3.connect(running.home / "tactful.db") as database:
        (n,) = database.execute("SELECT count(*) FROM suggestion").fetchone()
    return int(n)


def main() -> None:
    began = time.perf_counter()
    lines = [heading("The running service"), "| measure | figure |", "|---|---|"]
    with service() as running:
        lines.append(row("start of everything to ready, data folder new (s)", time.perf_counter() - began))
        hammer(running, texts(200), n_clients=1)
        alone = hammer(running, texts(500)[200:], n_clients=1)
        lines.append(row("HTTP classify, one client, p50 ms", percentile(alone.taken_ms, 0.5)))
        lines.append(row("HTTP classify, one client, p95 ms", percentile(alone.taken_ms, 0.95)))
        full = hammer(running, texts(500 + N_REQUESTS)[500:], n_clients=N_CLIENTS)
        lines.append(row(f"HTTP classify, {N_CLIENTS} clients, requests a second", full.per_second))
        lines.append(row("the same, CPU of the server, ms a request", full.server_cpu_ms))
        lines.append(row("the same, CPU of the client, ms a request", full.client_cpu_ms))
        most = hammer(running, texts(4_000 + N_REQUESTS)[4_000:], n_clients=32, rate=0.8 * full.per_second)
        lines.append(row("HTTP classify at 80 % of that, p50 ms", percentile(most.taken_ms, 0.5)))
        lines.append(row("HTTP classify at 80 % of that, p95 ms", percentile(most.taken_ms, 0.95)))
        lines.append(
            row("prepare jobs a second, one worker, queue already full", jobs_per_second(running, texts(N_JOBS)))
        )
        for name, size in sorted(running.resident_mb().items()):
            lines.append(row(f"resident MB, {name}", size))
    print("\n".join(lines))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "service.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()

"""Ten times more than a running service can answer, and a thousand connections that never come to the point.

    python -m benchmarks.overload [--seconds 120]

An open load: requests are due by the clock, whatever the answers to those before. Health is asked ten times a second on
a connection of its own. Client and service share the machine's cores, so all figures have the client's share in them.
"""

import argparse
import asyncio
import contextlib
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from benchmarks.client import hammer
from benchmarks.machine import RESULTS, heading, percentile, row
from benchmarks.running import Service, service
from benchmarks.service import texts

TIMES = 10
N_LINES = 300
N_SLOW = 1_000
SLOW_S = 15.0
PROBE_S = 0.1
AS_BEFORE = 2.0
"""Back to normal: classify takes less than this times what it took before, ten times in a row."""


@dataclass
class Seen:
    """What came of a load. health_ms: of each look at health meanwhile; mb: memory of the API process."""

    statuses: Counter[int] = field(default_factory=Counter)
    taken_ms: list[float] = field(default_factory=list)
    health_ms: list[float] = field(default_factory=list)
    mb: list[float] = field(default_factory=list)
    n_late: int = 0
    n_closed: int = 0
    without_time_after: int = 0


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> tuple[int, bytes]:
    """One request on a kept connection; its status, and the headers of the answer."""
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length or 0))
    return int(head.split(b" ", 2)[1]), head


def classify_request(running: Service, text: str) -> bytes:
    body = json.dumps({"text": text}).encode()
    return (
        f"POST /v1/classify HTTP/1.1\r\nhost: {urlsplit(running.url).netloc}\r\nauthorization: Bearer {running.key}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode() + body


async def probe(running: Service, seen: Seen, is_over: asyncio.Event) -> None:
    """Look at health and memory until it is over."""
    at = urlsplit(running.url)
    request = f"GET /health/live HTTP/1.1\r\nhost: {at.netloc}\r\n\r\n".encode()
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    while not is_over.is_set():
        began = time.perf_counter()
        await exchange(reader, writer, request)
        seen.health_ms.append((time.perf_counter() - began) * 1000)
        if len(seen.health_ms) % 10 == 0:
            seen.mb.append(running.resident_mb()["serve"])
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(is_over.wait(), PROBE_S)
    writer.close()


async def overload(running: Service, *, rate: float, seconds: float) -> Seen:
    """`rate` requests a second for so long, each when it is due, or as late as all lines are taken."""
    at, seen, is_over = urlsplit(running.url), Seen(), asyncio.Event()
    some = texts(2_000)
    looking = asyncio.create_task(probe(running, seen, is_over))
    began = time.perf_counter()
    due = iter(range(int(rate * seconds)))

    async def line() -> None:
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        for n in due:
            wait_s = began + n / rate - time.perf_counter()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            elif wait_s < -0.1:
                seen.n_late += 1
            if time.perf_counter() - began > seconds:
                break
            sent = time.perf_counter()
            status, head = await exchange(reader, writer, classify_request(running, f"{some[n % 2_000]} {n}"))
            seen.statuses[status] += 1
            seen.without_time_after += status != 200 and b"retry-after:" not in head
            if status == 200:
                seen.taken_ms.append((time.perf_counter() - sent) * 1000)
        writer.close()

    await asyncio.gather(*(line() for _ in range(N_LINES)))
    is_over.set()
    await looking
    return seen


async def slow(running: Service) -> Seen:
    """A thousand connections that send one byte a second of their headers, or of a body that they announced."""
    at, seen, is_over = urlsplit(running.url), Seen(), asyncio.Event()
    looking = asyncio.create_task(probe(running, seen, is_over))
    head = classify_request(running, "a" * 500)

    async def drip(n: int) -> None:
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        sent = head[:40] if n % 2 else head[:-400]
        writer.write(sent)
        with contextlib.suppress(OSError):
            for byte in head[len(sent) : len(sent) + int(SLOW_S)]:
                done, _ = await asyncio.wait([asyncio.ensure_future(reader.read(1))], timeout=1.0)
                if done:
                    seen.n_closed += 1
                    break
                writer.write(bytes([byte]))
        writer.close()

    async def one_honest_client() -> None:
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        some = texts(200)
        for n in range(int(SLOW_S * 5)):
            sent = time.perf_counter()
            status, _ = await exchange(reader, writer, classify_request(running, some[n % 200]))
            seen.statuses[status] += 1
            seen.taken_ms.append((time.perf_counter() - sent) * 1000)
            await asyncio.sleep(0.2)
        writer.close()

    await asyncio.gather(one_honest_client(), *(drip(n) for n in range(N_SLOW)))
    is_over.set()
    await looking
    return seen


async def back_to_normal_s(running: Service, *, before_ms: float) -> float:
    """Seconds until classify takes about as long as before, ten times in a row."""
    at, began, some = urlsplit(running.url), time.perf_counter(), texts(3_000)[2_000:]
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    in_a_row, last = 0, 0.0
    for text in some:
        sent = time.perf_counter()
        status, _ = await exchange(reader, writer, classify_request(running, text))
        is_fine = status == 200 and (time.perf_counter() - sent) * 1000 <= AS_BEFORE * before_ms
        last = last if is_fine and in_a_row else time.perf_counter() - began
        in_a_row = in_a_row + 1 if is_fine else 0
        if in_a_row == 10:
            break
    writer.close()
    return last


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seconds", type=float, default=120.0, help="how long the overload lasts")
    seconds = arguments.parse_args().seconds
    lines = [heading("Overload and slow connections"), "| measure | figure | goal |", "|---|---|---|"]
    with service({"TACTFUL_SERVER__MAX_CONNECTIONS_PER_ADDRESS": "0"}) as running:
        hammer(running, texts(300), n_clients=4)
        alone = hammer(running, texts(600)[300:], n_clients=1)
        usual = hammer(running, texts(2_600)[600:], n_clients=16)
        mb_before = running.resident_mb()["serve"]
        seen = asyncio.run(overload(running, rate=TIMES * usual.per_second, seconds=seconds))
        normal_s = asyncio.run(back_to_normal_s(running, before_ms=percentile(alone.taken_ms, 0.95)))
        goodput = seen.statuses[200] / seconds
        others = sorted(status for status in seen.statuses if status not in (200, 429, 503))
        lines += [
            row("requests a second that it answers, 16 clients", usual.per_second, ""),
            row(f"due a second for {seconds:.0f} s", TIMES * usual.per_second, f"{TIMES} times"),
            row("sent a second", sum(seen.statuses.values()) / seconds, ""),
            row("of them later than 100 ms, as the client or all its lines were busy", seen.n_late, ""),
            row(
                "answers", ", ".join(f"{n} x {status}" for status, n in sorted(seen.statuses.items())), "200, 429, 503"
            ),
            row("other statuses", ", ".join(map(str, others)) or "none", "none"),
            row("refusals without Retry-After", seen.without_time_after, "0"),
            row("goodput, share of what it answers otherwise", f"{goodput / usual.per_second:.2f}", "0.80"),
            row("answered, p99 ms", percentile(seen.taken_ms, 0.99), ""),
            row("health meanwhile, p99 ms", percentile(seen.health_ms, 0.99), "50"),
            row("memory of the API, times that of before", f"{max(seen.mb) / mb_before:.2f}", "1.5"),
            row("back to normal after (s)", normal_s, "10"),
        ]
        seen = asyncio.run(slow(running))
        lines += [
            row(f"{N_SLOW} slow connections: health p99 ms", percentile(seen.health_ms, 0.99), "50"),
            row("an honest client beside them, p95 ms", percentile(seen.taken_ms, 0.95), ""),
            row(f"of them closed by us within {SLOW_S:.0f} s", seen.n_closed, ""),
            row("memory of the API, times that of before", f"{max(seen.mb) / mb_before:.2f}", "1.5"),
        ]
    print("\n".join(lines))
    (RESULTS / "overload.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()

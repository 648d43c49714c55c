"""A client that costs little: it shares the cores with the service it measures."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from benchmarks.running import Service


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load. taken_ms: of each request; the CPU of both sides is a request's share of it."""

    total_s: float
    taken_ms: list[float]
    server_cpu_ms: float
    client_cpu_ms: float

    @property
    def per_second(self) -> float:
        return len(self.taken_ms) / self.total_s


class Line:
    """One kept connection, one request at a time."""

    def __init__(self, running: Service, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._head = (
            f"POST /v1/classify HTTP/1.1\r\nhost: {urlsplit(running.url).netloc}\r\n"
            f"authorization: Bearer {running.key}\r\ncontent-type: application/json\r\ncontent-length: "
        ).encode()

    @classmethod
    async def open(cls, running: Service) -> "Line":
        at = urlsplit(running.url)
        return cls(running, *await asyncio.open_connection(at.hostname, at.port))

    async def classify(self, text: str) -> bytes:
        """The answer's body. Raises RuntimeError for any status but 200."""
        body = json.dumps({"text": text}).encode()
        self._writer.write(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
        answer = await self._reader.readexactly(length)
        if not head.startswith(b"http/1.1 200"):
            raise RuntimeError(answer.decode())
        return answer

    def close(self) -> None:
        self._writer.close()


def hammer(running: Service, messages: Sequence[str], *, n_clients: int, rate: float | None = None) -> Load:
    """Classify every message over HTTP on n connections.

    rate: requests a second to hold (an open load); None sends as fast as it answers.
    """
    return asyncio.run(_hammer(running, messages, n_clients=n_clients, rate=rate))


async def _hammer(running: Service, messages: Sequence[str], *, n_clients: int, rate: float | None) -> Load:
    taken_ms: list[float] = []
    turn = iter(enumerate(messages))
    lines = [await Line.open(running) for _ in range(n_clients)]
    server_cpu_s, client_cpu_s, began = running.cpu_s("serve"), time.process_time(), time.perf_counter()

    async def send_on(line: Line) -> None:
        for n, text in turn:
            due = began + n / rate if rate else time.perf_counter()
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await line.classify(text)
            # From when it was due, so that a slow answer also counts against those that wait behind it.
            taken_ms.append((time.perf_counter() - due) * 1000)

    await asyncio.gather(*map(send_on, lines))
    total_s, n = time.perf_counter() - began, len(messages)
    server_cpu_ms = (running.cpu_s("serve") - server_cpu_s) * 1000 / n
    client_cpu_ms = (time.process_time() - client_cpu_s) * 1000 / n
    for line in lines:
        line.close()
    return Load(total_s, taken_ms, server_cpu_ms, client_cpu_ms)

"""What a connection may cost before any of our code runs: headers, time, and connections from one address.

uvicorn reads headers of any size and waits for them for ever; its own limits begin with the application.
"""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


@dataclass(frozen=True, slots=True)
class Limits:
    """head_bytes: of the request line and all headers together. head_s: to send them, from the first moment of a
    connection or the first byte of a further request. body_idle_s: between two pieces of a body; body_s: for all of it;
    neither runs while we ourselves are slow to read. per_address: connections open at once; 0: as many as they like.
    """

    head_bytes: int = 32_768
    n_headers: int = 100
    head_s: float = 10.0
    body_idle_s: float = 15.0
    body_s: float = 180.0
    per_address: int = 200


class LimitedProtocol(HttpToolsProtocol):
    """One connection, within limits; made by `limited`."""

    limits: ClassVar[Limits] = Limits()
    open_at: ClassVar[Counter[str]] = Counter()

    _address = ""
    _timer: asyncio.TimerHandle | None = None
    _is_in_head = False
    _unread = 0
    _body_began = _body_last = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        self.open_at[self._address] += 1
        if 0 < self.limits.per_address < self.open_at[self._address]:
            self._refuse(HTTPStatus.TOO_MANY_REQUESTS, "Too many connections from this address. Close some first.")
            return
        self._begin_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        self.open_at[self._address] -= 1
        if self.open_at[self._address] <= 0:
            del self.open_at[self._address]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._timer is None and not self._is_in_head:
            self._begin_head()
        # What no callback has taken yet, the parser holds: an endless header, or what stands between two chunks.
        self._unread += len(data)
        super().data_received(data)
        if self._unread > self.limits.head_bytes and not self.transport.is_closing():
            self._refuse_head()

    # what the parser tells ------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begin_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        if len(self.headers) > self.limits.n_headers:
            self._refuse_head()

    def on_headers_complete(self) -> None:
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self.limits.head_bytes:
            self._refuse_head()
        if self.transport.is_closing():
            return
        self._is_in_head, self._unread = False, 0
        self._body_began = self._body_last = self.loop.time()
        self._start_timer(self.limits.body_idle_s, self._look_at_body)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        self._body_last = self.loop.time()
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._unread = 0
        self._stop_timer()
        if not self.transport.is_closing():
            super().on_message_complete()

    # time -----------------------------------------------------------------------------------------------------------

    def _begin_head(self) -> None:
        if not self._is_in_head:
            self._is_in_head = True
            self._start_timer(self.limits.head_s, self._end_head)

    def _end_head(self) -> None:
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, "The headers took too long.", is_silent=not self._unread)

    def _look_at_body(self) -> None:
        now, limits = self.loop.time(), self.limits
        if self.flow.read_paused:
            # We have not read what is there already: that is not theirs to pay for.
            self._body_last = now
        elif now - self._body_last >= limits.body_idle_s or now - self._body_began >= limits.body_s:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "The body took too long.")
            return
        ends = min(self._body_last + limits.body_idle_s, max(self._body_began + limits.body_s, now + 1))
        self._start_timer(max(0.01, ends - now), self._look_at_body)

    def _start_timer(self, seconds: float, then: object) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, then)  # type: ignore[arg-type]

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # the end --------------------------------------------------------------------------------------------------------

    def _refuse_head(self) -> None:
        limits = self.limits
        self._refuse(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            f"At most {limits.n_headers} headers of {limits.head_bytes:,} bytes in all.",
        )

    def send_400_response(self, msg: str) -> None:
        self._refuse(HTTPStatus.BAD_REQUEST, msg)

    def _refuse(self, status: HTTPStatus, detail: str, *, is_silent: bool = False) -> None:
        """Say why, unless an answer is under way, and hang up."""
        self._stop_timer()
        if self.transport.is_closing():
            return
        has_begun = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        if not (is_silent or has_begun):
            said = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail}
            body = json.dumps(said).encode()
            head = (
                f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/problem+json\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
        self.transport.close()


def limited(limits: Limits) -> type[LimitedProtocol]:
    """The protocol for one server: with its own limits and its own count of addresses."""
    return type("Limited", (LimitedProtocol,), {"limits": limits, "open_at": Counter()})

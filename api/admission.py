"""How much is let in at once. Over a limit the answer comes now, with `Retry-After`, and those inside are served.

Two limits: requests under way by lane, for everybody, and requests a minute by key.
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from starlette.types import ASGIApp, Receive, Scope, Send

from api.failures import Refusal

RETRY_AFTER_S = 1
"""When to come back to a full lane: what is under way there is answered in less."""

LANES: Mapping[str, int] = MappingProxyType({"read": 64, "inbox": 64, "api": 64, "pages": 128})
"""By lane, the requests under way at once in one process."""

_PREFIXES = (
    ("/health/", ""),
    ("/metrics", ""),
    ("/static/", ""),
    # Streams stay open for hours and cost nearly nothing; what they cost is bounded by connections.
    ("/v1/events/stream", ""),
    ("/live", ""),
    ("/v2/health/", ""),
    ("/v1/classify", "read"),
    ("/hf/", "read"),
    ("/v2", "read"),
    ("/openai/", "read"),
    ("/v1/tone", "read"),
    ("/v1/drafts", "read"),
    ("/inbox/", "inbox"),
    ("/v1/", "api"),
    ("", "pages"),
)
"""The lane of a path is that of the first prefix that fits; "" is no lane: always let in."""


def lane_of(path: str) -> str:
    return next(lane for prefix, lane in _PREFIXES if path.startswith(prefix))


class Admission:
    """Plain ASGI: lets at most so many requests of each lane be under way, and refuses the next one at once.

    It lives on the event loop, so it needs no lock. Raises Refusal, which the envelope around it answers.
    """

    def __init__(self, app: ASGIApp, *, lanes: Mapping[str, int] = LANES) -> None:
        self.app, self._lanes = app, lanes
        self._n_under_way = dict.fromkeys(lanes, 0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        lane = lane_of(scope["path"]) if scope["type"] == "http" else ""
        if not lane:
            await self.app(scope, receive, send)
            return
        if self._n_under_way[lane] >= self._lanes[lane]:
            raise Refusal("overloaded", headers={"Retry-After": str(RETRY_AFTER_S)})
        self._n_under_way[lane] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._n_under_way[lane] -= 1


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a key may still ask. wait_s: until the next request is let in; 0 while there is one left."""

    per_minute: int
    n_left: int
    wait_s: float

    @property
    def headers(self) -> dict[str, str]:
        """Source: draft-ietf-httpapi-ratelimit-headers-10, one policy called "key"."""
        full_s = math.ceil((self.per_minute - self.n_left) * 60 / self.per_minute)
        return {
            "RateLimit-Policy": f'"key";q={self.per_minute};w=60',
            "RateLimit": f'"key";r={self.n_left};t={full_s}',
        }


class Rates:
    """Counts the requests of each key in this process: a bucket of a minute's worth that fills evenly.

    per_minute: 0 for as many as they like. Beyond `max_keys` the key that asked longest ago starts afresh.
    """

    def __init__(self, per_minute: int, *, max_keys: int = 1_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute, self._max_keys, self._clock = per_minute, max_keys, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def spend(self, key_id: str) -> Allowance | None:
        """Take one request of this key's; None where nothing is counted. Raises Refusal when none is left."""
        if not self._per_minute:
            return None
        with self._lock:
            allowance = self._take(key_id)
        if allowance.wait_s:
            headers = {**allowance.headers, "Retry-After": str(math.ceil(allowance.wait_s))}
            detail = f"This key may ask {self._per_minute} times a minute. Wait for the seconds of `Retry-After`."
            raise Refusal("rate_limited", detail=detail, headers=headers)
        return allowance

    def _take(self, key_id: str) -> Allowance:
        now = self._clock()
        level, at = self._buckets.pop(key_id, (float(self._per_minute), now))
        level = min(self._per_minute, level + (now - at) * self._per_minute / 60)
        wait_s = max(0.0, (1 - level) * 60 / self._per_minute)
        if not wait_s:
            level -= 1
        self._buckets[key_id] = level, now
        if len(self._buckets) > self._max_keys:
            self._buckets.popitem(last=False)
        return Allowance(self._per_minute, int(level), wait_s)

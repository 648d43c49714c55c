"""/health for those who restart us, /metrics for those who watch us."""

import asyncio
import os
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from api.access import caller_of, is_loopback
from api.depends import Parts, PartsDep
from api.failures import Refusal
from care.access import Scope, ServiceKey
from wiring.shapes.answers import LiveOut, ReadyOut

router = APIRouter(tags=["health"])


class Figures:
    """This process's own figures; each application has its own registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "tactful_http_requests", "Requests answered", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "tactful_http_request_seconds",
            "Time to answer",
            ["route"],
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
        )
        self.kept = Gauge("tactful_kept", "What the store holds", ["kind", "state"], registry=self.registry)
        self.health = Gauge("tactful_health", "1 where a check of readiness is well", ["check"], registry=self.registry)
        self.started = time.time()

    def told(self, checks: Iterable[str], well: Iterable[str]) -> None:
        """Keep what a look at readiness found."""
        for name in checks:
            self.health.labels(name).set(name in set(well))


class Readiness:
    """Looks whether the service can work, on a thread of its own: an answer never waits for what hangs.

    One look at a time; who asks meanwhile gets the same one.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="readiness")
        self._look: Future[dict[str, str]] | None = None
        self._began = 0.0

    async def checks(self) -> dict[str, str]:
        """By what was looked at, "ok" or what is wrong with it."""
        if self._look is None or self._look.done():
            self._look, self._began = self._thread.submit(self._checks), time.monotonic()
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(self._look)), PATIENCE_S)
        except TimeoutError:
            return {"store": f"no answer for {time.monotonic() - self._began:.0f} s"}

    def stop(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _checks(self) -> dict[str, str]:
        parts = self._parts
        found = {"store": "ok", "bundle": parts.classifier.bundle_id or "none", "queue": "ok"}
        try:
            # Reading works on a full disk and in a store that somebody holds; taking a message does not.
            with parts.store() as work:
                work.keeping.probe("api")
        except Exception:  # noqa: BLE001  whatever it is, the answer is "not ready"
            found["store"] = "away, locked or full"
        if not parts.queue.is_reachable():
            found["queue"] = "away"
        for name, check in parts.checks.items():
            try:
                found[name] = check()
            except Exception as error:  # noqa: BLE001  a look that fails is a finding
                found[name] = type(error).__name__
        return found


PATIENCE_S = 2.0
NEEDED = ("store", "tables", "disk")
"""Without these no message can be taken; what else is wrong is said, and messages are taken all the same."""

INSTANCE = "TACTFUL_INSTANCE"
INSTANCE_HEADER = "x-tactful-instance"
"""Where a supervisor finds that the API that answers is its own."""


@router.get("/health/live")
def is_alive() -> LiveOut:
    """This process answers."""
    return LiveOut()


@router.get("/health/ready", responses={503: {"model": ReadyOut, "description": "Not ready."}})
async def is_ready(request: Request, response: Response) -> ReadyOut:
    """Whether messages are taken. `degraded`: they are, and something else is wrong, such as a frozen worker."""
    readiness: Readiness = request.app.state.readiness
    checks = await readiness.checks()
    well = {name for name, found in checks.items() if found == "ok" or (name == "bundle" and found != "none")}
    is_taking = all(name in well for name in NEEDED if name in checks)
    response.status_code = 200 if is_taking else 503
    response.headers[INSTANCE_HEADER] = os.environ.get(INSTANCE, "")
    request.app.state.figures.told(checks, well)
    status: Literal["ok", "degraded"] = "ok" if well == set(checks) else "degraded"
    return ReadyOut(status=status if is_taking else "not ready", checks=checks)


# Some probes ask with HEAD; the document names GET alone.
router.head("/health/live", include_in_schema=False)(is_alive)
router.head("/health/ready", include_in_schema=False)(is_ready)


async def may_read_metrics(request: Request) -> None:
    """This machine itself, a key with the scope `metrics`, or a signed-in person. Raises Refusal for others."""
    if not is_loopback(request):
        caller = await caller_of(request)
        if isinstance(caller, ServiceKey) and Scope.METRICS not in caller.scopes:
            raise Refusal("forbidden_scope")


@router.get("/metrics", dependencies=[Depends(may_read_metrics)], response_class=PlainTextResponse)
def read_metrics(request: Request, parts: PartsDep) -> Response:
    """Figures for Prometheus: from this machine, or with a key that has the scope `metrics`."""
    figures: Figures = request.app.state.figures
    with parts.reading() as work:
        counts = work.lists.figures()
    figures.kept.clear()
    for kind, states in counts.items():
        for state, n in states.items():
            figures.kept.labels(kind, state).set(n)
    return Response(generate_latest(figures.registry), media_type=CONTENT_TYPE_LATEST)

"""/health for those who restart us, /metrics for those who watch us."""

import asyncio
import os
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from api.access import caller_of, is_loopback
from api.depends import Parts, PartsDep
from api.failures import Refusal
from care.access import Scope, ServiceKey
from care.errors import Unreachable
from care.surge import Surge, SurgeKind
from wiring.measures import Measure
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
        self.waiting = self._gauge("tactful_queue_length", "Bells that no worker has heard yet", "job")
        self.oldest = self._gauge("tactful_oldest_waiting_seconds", "How long the oldest that is due waits", "kind")
        self.replies = Gauge(
            "tactful_replies", "Replies by channel and stage", ["channel", "stage"], registry=self.registry
        )
        self.surges = self._gauge("tactful_surges", "Surges that are on, by kind", "kind")
        self.store_write = Gauge(
            "tactful_store_write_seconds", "How long the last row of no meaning took", registry=self.registry
        )
        self.measured = {
            "heartbeat_age_seconds": self._gauge(
                "tactful_heartbeat_age_seconds", "Since a process showed that it lives", "process"
            ),
            "process_restarts": self._gauge(
                "tactful_process_restarts", "How often a process was started again", "process"
            ),
            "drift": self._gauge("tactful_drift", "1 where a task's messages have drifted, 0 where not", "task"),
            "disk_free_bytes": Gauge("tactful_disk_free_bytes", "Free where the home lies", registry=self.registry),
            "backup_age_seconds": Gauge(
                "tactful_backup_age_seconds", "Since the last backup from this machine", registry=self.registry
            ),
        }
        self.started = time.time()

    def _gauge(self, name: str, says: str, label: str) -> Gauge:
        return Gauge(name, says, [label], registry=self.registry)

    def waits(self, lengths: Mapping[str, int], oldest_s: Mapping[str, float]) -> None:
        """Keep how much waits, and for how long."""
        self.waiting.clear()
        for job, n in lengths.items():
            self.waiting.labels(job).set(n)
        for kind, seconds in oldest_s.items():
            self.oldest.labels(kind).set(seconds)

    def stand(self, kept: Mapping[str, Mapping[str, int]], replies: Mapping[tuple[str, str], int]) -> None:
        """Keep what the store holds, and what became of replies."""
        self.kept.clear()
        for kind, states in kept.items():
            for state, n in states.items():
                self.kept.labels(kind, state).set(n)
        self.replies.clear()
        for (channel, stage), n in replies.items():
            self.replies.labels(channel, stage).set(n)

    def surge(self, surges: Iterable[Surge]) -> None:
        """Keep how many surges are on."""
        on = [surge.kind for surge in surges]
        for kind in SurgeKind:
            self.surges.labels(kind).set(on.count(kind))

    def measure(self, measures: Iterable[Measure]) -> None:
        """Keep what was measured of this machine."""
        for name in ("heartbeat_age_seconds", "process_restarts", "drift"):
            self.measured[name].clear()
        for measure in measures:
            gauge = self.measured[measure.name]
            (gauge.labels(measure.label) if measure.label else gauge).set(measure.value)

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
        self.write_s = 0.0

    async def checks(self) -> dict[str, str]:
        """By what was looked at, "ok" or what is wrong with it."""
        look = self._begun()
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(look)), PATIENCE_S)
        except TimeoutError:
            return self._no_answer()

    def checks_now(self) -> dict[str, str]:
        """The same for a thread that may wait."""
        look = self._begun()
        try:
            return look.result(PATIENCE_S)
        except TimeoutError:
            return self._no_answer()

    def _no_answer(self) -> dict[str, str]:
        return {"store": f"no answer for {time.monotonic() - self._began:.0f} s"}

    def _begun(self) -> Future[dict[str, str]]:
        if self._look is None or self._look.done():
            self._look, self._began = self._thread.submit(self._checks), time.monotonic()
        return self._look

    def stop(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _checks(self) -> dict[str, str]:
        parts = self._parts
        checks = {"store": "ok", "bundle": parts.classifier.bundle_id or "none", "queue": "ok"}
        began = time.monotonic()
        try:
            # Reading works on a full disk and in a store that somebody holds; taking a message does not.
            with parts.store() as work:
                work.keeping.probe("api")
        except Exception:  # noqa: BLE001  whatever it is, the answer is "not ready"
            checks["store"] = "away, locked or full"
        self.write_s = time.monotonic() - began
        if not parts.queue.is_reachable():
            checks["queue"] = "away"
        for name, check in parts.checks.items():
            try:
                checks[name] = check()
            except Exception as error:  # noqa: BLE001  a look that fails is a finding
                checks[name] = type(error).__name__
        return checks


PATIENCE_S = 2.0
NEEDED = ("store", "tables", "disk")
"""Without these no message can be taken; what else is wrong is said, and messages are taken all the same."""

INSTANCE = "TACTFUL_INSTANCE"
INSTANCE_HEADER = "x-tactful-instance"
"""Where a supervisor finds that the API that answers is its own."""


def is_well(name: str, state: str) -> bool:
    """Whether a check found nothing wrong. Of the bundle it gives the id."""
    return state == "ok" or (name == "bundle" and state != "none")


def well_of(checks: Mapping[str, str]) -> set[str]:
    """The names of what is well."""
    return {name for name, state in checks.items() if is_well(name, state)}


def takes_messages(checks: Mapping[str, str]) -> bool:
    """Whether messages are taken, whatever else is wrong."""
    return all(is_well(name, checks[name]) for name in NEEDED if name in checks)


@router.get("/health/live")
def is_alive() -> LiveOut:
    """This process answers."""
    return LiveOut()


@router.get("/health/ready", responses={503: {"model": ReadyOut, "description": "Not ready."}})
async def is_ready(request: Request, response: Response) -> ReadyOut:
    """Whether messages are taken. `degraded`: they are, and something else is wrong, such as a frozen worker."""
    readiness: Readiness = request.app.state.readiness
    checks = await readiness.checks()
    is_taking = takes_messages(checks)
    response.status_code = 200 if is_taking else 503
    response.headers[INSTANCE_HEADER] = os.environ.get(INSTANCE, "")
    well = well_of(checks)
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
    readiness: Readiness = request.app.state.readiness
    checks = readiness.checks_now()
    figures.told(checks, well_of(checks))
    figures.store_write.set(readiness.write_s)
    figures.measure(parts.measures())
    try:
        with parts.reading() as work:
            figures.stand(work.lists.figures(), work.watching.replies())
            figures.surge(work.surges.open())
            figures.waits(parts.queue.lengths(), work.watching.oldest_s())
    except Unreachable:
        # Who watches has to hear of it: what is known without the store is told all the same.
        figures.stand({}, {})
    return Response(generate_latest(figures.registry), media_type=CONTENT_TYPE_LATEST)

"""/health for those who restart us, /metrics for those who watch us."""

import time

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from api.access import caller_of, is_loopback
from api.depends import Parts, PartsDep
from api.failures import Refusal
from care.access import Scope, ServiceKey
from wiring.shapes.answers import ChecksOut, LiveOut, ReadyOut

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
        self.started = time.time()


@router.get("/health/live")
def is_alive() -> LiveOut:
    """This process answers."""
    return LiveOut()


@router.get("/health/ready", responses={503: {"model": ReadyOut, "description": "Not ready."}})
def is_ready(parts: PartsDep, response: Response) -> ReadyOut:
    """The store answers and a bundle is loaded. A queue that is away is said, but messages are still taken."""
    checks = ChecksOut(
        store="ok" if _store_answers(parts) else "away",
        bundle=parts.classifier.bundle_id or "none",
        queue="ok" if parts.queue.is_reachable() else "away",
    )
    is_ready = checks.store == "ok" and checks.bundle != "none"
    response.status_code = 200 if is_ready else 503
    return ReadyOut(status="ok" if is_ready else "not ready", checks=checks)


def _store_answers(parts: Parts) -> bool:
    try:
        with parts.reading() as work:
            work.trail.last()
    except Exception:  # noqa: BLE001  whatever it is, the answer is "not ready"
        return False
    return True


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

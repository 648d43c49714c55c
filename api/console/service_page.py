"""How the service runs, for administrators: what readiness finds, what is at work, and each channel."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from api.access import Admin, Human
from api.console.look import render
from api.depends import Parts, PartsDep
from api.health import Readiness, is_well
from care.unit_of_work import Work

router = APIRouter(include_in_schema=False)

AT_WORK = ("tasks", "replies", "notices", "handovers", "offline", "promises")
"""What the page counts, of what `/metrics` tells."""

QUARANTINED = 50
"""Items that could not be read, the latest of them."""


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """One channel to customers. live_since: None while it rehearses. last_at: when its latest message came."""

    name: str
    is_public: bool
    live_since: datetime | None
    last_at: datetime | None


@router.get("/service")
async def read_service(request: Request, human: Admin, parts: PartsDep) -> HTMLResponse:
    """What is well and what is not, in this moment."""
    readiness: Readiness = request.app.state.readiness
    return await run_in_threadpool(_show, request, human, parts, await readiness.checks())


def _show(request: Request, human: Human, parts: Parts, checks: Mapping[str, str]) -> HTMLResponse:
    with parts.reading() as work:
        figures = work.lists.figures()
        channels = _channels(work, parts)
        quarantined = work.quarantine.page(limit=QUARANTINED)
    return render(
        request,
        "service.html",
        human=human,
        checks=[(name, state, is_well(name, state)) for name, state in sorted(checks.items())],
        figures=[(kind, sorted(figures[kind].items())) for kind in AT_WORK if figures.get(kind)],
        channels=channels,
        quarantined=quarantined,
        n_quarantined=sum(figures["quarantine"].values()),
    )


def _channels(work: Work, parts: Parts) -> list[ChannelLine]:
    on, last = work.switches.on(), work.messages.last_received()
    return [
        ChannelLine(name, channel.is_public, None if channel.is_rehearsal else on.get(name), last.get(name))
        for name, channel in sorted(parts.channels.items())
    ]

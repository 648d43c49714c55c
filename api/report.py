"""/v1/report: what a head of care reads, and the cases behind each figure."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query

from api.access import Needs
from api.depends import PartsDep
from api.failures import Refusal
from care.access import Scope
from care.errors import BadInput
from care.goal_standings import standings
from care.reporting import By
from care.results import knowledge_gaps, reported, reported_cases
from wiring.shapes.knowledge import GapOut, GapsOut
from wiring.shapes.report import ReportCasesOut, ReportOut, StandingOut, StandingsOut

router = APIRouter(prefix="/v1/report", tags=["report"], dependencies=[Depends(Needs(Scope.READ))])

First = Annotated[date | None, Query(alias="from", description="The first day; 28 days before the last when left out.")]
Last = Annotated[date | None, Query(alias="to", description="The last day, included; today when left out.")]


def days(parts: PartsDep, first: First = None, last: Last = None) -> tuple[date, date]:
    """The days asked for, else the last four weeks up to today, in the zone of the playbook's hours."""
    today = parts.clock().astimezone(ZoneInfo(parts.playbook.policy.zone)).date()
    last = last or today
    return first or last - timedelta(days=27), last


Days = Annotated[tuple[date, date], Depends(days)]
"""First and last of them."""


@contextmanager
def said_why() -> Iterator[None]:
    """What is wrong with days or figure, in words: they hold nothing of a customer."""
    try:
        yield
    except BadInput as error:
        raise Refusal("validation_failed", detail=str(error)) from None


@router.get("")
def get_report(parts: PartsDep, days: Days, by: By = By.DAY) -> ReportOut:
    """Figures of whole days by day, week, channel, team, intent, language or agent; samples, imported history and
    rehearsals are left out."""
    first, last = days
    with said_why():
        return ReportOut.of(reported(parts.store, parts.playbook, first=first, last=last, by=by))


@router.get("/cases")
def list_report_cases(
    parts: PartsDep,
    figure: Annotated[str, Query(description="One of `figures`, or one with its kind: drafts.rejected:wrong_tone.")],
    days: Days,
    by: By | None = None,
    line: Annotated[str, Query(description="Only those of the line with this key, with `by`.")] = "",
) -> ReportCasesOut:
    """The cases that a figure of the same report counts."""
    first, last = days
    only = (by, line) if by is not None else None
    with said_why():
        cases = reported_cases(parts.store, parts.playbook, first=first, last=last, figure=figure, line=only)
    return ReportCasesOut(data=tuple(cases))


@router.get("/goals")
def list_goals(parts: PartsDep) -> StandingsOut:
    """Each goal of the playbook over the last four weeks, beside its baseline, as intervals."""
    stands = standings(parts.store, parts.playbook, now=parts.clock())
    return StandingsOut(data=tuple(StandingOut.of(standing) for standing in stands))


@router.get("/gaps")
def list_knowledge_gaps(parts: PartsDep, days: Days) -> GapsOut:
    """What drafts made on these days wanted to say and knowledge did not have, most wanted first."""
    first, last = days
    with said_why():
        gaps = knowledge_gaps(parts.store, parts.playbook, first=first, last=last)
    return GapsOut(data=tuple(GapOut.of(gap) for gap in gaps))

"""/v1/report: what a head of care reads, and the cases behind each figure."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from api.access import needs
from api.depends import Parts, PartsDep
from api.failures import Refusal
from care.access import Scope
from care.errors import BadInput
from care.reporting import FIGURES, SHARES, By, Durations, Report, ReportLine, figures_of
from care.results import reported, reported_cases

router = APIRouter(prefix="/v1/report", tags=["report"], dependencies=[Depends(needs(Scope.READ))])

First = Annotated[date | None, Query(alias="from", description="The first day; 28 days before the last when left out.")]
Last = Annotated[date | None, Query(alias="to", description="The last day, included; today when left out.")]


class DurationOut(BaseModel):
    """Seconds, exact to 5 %."""

    n: int
    p50_s: float | None
    p90_s: float | None


class ReportLineOut(BaseModel):
    """figures: counts, as the `figures` of the report name them. shares: 0 to 1, null where there is nothing to share.
    satisfaction: the mean answer, 1 to 5."""

    key: str
    figures: dict[str, int]
    shares: dict[str, float | None]
    durations: dict[str, DurationOut]
    satisfaction: float | None


class ReportOut(BaseModel):
    """Days are those of the zone; `to` is the last day, included. figures: what each one counts."""

    object: Literal["report"] = "report"
    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    zone: str
    by: By
    lines: list[ReportLineOut]
    total: ReportLineOut
    figures: dict[str, str]


class ReportCasesOut(BaseModel):
    """Ids of cases, in the order in which they were counted."""

    object: Literal["list"] = "list"
    data: list[str]


def days(parts: Parts, first: date | None, last: date | None) -> tuple[date, date]:
    """The days asked for, else the last four weeks up to today, in the zone of the playbook's hours."""
    today = parts.clock().astimezone(ZoneInfo(parts.playbook.policy.clock("*").hours.zone)).date()
    last = last or today
    return first or last - timedelta(days=27), last


@contextmanager
def said_why() -> Iterator[None]:
    """What is wrong with days or figure, in words: they hold nothing of a customer."""
    try:
        yield
    except BadInput as error:
        raise Refusal("validation_failed", detail=str(error)) from None


def report_out(report: Report) -> ReportOut:
    """The shape that leaves, for API and command line."""
    zone = ZoneInfo(report.zone)
    return ReportOut(
        first=_day(report.since, zone),
        last=_day(report.until - timedelta(microseconds=1), zone),
        zone=report.zone,
        by=report.by,
        lines=[_line(line) for line in report.lines],
        total=_line(report.total),
        figures=dict(FIGURES),
    )


@router.get("")
def get_report(parts: PartsDep, first: First = None, last: Last = None, by: By = By.DAY) -> ReportOut:
    """Figures of whole days by day, week, channel, team, intent, language or agent; samples, imported history and
    rehearsals are left out."""
    first, last = days(parts, first, last)
    with said_why():
        return report_out(reported(parts.store, parts.playbook, first=first, last=last, by=by))


@router.get("/cases")
def list_report_cases(
    parts: PartsDep,
    figure: Annotated[str, Query(description="One of `figures`, or one with its kind: drafts.rejected:wrong_tone.")],
    first: First = None,
    last: Last = None,
    by: By | None = None,
    line: Annotated[str, Query(description="Only those of the line with this key, with `by`.")] = "",
) -> ReportCasesOut:
    """The cases that a figure of the same report counts."""
    first, last = days(parts, first, last)
    only = (by, line) if by is not None else None
    with said_why():
        found = reported_cases(parts.store, parts.playbook, first=first, last=last, figure=figure, line=only)
    return ReportCasesOut(data=found)


def _line(line: ReportLine) -> ReportLineOut:
    return ReportLineOut(
        key=line.key,
        figures=dict(figures_of(line)),
        shares={name: line.share(name) for name in SHARES},
        durations={kind: _duration(lengths) for kind, lengths in sorted(line.durations.items())},
        satisfaction=line.satisfaction,
    )


def _duration(lengths: Durations) -> DurationOut:
    return DurationOut(n=len(lengths), p50_s=lengths.percentile(0.5), p90_s=lengths.percentile(0.9))


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()

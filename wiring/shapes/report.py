"""What a head of care reads, and the cases behind each figure."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field

from care.goals import Estimate, Standing, Told
from care.reporting import FIGURES, SHARES, By, Durations, Report, ReportLine, figures_of
from wiring.shapes.base import Out


class DurationOut(Out):
    """Seconds, exact to 5 %."""

    n: int
    p50_s: float | None
    p90_s: float | None


class ReportLineOut(Out):
    """figures: counts, as the `figures` of the report name them. shares: 0 to 1, null where there is nothing to share.
    satisfaction: the mean answer, 1 to 5."""

    key: str
    figures: dict[str, int]
    shares: dict[str, float | None]
    durations: dict[str, DurationOut]
    satisfaction: float | None


class ReportOut(Out):
    """Days are those of the zone; `to` is the last day, included. figures: what each one counts."""

    object: Literal["report"] = "report"
    first: Annotated[date, Field(serialization_alias="from")]
    last: Annotated[date, Field(serialization_alias="to")]
    zone: str
    by: By
    lines: tuple[ReportLineOut, ...]
    total: ReportLineOut
    figures: dict[str, str]

    @classmethod
    def of(cls, value: Report) -> Self:
        zone = ZoneInfo(value.zone)
        return cls(
            first=_day(value.since, zone),
            last=_day(value.until - timedelta(microseconds=1), zone),
            zone=value.zone,
            by=value.by,
            lines=tuple(_line(line) for line in value.lines),
            total=_line(value.total),
            figures=dict(FIGURES),
        )


class ReportCasesOut(Out):
    """Ids of cases, in the order in which they were counted."""

    object: Literal["list"] = "list"
    data: tuple[str, ...]


class EstimateOut(Out):
    """A value over n things, in the unit of its target, and between what it lies with 95 % certainty."""

    value: float
    low: float
    high: float
    n: int


class StandingOut(Out):
    """A goal with where it stands. `since`: the days of the baseline, or why there is none. `reached`, `better`: null
    where there is too little to tell."""

    goal: str
    target: float
    unit: str
    at_most: bool
    owner: str
    now: EstimateOut | None
    baseline: EstimateOut | None
    since: str
    reached: bool | None
    better: bool | None

    @classmethod
    def of(cls, standing: Standing) -> Self:
        goal = standing.goal
        return cls(
            goal=goal.name,
            target=goal.target,
            unit=goal.unit,
            at_most=goal.is_most,
            owner=goal.owner,
            now=_estimate(standing.now),
            baseline=_estimate(standing.baseline),
            since=standing.since,
            reached=_told(standing.is_reached),
            better=_told(standing.is_better),
        )


class StandingsOut(Out):
    """The goals of the playbook over the last four weeks."""

    object: Literal["list"] = "list"
    data: tuple[StandingOut, ...]


def _estimate(estimate: Estimate | None) -> EstimateOut | None:
    if estimate is None:
        return None
    value, low, high = (round(number, 4) for number in (estimate.value, estimate.low, estimate.high))
    return EstimateOut(value=value, low=low, high=high, n=estimate.n)


def _told(told: Told) -> bool | None:
    return None if told is Told.OPEN else told is Told.YES


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

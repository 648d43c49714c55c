"""What a head of care reads, and the cases behind each figure."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field

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

"""How many are needed, as a shape and as rows of a roster."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Literal, Self
from zoneinfo import ZoneInfo

from care.staffing import StaffingPlan
from care.times import rfc_3339
from wiring.shapes.base import Out

ROSTER = ("start", "day", "time", "team", "channel", "arrivals", "low", "high", "work", "desk", "rostered", "in_time")
"""The columns of a roster's CSV; empty where nobody works."""


class ArrivalsOut(Out):
    """What is foretold: nine of ten counts lie from low to high, both included."""

    mean: float
    low: int
    high: int


class NeededOut(Out):
    """People at work (desk), and with shrinkage (rostered). desk_c: by Erlang C; desk_a: by Erlang A, null where the
    playbook names no patience. share: of arrivals answered in time; one_less, one_more: with that many people."""

    desk: int
    rostered: int
    desk_c: int
    desk_a: int | None
    share: float
    one_less: float
    one_more: float
    occupancy: float


class SlotOut(Out):
    """Half an hour. work: what is to be answered in it, with what waited while nobody worked. needed: null while nobody
    works."""

    start: datetime
    arrivals: ArrivalsOut
    work: float
    needed: NeededOut | None


class StaffedDayOut(Out):
    day: date
    arrivals: float
    peak: int
    desk_h: float
    rostered_h: float


class HandleTimeOut(Out):
    """n_measured: replies it was measured on; 0: the playbook says it."""

    mean_s: float
    n_measured: int


class CoverageOut(Out):
    """Half hours of past weeks that were foretold from the weeks before them, and the share within their interval."""

    n: int
    share: float | None


class StaffingOut(Out):
    """A week of a team on a channel; empty stands for all. problem: why there are no slots. within_s: the time in which
    share of the arrivals is to be answered."""

    object: Literal["staffing"] = "staffing"
    team: str
    channel: str
    zone: str
    share: float
    within_s: float
    n_weeks: int
    problem: str
    handle: HandleTimeOut | None
    coverage: CoverageOut
    days: tuple[StaffedDayOut, ...]
    slots: tuple[SlotOut, ...]

    @classmethod
    def of(cls, value: StaffingPlan) -> Self:
        return cls(
            team=value.team,
            channel=value.channel,
            zone=value.zone,
            share=value.rules.share,
            within_s=value.within.total_seconds(),
            n_weeks=value.n_weeks,
            problem=value.problem,
            handle=HandleTimeOut.of(value.handle) if value.handle is not None else None,
            coverage=CoverageOut.of(value.coverage),
            days=tuple(StaffedDayOut.of(day) for day in value.days),
            slots=tuple(SlotOut.of(slot) for slot in value.slots),
        )


def roster_rows(plans: Sequence[StaffingPlan]) -> Iterator[tuple[object, ...]]:
    """The heading and a row for every half hour of every plan; day and time by the clock of the plan's zone."""
    yield ROSTER
    for plan in plans:
        zone = ZoneInfo(plan.zone)
        for slot in plan.slots:
            local, came, needed = slot.start.astimezone(zone), slot.arrivals, slot.needed
            people = (needed.desk, needed.rostered, round(needed.share, 3)) if needed is not None else ("", "", "")
            yield (
                rfc_3339(slot.start),
                f"{local:%Y-%m-%d}",
                f"{local:%H:%M}",
                plan.team or "all",
                plan.channel or "all",
                round(came.mean, 2),
                came.low,
                came.high,
                round(slot.work, 2),
                *people,
            )

"""Staffing in the console, for leads: what is foretold for a week, and how many it takes, as plot and table."""

import csv
import io
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.access import Lead
from api.console.look import render
from api.console.plot import HEIGHT, WIDTH, band, line, scale_of, steps
from api.depends import Parts, PartsDep
from api.report import said_why
from care.reporting import say_length, say_share
from care.staffing import SlotPlan, StaffingPlan, staffing_plans
from wiring.shapes.staffing import roster_rows

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which week of whom; "" stands for all, first None for today."""

    team: str
    channel: str
    first: date | None

    def link(self, path: str) -> str:
        said = {"team": self.team, "channel": self.channel, "from": self.first.isoformat() if self.first else ""}
        return f"{path}?{urlencode({name: value for name, value in said.items() if value})}"


def asked(team: str = "", channel: str = "", first: Annotated[date | None, Query(alias="from")] = None) -> Asked:
    return Asked(team, channel, first)


AskedDep = Annotated[Asked, Depends(asked)]


@router.get("/staffing")
def read_staffing(request: Request, human: Lead, parts: PartsDep, asked: AskedDep) -> HTMLResponse:
    """A week from the day that is asked for."""
    with said_why():
        [plan] = staffing_plans(
            parts.store, parts.playbook, [(asked.team, asked.channel)], first=asked.first, now=parts.clock()
        )
    zone = ZoneInfo(plan.zone)
    return render(
        request,
        "staffing.html",
        human=human,
        asked=asked,
        first=asked.first or parts.clock().astimezone(zone).date(),
        plan=plan,
        within=say_length(plan.within.total_seconds()),
        tiles=_tiles(plan),
        plots=_plots(plan) if plan.slots else [],
        width=WIDTH,
        height=HEIGHT,
        by_day=[(f"{day:%A %d %B}", list(slots)) for day, slots in _by_day(plan, zone)],
        week=_week(plan, zone),
        teams=sorted(parts.playbook.teams),
        channels=_channels(parts),
        local=lambda at: at.astimezone(zone),
        say_share=say_share,
    )


@router.get("/staffing/roster")
def export_roster(human: Lead, parts: PartsDep, asked: AskedDep) -> Response:
    """A row for every half hour, of the team that is asked for or else of every team by itself, as a CSV file."""
    teams = [asked.team] if asked.team else sorted(parts.playbook.teams)
    with said_why():
        plans = staffing_plans(
            parts.store,
            parts.playbook,
            [(team, asked.channel) for team in teams],
            first=asked.first,
            now=parts.clock(),
        )
    text = io.StringIO()
    csv.writer(text).writerows(roster_rows(plans))
    headers = {"Content-Disposition": 'attachment; filename="roster.csv"', "Cache-Control": "no-store"}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _channels(parts: Parts) -> list[str]:
    return sorted(set(parts.playbook.channels) - {"*"})


def _by_day(plan: StaffingPlan, zone: ZoneInfo) -> "groupby[date, SlotPlan]":
    return groupby(plan.slots, lambda slot: slot.start.astimezone(zone).date())


def _week(plan: StaffingPlan, zone: ZoneInfo) -> list[tuple[str, list[SlotPlan | None]]]:
    """The half hours in which somebody works on some day: the time on the clock, and the slot of every day."""
    rows: dict[str, dict[date, SlotPlan]] = {}
    for slot in plan.slots:
        local = slot.start.astimezone(zone)
        rows.setdefault(f"{local:%H:%M}", {}).setdefault(local.date(), slot)
    days = [day.day for day in plan.days]
    return [
        (time, [slots.get(day) for day in days])
        for time, slots in sorted(rows.items())
        if any(slot.needed for slot in slots.values())
    ]


def _tiles(plan: StaffingPlan) -> list[tuple[str, str, str]]:
    """What is read first: a name, a value, and where it comes from."""
    handle, coverage = plan.handle, plan.coverage
    measured = "–" if handle is None else say_length(handle.mean_s)
    origin = "" if handle is None else f"on {handle.n_measured} replies" if handle.n_measured else "from the playbook"
    return [
        ("Foretold from", f"{plan.n_weeks} weeks", "of arrivals"),
        ("Forecast held", say_share(coverage.share), f"of {coverage.n} half hours; 90 % is meant"),
        ("A reply takes", measured, origin),
        ("Answered in time", say_share(plan.share()), "with the people below"),
        ("With one fewer", say_share(plan.share("one_less")), "answered in time"),
        ("With one more", say_share(plan.share("one_more")), "answered in time"),
    ]


def _plots(plan: StaffingPlan) -> list[dict[str, object]]:
    slots, zone = plan.slots, ZoneInfo(plan.zone)
    high = [float(slot.arrivals.high) for slot in slots]
    low, mean = [float(slot.arrivals.low) for slot in slots], [slot.arrivals.mean for slot in slots]
    rostered = [float(slot.needed.rostered) if slot.needed else 0.0 for slot in slots]
    desk = [float(slot.needed.desk) if slot.needed else 0.0 for slot in slots]
    arrivals, people = scale_of(high), scale_of(rostered)
    days = []
    for number, slot in enumerate(slots):
        local = slot.start.astimezone(zone)
        if (local.hour, local.minute) == (0, 0):
            days.append((f"{local:%a %d}", arrivals.x(number)))
    return [
        {
            "title": "Arrivals in half an hour, with the 90 % interval",
            "marks": arrivals.marks,
            "days": days,
            "paths": [("band", band(low, high, arrivals)), ("line", line(mean, arrivals))],
            "keys": [("line", "foretold"), ("band", "nine of ten half hours")],
        },
        {
            "title": "People needed",
            "marks": people.marks,
            "days": days,
            "paths": [("steps is-soft", steps(rostered, people)), ("steps", steps(desk, people))],
            "keys": [("steps", "at work"), ("steps is-soft", "rostered, with shrinkage")],
        },
    ]

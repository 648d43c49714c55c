"""The report in the console: what a head of care reads, and the cases behind each figure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.access import Agent
from api.console.desk import names_of
from api.console.look import render
from api.console.wording import channel as channel_name
from api.console.wording import words
from api.depends import Parts, PartsDep
from api.report import Days, said_why
from care.errors import NotFound
from care.goal_standings import standings
from care.goals import say_estimate, say_goal, say_standing
from care.reporting import (
    FIGURES,
    SHARES,
    By,
    Report,
    ReportLine,
    figures_of,
    say_length,
    say_median,
    say_share,
)
from care.results import knowledge_gaps, reported, reported_cases

router = APIRouter(include_in_schema=False)

MOST_CASES = 200
COLUMNS = ("messages", "responses", "resolved", "reopened", "climbs")
"""Figures with a column of their own; all others stand below the table."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page shows; `link` opens the cases behind a figure of it."""

    first: date
    last: date
    by: By = By.DAY

    def link(self, figure: str, key: str | None = None) -> str:
        line = {} if key is None else {"by": self.by.value, "line": key}
        days_ = {"from": self.first.isoformat(), "to": self.last.isoformat()}
        return "/report/cases?" + urlencode({"figure": figure, **days_, **line})


@router.get("/report")
def read_report(request: Request, human: Agent, parts: PartsDep, days: Days, by: By = By.DAY) -> HTMLResponse:
    """Figures of whole days, each a link to the cases that it counts."""
    first, last = days
    asked = Asked(first, last, by)
    with said_why():
        report = reported(parts.store, parts.playbook, first=first, last=last, by=by)
    with parts.reading() as work:
        names = names_of(work)
    return render(
        request,
        "report.html",
        human=human,
        asked=asked,
        report=report,
        periods=_periods(parts.clock().astimezone(ZoneInfo(report.zone)).date()),
        tiles=_tiles(report.total),
        lines=[_line(line, report, names) for line in report.lines],
        most=max((line.figures["messages"] for line in report.lines), default=0),
        rest=[(name, _said(name), count) for name, count in figures_of(report.total) if count and name not in COLUMNS],
        columns=COLUMNS,
        said=_said,
        choices=list(By),
        goals=[
            (standing, say_goal(standing.goal), say_estimate(standing.now), say_estimate(standing.baseline))
            for standing in standings(parts.store, parts.playbook, now=parts.clock())
        ],
        say_standing=say_standing,
    )


@router.get("/report/cases")
def read_report_cases(
    request: Request,
    human: Agent,
    parts: PartsDep,
    days: Days,
    figure: str,
    by: By | None = None,
    line: str = "",
) -> HTMLResponse:
    """The cases behind one figure, in the order in which they were counted."""
    first, last = days
    only = (by, line) if by is not None else None
    with said_why():
        ids = reported_cases(parts.store, parts.playbook, first=first, last=last, figure=figure, line=only)
    return render(
        request,
        "report_cases.html",
        human=human,
        asked=Asked(first, last, by or By.DAY),
        said=_said(figure),
        key=line,
        n_cases=len(ids),
        cases=_shown(parts, ids[:MOST_CASES]),
    )


@router.get("/report/gaps")
def read_knowledge_gaps(request: Request, human: Agent, parts: PartsDep, days: Days) -> HTMLResponse:
    """What drafts wanted to say and nobody had written down, with cases to read."""
    first, last = days
    with said_why():
        gaps = knowledge_gaps(parts.store, parts.playbook, first=first, last=last)
    return render(
        request,
        "gaps.html",
        human=human,
        asked=Asked(first, last),
        gaps=[(gap, _shown(parts, list(gap.cases))) for gap in gaps],
    )


def _periods(today: date) -> list[tuple[str, date, date]]:
    """Days that are asked for most: a name, the first and the last of them."""
    monday = today - timedelta(days=today.weekday())
    return [
        ("Today", today, today),
        ("This week", monday, today),
        ("Last week", monday - timedelta(days=7), monday - timedelta(days=1)),
        ("Four weeks", today - timedelta(days=27), today),
    ]


def _shown(parts: Parts, ids: list[str]) -> list[dict[str, object]]:
    shown = []
    with parts.reading() as work:
        for id in ids:
            try:
                file = work.cases.latest(id)
            except NotFound:
                continue
            shown.append({"id": id, "file": file, "who": file.message.author.name or file.message.author.handle})
    return shown


def _said(figure: str) -> str:
    name, _, kind = figure.partition(":")
    return f"{FIGURES.get(name, name)}: {words(kind)}" if kind else FIGURES.get(name, name)


def _tiles(total: ReportLine) -> list[tuple[str, str, str]]:
    """What is read first: a name, a value and the figure behind it."""
    satisfaction = total.satisfaction
    return [
        ("Messages", str(total.figures["messages"]), "messages"),
        ("First answer, median", say_median(total), "responses"),
        ("Within the published window", say_share(total.share("within the published window")), "responses.in_promise"),
        ("Promises kept", say_share(total.share("promises kept")), "promises.kept"),
        ("Drafts sent as they were", say_share(total.share("drafts sent as they were")), "drafts.as_is"),
        ("Satisfaction, 1 to 5", "–" if satisfaction is None else f"{satisfaction:.1f}", "satisfaction.answered"),
    ]


def _line(line: ReportLine, report: Report, names: Mapping[str, str]) -> dict[str, object]:
    return {
        "key": line.key,
        "name": _name(line.key, report.by, names, report.zone),
        "figures": line.figures,
        "median": say_median(line),
        "p90": say_length(line.length("response", 0.9)),
        "shares": [say_share(line.share(name)) for name in SHARES if name != "reopened"],
    }


def _name(key: str, by: By, names: Mapping[str, str], zone: str) -> str:
    if by is By.DAY:
        return f"{date.fromisoformat(key):%a %d %b}"
    if by is By.CHANNEL:
        return channel_name(key)
    return names.get(key, words(key) if by is not By.WEEK else key)

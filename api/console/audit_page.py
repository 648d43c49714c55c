"""The audit trail in the console: who did what to which id, filtered by case, person, event and days, and as a file."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, StreamingResponse

from api.access import Admin
from api.console.desk import names_of
from api.console.look import render
from api.depends import Parts, PartsDep
from care.reporting import Period
from care.times import rfc_3339
from care.trail import Event, TrailFilter

router = APIRouter(prefix="/audit", include_in_schema=False)

ON_A_PAGE = 100
EXPORTED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page was asked for, as it stands in its address."""

    case: str
    by: str
    event: str
    first: date | None
    last: date | None

    def link(self, path: str, **more: object) -> str:
        days = {"from": self.first, "to": self.last}
        given = {"case": self.case, "by": self.by, "event": self.event, **days, **more}
        return f"{path}?{urlencode({name: str(value) for name, value in given.items() if value})}"

    def wanted(self, zone: str) -> TrailFilter:
        """The rows asked for. Days are whole days of the zone; a last day before the first asks for nothing."""
        since = Period.of_days(self.first, self.first, zone).since if self.first else None
        until = Period.of_days(self.last, self.last, zone).until if self.last else None
        return TrailFilter(self.case, self.by, self.event, since, until)


def asked(
    case: Annotated[str, Query(max_length=64)] = "",
    by: Annotated[str, Query(max_length=64)] = "",
    event: Annotated[str, Query(max_length=64)] = "",
    first: Annotated[date | Literal[""], Query(alias="from")] = "",
    last: Annotated[date | Literal[""], Query(alias="to")] = "",
) -> Asked:
    """An empty day is none: a form sends every field that it has."""
    return Asked(case.strip(), by, event.strip(), first or None, last or None)


AskedDep = Annotated[Asked, Depends(asked)]


@router.get("")
def read_audit(
    request: Request, human: Admin, parts: PartsDep, asked: AskedDep, before: Annotated[int | None, Query(ge=0)] = None
) -> HTMLResponse:
    """A page of the trail, newest first."""
    wanted = asked.wanted(parts.playbook.policy.zone)
    with parts.reading() as work:
        events = work.trail.search(wanted, before=before, limit=ON_A_PAGE + 1)
        names = names_of(work)
    shown = events[:ON_A_PAGE]
    return render(
        request,
        "audit.html",
        human=human,
        asked=asked,
        events=[(event, names.get(event.by, event.by), said_facts(event.facts)) for event in shown],
        people=sorted(names.items(), key=lambda person: person[1].lower()),
        is_first=before is None,
        older=asked.link("/audit", before=shown[-1].number) if len(events) > ON_A_PAGE else "",
    )


@router.get("/export")
def export_audit(human: Admin, parts: PartsDep, asked: AskedDep) -> StreamingResponse:
    """Every row asked for, newest first, as a CSV file."""
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(
        _lines(parts, asked.wanted(parts.playbook.policy.zone)), media_type="text/csv; charset=utf-8", headers=headers
    )


def said_facts(facts: Mapping[str, object]) -> str:
    """Ids, labels and numbers of a row on one line; the trail holds no customer's words."""
    return ", ".join(f"{name} {value}" for name, value in facts.items() if value not in (None, ""))


def _lines(parts: Parts, wanted: TrailFilter) -> Iterator[str]:
    yield _csv(("number", "at", "event", "subject_id", "case_id", "by", "name", "facts"))
    with parts.reading() as work:
        names = names_of(work)
    before: int | None = None
    while True:
        with parts.reading() as work:
            events = work.trail.search(wanted, before=before, limit=EXPORTED_AT_ONCE)
        for event in events:
            yield _csv(_cells(event, names.get(event.by, "")))
        if len(events) < EXPORTED_AT_ONCE:
            return
        before = events[-1].number


def _cells(event: Event, name: str) -> tuple[object, ...]:
    facts = json.dumps(event.facts, ensure_ascii=False, sort_keys=True)
    # A spreadsheet takes a name that begins so for a formula.
    harmless = name.lstrip("=+-@\t\r")
    at, case_id = rfc_3339(event.at), event.case_id or ""
    return (event.number, at, event.event, event.subject_id, case_id, event.by, harmless, facts)


def _csv(values: tuple[object, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(values)
    return text.getvalue()

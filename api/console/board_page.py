"""The live board, for leads: what waits and for how long, who has it, and how today compares with other days."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access import Lead
from api.console.case_view import case_view
from api.console.desk import names_of, viewer_of
from api.console.form import LeadFormDep
from api.console.look import render
from api.console.plot import HEIGHT, WIDTH, band, line, scale_of, steps
from api.depends import PartsDep
from care.board import Today, board

router = APIRouter(include_in_schema=False)


@router.get("/board")
def read_board(request: Request, human: Lead, parts: PartsDep) -> HTMLResponse:
    """As it stands now; the page asks again by itself."""
    seen = board(parts.store, parts.playbook, parts.usual, now=parts.clock())
    with parts.reading() as work:
        viewer, names = viewer_of(work, parts, human), names_of(work)
        people = [person for person in work.access.people() if person.is_active]
    total = {clock: sum(row.clocks.get(clock, 0) for row in seen.lines) for clock in ("late", "soon", "later", "none")}
    return render(
        request,
        "board.html",
        human=human,
        board=seen,
        total=total,
        n_waiting=sum(total.values()),
        n_unassigned=sum(row.n_unassigned for row in seen.lines),
        names=names,
        people=sorted(people, key=lambda person: person.name.casefold()),
        urgent=[case_view(case, parts, viewer) for case in seen.urgent],
        plot=_plot(seen.today) if seen.today.usual else None,
        width=WIDTH,
        height=HEIGHT,
        link=_link,
    )


@router.post("/board/assign")
def reassign_case(form: LeadFormDep) -> Response:
    """Give a case to somebody else, or to nobody."""
    to = form.text("to")[:64]
    form.parts.journey.casework.assign(form.text("case")[:64], by=form.human.id, to=to or None)
    return RedirectResponse("/board", 303)


def _link(**narrowed: str) -> str:
    """The list of what is due, narrowed to what a number of the board counts."""
    return "/?" + urlencode({"view": "now_due", **{name: value for name, value in narrowed.items() if value}})


def _plot(today: Today) -> dict[str, object]:
    usual = today.usual
    high = [float(expected.high) for expected in usual]
    scale = scale_of([*high, *(float(count) for count in today.counts)])
    scale = type(scale)(len(usual), scale.most)
    return {
        "marks": scale.marks,
        "hours": [(f"{hour:02}:00", scale.x(2 * hour)) for hour in range(0, len(usual) // 2, 4)],
        "paths": [
            ("band", band([float(expected.low) for expected in usual], high, scale)),
            ("line", line([expected.mean for expected in usual], scale)),
            ("steps", steps([float(count) for count in today.counts], scale)),
        ],
        "keys": [("steps", "today"), ("line", "usual"), ("band", "nine of ten half hours")],
    }

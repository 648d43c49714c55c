"""Where the goals of the playbook stand: the last four weeks beside a baseline, each counted as the report counts."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from care.goals import Goal, Standing, measure
from care.ports import Playbook
from care.reporting import By, Period, ReportLine, report
from care.results import counted
from care.unit_of_work import Store, Work

SPAN = timedelta(days=28)
"""What is looked at, and how long the first weeks are."""


def standings(store: Store, playbook: Playbook, *, now: datetime) -> Sequence[Standing]:
    """Each goal in the order of the playbook, over the four weeks up to today.

    Its baseline is of the days that it names, else of the first four weeks with live cases once they are over.
    """
    edition = playbook.edition()
    zone = edition.policy.zone
    today = now.astimezone(ZoneInfo(zone)).date()
    days = (today - SPAN + timedelta(days=1), today)
    with store(read=True) as work:
        began = work.reporting.began()
        first = began.astimezone(ZoneInfo(zone)).date() if began else today
        lines: dict[tuple[date, date], ReportLine] = {}
        stands = []
        for goal in edition.agreed_goals:
            compared = _compared(goal, first=first, before=days[0])
            for span in (days, compared):
                if span is not None and span not in lines:
                    lines[span] = _line(work, edition, *span)
            # A count a week says nothing of days on which nobody could write yet.
            current = measure(goal, lines[days], n_days=(today - max(first, days[0])).days + 1)
            if compared is None:
                stands.append(Standing(goal, current, None, goal.baseline or "the first four weeks are not over"))
                continue
            n_days = (compared[1] - compared[0]).days + 1
            since = f"{compared[0]} to {compared[1]}"
            stands.append(Standing(goal, current, measure(goal, lines[compared], n_days=n_days), since))
    return stands


def _compared(goal: Goal, *, first: date, before: date) -> tuple[date, date] | None:
    if goal.first and goal.last:
        return goal.first, goal.last
    last = first + SPAN - timedelta(days=1)
    return (first, last) if last < before else None


def _line(work: Work, edition: Playbook, first: date, last: date) -> ReportLine:
    period = Period.of_days(first, last, edition.policy.zone)
    return report(counted(work, edition, period), period=period, by=By.WEEK).total

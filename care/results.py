"""How the plays do, which goals are reached, and what a head of care reads: what is kept, counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from care.learning import GoalLine, PlayCount, PlayFlag
from care.ports import Playbook
from care.reporting import By, Entry, Period, Report, behind, report
from care.unit_of_work import Store


@dataclass(frozen=True, slots=True)
class Results:
    """counts: one line a play, most shown first. flags: what owners of plays should look at. goals: in their order."""

    counts: Sequence[PlayCount]
    flags: Sequence[PlayFlag]
    goals: Sequence[GoalLine]


def results(store: Store, playbook: Playbook, *, now: datetime) -> Results:
    """What people made of the latest drafts, and what was reached so far."""
    with store(read=True) as work:
        outcomes = work.learning.outcomes()
        answers = work.learning.first_answers()
        scores = work.lists.figures().get("satisfaction", {})
    edition = playbook.edition()
    counts, flags = edition.learn(outcomes)
    goals = edition.goals(counts, answers=answers, scores=scores, now=now)
    return Results(counts, flags, goals)


def reported(store: Store, playbook: Playbook, *, first: date, last: date, by: By) -> Report:
    """The figures of these days, both included, in the zone of the playbook's hours. Raises BadInput."""
    clock = playbook.edition().policy.clock
    period = Period.of_days(first, last, clock("*").hours.zone)
    return report(_entries(store, period), period=period, by=by, clock=clock)


def reported_cases(
    store: Store, playbook: Playbook, *, first: date, last: date, figure: str, line: tuple[By, str] | None = None
) -> list[str]:
    """The ids of the cases behind a figure of the same report; line: only those of one line of it. Raises BadInput."""
    period = Period.of_days(first, last, playbook.edition().policy.clock("*").hours.zone)
    by, key = line or (None, "")
    return behind(_entries(store, period), figure=figure, period=period, by=by, key=key)


def _entries(store: Store, period: Period) -> list[Entry]:
    with store(read=True) as work:
        entries = list(work.reporting.entries(period.since, period.until))
        # What is overdue now is said of today, and belongs to a report that reaches it.
        return entries + [entry for entry in work.reporting.overdue() if period.since <= entry.at < period.until]

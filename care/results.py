"""How the plays do, which goals are reached, and what a head of care reads: what is kept, counted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from care.knowledge import KnowledgeGap
from care.learning import GoalLine, PlayCount, PlayFlag
from care.ports import Playbook
from care.reporting import By, Days, Entry, Period, Report, behind, cells_of, report
from care.unit_of_work import Store, Work


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
    edition = playbook.edition()
    period = Period.of_days(first, last, edition.policy.zone)
    with store(read=True) as work:
        days = counted(work, edition, period)
    return report(days, period=period, by=by)


def counted(work: Work, edition: Playbook, period: Period) -> list[Days]:
    """The days of a period, kept ones as they were kept and the others counted now; with what is overdue now."""
    kept, clock = work.reporting.kept(period), edition.policy.clock
    stretches = [
        cells_of(work.reporting.entries(stretch.since, stretch.until), period=period, clock=clock)
        for stretch in period.without(kept)
    ]
    return [kept, *stretches, cells_of(_overdue(work, period), period=period, clock=clock)]


def reported_cases(
    store: Store, playbook: Playbook, *, first: date, last: date, figure: str, line: tuple[By, str] | None = None
) -> list[str]:
    """The ids of the cases behind a figure of the same report; line: only those of one line of it. Raises BadInput."""
    period = Period.of_days(first, last, playbook.edition().policy.zone)
    with store(read=True) as work:
        entries = [*work.reporting.entries(period.since, period.until), *_overdue(work, period)]
    return behind(entries, figure=figure, period=period, line=line)


def knowledge_gaps(store: Store, playbook: Playbook, *, first: date, last: date) -> list[KnowledgeGap]:
    """What knowledge lacked on these days, both included, most wanted first. Raises BadInput."""
    period = Period.of_days(first, last, playbook.edition().policy.zone)
    with store(read=True) as work:
        return work.learning.gaps(period.since, period.until)


def _overdue(work: Work, period: Period) -> Iterator[Entry]:
    """What is overdue now is said of today, and belongs to a report that reaches it."""
    return (entry for entry in work.reporting.overdue() if period.since <= entry.at < period.until)


SETTLES_IN = timedelta(days=3)
"""Days before this are kept as sums: hardly anything of them changes any more."""
LOOKS_BACK = timedelta(days=400)
MOST_DAYS = 14
"""Days that one round adds up, so that it holds nobody up."""


def keep_days(store: Store, playbook: Playbook, *, now: datetime) -> dict[str, int]:
    """Keep the sums of days that are over; drop those of days that something changed since. Returns events, counted."""
    policy = playbook.edition().policy
    clock, zone = policy.clock, policy.zone
    today = now.astimezone(ZoneInfo(zone)).date()
    period = Period.of_days(today - LOOKS_BACK, today - SETTLES_IN, zone)
    with store() as work:
        # Rows of the trail get their place when somebody reads it.
        work.trail.last()
        n_dropped = work.reporting.drop_changed(period)
        missing = [day for day in period.days if day not in work.reporting.kept_days(period)]
    for day in missing[-MOST_DAYS:]:
        whole = Period.of_days(day, day, zone)
        with store(read=True) as work:
            upto = work.trail.last()
            cells = cells_of(work.reporting.entries(whole.since, whole.until), period=whole, clock=clock).get(day, ())
        with store() as work:
            work.reporting.keep(day, zone, cells, upto=upto)
    n_kept = min(len(missing), MOST_DAYS)
    return {name: n for name, n in (("report.days_kept", n_kept), ("report.days_dropped", n_dropped)) if n}

"""The live board: what waits now and for how long, who has it, who is here, and how today compares with other days."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from care.case_file import CaseFile
from care.forecast import Interval, interval
from care.hold import SEEN_S
from care.lists import View, Waiting
from care.ports import Playbook
from care.staffing import SLOT, slot_of
from care.times import midnight_of
from care.unit_of_work import Store, Work
from care.usual import UsualWeeks

HERE_S = 300
"""How long somebody counts as here after the console last heard from them."""
MOST_CASES = 20


@dataclass(frozen=True, slots=True)
class BoardLine:
    """Cases of one team on one channel that wait. since: when the one wrote who waits longest."""

    team: str
    channel: str
    clocks: Mapping[str, int]
    n_unassigned: int
    since: datetime

    @property
    def n(self) -> int:
        return sum(self.clocks.values())


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person: cases that are theirs and wait, by clock; the cases they have open now, and those they write in."""

    person_id: str
    clocks: Mapping[str, int]
    is_here: bool
    n_open: int
    n_writing: int

    @property
    def n(self) -> int:
        return sum(self.clocks.values())


@dataclass(frozen=True, slots=True)
class Today:
    """Arrivals of today by half hour, samples too. usual: what other weeks bring; empty without enough history.

    so_far: arrivals up to now. due: as many as usually came by now, with the interval of nine days of ten.
    """

    counts: tuple[int, ...]
    usual: tuple[Interval, ...]
    so_far: int
    due: Interval | None


@dataclass(frozen=True, slots=True)
class Board:
    """lines: who waits longest first. urgent: the cases that are due first."""

    lines: Sequence[BoardLine]
    colleagues: Sequence[Colleague]
    today: Today
    urgent: Sequence[CaseFile]


def board(store: Store, playbook: Playbook, usual: UsualWeeks, *, now: datetime) -> Board:
    """The board as it stands in this moment. usual: what remembers other days."""
    zone = playbook.edition().policy.zone
    with store(read=True) as work:
        waiting = work.lists.waiting()
        urgent = work.lists.page(View.NOW_DUE, limit=MOST_CASES).cases
        return Board(_lines(waiting), _colleagues(work, waiting, now), _today(work, usual, zone, now), urgent)


def _lines(waiting: Sequence[Waiting]) -> list[BoardLine]:
    clocks: dict[tuple[str, str], Counter[str]] = {}
    unassigned: Counter[tuple[str, str]] = Counter()
    since: dict[tuple[str, str], datetime] = {}
    for some in waiting:
        key = (some.team, some.channel)
        clocks.setdefault(key, Counter())[some.clock] += some.n
        unassigned[key] += some.n if some.assignee is None else 0
        since[key] = min(since.get(key, some.since), some.since)
    lines = [BoardLine(*key, counts, unassigned[key], since[key]) for key, counts in clocks.items()]
    return sorted(lines, key=lambda line: (line.since, line.team, line.channel))


def _colleagues(work: Work, waiting: Sequence[Waiting], now: datetime) -> list[Colleague]:
    seen = {session.person_id for session in work.access.sessions(after=now)
            if now - session.seen_at < timedelta(seconds=HERE_S)}  # fmt: skip
    present = work.holds.present(seen_s=SEEN_S)
    n_open = Counter(somebody.person_id for somebody in present)
    n_writing = Counter(hold.person_id for hold in work.holds.held())
    theirs: dict[str, Counter[str]] = {}
    for some in waiting:
        if some.assignee is not None:
            theirs.setdefault(some.assignee, Counter())[some.clock] += some.n
    here = seen | n_open.keys() | n_writing.keys()
    colleagues = [
        Colleague(id, theirs.get(id, Counter()), id in here, n_open[id], n_writing[id])
        for id in sorted(here | theirs.keys())
    ]
    return sorted(colleagues, key=lambda somebody: (-somebody.n, not somebody.is_here, somebody.person_id))


def _today(work: Work, weeks: UsualWeeks, zone: str, now: datetime) -> Today:
    there = ZoneInfo(zone)
    today = now.astimezone(there).date()
    midnight, ends = midnight_of(today, there), midnight_of(today + timedelta(days=1), there)
    learnt = weeks.on(work, zone, now).of_all
    n_slots, n_over = (ends - midnight) // SLOT, min((ends - midnight) // SLOT, (now - midnight) // SLOT + 1)
    counts = [0] * n_over
    for came in work.workload.arrivals(midnight, now, is_every=True, with_samples=True):
        counts[min(n_over - 1, (came.at - midnight) // SLOT)] += came.n
    if learnt is None:
        return Today(tuple(counts), (), sum(counts), None)
    usual = learnt.usual
    slots = [slot_of((midnight + n * SLOT).astimezone(there)) for n in range(n_slots)]
    part = (now - midnight) / SLOT - (n_over - 1)
    mean = sum(usual.means[slot] for slot in slots[: n_over - 1]) + usual.means[slots[n_over - 1]] * min(1.0, part)
    due = interval(mean, usual.dispersion, unsure=usual.unsure)
    return Today(tuple(counts), tuple(usual.interval(slot) for slot in slots), sum(counts), due)

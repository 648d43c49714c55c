"""How many are needed: the forecast of arrivals, half hour by half hour, turned into people at their desks.

What comes in while nobody works waits, and is added to the half hours after opening in which it has to be answered.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from math import ceil
from zoneinfo import ZoneInfo

from care.erlang import Queue, servers_for
from care.errors import BadInput
from care.forecast import (
    LEAST_WEEKS,
    SLOT_MIN,
    SLOTS,
    SLOTS_OF_A_DAY,
    Coverage,
    Interval,
    UsualWeek,
    Week,
    usual_week,
)
from care.hours import ServiceClock
from care.policy import Policy
from care.ports import Playbook
from care.times import midnight_of
from care.unit_of_work import Store
from care.workload import Arrivals, Handled, StaffingRules

SLOT = timedelta(minutes=SLOT_MIN)
MOST_WEEKS = 26
DAYS = 7
HANDLED_WITHIN = timedelta(weeks=8)
LEAST_HANDLED = 30
"""Replies from which a measured handle time counts."""


@dataclass(frozen=True, slots=True)
class HandleTime:
    """The mean time for one reply. n_measured: the replies it was measured on; 0: the playbook says it."""

    mean_s: float
    n_measured: int


@dataclass(frozen=True, slots=True)
class Needed:
    """People for one half hour. desk: at work; rostered: with shrinkage. The shares are of arrivals answered in time.

    desk_c, desk_a: by Erlang C, and by Erlang A; None where the playbook names no patience.
    """

    desk: int
    rostered: int
    desk_c: int
    desk_a: int | None
    share: float
    one_less: float
    one_more: float
    occupancy: float


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """One half hour. arrivals: what is foretold to come; work: to answer now, with what waited while nobody worked.

    needed: None while nobody works.
    """

    start: datetime
    arrivals: Interval
    work: float
    needed: Needed | None


@dataclass(frozen=True, slots=True)
class DayPlan:
    """A day's sums: arrivals, most people at work at once, and hours of people at work and rostered."""

    day: date
    arrivals: float
    peak: int
    desk_h: float
    rostered_h: float


@dataclass(frozen=True, slots=True)
class StaffingPlan:
    """The next week of a team on a channel; "" stands for all of them.

    days: sums by day of the zone. problem: why there is no plan; the slots are empty then.
    within: the time in which an arrival is to be answered.
    """

    team: str
    channel: str
    zone: str
    rules: StaffingRules
    within: timedelta
    n_weeks: int
    handle: HandleTime | None
    coverage: Coverage
    slots: tuple[SlotPlan, ...]
    days: tuple[DayPlan, ...]
    problem: str = ""

    def share(self, which: str = "share") -> float | None:
        """Of all arrivals, those answered in time with the people needed; `one_less` and `one_more`: with that."""
        staffed = [(slot.work, slot.needed) for slot in self.slots if slot.needed is not None]
        total = sum(work for work, _ in staffed)
        return sum(work * float(getattr(needed, which)) for work, needed in staffed) / total if total else None


def staffing_plans(
    store: Store, playbook: Playbook, which: Sequence[tuple[str, str]], *, first: date | None, now: datetime
) -> list[StaffingPlan]:
    """A plan for each team and channel of `which`. first: its first day, today without it.

    Raises BadInput for a team or channel that the playbook does not have.
    """
    edition = playbook.edition()
    policy = edition.policy
    for team, channel in which:
        _refuse_unknown("team", team, edition.teams)
        _refuse_unknown("channel", channel, edition.channels)
    with store(read=True) as work:
        began = work.workload.first()
        since = now - timedelta(weeks=MOST_WEEKS, days=1)
        arrivals = work.workload.arrivals(since, now) if began is not None else ()
        handled = work.workload.handled(now - HANDLED_WITHIN)
    known = _Known(policy, arrivals, handled, began, now)
    return [known.plan(team, channel, first) for team, channel in which]


def _refuse_unknown(what: str, name: str, known: Mapping[str, object]) -> None:
    if name and name not in known:
        names = ", ".join(sorted(set(known) - {"*"}))
        raise BadInput(f"The playbook has no {what} {name!r}. It has: {names}.")


@dataclass(frozen=True, slots=True)
class _Known:
    policy: Policy
    arrivals: Sequence[Arrivals]
    handled: Sequence[Handled]
    began: datetime | None
    now: datetime

    def plan(self, team: str, channel: str, first: date | None) -> StaffingPlan:
        rules = self.policy.teams.staffing.rules(team)
        zone, clock = rules.zone or self.policy.zone, self.policy.clock(channel or "*")
        within = rules.within or clock.window(None).target
        today = self.now.astimezone(ZoneInfo(zone)).date()
        weeks = weeks_of(
            [came for came in self.arrivals if team in ("", came.team) and channel in ("", came.channel)],
            began=self.began,
            today=today,
            zone=zone,
        )
        handle, usual = self._handle(team, channel, rules), usual_week(weeks)
        slots: tuple[SlotPlan, ...] = ()
        if usual is None:
            problem = f"Too little history: {len(weeks)} whole weeks of arrivals, and {LEAST_WEEKS} are needed."
        elif handle is None:
            problem = (
                f"Too few handle times: fewer than {LEAST_HANDLED} replies of the last "
                f"{HANDLED_WITHIN.days // 7} weeks were written in the console. Set `staffing.handle` in the playbook."
            )
        else:
            problem = ""
            made = _Slots(usual, clock, zone, within)
            slots = tuple(
                SlotPlan(start, came, work, _needed(work, handle.mean_s, within, rules) if is_open else None)
                for start, came, work, is_open in made.of(first or today)
            )
        coverage = usual.coverage if usual is not None else Coverage()
        days = tuple(_days(slots, ZoneInfo(zone)))
        return StaffingPlan(team, channel, zone, rules, within, len(weeks), handle, coverage, slots, days, problem)

    def _handle(self, team: str, channel: str, rules: StaffingRules) -> HandleTime | None:
        """As measured for the team on the channel, else for the team, else for all, else as the playbook has it."""
        for by_team, by_channel in ((team, channel), (team, ""), ("", "")):
            rows = [row for row in self.handled if by_team in ("", row.team) and by_channel in ("", row.channel)]
            n = sum(row.n for row in rows)
            if n >= LEAST_HANDLED:
                total = sum((row.total for row in rows), timedelta())
                return HandleTime(max(1.0, total.total_seconds() / n), n)
        return None if rules.handle is None else HandleTime(rules.handle.total_seconds(), 0)


def weeks_of(arrivals: Sequence[Arrivals], *, began: datetime | None, today: date, zone: str) -> list[Week]:
    """Counts by half hour of whole weeks up to yesterday, oldest first; began: when anything came first."""
    there = ZoneInfo(zone)
    if began is None:
        return []
    # The first day is seldom a whole one.
    n_weeks = max(0, min(MOST_WEEKS, ((today - began.astimezone(there).date()).days - 1) // 7))
    first = today - timedelta(weeks=n_weeks)
    counts: dict[tuple[int, int], int] = {}
    for came in arrivals:
        local = came.at.astimezone(there)
        days = (local.date() - first).days
        if 0 <= days < 7 * n_weeks:
            key = (days // 7, slot_of(local))
            counts[key] = counts.get(key, 0) + came.n
    changing = {
        ((day - first).days // 7, slot)
        for day in (first + timedelta(days=n) for n in range(7 * n_weeks))
        for slot in _changing(day, there)
    }
    return [
        [None if (number, slot) in changing else counts.get((number, slot), 0) for slot in range(SLOTS)]
        for number in range(n_weeks)
    ]


def slot_of(local: datetime) -> int:
    """The half hour of the week that a local time lies in."""
    return local.weekday() * SLOTS_OF_A_DAY + (local.hour * 60 + local.minute) // SLOT_MIN


def _changing(day: date, zone: ZoneInfo) -> Iterator[int]:
    """Half hours that a day does not have, or has twice, because its clocks change."""
    midnight = datetime.combine(day, time(), tzinfo=zone)
    if midnight.utcoffset() == (midnight + timedelta(days=1)).utcoffset():
        return
    for number in range(SLOTS_OF_A_DAY):
        local = midnight + number * SLOT
        if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
            yield slot_of(local)


@dataclass(frozen=True, slots=True)
class _Slots:
    usual: UsualWeek
    clock: ServiceClock
    zone: str
    within: timedelta

    def of(self, first: date) -> Iterator[tuple[datetime, Interval, float, bool]]:
        """Each half hour of a week: when it starts, what comes, what is to be answered, whether somebody works."""
        there = ZoneInfo(self.zone)
        start, begin, end = (midnight_of(first + timedelta(days=n), there) for n in (-DAYS, 0, DAYS))
        waiting, spread = 0.0, 0
        while start < end:
            came = self.usual.interval(slot_of(start.astimezone(there)))
            is_open = self.clock.hours.is_open(start)
            if is_open:
                spread = spread or max(1, ceil(self.within / SLOT))
                share = waiting / spread
                work, waiting, spread = came.mean + share, waiting - share, max(0, spread - 1)
            else:
                work, waiting, spread = 0.0, waiting + came.mean, 0
            if start >= begin:
                yield start, came, work, is_open
            start += SLOT


def _needed(work: float, handle_s: float, within: timedelta, rules: StaffingRules) -> Needed:
    return _needed_for(round(work, 2), round(handle_s, 1), within.total_seconds(), rules)


@lru_cache(maxsize=4096)
def _needed_for(work: float, handle_s: float, within_s: float, rules: StaffingRules) -> Needed:
    load = work * handle_s / SLOT.total_seconds()
    patience_s = rules.patience.total_seconds() if rules.patience is not None else float("inf")

    def desks(patience_s: float) -> int:
        servers = servers_for(
            load,
            handle_s,
            share=rules.share,
            within_s=within_s,
            occupancy=rules.occupancy,
            patience_s=patience_s,
        )
        return ceil(servers / rules.concurrency)

    def queue(desk: int) -> Queue:
        return Queue(int(desk * rules.concurrency), load, handle_s, patience_s)

    by_c = desks(float("inf"))
    by_a = desks(patience_s) if rules.patience is not None else None
    desk = by_c if by_a is None else by_a
    return Needed(
        desk,
        ceil(desk / (1 - rules.shrinkage)),
        by_c,
        by_a,
        queue(desk).answered_within(within_s),
        queue(max(0, desk - 1)).answered_within(within_s),
        queue(desk + 1).answered_within(within_s),
        queue(desk).occupancy if desk else 0.0,
    )


def _days(slots: Sequence[SlotPlan], zone: ZoneInfo) -> Iterator[DayPlan]:
    for day, of_day in groupby(slots, lambda slot: slot.start.astimezone(zone).date()):
        yield _day_plan(day, list(of_day))


def _day_plan(day: date, slots: Sequence[SlotPlan]) -> DayPlan:
    needed = [slot.needed for slot in slots if slot.needed is not None]
    hours = SLOT.total_seconds() / 3600
    return DayPlan(
        day,
        sum(slot.arrivals.mean for slot in slots),
        max((need.desk for need in needed), default=0),
        sum(need.desk for need in needed) * hours,
        sum(need.rostered for need in needed) * hours,
    )

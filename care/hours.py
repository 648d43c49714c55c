"""Staffed hours, the published promise and the tighter internal target: one truth for every clock.

All instants are aware; what comes back is UTC. Staffed time is counted on the wall clock of the hours' own zone, so a
day on which the clocks change has the hours that people really work on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

DAY_MIN = 24 * 60
# Fourteen months: longer than any real closure, short enough to notice hours that never open.
HORIZON_DAYS = 426
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Shift:
    """Part of one day in which somebody works: minutes since midnight, end exclusive, 1440 is the end of the day."""

    start_min: int
    end_min: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_min < self.end_min <= DAY_MIN:
            raise ValueError(f"A shift runs forward within one day, not {self.start_min} to {self.end_min}.")


Opening = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Hours:
    """When a channel is staffed.

    week: seven tuples of shifts, Monday first; a day may have several shifts or none.
    closed: days on which nobody works (holidays come in as data). special: days with hours of their own.
    Raises ValueError when the shifts of a day overlap, or when no day of the week has any.
    """

    zone: str
    week: tuple[tuple[Shift, ...], ...]
    closed: frozenset[date] = frozenset()
    special: Mapping[date, tuple[Shift, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.week) != 7 or not any(self.week):
            raise ValueError("Hours need seven days, at least one of them staffed.")
        for shifts in (*self.week, *self.special.values()):
            if any(late.start_min < early.end_min for early, late in pairwise(shifts)):
                raise ValueError("The shifts of a day follow one another without overlap.")

    def shifts(self, day: date) -> tuple[Shift, ...]:
        """The shifts of one local day."""
        if day in self.special:
            return self.special[day]
        return () if day in self.closed else self.week[day.weekday()]

    def openings(self, day: date) -> tuple[Opening, ...]:
        """The staffed intervals of one local day, as UTC instants, end exclusive."""
        return _openings(self.zone, self.shifts(day), day)

    def is_open(self, at: datetime) -> bool:
        return any(start <= at < end for start, end in self.openings(self._day(at)))

    def after(self, at: datetime, work: timedelta) -> datetime:
        """The instant at which that much staffed time has passed since `at`; always within a shift or at its end.

        Raises ValueError when the hours do not open often enough to find it within fourteen months.
        """
        left, day = work, self._day(at)
        for _ in range(HORIZON_DAYS):
            for start, end in self.openings(day):
                begin = max(start, at)
                if begin < end:
                    if begin + left <= end:
                        return begin + left
                    left -= end - begin
            day += timedelta(days=1)
        raise ValueError("These hours do not open often enough to count on them.")

    def staffed(self, since: datetime, until: datetime) -> timedelta:
        """How much staffed time lies between two instants."""
        total, day = timedelta(0), self._day(since)
        while day <= self._day(until):
            for start, end in self.openings(day):
                total += max(timedelta(0), min(end, until) - max(start, since))
            day += timedelta(days=1)
        return total

    def round_up(self, at: datetime, *, step_min: int = 15) -> datetime:
        """The next quarter of an hour people would name, never past the end of the shift that `at` lies in."""
        step = timedelta(minutes=step_min)
        rounded = at + (-(at - datetime(at.year, at.month, at.day, tzinfo=UTC)) % step)
        for start, end in self.openings(self._day(at)):
            if start <= at <= end:
                return min(rounded, end)
        return rounded

    def _day(self, at: datetime) -> date:
        return at.astimezone(_zone(self.zone)).date()


@dataclass(frozen=True, slots=True)
class Window:
    """How soon we answer: what is published, and what we aim at ourselves.

    is_always: counted at any hour; else in staffed time. Raises ValueError unless the internal target is at most the
    promise.
    """

    promise: timedelta
    target: timedelta
    is_always: bool = False

    def __post_init__(self) -> None:
        if not timedelta(0) < self.target <= self.promise:
            raise ValueError("The internal target lies above zero and within the published promise.")


@dataclass(frozen=True, slots=True)
class ServiceClock:
    """The clock of one channel: its hours and its window per urgency; `"*"` is the window of any other urgency."""

    hours: Hours
    windows: Mapping[str, Window]

    def window(self, urgency: str | None) -> Window:
        return self.windows.get(urgency or "*") or self.windows["*"]

    def due_at(self, received_at: datetime, urgency: str | None = None, *, is_always: bool = False) -> datetime:
        """When we want to have answered: the internal target. is_always: whatever the window says, at any hour."""
        window = self.window(urgency)
        return self.later(received_at, window.target, is_always=is_always or window.is_always)

    def promised_at(self, received_at: datetime, urgency: str | None = None, *, is_always: bool = False) -> datetime:
        """By when we have publicly said we answer; never earlier than `due_at`."""
        window = self.window(urgency)
        return self.later(received_at, window.promise, is_always=is_always or window.is_always)

    def promise_now(
        self, now: datetime, received_at: datetime, urgency: str | None = None, *, is_always: bool = False
    ) -> datetime:
        """The hour an acknowledgement written now may quote: true, a time people would name, staffed if the clock is.

        When the published window has almost run out, what can still be kept counts from now.
        """
        window = self.window(urgency)
        keepable = self.later(now, window.target, is_always=is_always or window.is_always)
        return self.hours.round_up(max(self.promised_at(received_at, urgency, is_always=is_always), keepable))

    def later(self, at: datetime, wait: timedelta, *, is_always: bool) -> datetime:
        """The instant that much staffed time after another; on the wall clock where it runs always."""
        return at.astimezone(UTC) + wait if is_always else self.hours.after(at, wait)

    def passed(self, since: datetime, until: datetime, *, is_always: bool) -> timedelta:
        """How much of it lies between two instants; never below zero."""
        return max(timedelta(0), until - since) if is_always else self.hours.staffed(since, until)


def say_by(at: datetime, *, now: datetime, zone: str) -> str:
    """Say an instant as an agent would: `by 14:30 today`, `by 10:00 tomorrow`, `by 10:00 on Monday, 5 May`."""
    there, here = at.astimezone(_zone(zone)), now.astimezone(_zone(zone))
    hour, days = f"{there:%H:%M}", (there.date() - here.date()).days
    if days in (0, 1):
        return f"by {hour} {'today' if days == 0 else 'tomorrow'}"
    weekday = _WEEKDAYS[there.weekday()]
    if days < 7:
        return f"by {hour} on {weekday}"
    return f"by {hour} on {weekday}, {there.day} {_MONTHS[there.month - 1]}"


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=16384)
def _openings(zone_name: str, shifts: tuple[Shift, ...], day: date) -> tuple[Opening, ...]:
    zone = _zone(zone_name)
    midnight = datetime.combine(day, time())
    before = _offset(midnight, zone)
    after = _offset(midnight + timedelta(days=1), zone)
    if before == after:
        return tuple(_interval(midnight, shift, before) for shift in shifts)
    # The clocks change on this day: each shift counts on the old offset before the change and on the new one after.
    change = _change(midnight - before, midnight + timedelta(days=1) - after, zone)
    openings: list[Opening] = []
    for shift in shifts:
        start, end = _interval(midnight, shift, before)
        if start < min(end, change):
            openings.append((start, min(end, change)))
        start, end = _interval(midnight, shift, after)
        if max(start, change) < end:
            openings.append((max(start, change), end))
    return _merged(openings)


def _merged(openings: list[Opening]) -> tuple[Opening, ...]:
    merged: list[Opening] = []
    for start, end in sorted(openings):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _interval(midnight: datetime, shift: Shift, offset: timedelta) -> Opening:
    start = midnight + timedelta(minutes=shift.start_min) - offset
    end = midnight + timedelta(minutes=shift.end_min) - offset
    return start.replace(tzinfo=UTC), end.replace(tzinfo=UTC)


def _offset(wall: datetime, zone: ZoneInfo) -> timedelta:
    return wall.replace(tzinfo=zone).utcoffset() or timedelta(0)


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The instant, to the second, at which the zone's offset changes between two naive UTC instants."""
    first = low.replace(tzinfo=UTC).astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        if middle.replace(tzinfo=UTC).astimezone(zone).utcoffset() == first:
            low = middle
        else:
            high = middle
    return high.replace(tzinfo=UTC, microsecond=0)

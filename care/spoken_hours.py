"""Hours and waits that a text speaks of, held against those that are kept."""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta

from care.hours import DAY_MIN, Hours, ServiceClock, Shift

_CLOCK = r"(\d{1,2})(?:[:.](\d\d))? ?(am|pm)?"
_SPAN = re.compile(rf"\b{_CLOCK} ?(?:-|–|to|until|till) ?{_CLOCK}(?![\d%])", re.IGNORECASE)
_ALWAYS = re.compile(r"\b24 ?/ ?7\b|\baround the clock\b|\b24 hours a day\b", re.IGNORECASE)
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "six": 6, "eight": 8, "twelve": 12, "an": 1, "a": 1}
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_WAIT = re.compile(
    r"\b(?:answer|reply|respond|get back|come back to you|write back|hear from us)\b[^.!?{}]{0,40}?"
    rf"\b(?:within|in under|in less than) (\d+|{'|'.join(_NUMBERS)}) (minute|hour|day)s?\b",
    re.IGNORECASE,
)


def unlike(text: str, clocks: Iterable[ServiceClock]) -> Iterator[str]:
    """What a text promises that none of these clocks keeps, each as it is written.

    Spans of two hours of the day are compared with shifts; how soon we answer with the published windows.
    """
    kept = list(clocks)
    shifts = {(shift.start_min, shift.end_min) for clock in kept for shift in _shifts(clock.hours)}
    promises = {window.promise for clock in kept for window in clock.windows.values()}
    if not any(_is_always(clock.hours) for clock in kept):
        yield from (found[0] for found in _ALWAYS.finditer(text))
    for found in _SPAN.finditer(text):
        span = _minutes(found)
        if span is not None and span not in shifts:
            yield found[0].strip()
    for found in _WAIT.finditer(text):
        if _wait(found[1], found[2]) not in promises:
            yield found[0]


def _shifts(hours: Hours) -> set[Shift]:
    return {shift for shifts in (*hours.week, *hours.special.values()) for shift in shifts}


def _is_always(hours: Hours) -> bool:
    return all(sum(shift.end_min - shift.start_min for shift in shifts) == DAY_MIN for shifts in hours.week)


def _minutes(found: re.Match[str]) -> tuple[int, int] | None:
    """Start and end in minutes since midnight; None for two numbers that are no hours of a day."""
    first, first_minutes, first_half, last, last_minutes, last_half = found.groups()
    if not (first_minutes or last_minutes or first_half or last_half):
        return None
    start = _of_day(first, first_minutes, first_half or last_half)
    end = _of_day(last, last_minutes, last_half)
    return (start, end) if 0 <= start < end <= DAY_MIN else None


def _of_day(hour: str, minutes: str | None, half: str | None) -> int:
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    return hours * 60 + int(minutes or 0)


def _wait(number: str, unit: str) -> timedelta:
    n = int(number) if number.isdigit() else _NUMBERS[number.lower()]
    return n * _UNITS[unit.lower()]

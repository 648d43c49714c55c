"""How a time is written wherever one leaves the house, and read where one comes in."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_YEARS = range(1990, 2201)
"""Beyond these a time is a mistake, and a step outside what some databases and zones can hold."""


def rfc_3339(at: datetime) -> str:
    """An aware time in UTC, in milliseconds: `2026-03-02T09:30:00.000Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_of(text: object) -> datetime:
    """The time that a text names, in UTC. Raises ValueError for what RFC 3339 does not have, and for a far year."""
    if not isinstance(text, str) or not _RFC_3339.fullmatch(text):
        raise ValueError("this is not a time as RFC 3339 has it")
    at = datetime.fromisoformat(text.upper())
    if at.year not in _YEARS:
        raise ValueError("this is not a time of our days")
    return at.astimezone(UTC)


def midnight_of(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins in a zone, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)

"""Times that come in and go out: which can be worked with, and how one is written."""

from datetime import UTC, datetime

FIRST_YEAR, LAST_YEAR = 1990, 2200
"""A time outside of these years is a mistake. Near year 1 or 9999 it cannot even be moved to another zone."""


def in_utc(at: datetime) -> datetime:
    """The same moment in UTC. Raises ValueError for a time without an offset, or outside the years above."""
    if at.tzinfo is None or not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"expected a time with its offset, from {FIRST_YEAR} to {LAST_YEAR}")
    return at.astimezone(UTC)


def read_time(text: str) -> datetime:
    """A time in ISO 8601, in UTC. Raises ValueError as `in_utc` does."""
    return in_utc(datetime.fromisoformat(text))


def rfc_3339(at: datetime) -> str:
    """An aware time in UTC, in milliseconds: `2026-03-02T09:30:00.000Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

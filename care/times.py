"""Times that somebody sent: which of them can be worked with."""

from datetime import UTC, datetime

FIRST_YEAR, LAST_YEAR = 1990, 2200
"""Outside of these a time is a mistake, and near year 1 or 9999 it cannot even be moved to another zone."""


def in_utc(at: datetime) -> datetime:
    """A time with its offset, moved to UTC. Raises ValueError for one without an offset, or one nobody can mean."""
    if at.tzinfo is None or not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"a time with its offset, from {FIRST_YEAR} to {LAST_YEAR}")
    return at.astimezone(UTC)


def read_time(text: str) -> datetime:
    """A time as ISO 8601 has it, in UTC. Raises ValueError as `in_utc` does."""
    return in_utc(datetime.fromisoformat(text))

"""How a time is written wherever one leaves the house."""

from datetime import UTC, datetime


def rfc_3339(at: datetime) -> str:
    """An aware time in UTC, in milliseconds: `2026-03-02T09:30:00.000Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""Public holidays as plain dates, from the `holidays` package, so that care's hours need no package."""

from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from playbook.source import Entry


def public_holidays(entry: Entry, today: date) -> set[date]:
    """The public holidays that `{country, region, except}` names, from last year to two years ahead."""
    if entry.value is None:
        return set()
    entry.only("country", "region", "except")
    country, region = entry.need("country").text(), entry.get("region").text() or None
    try:
        days = holidays.country_holidays(country, subdiv=region, years=range(today.year - 1, today.year + 3))
    except NotImplementedError:
        entry.wrong(f"no holidays are known for {country} {region or ''}".rstrip(), "an ISO code like DE, region BE")
        return set()
    kept = {day for row in entry.get("except").rows() if (day := row.day())}
    return set(days) - kept


def time_zone(entry: Entry, usual: str) -> str:
    """The name of a time zone; `usual` where there is none, or a wrong one, which is told."""
    zone = entry.text(usual)
    try:
        ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        entry.wrong(f"{zone!r} is not a time zone", "a name like Europe/Berlin")
        return usual
    return zone

"""Public holidays as plain dates, from the `holidays` package, so that care's hours need no package."""

from datetime import date

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

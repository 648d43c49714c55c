"""`staffing` of a playbook: how many of a team are needed for its target, and what is counted on."""

from dataclasses import replace
from datetime import timedelta

from care.workload import StaffingPolicy, StaffingRules
from playbook.calendar import time_zone
from playbook.durations import duration
from playbook.source import Entry

_KEYS = ("share", "within", "patience", "shrinkage", "concurrency", "occupancy", "handle", "zone")


def staffing(entry: Entry, teams: tuple[str, ...]) -> StaffingPolicy:
    """The rules of all teams, and of those that have rules of their own."""
    usual = _rules(entry.only(*_KEYS, "teams"), StaffingRules())
    own = entry.get("teams").only(*teams)
    return StaffingPolicy(usual, {team: _rules(row.only(*_KEYS), usual) for team, row in own.items()})


def _rules(entry: Entry, usual: StaffingRules) -> StaffingRules:
    """What is not said stands as it usually is."""
    return replace(
        usual,
        share=_number(entry.get("share"), usual.share, least=0.01, most=0.999),
        within=_time(entry.get("within"), usual.within),
        patience=_time(entry.get("patience"), usual.patience),
        shrinkage=_number(entry.get("shrinkage"), usual.shrinkage, least=0.0, most=0.9),
        concurrency=_number(entry.get("concurrency"), usual.concurrency, least=1.0, most=10.0),
        occupancy=_number(entry.get("occupancy"), usual.occupancy, least=0.1, most=1.0),
        handle=_time(entry.get("handle"), usual.handle),
        zone=time_zone(entry.get("zone"), usual.zone),
    )


def _number(entry: Entry, usual: float, *, least: float, most: float) -> float:
    number = entry.number(usual)
    if not least <= number <= most:
        entry.wrong(f"should be a number from {least:g} to {most:g}")
        return usual
    return number


def _time(entry: Entry, usual: timedelta | None) -> timedelta | None:
    return usual if entry.value is None else duration(entry)

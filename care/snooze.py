"""A snooze: a person put a case out of sight until an hour, because nothing can be done for it before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from care.errors import BadStep

MORNING, EVENING = time(9), time(18)
"""When a day and an evening begin for whoever says "tomorrow morning"."""
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Snooze:
    """A case is out of sight until an hour; at most one of a case is open.

    turn: of the case when it was made; what the customer says afterwards ends it. ended_by: who woke it; "tactful": the
    clock, or something that happened.
    """

    id: str
    case_id: str
    until: datetime
    made_by: str
    made_at: datetime
    turn: int
    ended_at: datetime | None = None
    ended_by: str | None = None


class Preset(StrEnum):
    """Hours that people name by a word."""

    HOUR = "hour"
    EVENING = "evening"
    TOMORROW = "tomorrow"
    MONDAY = "monday"


def presets(now: datetime, *, zone: str) -> Sequence[tuple[Preset, datetime]]:
    """What the words mean now, in a zone; an evening that has begun is left out."""
    here = now.astimezone(ZoneInfo(zone))
    today = here.date()
    named = [
        (Preset.HOUR, now + timedelta(hours=1)),
        (Preset.EVENING, morning_of(today, zone=zone, at=EVENING)),
        (Preset.TOMORROW, morning_of(today + timedelta(days=1), zone=zone)),
        (Preset.MONDAY, morning_of(today + timedelta(days=7 - today.weekday()), zone=zone)),
    ]
    return [(preset, until) for preset, until in named if preset is not Preset.EVENING or until > now]


def first_day(now: datetime, *, zone: str) -> date:
    """The first day whose morning is to come, in a zone."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return today if morning_of(today, zone=zone) > now else today + timedelta(days=1)


def morning_of(day: date, *, zone: str, at: time = MORNING) -> datetime:
    """The instant at which a day begins to be worked on, in a zone."""
    return datetime.combine(day, at, ZoneInfo(zone))


def until_of(said: str, now: datetime, *, zone: str) -> datetime:
    """What a word of `Preset`, or a day such as 2025-05-05, means. Raises BadStep for anything else."""
    known = dict(presets(now, zone=zone))
    if said in known:
        return known[Preset(said)]
    try:
        return morning_of(date.fromisoformat(said), zone=zone)
    except (ValueError, OverflowError):
        raise BadStep("Say until when: choose one of the times, or a day.") from None

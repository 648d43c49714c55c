"""The hours that people name when they put a case out of sight."""

from datetime import UTC, datetime

import pytest

from care.errors import BadStep
from care.snooze import Preset, first_day, presets, until_of


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_words_mean_hours_of_the_zone_of_the_team() -> None:
    now = at("2026-03-06T10:00:00+00:00")  # a Friday

    known = dict(presets(now, zone="Europe/Berlin"))

    assert {preset: until.isoformat() for preset, until in known.items()} == {
        "hour": "2026-03-06T11:00:00+00:00",
        "evening": "2026-03-06T18:00:00+01:00",
        "tomorrow": "2026-03-07T09:00:00+01:00",
        "monday": "2026-03-09T09:00:00+01:00",
    }


def test_a_morning_after_the_clocks_change_is_still_nine_o_clock() -> None:
    now = at("2026-03-28T12:00:00+00:00")  # the night before summer time

    assert dict(presets(now, zone="Europe/Berlin"))[Preset.TOMORROW].astimezone(UTC).hour == 7


def test_an_evening_that_has_begun_is_no_choice_and_monday_is_never_today() -> None:
    now = at("2026-03-09T19:00:00+00:00")  # a Monday

    known = dict(presets(now, zone="UTC"))

    assert Preset.EVENING not in known
    assert known[Preset.MONDAY] == at("2026-03-16T09:00:00+00:00")


def test_the_day_of_the_team_counts_where_it_is_tomorrow_there_already() -> None:
    now = at("2026-03-09T20:00:00+00:00")

    assert dict(presets(now, zone="Asia/Tokyo"))[Preset.TOMORROW] == at("2026-03-11T09:00:00+09:00")
    assert first_day(now, zone="Asia/Tokyo").isoformat() == "2026-03-10"
    assert first_day(now, zone="UTC").isoformat() == "2026-03-10"


def test_a_day_is_its_morning_and_anything_else_is_refused() -> None:
    now = at("2026-03-09T10:00:00+00:00")

    assert until_of("2026-03-12", now, zone="Europe/Berlin") == at("2026-03-12T09:00:00+01:00")
    for said in ("", "soon", "2026-02-30", "12.03.2026"):
        with pytest.raises(BadStep, match="choose one of the times, or a day"):
            until_of(said, now, zone="Europe/Berlin")

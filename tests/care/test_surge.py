"""Evidence for a surge: what three times as many look like, and what busy days do not."""

import random

import pytest

from benchmarks.staffing import poisson, shape
from care.forecast import SLOTS, UsualWeek, Week, usual_week
from care.surge import CALM_MIN, SEEN_MIN, UsualMinutes, negative_evidence, usual_minutes

NOON = 2 * 48 + 24


@pytest.fixture(scope="module")
def usual() -> UsualMinutes:
    dice, shares = random.Random(5), shape()
    weeks: list[Week] = [[poisson(60_000 * share, dice) for share in shares] for _ in range(6)]
    week = usual_week(weeks)
    assert week is not None
    return usual_minutes(weeks, week)


def minutes(
    usual: UsualMinutes, *, times: float = 1.0, last: float = 1.0, n_last: int = 0
) -> tuple[list[int], list[int]]:
    """The last four hours before noon, so many times as busy as usual; the last n_last minutes once more so many."""
    slots = [NOON + (n - SEEN_MIN) // 30 for n in range(SEEN_MIN)]
    rates = [usual.week.means[slot] / 30 * times for slot in slots]
    begin = SEEN_MIN - n_last
    due = [rate * (last if n >= begin else 1.0) for n, rate in enumerate(rates)]
    counts, carried = [], 0.0
    for rate in due:
        carried += rate
        counts.append(int(carried))
        carried -= int(carried)
    return counts, slots


def test_three_times_as_many_are_an_alarm_within_five_minutes_and_the_stretch_is_named(usual: UsualMinutes) -> None:
    evidence = usual.evidence(*minutes(usual, last=3.0, n_last=5))

    assert evidence.is_enough
    assert evidence.since_min == 5
    assert evidence.n == pytest.approx(3 * evidence.usual, rel=0.1)


@pytest.mark.parametrize("times", [0.5, 1.0, 1.5])
def test_a_day_that_is_calm_or_busy_as_a_whole_is_none(usual: UsualMinutes, times: float) -> None:
    assert not usual.evidence(*minutes(usual, times=times)).is_enough


def test_a_surge_on_a_busy_day_is_measured_by_that_day(usual: UsualMinutes) -> None:
    assert usual.evidence(*minutes(usual, times=1.5, last=3.0, n_last=5)).is_enough
    assert not usual.evidence(*minutes(usual, times=0.5, last=1.4, n_last=10)).is_enough


def test_it_is_over_when_the_last_half_hour_is_as_on_a_busy_day(usual: UsualMinutes) -> None:
    assert usual.is_calm(*minutes(usual, times=1.0))
    assert not usual.is_calm(*minutes(usual, last=3.0, n_last=CALM_MIN))


def test_few_messages_where_hardly_any_come_are_no_alarm() -> None:
    weeks: list[Week] = [[0] * SLOTS for _ in range(6)]
    week = usual_week(weeks)
    assert week is not None
    quiet = usual_minutes(weeks, week)

    assert not quiet.evidence([0] * (SEEN_MIN - 1) + [6], [NOON] * SEEN_MIN).is_enough
    assert quiet.evidence([0] * (SEEN_MIN - 1) + [10], [NOON] * SEEN_MIN).is_enough


def test_a_share_of_negative_messages_is_an_alarm_where_enough_of_them_came() -> None:
    counts = [2] * SEEN_MIN

    assert negative_evidence(counts, [1] * SEEN_MIN, 0.2).is_enough
    assert not negative_evidence(counts, [n % 5 == 0 for n in range(SEEN_MIN)], 0.2).is_enough
    assert not negative_evidence([0] * (SEEN_MIN - 4) + [1] * 4, [0] * (SEEN_MIN - 4) + [1] * 4, 0.2).is_enough


@pytest.mark.parametrize("hours", [23, 25])
def test_a_day_of_23_or_25_hours_moves_no_other_day(hours: int) -> None:
    """Busy days and calm ones: of a week whose Sunday lacks half hours each day is measured by its own level."""
    level = [1.0, 1.6, 0.7, 1.4, 0.6, 1.5, 0.5]
    whole: list[int | None] = [round(40 * level[slot // 48]) for slot in range(SLOTS)]
    # The hour that the clock skips, and the one that it has twice, are counted in no day.
    cut = [None if slot in (6 * 48 + 4, 6 * 48 + 5, *((6 * 48 + 6,) if hours == 25 else ())) else n
           for slot, n in enumerate(whole)]  # fmt: skip
    week = usual_week([whole] * 6)
    assert week is not None
    flat = UsualWeek(tuple([40.0] * SLOTS), week.dispersion, week.unsure, week.n_weeks, week.coverage)

    assert usual_minutes([cut] * 6, flat).spread == 0.0
    assert usual_minutes([[None, *whole[1:]]] * 6, flat).spread == 0.0

"""The usual week: what it says comes in, how sure it is, and when it says nothing."""

import random
from statistics import mean

import pytest

from benchmarks.staffing import KINDS, foretold, series
from care.forecast import LEAST_WEEKS, SLOTS, interval, usual_week


def test_nothing_is_said_of_less_than_four_weeks() -> None:
    week = [1] * SLOTS

    assert usual_week([week] * (LEAST_WEEKS - 1)) is None
    assert usual_week([week] * LEAST_WEEKS) is not None


def test_a_week_that_is_always_the_same_is_foretold_as_it_is() -> None:
    week = [30 if 18 <= slot % 48 < 34 else 1 for slot in range(SLOTS)]
    usual = usual_week([week] * 6)

    assert usual is not None
    assert usual.means[20] == pytest.approx(30, rel=0.02)
    assert usual.coverage.share == 1.0
    assert 30 in usual.interval(20)
    assert usual.interval(0).low <= 1 <= usual.interval(0).high


def test_an_interval_of_chance_alone_is_that_of_the_tables() -> None:
    """Poisson, mean 10: 6.7 % lie below 6, 4.9 % above 15."""
    assert (interval(10, 0.0).low, interval(10, 0.0).high) == (6, 15)
    assert (interval(0, 0.0).low, interval(0, 0.0).high) == (0, 0)
    assert (interval(0.01, 0.0).low, interval(0.01, 0.0).high) == (0, 0)
    assert interval(5000, 0.0).low == pytest.approx(5000 - 1.645 * 5000**0.5, abs=2)
    assert interval(100, 0.1).high > interval(100, 0.0).high


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_nine_of_ten_half_hours_lie_within_their_interval(kind: object) -> None:
    dice = random.Random(3)
    weeks = series(kind, 5_000, 11, dice)  # type: ignore[arg-type]

    share = foretold(weeks, first=8).share

    assert share is not None
    assert 0.85 < share < 0.95


def test_a_level_that_rose_is_followed_within_weeks() -> None:
    usual = usual_week([[10] * SLOTS] * 6 + [[20] * SLOTS] * 4)

    assert usual is not None
    assert 16 < mean(usual.means) < 20


def test_half_hours_that_a_week_does_not_have_are_left_out() -> None:
    week: list[int | None] = [4] * SLOTS
    broken = [*week[:290], None, None, *week[292:]]
    usual = usual_week([week, week, week, week, broken])

    assert usual is not None
    assert usual.coverage.n == SLOTS - 2

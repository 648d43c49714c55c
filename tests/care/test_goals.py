"""Goals: an interval beside the target and the baseline, and nothing said where it cannot be told."""

from collections import Counter

import pytest

from care.goals import Estimate, Goal, Standing, Told, measure, say_estimate, say_goal, say_standing
from care.reporting import Durations, ReportLine

pytestmark = pytest.mark.issue(19)

ON_TIME = Goal("first_response_on_time", 90, 100)
SLOW = Goal("first_response", 2, is_most=True)
CLIMBS = Goal("climbs", 3, is_most=True)


def line(scores: dict[int, int] | None = None, **figures: int) -> ReportLine:
    named = Counter({name.replace("__", "."): count for name, count in figures.items()})
    return ReportLine("total", named, {}, Counter(scores or {}))


def stands(goal: Goal, now: ReportLine, before: ReportLine | None = None) -> Standing:
    baseline = measure(goal, before, n_days=28) if before else None
    return Standing(goal, measure(goal, now, n_days=28), baseline)


@pytest.mark.parametrize(
    ("n_good", "n_all", "told"),
    [(970, 1000, Told.YES), (500, 1000, Told.NO), (19, 20, Told.OPEN), (905, 1000, Told.OPEN)],
)
def test_a_share_is_reached_once_all_that_it_may_be_is_above_the_target(n_good: int, n_all: int, told: Told) -> None:
    standing = stands(ON_TIME, line(responses=n_all, responses__in_promise=n_good))

    assert standing.is_reached is told
    assert standing.now is not None
    assert standing.now.low < standing.now.value < standing.now.high


def test_overdue_cases_count_as_not_answered_in_time() -> None:
    standing = stands(ON_TIME, line(responses=50, responses__in_promise=50, responses__overdue=50))

    assert standing.now is not None
    assert (standing.now.value, standing.now.n) == (50, 100)


def test_three_contented_customers_are_too_few_to_tell() -> None:
    few = stands(Goal("satisfaction", 4.2, 5), line({5: 3}))
    many = stands(Goal("satisfaction", 4.2, 5), line({5: 300, 4: 40}))

    assert (few.is_reached, many.is_reached) == (Told.OPEN, Told.YES)
    assert say_standing(few) == "too little to tell whether it is reached"


def test_a_median_is_told_in_hours_and_a_count_by_the_week() -> None:
    answered = ReportLine("total", Counter(), {"response": Durations(Counter({3600: 200, 7200: 10}))})
    quick, climbs = stands(SLOW, answered), stands(CLIMBS, line(messages=90, climbs=4))

    assert quick.now == Estimate(1.0, 1.0, 1.0, 210)
    assert quick.is_reached is Told.YES
    assert climbs.now is not None
    assert climbs.now.value == 1.0
    assert climbs.is_reached is Told.YES


def test_better_is_said_only_where_the_intervals_lie_apart() -> None:
    low, high = line(responses=400, responses__in_promise=240), line(responses=400, responses__in_promise=380)
    near = line(responses=400, responses__in_promise=250)

    assert stands(ON_TIME, high, low).is_better is Told.YES
    assert stands(ON_TIME, low, high).is_better is Told.NO
    assert stands(ON_TIME, near, low).is_better is Told.OPEN
    assert stands(CLIMBS, line(messages=9, climbs=2), line(messages=9, climbs=60)).is_better is Told.YES
    assert say_standing(stands(ON_TIME, near, low)) == "not reached; no change that can be told"


def test_nothing_counted_is_neither_reached_nor_missed() -> None:
    for goal in (ON_TIME, SLOW, CLIMBS, Goal("satisfaction", 4.2, 5)):
        standing = stands(goal, line())
        assert (standing.now, standing.is_reached, standing.is_better) == (None, Told.OPEN, Told.OPEN)
        assert (say_standing(standing), say_estimate(None)) == ("nothing to measure yet", "–")


def test_a_target_is_said_with_its_direction_and_unit() -> None:
    assert [say_goal(goal) for goal in (ON_TIME, SLOW, CLIMBS)] == [
        "at least 90 of 100", "at most 2 h", "at most 3 a week",
    ]  # fmt: skip

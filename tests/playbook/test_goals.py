"""Goals stand beside what was measured, or say that there is nothing to measure yet."""

from datetime import date, timedelta

import pytest

from care.errors import Problem
from care.goals import SATISFACTION, Goal
from care.learning import FirstAnswer, PlayCount
from playbook.goals import DRAFTS_TAKEN, ON_TIME, measured, read_goals
from playbook.source import read_yaml
from tests.playbook.builders import MONDAY, the_book

GOALS = (Goal(ON_TIME, 95, 100), Goal(SATISFACTION, 4.2, 5), Goal(DRAFTS_TAKEN, 60, 100))
H = timedelta(hours=1)


def test_the_fixtures_playbook_names_goals_that_can_be_measured() -> None:
    assert {goal.name for goal in the_book().goals} >= {ON_TIME, SATISFACTION}


def test_nothing_measured_is_neither_reached_nor_missed() -> None:
    lines = measured(GOALS, answers=[], scores={}, counts=[], now=MONDAY)

    assert [(line.measured, line.is_reached) for line in lines] == [(None, None)] * 3


def test_an_answer_that_never_came_counts_as_late_once_it_was_promised() -> None:
    answers = [
        FirstAnswer(MONDAY, MONDAY - H),
        FirstAnswer(MONDAY, MONDAY + H),
        FirstAnswer(MONDAY, None),
        FirstAnswer(MONDAY + 9 * H, None),
    ]

    [line] = measured(GOALS[:1], answers=answers, scores={}, counts=[], now=MONDAY + 2 * H)

    assert (round(line.measured or 0, 1), line.n_cases, line.is_reached) == (33.3, 3, False)


def test_satisfaction_is_the_mean_and_drafts_are_a_share() -> None:
    counts = [PlayCount("a", 10, 7, 2, 1), PlayCount("b", 2, 1, 0, 1)]

    satisfaction, taken = measured(GOALS[1:], answers=[], scores={"5": 3, "2": 1}, counts=counts, now=MONDAY)

    assert (satisfaction.measured, satisfaction.n_cases, satisfaction.is_reached) == (4.25, 4, True)
    assert (round(taken.measured or 0, 1), taken.n_cases, taken.is_reached) == (66.7, 12, True)


def test_a_goal_is_read_with_its_direction_owner_and_baseline() -> None:
    told: list[Problem] = []
    text = """
first_response: {target: 90 min, owner: lead}
reopened: {target: at most 5 of 100, baseline: {from: 2026-03-01, to: 2026-03-28}}
climbs: {target: at most 3 a week}
"""

    length, share, count = read_goals(read_yaml(text, file="goals.yaml", problems=told))

    assert told == []
    assert (length.target, length.unit, length.is_most, length.owner) == (1.5, "h", True, "lead")
    assert (share.target, share.unit, share.first, share.last) == (5, "of 100", date(2026, 3, 1), date(2026, 3, 28))
    assert (count.target, count.unit, count.is_most) == (3, "a week", True)


@pytest.mark.parametrize(
    "line", ["climbs: {target: 3 of 100}", "first_response: {target: 3 a week}", "satisfaction: {target: 4 h}",
             "sales: {target: 3 a week}", "climbs: {target: few}"],
)  # fmt: skip
def test_a_goal_that_cannot_be_measured_is_a_problem(line: str) -> None:
    told: list[Problem] = []

    assert list(read_goals(read_yaml(line, file="goals.yaml", problems=told))) == []
    assert told != []

"""How often what waits is tried, and how long it waits: the schedules say in numbers what they say in words."""

from itertools import pairwise

import pytest

from care.retries import DELIVER, NOTIFY, PREPARE, TELL, Retries

SCHEDULE = Retries(back_off_s=(1.0, 5.0, 60.0), max_attempts=4, max_crashes=3)


@pytest.mark.parametrize(("attempt", "wait_s"), [(0, 1.0), (1, 1.0), (2, 5.0), (3, 60.0), (4, 60.0), (99, 60.0)])
def test_each_failed_try_has_its_wait_and_the_last_one_holds_for_all_further_ones(attempt: int, wait_s: float) -> None:
    assert SCHEDULE.wait_s(attempt) == wait_s


@pytest.mark.parametrize(("attempt", "is_over"), [(0, False), (3, False), (4, True), (5, True)])
def test_after_the_last_try_a_person_must_look(attempt: int, is_over: bool) -> None:
    assert SCHEDULE.is_over(attempt) is is_over


def test_tries_that_have_no_number_are_never_over() -> None:
    assert not Retries(back_off_s=(1.0,), max_attempts=None, max_crashes=3).is_over(1_000_000)


@pytest.mark.parametrize("retries", [PREPARE, DELIVER, NOTIFY, TELL])
def test_no_wait_is_shorter_than_the_one_before(retries: Retries) -> None:
    assert all(before <= after for before, after in pairwise(retries.back_off_s))
    assert retries.max_attempts is None or retries.max_attempts == len(retries.back_off_s) + 1


def test_a_contact_is_told_for_three_quarters_of_an_hour_and_an_endpoint_for_a_day() -> None:
    assert sum(NOTIFY.back_off_s) == pytest.approx(45 * 60, rel=0.06)
    assert sum(TELL.back_off_s) == pytest.approx(24 * 3600, rel=0.02)

"""What does not answer is left alone, longer each time."""

from care.breaker import ENOUGH, RESTS_S, Breaker


def test_after_enough_failures_in_a_row_it_rests_longer_each_time_and_one_answer_ends_that() -> None:
    breaker, now = Breaker(), 100.0
    for _ in range(ENOUGH - 1):
        breaker.failed(now)
    assert not breaker.is_open(now)

    for rests_s in (*RESTS_S, RESTS_S[-1]):
        breaker.failed(now)
        assert breaker.is_on_trial
        assert breaker.is_open(now + rests_s - 0.1)
        now += rests_s
        assert not breaker.is_open(now)

    breaker.succeeded()
    breaker.failed(now)
    assert not breaker.is_on_trial
    assert not breaker.is_open(now)


def test_a_rest_it_asked_for_is_kept_and_is_no_failure() -> None:
    breaker = Breaker()

    breaker.rest(60, 100.0)
    breaker.rest(5, 100.0)

    assert breaker.is_open(159.9)
    assert not breaker.is_open(160.0)
    assert breaker.n_failed == 0

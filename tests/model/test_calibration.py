import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.calibration import NO_THRESHOLD, certify, lower_bound, reliability, softmax


@given(st.lists(st.lists(st.floats(-50, 50), min_size=3, max_size=3), min_size=1, max_size=8))
def test_probabilities_sum_to_one(scores: list[list[float]]) -> None:
    assert np.allclose(softmax(np.array(scores, np.float32)).sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(("n", "n_wrong", "precision"), [(59, 0, 0.95), (93, 1, 0.95), (149, 0, 0.98), (299, 0, 0.99)])
def test_the_bound_asks_for_as_many_rows_as_the_table_says(n: int, n_wrong: int, precision: float) -> None:
    assert lower_bound(n, n_wrong) >= precision
    assert lower_bound(n - 1, n_wrong) < precision


def test_a_promise_that_the_rows_cannot_show_is_refused() -> None:
    kept = certify(np.linspace(0.5, 1, 40, dtype=np.float32), np.ones(40, bool), precision=0.95)

    assert kept.threshold == NO_THRESHOLD
    assert not kept.is_kept


def test_answers_above_a_certified_threshold_keep_the_promise() -> None:
    chance = np.random.default_rng(1)
    scores = chance.random(20_000).astype(np.float32)
    right = chance.random(20_000) < scores

    kept = certify(scores[:10_000], right[:10_000], precision=0.95)

    answered = scores[10_000:] >= kept.threshold
    assert right[10_000:][answered].mean() >= 0.95


def test_the_search_for_a_threshold_breaks_hardly_more_promises_than_it_may() -> None:
    chance = np.random.default_rng(3)
    n_promised = n_broken = 0
    for _ in range(300):
        scores = chance.random(600).astype(np.float32)
        # Right a little less than is promised, wherever one looks: every promise is a false one.
        kept = certify(scores, chance.random(600) < 0.899, precision=0.90)
        n_promised += 1
        n_broken += kept.is_kept

    assert n_broken <= 0.07 * n_promised


def test_equal_scores_are_answered_together_or_not_at_all() -> None:
    scores = np.repeat(np.float32([0.9, 0.5]), [200, 300])
    right = np.arange(500) < 200

    kept = certify(scores, right, precision=0.95)

    assert (kept.threshold, kept.n_answered, kept.n_wrong) == (pytest.approx(0.9), 200, 0)


def test_scores_that_mean_what_they_say_have_no_calibration_error() -> None:
    chance = np.random.default_rng(2)
    scores = chance.random(50_000).astype(np.float32)

    _, error = reliability(scores, chance.random(50_000) < scores)

    assert error < 0.015

"""Whether today's messages are those that a bundle learnt from: no false alarms, and nothing said of too few."""

import random

import numpy as np
import pytest

from care.drift import LEAST_MOVED, RISK, holm, people_said, two_shares
from model.calibration import reliability

pytestmark = pytest.mark.issue(17)


def test_shares_drawn_from_one_mix_are_hardly_ever_called_drifted() -> None:
    drawn = np.random.default_rng(17)
    mix = np.array([0.4, 0.2, 0.1, 0.1, 0.08, 0.05, 0.03, 0.02, 0.01, 0.01])
    n_looks, n_alarms = 2000, 0
    for _ in range(n_looks):
        now, before = drawn.multinomial(400, mix), drawn.multinomial(1000, mix)
        chances = holm([two_shares(int(a), 400, int(b), 1000) for a, b in zip(now, before, strict=True)])
        shares = zip(chances, now / 400, before / 1000, strict=True)
        n_alarms += any(p < RISK and abs(share - was) >= LEAST_MOVED for p, share, was in shares)

    assert n_alarms / n_looks <= RISK


def test_a_share_that_doubled_is_sure_among_a_hundred_tests() -> None:
    same = [two_shares(100, 1000, 100, 1000)] * 99

    adjusted = holm([*same, two_shares(200, 1000, 100, 1000)])

    assert adjusted[-1] < 1e-6
    assert set(adjusted[:-1]) == {1.0}


def test_adjusted_chances_keep_the_order_of_those_before() -> None:
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([]) == []


@pytest.mark.parametrize("share", [0, 200])
def test_a_share_of_nothing_or_of_everything_on_both_sides_is_no_difference(share: int) -> None:
    assert two_shares(share, 200, share, 200) == 1.0


def test_the_calibration_error_of_what_people_said_is_that_of_training() -> None:
    drawn = random.Random(17)
    judged = [(score, drawn.random() < score - 0.1) for score in (drawn.random() for _ in range(2000))]
    scores, right = np.array([s for s, _ in judged], np.float64), np.array([r for _, r in judged])

    said = people_said(judged)

    assert said is not None
    assert said.calibration_error == pytest.approx(reliability(scores.astype(np.float32), right)[1], abs=1e-3)
    assert said.too_sure_interval[0] < 0.1 < said.too_sure_interval[1]
    assert said.accuracy_interval[0] < said.accuracy < said.accuracy_interval[1]


def test_a_handful_of_equal_answers_is_no_certainty() -> None:
    said = people_said([(1.0, True)] * 5)

    assert said is not None
    assert said.too_sure_interval[1] - said.too_sure_interval[0] > 0.5
    assert people_said([]) is None

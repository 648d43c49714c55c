import numpy as np
import pytest
from numpy.typing import NDArray

from model.head import CERTAIN, ScoringStage
from training.calibrate import (
    after,
    best_threshold,
    fit_final,
    fit_fits,
    fit_mix,
    fit_offsets,
    fit_right,
    gated,
    worth_of_steps,
)
from training.recipe import TrainRecipe

Floats = NDArray[np.float32]
CHANCE = np.random.default_rng(4)


def floats(values: object) -> Floats:
    return np.asarray(values, np.float32)


def scores_of(gold: NDArray[np.int64], n_labels: int, *, skill: float) -> Floats:
    return floats(skill * np.eye(n_labels)[gold] + CHANCE.normal(size=(len(gold), n_labels)))


def test_the_source_that_knows_more_gets_the_greater_weight() -> None:
    gold = CHANCE.integers(0, 4, 800)

    knowing, guessing = fit_mix([scores_of(gold, 4, skill=3), scores_of(gold, 4, skill=0.2)], gold)

    assert knowing > 3 * guessing


def test_a_rare_label_is_not_drowned_by_a_common_one() -> None:
    gold = np.array([0] * 950 + [1] * 50)
    rare = np.clip(np.where(gold == 1, 0.4, 0.05) + CHANCE.normal(0, 0.02, 1000), 0.01, 0.99)
    probabilities = floats(np.stack([1 - rare, rare], axis=1))
    assert (probabilities.argmax(axis=1) == 1).sum() == 0

    offsets = fit_offsets(probabilities, gold)

    chosen = (np.log(probabilities) + offsets).argmax(axis=1)
    assert (chosen[gold == 1] == 1).mean() > 0.9
    assert (chosen == gold).mean() > 0.95


def test_a_step_too_low_costs_more_than_a_step_too_high_in_whatever_order_the_labels_stand() -> None:
    high, low, normal = 2, 0, 1

    worth = worth_of_steps([high, low, normal], missed=2)

    assert worth.tolist() == [[0, -4, -2], [-2, 0, -1], [-1, -2, 0]]
    a_third_high = floats([0.34, 0, 0.66])
    assert (a_third_high @ worth).argmax() == 0
    assert (floats([0.33, 0, 0.67]) @ worth).argmax() == 2


def test_only_labels_that_all_stand_on_the_scale_are_steps() -> None:
    levels = TrainRecipe().levels

    assert levels.places_of("urgency", ["high", "low", "normal", "urgent"]) == (2, 0, 1, 3)
    assert levels.places_of("urgency", ["P1", "P2"]) is None
    assert levels.places_of("intent", ["high", "low"]) is None


@pytest.mark.parametrize(("n_rows", "expected"), [(10, 0.5), (1_000, 0.5), (10_000, 0.1), (1_000_000, 0.1)])
def test_numbers_of_the_recipe_change_between_a_thousand_and_ten_thousand_rows(n_rows: int, expected: float) -> None:
    assert after(n_rows, (0.5, 0.1)) == pytest.approx(expected)
    assert 0.1 < after(3_000, (0.5, 0.1)) < 0.5


def test_the_threshold_parts_what_fits_from_what_does_not() -> None:
    inside, outside = floats(CHANCE.uniform(0.6, 1, 500)), floats(CHANCE.uniform(0, 0.5, 500))

    threshold = best_threshold(inside, np.ones(500, bool), [outside], share=0.3, leeway=0)

    assert 0.49 < threshold <= 0.61


def test_nothing_strange_needs_no_threshold() -> None:
    assert best_threshold(floats([0.2, 0.9]), np.array([False, True]), [], share=0.3, leeway=0) == 0


def test_of_thresholds_hardly_to_be_told_apart_the_one_that_answers_more_is_taken() -> None:
    inside, outside = floats(CHANCE.beta(5, 2, 2_000)), floats(CHANCE.beta(2, 5, 400))
    right = CHANCE.random(2_000) < inside

    strict, lenient = (best_threshold(inside, right, [outside], share=0.1, leeway=leeway) for leeway in (0, 1))

    assert lenient < strict
    assert (right & (inside >= lenient)).mean() > (right & (inside >= strict)).mean()


def test_evidence_of_who_is_always_right_leaves_no_weight_to_fit() -> None:
    evidence = floats(CHANCE.normal(size=(50, 3)))

    assert fit_right(evidence, np.ones(50, bool)).tolist() == [1, 0, 0, 0]
    assert fit_fits(evidence, [evidence[:0]], share=0.3).tolist() == [0, 0, 0, CERTAIN]


def test_the_more_of_the_traffic_nothing_fits_the_less_likely_a_label_does() -> None:
    inside, outside = floats(CHANCE.normal(1, 1, (300, 1))), floats(CHANCE.normal(-1, 1, (300, 1)))

    few, many = (fit_fits(inside, [outside], share=share) for share in (0.05, 0.5))

    assert few[-1] > many[-1]
    assert few[0] == pytest.approx(many[0])


def test_the_last_calibration_says_the_frequency_of_being_right() -> None:
    raw = floats(CHANCE.normal(0, 2, 4_000))
    right = CHANCE.random(4_000) < 1 / (1 + np.exp(-(0.5 * raw + 0.7)))

    slope, shift = fit_final(raw, right)

    assert slope == pytest.approx(0.5, abs=0.08)
    assert shift == pytest.approx(0.7, abs=0.12)


@pytest.mark.parametrize("every", [4, 100, 10_000])
def test_the_first_stage_answers_alone_only_while_it_surely_loses_next_to_nothing(every: int) -> None:
    n = 8_000
    scores = floats(np.linspace(1, 0.5, n))
    full_right, lean_right = np.ones(n, bool), np.ones(n, bool)
    lean_right[::every] = False
    stage = ScoringStage((1.0,), floats(np.eye(2)), floats([1, 0]), floats([0, CERTAIN]), (1.0, 0.0), 0.0, 2.0)

    gate = gated(stage, scores, {"right": full_right, "lean_right": lean_right}, TrainRecipe()).gate

    passed = scores >= gate
    assert (passed & ~lean_right).sum() <= 0.001 * n
    assert passed.mean() > 0.9 or every < 10_000


def test_the_first_stage_never_answers_alone_what_it_cannot_certify() -> None:
    scores, wrong = floats(np.linspace(1, 0.5, 40)), np.zeros(40, bool)
    stage = ScoringStage((1.0,), floats(np.eye(2)), floats([1, 0]), floats([0, CERTAIN]), (1.0, 0.0), 0.0, 2.0)

    assert gated(stage, scores, {"right": wrong, "lean_right": wrong}, TrainRecipe()).gate > 1

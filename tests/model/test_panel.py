from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.head import ScoringStage
from model.panel import Layout, Nearest, Panel

Floats = NDArray[np.float32]


def a_stage(n_labels: int, n_sources: int, chance: np.random.Generator, *, has_nearest: bool) -> ScoringStage:
    n_evidence = 3 + n_sources + 2 * has_nearest
    return ScoringStage(
        tuple(chance.uniform(0.5, 8, n_sources).tolist()),
        chance.normal(size=(n_labels, n_labels)).astype(np.float32),
        chance.normal(size=n_evidence).astype(np.float32),
        chance.normal(size=n_evidence).astype(np.float32),
        (1.2, -0.3),
        0.5,
        0.9,
    )


@given(seed=st.integers(0, 10_000), sizes=st.lists(st.integers(2, 9), min_size=1, max_size=4), n=st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_heads_side_by_side_answer_as_each_would_alone(seed: int, sizes: list[int], n: int) -> None:
    chance = np.random.default_rng(seed)
    layout = Layout(sizes)
    stages = [a_stage(size, 2, chance, has_nearest=False) for size in sizes]
    sources = [chance.normal(size=(n, layout.n_columns)).astype(np.float32) for _ in range(2)]

    together = Panel(stages, layout).answer(sources)

    for at, (size, stage) in enumerate(zip(sizes, stages, strict=True)):
        columns = list(layout.columns(at))
        alone = Panel([stage], Layout([size])).answer([source[:, columns] for source in sources])
        assert np.allclose(together.probabilities[:, at, :size], alone.probabilities[:, 0], atol=1e-5)
        assert np.array_equal(together.chosen[:, at], alone.chosen[:, 0])
        assert np.allclose(together.score[:, at], alone.score[:, 0], atol=1e-4)


@given(seed=st.integers(0, 10_000), sizes=st.lists(st.integers(2, 9), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_shares_sum_to_one_and_padding_never_wins(seed: int, sizes: list[int]) -> None:
    chance = np.random.default_rng(seed)
    layout = Layout(sizes)
    stages = [a_stage(size, 1, chance, has_nearest=False) for size in sizes]

    read = Panel(stages, layout).answer([chance.normal(size=(3, layout.n_columns)).astype(np.float32)])

    assert np.allclose(read.probabilities.sum(axis=-1), 1, atol=1e-5)
    assert (read.chosen < np.array(sizes)).all()
    assert ((read.score >= 0) & (read.score <= 1)).all()


def test_a_message_gets_the_label_that_is_worth_most_whatever_is_read_with_it() -> None:
    worth = np.array([[0, -1], [-3, 0]], np.float32)
    panel = Panel([replace(a_stage(2, 1, np.random.default_rng(1), has_nearest=False), worth=worth)], Layout([2]))
    shares = np.array([[[0.8, 0.2]], [[0.7, 0.3]], [[0.2, 0.8]]], np.float32)

    assert panel.choose(shares).tolist() == [[0], [1], [1]]
    assert [panel.choose(one[None]).tolist() for one in shares] == [[[0]], [[1]], [[1]]]


def test_the_nearest_messages_are_looked_for_among_those_of_the_label_and_of_all_others() -> None:
    nearest = Nearest(np.array([1, 0, 1, -2]), 3)
    cosines = np.array([[0.2, 0.9, 0.1, 1], [0.2, 0.9, 0.7, 1], [0.2, 0.9, 0.7, 1]], np.float32)

    scores = nearest.of(cosines, np.array([0, 1, 2]))

    assert np.allclose(scores, [[0.9, 0.2], [0.7, 0.9], [-1, 0.9]])


def test_a_rival_message_as_near_as_the_labels_own_lowers_the_score() -> None:
    chance = np.random.default_rng(3)
    by_lead_alone = np.array([0, 0, 0, 0, 4, 0], np.float32)
    panel = Panel(
        [replace(a_stage(3, 1, chance, has_nearest=True), right=by_lead_alone, fits=by_lead_alone)], Layout([3])
    )
    scores = chance.normal(size=(1, 4)).astype(np.float32)

    def score(rival: float) -> float:
        return float(panel.answer([scores], lambda chosen: np.array([[[0.8, rival]]], np.float32)).score[0, 0])

    assert score(0.79) < score(0.1)

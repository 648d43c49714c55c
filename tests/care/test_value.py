"""Time saved is compared within an intent, told as an interval, and not told where there is too little."""

import random

import pytest

from care.value import TimedReply, Way, value_of

pytestmark = pytest.mark.issue(19)


def some(way: Way, intent: str, n: int, *, mean_s: float, seed: int = 1) -> list[TimedReply]:
    draw = random.Random(f"{way} {intent} {seed}")
    return [TimedReply(way, intent, draw.expovariate(1 / mean_s)) for _ in range(n)]


def test_easy_messages_are_not_called_time_saved() -> None:
    """Drafts are taken for what is quick; within each intent they save nothing."""
    quick = [*some(Way.AS_IS, "praise", 400, mean_s=20), *some(Way.OWN_WORDS, "praise", 40, mean_s=20)]
    slow = [*some(Way.AS_IS, "legal", 40, mean_s=600), *some(Way.OWN_WORDS, "legal", 400, mean_s=600)]

    value = value_of([*quick, *slow])

    assert value.by_way[Way.OWN_WORDS].mean_s > 5 * value.by_way[Way.AS_IS].mean_s
    assert value.saved is not None
    assert value.saved.can_be_told is False


def test_the_interval_holds_what_was_planted_as_often_as_it_says() -> None:
    n_held = 0
    for seed in range(200):
        with_draft = some(Way.EDITED, "refund", 60, mean_s=100, seed=seed)
        saved = value_of([*with_draft, *some(Way.OWN_WORDS, "refund", 60, mean_s=160, seed=seed)]).saved
        assert saved is not None
        n_held += saved.low_s <= 60 <= saved.high_s

    assert n_held / 200 == pytest.approx(0.95, abs=0.04)


def test_too_few_of_either_kind_are_not_compared() -> None:
    value = value_of([*some(Way.AS_IS, "praise", 500, mean_s=20), *some(Way.OWN_WORDS, "praise", 9, mean_s=90)])

    assert value.saved is None
    assert value.by_way[Way.AS_IS].n == 500
    assert value_of([]).by_way == {}


def test_only_compared_intents_count_for_what_was_saved() -> None:
    known = [*some(Way.AS_IS, "refund", 50, mean_s=50), *some(Way.OWN_WORDS, "refund", 50, mean_s=200)]

    saved = value_of([*known, *some(Way.AS_IS, "praise", 30, mean_s=5)]).saved

    assert saved is not None
    assert (saved.n_compared, saved.n_drafted, saved.can_be_told) == (50, 80, True)

"""What became of an hour that we promised, and of a matter that we handed over."""

from datetime import UTC, datetime, timedelta

import pytest

from care.handover import NEXT, HandOver, HandOverState
from care.promise import Promise, PromiseState

UNTIL = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PROMISE = Promise("prm_1", "cas_1", "rpl_1", UNTIL, UNTIL - timedelta(hours=1), "per_anna", UNTIL - timedelta(hours=4))
HANDOVER = HandOver("hov_1", "cas_1", "msg_1", "safety", "safety officer", "per_anna", UNTIL, UNTIL + SECOND)


@pytest.mark.parametrize(
    ("said", "late", "became"),
    [
        (PromiseState.KEPT, -SECOND, PromiseState.KEPT),
        (PromiseState.KEPT, timedelta(0), PromiseState.KEPT),
        (PromiseState.KEPT, SECOND, PromiseState.BROKEN),
        (PromiseState.MOVED, timedelta(0), PromiseState.MOVED),
        (PromiseState.MOVED, SECOND, PromiseState.BROKEN),
        (PromiseState.WITHDRAWN, SECOND, PromiseState.WITHDRAWN),
        (PromiseState.BROKEN, -SECOND, PromiseState.BROKEN),
    ],
)
def test_a_promise_whose_hour_has_passed_is_broken_whatever_is_said_afterwards(
    said: PromiseState, late: timedelta, became: PromiseState
) -> None:
    ended = PROMISE.ended(said, at=UNTIL + late, by="rpl_2")

    assert (ended.state, ended.ended_at, ended.ended_by) == (became, UNTIL + late, "rpl_2")
    assert PROMISE.is_open
    assert not ended.is_open


def test_an_answer_that_comes_late_is_still_an_answer_and_the_only_one() -> None:
    lapsed = HANDOVER.moved(HandOverState.LAPSED, by="tactful", at=UNTIL)
    answered = lapsed.moved(HandOverState.ANSWERED, by="safety officer", at=UNTIL + SECOND)

    assert (lapsed.is_open, lapsed.answered_at, lapsed.changed_by, lapsed.changed_at) == (False, None, "tactful", UNTIL)
    assert (answered.answered_at, answered.changed_by) == (UNTIL + SECOND, "safety officer")
    with pytest.raises(ValueError, match="This hand-over is answered already"):
        answered.moved(HandOverState.ANSWERED, by="safety officer", at=UNTIL)


def test_what_is_taken_is_still_with_its_contact_and_what_was_called_back_is_not() -> None:
    taken = HANDOVER.moved(HandOverState.TAKEN, by="safety officer", at=UNTIL)
    back = taken.moved(HandOverState.CALLED_BACK, by="per_anna", at=UNTIL)

    assert [HANDOVER.is_open, taken.is_open, back.is_open] == [True, True, False]
    with pytest.raises(ValueError, match="This hand-over is called back already"):
        back.moved(HandOverState.TAKEN, by="safety officer", at=UNTIL)


def test_nothing_comes_after_an_end_and_nothing_becomes_what_it_is() -> None:
    ends = {state for state, following in NEXT.items() if not following}

    assert ends == {HandOverState.ANSWERED, HandOverState.CALLED_BACK}
    assert all(state not in following for state, following in NEXT.items())

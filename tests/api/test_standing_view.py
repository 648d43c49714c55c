"""What the console says of where a case stands."""

from datetime import timedelta

import pytest

from api.console.standing_view import chip_of
from care.case import Case, CaseState, Standing
from care.handover import HandOver, HandOverState
from tests.doubles import MONDAY

UNTIL = MONDAY + timedelta(hours=2)


@pytest.mark.parametrize(
    ("state", "text"),
    [(HandOverState.TAKEN, "Handed over to safety until"), (HandOverState.CALLED_BACK, "Handed over until")],
)
def test_a_case_that_was_handed_over_says_to_whom(state: HandOverState, text: str) -> None:
    case = Case("cas_1", "x", "thr_1", "kim", MONDAY, "msg_1", Standing(CaseState.HANDED_OVER, until=UNTIL))
    handover = HandOver("hnd_1", "cas_1", "msg_1", "safety", "safety officer", "per_1", MONDAY, UNTIL, state)

    chip = chip_of(case, {}, handovers=[handover])

    assert (chip.text, chip.until) == (text, UNTIL)

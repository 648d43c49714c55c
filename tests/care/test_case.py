"""Where a case stands follows from its facts, whatever happened to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.case import NEXT, Case, CaseState, Facts, Standing, look_ahead, say, standing
from care.errors import Conflict
from care.handover import HandOver
from care.promise import Promise

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MOMENTS = st.integers(-5000, 5000).map(lambda minutes: NOW + timedelta(minutes=minutes))


@st.composite
def promises(draw: st.DrawFn) -> Promise:
    until = draw(MOMENTS)
    return Promise("prm_1", "cas_1", "rpl_1", until, until - timedelta(minutes=30), "per_anna", NOW)


@st.composite
def handovers(draw: st.DrawFn) -> HandOver:
    return HandOver("hov_1", "cas_1", "msg_1", "safety", "safety officer", "per_anna", NOW, draw(MOMENTS))


FACTS = st.builds(
    Facts,
    is_our_turn=st.booleans(),
    is_answered=st.booleans(),
    is_resolved=st.booleans(),
    waits_since=MOMENTS,
    offline_due_at=st.none() | MOMENTS,
    reopened_due_at=st.none() | MOMENTS,
    priority=st.integers(0, 100),
    promises=st.lists(promises(), max_size=1).map(tuple),
    handovers=st.lists(handovers(), max_size=2).map(tuple),
)


@given(FACTS)
def test_what_waits_for_us_or_for_an_hour_always_has_a_clock(facts: Facts) -> None:
    state = standing(facts)

    no_clock = {CaseState.RESOLVED, CaseState.WAITING_FOR_CUSTOMER}
    assert (state.due_at is None) == (state.state in no_clock)


@given(FACTS)
def test_our_turn_is_never_the_customers(facts: Facts) -> None:
    if facts.is_our_turn and not facts.is_resolved:
        assert standing(facts).state in (CaseState.NEW, CaseState.OPEN, CaseState.OFFLINE)


@given(FACTS.filter(lambda facts: facts.reopened_due_at is not None and not facts.is_resolved))
def test_what_a_person_opened_again_waits_for_us(facts: Facts) -> None:
    assert standing(facts).state in (CaseState.NEW, CaseState.OPEN, CaseState.OFFLINE)


@given(FACTS)
def test_the_earliest_clock_is_the_cases(facts: Facts) -> None:
    state = standing(facts)

    clocks = [promise.look_at for promise in facts.promises] + [handover.until for handover in facts.handovers]
    if state.state is not CaseState.RESOLVED and clocks:
        assert state.due_at is not None
        assert state.due_at <= min(clocks)


@given(st.integers(1, 10_000).map(lambda minutes: timedelta(minutes=minutes)))
def test_a_promised_case_comes_back_between_its_making_and_its_hour(wait: timedelta) -> None:
    look_at = look_ahead(NOW + wait, made_at=NOW)

    assert NOW <= look_at <= NOW + wait
    assert NOW + wait - look_at <= timedelta(hours=1)


@pytest.mark.parametrize(
    ("wait_min", "lead_min"), [(5, 5), (10, 10), (20, 10), (40, 10), (41, 10.25), (120, 30), (240, 60), (241, 60)]
)
def test_a_promised_case_comes_back_at_three_quarters_of_the_wait(wait_min: int, lead_min: float) -> None:
    until = NOW + timedelta(minutes=wait_min)

    assert until - look_ahead(until, made_at=NOW) == timedelta(minutes=lead_min)


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


EARLY = Promise("prm_1", "cas_1", "rpl_1", at(60), at(45), "per_anna", NOW)
LATE = Promise("prm_2", "cas_1", "rpl_2", at(90), at(80), "per_anna", NOW)
SOON = HandOver("hov_1", "cas_1", "msg_1", "safety", "safety officer", "per_anna", NOW, at(30))
LATER = HandOver("hov_2", "cas_1", "msg_1", "legal", "lawyer", "per_anna", NOW, at(70))
NOTHING = Facts(is_our_turn=False, is_answered=False)


@pytest.mark.parametrize(
    ("facts", "state", "due_at", "until"),
    [
        (replace(NOTHING, is_resolved=True, promises=(EARLY,), offline_due_at=at(1)), "resolved", None, None),
        (replace(NOTHING, offline_due_at=at(50), promises=(EARLY,)), "offline", at(45), None),
        (replace(NOTHING, offline_due_at=at(20), handovers=(SOON,), is_our_turn=True), "offline", at(20), None),
        (replace(NOTHING, is_our_turn=True, waits_since=at(25)), "new", at(25), None),
        (replace(NOTHING, is_our_turn=True, waits_since=at(50), promises=(LATE, EARLY)), "new", at(45), at(60)),
        (replace(NOTHING, is_our_turn=True, is_answered=True, waits_since=at(50)), "open", at(50), None),
        (replace(NOTHING, is_answered=True, reopened_due_at=at(15), handovers=(SOON,)), "open", at(15), None),
        (replace(NOTHING, reopened_due_at=at(15), waits_since=at(5)), "open", at(5), None),
        (replace(NOTHING, handovers=(LATER, SOON), promises=(EARLY,)), "handed_over", at(30), at(30)),
        (replace(NOTHING, handovers=(LATER,), promises=(EARLY,)), "handed_over", at(45), at(70)),
        (replace(NOTHING, is_answered=True, promises=(LATE, EARLY)), "promised", at(45), at(60)),
        (replace(NOTHING, is_answered=True, waits_since=at(5)), "waiting_for_customer", None, None),
        (replace(NOTHING, waits_since=at(5)), "open", at(5), None),
    ],
)
def test_each_state_has_its_own_clock_and_hour(
    facts: Facts, state: str, due_at: datetime | None, until: datetime | None
) -> None:
    assert standing(replace(facts, priority=7)) == Standing(CaseState(state), due_at, until, 7)


def test_a_case_that_cannot_become_something_says_what_it_is() -> None:
    case = Case("cas_1", "chat", "thr_1", "kim", NOW, "msg_1", Standing(CaseState.RESOLVED))

    with pytest.raises(Conflict, match="This case is resolved; it cannot become handed over"):
        case.moved(Standing(CaseState.HANDED_OVER))

    assert case.moved(Standing(CaseState.RESOLVED, priority=3)).standing.priority == 3
    assert case.moved(Standing(CaseState.OPEN)).standing.state is CaseState.OPEN
    assert case.is_resolved
    assert not case.moved(Standing(CaseState.OPEN)).is_resolved
    assert say(CaseState.WAITING_FOR_CUSTOMER) == "waiting for customer"


def test_a_resolved_case_is_opened_again_before_anything_else() -> None:
    assert not NEXT[CaseState.RESOLVED] & {CaseState.PROMISED, CaseState.HANDED_OVER}
    assert all(state not in moves for state, moves in NEXT.items())

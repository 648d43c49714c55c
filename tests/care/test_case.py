"""Where a case stands follows from its facts, whatever happened to it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from care.case import NEXT, CaseState, Facts, look_ahead, standing
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
    found = standing(facts)

    no_clock = {CaseState.RESOLVED, CaseState.WAITING_FOR_CUSTOMER}
    assert (found.due_at is None) == (found.state in no_clock)


@given(FACTS)
def test_our_turn_is_never_the_customers(facts: Facts) -> None:
    if facts.is_our_turn and not facts.is_resolved:
        assert standing(facts).state in (CaseState.NEW, CaseState.OPEN, CaseState.OFFLINE)


@given(FACTS.filter(lambda facts: facts.reopened_due_at is not None and not facts.is_resolved))
def test_what_a_person_opened_again_waits_for_us(facts: Facts) -> None:
    assert standing(facts).state in (CaseState.NEW, CaseState.OPEN, CaseState.OFFLINE)


@given(FACTS)
def test_the_earliest_clock_is_the_cases(facts: Facts) -> None:
    found = standing(facts)

    clocks = [one.look_at for one in facts.promises] + [one.until for one in facts.handovers]
    if found.state is not CaseState.RESOLVED and clocks:
        assert found.due_at is not None
        assert found.due_at <= min(clocks)


@given(st.integers(1, 10_000).map(lambda minutes: timedelta(minutes=minutes)))
def test_a_promised_case_comes_back_between_its_making_and_its_hour(wait: timedelta) -> None:
    look_at = look_ahead(NOW + wait, made_at=NOW)

    assert NOW <= look_at <= NOW + wait
    assert NOW + wait - look_at <= timedelta(hours=1)


def test_a_resolved_case_is_opened_again_before_anything_else() -> None:
    assert not NEXT[CaseState.RESOLVED] & {CaseState.PROMISED, CaseState.HANDED_OVER}
    assert all(state not in moves for state, moves in NEXT.items())

"""From arrivals to people: zones and changing clocks, what waits while nobody works, rules of teams."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from care.errors import BadInput
from care.forecast import SLOTS
from care.hours import DAY_MIN, Hours, ServiceClock, Shift, Window
from care.staffing import SLOT, StaffingPlan, slot_of, staffing_plans, weeks_of
from care.workload import Arrivals, StaffingPolicy, StaffingRules
from store.work import SqlStore
from tests.doubles import MONDAY, StubPlaybook
from tests.workload import arrived, weekly

BERLIN = "Europe/Berlin"
DAY = ServiceClock(
    Hours("UTC", ((Shift(9 * 60, 17 * 60),),) * 7),
    {"*": Window(promise=timedelta(hours=4), target=timedelta(hours=1))},
)
NIGHT = replace(DAY, hours=Hours("UTC", ((Shift(0, DAY_MIN),),) * 7))


def came(at: datetime, n: int = 1) -> Arrivals:
    return Arrivals(at, "care", "chat", n)


def test_arrivals_stand_in_the_half_hour_of_the_teams_own_clock_in_summer_and_winter() -> None:
    winter, summer = datetime(2026, 3, 25, 8, tzinfo=UTC), datetime(2026, 4, 1, 7, tzinfo=UTC)
    began = datetime(2026, 3, 1, tzinfo=UTC)

    weeks = weeks_of([came(winter, 3), came(summer, 5)], began=began, today=date(2026, 4, 3), zone=BERLIN)

    at_nine = slot_of(datetime(2026, 4, 1, 9, tzinfo=UTC))
    assert [week[at_nine] for week in weeks] == [0, 0, 3, 5]
    assert [sum(count or 0 for count in week) for week in weeks] == [0, 0, 3, 5]


def test_a_half_hour_that_a_day_has_not_or_twice_is_not_learnt_from() -> None:
    spring = weeks_of([], began=datetime(2026, 3, 1, tzinfo=UTC), today=date(2026, 4, 1), zone=BERLIN)
    autumn = weeks_of([], began=datetime(2026, 10, 1, tzinfo=UTC), today=date(2026, 11, 1), zone=BERLIN)

    sunday_at_two = 6 * 48 + 4
    for weeks in (spring, autumn):
        missing = [slot for slot in range(SLOTS) if weeks[-1][slot] is None]
        assert missing == [sunday_at_two, sunday_at_two + 1]


def test_only_whole_weeks_count_and_none_before_anything_came() -> None:
    assert weeks_of([], began=None, today=date(2026, 4, 1), zone="UTC") == []
    assert len(weeks_of([], began=datetime(2026, 3, 4, 15, tzinfo=UTC), today=date(2026, 4, 1), zone="UTC")) == 3
    assert len(weeks_of([], began=datetime(2024, 3, 4, tzinfo=UTC), today=date(2026, 4, 1), zone="UTC")) == 26


def planned(
    store: SqlStore,
    rules: StaffingRules | None = None,
    *,
    team: str = "",
    clock: ServiceClock = DAY,
    first: date | None = None,
) -> StaffingPlan:
    book = StubPlaybook(hours=clock, staffing=StaffingPolicy(rules or StaffingRules()))
    [plan] = staffing_plans(store, book, [(team, "")], first=first, now=MONDAY)
    return plan


def test_people_are_needed_while_somebody_works_and_what_came_at_night_is_answered_after_opening(
    store: SqlStore,
) -> None:
    arrived(store, weekly(MONDAY, 5, per_hour=4, hours=range(24)), handled_s=600)

    plan = planned(store)
    day = [slot for slot in plan.slots if slot.start.date() == date(2026, 3, 3)]
    staffed = [slot for slot in day if slot.needed]

    assert (plan.problem, plan.n_weeks, len(plan.slots)) == ("", 4, SLOTS)
    assert plan.handle is not None
    assert (plan.handle.mean_s, plan.handle.n_measured > 500) == (600, True)
    assert len(staffed) == 16
    assert [slot.start.hour for slot in staffed[:2]] == [9, 9]
    assert staffed[0].work == pytest.approx(2 + 2 * 32 / 2, rel=0.1)
    assert staffed[4].work == pytest.approx(2, rel=0.1)
    assert staffed[0].needed is not None
    assert staffed[4].needed is not None
    assert staffed[0].needed.desk > staffed[4].needed.desk
    assert sum(slot.work for slot in plan.slots) == pytest.approx(
        sum(slot.arrivals.mean for slot in plan.slots), rel=0.05
    )


def test_one_less_is_worse_one_more_is_better_and_shrinkage_and_concurrency_count(store: SqlStore) -> None:
    arrived(store, weekly(MONDAY, 6, per_hour=12), handled_s=300)
    usual = StaffingRules(within=timedelta(minutes=5))

    plan = planned(store, usual, clock=NIGHT)
    many = planned(store, replace(usual, concurrency=2.0), clock=NIGHT)
    palm = planned(store, replace(usual, patience=timedelta(minutes=5)), clock=NIGHT)
    noon = next(slot.needed for slot in plan.slots if slot.start.hour == 12 and slot.needed)

    shares = [plan.share(which) for which in ("one_less", "share", "one_more")]
    assert None not in shares
    assert shares == sorted(shares, key=float)  # type: ignore[arg-type]
    assert noon.share >= 0.9
    assert noon.one_less < 0.9 or noon.occupancy > 0.4
    assert noon.rostered > noon.desk == noon.desk_c
    assert max(day.peak for day in many.days) < max(day.peak for day in plan.days)
    assert all(slot.needed.desk == slot.needed.desk_a for slot in palm.slots if slot.needed)
    assert plan.days[0].desk_h < plan.days[0].rostered_h


def test_it_says_when_there_is_too_little_to_tell(store: SqlStore) -> None:
    assert planned(store).problem == "Too little history: 0 whole weeks of arrivals, and 4 are needed."

    arrived(store, weekly(MONDAY, 6, per_hour=1))
    assert "Too few handle times" in planned(store).problem
    set_by_hand = planned(store, StaffingRules(handle=timedelta(minutes=6)))
    assert (set_by_hand.problem, set_by_hand.handle and set_by_hand.handle.n_measured) == ("", 0)
    assert set_by_hand.slots[0].start == MONDAY.replace(hour=0)
    later = planned(store, StaffingRules(handle=timedelta(minutes=6)), first=date(2026, 3, 9))
    assert later.slots[-1].start + SLOT == datetime(2026, 3, 16, tzinfo=UTC)
    with pytest.raises(BadInput, match="no team 'nobody'"):
        planned(store, team="nobody")

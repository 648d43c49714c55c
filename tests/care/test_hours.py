"""The clock engine: staffed time, promises and targets, over holidays and the days on which the clocks change."""

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from care.hours import DAY_MIN, Hours, ServiceClock, Shift, Window, say_by

OFFICE = (Shift(540, 750), Shift(795, 1080))
SATURDAY = (Shift(600, 840),)
BERLIN = Hours(
    "Europe/Berlin",
    (OFFICE, OFFICE, OFFICE, OFFICE, OFFICE, SATURDAY, ()),
    closed=frozenset({date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1)}),
    special={date(2026, 12, 24): (Shift(540, 720),)},
)
# Night shifts cross the hour that is skipped in spring and the one that comes twice in autumn.
NIGHT = Hours("Europe/Berlin", (((Shift(0, 150), Shift(165, 360), Shift(1320, DAY_MIN))),) * 7)
NEW_YORK = Hours("America/New_York", ((Shift(0, 90), Shift(100, 200), Shift(540, 1020)),) * 7)
LORD_HOWE = Hours("Australia/Lord_Howe", ((Shift(75, 130), Shift(480, 960)),) * 7)
ALL = (BERLIN, NIGHT, NEW_YORK, LORD_HOWE)


def wall_says_open(hours: Hours, at: datetime) -> bool:
    """The plain reading of the hours: what the clock on the wall shows lies in a shift of that day."""
    wall = at.astimezone(ZoneInfo(hours.zone))
    minute = wall.hour * 60 + wall.minute
    return any(shift.start_min <= minute < shift.end_min for shift in hours.shifts(wall.date()))


def local(hours: Hours, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(hours.zone)).astimezone(UTC)  # type: ignore[arg-type,misc]


def random_times(n_times: int, *, seed: int) -> list[tuple[Hours, datetime]]:
    """Random arrivals, a third of them within a day of a change of the clocks."""
    chance = random.Random(seed)
    changes = [
        datetime(2026, *rest, tzinfo=UTC)
        for rest in ((3, 29, 1), (10, 25, 1), (3, 8, 7), (11, 1, 6), (4, 4, 15), (10, 3, 15, 30))
    ]
    times = []
    for _ in range(n_times):
        if chance.random() < 0.33:
            base = chance.choice(changes) + timedelta(seconds=chance.randint(-86_400, 86_400))
        else:
            base = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=chance.randint(0, 365 * 86_400))
        times.append((chance.choice(ALL), base))
    return times


def test_being_open_is_what_the_wall_clock_says_at_10000_random_times() -> None:
    wrong = [at for hours, at in random_times(10_000, seed=5) if hours.is_open(at) != wall_says_open(hours, at)]

    assert wrong == []


def test_10000_quoted_hours_are_never_early_and_never_closed() -> None:
    chance = random.Random(17)
    windows = {
        "*": Window(timedelta(hours=4), timedelta(hours=2)),
        "urgent": Window(timedelta(hours=1), timedelta(minutes=15)),
    }

    for hours, received in random_times(10_000, seed=18):
        clock = ServiceClock(hours, windows)
        urgency = chance.choice(["urgent", "normal", None])
        now = received + timedelta(minutes=chance.randint(0, 3000))
        due, promised = clock.due_at(received, urgency), clock.promised_at(received, urgency)
        quoted = clock.promise_now(now, received, urgency)

        assert received <= due <= promised <= quoted
        assert quoted > now
        for at in (due, promised, quoted):
            assert wall_says_open(hours, at) or wall_says_open(hours, at - timedelta(microseconds=1))


def test_after_counts_exactly_the_staffed_time_minute_by_minute() -> None:
    chance = random.Random(3)
    for hours, received in random_times(60, seed=9):
        start = received.replace(second=0, microsecond=0)
        minutes = chance.randint(1, 300)

        end = hours.after(start, timedelta(minutes=minutes))

        at, counted = start, 0
        while at < end:
            counted += wall_says_open(hours, at)
            at += timedelta(minutes=1)
        assert counted == minutes
        assert hours.staffed(start, end) == timedelta(minutes=minutes)


def test_a_split_shift_pauses_the_clock_at_noon() -> None:
    received = local(BERLIN, 2026, 11, 23, 12, 0)

    assert BERLIN.after(received, timedelta(hours=1)) == local(BERLIN, 2026, 11, 23, 13, 45)


def test_holidays_and_special_days_move_what_is_due() -> None:
    received = local(BERLIN, 2026, 12, 24, 11, 0)

    assert BERLIN.after(received, timedelta(hours=2)) == local(BERLIN, 2026, 12, 28, 10, 0)


def test_the_hour_that_comes_twice_is_staffed_twice() -> None:
    before, after = datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC)
    whole_day = Hours("Europe/Berlin", ((Shift(0, DAY_MIN),),) * 7)

    assert whole_day.staffed(before, after) == timedelta(hours=25)


def test_a_shift_within_the_skipped_hour_does_not_take_place() -> None:
    skipped = Hours("Europe/Berlin", ((Shift(135, 165),),) * 7)

    assert skipped.openings(date(2026, 3, 29)) == ()
    assert len(skipped.openings(date(2026, 10, 25))) == 2


def test_the_next_opening_is_now_while_staffed() -> None:
    open_now, closed = local(BERLIN, 2026, 11, 23, 10, 0), local(BERLIN, 2026, 11, 22, 10, 0)

    assert BERLIN.after(open_now, timedelta(0)) == open_now
    assert BERLIN.after(closed, timedelta(0)) == local(BERLIN, 2026, 11, 23, 9, 0)


def test_an_urgent_message_is_due_before_a_normal_one_and_unknown_counts_as_normal() -> None:
    clock = ServiceClock(BERLIN, {"*": Window(timedelta(hours=4), timedelta(hours=2)),
                                  "urgent": Window(timedelta(hours=1), timedelta(minutes=15))})  # fmt: skip
    received = local(BERLIN, 2026, 11, 23, 9, 0)

    assert clock.due_at(received, "urgent") < clock.due_at(received, "normal")
    assert clock.due_at(received, None) == clock.due_at(received, "normal")


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 11, 23, 13, 30, tzinfo=UTC), "by 14:30 today"),
        (datetime(2026, 11, 24, 9, 0, tzinfo=UTC), "by 10:00 tomorrow"),
        (datetime(2026, 11, 27, 9, 0, tzinfo=UTC), "by 10:00 on Friday"),
        (datetime(2026, 12, 7, 9, 0, tzinfo=UTC), "by 10:00 on Monday, 7 December"),
    ],
)
def test_an_hour_is_said_as_people_say_it(at: datetime, said: str) -> None:
    assert say_by(at, now=datetime(2026, 11, 23, 8, tzinfo=UTC), zone="Europe/Berlin") == said


def promised(clock: ServiceClock, now: datetime, received_at: datetime) -> str:
    """The hour that an acknowledgement written now quotes."""
    return say_by(clock.promise_now(now, received_at), now=now, zone=clock.hours.zone)


def test_a_promise_is_quoted_to_the_quarter_but_not_past_closing_time() -> None:
    clock = ServiceClock(BERLIN, {"*": Window(timedelta(minutes=50), timedelta(minutes=10))})
    at_noon, late = local(BERLIN, 2026, 11, 23, 9, 3), local(BERLIN, 2026, 11, 23, 17, 4)

    assert promised(clock, at_noon, at_noon) == "by 10:00 today"
    assert promised(clock, late, late) == "by 18:00 today"


def test_a_promise_that_has_run_out_is_not_repeated() -> None:
    clock = ServiceClock(BERLIN, {"*": Window(timedelta(hours=2), timedelta(hours=1))})
    received, now = local(BERLIN, 2026, 11, 23, 9, 0), local(BERLIN, 2026, 11, 23, 15, 0)

    assert promised(clock, now, received) == "by 16:00 today"


@pytest.mark.parametrize("minutes", [(600, 540), (-1, 10), (0, DAY_MIN + 1)])
def test_a_shift_runs_forward_within_a_day(minutes: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="A shift"):
        Shift(*minutes)


def test_hours_refuse_overlapping_shifts_and_weeks_without_any() -> None:
    with pytest.raises(ValueError, match="overlap"):
        Hours("UTC", ((Shift(0, 60), Shift(30, 90)),) * 7)
    with pytest.raises(ValueError, match="staffed"):
        Hours("UTC", ((),) * 7)


def test_hours_that_never_open_are_noticed() -> None:
    day = date(2026, 1, 1)
    never = Hours("UTC", ((Shift(0, 60),),) * 7, closed=frozenset(day + timedelta(days=n) for n in range(500)))

    with pytest.raises(ValueError, match="often enough"):
        never.after(datetime.combine(day, time(), tzinfo=UTC), timedelta(hours=1))


def test_a_target_lies_within_the_promise() -> None:
    with pytest.raises(ValueError, match="promise"):
        Window(promise=timedelta(hours=1), target=timedelta(hours=2))


def test_a_clock_that_runs_always_counts_at_any_hour() -> None:
    night = datetime(2026, 11, 28, 22, 0, tzinfo=UTC)
    window = Window(timedelta(hours=1), timedelta(minutes=15), is_always=True)
    staffed = Window(timedelta(hours=4), timedelta(hours=2))
    clock = ServiceClock(BERLIN, {"*": staffed, "urgent": window})

    assert clock.due_at(night, "urgent") == night + timedelta(minutes=15)
    assert clock.promised_at(night, "urgent") == night + timedelta(hours=1)
    assert clock.due_at(night, is_always=True) == night + timedelta(hours=2)
    assert clock.promise_now(night, night, "urgent") == night + timedelta(hours=1)
    assert clock.due_at(night) > night + timedelta(hours=8)
    assert clock.passed(night, night + timedelta(hours=3), is_always=True) == timedelta(hours=3)
    assert clock.passed(night, night - timedelta(hours=3), is_always=True) == timedelta(0)

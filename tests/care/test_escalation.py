"""Which steps an unanswered message has reached."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from care.decision import Action
from care.escalation import BREACHED, WARNING, Unanswered, climb, most_steps, reached
from tests.playbook.builders import the_book

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DUE = MONDAY + timedelta(hours=2)
POLICY = the_book().policy


def waiting(**changes: object) -> Unanswered:
    given = {"message_id": "msg_1", "channel": "chat", "received_at": MONDAY, "due_at": DUE, "team": "billing"}
    return Unanswered(**{**given, **changes})  # type: ignore[arg-type]


def names(waiting: Unanswered, now: datetime) -> list[str]:
    return [step.step for step in reached(waiting, POLICY, now=now)]


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (60, []),
        (90, [WARNING]),
        (120, [WARNING]),
        (121, [BREACHED, "step 1"]),
        (185, [BREACHED, "step 1", "step 2"]),
        (245, [BREACHED, "step 1", "step 2", "step 3"]),
    ],
)
def test_steps_come_due_one_after_the_other(minutes: int, expected: list[str]) -> None:
    assert names(waiting(), MONDAY + timedelta(minutes=minutes)) == expected


def test_a_step_that_was_taken_is_not_given_again() -> None:
    taken = frozenset({BREACHED, "step 1"})

    assert names(waiting(steps=taken), DUE + timedelta(minutes=61)) == ["step 2"]


def test_the_last_step_is_the_one_the_policy_names() -> None:
    for minutes in range(1, 400, 7):
        now = DUE + timedelta(minutes=minutes)
        named = climb(POLICY, team="billing", channel="chat", due_at=DUE, now=now)
        last = reached(waiting(), POLICY, now=now)[-1]

        assert last.contact == (named.contact if named else "")


def test_what_nobody_could_decide_is_due_by_the_clock_of_its_channel() -> None:
    undecided = waiting(due_at=None, team="")
    due_at = POLICY.clock("chat").due_at(MONDAY)

    assert names(undecided, due_at) == [WARNING]
    assert names(undecided, due_at + timedelta(minutes=1)) == [BREACHED, "step 1"]


def test_a_night_does_not_count() -> None:
    clock = POLICY.clock("email")
    friday_evening = datetime(2026, 11, 27, 23, 0, tzinfo=UTC)
    opens_at = clock.hours.after(friday_evening, timedelta(0))
    over_night = waiting(channel="email", due_at=clock.hours.after(MONDAY, timedelta(days=2)))
    overdue = clock.hours.staffed(over_night.due_at or MONDAY, friday_evening)

    assert opens_at - friday_evening > timedelta(hours=2)
    assert names(over_night, friday_evening) == names(over_night, opens_at)
    assert overdue == clock.hours.staffed(over_night.due_at or MONDAY, opens_at)


def test_a_contact_with_an_address_gets_a_notice_that_counts_staffed_time() -> None:
    hours = POLICY.clock("chat").hours
    for minutes in range(1, 3000, 37):
        now = DUE + timedelta(minutes=minutes)
        for step in reached(waiting(), POLICY, now=now):
            if step.notice is None:
                assert step.contact == ""
                continue
            told = step.notice
            rung = next(candidate for candidate in POLICY.steps["billing"] if candidate.contact == step.contact)
            assert (told.step, told.contact, told.recipient) == (step.step, step.contact, rung.email)
            assert (told.about.message_id, told.clock.due_at, told.clock.at) == ("msg_1", DUE, now)
            assert rung.after <= told.clock.late == hours.staffed(DUE, now)
            assert hours.staffed(now, told.clock.answer_by) == rung.answers_within
            assert rung.email not in repr(told)


def test_a_contact_without_an_address_gets_none() -> None:
    climbed = reached(waiting(team="press"), POLICY, now=DUE + timedelta(minutes=5))

    assert [(step.contact, step.notice) for step in climbed] == [("", None), ("press officer", None)]


def test_what_asks_for_no_answer_never_climbs() -> None:
    assert names(waiting(action=Action.IGNORE), DUE + timedelta(days=9)) == []


def test_most_steps_counts_the_longest_ladder() -> None:
    assert most_steps(POLICY) == 5


def test_a_clock_that_runs_always_climbs_at_night() -> None:
    night = datetime(2026, 11, 28, 22, 0, tzinfo=UTC)
    danger = waiting(team="safety", received_at=night, due_at=night + timedelta(minutes=15), is_always=True)
    asleep = replace(danger, is_always=False)

    assert names(danger, night + timedelta(minutes=12)) == [WARNING]
    assert names(danger, night + timedelta(minutes=31)) == [BREACHED, "step 1", "step 2"]
    assert names(asleep, night + timedelta(minutes=31)) == [BREACHED, "step 1"]


def test_a_contact_of_day_and_night_answers_at_any_hour() -> None:
    night = datetime(2026, 11, 28, 22, 0, tzinfo=UTC)
    danger = waiting(team="safety", received_at=night, due_at=night, is_always=True)
    told = {climbed.contact: climbed.notice for climbed in reached(danger, POLICY, now=night + timedelta(minutes=20))}

    officer, head = told["safety officer"], told["head of care"]
    assert officer is not None
    assert head is not None
    assert officer.clock.answer_by == officer.clock.at + timedelta(minutes=15)
    assert officer.clock.late == timedelta(minutes=20)
    assert head.clock.answer_by > head.clock.at + timedelta(hours=8)

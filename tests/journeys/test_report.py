"""What a head of care reads agrees with what happened: figures, the cases behind them, and the audit trail."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from care.clocks import break_promises
from care.errors import BadInput, TactfulError
from care.journey import Journey
from care.reply import Approval, Rejection, RejectReason
from care.reporting import By, Period, Report, behind, cells_of, report
from care.results import keep_days, reported
from care.trail import Event
from store.work import SqlStore
from tests.doubles import ANNA, BEN, MONDAY, FixedClock, inbound

WEEK = Period(MONDAY - timedelta(days=1), MONDAY + timedelta(days=6), "UTC")


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey]) -> Journey:
    return make_journey(any_store)


def told(walk: Journey, by: By = By.DAY, period: Period = WEEK) -> Report:
    clock = walk.playbook.policy.clock
    with walk.store(read=True) as work:
        entries = [*work.reporting.entries(period.since, period.until), *work.reporting.overdue()]
    return report([cells_of(entries, period=period, clock=clock)], period=period, by=by)


def says(walk: Journey, text: str = "Where is my parcel?", *, id: str = "m1", **more: Any) -> str:
    [message_id] = walk.receive([inbound(text, outside_id=id, written_at=walk.clock(), **more)])
    walk.prepare(message_id)
    return message_id


def approved(walk: Journey, message_id: str, text: str | None = None, *, by: str = ANNA.id) -> str:
    with walk.store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    draft = suggestion.drafts[0]
    words = draft.text if text is None else text
    return walk.approve(suggestion.id, Approval(by, words, suggestion.choice.version)).id


def test_a_day_with_one_answer_in_time_says_so(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)
    clock.advance(600)
    walk.deliver(approved(walk, message_id))

    [line] = told(walk).lines

    assert (line.figures["messages"], line.figures["responses"]) == (1, 1)
    assert (line.share("on target"), line.share("within the published window")) == (1.0, 1.0)
    assert line.durations["response"].percentile(0.5) == 600
    assert line.share("drafts sent as they were") == 1.0


def test_a_late_answer_and_a_case_without_one_lower_the_share_that_is_kept(walk: Journey, clock: FixedClock) -> None:
    late, _ = says(walk, id="m1", thread_key="a"), says(walk, id="m2", thread_key="b")
    clock.advance(3 * 24 * 3600)
    walk.deliver(approved(walk, late, "Sorry that this took so long."))

    total = told(walk).total

    assert (total.figures["responses"], total.figures["responses.overdue"]) == (1, 1)
    assert total.share("within the published window") == 0.0
    assert total.figures["drafts.edited"] == 1


def test_a_rejection_is_counted_with_its_reason_and_its_agent(walk: Journey) -> None:
    message_id = says(walk)
    with walk.store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    walk.answering.reject(suggestion.id, Rejection(BEN.id, suggestion.choice.version, RejectReason.WRONG_TONE))

    lines = {line.key: line for line in told(walk, By.AGENT).lines}

    assert lines[BEN.id].figures["drafts.rejected:wrong_tone"] == 1
    assert lines["unknown"].figures["messages"] == 1


def test_every_figure_opens_the_cases_that_it_counts(walk: Journey) -> None:
    ids = [says(walk, id=f"m{n}", thread_key=f"t{n}") for n in range(3)]
    walk.deliver(approved(walk, ids[1]))
    with walk.store(read=True) as work:
        entries = list(work.reporting.entries(WEEK.since, WEEK.until))
        cases = [work.cases.file(id).case.id for id in ids]

    assert set(behind(entries, figure="messages", period=WEEK)) == set(cases)
    assert behind(entries, figure="responses", period=WEEK, line=(By.CHANNEL, "chat")) == [cases[1]]
    assert behind(entries, figure="responses", period=WEEK, line=(By.CHANNEL, "x")) == []
    with pytest.raises(BadInput, match="no figure 'sales'"):
        behind(entries, figure="sales", period=WEEK)


def test_days_are_those_of_the_zone_and_a_report_of_no_day_is_refused(walk: Journey, clock: FixedClock) -> None:
    clock.advance(9 * 3600)
    says(walk)
    there = Period(WEEK.since, WEEK.until, "Asia/Tokyo")

    [here] = told(walk).lines
    [far] = told(walk, period=there).lines

    assert (here.key, far.key) == (f"{MONDAY:%Y-%m-%d}", f"{MONDAY + timedelta(days=1):%Y-%m-%d}")
    with pytest.raises(BadInput, match="before its first"):
        Period(WEEK.until, WEEK.since, "UTC")


@pytest.mark.parametrize("seed", range(3))
def test_every_figure_is_what_the_audit_trail_says(walk: Journey, clock: FixedClock, seed: int) -> None:
    live(walk, clock, Random(seed), steps=60)
    with walk.store(read=True) as work:
        events = work.trail.events(after=0, limit=10_000)

    figures = told(walk).total.figures

    assert {name: figures[name] for name in RECOUNTED} == recounted(events)


def test_days_that_are_over_are_kept_as_sums_that_say_the_same(walk: Journey, clock: FixedClock) -> None:
    live(walk, clock, Random(5), steps=60)
    clock.advance(6 * 24 * 3600)
    days = (WEEK.day(MONDAY), WEEK.day(clock()))

    def read() -> Report:
        return reported(walk.store, walk.playbook, first=days[0], last=days[1], by=By.AGENT)

    counted = read()
    assert keep_days(walk.store, walk.playbook, now=clock()) == {"report.days_kept": 14}

    assert read() == counted
    with walk.store(read=True) as work:
        assert days[0] in work.reporting.kept_days(WEEK)


def test_a_word_about_an_old_message_heals_the_sums_of_its_day(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)
    clock.advance(5 * 24 * 3600)
    keep_days(walk.store, walk.playbook, now=clock())
    walk.casework.relabel(message_id, labels={"intent": "refund_status"}, by=ANNA.id)

    assert keep_days(walk.store, walk.playbook, now=clock())["report.days_dropped"] >= 1

    day = WEEK.day(MONDAY)
    lines = reported(walk.store, walk.playbook, first=day, last=WEEK.day(clock()), by=By.INTENT).lines
    assert [(line.key, line.figures["messages"]) for line in lines] == [("refund_status", 1)]


RECOUNTED = (
    "messages",
    "replies.sent",
    "replies.held",
    "resolved",
    "reopened",
    "promises",
    "promises.kept",
    "promises.broken",
    "promises.moved",
    "drafts.rejected",
    "drafts.dismissed",
    "labels.corrected",
)


def recounted(events: list[Event]) -> dict[str, int]:
    """The same figures from the trail alone, by what each row says it happened to."""
    n = Counter(event.event for event in events)
    promises: dict[str, str] = {}
    decided: dict[str, str] = {}
    for event in events:
        kind, _, what = event.event.partition(".")
        if kind == "promise":
            promises[event.subject_id] = what
        if kind == "suggestion":
            decided[event.subject_id] = what
    corrected = {event.subject_id for event in events if event.event == "message.relabelled"}
    ended, left = Counter(promises.values()), Counter(decided.values())
    return {
        "messages": n["message.received"],
        "replies.sent": n["reply.sent"],
        "replies.held": n["reply.held"],
        "resolved": n["case.resolved"],
        "reopened": n["case.reopened"],
        "promises": n["promise.made"],
        **{f"promises.{state}": ended[state] for state in ("kept", "broken", "moved")},
        "drafts.rejected": left["rejected"],
        "drafts.dismissed": left["dismissed"],
        "labels.corrected": len(corrected),
    }


def live(walk: Journey, clock: FixedClock, dice: Random, *, steps: int) -> None:
    """Customers write, people answer, promise, reject, dismiss, relabel, resolve and open again, in any order."""
    messages: list[str] = []
    for n in range(steps):
        clock.advance(dice.choice((5, 60, 4000)))
        messages = messages or [says(walk, id=f"first{n}")]
        try:
            _one_step(walk, dice, messages, n)
        except TactfulError:
            continue


def _one_step(walk: Journey, dice: Random, messages: list[str], n: int) -> None:
    act, message_id = dice.randrange(8), dice.choice(messages)
    with walk.store() as work:
        file = work.cases.file(message_id)
    suggestion, case = file.suggestion, file.case
    if act in (0, 1):
        messages.append(says(walk, id=f"m{n}", thread_key=f"t{dice.randrange(6)}"))
    elif act in (2, 3):
        words = dice.choice((None, "You hear from us by 18:00 today.", "You hear from us by 10:00 tomorrow."))
        walk.deliver(approved(walk, message_id, words))
    elif act == 4 and suggestion is not None:
        walk.answering.reject(suggestion.id, Rejection(BEN.id, suggestion.choice.version, RejectReason.OTHER))
    elif act == 5 and suggestion is not None:
        walk.answering.dismiss(suggestion.id, by=BEN.id, version=suggestion.choice.version)
    elif act == 6:
        walk.casework.relabel(message_id, labels={"intent": dice.choice(("praise", "refund_status"))}, by=ANNA.id)
        break_promises(walk.store, now=walk.clock())
    else:
        (walk.casework.reopen if case.is_resolved else walk.casework.resolve)(case.id, by=ANNA.id)

"""A case that is snoozed leaves its list, keeps its clock, and is back by the hour or as soon as anything happens."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from care.answering import Words
from care.case import Case, CaseState
from care.case_file import CaseFile
from care.clocks import break_promises, climb, lapse_handovers, wake_snoozed
from care.errors import BadStep, ChannelRefused, Conflict
from care.journey import Journey
from care.lists import Clock, Narrowing, View
from care.policy import EscalationStep, Policy
from care.reply import Approval
from care.snoozing import snooze, wake
from care.writing import take_hold
from store.work import SqlStore
from tests.doubles import ANNA, BEN, FixedClock, StubChannel, StubPlaybook, inbound
from tests.journeys.test_safety import Reader
from tests.playbook.builders import the_playbook
from tests.safety import BUNDLES, OF_MESSAGE

pytestmark = pytest.mark.issue(16)
HOUR = timedelta(hours=1)


class Laddered(StubPlaybook):
    """One contact for every team."""

    @property
    def policy(self) -> Policy:
        step = EscalationStep("lead", timedelta(0), timedelta(hours=2), "lead@example.org")
        return replace(super().policy, steps={"*": (step,)})


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey]) -> Journey:
    return make_journey(any_store, playbook=Laddered(), undo_s={"*": 10.0})


def says(walk: Journey, text: str = "Where is my parcel?", *, n: int = 1) -> str:
    [message_id] = walk.receive([inbound(text, outside_id=f"m{n}", written_at=walk.clock())])
    walk.prepare(message_id)
    return message_id


def file_of(walk: Journey, message_id: str) -> CaseFile:
    with walk.store() as work:
        return work.cases.file(message_id)


def case_of(walk: Journey, message_id: str) -> Case:
    return file_of(walk, message_id).case


def snoozed(walk: Journey, message_id: str, *, hours: float = 24) -> Case:
    until = walk.clock() + timedelta(hours=hours)
    return snooze(walk.store, case_of(walk, message_id).id, by=ANNA.id, until=until, now=walk.clock())


def shown(walk: Journey, view: View, only: Narrowing | None = None) -> int:
    with walk.store() as work:
        n = len(work.lists.page(view, agent=ANNA.id, only=only or Narrowing()).cases)
        if only is None:
            assert work.lists.counts(agent=ANNA.id)[view] == n
        return n


def events(walk: Journey, message_id: str) -> list[tuple[str, str]]:
    with walk.store() as work:
        trail = work.trail.of_case(case_of(walk, message_id).id)
    return [(event.event, event.by) for event in trail if event.event in ("case.snoozed", "case.woken")]


def is_due(walk: Journey) -> bool:
    return shown(walk, View.NOW_DUE) == 1


def test_it_leaves_what_is_due_and_is_back_by_the_clock_without_any_sweep(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)
    walk.casework.assign(case_of(walk, message_id).id, by=ANNA.id, to=ANNA.id)
    due_at = case_of(walk, message_id).standing.due_at

    case = snoozed(walk, message_id, hours=24)

    assert (case.standing.state, case.standing.due_at) == (CaseState.NEW, due_at)
    assert (shown(walk, View.NOW_DUE), shown(walk, View.MINE), shown(walk, View.WAITING)) == (0, 0, 1)
    assert shown(walk, View.ALL, Narrowing(clock=Clock.SNOOZED)) == 1
    kept = file_of(walk, message_id).handled.snooze
    assert kept is not None
    assert (kept.made_by, kept.until) == (ANNA.id, clock() + 24 * HOUR)

    clock.advance(24 * 3600)
    assert (shown(walk, View.NOW_DUE), shown(walk, View.MINE), shown(walk, View.WAITING)) == (1, 1, 0)
    assert shown(walk, View.ALL, Narrowing(clock=Clock.SNOOZED)) == 0


def test_the_sweep_tells_once_that_it_is_back(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)
    snoozed(walk, message_id, hours=2)
    assert wake_snoozed(walk.store) == {}
    clock.advance(2 * 3600)

    assert wake_snoozed(walk.store) == {"case.woken": 1}
    assert wake_snoozed(walk.store) == {}
    assert events(walk, message_id) == [("case.snoozed", ANNA.id), ("case.woken", "tactful")]
    assert case_of(walk, message_id).standing.snoozed_until is None


def test_the_target_runs_on_and_contacts_are_told_as_ever(walk: Journey, clock: FixedClock) -> None:
    snoozed(walk, says(walk), hours=24)
    clock.advance(2 * 3600)

    told = climb(walk.store, walk.playbook.policy, now=clock())

    assert told == {"sla.breached": 1, "case.climbed": 1}
    assert not is_due(walk)


def test_it_is_back_at_once_when_the_customer_writes_again(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)
    snoozed(walk, message_id)
    clock.advance(60)

    [again] = walk.receive([inbound("Hello?", outside_id="m2", written_at=clock())])
    assert case_of(walk, message_id).standing.snoozed_until is None
    walk.prepare(again)

    assert is_due(walk)
    assert events(walk, message_id)[-1] == ("case.woken", "tactful")
    clock.advance(60)
    assert is_due(walk)


def test_it_is_back_when_a_promise_comes_due_and_stays_when_it_is_broken(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)
    promise = clock() + 8 * HOUR
    reply = walk.answering.answer(message_id, Words(BEN.id, "By tonight.", promise))
    clock.advance(60)
    walk.deliver(reply.id)
    again = says(walk, "And my invoice?", n=2)
    case = snoozed(walk, again, hours=24)
    with walk.store() as work:
        [made] = work.promises.of_case(case.id)
    assert case.standing.snoozed_until == made.look_at

    clock.advance(int((made.look_at - clock()).total_seconds()))
    assert is_due(walk)
    clock.advance(3 * 3600)
    assert break_promises(walk.store, now=clock()) == {"promise.broken": 1}
    assert is_due(walk)


def test_it_is_back_when_whoever_it_was_handed_to_does_not_answer(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)
    walk.handing_over.hand_over(case_of(walk, message_id).id, to="lead", by=BEN.id, reason="")
    snoozed(walk, message_id, hours=24)
    assert not is_due(walk)
    clock.advance(5 * 3600)

    assert lapse_handovers(walk.store, now=clock()) == {"handover.lapsed": 1}
    assert is_due(walk)
    clock.advance(3600)
    assert is_due(walk)


def test_an_answer_ends_it_also_where_the_answer_fails(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)
    snoozed(walk, message_id)
    clock.advance(60)
    suggestion = file_of(walk, message_id).suggestion
    assert suggestion is not None
    reply = walk.approve(suggestion.id, Approval(BEN.id, "We are on it.", suggestion.choice.version))
    channel = walk.channels["chat"]
    assert isinstance(channel, StubChannel)
    channel.errors = [ChannelRefused("chat", "no")]
    clock.advance(11)
    walk.deliver(reply.id)

    assert is_due(walk)
    with pytest.raises(Conflict, match="needs a look first"):
        snoozed(walk, message_id)


def test_a_person_wakes_it_and_a_second_snooze_moves_it(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)
    snoozed(walk, message_id, hours=2)
    moved = snoozed(walk, message_id, hours=5)
    assert moved.standing.snoozed_until == clock() + 5 * HOUR

    back = wake(walk.store, moved.id, by=BEN.id)

    assert back.standing.snoozed_until is None
    assert is_due(walk)
    with pytest.raises(Conflict, match="not snoozed"):
        wake(walk.store, moved.id, by=BEN.id)


def test_resolved_and_opened_again_it_is_not_snoozed_any_more(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)
    case = snoozed(walk, message_id)
    clock.advance(60)
    walk.casework.resolve(case.id, by=BEN.id)
    walk.casework.reopen(case.id, by=BEN.id)

    assert is_due(walk)


@pytest.mark.parametrize("hours", [0.0, -1.0, 24.0 * 400])
def test_an_hour_that_is_past_or_too_far_away_is_refused(walk: Journey, hours: float) -> None:
    with pytest.raises(BadStep, match="a time to come, within a year"):
        snoozed(walk, says(walk), hours=hours)


def test_what_a_colleague_holds_is_not_snoozed(walk: Journey) -> None:
    message_id = says(walk)
    take_hold(walk.store, case_of(walk, message_id).id, by=BEN.id)

    with pytest.raises(Conflict, match="Somebody else is writing"):
        snoozed(walk, message_id)


def test_what_waits_for_nobody_of_us_is_not_snoozed(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)
    walk.answering.answer(message_id, Words(BEN.id, "It is on its way."))

    with pytest.raises(Conflict, match="Nothing of this case waits for us"):
        snoozed(walk, message_id)
    assert events(walk, message_id) == []


def test_what_was_taken_offline_or_is_being_read_stays_in_its_list(walk: Journey, clock: FixedClock) -> None:
    offline = says(walk, "my card 4111111111111111")
    with pytest.raises(Conflict, match="taken offline"):
        snoozed(walk, offline)

    [unread] = walk.receive([inbound("Hello", outside_id="m7", thread_key="t7", written_at=clock())])
    with pytest.raises(Conflict, match="still being read"):
        snoozed(walk, unread)


def test_a_danger_cannot_wait(any_store: SqlStore, make_journey: Callable[..., Journey], clock: FixedClock) -> None:
    text = next(text for text, kind in OF_MESSAGE.items() if kind == "self_harm")
    walk = make_journey(any_store, playbook=the_playbook(), classifier=Reader(BUNDLES["spam"]))
    message_id = says(walk, text)

    with pytest.raises(Conflict, match="cannot wait"):
        snoozed(walk, message_id)

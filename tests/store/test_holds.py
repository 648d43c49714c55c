"""Who writes in a case: one person at a time, by the database's own clock, on both databases."""

from collections import Counter
from collections.abc import Callable

import pytest

from care.answering import Words
from care.errors import BadStep, Conflict, StaleVersion
from care.hold import ASK_S, HOLD_S, Doing, Hold, Presence
from care.journey import Journey
from care.reply import Approval
from care.unsent import UnsentText
from care.writing import keep_unsent, take_hold
from store.work import SqlStore, open_store
from tests.doubles import ANNA, BEN, MONDAY, FixedClock, StubRedactor, inbound
from tests.store.test_races import at_once


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey]) -> Journey:
    return make_journey(any_store)


@pytest.fixture
def case_id(walk: Journey, any_store: SqlStore) -> str:
    [message_id] = walk.receive([inbound()])
    walk.prepare(message_id)
    with any_store() as work:
        return work.cases.of_message(message_id).id


def take(store: SqlStore, case_id: str, by: str) -> Hold | None:
    return take_hold(store, case_id, by=by)


def test_a_case_is_held_by_one_person_until_it_runs_out(any_store: SqlStore, case_id: str, clock: FixedClock) -> None:
    first = take(any_store, case_id, ANNA.id)
    assert first is not None
    assert first.fence == 1
    assert take(any_store, case_id, BEN.id) is None

    clock.advance(HOLD_S / 2)
    again = take(any_store, case_id, ANNA.id)
    assert again is not None
    assert again.fence == 1
    assert again.until > first.until

    clock.advance(HOLD_S + 1)
    bens = take(any_store, case_id, BEN.id)
    assert bens is not None
    assert bens.fence == 2


def test_who_asks_gets_a_case_after_half_a_minute_unless_its_holder_says_no(
    any_store: SqlStore, case_id: str, clock: FixedClock
) -> None:
    take(any_store, case_id, ANNA.id)
    with any_store() as work:
        assert work.holds.ask(case_id, BEN.id, ask_s=ASK_S)
        assert work.holds.refuse(case_id, ANNA.id)
    clock.advance(ASK_S + 1)
    assert take(any_store, case_id, BEN.id) is None

    take(any_store, case_id, ANNA.id)
    with any_store() as work:
        assert work.holds.ask(case_id, BEN.id, ask_s=ASK_S)
    take(any_store, case_id, ANNA.id)
    assert take(any_store, case_id, BEN.id) is None
    clock.advance(ASK_S + 1)
    bens = take(any_store, case_id, BEN.id)
    assert bens is not None
    assert (bens.fence, bens.asked_by) == (2, None)
    assert take(any_store, case_id, ANNA.id) is None


def test_while_somebody_holds_a_case_nobody_else_answers_it(walk: Journey, any_store: SqlStore, case_id: str) -> None:
    take(any_store, case_id, ANNA.id)
    with any_store() as work:
        case = work.cases.latest(case_id)
    assert case.suggestion is not None

    with pytest.raises(Conflict, match="writing in this case") as refused:
        walk.approve(case.suggestion.id, Approval(by=BEN.id, text="Hi.", version=1))
    assert refused.value.by == ANNA.id
    with pytest.raises(Conflict, match="writing in this case"):
        walk.answering.answer(case.message.id, Words(BEN.id, "Hi."))
    with pytest.raises(Conflict, match="writing in this case"):
        walk.answering.dismiss(case.suggestion.id, by=BEN.id, version=1)
    with pytest.raises(Conflict, match="writing in this case"):
        walk.casework.resolve(case_id, by=BEN.id)


def test_an_approval_under_an_older_hold_is_refused(
    walk: Journey, any_store: SqlStore, case_id: str, clock: FixedClock
) -> None:
    annas = take(any_store, case_id, ANNA.id)
    clock.advance(HOLD_S + 1)
    bens = take(any_store, case_id, BEN.id)
    assert annas is not None
    assert bens is not None
    with any_store() as work:
        work.holds.give_back(case_id, BEN.id)
        suggestion = work.cases.latest(case_id).suggestion
    assert suggestion is not None

    with pytest.raises(StaleVersion, match="since you took it"):
        walk.approve(suggestion.id, Approval(by=ANNA.id, text="Hi.", version=1, fence=annas.fence))
    reply = walk.approve(suggestion.id, Approval(by=BEN.id, text="Hi.", version=1, fence=bens.fence))

    assert reply.consent.approved_by == BEN.id
    with any_store() as work:
        hold = work.holds.of(case_id)
        assert hold is not None
        assert hold.is_over


def test_an_unknown_team_is_refused(walk: Journey, any_store: SqlStore, case_id: str) -> None:
    with any_store() as work:
        message_id = work.cases.latest(case_id).message.id

    with pytest.raises(BadStep, match="knows no such team"):
        walk.casework.override(message_id, by=ANNA.id, reason="A try.", team="nonsense-team")


def test_of_16_who_take_a_case_at_once_one_holds_it(any_url: str, walk: Journey, case_id: str) -> None:
    store = open_store(any_url)
    for round_ in range(5):
        holds = at_once(16, lambda n, round_=round_: take(store, case_id, f"per_{round_}_{n}"))
        won = [hold for hold in holds if isinstance(hold, Hold)]
        assert len(won) == 1
        assert [hold for hold in holds if isinstance(hold, Exception)] == []
        assert won[0].fence == round_ + 1
        with store() as work:
            assert work.holds.give_back(case_id, won[0].person_id)
    store.close()


def test_of_two_holders_by_turns_and_their_sends_one_send_counts(any_url: str, walk: Journey, case_id: str) -> None:
    """Eight people take the case and send under their hold; it is given back between, so that the fence moves on."""
    store = open_store(any_url)
    with store() as work:
        message = work.cases.latest(case_id).message

    def take_and_send(n: int) -> str:
        by = f"per_{n}"
        hold = take(store, case_id, by)
        if hold is None:
            return "held"
        with store() as work:
            turn = work.cases.get(case_id).turn
        walk.answering.answer(message.id, Words(by, f"Answer {n}", turn=turn, fence=hold.fence))
        return "sent"

    outcomes = Counter(
        outcome if isinstance(outcome, str) else type(outcome).__name__ for outcome in at_once(8, take_and_send)
    )

    with store() as work:
        replies = work.replies.of_case(case_id)
        events = [event.event for event in work.trail.of_case(case_id)]
    store.close()
    assert len(replies) == outcomes["sent"] == events.count("reply.written") >= 1
    assert set(outcomes) <= {"sent", "held", "Conflict", "StaleVersion"}


def test_who_looks_and_who_writes_is_known_for_a_while(any_store: SqlStore, case_id: str, clock: FixedClock) -> None:
    with any_store() as work:
        work.holds.see(Presence(case_id, ANNA.id, Doing.VIEWING))
        work.holds.see(Presence(case_id, ANNA.id, Doing.WRITING))
        work.holds.see(Presence(case_id, BEN.id, Doing.VIEWING))
        assert work.holds.present(seen_s=10) == [
            Presence(case_id, ANNA.id, Doing.WRITING),
            Presence(case_id, BEN.id, Doing.VIEWING),
        ]
        work.holds.leave(case_id, BEN.id)
        assert [person.person_id for person in work.holds.present(seen_s=10)] == [ANNA.id]
    clock.advance(11)
    with any_store() as work:
        assert work.holds.present(seen_s=10) == []


def test_unsent_words_are_kept_by_person_and_place_masked_until_they_are_sent(
    walk: Journey, any_store: SqlStore, case_id: str
) -> None:
    def keep(by: str, place: str, text: str) -> None:
        assert keep_unsent(any_store, StubRedactor(), UnsentText(by, case_id, place, text, MONDAY))

    keep(ANNA.id, "own", "Your card 4111111111111111 is")
    keep(ANNA.id, "sug_1.0", "Half a thought")
    keep(ANNA.id, "sug_1.0", "A whole thought")
    keep(BEN.id, "own", "Ben's")
    assert not keep_unsent(any_store, StubRedactor(is_broken=True), UnsentText(BEN.id, case_id, "x", "y", MONDAY))

    with any_store() as work:
        kept = {kept_draft.place: kept_draft.text for kept_draft in work.unsent.of(ANNA.id, case_id)}
        message = work.cases.latest(case_id).message
    assert kept == {"own": "Your card [card_number] is", "sug_1.0": "A whole thought"}
    keep(ANNA.id, "sug_1.0", " ")
    walk.answering.answer(message.id, Words(ANNA.id, "Hello."))
    with any_store() as work:
        assert work.unsent.of(ANNA.id, case_id) == []
        assert [kept_draft.text for kept_draft in work.unsent.of(BEN.id, case_id)] == ["Ben's"]

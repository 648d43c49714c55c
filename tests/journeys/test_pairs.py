"""A private answer with a word in public beside it: one act, two replies, and the public one is never untrue."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from care.access import Person
from care.answering import Words
from care.case import CaseState
from care.channel_rules import ChannelRules
from care.errors import BadReply, ChannelBusy, ChannelRefused, ChannelUnclear, Conflict, SensitiveBlocked
from care.journey import Journey
from care.message import Visibility
from care.pointing import UNTRUE
from care.ports import Receipt
from care.reply import Approval, Purpose, Reply, ReplyStage, SuggestionState
from store.work import SqlStore
from tests.doubles import ANNA, BEN, FixedClock, RecordingQueue, StubChannel, StubPlaybook, inbound
from workers.sweep import sweep

PRIVATE = "Your parcel is at the depot in Mill Road."
POINTER = "We have just sent you a direct message."
X = ChannelRules(
    "x", True, 280, "graphemes", 10, "a direct message", "", "", " ^{agent}", "", pointer=POINTER, private_limit=1000
)
REVIEW = ChannelRules("review", True, 280, "graphemes", 10, "an e-mail", "", "", "", "")


@pytest.fixture
def x() -> StubChannel:
    return StubChannel("x", is_public=True)


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey], x: StubChannel) -> Journey:
    playbook = StubPlaybook(channels={"x": X, "review": REVIEW})
    return make_journey(any_store, playbook=playbook, undo_s={"*": 10.0}, channels={"x": x})


def asked(walk: Journey, *, n: int = 1, visibility: Visibility = Visibility.PUBLIC, channel: str = "x") -> str:
    sent = inbound(
        "Where is my parcel?", channel=channel, outside_id=f"m{n}", visibility=visibility, written_at=walk.clock()
    )
    [message_id] = walk.receive([sent])
    walk.prepare(message_id)
    return message_id


def approves(walk: Journey, message_id: str, pointer: str | None = POINTER, **more: Any) -> tuple[Reply, Reply]:
    with walk.store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    answer = walk.approve(suggestion.id, Approval(ANNA.id, PRIVATE, suggestion.choice.version, pointer=pointer, **more))
    return answer, half_of(walk, answer)


def half_of(walk: Journey, reply: Reply) -> Reply:
    with walk.store() as work:
        half = work.replies.other_half(reply)
    assert half is not None
    return half


def now(walk: Journey, reply: Reply) -> Reply:
    with walk.store() as work:
        return work.replies.get(reply.id)


def test_one_yes_makes_two_replies_each_with_its_own_visibility(walk: Journey) -> None:
    answer, pointer = approves(walk, asked(walk))

    assert (answer.said.text, answer.address.visibility, answer.purpose) == (
        PRIVATE,
        Visibility.PRIVATE,
        Purpose.ANSWER,
    )
    assert (pointer.said.text, pointer.address.visibility, pointer.purpose) == (
        POINTER,
        Visibility.PUBLIC,
        Purpose.POINTER,
    )
    assert pointer.answer_id == answer.id
    assert answer.sending.idempotency_key != pointer.sending.idempotency_key


def test_the_private_answer_goes_first_and_the_pointer_once_it_has_gone(
    walk: Journey, x: StubChannel, clock: FixedClock
) -> None:
    answer, pointer = approves(walk, asked(walk))
    clock.advance(11)

    walk.deliver(pointer.id)
    assert x.takes == []
    walk.deliver(answer.id)
    walk.deliver(pointer.id)

    assert [(take.said.text, take.address.visibility) for take in x.takes] == [
        (PRIVATE, Visibility.PRIVATE),
        (POINTER, Visibility.PUBLIC),
    ]
    assert now(walk, pointer).sending.stage is ReplyStage.SENT


def test_the_sweep_rings_for_the_pointer_as_soon_as_it_is_true(walk: Journey, clock: FixedClock) -> None:
    answer, pointer = approves(walk, asked(walk))
    clock.advance(11)
    queue = RecordingQueue()
    sweep(walk.store, queue, walk.channels, unrung_s=60)  # type: ignore[arg-type]
    clock.advance(1)
    walk.deliver(answer.id)
    queue.rung.clear()

    sweep(walk.store, queue, walk.channels, unrung_s=60)  # type: ignore[arg-type]

    assert ("deliver", pointer.id) in queue.rung


@pytest.mark.parametrize("error", [ChannelRefused("x", "no"), ChannelUnclear("x", "timeout")])
def test_a_private_answer_that_does_not_get_through_holds_its_pointer(
    walk: Journey, x: StubChannel, clock: FixedClock, error: Exception
) -> None:
    message_id = asked(walk)
    answer, pointer = approves(walk, message_id)
    x.errors = [error]
    clock.advance(11)

    walk.deliver(answer.id)
    walk.deliver(pointer.id)

    held = now(walk, pointer)
    assert (held.sending.stage, held.sending.problem) == (ReplyStage.HELD, UNTRUE)
    with pytest.raises(Conflict, match="send that first"):
        walk.answering.send_again(pointer.id, by=ANNA.id)
    with walk.store() as work:
        assert (
            work.cases.file(message_id).case.standing.due_at is not None or answer.sending.stage is ReplyStage.UNKNOWN
        )


def test_a_busy_channel_makes_both_wait(walk: Journey, x: StubChannel, clock: FixedClock) -> None:
    answer, pointer = approves(walk, asked(walk))
    x.errors = [ChannelBusy("x", retry_after_s=30)]
    clock.advance(11)

    with pytest.raises(ChannelBusy):
        walk.deliver(answer.id)
    walk.deliver(pointer.id)

    assert (now(walk, answer).sending.stage, now(walk, pointer).sending.stage) == (
        ReplyStage.PENDING,
        ReplyStage.PENDING,
    )
    assert x.takes == []


def test_what_a_person_mends_takes_its_pointer_along(walk: Journey, x: StubChannel, clock: FixedClock) -> None:
    answer, pointer = approves(walk, asked(walk))
    x.errors = [ChannelRefused("x", "no")]
    clock.advance(11)
    walk.deliver(answer.id)

    walk.answering.send_again(answer.id, by=BEN.id)
    assert now(walk, pointer).sending.stage is ReplyStage.PENDING
    walk.deliver(answer.id)
    walk.deliver(pointer.id)

    assert [take.id for take in x.takes] == [answer.id, pointer.id]


def test_an_unclear_answer_that_a_person_saw_lets_its_pointer_go(
    walk: Journey, x: StubChannel, clock: FixedClock
) -> None:
    answer, pointer = approves(walk, asked(walk))
    x.errors = [ChannelUnclear("x", "timeout")]
    clock.advance(11)
    walk.deliver(answer.id)

    walk.answering.mark_sent(answer.id, by=BEN.id)
    clock.advance(1)
    walk.deliver(pointer.id)

    assert now(walk, pointer).sending.stage is ReplyStage.SENT


def test_an_answer_that_a_dead_worker_held_keeps_its_pointer_back(walk: Journey, clock: FixedClock) -> None:
    answer, pointer = approves(walk, asked(walk))
    clock.advance(11)
    with walk.store() as work:
        claimed = work.replies.claim(answer.id, lease_s=5)
        assert claimed is not None
        work.replies.enter_flight(*claimed)
    clock.advance(60)

    sweep(walk.store, RecordingQueue(), walk.channels, unrung_s=60)  # type: ignore[arg-type]

    assert now(walk, answer).sending.stage is ReplyStage.UNKNOWN
    assert (now(walk, pointer).sending.stage, now(walk, pointer).sending.problem) == (ReplyStage.HELD, UNTRUE)


def test_a_receipt_that_says_failed_brings_the_case_back_with_a_clock(
    walk: Journey, x: StubChannel, clock: FixedClock
) -> None:
    message_id = asked(walk)
    answer, pointer = approves(walk, message_id)
    clock.advance(11)
    walk.deliver(answer.id)
    walk.deliver(pointer.id)

    walk.acknowledge("x", Receipt(answer.id, None, is_delivered=False, detail="blocked"))

    with walk.store() as work:
        case = work.cases.file(message_id).case
    # The word in public is no answer: it only points to one.
    assert case.standing.state is CaseState.NEW
    assert case.standing.due_at is not None


@pytest.mark.parametrize("which", [0, 1])
def test_taking_one_back_takes_back_both(walk: Journey, which: int) -> None:
    message_id = asked(walk)
    both = approves(walk, message_id)

    walk.answering.withdraw(both[which].id, by=ANNA.id)

    assert [now(walk, reply_id).sending.stage for reply_id in both] == [ReplyStage.WITHDRAWN, ReplyStage.WITHDRAWN]
    with walk.store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    assert suggestion.choice.state is SuggestionState.PROPOSED


def test_a_pointer_alone_is_taken_back_once_its_answer_has_gone(
    walk: Journey, x: StubChannel, clock: FixedClock
) -> None:
    answer, pointer = approves(walk, asked(walk))
    clock.advance(11)
    walk.deliver(answer.id)

    walk.answering.withdraw(pointer.id, by=ANNA.id)

    assert (now(walk, answer).sending.stage, now(walk, pointer).sending.stage) == (
        ReplyStage.SENT,
        ReplyStage.WITHDRAWN,
    )
    with pytest.raises(Conflict):
        walk.answering.withdraw(answer.id, by=ANNA.id)


def test_a_customer_who_writes_again_holds_both(walk: Journey) -> None:
    both = approves(walk, asked(walk))

    asked(walk, n=2)

    assert [now(walk, reply_id).sending.stage for reply_id in both] == [ReplyStage.HELD, ReplyStage.HELD]


def test_own_words_go_in_private_with_a_pointer_too_and_twice_is_once(walk: Journey) -> None:
    message_id = asked(walk)
    words = Words(ANNA.id, PRIVATE, pointer=POINTER, request_key="click-1")

    first, again = walk.answering.answer(message_id, words), walk.answering.answer(message_id, words)

    assert first.id == again.id
    with walk.store() as work:
        assert len(work.replies.of_message(message_id)) == 2
    with pytest.raises(Conflict, match="another reply with this key"):
        walk.answering.answer(message_id, replace(words, pointer="Something else."))


def test_the_same_approval_again_answers_with_the_same_pair(walk: Journey) -> None:
    message_id = asked(walk)
    with walk.store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    approval = Approval(ANNA.id, PRIVATE, suggestion.choice.version, pointer=POINTER)

    assert walk.approve(suggestion.id, approval).id == walk.approve(suggestion.id, approval).id
    with pytest.raises(Conflict):
        walk.approve(suggestion.id, replace(approval, pointer=None))


@pytest.mark.parametrize(
    ("pointer", "error", "said"),
    [
        ("", BadReply, "the public text, the reply: is empty"),
        ("We wrote to you, idiot.", BadReply, "insults"),
        ("We wrote about card 4111111111111111.", SensitiveBlocked, "holds a card_number"),
        ("We wrote to [[name]].", BadReply, "still open"),
        ("You will hear from us by 17:00 today.", BadReply, "promise it in the private answer"),
    ],
)
def test_each_text_is_checked_for_itself_and_neither_goes_without_the_other(
    walk: Journey, pointer: str, error: type[BadReply], said: str
) -> None:
    message_id = asked(walk)

    with pytest.raises(error, match=said) as refused:
        approves(walk, message_id, pointer)

    assert refused.value.part == "pointer"
    with walk.store() as work:
        assert work.replies.of_message(message_id) == []


@pytest.mark.parametrize(
    ("network", "visibility"), [("review", Visibility.PUBLIC), ("x", Visibility.PRIVATE), ("chat", Visibility.PUBLIC)]
)
def test_where_the_channel_or_the_thread_has_no_such_act_it_is_refused_with_the_way_out(
    walk: Journey, network: str, visibility: Visibility
) -> None:
    message_id = asked(walk, channel=network, visibility=visibility)

    with pytest.raises(BadReply, match="send one reply"):
        approves(walk, message_id)


def test_both_are_signed_where_the_channel_signs(walk: Journey, x: StubChannel, clock: FixedClock) -> None:
    with walk.store() as work:
        work.access.save_person(_signing(work.access.person(id=ANNA.id)))

    answer, pointer = approves(walk, asked(walk))

    assert (answer.said.text, answer.said.words) == (f"{PRIVATE} ^AB", PRIVATE)
    assert (pointer.said.text, pointer.said.words) == (f"{POINTER} ^AB", POINTER)


def test_a_signature_and_private_words_are_no_edit_of_a_play(walk: Journey) -> None:
    with walk.store() as work:
        work.access.save_person(_signing(work.access.person(id=ANNA.id)))
    message_id = asked(walk)
    with walk.store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None

    walk.approve(suggestion.id, Approval(ANNA.id, suggestion.drafts[0].text, suggestion.choice.version))

    with walk.store() as work:
        [outcome] = work.learning.outcomes()
        [reply] = work.replies.of_message(message_id)
    assert reply.said.text == f"{suggestion.drafts[0].text} ^AB"
    assert not reply.said.is_edited
    assert outcome.sent == outcome.draft


def test_replies_of_one_moment_stand_in_the_order_of_their_adding(walk: Journey) -> None:
    message_id = asked(walk)
    said = [f"Word number {n}." for n in range(8)]

    for text in said:
        walk.answering.answer(message_id, Words(ANNA.id, text))

    with walk.store() as work:
        case_id = work.cases.of_message(message_id).id
        assert [reply.said.text for reply in work.replies.of_case(case_id)] == said
        assert [reply.said.text for reply in work.cases.file(message_id).handled.replies] == said


def test_a_private_promise_is_made_once_and_not_by_the_pointer(walk: Journey, clock: FixedClock) -> None:
    until = clock() + timedelta(hours=2)
    message_id = asked(walk)

    answer, _ = approves(walk, message_id, promise=until)

    with walk.store() as work:
        case_id = work.cases.of_message(message_id).id
        assert [(promise.reply_id, promise.until) for promise in work.promises.of_case(case_id)] == [(answer.id, until)]


def _signing(person: Person | None) -> Person:
    assert person is not None
    return replace(person, signs_as="AB")

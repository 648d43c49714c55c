"""A case lives until its matter is solved: several answers, promises, hand-overs, and nothing stale goes out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from care.answering import Words
from care.case import CaseState
from care.case_file import CaseFile
from care.clocks import break_promises, climb, lapse_handovers
from care.decision import Action
from care.errors import BadInput, BadReply, Conflict, StaleVersion
from care.handover import HandOverState
from care.journey import Journey
from care.lists import View
from care.message import Attachment, Inbound
from care.policy import EscalationStep
from care.ports import NOTIFY
from care.promise import PromiseState
from care.reply import Approval, Draft, Rejection, RejectReason, Reply, ReplyStage, Suggestion, SuggestionState
from store.work import SqlStore
from tests.doubles import ANNA, BEN, FixedClock, RecordingQueue, StubChannel, StubPlaybook, altered, inbound

LADDER = (EscalationStep("safety officer", timedelta(0), timedelta(hours=2), "safety@example.org"),)
POLICY_STEPS = {"safety": LADDER}


class SafetyPlaybook(StubPlaybook):
    """One ladder with an address."""

    @property
    def policy(self) -> Any:
        return replace(super().policy, steps=POLICY_STEPS)


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey]) -> Journey:
    return make_journey(any_store, playbook=SafetyPlaybook(), undo_s={"*": 10.0})


def says(walk: Journey, text: str = "Where is my parcel?", *, n: int = 1, prepare: bool = True, **more: Any) -> str:
    [message_id] = walk.receive([inbound(text, outside_id=f"m{n}", written_at=walk.clock(), **more)])
    if prepare:
        walk.prepare(message_id)
    return message_id


def file_of(walk: Journey, message_id: str) -> CaseFile:
    with walk.store() as work:
        return work.cases.file(message_id)


def suggestion_of(walk: Journey, message_id: str) -> Suggestion:
    suggestion = file_of(walk, message_id).suggestion
    assert suggestion is not None
    return suggestion


def approves(walk: Journey, message_id: str, text: str = "We are on it.", *, by: str = ANNA.id, **more: Any) -> Reply:
    suggestion = suggestion_of(walk, message_id)
    return walk.approve(suggestion.id, Approval(by, text, suggestion.choice.version, **more))


def goes_out(walk: Journey, clock: FixedClock, reply: Reply) -> Reply:
    clock.advance(11)
    walk.deliver(reply.id)
    with walk.store() as work:
        return work.replies.get(reply.id)


def placed(walk: Journey, view: View) -> list[str]:
    with walk.store() as work:
        return [file.case.id for file in work.lists.page(view).cases]


# several answers --------------------------------------------------------------------------------------------------


def test_anyone_may_write_again_until_the_case_is_resolved(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)
    goes_out(walk, clock, approves(walk, message_id))

    second = goes_out(walk, clock, walk.answering.answer(message_id, Words(BEN.id, "One more thing.")))

    assert second.sending.stage is ReplyStage.SENT
    case = file_of(walk, message_id).case
    assert case.standing.state is CaseState.WAITING_FOR_CUSTOMER
    walk.casework.resolve(case.id, by=BEN.id)
    with pytest.raises(Conflict, match="resolved"):
        walk.answering.answer(message_id, Words(BEN.id, "And one more."))
    walk.casework.reopen(case.id, by=ANNA.id)
    assert walk.answering.answer(message_id, Words(BEN.id, "And one more.")).sending.stage is ReplyStage.PENDING


def test_own_words_overtake_what_was_suggested(walk: Journey) -> None:
    message_id = says(walk)

    walk.answering.answer(message_id, Words(ANNA.id, "I look into it myself."))

    assert suggestion_of(walk, message_id).choice.state is SuggestionState.SUPERSEDED
    assert file_of(walk, message_id).case.standing.state is CaseState.WAITING_FOR_CUSTOMER


def test_the_same_send_twice_is_one_reply(walk: Journey) -> None:
    first, second = says(walk), says(walk, n=2, thread_key="t2")
    words = Words(ANNA.id, "I look into it.", request_key="click-1")

    assert walk.answering.answer(first, words).id == walk.answering.answer(first, words).id
    assert (
        approves(walk, second).id
        == walk.approve(suggestion_of(walk, second).id, Approval(ANNA.id, "We are on it.", 1)).id
    )


def test_two_customers_in_one_public_thread_are_two_cases(walk: Journey) -> None:
    kim, lee = says(walk, handle="kim"), says(walk, n=2, handle="lee")

    assert file_of(walk, kim).case.id != file_of(walk, lee).case.id
    assert suggestion_of(walk, kim).choice.state is SuggestionState.PROPOSED
    assert len(placed(walk, View.NOW_DUE)) == 2


def test_a_dismissal_closes_a_case_that_waits_for_nothing_else_and_can_be_taken_back(walk: Journey) -> None:
    message_id = says(walk)
    suggestion = suggestion_of(walk, message_id)

    walk.answering.dismiss(suggestion.id, by=ANNA.id, version=1)
    assert file_of(walk, message_id).case.standing.state is CaseState.RESOLVED
    walk.answering.reconsider(suggestion.id, by=ANNA.id)

    assert file_of(walk, message_id).case.standing.state is CaseState.NEW
    assert suggestion_of(walk, message_id).choice.state is SuggestionState.PROPOSED


def test_why_a_draft_was_rejected_is_kept_as_a_masked_note(walk: Journey) -> None:
    message_id = says(walk)
    no = Rejection(ANNA.id, 1, RejectReason.OTHER, note="She gave 4111111111111111 on the phone.")

    walk.answering.reject(suggestion_of(walk, message_id).id, no)

    [note] = file_of(walk, message_id).handled.notes
    assert (note.kind, note.text) == ("rejection", "She gave [card_number] on the phone.")


def test_a_note_tells_the_colleague_it_names(walk: Journey, queue: RecordingQueue) -> None:
    case_id = file_of(walk, says(walk)).case.id

    note = walk.casework.note(case_id, by=ANNA.id, text="@ben knows her, @nobody does not.")

    assert note.mentions == (BEN.id,)
    [notice_id] = queue.of(NOTIFY)
    with walk.store() as work:
        notice = work.notices.get(notice_id)
    assert (notice.recipient, notice.about.kind) == (BEN.email, "mention")


# promises ---------------------------------------------------------------------------------------------------------


def test_an_acknowledged_case_comes_back_before_its_hour_and_climbs_when_it_passes(
    walk: Journey, clock: FixedClock
) -> None:
    message_id = says(walk)
    until = clock() + timedelta(hours=4)
    goes_out(walk, clock, approves(walk, message_id, "You hear from me soon.", promise=until))
    case_id = file_of(walk, message_id).case.id
    assert file_of(walk, message_id).case.standing.state is CaseState.PROMISED
    assert placed(walk, View.WAITING) == [case_id]

    clock.advance(3.1 * 3600)
    assert placed(walk, View.NOW_DUE) == [case_id]
    clock.advance(3600)
    assert break_promises(walk.store, now=clock()) == {"promise.broken": 1}

    case = file_of(walk, message_id).case
    assert (case.standing.state, case.standing.due_at) == (CaseState.OPEN, until)
    assert "sla.breached" in climb(walk.store, walk.playbook.policy, now=clock())
    assert break_promises(walk.store, now=clock()) == {}


def test_an_answer_before_the_hour_keeps_the_promise_and_another_hour_moves_it(
    walk: Journey, clock: FixedClock
) -> None:
    message_id = says(walk)
    goes_out(walk, clock, approves(walk, message_id, promise=clock() + timedelta(hours=4)))

    later = walk.answering.answer(message_id, Words(ANNA.id, "It takes longer.", clock() + timedelta(hours=8)))
    goes_out(walk, clock, later)
    goes_out(walk, clock, walk.answering.answer(message_id, Words(ANNA.id, "Here it is.")))

    assert [promise.state for promise in file_of(walk, message_id).handled.promises] == [
        PromiseState.MOVED,
        PromiseState.KEPT,
    ]
    assert file_of(walk, message_id).case.standing.state is CaseState.WAITING_FOR_CUSTOMER


def test_a_reply_that_is_taken_back_promised_nothing_and_kept_nothing(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)
    goes_out(walk, clock, approves(walk, message_id, promise=clock() + timedelta(hours=4)))
    moved = walk.answering.answer(message_id, Words(ANNA.id, "It takes longer.", clock() + timedelta(hours=8)))

    walk.answering.withdraw(moved.id, by=ANNA.id)

    assert [promise.state for promise in file_of(walk, message_id).handled.promises] == [
        PromiseState.OPEN,
        PromiseState.WITHDRAWN,
    ]


def test_an_hour_in_own_words_is_confirmed_by_its_author(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)

    with pytest.raises(BadReply, match=r"by 5 pm.*promises an hour.*2026-03-02T17:00"):
        walk.answering.answer(message_id, Words(ANNA.id, "I'll ring you by 5 pm."))
    with pytest.raises(BadReply, match="has passed"):
        walk.answering.answer(message_id, Words(ANNA.id, "I rang you.", clock() - timedelta(hours=1)))
    five = clock().replace(hour=17)
    walk.answering.answer(message_id, Words(ANNA.id, "I'll ring you by 5 pm.", five))

    assert file_of(walk, message_id).case.standing.until == five


# hand-overs -------------------------------------------------------------------------------------------------------


def test_what_is_escalated_is_told_at_once_not_once_it_is_late(
    any_store: SqlStore, make_journey: Callable[..., Journey], queue: RecordingQueue
) -> None:
    class Escalating(SafetyPlaybook):
        @property
        def policy(self) -> Any:
            policy = super().policy
            return replace(policy, rules=(replace(policy.rules[0], team="safety"),))

    walk = make_journey(any_store, playbook=Escalating(action=Action.ESCALATE))
    message_id = says(walk, "The heater smells of smoke")

    [handover] = file_of(walk, message_id).handled.handovers
    assert (handover.to, handover.contact, handover.state) == ("safety", "safety officer", HandOverState.OPEN)
    [notice_id] = queue.of(NOTIFY)
    with walk.store() as work:
        assert work.notices.get(notice_id).recipient == "safety@example.org"


def test_a_hand_over_is_answered_once_and_the_customer_is_told_by_a_person(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)
    goes_out(walk, clock, approves(walk, message_id))
    case_id = file_of(walk, message_id).case.id
    handover = walk.handing_over.hand_over(case_id, to="safety", by=ANNA.id, reason="Is it dangerous?")
    assert file_of(walk, message_id).case.standing.state is CaseState.HANDED_OVER

    walk.handing_over.take(handover.id, by="safety officer")
    clock.advance(60)
    walk.handing_over.answer(handover.id, by="safety officer", text="No, but she should unplug it. 4111111111111111")

    file = file_of(walk, message_id)
    assert file.case.standing.state is CaseState.OPEN
    assert [note.text for note in file.handled.notes][-1] == "No, but she should unplug it. [card_number]"
    with pytest.raises(Conflict, match="answered already"):
        walk.handing_over.answer(handover.id, by="safety officer", text="Again.")
    clock.advance(60)
    goes_out(walk, clock, walk.answering.answer(message_id, Words(ANNA.id, "Please unplug it.")))
    assert file_of(walk, message_id).case.standing.state is CaseState.WAITING_FOR_CUSTOMER


def test_a_hand_over_that_nobody_answers_comes_back(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)
    goes_out(walk, clock, approves(walk, message_id))
    case_id = file_of(walk, message_id).case.id
    walk.handing_over.hand_over(case_id, to="safety", by=ANNA.id, reason="")

    clock.advance(2.1 * 3600)
    assert lapse_handovers(walk.store, now=clock()) == {"handover.lapsed": 1}

    assert placed(walk, View.NOW_DUE) == [case_id]


def test_who_takes_a_lapsed_hand_over_takes_the_newer_one_to_the_same_team(walk: Journey, clock: FixedClock) -> None:
    case_id = file_of(walk, says(walk)).case.id
    lapsed = walk.handing_over.hand_over(case_id, to="safety", by=ANNA.id, reason="")
    clock.advance(2.1 * 3600)
    lapse_handovers(walk.store, now=clock())
    newer = walk.handing_over.hand_over(case_id, to="safety", by=BEN.id, reason="")

    taken = walk.handing_over.take(lapsed.id, by="safety officer")

    assert (taken.id, taken.state) == (newer.id, HandOverState.TAKEN)
    walk.handing_over.call_back(newer.id, by=ANNA.id)
    assert walk.handing_over.take(lapsed.id, by="safety officer").id == lapsed.id


def test_a_hand_over_to_nobody_reachable_says_who_is(walk: Journey) -> None:
    case_id = file_of(walk, says(walk)).case.id

    with pytest.raises(BadInput, match="safety"):
        walk.handing_over.hand_over(case_id, to="legal", by=ANNA.id, reason="")
    walk.handing_over.hand_over(case_id, to="safety", by=ANNA.id, reason="")
    with pytest.raises(Conflict, match="already"):
        walk.handing_over.hand_over(case_id, to="safety", by=ANNA.id, reason="")


class Claiming(SafetyPlaybook):
    """Its draft says that safety has the matter."""

    def draft(self, assessed: Any, *, agent: str = "") -> Any:
        drafted = super().draft(assessed, agent=agent)
        claims = Draft("safety@1", "Our safety team has your message.", handed_to="safety")
        return replace(drafted, drafts=(claims,))


def test_a_draft_that_says_somebody_has_it_goes_out_once_they_do(
    any_store: SqlStore, make_journey: Callable[..., Journey]
) -> None:
    walk = make_journey(any_store, playbook=Claiming())
    message_id = says(walk)

    with pytest.raises(BadReply, match="safety has the matter, and nobody handed it over"):
        approves(walk, message_id, "Our safety team has your message.")
    walk.handing_over.hand_over(file_of(walk, message_id).case.id, to="safety", by=ANNA.id, reason="")

    assert approves(walk, message_id, "Our safety team has your message.").sending.stage is ReplyStage.PENDING


def test_a_reply_that_says_somebody_has_it_is_held_when_they_are_called_back_before_it_goes(
    any_store: SqlStore, make_journey: Callable[..., Journey], clock: FixedClock, channel: StubChannel
) -> None:
    walk = make_journey(any_store, playbook=Claiming(), undo_s={"*": 10.0})
    message_id = says(walk)
    handed = walk.handing_over.hand_over(file_of(walk, message_id).case.id, to="safety", by=ANNA.id, reason="")
    reply = approves(walk, message_id, "Our safety team has your message.")

    walk.handing_over.call_back(handed.id, by=ANNA.id)
    held = goes_out(walk, clock, reply)

    assert (held.sending.stage, channel.takes) == (ReplyStage.HELD, [])
    assert "safety has the matter" in (held.sending.problem or "")


# nothing stale goes out -------------------------------------------------------------------------------------------


def test_a_message_inside_the_undo_window_holds_the_reply_with_its_text(
    walk: Journey, clock: FixedClock, channel: StubChannel
) -> None:
    reply = approves(walk, says(walk, "Please cancel it"), "It is cancelled.")

    again = says(walk, "no wait, do NOT cancel", n=2)
    held = goes_out(walk, clock, reply)

    assert (held.sending.stage, held.said.text, channel.takes) == (ReplyStage.HELD, "It is cancelled.", [])
    assert "wrote again" in (held.sending.problem or "")
    assert file_of(walk, again).case.id in placed(walk, View.NOW_DUE)
    walk.answering.send_again(reply.id, by=ANNA.id)
    assert goes_out(walk, clock, reply).sending.stage is ReplyStage.SENT


def test_nobody_approves_what_the_customer_has_overtaken(walk: Journey) -> None:
    suggestion = suggestion_of(walk, says(walk))
    says(walk, "still nothing", n=2, prepare=False)

    with pytest.raises(StaleVersion, match="wrote again"):
        walk.approve(suggestion.id, Approval(ANNA.id, "We are on it.", 1))


@pytest.mark.parametrize("change", ["taken", "resolved", "handed over"])
def test_what_somebody_else_did_since_holds_a_reply(
    walk: Journey, clock: FixedClock, channel: StubChannel, change: str
) -> None:
    message_id = says(walk)
    reply = approves(walk, message_id)
    case_id = file_of(walk, message_id).case.id
    clock.advance(1)
    {
        "taken": lambda: walk.casework.assign(case_id, by=BEN.id, to=BEN.id),
        "resolved": lambda: walk.casework.resolve(case_id, by=BEN.id),
        "handed over": lambda: walk.handing_over.hand_over(case_id, to="safety", by=BEN.id, reason=""),
    }[change]()

    assert goes_out(walk, clock, reply).sending.stage is ReplyStage.HELD
    assert channel.takes == []


def test_what_its_own_author_did_since_holds_nothing(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)
    reply = approves(walk, message_id)
    clock.advance(1)
    walk.casework.assign(file_of(walk, message_id).case.id, by=ANNA.id, to=ANNA.id)
    walk.casework.resolve(file_of(walk, message_id).case.id, by=ANNA.id)

    assert goes_out(walk, clock, reply).sending.stage is ReplyStage.SENT


def test_what_was_written_in_rehearsal_or_for_a_sample_never_reaches_a_live_channel(
    walk: Journey, clock: FixedClock, channel: StubChannel
) -> None:
    channel.is_rehearsal = True
    rehearsed = approves(walk, says(walk))
    [demo_id] = walk.receive([replace(inbound(outside_id="d1", thread_key="demo"), is_sample=True)])
    walk.prepare(demo_id)
    sample = approves(walk, demo_id)
    channel.is_rehearsal = False

    assert {goes_out(walk, clock, message_id).sending.stage for message_id in (rehearsed, sample)} == {ReplyStage.HELD}
    assert channel.takes == []


# what comes in ----------------------------------------------------------------------------------------------------


def test_what_one_of_us_wrote_on_the_network_is_our_answer(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)
    clock.advance(60)
    ours = replace(inbound("I called her.", outside_id="o1", handle="shop", written_at=clock()), answers="kim")

    assert walk.receive([ours]) == []

    file = file_of(walk, message_id)
    assert file.case.standing.state is CaseState.WAITING_FOR_CUSTOMER
    assert [(turn.text, turn.by_customer, turn.author) for turn in file.thread][-1] == ("I called her.", False, "shop")
    with pytest.raises(Conflict):
        walk.approve(suggestion_of(walk, message_id).id, Approval(ANNA.id, "We are on it.", 1))


def test_a_machines_mail_is_seen_and_opens_nothing(walk: Journey, clock: FixedClock) -> None:
    message_id = says(walk)
    goes_out(walk, clock, approves(walk, message_id))
    away = altered(inbound("I am away.", outside_id="a1"), automatic="out of office")

    assert walk.receive([away]) == []

    assert file_of(walk, message_id).case.standing.state is CaseState.WAITING_FOR_CUSTOMER
    with walk.store() as work:
        kept = work.messages.find("chat", "a1")
    assert kept is not None
    assert kept.origin.automatic == "out of office"


def test_a_picture_without_words_goes_to_a_person_and_its_name_is_masked(walk: Journey) -> None:
    picture = Attachment("4111111111111111.jpg", "image/jpeg", 4_000, "a cracked leg")
    sent: Inbound = replace(inbound("", outside_id="p1"), attachments=(picture,))
    [message_id] = walk.receive([sent])
    walk.prepare(message_id)

    file = file_of(walk, message_id)
    assert [(attachment.name, attachment.alt) for attachment in file.message.attachments] == [
        ("[card_number].jpg", "a cracked leg")
    ]
    assert file.case.id in placed(walk, View.NOW_DUE)


def test_a_parked_message_is_taken_up_again(
    any_store: SqlStore, make_journey: Callable[..., Journey], clock: FixedClock
) -> None:
    playbook = StubPlaybook(error=RuntimeError("boom"))
    walk = make_journey(any_store, playbook=playbook)
    message_id = says(walk, prepare=False)
    for _ in range(5):
        with pytest.raises(RuntimeError):
            walk.prepare(message_id)
        clock.advance(61)
    assert file_of(walk, message_id).work == "parked"
    playbook.error = None

    walk.casework.take_up(message_id, by=ANNA.id)
    walk.prepare(message_id)

    assert file_of(walk, message_id).work == "open"
    with pytest.raises(Conflict, match="not parked"):
        walk.casework.take_up(message_id, by=ANNA.id)


def test_records_of_one_customer_are_joined_and_parted_with_evidence(walk: Journey) -> None:
    from care.customer import Identity

    first, second = says(walk, handle="kim"), says(walk, n=2, handle="kim_d", thread_key="t2")
    kept, moved = (file_of(walk, message_id).case.customer_id for message_id in (first, second))
    assert kept is not None

    move = walk.casework.join(Identity("chat", "kim_d"), to_customer=kept, by=ANNA.id, evidence="Same order number.")
    both = {file_of(walk, message_id).case.id for message_id in (first, second)}
    with walk.store() as work:
        assert {case.id for case in work.cases.of_customer(kept)} == both
    walk.casework.part(move.id, by=BEN.id)

    assert file_of(walk, second).case.customer_id == moved

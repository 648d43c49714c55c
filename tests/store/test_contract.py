"""What care asks of a store, on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from care.access import Scope, ServiceKey, Session
from care.answering import Words
from care.classification import Correction
from care.decision import Action
from care.errors import AlreadyDecided, BadCursor, BadInput, Conflict, NotFound, StaleVersion
from care.journey import Journey
from care.lists import NOBODY, Clock, Narrowing, View
from care.message import Turn
from care.offline import OfflineState
from care.reply import Approval, Rejection, RejectReason, Reply, ReplyStage, Suggestion, SuggestionState
from care.satisfaction import Satisfaction
from care.sensitive import Handling
from store.work import SqlStore
from tests.doubles import ANNA, MONDAY, FixedClock, StubClassifier, StubPlaybook, altered, classification, inbound


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey]) -> Journey:
    return make_journey(any_store)


def received(walk: Journey, number: int = 1, **fields: object) -> str:
    [message_id] = walk.receive([inbound(outside_id=f"m{number}", **fields)])  # type: ignore[arg-type]
    return message_id


def suggested(walk: Journey, store: SqlStore, number: int = 1, **fields: object) -> Suggestion:
    message_id = received(walk, number, **fields)
    walk.prepare(message_id)
    with store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    return suggestion


def approved(walk: Journey, store: SqlStore, number: int = 1, **fields: object) -> Reply:
    suggestion = suggested(walk, store, number, **fields)
    return walk.approve(suggestion.id, Approval(by=ANNA.id, text="We are on it.", version=suggestion.choice.version))


# messages ---------------------------------------------------------------------------------------------------------


def test_a_message_comes_back_as_it_was_kept(walk: Journey, any_store: SqlStore) -> None:
    message_id = received(walk, text="Käse 🧀 100%_ \\ tab\tline\r\nend", thread_key="ünïcode", handle="ж")

    with any_store() as work:
        message = work.messages.get(message_id)
        assert message.text == "Käse 🧀 100%_ \\ tab\tline\r\nend"
        assert work.messages.find("chat", "m1") == message
        assert (message.origin.thread_key, message.author.handle, message.received_at) == ("ünïcode", "ж", MONDAY)


def test_the_same_outside_id_is_kept_once_and_rung_once(walk: Journey, any_store: SqlStore, queue) -> None:
    first = received(walk)

    assert walk.receive([inbound(text="again"), inbound(text="and again")]) == []
    assert queue.of("prepare") == [first]


def test_what_a_database_cannot_keep_is_replaced_one_for_one(walk: Journey, any_store: SqlStore) -> None:
    message_id = received(walk, text="a\x00b\ud800c\x1bd", handle="k\x00m")

    with any_store() as work:
        assert work.messages.get(message_id).text == "a\ufffdb\ufffdc\ufffdd"
        assert work.messages.get(message_id).author.handle == "k\ufffdm"


def test_an_outside_id_that_no_index_holds_is_refused_in_words(walk: Journey) -> None:
    with pytest.raises(BadInput, match="at most 500"):
        walk.receive([inbound(outside_id="x" * 3000)])


def test_turns_are_what_was_said_before_oldest_first(walk: Journey, any_store: SqlStore, clock: FixedClock) -> None:
    reply = approved(walk, any_store, text="Where is it?")
    clock.advance(60)
    walk.deliver(reply.id)
    clock.advance(60)
    second = received(walk, 2, text="Still nothing", written_at=clock())

    with any_store() as work:
        message = work.messages.get(second)
        before = work.messages.turns(message.thread_id, until=message.origin.written_at)
        assert [(turn.text, turn.by_customer) for turn in before] == [("Where is it?", True), ("We are on it.", False)]
        assert [turn.text for turn in work.messages.turns(message.thread_id, limit=2)] == [
            "We are on it.",
            "Still nothing",
        ]
        assert isinstance(before[0], Turn)
        assert {turn.customer for turn in before} == {"kim"}
        assert work.messages.latest(message.thread_id).id == second
        assert work.messages.previous("chat", "t1", "kim") == message
        assert work.messages.previous("chat", "t1", "somebody else") is None


def test_what_is_not_there_is_not_found(any_store: SqlStore) -> None:
    with any_store() as work:
        for ask in (
            lambda: work.messages.get("msg_0"),
            lambda: work.messages.latest("thr_0"),
            lambda: work.suggestions.get("sug_0"),
            lambda: work.replies.get("rpl_0"),
            lambda: work.cases.file("msg_0"),
            lambda: work.cases.lock("cas_0"),
            lambda: work.cases.get("cas_0"),
            lambda: work.cases.latest("cas_0"),
            lambda: work.handovers.get("hov_0"),
            lambda: work.customers.get("cus_0"),
            lambda: work.access.revoke_key("key_0", at=MONDAY),
        ):
            with pytest.raises(NotFound):
                ask()


# tasks ------------------------------------------------------------------------------------------------------------


def test_a_task_is_claimed_by_one_until_its_lease_ends(walk: Journey, any_store: SqlStore, clock: FixedClock) -> None:
    message_id = received(walk)

    with any_store() as work:
        lease = work.tasks.claim(message_id, lease_s=90)
        assert lease is not None
        assert lease.until == clock() + timedelta(seconds=90)
        assert work.tasks.claim(message_id, lease_s=90) is None
    clock.advance(91)
    with any_store() as work:
        taken_over = work.tasks.claim(message_id, lease_s=90)
        assert taken_over is not None
        assert not work.tasks.finish(lease)
        assert work.tasks.finish(taken_over)
        assert work.tasks.claim(message_id, lease_s=90) is None


def test_a_task_that_fails_waits_longer_each_time_and_is_parked_in_the_end(
    any_store: SqlStore, make_journey: Callable[..., Journey], clock: FixedClock
) -> None:
    walk = make_journey(any_store, playbook=StubPlaybook(error=RuntimeError("card 4111")))
    message_id = received(walk)

    for _ in range(5):
        with pytest.raises(RuntimeError):
            walk.prepare(message_id)
        walk.prepare(message_id)  # not due yet: nobody claims it
        clock.advance(61)
    walk.prepare(message_id)

    with any_store() as work:
        case = work.cases.file(message_id)
        assert (case.work, case.problem) == ("parked", "RuntimeError")
        assert [case.message.id for case in work.lists.page(View.NOW_DUE).cases] == [message_id]
        assert work.trail.events(after=0)[-1].event == "task.parked"


def test_a_message_that_kills_its_worker_three_times_is_parked(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    message_id = received(walk)

    for _ in range(3):
        with any_store() as work:
            assert work.tasks.claim(message_id, lease_s=90) is not None
        clock.advance(91)
        with any_store() as work:
            done = work.recovery.expired_tasks()

    assert done == {"tasks_waiting": 1, "tasks_parked": 1}
    with any_store() as work:
        assert work.tasks.claim(message_id, lease_s=90) is None
        assert work.recovery.unrung_tasks(unrung_s=0) == []


def test_a_silent_task_is_rung_again_but_not_at_once(walk: Journey, any_store: SqlStore, clock: FixedClock) -> None:
    message_id = received(walk)

    with any_store() as work:
        assert work.recovery.unrung_tasks(unrung_s=10) == []
    clock.advance(10)
    with any_store() as work:
        assert work.recovery.unrung_tasks(unrung_s=10) == [message_id]
        assert work.recovery.unrung_tasks(unrung_s=10) == []


def test_a_task_that_failed_is_rung_as_soon_as_its_wait_has_ended(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    message_id = received(walk)
    with any_store() as work:
        lease = work.tasks.claim(message_id, lease_s=90)
        assert lease is not None
        work.tasks.fail(lease, problem="RuntimeError")

    with any_store() as work:
        assert work.recovery.unrung_tasks(unrung_s=3600) == []
    clock.advance(1)
    with any_store() as work:
        assert work.recovery.unrung_tasks(unrung_s=3600) == [message_id]
        assert work.recovery.unrung_tasks(unrung_s=3600) == []


def test_what_waits_longest_is_rung_first(walk: Journey, any_store: SqlStore, clock: FixedClock) -> None:
    put_off, second = received(walk, 1, thread_key="t1"), received(walk, 2, thread_key="t2")
    with any_store() as work:
        lease = work.tasks.claim(put_off, lease_s=90)
        assert lease is not None
        work.tasks.fail(lease, problem="RuntimeError")
    clock.advance(10)

    with any_store() as work:
        assert work.recovery.unrung_tasks(unrung_s=10, limit=1) == [second]


# classifications ----------------------------------------------------------------------------------------------------


def test_the_latest_classification_and_the_latest_correction_count(walk: Journey, any_store: SqlStore) -> None:
    message_id = received(walk)

    with any_store() as work:
        work.classifications.save(message_id, classification(intent="praise"))
        work.classifications.save(message_id, classification(intent="outage"))
        for label in ("spam", "outage_report"):
            work.classifications.correct(Correction(message_id, "intent", "outage", label, agent=ANNA.id))
    with any_store() as work:
        assert work.classifications.get(message_id) == classification(intent="outage")
        assert work.cases.file(message_id).corrections == (("intent", "outage_report"),)
        assert work.classifications.get("msg_0") is None


# suggestions --------------------------------------------------------------------------------------------------------


def test_a_later_message_supersedes_the_open_suggestion_of_its_thread(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    first = suggested(walk, any_store, 1)
    clock.advance(1)
    second = suggested(walk, any_store, 2)
    other_thread = suggested(walk, any_store, 3, thread_key="t2")

    with any_store() as work:
        assert work.suggestions.get(first.id).choice.state is SuggestionState.SUPERSEDED
        assert work.suggestions.get(second.id).choice.state is SuggestionState.PROPOSED
        assert work.suggestions.get(other_thread.id).choice.state is SuggestionState.PROPOSED
    with pytest.raises(AlreadyDecided, match="superseded"):
        walk.approve(first.id, Approval(by=ANNA.id, text="Late.", version=1))


def test_an_earlier_message_that_is_prepared_late_supersedes_nothing(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    early = received(walk, 1)
    clock.advance(1)
    late = suggested(walk, any_store, 2)

    walk.prepare(early)

    with any_store() as work:
        assert work.suggestions.get(late.id).choice.state is SuggestionState.PROPOSED
        case = work.cases.file(early)
        assert case.suggestion is not None
        assert case.suggestion.choice.state is SuggestionState.SUPERSEDED


def test_a_suggestion_is_decided_once_and_at_the_version_that_was_read(walk: Journey, any_store: SqlStore) -> None:
    suggestion = suggested(walk, any_store)

    with pytest.raises(StaleVersion):
        walk.approve(suggestion.id, Approval(by=ANNA.id, text="We are on it.", version=7))
    walk.answering.reject(suggestion.id, Rejection(by=ANNA.id, version=1, reason=RejectReason.WRONG_TONE))
    with pytest.raises(AlreadyDecided, match="rejected by per_anna"):
        walk.approve(suggestion.id, Approval(by="per_ben", text="We are on it.", version=1))

    with any_store() as work:
        decided = work.suggestions.get(suggestion.id)
        assert (decided.choice.version, decided.choice.decided_by, decided.choice.reject_reason) == (
            2,
            ANNA.id,
            "wrong_tone",
        )


# replies ------------------------------------------------------------------------------------------------------------


def test_a_suggestion_has_one_live_reply(walk: Journey, any_store: SqlStore) -> None:
    reply = approved(walk, any_store)

    with pytest.raises(AlreadyDecided, match="by per_anna"), any_store() as work:
        work.replies.add(altered(reply, id="rpl_2", idempotency_key="idem_2", approved_by="per_ben"))
    with any_store() as work:
        assert [kept.id for kept in work.replies.of_message(reply.message_id)] == [reply.id]


def test_a_reply_that_was_taken_back_makes_room_for_another(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    reply = approved(walk, any_store)

    walk.answering.withdraw(reply.id, by=ANNA.id)
    clock.advance(1)

    with any_store() as work:
        case = work.cases.file(reply.message_id)
    assert case.work == "open"
    assert case.reply is None
    assert case.suggestion is not None
    again = walk.approve(
        case.suggestion.id, Approval(by=ANNA.id, text="Better words.", version=case.suggestion.choice.version)
    )
    with any_store() as work:
        assert [kept.sending.stage for kept in work.replies.of_message(reply.message_id)] == [
            ReplyStage.WITHDRAWN,
            ReplyStage.PENDING,
        ]
        assert work.cases.file(reply.message_id).reply == again


@pytest.mark.parametrize("nobody", ["tactful", "key_01", "", "PERSON", "perx1"])
def test_the_database_itself_refuses_an_approval_that_no_person_gave(
    walk: Journey, any_store: SqlStore, nobody: str
) -> None:
    suggestion = suggested(walk, any_store)

    with pytest.raises(IntegrityError):
        walk.approve(suggestion.id, Approval(by=nobody, text="We are on it.", version=1))

    with any_store() as work:
        assert work.suggestions.get(suggestion.id).choice.state is SuggestionState.PROPOSED
        assert work.replies.of_message(suggestion.message_id) == []


def test_a_reply_is_claimed_once_when_it_is_due(walk: Journey, any_store: SqlStore, clock: FixedClock) -> None:
    reply = approved(replace(walk, undo_s={"*": 10.0}), any_store)

    with any_store() as work:
        assert work.replies.claim(reply.id, lease_s=60) is None
    clock.advance(10)
    with any_store() as work:
        claimed = work.replies.claim(reply.id, lease_s=60)
        assert claimed is not None
        assert claimed[0] == reply.with_sending(stage=ReplyStage.CLAIMED, attempt=1)
        assert work.replies.claim(reply.id, lease_s=60) is None


def test_replies_of_one_thread_leave_in_the_order_of_their_approval(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    first = approved(walk, any_store, 1)
    clock.advance(1)
    second = walk.answering.answer(first.message_id, Words(ANNA.id, "One more thing."))
    elsewhere = approved(walk, any_store, 3, thread_key="t2")

    with any_store() as work:
        assert work.replies.claim(second.id, lease_s=60) is None
        assert work.replies.claim(elsewhere.id, lease_s=60) is not None
        assert work.replies.claim(first.id, lease_s=60) is not None
    walk.answering.withdraw(second.id, by=ANNA.id)


def test_nobody_takes_off_with_a_lease_that_has_run_out(walk: Journey, any_store: SqlStore, clock: FixedClock) -> None:
    reply = approved(walk, any_store)
    with any_store() as work:
        claimed = work.replies.claim(reply.id, lease_s=60)
    assert claimed is not None

    clock.advance(60)

    with any_store() as work:
        assert work.replies.enter_flight(*claimed) is None


def test_a_sender_that_slept_past_its_lease_cannot_write_over_the_next_attempt(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    reply = approved(walk, any_store)
    with any_store() as work:
        claimed = work.replies.claim(reply.id, lease_s=60)
        assert claimed is not None
        flying = work.replies.enter_flight(*claimed)
        assert flying is not None
    clock.advance(61)
    with any_store() as work:
        assert work.recovery.expired_replies(idempotent_channels=frozenset()) == {"replies_unknown": 1}
    walk.answering.send_again(reply.id, by=ANNA.id)
    with any_store() as work:
        assert work.replies.claim(reply.id, lease_s=60) is not None

    with any_store() as work:
        assert not work.replies.save(flying.moved(ReplyStage.FAILED, problem="late"), was=ReplyStage.INFLIGHT)
        assert work.replies.get(reply.id).sending.stage is ReplyStage.CLAIMED


def test_late_proof_that_a_reply_is_out_still_counts(walk: Journey, any_store: SqlStore, clock: FixedClock) -> None:
    reply = approved(walk, any_store)
    with any_store() as work:
        claimed = work.replies.claim(reply.id, lease_s=60)
        assert claimed is not None
        flying = work.replies.enter_flight(*claimed)
        assert flying is not None
    clock.advance(61)
    with any_store() as work:
        work.recovery.expired_replies(idempotent_channels=frozenset())
    walk.answering.send_again(reply.id, by=ANNA.id)

    with any_store() as work:
        assert work.replies.save(
            flying.moved(ReplyStage.SENT, receipt="out-1", sent_at=clock()), was=ReplyStage.INFLIGHT
        )
    with any_store() as work:
        assert work.replies.claim(reply.id, lease_s=60) is None
        assert work.replies.find(channel="chat", receipt="out-1") == work.replies.get(reply.id)


def test_expired_leases_go_where_nothing_is_sent_twice(walk: Journey, any_store: SqlStore, clock: FixedClock) -> None:
    replies = [approved(walk, any_store, n, thread_key=f"t{n}") for n in (1, 2)]
    with any_store() as work:
        for reply, flies in zip(replies, (False, True), strict=True):
            claimed = work.replies.claim(reply.id, lease_s=60)
            assert claimed is not None
            assert not flies or work.replies.enter_flight(*claimed)
    clock.advance(60)

    with any_store() as work:
        done = work.recovery.expired_replies(idempotent_channels=frozenset({"another"}))
        again = work.recovery.expired_replies(idempotent_channels=frozenset({"another"}))

    assert (done, again) == ({"replies_unknown": 1, "replies_pending": 1}, {})
    with any_store() as work:
        assert [work.replies.get(reply.id).sending.stage for reply in replies] == [
            ReplyStage.PENDING,
            ReplyStage.UNKNOWN,
        ]
        assert work.recovery.unrung_replies(unrung_s=3600) == [replies[0].id]
        assert "reply.unknown" in [event.event for event in work.trail.events(after=0)]


def test_an_interrupted_reply_is_sent_again_where_the_channel_takes_the_key_twice(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    reply = approved(walk, any_store)

    for expected in ("replies_again", "replies_again", "replies_unknown"):
        with any_store() as work:
            claimed = work.replies.claim(reply.id, lease_s=60)
            assert claimed is not None
            work.replies.enter_flight(*claimed)
        clock.advance(60)
        with any_store() as work:
            assert work.recovery.expired_replies(idempotent_channels=frozenset({"chat"})) == {expected: 1}


def test_a_reply_that_stops_its_worker_three_times_fails_and_can_be_sent_again(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    reply = approved(walk, any_store)
    for _ in range(3):
        with any_store() as work:
            assert work.replies.claim(reply.id, lease_s=60) is not None
        clock.advance(60)
        with any_store() as work:
            done = work.recovery.expired_replies(idempotent_channels=frozenset())
    assert done["replies_failed"] == 1

    walk.answering.send_again(reply.id, by=ANNA.id)

    with any_store() as work:
        assert work.recovery.expired_replies(idempotent_channels=frozenset()) == {}
        assert work.replies.claim(reply.id, lease_s=60) is not None


def test_a_reply_is_rung_as_soon_as_its_undo_window_has_ended(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    reply = approved(replace(walk, undo_s={"*": 10.0}), any_store)

    clock.advance(9)
    with any_store() as work:
        assert work.recovery.unrung_replies(unrung_s=3600) == []
    clock.advance(1)
    with any_store() as work:
        assert work.recovery.unrung_replies(unrung_s=3600) == [reply.id]
        assert work.recovery.unrung_replies(unrung_s=3600) == []


# the desk -----------------------------------------------------------------------------------------------------------


def test_each_message_that_waits_for_us_is_in_exactly_one_list(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    preparing = received(walk, 1, thread_key="t1")
    due = suggested(walk, any_store, 2, thread_key="t2").message_id
    flagged = suggested(walk, any_store, 3, thread_key="t3", text="my card 4111111111111111").message_id
    on_its_way = approved(walk, any_store, 4, thread_key="t4").message_id
    dismissed = suggested(walk, any_store, 5, thread_key="t5")
    walk.answering.dismiss(dismissed.id, by=ANNA.id, version=1)
    rejected = suggested(walk, any_store, 6, thread_key="t6")
    walk.answering.reject(rejected.id, Rejection(by=ANNA.id, version=1, reason=RejectReason.OTHER))

    with any_store() as work:
        lists = {view: {case.message.id for case in work.lists.page(view).cases} for view in View}
        counts = work.lists.counts(agent=ANNA.id)

    assert lists[View.NOW_DUE] == {due, rejected.message_id}
    assert lists[View.OFFLINE] == {flagged}
    assert lists[View.WAITING] == {preparing, on_its_way}
    assert len(lists[View.ALL]) == 6
    assert lists[View.MINE] == set()
    assert counts == {view: len(ids) for view, ids in lists.items()}


def test_a_reply_that_did_not_get_out_is_due_for_a_person(
    any_store: SqlStore, make_journey: Callable[..., Journey], clock: FixedClock
) -> None:
    walk = make_journey(any_store)
    reply = approved(walk, any_store)
    with any_store() as work:
        claimed = work.replies.claim(reply.id, lease_s=60)
        assert claimed is not None
        work.replies.enter_flight(*claimed)
    clock.advance(60)

    with any_store() as work:
        work.recovery.expired_replies(idempotent_channels=frozenset())
        [case] = work.lists.page(View.NOW_DUE).cases

    assert case.reply is not None
    assert case.reply.sending.stage is ReplyStage.UNKNOWN
    assert "may or may not" in str(case.problem)


def test_an_offline_matter_leaves_its_list_when_it_is_closed_where_it_began(
    any_store: SqlStore, make_journey: Callable[..., Journey]
) -> None:
    walk = make_journey(any_store, playbook=StubPlaybook(action=Action.TAKE_OFFLINE))
    reply = approved(walk, any_store)
    with any_store() as work:
        case = work.cases.file(reply.message_id)
    case_id = case.message.case_id
    assert case.offline is not None

    with pytest.raises(Conflict):
        walk.casework.resolve(case_id, by=ANNA.id)
    with any_store() as work:
        assert work.lists.counts()[View.OFFLINE] == 1
    walk.casework.move_offline(case_id, OfflineState.CONTACTED, by=ANNA.id)
    walk.answering.close_in_public(reply.message_id, Words(ANNA.id, "Solved with you on the phone."))
    walk.casework.resolve(case_id, by=ANNA.id)

    with any_store() as work:
        assert work.lists.counts()[View.OFFLINE] == 0
        assert work.cases.file(reply.message_id).case.is_resolved
        task = work.offline.of_case(case_id)
        assert task is not None
        assert (task.state, task.changed_by) == (OfflineState.CLOSED, ANNA.id)


def test_a_thread_has_one_open_offline_task(any_store: SqlStore, make_journey: Callable[..., Journey]) -> None:
    walk = make_journey(any_store, playbook=StubPlaybook(action=Action.TAKE_OFFLINE))
    first = suggested(walk, any_store, 1)
    suggested(walk, any_store, 2)

    with any_store() as work:
        case_id = work.messages.get(first.message_id).case_id
        task = work.offline.of_case(case_id)
        assert task is not None
        assert task.message_id == first.message_id
        assert not work.offline.open(replace(task, id="off_2"))
        work.offline.save(replace(task, state=OfflineState.WAIVED, waiver="came to the shop"))
        assert work.offline.open(replace(task, id="off_2"))


def test_the_open_task_of_a_thread_holds_the_kinds_of_every_flagged_message(walk: Journey, any_store: SqlStore) -> None:
    first, second = (
        suggested(walk, any_store, number, text=text) for number, text in ((1, "4111111111111111"), (2, "secret:tuna"))
    )

    with any_store() as work:
        task = work.offline.of_case(work.messages.get(second.message_id).case_id)
    assert task is not None
    assert (task.message_id, task.categories) == (first.message_id, ("card_number", "password"))


def test_pages_follow_on_each_other_without_gap_or_repeat(
    walk: Journey, any_store: SqlStore, clock: FixedClock
) -> None:
    ids = []
    for number in range(11):
        ids.append(suggested(walk, any_store, number, thread_key=f"t{number}").message_id)
        clock.advance(number % 3)

    for view in (View.NOW_DUE, View.ALL):
        seen: list[str] = []
        cursor = None
        with any_store() as work:
            while True:
                page = work.lists.page(view, limit=4, cursor=cursor)
                seen += [case.message.id for case in page.cases]
                cursor = page.next_cursor
                if cursor is None:
                    break
        assert sorted(seen) == sorted(ids)
        assert len(seen) == len(ids)


@pytest.mark.parametrize(
    "cursor", ["", "x", "AAAA", "bm9uc2Vuc2U", "W10", "🧀", "WyJhbGwiLCAibm90IGEgZGF0ZSIsIDAsICJpZCJd", "[" * 9999]
)
def test_a_cursor_that_is_not_ours_is_refused(any_store: SqlStore, cursor: str) -> None:
    with any_store() as work, pytest.raises(BadCursor, match="first page"):
        work.lists.page(View.ALL, cursor=cursor)


def test_a_cursor_of_one_list_does_not_fit_another(walk: Journey, any_store: SqlStore) -> None:
    for number in range(3):
        suggested(walk, any_store, number, thread_key=f"t{number}")

    with any_store() as work:
        cursor = work.lists.page(View.ALL, limit=1).next_cursor
        with pytest.raises(BadCursor, match="this list"):
            work.lists.page(View.NOW_DUE, cursor=cursor)


def the_case(store: SqlStore, number: int) -> str:
    with store() as work:
        message = work.messages.find("chat", f"m{number}")
        assert message is not None
        return message.case_id


def found_by(store: SqlStore, **narrowing: Any) -> list[str]:
    with store() as work:
        page = work.lists.page(View.ALL, only=Narrowing(**narrowing))
        return sorted(case.message.origin.outside_id for case in page.cases)


def test_a_search_finds_whole_cases_by_the_words_of_both_sides(walk: Journey, any_store: SqlStore) -> None:
    received(walk, 1, thread_key="t1", text="The kettle of order AB-10442 arrived broken", handle="lena_k")
    received(walk, 2, thread_key="t2", text="Le café était froid", handle="per_cent")
    received(walk, 3, thread_key="t3", text="Order 10442-AB is another one; 配達が遅い")
    walk.casework.note(the_case(any_store, 1), by=ANNA.id, text="Asked the warehouse for a replacement")

    assert found_by(any_store, search="ab-10442") == ["m1"]
    assert found_by(any_store, search="10442") == ["m1", "m3"]
    assert found_by(any_store, search="broken LENA") == ["m1"]
    assert found_by(any_store, search="kett warehou") == ["m1"]
    assert found_by(any_store, search="broken warehouse nobody") == []
    assert found_by(any_store, search="cafe") == ["m2"]
    assert found_by(any_store, search='"arrived broken"') == ["m1"]
    assert found_by(any_store, search='"broken arrived"') == []
    assert found_by(any_store, search="遅い") == ["m3"]


def test_a_search_takes_no_signs_of_its_own(walk: Journey, any_store: SqlStore) -> None:
    received(walk, 1, text="give me 100% now")

    for search in ("' OR 1=1 --", "%", "_", "\\", '"', "NEAR(", "a:*b", "-give", "* ^", "(now", "now) & !give"):
        assert found_by(any_store, search=search) in ([], ["m1"])
    assert found_by(any_store, search="%") == []
    assert found_by(any_store, search="give NOT now") == []


def test_a_search_never_finds_masked_digits(walk: Journey, any_store: SqlStore) -> None:
    received(walk, 1, text="my card is <PAYMENT_CARD 411111…1111>, charged twice")

    assert found_by(any_store, search="charged") == ["m1"]
    for search in ("1111", "411111", "411111…1111", "4111 1111", "PAYMENT_CARD", "card 1111"):
        assert found_by(any_store, search=search) == [], search


def test_a_reply_that_was_taken_back_is_not_found(walk: Journey, any_store: SqlStore) -> None:
    reply = approved(walk, any_store)

    assert found_by(any_store, search='"on it"') == ["m1"]
    walk.answering.withdraw(reply.id, by=ANNA.id)
    assert found_by(any_store, search='"on it"') == []


def test_a_list_is_narrowed_by_what_a_case_is_about_now(walk: Journey, any_store: SqlStore) -> None:
    suggestion = suggested(walk, any_store)
    with any_store() as work:
        file = work.cases.file(suggestion.message_id)
    labels = {**file.labels, "team": file.decision.team, "language": "en"}

    for task, label in labels.items():
        assert found_by(any_store, labels={task: label}) == ["m1"], task
        assert found_by(any_store, labels={task: "another"}) == [], task
    walk.casework.relabel(suggestion.message_id, by=ANNA.id, labels={"intent": "praise"})
    assert found_by(any_store, labels={"intent": "praise"}) == ["m1"]
    assert found_by(any_store, labels={"intent": labels["intent"]}) == []
    with any_store() as work:
        assert work.lists.labels()["intent"] == ["praise"]


def test_a_list_is_narrowed_by_who_has_a_case_and_by_its_clock(walk: Journey, any_store: SqlStore) -> None:
    suggestion = suggested(walk, any_store)

    assert found_by(any_store, assignee=NOBODY) == ["m1"]
    walk.casework.assign(suggestion.case_id, by=ANNA.id, to=ANNA.id)
    assert found_by(any_store, assignee=NOBODY) == []
    assert found_by(any_store, assignee=ANNA.id) == ["m1"]
    assert sorted(clock for clock in Clock if found_by(any_store, clock=clock) == ["m1"]) in (
        [["late"], ["soon"], ["later"]]
    )


def test_a_page_can_be_of_one_channel_and_of_one_agent(walk: Journey, any_store: SqlStore) -> None:
    walk.casework.assign(suggested(walk, any_store).case_id, by=ANNA.id, to=ANNA.id)

    with any_store() as work:
        assert work.lists.page(View.ALL, only=Narrowing(channel="x")).cases == ()
        [mine] = work.lists.page(View.MINE, agent=ANNA.id).cases
        assert mine.case.assignment.assigned_to == ANNA.id
        assert work.lists.page(View.MINE, agent="per_ben").cases == ()
        assert work.lists.counts(agent=ANNA.id)[View.MINE] == 1


def test_lists_to_work_through_stand_by_due_time_then_priority(
    any_store: SqlStore, make_journey: Callable[..., Journey]
) -> None:
    ids = {}
    for number, (due_s, points) in enumerate(((600, 10), (60, 10), (600, 90))):
        walk = make_journey(any_store, playbook=StubPlaybook(due_s=due_s, points=points))
        ids[(due_s, points)] = suggested(walk, any_store, number, thread_key=f"t{number}").message_id

    with any_store() as work:
        order = [case.message.id for case in work.lists.page(View.NOW_DUE).cases]

    assert order == [ids[(60, 10)], ids[(600, 90)], ids[(600, 10)]]


# the trail ------------------------------------------------------------------------------------------------------------


def test_the_trail_tells_every_step_in_order_without_words(walk: Journey, any_store: SqlStore) -> None:
    reply = approved(walk, any_store, text="My parcel is lost")
    walk.deliver(reply.id)

    with any_store() as work:
        events = work.trail.events(after=0)
        assert work.trail.last() == events[-1].place
        assert work.trail.events(after=events[1].place, limit=1) == [events[2]]

    assert [event.event for event in events][:3] == [
        "message.received",
        "message.classified",
        "suggestion.created",
    ]
    assert events[-1].event == "reply.sent"
    assert [event.number for event in events] == sorted({event.number for event in events})
    assert "on it" not in repr(events)
    assert "parcel" not in repr(events)


def test_a_step_that_fails_leaves_neither_change_nor_trail(any_store: SqlStore) -> None:
    class Oops(Exception):
        pass

    def fail() -> None:
        with any_store() as work:
            work.messages.thread_id("chat", "t9")
            work.note("thread.made", "thr_9", by="test")
            raise Oops

    with pytest.raises(Oops):
        fail()

    with any_store() as work:
        assert work.trail.events(after=0) == []


def test_a_fact_that_could_be_somebodys_words_is_left_out(any_store: SqlStore) -> None:
    with any_store() as work:
        work.note(
            "x", "id", by="test", facts={"long": "word " * 99, "lines": "a\nb", "list": ["a"], "n": 3, "ok": "yes"}
        )

    with any_store() as work:
        [event] = work.trail.events(after=0)
    assert event.facts["n"] == 3
    assert event.facts["ok"] == "yes"
    assert {event.facts[name] for name in ("long", "lines")} == {"(str left out)"}
    assert event.facts["list"] == "(list left out)"


# access ---------------------------------------------------------------------------------------------------------------


def test_people_sessions_and_keys_come_back_as_they_were_kept(any_store: SqlStore) -> None:
    session = Session("hash", ANNA.id, "csrf", MONDAY, MONDAY, MONDAY + timedelta(hours=8))
    key = ServiceKey("key_1", "shop", "tact_ab", "keyhash", frozenset({Scope.READ, Scope.CLASSIFY}), MONDAY)

    with any_store() as work:
        work.access.add_session(session)
        work.access.add_key(key)
        work.access.touch_session("hash", seen_at=MONDAY + timedelta(minutes=5))
    with any_store() as work:
        assert work.access.person(email="ANNA@example.test") == ANNA
        assert work.access.person(id=ANNA.id) == ANNA
        assert work.access.person() is None
        assert [person.id for person in work.access.people()] == ["per_anna", "per_ben"]
        assert work.access.session("hash") == replace(session, seen_at=MONDAY + timedelta(minutes=5))
        assert work.access.key("keyhash") == key
        work.access.revoke_key("key_1", at=MONDAY)
        work.access.revoke_key("key_1", at=MONDAY + timedelta(days=1))
        work.access.save_person(replace(ANNA, is_active=False))
        work.access.end_sessions(person_id=ANNA.id)
    with any_store() as work:
        assert [kept.revoked_at for kept in work.access.keys()] == [MONDAY]
        assert work.access.person(id=ANNA.id) == replace(ANNA, is_active=False)
        assert work.access.session("hash") is None


def test_an_address_belongs_to_one_person(any_store: SqlStore) -> None:
    with pytest.raises(Conflict), any_store() as work:
        work.access.add_person(replace(ANNA, id="per_other", email="Anna@Example.test"))


# figures --------------------------------------------------------------------------------------------------------------


def test_figures_count_what_is_there(walk: Journey, any_store: SqlStore) -> None:
    received(walk, 1, thread_key="t1")
    sent = approved(walk, any_store, 2, thread_key="t2")
    walk.deliver(sent.id)
    walk.casework.override(sent.message_id, by=ANNA.id, team="legal", reason="Her solicitor writes.")

    with any_store() as work:
        thread_id = work.messages.get(sent.message_id).thread_id
        work.surveys.ask(Satisfaction(thread_id, sent.id, asked_at=MONDAY))
        work.surveys.close(thread_id, message_id=sent.message_id, score=4)
        assert work.lists.figures() == {
            "cases": {"new": 1, "waiting_for_customer": 1},
            "promises": {},
            "handovers": {},
            "replies": {"sent": 1},
            "tasks": {"waiting": 1, "done": 1},
            "notices": {},
            "sensitive": {"allow": 2},
            "offline": {},
            "corrections": {"team": 1},
            "satisfaction": {"4": 1},
            "quarantine": {},
        }


def test_a_withheld_message_is_kept_out_of_sight(any_store: SqlStore, make_journey: Callable[..., Journey]) -> None:
    from tests.doubles import StubRedactor

    walk = make_journey(any_store, redactor=StubRedactor(is_broken=True), classifier=StubClassifier())
    message_id = received(walk, text="my card is 4111111111111111")

    walk.prepare(message_id)

    with any_store() as work:
        [case] = work.lists.page(View.OFFLINE).cases
    assert case.message.masking.handling is Handling.WITHHELD
    assert "4111" not in repr(case.message.text)

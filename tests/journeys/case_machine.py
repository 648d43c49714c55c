"""Two customers, two colleagues, one channel, clocks and dying workers in any order, to find a broken law.

The suite runs it a little (`test_case_machine.py`), `benchmarks/case_machine.py` long and on both databases.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from care.answering import Words
from care.case import CaseState, standing
from care.channel_rules import ChannelRules
from care.clocks import break_promises, climb, lapse_handovers, wake_snoozed
from care.errors import ChannelBusy, ChannelRefused, ChannelUnclear, TactfulError
from care.handover import HandOverState
from care.journey import Journey
from care.lists import Clock, Narrowing, View
from care.message import Visibility
from care.offline import OfflineState
from care.policy import EscalationStep
from care.ports import Assessment, Drafted
from care.promise import PromiseState
from care.reply import NOT_SAID, Approval, Draft, Rejection, RejectReason, Reply, ReplyStage, SuggestionState
from care.snoozing import snooze, wake
from store.work import open_store
from tests.doubles import (
    ANNA,
    BEN,
    FixedClock,
    RecordingQueue,
    StubChannel,
    StubClassifier,
    StubPlaybook,
    StubRedactor,
    StubTone,
    inbound,
)
from tests.journeys.dying import CrashingStore, crashing
from workers.sweep import sweep

CUSTOMERS = ("kim", "lee")
PEOPLE = (ANNA.id, BEN.id)
TEXTS = ("Where is it?", "my card 4111111111111111", "There is smoke.")
OUTCOMES = (None, ChannelBusy("chat", retry_after_s=5), ChannelRefused("chat", "no"), ChannelUnclear("chat", "timeout"))
DIES = st.sampled_from([None, None, None, (1, True), (1, False), (2, True), (2, False), (3, True), (3, False)])
"""Around which commit from now a process ends, and whether before it; mostly none does."""
WORK = ("resolve", "reopen", "take", "off", "waive", "snooze", "wake")
OFFICER = "safety"
CLAIM = "Our officer has your message."
SAID = (ReplyStage.SENT, ReplyStage.DELIVERED)
RULES = ChannelRules("chat", True, 280, "graphemes", 10, "a direct message", "", "", "", "", pointer="We wrote to you.")


class Team(StubPlaybook):
    """A playbook with one contact that can be told, and a draft for smoke that says the contact has the matter."""

    @property
    def policy(self) -> Any:
        ladder = (EscalationStep("officer", timedelta(0), timedelta(hours=2), "officer@example.org"),)
        return replace(super().policy, steps={OFFICER: ladder})

    def draft(self, assessed: Assessment, *, agent: str = "") -> Drafted:
        if "smoke" not in assessed.message.text:
            return super().draft(assessed, agent=agent)
        draft = Draft("smoke@00000001", CLAIM, "Smoke", handed_to=OFFICER)
        return Drafted((draft,), "")


@dataclass
class WatchedChannel(StubChannel):
    """A channel that asks about the law at the very moment when something goes out."""

    watch: Callable[[Reply], None] = field(default=lambda _: None)

    def send(self, reply: Reply) -> str:
        self.watch(reply)
        return super().send(reply)


def machine(new_url: Callable[[], str]) -> type[RuleBasedStateMachine]:
    """The machine, over a fresh and migrated database for each run."""

    class CaseMachine(RuleBasedStateMachine):
        @initialize()
        def open_up(self) -> None:
            self.clock, self.queue = FixedClock(), RecordingQueue()
            self.channel = WatchedChannel("chat", watch=self.what_goes_out_is_still_true)
            self.raw = open_store(new_url(), clock=self.clock)
            with self.raw() as work:
                for person in (ANNA, BEN):
                    work.access.add_person(person)
            self.store = CrashingStore(self.raw)
            self.walk = Journey(
                store=self.store,
                channels={"chat": self.channel},
                redactor=StubRedactor(),
                classifier=StubClassifier(),
                playbook=Team(channels={"chat": RULES}),
                tone=StubTone(),
                queue=self.queue,
                clock=self.clock,
                undo_s={"*": 10.0},
            )
            self.n = 0
            self.accepted: set[str] = set()
            self.messages: list[str] = []

        def teardown(self) -> None:
            if hasattr(self, "raw"):
                self.raw.close()

        @contextmanager
        def process(self, dies: tuple[int, bool] | None) -> Any:
            """A process that may end inside, and whose refusals are no news."""
            with crashing(self.store, dies), suppress(TactfulError):
                yield

        # what happens -----------------------------------------------------------------------------------------------

        @rule(
            who=st.sampled_from(CUSTOMERS),
            text=st.sampled_from(TEXTS),
            where=st.sampled_from(Visibility),
            dies=DIES,
        )
        def a_customer_writes(self, who: str, text: str, where: Visibility, dies: tuple[int, bool] | None) -> None:
            self.n += 1
            self.clock.advance(1)
            id = f"m{self.n}"
            sent = inbound(
                text, outside_id=id, thread_key=f"t-{who}", handle=who, written_at=self.clock(), visibility=where
            )
            with self.process(dies):
                self.walk.receive([sent])
                self.accepted.add(id)
            with self.raw(read=True) as work:
                kept = work.messages.find("chat", id)
            if kept is not None:
                self.messages.append(kept.id)
                assert self.walk.receive([sent]) == []

        @precondition(lambda self: self.messages)
        @rule(at=st.integers(0, 50), dies=DIES)
        def a_worker_prepares(self, at: int, dies: tuple[int, bool] | None) -> None:
            with self.process(dies):
                self.walk.prepare(self.messages[at % len(self.messages)])

        @rule()
        def workers_prepare_all(self) -> None:
            for message_id in self.messages:
                self.walk.prepare(message_id)

        @rule(
            who=st.sampled_from(CUSTOMERS),
            text=st.sampled_from(TEXTS),
            pointer=st.sampled_from([None, RULES.pointer]),
        )
        def a_message_goes_the_usual_way(self, who: str, text: str, pointer: str | None) -> None:
            """Written, read, handed over where its draft says so, approved: chance alone seldom gets there."""
            self.a_customer_writes(who, text, Visibility.PUBLIC, None)
            last = len(self.messages) - 1
            self.a_worker_prepares(last, None)
            if text == TEXTS[-1]:
                self.a_matter_is_handed_over(last, "open", None)
            self.somebody_approves(last, ANNA.id, None, pointer, None)

        @precondition(lambda self: self.messages)
        @rule(
            at=st.integers(0, 50),
            by=st.sampled_from(PEOPLE),
            hours=st.sampled_from([None, 1, 5]),
            pointer=st.sampled_from([None, RULES.pointer]),
            dies=DIES,
        )
        def somebody_approves(
            self, at: int, by: str, hours: int | None, pointer: str | None, dies: tuple[int, bool] | None
        ) -> None:
            suggestion = self.file(at).suggestion
            if suggestion is None:
                return
            until = self.clock() + timedelta(hours=hours) if hours else None
            text = suggestion.drafts[0].text if suggestion.drafts else "We are on it."
            with self.process(dies):
                self.walk.approve(
                    suggestion.id, Approval(by, text, suggestion.choice.version, promise=until, pointer=pointer)
                )

        @precondition(lambda self: self.messages)
        @rule(at=st.integers(0, 50), by=st.sampled_from(PEOPLE), hours=st.sampled_from([None, 2]), dies=DIES)
        def somebody_writes_their_own_words(
            self, at: int, by: str, hours: int | None, dies: tuple[int, bool] | None
        ) -> None:
            until = self.clock() + timedelta(hours=hours) if hours else None
            with self.process(dies):
                self.walk.answering.answer(self.file(at).message.id, Words(by, "One more thing.", until))

        @precondition(lambda self: self.messages)
        @rule(at=st.integers(0, 50), what=st.sampled_from(["reject", "dismiss", "reconsider"]), dies=DIES)
        def somebody_decides_otherwise(self, at: int, what: str, dies: tuple[int, bool] | None) -> None:
            suggestion, work = self.file(at).suggestion, self.walk.answering
            if suggestion is None:
                return
            with self.process(dies):
                if what == "reject":
                    work.reject(suggestion.id, Rejection(ANNA.id, suggestion.choice.version, RejectReason.OTHER))
                elif what == "dismiss":
                    work.dismiss(suggestion.id, by=ANNA.id, version=suggestion.choice.version)
                else:
                    work.reconsider(suggestion.id, by=ANNA.id)

        @precondition(lambda self: self.messages)
        @rule(
            at=st.integers(0, 50),
            n=st.integers(0, 5),
            what=st.sampled_from(["withdraw", "send_again", "mark_sent"]),
            dies=DIES,
        )
        def somebody_looks_at_a_reply_again(self, at: int, n: int, what: str, dies: tuple[int, bool] | None) -> None:
            replies = self.file(at).handled.replies
            if not replies:
                return
            reply = replies[n % len(replies)]
            if what == "send_again" and any(taken.id == reply.id for taken in self.channel.takes):
                return  # a person looked, and it is there
            with self.process(dies):
                getattr(self.walk.answering, what)(reply.id, by=BEN.id)

        @precondition(lambda self: self.messages)
        @rule(at=st.integers(0, 50), what=st.sampled_from(["open", "take", "answer", "call back"]), dies=DIES)
        def a_matter_is_handed_over(self, at: int, what: str, dies: tuple[int, bool] | None) -> None:
            file, work = self.file(at), self.walk.handing_over
            with self.process(dies):
                if what == "open":
                    work.hand_over(file.case.id, to=OFFICER, by=ANNA.id, reason="")
                for handover in file.handled.handovers:
                    if what == "take":
                        work.take(handover.id, by="officer")
                    elif what == "answer":
                        work.answer(handover.id, by="officer", text="Unplug it.")
                    elif what == "call back":
                        work.call_back(handover.id, by=ANNA.id)

        @precondition(lambda self: self.messages)
        @rule(at=st.integers(0, 50), by=st.sampled_from(PEOPLE), what=st.sampled_from(WORK), dies=DIES)
        def somebody_works_on_a_case(self, at: int, by: str, what: str, dies: tuple[int, bool] | None) -> None:
            case, work = self.file(at).case, self.walk.casework
            with self.process(dies):
                if what == "resolve":
                    work.resolve(case.id, by=by)
                elif what == "reopen":
                    work.reopen(case.id, by=by)
                    opened = self.file(at).case
                    assert opened.due_at is not None
                    assert opened.state is not CaseState.WAITING_FOR_CUSTOMER
                elif what == "take":
                    work.assign(case.id, by=by, to=by)
                elif what == "snooze":
                    snooze(self.store, case.id, by=by, until=self.clock() + timedelta(hours=3), now=self.clock())
                elif what == "wake":
                    wake(self.store, case.id, by=by)
                elif what == "off":
                    work.move_offline(case.id, OfflineState.CONTACTED, by=by)
                else:
                    work.move_offline(case.id, OfflineState.WAIVED, by=by, waiver="By phone.")

        @rule(outcome=st.sampled_from(OUTCOMES), dies=DIES)
        def what_is_approved_goes_out(self, outcome: Exception | None, dies: tuple[int, bool] | None) -> None:
            with self.raw(read=True) as work:
                ids = [reply.id for at in self.messages for reply in work.replies.of_message(at)]
            for reply_id in ids:
                self.channel.errors = [outcome]
                with self.process(dies):
                    self.walk.deliver(reply_id)
            self.channel.errors = []

        @rule(seconds=st.sampled_from([5, 15, 120, 1800, 7200]), dies=DIES)
        def time_passes(self, seconds: int, dies: tuple[int, bool] | None) -> None:
            self.clock.advance(seconds)
            # Whatever dies in between: the next round of the clocks finds what is due.
            for ending in (dies, None):
                with self.process(ending):
                    sweep(self.store, self.queue, {"chat": self.channel}, unrung_s=5)  # type: ignore[arg-type]
                    break_promises(self.store, now=self.clock())
                    lapse_handovers(self.store, now=self.clock())
                    wake_snoozed(self.store)
                    climb(self.store, self.walk.playbook.policy, now=self.clock())

        # the laws ---------------------------------------------------------------------------------------------------

        def what_goes_out_is_still_true(self, reply: Reply) -> None:
            """At the moment of sending: the customer has not written again, nobody has it who is said to."""
            with self.raw(read=True) as work:
                file = work.cases.file(reply.message_id)
                assert file.case.turn == reply.consent.turn, "a stale reply goes out"
                if reply.said.text == CLAIM:
                    has_it = [
                        handover
                        for handover in file.handled.handovers
                        if handover.state is not HandOverState.CALLED_BACK
                    ]
                    assert has_it, "the reply says that the officer has it, and nobody does"

        @invariant()
        def nothing_accepted_is_lost(self) -> None:
            if not hasattr(self, "raw"):
                return
            with self.raw(read=True) as work:
                assert all(work.messages.find("chat", id) is not None for id in self.accepted)

        @invariant()
        def every_message_is_in_its_case_and_every_case_in_a_list_with_its_clock(self) -> None:
            if not hasattr(self, "raw"):
                return
            with self.raw(read=True) as work:
                shown = {file.case.id: file for file in work.lists.page(View.ALL, limit=200).cases}
                placed = [
                    file.case.id
                    for view in (View.NOW_DUE, View.OFFLINE, View.WAITING)
                    for file in work.lists.page(view, limit=200).cases
                ]
                assert len(placed) == len(set(placed))
                for message_id in self.messages:
                    assert work.messages.get(message_id).case_id in shown
                for case_id, file in shown.items():
                    case = file.case
                    kept = standing(work.cases.facts(case))
                    stands = case.standing
                    assert replace(stands, priority=kept.priority) == kept
                    if case.standing.state not in (CaseState.RESOLVED, CaseState.WAITING_FOR_CUSTOMER):
                        assert case.standing.due_at is not None
                        assert case_id in placed

        @invariant()
        def what_is_out_of_sight_was_snoozed_and_nothing_happened_since(self) -> None:
            if not hasattr(self, "raw"):
                return
            with self.raw(read=True) as work:
                for file in work.lists.page(View.ALL, limit=200, only=Narrowing(clock=Clock.SNOOZED)).cases:
                    kept = file.handled.snooze
                    assert kept is not None
                    assert file.case.turn == kept.turn
                    assert file.case.standing.state in (CaseState.NEW, CaseState.OPEN)
                    said = [reply for reply in file.handled.replies if reply.sending.stage not in NOT_SAID]
                    assert all(reply.consent.approved_at <= kept.made_at for reply in said)
                    broken = [promise for promise in file.handled.promises if promise.state is PromiseState.BROKEN]
                    assert all(promise.ended_at <= kept.made_at for promise in broken)

        @invariant()
        def nothing_is_said_that_nobody_approved_and_nothing_twice(self) -> None:
            if not hasattr(self, "raw"):
                return
            assert all(taken.consent.approved_by in PEOPLE for taken in self.channel.takes)
            assert all(count == 1 for count in Counter(taken.id for taken in self.channel.takes).values())
            with self.raw(read=True) as work:
                for message_id in self.messages:
                    said = [reply for reply in work.replies.of_message(message_id) if reply.suggestion_id]
                    live = Counter(
                        reply.suggestion_id for reply in said if reply.sending.stage is not ReplyStage.WITHDRAWN
                    )
                    for suggestion_id, count in live.items():
                        assert count == 1
                        assert work.suggestions.get(suggestion_id or "").choice.state is SuggestionState.APPROVED

        @invariant()
        def no_word_in_public_points_to_an_answer_that_did_not_go(self) -> None:
            if not hasattr(self, "raw"):
                return
            with self.raw(read=True) as work:
                for file in work.lists.page(View.ALL, limit=200).cases:
                    answers = {reply.id: reply for reply in file.handled.replies}
                    for pointer in file.handled.replies:
                        answer = answers.get(pointer.answer_id or "")
                        if answer is None:
                            continue
                        if pointer.sending.stage in (
                            ReplyStage.CLAIMED,
                            ReplyStage.INFLIGHT,
                            ReplyStage.UNKNOWN,
                            *SAID,
                        ):
                            assert answer.sending.stage in SAID
                        if pointer.sending.stage is ReplyStage.PENDING:
                            assert answer.sending.stage in (
                                ReplyStage.PENDING,
                                ReplyStage.CLAIMED,
                                ReplyStage.INFLIGHT,
                                *SAID,
                            )
                        if answer.sending.stage is ReplyStage.WITHDRAWN:
                            assert pointer.sending.stage is ReplyStage.WITHDRAWN

        @invariant()
        def every_open_promise_was_said(self) -> None:
            if not hasattr(self, "raw"):
                return
            with self.raw(read=True) as work:
                for file in work.lists.page(View.ALL, limit=200).cases:
                    stages = {reply.id: reply.sending.stage for reply in file.handled.replies}
                    still_open = [kept for kept in file.handled.promises if kept.is_open]
                    assert len(still_open) <= 1
                    for promise in still_open:
                        assert stages[promise.reply_id] not in (ReplyStage.WITHDRAWN, ReplyStage.FAILED)

        def file(self, at: int) -> Any:
            with self.raw(read=True) as work:
                return work.cases.file(self.messages[at % len(self.messages)])

    return CaseMachine

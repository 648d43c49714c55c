"""Whatever people, customers, channels, clocks and dying workers do, in whatever order: the laws of a case hold."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from care.answering import Words
from care.case import CaseState, standing
from care.channel_rules import ChannelRules
from care.clocks import break_promises, climb, lapse_handovers
from care.errors import ChannelBusy, ChannelRefused, ChannelUnclear, TactfulError
from care.journey import Journey
from care.lists import View
from care.message import Visibility
from care.offline import OfflineState
from care.policy import EscalationStep
from care.reply import Approval, Rejection, RejectReason, Stage, SuggestionState
from store.migrate import migrate
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
from workers.sweep import sweep

CUSTOMERS = ("kim", "lee")
PEOPLE = (ANNA.id, BEN.id)
WORK = ("resolve", "reopen", "take", "off", "waive")
OUTCOMES = (None, ChannelBusy("chat", retry_after_s=5), ChannelRefused("chat", "no"), ChannelUnclear("chat", "timeout"))
SAID = (Stage.SENT, Stage.DELIVERED)
RULES = ChannelRules("chat", True, 280, "graphemes", 10, "a direct message", "", "", "", "", pointer="We wrote to you.")


class Team(StubPlaybook):
    """A playbook with one contact that can be told."""

    @property
    def policy(self) -> Any:
        ladder = (EscalationStep("officer", timedelta(0), timedelta(hours=2), "officer@example.org"),)
        return replace(super().policy, steps={"safety": ladder})


class CaseMachine(RuleBasedStateMachine):
    """Two customers, two colleagues, one channel that does what it likes, and time."""

    @initialize()
    def open_up(self) -> None:
        self.folder = TemporaryDirectory()
        url = f"sqlite:///{Path(self.folder.name) / 'tactful.db'}"
        migrate(url)
        self.clock, self.queue, self.channel = FixedClock(), RecordingQueue(), StubChannel("chat")
        self.store = open_store(url, clock=self.clock)
        with self.store() as work:
            for person in (ANNA, BEN):
                work.access.add_person(person)
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
        self.messages: list[str] = []
        self.released: set[str] = set()

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    # what happens ----------------------------------------------------------------------------------------------------

    @rule(
        who=st.sampled_from(CUSTOMERS),
        text=st.sampled_from(["Where is it?", "my card 4111111111111111"]),
        where=st.sampled_from(Visibility),
    )
    def a_customer_writes(self, who: str, text: str, where: Visibility) -> None:
        self.n += 1
        self.clock.advance(1)
        sent = inbound(text, outside_id=f"m{self.n}", handle=who, written_at=self.clock(), visibility=where)
        self.messages += self.walk.receive([sent])
        assert self.walk.receive([sent]) == []

    @rule()
    def a_worker_prepares(self) -> None:
        for message_id in self.messages:
            self.walk.prepare(message_id)

    @precondition(lambda self: self.messages)
    @rule(at=st.integers(0, 50))
    def a_worker_dies_while_it_prepares(self, at: int) -> None:
        with self.store() as work:
            work.tasks.claim(self.messages[at % len(self.messages)], lease_s=30)

    @precondition(lambda self: self.messages)
    @rule(
        at=st.integers(0, 50),
        by=st.sampled_from(PEOPLE),
        hours=st.sampled_from([None, 1, 5]),
        pointer=st.sampled_from([None, RULES.pointer]),
    )
    def somebody_approves(self, at: int, by: str, hours: int | None, pointer: str | None) -> None:
        file = self._file(at)
        if file.suggestion is None:
            return
        until = self.clock() + timedelta(hours=hours) if hours else None
        said = Approval(by, "We are on it.", file.suggestion.version, promise=until, pointer=pointer)
        with suppress(TactfulError):
            self.walk.approve(file.suggestion.id, said)

    @precondition(lambda self: self.messages)
    @rule(at=st.integers(0, 50), by=st.sampled_from(PEOPLE), hours=st.sampled_from([None, 2]))
    def somebody_writes_their_own_words(self, at: int, by: str, hours: int | None) -> None:
        until = self.clock() + timedelta(hours=hours) if hours else None
        with suppress(TactfulError):
            self.walk.answering.answer(self._file(at).message.id, Words(by, "One more thing.", until))

    @precondition(lambda self: self.messages)
    @rule(at=st.integers(0, 50), what=st.sampled_from(["reject", "dismiss", "reconsider"]))
    def somebody_decides_otherwise(self, at: int, what: str) -> None:
        suggestion = self._file(at).suggestion
        if suggestion is None:
            return
        no = Rejection(ANNA.id, suggestion.version, RejectReason.OTHER)
        with suppress(TactfulError):
            {
                "reject": lambda: self.walk.answering.reject(suggestion.id, no),
                "dismiss": lambda: self.walk.answering.dismiss(suggestion.id, by=ANNA.id, version=suggestion.version),
                "reconsider": lambda: self.walk.answering.reconsider(suggestion.id, by=ANNA.id),
            }[what]()

    @precondition(lambda self: self.messages)
    @rule(at=st.integers(0, 50), n=st.integers(0, 5), what=st.sampled_from(["withdraw", "again", "sent"]))
    def somebody_looks_at_a_reply_again(self, at: int, n: int, what: str) -> None:
        replies = self._file(at).handled.replies
        if not replies:
            return
        reply = replies[n % len(replies)]
        with suppress(TactfulError):
            if what == "withdraw":
                self.walk.answering.withdraw(reply.id, by=BEN.id)
            elif what == "again":
                self.walk.answering.send_again(reply.id, by=BEN.id)
                self.released.add(reply.id)
            else:
                self.walk.answering.mark_sent(reply.id, by=BEN.id)

    @precondition(lambda self: self.messages)
    @rule(at=st.integers(0, 50), what=st.sampled_from(["open", "take", "answer", "call back"]))
    def a_matter_is_handed_over(self, at: int, what: str) -> None:
        file = self._file(at)
        with suppress(TactfulError):
            if what == "open":
                self.walk.handing_over.hand_over(file.case.id, to="safety", by=ANNA.id, reason="")
            for one in file.handled.handovers:
                if what == "take":
                    self.walk.handing_over.take(one.id, by="officer")
                elif what == "answer":
                    self.walk.handing_over.answer(one.id, by="officer", text="Unplug it.")
                elif what == "call back":
                    self.walk.handing_over.call_back(one.id, by=ANNA.id)

    @precondition(lambda self: self.messages)
    @rule(
        at=st.integers(0, 50),
        by=st.sampled_from(PEOPLE),
        what=st.sampled_from(["resolve", "reopen", "take", "off", "waive"]),
    )
    def somebody_works_on_a_case(self, at: int, by: str, what: str) -> None:
        case = self._file(at).case
        work = self.walk.casework
        with suppress(TactfulError):
            {
                "resolve": lambda: work.resolve(case.id, by=by),
                "reopen": lambda: work.reopen(case.id, by=by),
                "take": lambda: work.assign(case.id, by=by, to=by),
                "off": lambda: work.move_offline(case.id, OfflineState.CONTACTED, by=by),
                "waive": lambda: work.move_offline(case.id, OfflineState.WAIVED, by=by, waiver="By phone."),
            }[what]()
            if what == "reopen":
                opened = self._file(at).case
                assert opened.due_at is not None
                assert opened.state is not CaseState.WAITING_FOR_CUSTOMER

    @rule(outcome=st.sampled_from(OUTCOMES), is_dying=st.booleans())
    def what_is_approved_goes_out(self, outcome: Exception | None, is_dying: bool) -> None:
        with self.store(read=True) as work:
            pending = [
                reply
                for message_id in self.messages
                for reply in work.replies.of_message(message_id)
                if reply.stage is Stage.PENDING
            ]
        for reply in pending:
            if is_dying:
                with self.store() as work:
                    work.replies.claim(reply.id, lease_s=30)
                continue
            self.channel.errors = [outcome]
            with suppress(ChannelBusy):
                self.walk.deliver(reply.id)
        self.channel.errors = []

    @rule(seconds=st.sampled_from([5, 15, 120, 1800, 7200]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds)
        sweep(self.store, self.queue, {"chat": self.channel}, silent_s=5)  # type: ignore[arg-type]
        break_promises(self.store, now=self.clock())
        lapse_handovers(self.store, now=self.clock())
        climb(self.store, self.walk.playbook.policy, now=self.clock())

    # what always holds -----------------------------------------------------------------------------------------------

    @invariant()
    def every_message_is_in_its_case_and_every_case_in_a_list(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store(read=True) as work:
            shown = {file.case.id: file for file in work.lists.page(View.ALL, limit=200).cases}
            placed = [
                file.case.id
                for view in (View.NOW_DUE, View.OFFLINE, View.WAITING)
                for file in work.lists.page(view, limit=200).cases
            ]
            for message_id in self.messages:
                assert work.messages.get(message_id).case_id in shown
            assert len(placed) == len(set(placed))
            for case_id, file in shown.items():
                case = file.case
                kept = standing(work.cases.facts(case))
                assert (case.state, case.due_at, case.until) == (kept.state, kept.due_at, kept.until)
                has_clock = case.due_at is not None
                if case.state not in (CaseState.RESOLVED, CaseState.WAITING_FOR_CUSTOMER):
                    assert has_clock
                    assert case_id in placed

    @invariant()
    def nothing_is_said_that_nobody_approved_and_nothing_twice(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store(read=True) as work:
            for message_id in self.messages:
                live: dict[str, int] = {}
                for reply in work.replies.of_message(message_id):
                    assert reply.approved_by in PEOPLE
                    if reply.suggestion_id and reply.stage is not Stage.WITHDRAWN:
                        live[reply.suggestion_id] = live.get(reply.suggestion_id, 0) + 1
                assert all(count == 1 for count in live.values())
                for suggestion_id, _ in live.items():
                    assert work.suggestions.get(suggestion_id).state is SuggestionState.APPROVED
        for taken in self.channel.takes:
            assert taken.approved_by in PEOPLE

    @invariant()
    def no_word_in_public_points_to_an_answer_that_did_not_go(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store(read=True) as work:
            for file in work.lists.page(View.ALL, limit=200).cases:
                answers = {reply.id: reply for reply in file.handled.replies}
                for pointer in file.handled.replies:
                    answer = answers.get(pointer.answer_id or "")
                    if answer is None:
                        continue
                    if pointer.stage in (Stage.CLAIMED, Stage.INFLIGHT, Stage.UNKNOWN, *SAID):
                        assert answer.stage in SAID
                    if pointer.stage is Stage.PENDING:
                        assert answer.stage in (Stage.PENDING, Stage.CLAIMED, Stage.INFLIGHT, *SAID)
                    if answer.stage is Stage.WITHDRAWN:
                        assert pointer.stage is Stage.WITHDRAWN

    @invariant()
    def every_open_promise_was_said(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store(read=True) as work:
            for file in work.lists.page(View.ALL, limit=200).cases:
                stages = {reply.id: reply.stage for reply in file.handled.replies}
                still_open = [one for one in file.handled.promises if one.is_open]
                assert len(still_open) <= 1
                for promise in still_open:
                    assert stages[promise.reply_id] not in (Stage.WITHDRAWN, Stage.FAILED)

    def _file(self, at: int) -> Any:
        with self.store(read=True) as work:
            return work.cases.file(self.messages[at % len(self.messages)])


CaseMachine.TestCase.settings = settings(
    max_examples=150,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=False,
)
TestCaseMachine = CaseMachine.TestCase

"""Any order of steps, crashes, sweeps and outages: nothing lost, nothing invented, nothing sent twice."""

import shutil
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from care.errors import ChannelBusy, ChannelRefused, ChannelUnclear, Conflict
from care.journey import Journey
from care.lists import View
from care.reply import Approval, Rejection, RejectReason, Reply, ReplyStage, SuggestionState
from store.work import open_store
from tests.doubles import (
    ANNA,
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

# The n-th commit from now, and whether just before or just after it; mostly where it hurts, after the channel took it.
CRASH = st.sampled_from([(3, True), None, (1, False), (2, True), (2, False), (3, True), (1, True), (3, False)])
OUTCOME = st.sampled_from(["takes", "busy", "refuses", "unclear", "unclear but taken"])


def machine(template: Path, folder: Path, *, is_idempotent: bool) -> type[RuleBasedStateMachine]:
    class Care(RuleBasedStateMachine):
        n_machines = 0

        @initialize()
        def begin(self) -> None:
            type(self).n_machines += 1
            path = folder / f"{type(self).n_machines}.db"
            shutil.copy(template, path)
            self.clock = FixedClock()
            self.raw = open_store(f"sqlite:///{path}", clock=self.clock)
            # What survives a power cut is tested elsewhere; here is no power to cut.
            with self.raw.engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA synchronous=OFF")
            self.store = CrashingStore(self.raw)
            self.channel = StubChannel("chat", is_idempotent=is_idempotent)
            self.queue = RecordingQueue()
            self.walk = Journey(
                store=self.store,
                channels={"chat": self.channel},
                redactor=StubRedactor(),
                classifier=StubClassifier(),
                playbook=StubPlaybook(),
                tone=StubTone(),
                queue=self.queue,
                clock=self.clock,
                undo_s={"*": 5.0},
            )
            self.acked: set[str] = set()
            self.replies: dict[str, Reply] = {}
            self.sent_again: Counter[str] = Counter()

        def teardown(self) -> None:
            if not hasattr(self, "walk"):
                return
            self.queue.is_away = False
            self.channel.errors.clear()
            for _ in range(40):
                self.clock.advance(100)
                self.queue.rung.clear()
                self.sweep(None)
                for job, id in self.queue.rung:
                    self.step(job, id)
                if self.is_quiet():
                    break
            self.nothing_went_out_twice()
            assert self.is_quiet()
            self.raw.close()

        def is_quiet(self) -> bool:
            with self.raw() as work:
                figures = work.lists.figures()
            moving = {"waiting", "claimed", "pending", "inflight"}
            return not moving & (set(figures["tasks"]) | set(figures["replies"]))

        def step(self, job: str, id: str) -> None:
            with suppress(ChannelBusy):
                if job == "prepare":
                    self.walk.prepare(id)
                else:
                    self.walk.deliver(id)

        @rule(n=st.integers(1, 8), crash=CRASH)
        def receive(self, n: int, crash: tuple[int, bool] | None) -> None:
            ids: list[str] = []
            with crashing(self.store, crash):
                ids = self.walk.receive([inbound(outside_id=f"m{n}", thread_key=f"t{n % 5}")])
                self.acked.add(f"m{n}")
            assert len(ids) <= 1

        @rule(pick=st.integers(0, 50), crash=CRASH)
        def work(self, pick: int, crash: tuple[int, bool] | None) -> None:
            """A worker takes any job that was ever rung: bells may come late, twice and in any order."""
            if not self.queue.rung:
                return
            job, id = self.queue.rung[pick % len(self.queue.rung)]
            with crashing(self.store, crash):
                self.step(job, id)

        @rule(n=st.integers(1, 8), crash=CRASH)
        def hurry(self, n: int, crash: tuple[int, bool] | None) -> None:
            """The usual way in one go, up to a delivery that may crash: chance alone seldom gets there."""
            self.receive(n, None)
            with self.raw() as work:
                message = work.messages.find("chat", f"m{n}")
            assert message is not None
            self.step("prepare", message.id)
            with self.raw() as work:
                suggestion = work.cases.file(message.id).suggestion
            if suggestion is not None and suggestion.choice.state is SuggestionState.PROPOSED:
                approval = Approval(by=ANNA.id, text=f"v{suggestion.choice.version}", version=suggestion.choice.version)
                reply = self.walk.approve(suggestion.id, approval)
                self.replies[reply.id] = reply
                self.clock.advance(6)
                with crashing(self.store, crash):
                    self.step("deliver", reply.id)

        @rule(outcome=OUTCOME)
        def channel_turns(self, outcome: str) -> None:
            errors: dict[str, Exception | None] = {
                "takes": None,
                "busy": ChannelBusy("chat", retry_after_s=30),
                "refuses": ChannelRefused("chat", "no"),
                "unclear": ChannelUnclear("chat", "timed out"),
                "unclear but taken": ChannelUnclear("chat", "timed out"),
            }
            self.channel.errors = [errors[outcome]]
            self.channel.takes_before_error = outcome == "unclear but taken"

        @rule(pick=st.integers(0, 50), crash=CRASH)
        def approve(self, pick: int, crash: tuple[int, bool] | None) -> None:
            with self.raw() as work:
                cases = [case for case in work.lists.page(View.ALL).cases if case.suggestion is not None]
            if not cases:
                return
            suggestion = cases[pick % len(cases)].suggestion
            assert suggestion is not None
            with crashing(self.store, crash):
                try:
                    reply = self.walk.approve(
                        suggestion.id,
                        Approval(by=ANNA.id, text=f"v{suggestion.choice.version}", version=suggestion.choice.version),
                    )
                    self.replies[reply.id] = reply
                except Conflict:
                    assert suggestion.choice.state is not SuggestionState.PROPOSED

        @rule(pick=st.integers(0, 50))
        def reject(self, pick: int) -> None:
            with self.raw() as work:
                cases = [case for case in work.lists.page(View.ALL).cases if case.suggestion is not None]
            if not cases:
                return
            suggestion = cases[pick % len(cases)].suggestion
            assert suggestion is not None
            try:
                self.walk.answering.reject(
                    suggestion.id, Rejection(by=ANNA.id, version=suggestion.choice.version, reason=RejectReason.OTHER)
                )
            except Conflict:
                pass

        @precondition(lambda self: self.replies)
        @rule(pick=st.integers(0, 50), crash=CRASH)
        def withdraw(self, pick: int, crash: tuple[int, bool] | None) -> None:
            reply_id = sorted(self.replies)[pick % len(self.replies)]
            if any(taken.id == reply_id for taken in self.channel.takes):
                return  # what may be out is only taken back by a person who looked
            with crashing(self.store, crash):
                try:
                    self.walk.answering.withdraw(reply_id, by=ANNA.id)
                except Conflict:
                    pass

        @precondition(lambda self: self.replies)
        @rule(pick=st.integers(0, 50))
        def send_again(self, pick: int) -> None:
            """A person looked on the channel, and it is not there."""
            reply_id = sorted(self.replies)[pick % len(self.replies)]
            if any(taken.id == reply_id for taken in self.channel.takes):
                return
            try:
                self.walk.answering.send_again(reply_id, by=ANNA.id)
            except Conflict:
                pass

        @rule(seconds=st.sampled_from([1, 6, 70, 100]))
        def time_passes(self, seconds: int) -> None:
            self.clock.advance(seconds)

        @rule(is_away=st.booleans())
        def queue_turns(self, is_away: bool) -> None:
            self.queue.is_away = is_away

        @rule()
        def queue_forgets(self) -> None:
            self.queue.rung.clear()

        @rule(crash=CRASH)
        def sweep(self, crash: tuple[int, bool] | None) -> None:
            from workers.sweep import sweep

            with crashing(self.store, crash):
                sweep(self.store, self.queue, self.walk.channels, unrung_s=10)  # type: ignore[arg-type]

        @invariant()
        def nothing_went_out_twice(self) -> None:
            if not hasattr(self, "channel"):
                return
            assert all(count == 1 for count in Counter(taken.id for taken in self.channel.takes).values())

        @invariant()
        def the_store_tells_the_truth(self) -> None:
            if not hasattr(self, "raw"):
                return
            with self.raw(read=True) as work:
                kept = [n for n in range(1, 9) if work.messages.find("chat", f"m{n}") is not None]
                taken = {reply.id: reply.said.text for reply in self.channel.takes}
                stages = {id: work.replies.get(id) for id in set(taken) | set(self.replies)}
            assert self.acked <= {f"m{n}" for n in kept}
            for id, reply in stages.items():
                if reply.sending.stage in (ReplyStage.SENT, ReplyStage.DELIVERED):
                    assert id in taken
                if id in taken:
                    assert reply.sending.stage in (ReplyStage.SENT, ReplyStage.INFLIGHT, ReplyStage.UNKNOWN) or (
                        is_idempotent
                        and reply.sending.stage in (ReplyStage.PENDING, ReplyStage.CLAIMED, ReplyStage.FAILED)
                    )
                    # What went out is what a person approved, letter by letter.
                    assert reply.said.text == taken[id]
                    assert reply.consent.approved_by == ANNA.id

    return Care


@pytest.mark.parametrize("is_idempotent", [False, True], ids=["plain channel", "channel with keys"])
def test_whatever_happens_each_reply_goes_out_at_most_once(
    sqlite_template: Path, tmp_path: Path, is_idempotent: bool
) -> None:
    run_state_machine_as_test(
        machine(sqlite_template, tmp_path, is_idempotent=is_idempotent),
        settings=settings(
            max_examples=8,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )

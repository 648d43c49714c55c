"""The life of a message, one method a step: receive, prepare, approve, deliver, acknowledge.

Its two ends need no person and stand in files of their own: `care/intake.py` up to the draft, `care/delivery.py` from
the outbox on. What people do between them stands here.

Each step touches each room once: read once, think, write once, ring at most one bell. No transaction is open while a
model thinks or a channel sends. Every step is safe to run twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from care import offline_path
from care.classification import Correction
from care.decision import Action
from care.delivery import Delivery
from care.errors import BadInput, Conflict, StaleVersion
from care.escalation import Notice, NoticeState
from care.intake import Intake
from care.masking import check_labels, masked
from care.message import Inbound, Message
from care.offline import OfflineState, OfflineTask
from care.outgoing import check_text, new_reply
from care.ports import (
    DELIVER,
    NOTIFY,
    Channel,
    Classifier,
    Clock,
    JobQueue,
    Notifier,
    Playbook,
    Receipt,
    Redactor,
    ToneChecker,
)
from care.reply import Approval, Purpose, Rejection, Reply, Stage, Suggestion, SuggestionState
from care.satisfaction import Satisfaction
from care.work import Store, Work

DEFAULT_UNDO_S = 10.0
"""Where neither the settings nor the playbook say how long a reply can be taken back."""


@dataclass(frozen=True, slots=True)
class Journey:
    """Everything a message's life needs, plugged in by `wiring/assemble.py`.

    undo_s: seconds between approval and sending in which a person can take a reply back, by channel name, over what the
    playbook says; "*" speaks for every channel that is not named. prepare_lease_s, deliver_lease_s: longer than the
    job's own timeout. notifier: tells contacts of the playbook what climbed to them; None in a process that never
    does. console_url: where people reach it.
    """

    store: Store
    channels: Mapping[str, Channel]
    redactor: Redactor
    classifier: Classifier
    playbook: Playbook
    tone: ToneChecker
    queue: JobQueue
    clock: Clock
    undo_s: Mapping[str, float]
    prepare_lease_s: float = 90.0
    deliver_lease_s: float = 60.0
    notifier: Notifier | None = None
    console_url: str = ""
    _intake: Intake = field(init=False, repr=False, compare=False)
    _delivery: Delivery = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        intake = Intake(
            store=self.store,
            redactor=self.redactor,
            classifier=self.classifier,
            playbook=self.playbook,
            tone=self.tone,
            queue=self.queue,
            clock=self.clock,
            lease_s=self.prepare_lease_s,
        )
        delivery = Delivery(
            store=self.store,
            channels=self.channels,
            clock=self.clock,
            lease_s=self.deliver_lease_s,
            redactor=self.redactor,
            notifier=self.notifier,
            console_url=self.console_url,
        )
        # Both ends are made once: a journey does not change.
        object.__setattr__(self, "_intake", intake)
        object.__setattr__(self, "_delivery", delivery)

    # 1. receive, 2. prepare: care/intake.py ---------------------------------------------------------------------

    def receive(self, inbound: Sequence[Inbound]) -> list[str]:
        """Mask and keep messages, each once, then ring for a worker. Returns the ids of those that are new."""
        return self._intake.receive(inbound)

    def prepare(self, message_id: str) -> None:
        """Classify one message, decide, and draft."""
        self._intake.prepare(message_id)

    # 3. a person decides ------------------------------------------------------------------------------------------

    def approve(self, suggestion_id: str, approval: Approval) -> Reply:
        """Turn a suggestion into the one reply that goes out, in a person's name, with the text they saw or wrote.

        Raises NotFound, AlreadyDecided, StaleVersion, BadReply (an open slot, a stopped tone, too long) and
        SensitiveBlocked; nothing is written then.
        """
        with self.store() as work:
            suggestion = work.suggestions.get(suggestion_id)
            message = work.messages.get(suggestion.message_id)
            labels = self._labels(work, message.id)
        check_labels(approval.labels, redactor=self.redactor)
        self._check_text(approval.text, answers=message, labels={**labels, **approval.labels})
        draft = suggestion.drafts[approval.draft] if 0 <= approval.draft < len(suggestion.drafts) else None
        reply = replace(
            self._new_reply(message, text=approval.text, by=approval.by),
            suggestion_id=suggestion.id,
            play=draft.play if draft else None,
            is_edited=draft is None or draft.text != approval.text,
        )
        decided = self._decided(suggestion, SuggestionState.APPROVED, by=approval.by)
        with self.store() as work:
            work.suggestions.decide(decided, from_version=approval.version)
            work.replies.add(reply)
            self._keep_corrections(work, message.id, labels, approval.labels, agent=approval.by)
            event = "suggestion.edited" if reply.is_edited else "suggestion.approved"
            work.note(event, suggestion.id, by=approval.by, facts={"reply_id": reply.id, "play": reply.play})
        self.queue.ring(DELIVER, reply.id)
        return reply

    def reject(self, suggestion_id: str, rejection: Rejection) -> Suggestion:
        """Note that no draft was good enough, and why. The message stays open for a person's own words.

        Raises NotFound, AlreadyDecided, StaleVersion, and SensitiveBlocked for a label that is none.
        """
        check_labels(rejection.labels, redactor=self.redactor)
        with self.store() as work:
            suggestion = work.suggestions.get(suggestion_id)
            decided = replace(
                self._decided(suggestion, SuggestionState.REJECTED, by=rejection.by), reject_reason=rejection.reason
            )
            work.suggestions.decide(decided, from_version=rejection.version)
            labels = self._labels(work, suggestion.message_id)
            self._keep_corrections(work, suggestion.message_id, labels, rejection.labels, agent=rejection.by)
            facts = {"reason": rejection.reason.value, "play": suggestion.drafts[0].play if suggestion.drafts else None}
            work.note("suggestion.rejected", suggestion.id, by=rejection.by, facts=facts)
        return decided

    def dismiss(self, suggestion_id: str, *, by: str, version: int) -> Suggestion:
        """Note that this message needs no answer; it leaves the list."""
        with self.store() as work:
            suggestion = work.suggestions.get(suggestion_id)
            decided = self._decided(suggestion, SuggestionState.DISMISSED, by=by)
            work.suggestions.decide(decided, from_version=version)
            work.note("suggestion.dismissed", suggestion.id, by=by, facts={"message_id": suggestion.message_id})
        return decided

    def answer(self, message_id: str, *, by: str, text: str) -> Reply:
        """Send a person's own words where no suggestion is open: it was rejected, dismissed, or never came.

        Raises what `approve` raises, and Conflict while a suggestion is still open.
        """
        with self.store() as work:
            case = work.desk.case(message_id)
            labels = self._labels(work, message_id)
        if case.suggestion is not None and case.suggestion.state is SuggestionState.PROPOSED:
            raise Conflict("A suggestion is open for this message: accept it, edit it or reject it first.")
        self._check_text(text, answers=case.message, labels=labels)
        reply = replace(self._new_reply(case.message, text=text, by=by), is_edited=True)
        with self.store() as work:
            work.replies.add(reply)
            work.note("reply.written", reply.id, by=by, facts={"message_id": reply.message_id})
        self.queue.ring(DELIVER, reply.id)
        return reply

    def relabel(self, message_id: str, *, by: str, labels: Mapping[str, str]) -> None:
        """Keep a person's labels where they differ from ours: what people correct becomes training data.

        Raises NotFound, and SensitiveBlocked for a label that is none.
        """
        check_labels(labels, redactor=self.redactor)
        with self.store() as work:
            predicted = self._labels(work, message_id)
            self._keep_corrections(work, message_id, predicted, labels, agent=by)
            work.note("message.relabelled", message_id, by=by, facts=dict(labels))

    def override(
        self, message_id: str, *, by: str, reason: str, action: Action | None = None, team: str | None = None
    ) -> None:
        """Put a person's action or team in place of ours, with their reason; both are kept and counted.

        Taking it offline opens the path away from the public. Raises NotFound, BadInput without a reason, and
        Conflict where there is no decision yet.
        """
        if not reason.strip():
            raise BadInput("Say why the decision is another one.")
        check_labels({"team": team or ""}, redactor=self.redactor)
        why = masked(reason.strip(), redactor=self.redactor).text
        with self.store() as work:
            case = work.desk.case(message_id)
            decision = case.decision
            if decision is None:
                raise Conflict("There is no decision to change yet.")
            is_now = {"action": str(decision.action), "team": decision.team}
            wanted = {"action": str(action) if action else is_now["action"], "team": team or is_now["team"]}
            changed = {task: label for task, label in wanted.items() if label != is_now[task]}
            for task, label in changed.items():
                work.classifications.correct(Correction(message_id, task, is_now[task], label, by, why))
            if changed.get("action") == Action.TAKE_OFFLINE:
                offline_path.plan(work, case.message, replace(decision, team=wanted["team"]), now=self.clock())
            if changed:
                was = {f"was_{task}": is_now[task] for task in changed}
                work.note("decision.overridden", message_id, by=by, facts={**changed, **was})

    # 3b. offline, and closing --------------------------------------------------------------------------------------

    def move_offline(self, thread_id: str, state: OfflineState, *, by: str, waiver: str | None = None) -> OfflineTask:
        """Take a thread's offline task to its next state; closing takes `close_in_public`.

        waiver: a person's reason; what is sensitive in it is masked before it is kept.
        Raises NotFound, and Conflict for a move that is not allowed.
        """
        if state is OfflineState.CLOSED:
            raise Conflict("It is closed by a reply on the channel where it began, or waived with a reason.")
        reason = masked(waiver, redactor=self.redactor).text if waiver and state is OfflineState.WAIVED else None
        with self.store() as work:
            open_task = offline_path.task_of(work, thread_id)
            if not open_task.is_open:
                raise Conflict(f"This offline task is {open_task.state} already.")
            task = offline_path.moved(open_task, state, by=by, at=self.clock(), waiver=reason)
            work.offline.save(task)
            work.note(f"offline.{state}", task.id, by=by, facts={"thread_id": thread_id})
        return task

    def close_in_public(self, thread_id: str, *, by: str, text: str) -> Reply:
        """Close the loop of an offline matter with a reply on the channel where it began.

        Raises what `approve` raises, and Conflict before the customer was reached offline.
        """
        with self.store() as work:
            task = offline_path.task_of(work, thread_id)
            message = work.messages.get(task.message_id)
            labels = self._labels(work, message.id)
        closed = offline_path.moved(task, OfflineState.CLOSED, by=by, at=self.clock())
        self._check_text(text, answers=message, labels=labels)
        reply = replace(self._new_reply(message, text=text, by=by), purpose=Purpose.CLOSING, is_edited=True)
        with self.store() as work:
            work.offline.save(closed)
            work.replies.add(reply)
            work.note("offline.closed", task.id, by=by, facts={"reply_id": reply.id, "thread_id": thread_id})
        self.queue.ring(DELIVER, reply.id)
        return reply

    def resolve(self, thread_id: str, *, by: str, question: str | None = None) -> Reply | None:
        """Close a thread; with `question`, ask on the same channel whether the customer is content.

        Asked once a thread, never after praise alone or a sensitive matter: the question is left out then.
        Raises Conflict while something was taken offline and is neither closed where it began nor waived, and what
        `approve` raises for a question that may not go out; nothing is written then.
        """
        with self.store() as work:
            offline_path.refuse_while_open(work, thread_id)
            message = work.messages.latest(thread_id)
            may_ask = bool(question) and self._may_ask(work, thread_id)
        reply = None
        if question and may_ask:
            self._check_text(question, answers=message, labels={})
            reply = replace(self._new_reply(message, text=question, by=by), purpose=Purpose.SATISFACTION)
        with self.store() as work:
            offline_path.refuse_while_open(work, thread_id)
            work.desk.resolve(thread_id, is_resolved=True)
            work.note("thread.resolved", thread_id, by=by)
            # Of two people who resolve at once, one asks.
            if reply is None or not work.surveys.ask(Satisfaction(thread_id, reply.id, asked_at=reply.approved_at)):
                return None
            work.replies.add(reply)
            work.note("satisfaction.asked", reply.id, by=by, facts={"message_id": message.id})
        self.queue.ring(DELIVER, reply.id)
        return reply

    def _may_ask(self, work: Work, thread_id: str) -> bool:
        """Answered, not asked before, and of a kind the playbook asks about."""
        replies = [reply for reply in work.replies.of_thread(thread_id) if reply.stage is not Stage.WITHDRAWN]
        if any(reply.purpose is Purpose.SATISFACTION for reply in replies) or not replies:
            return False
        decisions = [suggestion.decision for suggestion in work.suggestions.of_thread(thread_id)]
        is_sensitive = (
            work.offline.of_thread(thread_id) is not None
            or work.messages.is_sensitive(thread_id)
            or any(decision.action in (Action.TAKE_OFFLINE, Action.ESCALATE) for decision in decisions)
        )
        kinds = [decision.kind for decision in decisions]
        thread = work.messages.turns(thread_id)
        return not is_sensitive and self.playbook.may_ask(kinds=kinds, is_sensitive=False, thread=thread)

    # 3c. a person looks again --------------------------------------------------------------------------------------

    def withdraw(self, reply_id: str, *, by: str) -> Reply:
        """Take a reply back inside its undo window. Its suggestion is open again.

        Raises Conflict when a worker already has it.
        """
        with self.store() as work:
            reply = work.replies.get(reply_id)
            was = reply.stage
            if was is Stage.WITHDRAWN:
                return reply
            taken_back = self._moved(reply, Stage.WITHDRAWN)
            if not work.replies.save(taken_back, was=was):
                raise Conflict("It is already on its way and cannot be taken back.")
            if reply.suggestion_id is not None:
                work.suggestions.reopen(reply.suggestion_id)
            if reply.purpose is Purpose.CLOSING:
                offline_path.reopen_loop(work, reply, by=by, at=self.clock())
            if reply.purpose is Purpose.SATISFACTION:
                work.surveys.take_back(reply.id)
            work.note("reply.cancelled", reply.id, by=by, facts={"message_id": reply.message_id})
        return taken_back

    def send_again(self, reply_id: str, *, by: str) -> Reply:
        """A person looked at a failed or unclear reply and wants it sent once more."""
        return self._settle(reply_id, Stage.PENDING, by=by, event="reply.sent_again")

    def mark_sent(self, reply_id: str, *, by: str) -> Reply:
        """A person looked at an unclear reply and saw it on the channel."""
        return self._settle(reply_id, Stage.SENT, by=by, event="reply.marked_sent")

    def _settle(self, reply_id: str, stage: Stage, *, by: str, event: str) -> Reply:
        with self.store() as work:
            reply = work.replies.get(reply_id)
            if reply.stage not in (Stage.FAILED, Stage.UNKNOWN):
                raise Conflict(f"Reply {reply_id} is {reply.stage}; nothing needs settling.")
            changes = {"sent_at": self.clock()} if stage is Stage.SENT else {"not_before": self.clock()}
            settled = self._moved(reply, stage, **changes)
            if not work.replies.save(settled, was=reply.stage):
                raise StaleVersion(f"Reply {reply_id} has changed; look again.")
            work.note(event, reply.id, by=by)
        if stage is Stage.PENDING:
            self.queue.ring(DELIVER, reply.id)
        return settled

    # shared by what people do

    def _check_text(self, text: str, *, answers: Message, labels: Mapping[str, str]) -> None:
        check_text(text, answers=answers, labels=labels, redactor=self.redactor, tone=self.tone)

    def _new_reply(self, message: Message, *, text: str, by: str) -> Reply:
        return new_reply(message, text=text, by=by, now=self.clock(), undo_s=self._undo_s())

    def _undo_s(self) -> dict[str, float]:
        """Undo windows by channel: our own word over the playbook's."""
        agreed = {} if "*" in self.undo_s else {name: rules.undo_s for name, rules in self.playbook.channels.items()}
        return {"*": DEFAULT_UNDO_S, **agreed, **self.undo_s}

    def _decided(self, suggestion: Suggestion, state: SuggestionState, *, by: str) -> Suggestion:
        return replace(suggestion, state=state, version=suggestion.version + 1, decided_by=by, decided_at=self.clock())

    def _moved(self, reply: Reply, stage: Stage, **changes: object) -> Reply:
        try:
            return reply.moved(stage, **changes)
        except ValueError as error:
            raise Conflict(str(error)) from error

    def _labels(self, work: Work, message_id: str) -> dict[str, str]:
        classification = work.classifications.get(message_id)
        return {task: judgement.label for task, judgement in classification.tasks.items()} if classification else {}

    def _keep_corrections(
        self, work: Work, message_id: str, predicted: Mapping[str, str], chosen: Mapping[str, str], *, agent: str
    ) -> None:
        for task, label in chosen.items():
            was = predicted.get(task, "")
            if was != label:
                work.classifications.correct(
                    Correction(message_id=message_id, task=task, predicted=was, corrected=label, agent=agent)
                )

    def notify_again(self, notice_id: str, *, by: str) -> Notice:
        """A person saw that a contact could not be told, and wants them told: tried anew, at the address of the climb.

        Raises NotFound, Conflict for a notice that has not failed, and StaleVersion when somebody was first.
        """
        with self.store() as work:
            notice = work.notices.get(notice_id)
            if notice.state is not NoticeState.FAILED:
                raise Conflict(f"Notice {notice_id} is {notice.state}; only one that failed is sent again.")
            if not work.notices.again(notice_id):
                raise StaleVersion(f"Notice {notice_id} has changed; look again.")
            facts = {"message_id": notice.message_id, "step": notice.step, "contact": notice.contact}
            work.note("notice.sent_again", notice_id, by=by, facts=facts)
        self.queue.ring(NOTIFY, notice_id)
        return replace(notice, state=NoticeState.WAITING, attempt=0)

    # 4. deliver, 5. acknowledge: care/delivery.py ---------------------------------------------------------------

    def deliver(self, reply_id: str) -> None:
        """Send one approved reply. Raises ChannelBusy when the channel asked to come back later."""
        self._delivery.deliver(reply_id)

    def acknowledge(self, channel: str, receipt: Receipt) -> Reply:
        """Close the loop: the channel says what became of a reply. Raises NotFound when it is none of ours."""
        return self._delivery.acknowledge(channel, receipt)

    def notify(self, notice_id: str) -> None:
        """Tell a contact that a message climbed to them."""
        self._delivery.notify(notice_id)

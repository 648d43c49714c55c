"""The life of a message, one method a step: receive, prepare, approve, deliver, acknowledge.

Each step touches each room once: read once, think, write once, ring at most one bell. No transaction is open while a
model thinks or a channel sends. Every step is safe to run twice.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from care.classification import Correction
from care.decision import Action, Decision
from care.desk import Case
from care.errors import (
    BadInput,
    BadReply,
    ChannelBusy,
    ChannelError,
    ChannelRefused,
    ChannelUnclear,
    Conflict,
    NotFound,
    Problem,
    SensitiveBlocked,
    StaleVersion,
)
from care.escalation import Notice
from care.ids import new_id
from care.message import Author, Inbound, Message, between_us
from care.offline import OfflineState, OfflineTask
from care.ports import (
    DELIVER,
    PREPARE,
    Channel,
    Classifier,
    Clock,
    Drafter,
    JobQueue,
    NoSurvey,
    Notifier,
    Proposal,
    Receipt,
    Redactor,
    SurveyReader,
    ToneChecker,
)
from care.reply import (
    NEXT,
    Approval,
    Purpose,
    Rejection,
    Reply,
    Stage,
    Suggestion,
    SuggestionState,
    Verdict,
    open_slots,
)
from care.satisfaction import Satisfaction, is_settled_by
from care.sensitive import WITHHELD_TEXT, Handling, Redaction
from care.work import Lease, Work

log = logging.getLogger("tactful.journey")

TOLD_TASKS = ("intent", "urgency")
"""The labels a contact is told."""


@dataclass(frozen=True, slots=True)
class Journey:
    """Everything a message's life needs, plugged in by `wiring/assemble.py`.

    undo_s: seconds between approval and sending in which a person can take a reply back, by channel name;
    "*" is the default. prepare_lease_s, deliver_lease_s: longer than the job's own timeout. notifier: tells contacts
    of the playbook what climbed to them; None in a process that never does. console_url: where people reach it.
    """

    store: Callable[[], AbstractContextManager[Work]]
    channels: Mapping[str, Channel]
    redactor: Redactor
    classifier: Classifier
    drafter: Drafter
    tone: ToneChecker
    queue: JobQueue
    clock: Clock
    undo_s: Mapping[str, float]
    prepare_lease_s: float = 90.0
    deliver_lease_s: float = 60.0
    survey: SurveyReader = field(default_factory=NoSurvey)
    notifier: Notifier | None = None
    console_url: str = ""

    # 1. receive -------------------------------------------------------------------------------------------------

    def receive(self, inbound: Sequence[Inbound]) -> list[str]:
        """Mask and keep messages, each once, then ring for a worker. Returns the ids of those that are new.

        The raw text is not kept anywhere. When the detector fails the message is kept withheld: never lost, never
        stored unmasked. What is flagged has its offline task from its first moment, before any model thinks.
        """
        kept: list[str] = []
        with self.store() as work:
            for item in inbound:
                if work.messages.find(item.channel, item.outside_id) is not None:
                    continue
                thread_id = work.messages.thread_id(item.channel, item.thread_key)
                author = self._known_as(item.author)
                previous = work.messages.previous(thread_id, author.handle)
                redaction = self._redact(item.text, before=previous.text if previous else None)
                subject = self._redact(item.subject) if item.subject else Redaction(text="")
                message = Message(
                    id=new_id("msg", now=self.clock()),
                    channel=item.channel,
                    outside_id=item.outside_id,
                    thread_id=thread_id,
                    author=author,
                    text=redaction.text,
                    visibility=item.visibility,
                    written_at=item.written_at,
                    received_at=self.clock(),
                    handling=Handling.worst((redaction.handling, subject.handling)),
                    spans=redaction.spans,
                    thread_key=item.thread_key,
                    subject=subject.text or None,
                )
                if not work.messages.add(message):
                    continue
                kept.append(message.id)
                # Whoever writes again is not done with it.
                if work.desk.reopen(thread_id):
                    work.note("thread.reopened", thread_id, by="channel", facts={"message_id": message.id})
                work.note("message.received", message.id, by="channel", facts={"channel": item.channel})
                problem = redaction.problem or subject.problem
                if problem:
                    work.note("message.withheld", message.id, by="tactful", facts={"error": problem})
                if message.handling.leaves_the_open:
                    found = {span.category for span in (*redaction.spans, *subject.spans)}
                    self._open_offline(work, message, found=found, due_at=message.received_at)
        for message_id in kept:
            self.queue.ring(PREPARE, message_id)
        return kept

    def _redact(self, text: str, *, before: str | None = None) -> Redaction:
        try:
            return self.redactor.redact(text, before=before)
        except Exception as error:  # noqa: BLE001  a detector that fails must never fail open
            # Its words could quote the customer; its class is enough to find it.
            log.error("text withheld: the detector failed with %s", type(error).__name__)
            return Redaction(text=WITHHELD_TEXT, handling=Handling.WITHHELD, problem=type(error).__name__)

    def _known_as(self, author: Author) -> Author:
        """The author without what they wrote where a name should be: an address stays, a card number does not."""
        name, handle = author.name, author.handle
        if name and self._redact(name).handling.leaves_the_open:
            name = None
        # Bare digits are the network's own id and the only way to answer, whatever they happen to check as.
        if not handle.isdigit():
            redaction = self._redact(handle)
            handle = redaction.text if redaction.handling is Handling.OFFLINE else handle
        return replace(author, name=name, handle=handle)

    # 2. prepare -------------------------------------------------------------------------------------------------

    def prepare(self, message_id: str) -> None:
        """Classify one message, decide, and draft. Safe to run twice: one run wins, the other does nothing."""
        with self.store() as work:
            lease = work.tasks.claim(message_id, lease_s=self.prepare_lease_s)
            if lease is None:
                return
            message = work.messages.get(message_id)
            thread = between_us(work.messages.turns(message.thread_id, until=message.written_at), message)
            asked = work.surveys.open_for(message)
        began = self.clock()
        # What stands in the place of a withheld text are our words, not the customer's.
        text = "" if message.text == WITHHELD_TEXT else message.text
        try:
            classification = self.classifier.classify(text, thread=thread)
            classified = self.clock()
            proposal = self.drafter.propose(message, classification, thread=thread, now=self.clock())
            score = self._score(message) if asked is not None else None
        except Exception as error:
            with self.store() as work:
                # The class is enough for a person to act on; its words could quote the customer.
                work.tasks.fail(lease, problem=type(error).__name__)
            raise
        drafted = self.clock()
        if score is not None:
            proposal = _as_answer(proposal, score)
        is_settled = score is not None and not proposal.drafts and is_settled_by(message.text, score)
        suggestion = Suggestion(
            id=new_id("sug", now=drafted),
            message_id=message.id,
            decision=proposal.decision,
            drafts=proposal.drafts,
            state=SuggestionState.DISMISSED if is_settled else SuggestionState.PROPOSED,
            version=1,
            created_at=drafted,
            asks=proposal.asks,
            playbook=proposal.playbook,
        )
        with self.store() as work:
            if not work.tasks.finish(lease):
                return
            work.classifications.save(message.id, classification)
            work.suggestions.propose(suggestion)
            if proposal.decision.action is Action.TAKE_OFFLINE or message.handling.leaves_the_open:
                self._plan_offline(work, message, proposal.decision)
            if asked is not None:
                self._keep_score(work, message, score, is_settled=is_settled)
            facts = {
                "message_id": message.id,
                "play": proposal.drafts[0].play if proposal.drafts else None,
                "classify_ms": _ms(began, classified),
                "draft_ms": _ms(classified, drafted),
            }
            work.note("suggestion.created", suggestion.id, by="tactful", facts=facts)

    def _score(self, message: Message) -> int | None:
        return self.survey.score_of(message.text) if message.handling is Handling.ALLOW else None

    def _keep_score(self, work: Work, message: Message, score: int | None, *, is_settled: bool) -> None:
        if not work.surveys.close(message.thread_id, message_id=message.id, score=score) or score is None:
            return
        facts = {"message_id": message.id, "score": score}
        work.note("satisfaction.answered", message.thread_id, by="customer", facts=facts)
        task = work.offline.of_thread(message.thread_id)
        if is_settled and (task is None or not task.is_open):
            work.desk.resolve(message.thread_id, is_resolved=True)

    def _plan_offline(self, work: Work, message: Message, decision: Decision) -> None:
        """Say who and by when, now that it is decided; a matter that is settled already stays so."""
        task = work.offline.of_thread(message.thread_id)
        if task is None or task.message_id != message.id:
            found = {span.category for span in message.spans}
            self._open_offline(work, message, found=found, due_at=decision.due_at, owner=decision.team)
        elif task.is_open:
            work.offline.save(replace(task, owner=task.owner or decision.team, due_at=decision.due_at))

    def _open_offline(
        self, work: Work, message: Message, *, found: AbstractSet[str], due_at: datetime, owner: str | None = None
    ) -> None:
        task = OfflineTask(
            id=new_id("off", now=self.clock()),
            thread_id=message.thread_id,
            message_id=message.id,
            categories=tuple(sorted(found)),
            state=OfflineState.OPEN,
            due_at=due_at,
            created_at=self.clock(),
            owner=owner,
        )
        if work.offline.open(task):
            work.desk.resolve(message.thread_id, is_resolved=False)
            work.note("offline.opened", task.id, by="tactful", facts={"message_id": message.id})

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
        self._check_labels(approval.labels)
        self._check_outgoing(approval.text, message=message, labels={**labels, **approval.labels})
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
        self._check_labels(rejection.labels)
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
        self._check_outgoing(text, message=case.message, labels=labels)
        reply = replace(self._new_reply(case.message, text=text, by=by), is_edited=True)
        return self._send_off(reply, event="reply.written")

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
                self._open_loop_again(work, reply, by=by)
            if reply.purpose is Purpose.SATISFACTION:
                work.surveys.take_back(reply.id)
            work.note("reply.cancelled", reply.id, by=by, facts={"message_id": reply.message_id})
        return taken_back

    def _open_loop_again(self, work: Work, closing: Reply, *, by: str) -> None:
        message = work.messages.get(closing.message_id)
        task = work.offline.of_thread(message.thread_id)
        if task is not None and task.message_id == message.id and task.state is OfflineState.CLOSED:
            work.offline.save(self._moved_offline(task, OfflineState.CONTACTED, by=by))
            work.desk.resolve(message.thread_id, is_resolved=False)
            work.note("offline.contacted", task.id, by=by, facts={"thread_id": message.thread_id})

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

    def relabel(self, message_id: str, *, by: str, labels: Mapping[str, str]) -> None:
        """Keep a person's labels where they differ from ours: what people correct becomes training data.

        Raises NotFound, and SensitiveBlocked for a label that is none.
        """
        self._check_labels(labels)
        with self.store() as work:
            predicted = self._labels(work, message_id)
            self._keep_corrections(work, message_id, predicted, labels, agent=by)
            work.note("message.relabelled", message_id, by=by, facts=dict(labels))

    # 3b. offline, and closing --------------------------------------------------------------------------------------

    def move_offline(self, thread_id: str, state: OfflineState, *, by: str, waiver: str | None = None) -> OfflineTask:
        """Take a thread's offline task to its next state; closing takes `close_in_public`.

        waiver: a person's reason; what is sensitive in it is masked before it is kept.
        Raises NotFound, and Conflict for a move that is not allowed.
        """
        if state is OfflineState.CLOSED:
            raise Conflict("It is closed by a reply on the channel where it began, or waived with a reason.")
        reason = self._redact(waiver).text if waiver and state is OfflineState.WAIVED else None
        with self.store() as work:
            open_task = self._offline_task(work, thread_id)
            if not open_task.is_open:
                raise Conflict(f"This offline task is {open_task.state} already.")
            task = self._moved_offline(open_task, state, by=by, waiver=reason)
            work.offline.save(task)
            work.note(f"offline.{state}", task.id, by=by, facts={"thread_id": thread_id})
        return task

    def close_in_public(self, thread_id: str, *, by: str, text: str) -> Reply:
        """Close the loop of an offline matter with a reply on the channel where it began.

        Raises what `approve` raises, and Conflict before the customer was reached offline.
        """
        with self.store() as work:
            task = self._offline_task(work, thread_id)
            message = work.messages.get(task.message_id)
            labels = self._labels(work, message.id)
        closed = self._moved_offline(task, OfflineState.CLOSED, by=by)
        self._check_outgoing(text, message=message, labels=labels)
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
            self._refuse_while_offline(work, thread_id)
            message = work.messages.latest(thread_id)
            may_ask = bool(question) and self._may_ask(work, thread_id)
        reply = None
        if question and may_ask:
            self._check_outgoing(question, message=message, labels={})
            reply = replace(self._new_reply(message, text=question, by=by), purpose=Purpose.SATISFACTION)
        with self.store() as work:
            self._refuse_while_offline(work, thread_id)
            work.desk.resolve(thread_id, is_resolved=True)
            work.note("thread.resolved", thread_id, by=by)
            # Of two people who resolve at once, one asks.
            if reply is None or not work.surveys.ask(Satisfaction(thread_id, reply.id, asked_at=reply.approved_at)):
                return None
            work.replies.add(reply)
            work.note("satisfaction.asked", reply.id, by=by, facts={"message_id": message.id})
        self.queue.ring(DELIVER, reply.id)
        return reply

    def _refuse_while_offline(self, work: Work, thread_id: str) -> None:
        task = work.offline.of_thread(thread_id)
        if task is not None and task.is_open:
            raise Conflict(
                "This was taken offline: close it where it began, or waive that with a reason, before resolving."
            )

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
        return not is_sensitive and self.survey.may_ask(kinds=kinds, is_sensitive=False, thread=thread)

    def override(
        self, message_id: str, *, by: str, reason: str, action: Action | None = None, team: str | None = None
    ) -> None:
        """Put a person's action or team in place of ours, with their reason; both are kept and counted.

        Taking it offline opens the path away from the public. Raises NotFound, BadInput without a reason, and
        Conflict where there is no decision yet.
        """
        if not reason.strip():
            raise BadInput("Say why the decision is another one.")
        self._check_labels({"team": team or ""})
        why = self._redact(reason.strip()).text
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
                self._plan_offline(work, case.message, replace(decision, team=wanted["team"]))
            if changed:
                was = {f"was_{task}": is_now[task] for task in changed}
                work.note("decision.overridden", message_id, by=by, facts={**changed, **was})

    # shared by the steps above

    def _new_reply(self, message: Message, *, text: str, by: str) -> Reply:
        now = self.clock()
        return Reply(
            id=new_id("rpl", now=now),
            message_id=message.id,
            suggestion_id=None,
            channel=message.channel,
            recipient=message.author.handle,
            thread_key=message.thread_key,
            subject=message.subject,
            in_reply_to=message.outside_id,
            text=text,
            stage=Stage.PENDING,
            approved_by=by,
            approved_at=now,
            not_before=now + timedelta(seconds=self.undo_s.get(message.channel, self.undo_s.get("*", 0.0))),
            idempotency_key=new_id("idem", now=now),
        )

    def _send_off(self, reply: Reply, *, event: str) -> Reply:
        with self.store() as work:
            work.replies.add(reply)
            work.note(event, reply.id, by=reply.approved_by, facts={"message_id": reply.message_id})
        self.queue.ring(DELIVER, reply.id)
        return reply

    def _decided(self, suggestion: Suggestion, state: SuggestionState, *, by: str) -> Suggestion:
        return replace(suggestion, state=state, version=suggestion.version + 1, decided_by=by, decided_at=self.clock())

    def _moved(self, reply: Reply, stage: Stage, **changes: object) -> Reply:
        try:
            return reply.moved(stage, **changes)
        except ValueError as error:
            raise Conflict(str(error)) from error

    def _moved_offline(
        self, task: OfflineTask, state: OfflineState, *, by: str, waiver: str | None = None
    ) -> OfflineTask:
        try:
            return task.moved(state, by=by, at=self.clock(), waiver=waiver)
        except ValueError as error:
            raise Conflict(str(error)) from error

    def _offline_task(self, work: Work, thread_id: str) -> OfflineTask:
        task = work.offline.of_thread(thread_id)
        if task is None:
            raise NotFound("offline task for thread", thread_id)
        return task

    def _labels(self, work: Work, message_id: str) -> dict[str, str]:
        classification = work.classifications.get(message_id)
        return {task: judgement.label for task, judgement in classification.tasks.items()} if classification else {}

    def _check_outgoing(self, text: str, *, message: Message, labels: Mapping[str, str]) -> None:
        slots = [Problem(f"[[{slot}]]", "is still open", "fill it in") for slot in open_slots(text)]
        if slots or not text.strip():
            raise BadReply(slots or [Problem("the reply", "is empty", "write something")])
        redaction = self._redact(text)
        if redaction.handling is Handling.WITHHELD:
            raise SensitiveBlocked([Problem("the reply", "could not be checked for sensitive data", "try again")])
        found = [span for span in redaction.spans if not span.may_go_out]
        if found:
            raise SensitiveBlocked(
                [
                    Problem(f"characters {span.start} to {span.end}", f"holds a {span.category}", "take it out")
                    for span in found
                ]
            )
        mood, urgency = labels.get("sentiment"), labels.get("urgency")
        report = self.tone.check(text, channel=message.channel, to=message.text, mood=mood, urgency=urgency)
        if report.verdict is Verdict.STOP:
            raise BadReply(
                [
                    Problem(f"characters {finding.start} to {finding.end}", finding.message, finding.fix or "")
                    for finding in report.findings
                ]
            )

    def _check_labels(self, labels: Mapping[str, str]) -> None:
        """Labels come from a list, but a program may send anything: what is sensitive must not become one."""
        for words in (*labels, *labels.values()):
            redaction = self._redact(words)
            if redaction.handling.leaves_the_open:
                kinds = ", ".join(redaction.categories) or "text that could not be checked"
                raise SensitiveBlocked([Problem("labels", f"holds {kinds}", "choose a label")])

    def _keep_corrections(
        self, work: Work, message_id: str, predicted: Mapping[str, str], chosen: Mapping[str, str], *, agent: str
    ) -> None:
        for task, label in chosen.items():
            was = predicted.get(task, "")
            if was != label:
                work.classifications.correct(
                    Correction(message_id=message_id, task=task, predicted=was, corrected=label, agent=agent)
                )

    # 4. deliver -------------------------------------------------------------------------------------------------

    def deliver(self, reply_id: str) -> None:
        """Send one approved reply. Safe to run twice: only one run can claim it.

        Raises ChannelBusy when the channel asked to come back later; every other outcome is in the store.
        """
        with self.store() as work:
            claimed = work.replies.claim(reply_id, lease_s=self.deliver_lease_s)
        if claimed is None:
            return
        reply, lease = claimed
        channel = self.channels.get(reply.channel)
        if channel is None:
            problem = f"there is no channel {reply.channel} any more"
            self._land(reply, Stage.FAILED, was=Stage.CLAIMED, problem=problem)
            return
        with self.store() as work:
            flying = work.replies.enter_flight(reply, lease)
        if flying is None:
            return
        try:
            # No transaction is open here: a slow channel must not hold a connection.
            receipt = channel.send(flying)
        except ChannelBusy as error:
            later = self.clock() + timedelta(seconds=error.retry_after_s)
            self._land(flying, Stage.PENDING, not_before=later)
            raise
        except ChannelRefused as error:
            self._land(flying, Stage.FAILED, problem=str(error))
        except ChannelUnclear as error:
            self._land(flying, Stage.UNKNOWN, problem=str(error))
        else:
            self._land(flying, Stage.SENT, receipt=receipt, sent_at=self.clock())

    def _land(self, reply: Reply, stage: Stage, *, was: Stage = Stage.INFLIGHT, **changes: object) -> None:
        landed = reply.moved(stage, **changes)
        with self.store() as work:
            if work.replies.save(landed, was=was):
                work.note(f"reply.{stage}", reply.id, by="tactful", facts={"attempt": reply.attempt})

    # 5. acknowledge ---------------------------------------------------------------------------------------------

    def acknowledge(self, channel: str, receipt: Receipt) -> Reply:
        """Close the loop: the channel says what became of a reply. The same receipt twice changes nothing.

        Raises NotFound when it names no reply of ours on this channel; the channel should try again later.
        """
        with self.store() as work:
            reply = self._received(work, channel, receipt)
            stage = Stage.DELIVERED if receipt.is_delivered else Stage.FAILED
            if reply.stage is stage or stage not in NEXT[reply.stage]:
                return reply
            # A network's reason may quote what it refused.
            detail = self._redact(receipt.detail).text if receipt.detail else None
            changes: dict[str, object] = {"problem": detail} if stage is Stage.FAILED else {}
            if receipt.outside_id and not reply.receipt:
                changes["receipt"] = receipt.outside_id
            landed = reply.moved(stage, **changes)
            if work.replies.save(landed, was=reply.stage):
                work.note(f"reply.{stage}", reply.id, by="channel", facts={"channel": channel})
        return landed

    def _received(self, work: Work, channel: str, receipt: Receipt) -> Reply:
        reply: Reply | None = None
        if receipt.reply_id:
            reply = work.replies.get(receipt.reply_id)
        elif receipt.outside_id:
            reply = work.replies.find(channel=channel, receipt=receipt.outside_id)
        if reply is None or reply.channel != channel:
            raise NotFound("reply", receipt.reply_id or receipt.outside_id or "without an id")
        return reply

    # while nobody answers -----------------------------------------------------------------------------------------

    def notify(self, notice_id: str) -> None:
        """Tell a contact that a message climbed to them: ids, labels and the clock, no customer's word.

        Safe to run twice: only one run can claim it. What may have gone out is told again: better twice than not at
        all. Every outcome is in the store.
        """
        with self.store() as work:
            claimed = work.notices.claim(notice_id, lease_s=self.deliver_lease_s)
            if claimed is None:
                return
            kept, lease = claimed
            labels = _labels_of(work.desk.case(kept.message_id))
        assert self.notifier is not None
        notice = replace(kept, labels=labels, link=f"{self.console_url}/cases/{kept.message_id}?view=all")
        try:
            # No transaction is open here: a slow mail server must not hold a connection.
            self.notifier.notify(notice)
        except ChannelRefused as error:
            self._put_off(notice, lease, error, is_final=True)
        except ChannelError as error:
            later_s = error.retry_after_s if isinstance(error, ChannelBusy) else 0.0
            self._put_off(notice, lease, error, retry_after_s=later_s)
        else:
            with self.store() as work:
                work.notices.sent(notice, lease)

    def _put_off(self, notice: Notice, lease: Lease, error: ChannelError, **how: Any) -> None:
        with self.store() as work:
            is_over = work.notices.fail(notice, lease, problem=str(error), **how)
        if is_over:
            # Without the address: whose it is stands in the playbook.
            log.error("contact not told: notice %s, %s, %s", notice.id, notice.step, error)


def _as_answer(proposal: Proposal, score: int) -> Proposal:
    """What to do about an answer to the satisfaction question: nothing, unless something in it cannot wait."""
    decision = proposal.decision
    if decision.action in (Action.TAKE_OFFLINE, Action.ESCALATE):
        return proposal
    reason = f"It answers the satisfaction question: {score} of 5."
    return replace(
        proposal,
        decision=replace(decision, action=Action.IGNORE, reasons=(reason,)),
        drafts=(),
        asks=f"The customer gave {score} of 5. Is there anything left to do?",
    )


def _labels_of(case: Case) -> dict[str, str]:
    """What a message is about, where we or a person are sure."""
    tasks = case.classification.tasks if case.classification else {}
    sure = {task: one.label for task, one in tasks.items() if not one.abstained}
    return {task: label for task, label in {**sure, **dict(case.corrections)}.items() if task in TOLD_TASKS}


def _ms(start: datetime, end: datetime) -> float:
    return round((end - start).total_seconds() * 1000, 3)

"""The life of a message, one method a step: receive, prepare, approve, deliver, acknowledge.

Each step touches each room once: read once, think, write once, ring at most one bell. No transaction is open while a
model thinks or a channel sends. Every step is safe to run twice.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from care.classification import Correction
from care.errors import BadReply, ChannelBusy, ChannelRefused, ChannelUnclear, Conflict, Problem, SensitiveBlocked
from care.ids import new_id
from care.message import Inbound, Message
from care.ports import (
    Approval,
    Channel,
    Classifier,
    Clock,
    Drafter,
    JobQueue,
    Receipt,
    Redactor,
    Rejection,
    ToneChecker,
    Work,
)
from care.reply import Reply, Stage, Suggestion, SuggestionState, Verdict
from care.sensitive import WITHHELD_TEXT, Handling, Redaction

PREPARE = "prepare"
DELIVER = "deliver"


@dataclass(frozen=True, slots=True)
class Journey:
    """Everything a message's life needs, plugged in by `wiring/assemble.py`.

    undo_s: seconds between approval and sending in which a person can take a reply back, by channel name;
    "*" is the default. prepare_lease_s, deliver_lease_s: longer than the job's own timeout.
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

    # 1. receive -------------------------------------------------------------------------------------------------

    def receive(self, inbound: Sequence[Inbound]) -> list[str]:
        """Mask and keep messages, each once, then ring for a worker. Returns the ids of those that are new.

        The raw text is not kept anywhere. When the detector fails the message is kept withheld: never lost, never
        stored unmasked.
        """
        kept: list[str] = []
        with self.store() as work:
            for item in inbound:
                if work.messages.find(item.channel, item.outside_id) is not None:
                    continue
                thread_id = work.messages.thread_id(item.channel, item.thread_key)
                previous = work.messages.previous(thread_id, item.author.handle)
                redaction = self._redact(item.text, before=previous.text if previous else None)
                message = Message(
                    id=new_id("msg", now=self.clock()),
                    channel=item.channel,
                    outside_id=item.outside_id,
                    thread_id=thread_id,
                    author=item.author,
                    text=redaction.text,
                    visibility=item.visibility,
                    written_at=item.written_at,
                    received_at=self.clock(),
                    handling=redaction.handling,
                    spans=redaction.spans,
                )
                if work.messages.add(message, thread_key=item.thread_key):
                    work.note("message.received", message.id, by="channel", facts={"channel": item.channel})
                    kept.append(message.id)
        for message_id in kept:
            self.queue.ring(PREPARE, message_id)
        return kept

    def _redact(self, text: str, *, before: str | None) -> Redaction:
        try:
            return self.redactor.redact(text, before=before)
        except Exception:  # noqa: BLE001  a detector that fails must never fail open
            return Redaction(text=WITHHELD_TEXT, handling=Handling.WITHHELD)

    # 2. prepare -------------------------------------------------------------------------------------------------

    def prepare(self, message_id: str) -> None:
        """Classify one message, decide, and draft. Safe to run twice: one run wins, the other does nothing."""
        with self.store() as work:
            lease = work.tasks.claim(message_id, lease_s=self.prepare_lease_s)
            if lease is None:
                return
            message = work.messages.get(message_id)
            thread = work.messages.turns(message.thread_id, until=message.written_at)
        try:
            classification = self.classifier.classify(message.text, thread=thread)
            proposal = self.drafter.propose(message, classification, thread=thread, now=self.clock())
        except Exception as error:
            with self.store() as work:
                # The class is enough for a person to act on; its words could quote the customer.
                work.tasks.fail(lease, problem=type(error).__name__)
            raise
        suggestion = Suggestion(
            id=new_id("sug", now=self.clock()),
            message_id=message.id,
            decision=proposal.decision,
            drafts=proposal.drafts,
            state=SuggestionState.PROPOSED,
            version=1,
            created_at=self.clock(),
            asks=proposal.asks,
            playbook=proposal.playbook,
        )
        with self.store() as work:
            if not work.tasks.finish(lease):
                return
            work.classifications.save(message.id, classification)
            work.suggestions.propose(suggestion)
            work.note("suggestion.created", suggestion.id, by="tactful", facts={"message_id": message.id})

    # 3. approve, reject, dismiss, undo ----------------------------------------------------------------------------

    def approve(self, suggestion_id: str, approval: Approval) -> Reply:
        """Turn a suggestion into the one reply that goes out, in a person's name, with the text they saw or wrote.

        Raises NotFound, AlreadyDecided, StaleVersion, BadReply (an open slot, a stopped tone, too long) and
        SensitiveBlocked; nothing is written then.
        """
        now = self.clock()
        with self.store() as work:
            suggestion = work.suggestions.get(suggestion_id)
            message = work.messages.get(suggestion.message_id)
            classification = work.classifications.get(message.id)
        labels = {task: judgement.label for task, judgement in classification.tasks.items()} if classification else {}
        self._check_outgoing(approval.text, message=message, labels={**labels, **approval.labels})
        draft = suggestion.drafts[approval.draft] if approval.draft < len(suggestion.drafts) else None
        channel = message.channel
        reply = Reply(
            id=new_id("rpl", now=now),
            message_id=message.id,
            suggestion_id=suggestion.id,
            channel=channel,
            recipient=message.author.handle,
            thread_key=message.thread_id,
            in_reply_to=message.outside_id,
            text=approval.text,
            stage=Stage.PENDING,
            approved_by=approval.by,
            approved_at=now,
            not_before=now + timedelta(seconds=self._undo_s(channel)),
            idempotency_key=new_id("idem", now=now),
            play=draft.play if draft else None,
            is_edited=draft is None or draft.text != approval.text,
        )
        decided = replace(
            suggestion,
            state=SuggestionState.APPROVED,
            version=suggestion.version + 1,
            decided_by=approval.by,
            decided_at=now,
        )
        with self.store() as work:
            work.suggestions.decide(decided, from_version=approval.version)
            work.replies.add(reply)
            self._keep_corrections(work, message.id, labels, approval.labels, agent=approval.by)
            work.note(
                "suggestion.edited" if reply.is_edited else "suggestion.approved",
                suggestion.id,
                by=approval.by,
                facts={"reply_id": reply.id, "play": reply.play},
            )
        self.queue.ring(DELIVER, reply.id)
        return reply

    def _undo_s(self, channel: str) -> float:
        return self.undo_s.get(channel, self.undo_s.get("*", 0.0))

    def _check_outgoing(self, text: str, *, message: Message, labels: Mapping[str, str]) -> None:
        found = [span for span in self.redactor.redact(text).spans if span.handling is not Handling.ALLOW]
        if found:
            raise SensitiveBlocked(
                [
                    Problem(f"characters {span.start} to {span.end}", f"holds a {span.category}", "take it out")
                    for span in found
                ]
            )
        report = self.tone.check(
            text,
            channel=message.channel,
            to=message.text,
            mood=labels.get("sentiment"),
            urgency=labels.get("urgency"),
        )
        if report.verdict is Verdict.STOP:
            raise BadReply(
                [
                    Problem(f"characters {finding.start} to {finding.end}", finding.message, finding.fix or "")
                    for finding in report.findings
                ]
            )

    def _keep_corrections(
        self, work: Work, message_id: str, predicted: Mapping[str, str], chosen: Mapping[str, str], *, agent: str
    ) -> None:
        for task, label in chosen.items():
            if predicted.get(task) != label:
                work.classifications.correct(
                    Correction(
                        message_id=message_id,
                        task=task,
                        predicted=predicted.get(task, ""),
                        corrected=label,
                        agent=agent,
                    )
                )

    def reject(self, suggestion_id: str, rejection: Rejection) -> Suggestion:
        """Note that no draft was good enough, and why; the message stays open for a person's own words."""
        raise NotImplementedError

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
        with self.store() as work:
            flying = work.replies.enter_flight(reply, lease)
        if flying is None:
            return
        try:
            # No transaction is open here: a slow channel must not hold a connection.
            receipt = self.channels[flying.channel].send(flying)
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

    def _land(self, reply: Reply, stage: Stage, **changes: object) -> None:
        landed = reply.moved(stage, **changes)
        with self.store() as work:
            if work.replies.save(landed, was=Stage.INFLIGHT):
                work.note(f"reply.{stage}", reply.id, by="tactful", facts={"attempt": reply.attempt})

    # 5. acknowledge ---------------------------------------------------------------------------------------------

    def acknowledge(self, channel: str, receipt: Receipt) -> None:
        """Close the loop: the channel says what became of a reply."""
        raise NotImplementedError


def utc_now() -> datetime:
    """The clock of a running service."""
    from datetime import UTC

    return datetime.now(UTC)


_ = (Conflict,)

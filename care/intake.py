"""The beginning of a message's life, before a person sees it: receive, prepare.

A channel hands it in and waits for the answer, so `receive` keeps it and rings; a worker has the time to think.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from care import offline_path
from care.decision import Action
from care.ids import new_id
from care.masking import masked, masked_author
from care.message import Inbound, Message, between_us
from care.ports import PREPARE, Classifier, Clock, JobQueue, Playbook, Redactor, ToneChecker
from care.preparing import Prepared, prepare
from care.reply import Suggestion, SuggestionState
from care.satisfaction import is_settled_by
from care.sensitive import Handling, Redaction
from care.work import Store, Work


@dataclass(frozen=True, slots=True)
class Intake:
    """Everything it takes to bring a message before a person.

    lease_s: how long one worker has for one message; longer than the job's own timeout.
    """

    store: Store
    redactor: Redactor
    classifier: Classifier
    playbook: Playbook
    tone: ToneChecker
    queue: JobQueue
    clock: Clock
    lease_s: float

    # 1. receive -------------------------------------------------------------------------------------------------

    def receive(self, inbound: Sequence[Inbound]) -> list[str]:
        """Mask and keep messages, each once, then ring for a worker. Returns the ids of those that are new.

        The raw text is not kept anywhere. When the detector fails the message is kept withheld: never lost, never
        stored unmasked. What is flagged has its offline task from its first moment, before any model thinks.
        """
        with self.store() as work:
            ids = [self._keep(work, item) for item in inbound]
        kept = [message_id for message_id in ids if message_id is not None]
        for message_id in kept:
            self.queue.ring(PREPARE, message_id)
        return kept

    def _keep(self, work: Work, item: Inbound) -> str | None:
        """Returns the message's id, None when it was here already."""
        if work.messages.find(item.channel, item.outside_id) is not None:
            return None
        thread_id = work.messages.thread_id(item.channel, item.thread_key)
        author = masked_author(item.author, redactor=self.redactor)
        previous = work.messages.previous(thread_id, author.handle)
        redaction = masked(item.text, redactor=self.redactor, before=previous.text if previous else None)
        subject = masked(item.subject, redactor=self.redactor) if item.subject else Redaction(text="")
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
            return None
        # Whoever writes again is not done with it.
        if work.desk.reopen(thread_id):
            work.note("thread.reopened", thread_id, by="channel", facts={"message_id": message.id})
        work.note("message.received", message.id, by="channel", facts={"channel": item.channel})
        problem = redaction.problem or subject.problem
        if problem:
            work.note("message.withheld", message.id, by="tactful", facts={"error": problem})
        if message.handling.leaves_the_open:
            found = {span.category for span in (*redaction.spans, *subject.spans)}
            offline_path.open_task(work, message, categories=found, due_at=message.received_at, now=self.clock())
        return message.id

    # 2. prepare -------------------------------------------------------------------------------------------------

    def prepare(self, message_id: str) -> None:
        """Classify one message, decide and draft (`care/preparing.py`). Safe to run twice: one run wins."""
        with self.store() as work:
            lease = work.tasks.claim(message_id, lease_s=self.lease_s)
            if lease is None:
                return
            message = work.messages.get(message_id)
            thread = between_us(work.messages.turns(message.thread_id, until=message.written_at), message)
            asked = work.surveys.open_for(message)
        began = self.clock()
        try:
            prepared = prepare(
                message,
                thread=thread,
                classifier=self.classifier,
                playbook=self.playbook,
                tone=self.tone,
                clock=self.clock,
            )
            score = self._score(message) if asked is not None else None
        except Exception as error:
            with self.store() as work:
                # The class is enough for a person to act on; its words could quote the customer.
                work.tasks.fail(lease, problem=type(error).__name__)
            raise
        drafted = self.clock()
        if score is not None:
            prepared = _as_answer(prepared, score)
        is_settled = score is not None and not prepared.drafts and is_settled_by(message.text, score)
        suggestion = _suggested(message, prepared, is_settled=is_settled, now=drafted)
        with self.store() as work:
            if not work.tasks.finish(lease):
                return
            work.classifications.save(message.id, prepared.classification)
            work.suggestions.propose(suggestion)
            if prepared.decision.action is Action.TAKE_OFFLINE or message.handling.leaves_the_open:
                offline_path.plan(work, message, prepared.decision, now=self.clock())
            if asked is not None:
                _keep_score(work, message, score, is_settled=is_settled)
            facts = {
                "message_id": message.id,
                "play": prepared.drafts[0].play if prepared.drafts else None,
                "classify_ms": _ms(began, prepared.assessed.now),
                "draft_ms": _ms(prepared.assessed.now, drafted),
            }
            work.note("suggestion.created", suggestion.id, by="tactful", facts=facts)

    def _score(self, message: Message) -> int | None:
        return self.playbook.score_of(message.text) if message.handling is Handling.ALLOW else None


def _as_answer(prepared: Prepared, score: int) -> Prepared:
    """What to do about an answer to the satisfaction question: nothing, unless something in it cannot wait."""
    decision = prepared.decision
    if decision.action in (Action.TAKE_OFFLINE, Action.ESCALATE):
        return prepared
    reason = f"It answers the satisfaction question: {score} of 5."
    return replace(
        prepared,
        assessed=replace(prepared.assessed, decision=replace(decision, action=Action.IGNORE, reasons=(reason,))),
        drafts=(),
        asks=f"The customer gave {score} of 5. Is there anything left to do?",
    )


def _suggested(message: Message, prepared: Prepared, *, is_settled: bool, now: datetime) -> Suggestion:
    return Suggestion(
        id=new_id("sug", now=now),
        message_id=message.id,
        decision=prepared.decision,
        drafts=prepared.drafts,
        state=SuggestionState.DISMISSED if is_settled else SuggestionState.PROPOSED,
        version=1,
        created_at=now,
        asks=prepared.asks,
        playbook=prepared.playbook,
    )


def _keep_score(work: Work, message: Message, score: int | None, *, is_settled: bool) -> None:
    if not work.surveys.close(message.thread_id, message_id=message.id, score=score) or score is None:
        return
    facts = {"message_id": message.id, "score": score}
    work.note("satisfaction.answered", message.thread_id, by="customer", facts=facts)
    task = work.offline.of_thread(message.thread_id)
    if is_settled and (task is None or not task.is_open):
        work.desk.resolve(message.thread_id, is_resolved=True)


def _ms(start: datetime, end: datetime) -> float:
    return round((end - start).total_seconds() * 1000, 3)

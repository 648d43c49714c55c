"""The beginning of a message's life, before a person sees it: receive, prepare.

A channel hands it in and waits for the answer, so `receive` keeps it and rings; a worker has the time to think.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime

from care import offline_path
from care.decision import Action
from care.ids import new_id
from care.masking import masked, masked_author
from care.message import Inbound, Message, Visibility, between_us
from care.ports import PREPARE, Classifier, Clock, Drafter, JobQueue, Proposal, Redactor, SurveyReader
from care.reply import Suggestion, SuggestionState
from care.satisfaction import is_settled_by
from care.sensitive import WITHHELD_TEXT, Handling, Redaction
from care.work import Work


@dataclass(frozen=True, slots=True)
class Intake:
    """Everything it takes to bring a message before a person.

    lease_s: how long one worker has for one message; longer than the job's own timeout.
    """

    store: Callable[[], AbstractContextManager[Work]]
    redactor: Redactor
    classifier: Classifier
    drafter: Drafter
    survey: SurveyReader
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
        is_public, before = item.visibility is Visibility.PUBLIC, previous.text if previous else None
        redaction = masked(item.text, redactor=self.redactor, before=before, is_public=is_public)
        subject = (
            masked(item.subject, redactor=self.redactor, is_public=is_public) if item.subject else Redaction(text="")
        )
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
        """Classify one message, decide, and draft. Safe to run twice: one run wins, the other does nothing."""
        with self.store() as work:
            lease = work.tasks.claim(message_id, lease_s=self.lease_s)
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
        suggestion = _suggested(message, proposal, is_settled=is_settled, now=drafted)
        with self.store() as work:
            if not work.tasks.finish(lease):
                return
            work.classifications.save(message.id, classification)
            work.suggestions.propose(suggestion)
            if proposal.decision.action is Action.TAKE_OFFLINE or message.handling.leaves_the_open:
                offline_path.plan(work, message, proposal.decision, now=self.clock())
            if asked is not None:
                _keep_score(work, message, score, is_settled=is_settled)
            facts = {
                "message_id": message.id,
                "play": proposal.drafts[0].play if proposal.drafts else None,
                "classify_ms": _ms(began, classified),
                "draft_ms": _ms(classified, drafted),
            }
            work.note("suggestion.created", suggestion.id, by="tactful", facts=facts)

    def _score(self, message: Message) -> int | None:
        return self.survey.score_of(message.text) if message.handling is Handling.ALLOW else None


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


def _suggested(message: Message, proposal: Proposal, *, is_settled: bool, now: datetime) -> Suggestion:
    return Suggestion(
        id=new_id("sug", now=now),
        message_id=message.id,
        decision=proposal.decision,
        drafts=proposal.drafts,
        state=SuggestionState.DISMISSED if is_settled else SuggestionState.PROPOSED,
        version=1,
        created_at=now,
        asks=proposal.asks,
        playbook=proposal.playbook,
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

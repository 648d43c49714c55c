"""The beginning of a message's life, before a person sees it: receive, prepare.

A channel hands it in and waits for the answer, so `receive` keeps it and rings; a worker has the time to think.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from care import offline_path
from care.case import Case, Ending, Resolution, Source
from care.classification import Classification
from care.crisis import Crisis
from care.decision import Action, Decision
from care.elsewhere import open_elsewhere
from care.errors import Conflict
from care.events import LABELS
from care.failpoints import Point, reach
from care.handing_over import HandOverWish, opened, reachable
from care.ids import new_id
from care.joining import joined_by_address
from care.message import Inbound, Masking, Message, NativeAnswer, between_us
from care.ports import (
    NOTIFY,
    PREPARE,
    Classifier,
    Clock,
    DraftJudge,
    Files,
    JobQueue,
    Playbook,
    Redactor,
    SpanReader,
    ToneChecker,
)
from care.preparing import DraftingTools, Prepared, prepare
from care.promise import PromiseState
from care.reply import Choice, Suggestion, SuggestionState
from care.rewording import Rewording
from care.safe import Safe, made_safe
from care.satisfaction import is_settled_by
from care.sensitive import Handling
from care.settling import end_promise, resolved, settle
from care.unit_of_work import Lease, Store, Work

WROTE_AGAIN = "The customer wrote again before it went out."
AT_ONCE = 20
"""Messages kept in one transaction: a large batch must not keep others from writing."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Everything it takes to bring a message before a person.

    judge: which drafts are worth showing; None: all of them. lease_s: how long one worker has for one message; longer
    than the job's own timeout. files: where what came with a message is kept; None: nowhere. spans: reads what a
    customer names. rewording: as `DraftingTools` has it.
    """

    store: Store
    redactor: Redactor
    classifier: Classifier
    playbook: Playbook
    tone: ToneChecker
    judge: DraftJudge | None
    queue: JobQueue
    clock: Clock
    lease_s: float
    files: Files | None = None
    spans: SpanReader | None = None
    rewording: Rewording | None = None

    # 1. receive -------------------------------------------------------------------------------------------------

    def receive(self, inbound: Sequence[Inbound], *, source: Source = Source.LIVE) -> list[str]:
        """Mask and keep messages, each once, then ring for a worker. Returns the ids of those that are new.

        The raw text is not kept anywhere. When the detector fails the message is kept withheld: never lost, never
        stored unmasked. What is flagged has its offline task from its first moment, before any model thinks. What one
        of us wrote on the network itself is kept as our answer. source: what kind of cases new ones open.
        """
        kept: list[str] = []
        for some in _in_chunks(inbound, AT_ONCE):
            # Masking takes time, and no transaction is open while it does.
            safe = made_safe(some, store=self.store, redactor=self.redactor, files=self.files)
            with self.store() as work:
                for message in safe:
                    kept += self._keep(work, message, source=Source.DEMO if message.item.is_sample else source)
                reach(Point.RECEIVE_UNCOMMITTED)
            reach(Point.RECEIVE_COMMITTED)
        for message_id in kept:
            self.queue.ring(PREPARE, message_id)
        return kept

    def _keep(self, work: Work, safe: Safe, *, source: Source) -> list[str]:
        """Returns the message's id, nothing when it was here already or needs nobody to read it."""
        item, now = safe.item, self.clock()
        thread_id = work.messages.thread_id(item.origin.channel, item.origin.thread_key)
        name = safe.author.name if item.answers is None else None
        case = work.cases.open(
            channel=item.origin.channel,
            thread_id=thread_id,
            customer=safe.customer,
            name=name,
            source=source,
            address=safe.address,
        )
        if case.turn == 0 and safe.address is not None:
            case = joined_by_address(work, case, safe.address, now=now)
        if item.answers is not None:
            _keep_native(work, case, safe, now=now)
            return []
        is_automatic = item.origin.automatic is not None
        message = _message_of(safe, case, now=now, is_automatic=is_automatic)
        if not work.messages.add(message, has_task=not is_automatic):
            return []
        facts = {"channel": item.origin.channel}
        work.note("message.received", message.id, by="channel", facts=facts, case_id=case.id)
        if safe.problem:
            work.note("message.withheld", message.id, by="tactful", facts={"error": safe.problem}, case_id=case.id)
        if is_automatic:
            _set_aside(work, case, message, now=now)
            return []
        case = _heard_again(work, case, message, source=source)
        if message.masking.handling.leaves_the_open:
            offline_path.open_task(work, message, categories=safe.categories, due_at=message.received_at, now=now)
        settle(work, case, by="channel")
        return [message.id]

    # 2. prepare -------------------------------------------------------------------------------------------------

    def prepare(self, message_id: str) -> None:
        """Classify one message, decide and draft (`care/preparing.py`). Safe to run twice: one run wins."""
        with self.store() as work:
            lease = work.tasks.claim(message_id, lease_s=self.lease_s)
            if lease is None:
                return
            message = work.messages.get(message_id)
            thread = between_us(work.messages.turns(message.thread_id, until=message.origin.written_at), message)
            asked = work.surveys.open_for(message)
            elsewhere = open_elsewhere(work, work.cases.get(message.case_id))
            crisis = work.crises.on()
        reach(Point.PREPARE_CLAIMED)
        began = self.clock()
        try:
            tools = DraftingTools(self.playbook, self.tone, self.clock, self.judge, crisis, self.spans, self.rewording)
            prepared = prepare(message, self.classifier, tools, thread=thread, elsewhere=elsewhere)
            score = self._score(message) if asked is not None else None
        except Exception as error:
            self._give_up(lease, message, error)
            raise
        drafted = self.clock()
        if score is not None:
            prepared = _as_answer(prepared, score)
        is_settled = score is not None and not prepared.drafts and is_settled_by(message.text, score)
        suggestion = _suggested(message, prepared, is_settled=is_settled, now=drafted)
        notice_id = None
        reach(Point.PREPARE_DRAFTED)
        with self.store() as work:
            case = work.cases.lock(message.case_id)
            if not work.tasks.finish(lease):
                return
            work.classifications.save(message.id, prepared.classification)
            work.suggestions.propose(suggestion)
            keep_match(work, crisis, case, prepared)
            if prepared.decision.action is Action.TAKE_OFFLINE or message.masking.handling.leaves_the_open:
                offline_path.plan(work, message, prepared.decision, now=self.clock())
            if prepared.decision.hand_to:
                notice_id = self._hand_over(work, case, prepared.decision)
            _note_prepared(work, suggestion, prepared, began=began)
            case = settle(work, case, by="tactful")
            if asked is not None:
                _keep_score(work, case, message, score, is_settled=is_settled, now=self.clock())
            reach(Point.PREPARE_UNCOMMITTED)
        reach(Point.PREPARE_SAVED)
        if notice_id is not None:
            self.queue.ring(NOTIFY, notice_id)

    def _give_up(self, lease: Lease, message: Message, error: Exception) -> None:
        with self.store() as work:
            case = work.cases.lock(message.case_id)
            # The class is enough for a person to act on; its words could quote the customer.
            work.tasks.fail(lease, problem=type(error).__name__)
            settle(work, case, by="tactful")

    def _hand_over(self, work: Work, case: Case, decision: Decision) -> str | None:
        """Tell those who must act on it at once, not once somebody is late. Returns the id of the notice."""
        policy = self.playbook.policy
        # A team without a ladder of its own climbs by everybody's; it is told by it too.
        step = reachable(policy, decision.hand_to) or reachable(policy, "*")
        if step is None:
            work.note("handover.unreachable", case.id, by="tactful", facts={"to": decision.hand_to}, case_id=case.id)
            return None
        wish = HandOverWish(decision.hand_to, step, by="tactful", is_grave=decision.is_always)
        _, notice = opened(work, case, wish, policy=policy, now=self.clock())
        return None if notice is None else notice.id

    def _score(self, message: Message) -> int | None:
        return self.playbook.score_of(message.text) if message.masking.handling is Handling.ALLOW else None


def keep_match(work: Work, crisis: Crisis | None, case: Case, prepared: Prepared) -> None:
    """Keep that a crisis is about a case; where it began, changed or ended meanwhile, the case is looked at again."""
    if work.crises.on() != crisis:
        work.crises.look_again()
    elif crisis is not None and prepared.is_of_crisis:
        work.crises.match(crisis.id, case.id)


def _note_prepared(work: Work, suggestion: Suggestion, prepared: Prepared, *, began: datetime) -> None:
    """Tell the trail what was read of a message, and what was proposed for it."""
    facts = {
        "message_id": suggestion.message_id,
        "play": prepared.drafts[0].play if prepared.drafts else None,
        "classify_ms": _ms(began, prepared.assessed.now),
        "draft_ms": _ms(prepared.assessed.now, suggestion.created_at),
    }
    read, case_id = _read_labels(prepared.classification), suggestion.case_id
    work.note("message.classified", suggestion.message_id, by="tactful", facts=read, case_id=case_id)
    if prepared.drafts and prepared.drafts[0].rewriting:
        facts["rewriting"] = prepared.drafts[0].rewriting
    work.note("suggestion.created", suggestion.id, by="tactful", facts=facts, case_id=case_id)


def _read_labels(classification: Classification) -> dict[str, object]:
    """What was read, for the trail: each label with its score, and without one where it is only a hint."""
    labels: dict[str, object] = {"bundle": classification.bundle}
    for task, judged in classification.tasks.items():
        if task in LABELS and not judged.abstained:
            labels |= {task: judged.label, f"{task}_score": round(judged.score, 4)}
    return labels


def _in_chunks(inbound: Sequence[Inbound], size: int) -> Iterator[list[Inbound]]:
    rest = iter(inbound)
    while some := list(islice(rest, size)):
        yield some


def _message_of(safe: Safe, case: Case, *, now: datetime, is_automatic: bool) -> Message:
    item = safe.item
    return Message(
        id=new_id("msg", now=now),
        origin=item.origin,
        thread_id=case.thread_id,
        author=safe.author,
        text=safe.text,
        visibility=item.visibility,
        received_at=now,
        masking=Masking(safe.handling, safe.spans),
        subject=safe.subject,
        case_id=case.id,
        turn=case.turn if is_automatic and case.turn else case.turn + 1,
        attachments=safe.attachments,
    )


def _heard_again(work: Work, case: Case, message: Message, *, source: Source) -> Case:
    """Whoever writes again is not done with it, and what was about to go out has not read it.

    What was history, or a sample, is at work from now on.
    """
    was_resolved = case.ending.resolved_at is not None
    case = replace(
        case,
        turn=message.turn,
        latest_message_id=message.id,
        ending=Ending(),
        source=source if source is Source.LIVE else case.source,
    )
    work.cases.save(case)
    if was_resolved:
        facts = {"message_id": message.id}
        work.note("case.reopened", case.id, by="channel", facts=facts, case_id=case.id)
    for reply_id in work.replies.hold(case.id, before_turn=message.turn, problem=WROTE_AGAIN):
        work.note("reply.held", reply_id, by="tactful", facts={"message_id": message.id}, case_id=case.id)
    return case


def _set_aside(work: Work, case: Case, message: Message, *, now: datetime) -> None:
    """Keep a machine's own words where everybody can see them; they open nothing and hold nothing back."""
    facts = {"reason": message.origin.automatic}
    work.note("message.set_aside", message.id, by="tactful", facts=facts, case_id=case.id)
    if case.turn == 0:
        first = replace(case, turn=message.turn, latest_message_id=message.id)
        work.cases.save(first)
        resolved(work, first, Resolution.IGNORED, by="tactful", at=now)


def _keep_native(work: Work, case: Case, safe: Safe, *, now: datetime) -> None:
    """Our own answer, written on the network itself: what waited is answered, what was drafted is overtaken."""
    item = safe.item
    answer = NativeAnswer(
        id=new_id("nat", now=now),
        channel=item.origin.channel,
        outside_id=item.origin.outside_id,
        thread_id=case.thread_id,
        case_id=case.id,
        author=safe.author.name or safe.author.handle,
        text=safe.text,
        written_at=item.origin.written_at,
        received_at=now,
    )
    if not work.messages.add_native(answer) or case.turn == 0:
        return
    case = replace(case, turn=case.turn + 1)
    work.cases.save(case)
    work.suggestions.supersede(case.id, before_turn=case.turn)
    for reply_id in work.replies.hold(case.id, before_turn=case.turn, problem="Somebody answered on the network."):
        work.note("reply.held", reply_id, by="tactful", facts={"answer_id": answer.id}, case_id=case.id)
    end_promise(work, case, PromiseState.KEPT, at=now)
    work.note("reply.native", answer.id, by="channel", facts={"channel": item.origin.channel}, case_id=case.id)
    settle(work, case, by="channel")


def _as_answer(prepared: Prepared, score: int) -> Prepared:
    """What to do about an answer to the satisfaction question: nothing, unless something in it cannot wait."""
    decision = prepared.decision
    if decision.action in (Action.TAKE_OFFLINE, Action.ESCALATE) or prepared.situation.danger.risks:
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
        created_at=now,
        choice=Choice(SuggestionState.DISMISSED if is_settled else SuggestionState.PROPOSED),
        asks=prepared.asks,
        playbook=prepared.playbook,
        case_id=message.case_id,
        turn=message.turn,
    )


def _keep_score(
    work: Work, case: Case, message: Message, score: int | None, *, is_settled: bool, now: datetime
) -> None:
    if not work.surveys.close(message.thread_id, message_id=message.id, score=score) or score is None:
        return
    facts = {"message_id": message.id, "score": score}
    work.note("satisfaction.answered", message.thread_id, by="customer", facts=facts, case_id=case.id)
    if is_settled:
        try:
            resolved(work, case, Resolution.SOLVED, by="customer", at=now)
        except Conflict:
            # Something of it is still offline: a person closes that first.
            return


def _ms(start: datetime, end: datetime) -> float:
    return round((end - start).total_seconds() * 1000, 3)

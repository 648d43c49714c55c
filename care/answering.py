"""What people decide about an answer: approve, reject, dismiss, their own words, take back, send again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from care import offline_path
from care.case import Case, Reopening, Resolution, look_ahead
from care.case_file import CaseFile
from care.channel_rules import ChannelRules, rules_of
from care.correcting import Labels, keep_labels
from care.crisis import refuse_crisis
from care.errors import AlreadyDecided, BadReply, Conflict, Problem, StaleVersion
from care.failpoints import Point, reach
from care.ids import new_id
from care.masking import check_labels, mask
from care.message import Visibility
from care.note import Note, NoteKind
from care.outgoing import check_claims, check_text, new_reply
from care.pointing import IN_TROUBLE, refuse_pointing
from care.ports import DELIVER, Channel, Clock, JobQueue, Playbook, Redactor, ToneChecker
from care.promise import Promise, PromiseState
from care.promising import promised_in
from care.reply import (
    MAY_BE_OUT,
    NEXT,
    Approval,
    Choice,
    Draft,
    Purpose,
    Rejection,
    Reply,
    ReplyStage,
    Suggestion,
    SuggestionState,
)
from care.second_yes import read_again, tell_unread
from care.settling import end_promise, reopened, resolved, say_again, settle
from care.signing import signed
from care.times import rfc_3339
from care.unit_of_work import Store, Work
from care.withdrawing import undo_effects
from care.writing import refuse_held, sent

DEFAULT_UNDO_S = 10.0


@dataclass(frozen=True, slots=True)
class Words:
    """A person's own words to a customer.

    promise: the hour they quote, as the person confirmed it. is_no_promise: they said that what reads like one is none.
    turn: of the case, as the person had read it; None: they do not say. request_key: the same one twice is one reply.
    pointer: what is said in public beside them; the text then goes in private. None: it answers where it was asked.
    fence: the number of the hold they were written under.
    """

    by: str
    text: str
    promise: datetime | None = None
    turn: int | None = None
    request_key: str | None = None
    is_no_promise: bool = False
    pointer: str | None = None
    fence: int | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """What one yes of a person sends: a reply, and where it goes in private a public pointer to it."""

    reply: Reply
    pointer: Reply | None = None

    def at(self, turn: int) -> "Act":
        """The same, written at this turn of the case."""
        return Act(self.reply.at(turn), self.pointer.at(turn) if self.pointer else None)


@dataclass(frozen=True, slots=True)
class Answering:
    """Everything it takes to turn a person's decision into a reply on its way out, or back.

    undo_s: seconds between approval and sending in which a reply can be taken back, by channel name, over what the
    playbook says; "*" speaks for every channel that is not named. known_labels: what the bundles tell apart, now.
    """

    store: Store
    channels: Mapping[str, Channel]
    redactor: Redactor
    playbook: Playbook
    tone: ToneChecker
    queue: JobQueue
    clock: Clock
    undo_s: Mapping[str, float]
    known_labels: Callable[[], Labels]

    def approve(self, suggestion_id: str, approval: Approval) -> Reply:
        """Turn a suggestion into the one reply that goes out, in a person's name, with the text they saw or wrote.

        The same person's same approval again answers with the same reply. Raises NotFound, AlreadyDecided,
        StaleVersion (it changed, or the customer wrote again), BadReply (an open slot, a stopped tone, too long, a
        claim that is not true), SensitiveBlocked, and BadStep for an unknown label; nothing is written then. With a
        pointer both are sent, or neither.
        """
        with self.store() as work:
            suggestion = work.suggestions.get(suggestion_id)
            if (known := _same_approval(work, suggestion, approval)) is not None:
                return known
            file = work.cases.file(suggestion.message_id)
        check_labels(approval.labels, redactor=self.redactor)
        draft = suggestion.drafts[approval.draft] if 0 <= approval.draft < len(suggestion.drafts) else None
        act = self._act(approval, file, labels={**file.labels, **approval.labels})
        check_claims(draft, file)
        until = self._promise(approval, file, draft=draft)
        act = act.at(suggestion.turn)
        is_edited = draft is None or draft.says(act.reply.address.visibility) != approval.text
        said = replace(act.reply.said, play=draft.play if draft else None, is_edited=is_edited)
        reply = replace(act.reply, suggestion_id=suggestion.id, said=said)
        decided = self._decided(suggestion, SuggestionState.APPROVED, by=approval.by)
        with self.store() as work:
            case = work.cases.lock(suggestion.case_id)
            refuse_held(work, case, by=approval.by, fence=approval.fence)
            refuse_crisis(work.crises.latest(), draft, (approval.text, approval.pointer))
            work.suggestions.decide(decided, from_version=approval.version)
            reach(Point.APPROVE_DECIDED)
            _refuse_stale(case, suggestion.turn)
            _add(work, Act(reply, act.pointer))
            keep_labels(work, file, approval.labels, self.known_labels(), by=approval.by)
            self._say(work, case, reply, until=until)
            event = "suggestion.edited" if reply.said.is_edited else "suggestion.approved"
            facts = {"message_id": reply.message_id, "reply_id": reply.id, "play": reply.said.play}
            work.note(event, suggestion.id, by=approval.by, facts=facts, case_id=case.id)
            sent(work, case, reply.id, by=approval.by)
            settle(work, case, by=approval.by)
        reach(Point.APPROVE_COMMITTED)
        self.queue.ring(DELIVER, reply.id)
        return reply

    def reject(self, suggestion_id: str, rejection: Rejection) -> Suggestion:
        """Note that no draft was good enough, and why. The message stays open for a person's own words.

        Raises NotFound, AlreadyDecided, StaleVersion, and BadStep or SensitiveBlocked for a label that is none.
        """
        check_labels(rejection.labels, redactor=self.redactor)
        with self.store() as work:
            suggestion = work.suggestions.get(suggestion_id)
            case = work.cases.lock(suggestion.case_id)
            refuse_held(work, case, by=rejection.by)
            decided = self._decided(suggestion, SuggestionState.REJECTED, by=rejection.by, reason=rejection.reason)
            work.suggestions.decide(decided, from_version=rejection.version)
            file = work.cases.file(suggestion.message_id)
            keep_labels(work, file, rejection.labels, self.known_labels(), by=rejection.by)
            self._note_why(work, case, rejection)
            play = suggestion.drafts[0].play if suggestion.drafts else None
            facts = {"message_id": suggestion.message_id, "reason": rejection.reason.value, "play": play}
            work.note("suggestion.rejected", suggestion.id, by=rejection.by, facts=facts, case_id=case.id)
            settle(work, case, by=rejection.by)
        return decided

    def reject_draft(self, suggestion_id: str, draft: int, rejection: Rejection) -> None:
        """Note that one draft was not good enough, and why; the others stand. Raises what `reject` raises."""
        with self.store() as work:
            suggestion = work.suggestions.get(suggestion_id)
            case = work.cases.lock(suggestion.case_id)
            refuse_held(work, case, by=rejection.by)
            choice = suggestion.choice
            if choice.state is not SuggestionState.PROPOSED:
                raise AlreadyDecided(suggestion.id, state=choice.state, decided_by=choice.decided_by)
            if choice.version != rejection.version or not 0 <= draft < len(suggestion.drafts):
                raise StaleVersion("Another suggestion stands here now.")
            self._note_why(work, case, rejection)
            play = suggestion.drafts[draft].play
            about = {"message_id": suggestion.message_id, "draft": draft}
            facts = {**about, "reason": rejection.reason.value, "play": play}
            work.note("draft.rejected", suggestion.id, by=rejection.by, facts=facts, case_id=case.id)

    def restore_draft(self, suggestion_id: str, draft: int, *, by: str) -> None:
        """Take back that one draft was rejected."""
        with self.store() as work:
            suggestion = work.suggestions.get(suggestion_id)
            work.note("draft.restored", suggestion.id, by=by, facts={"draft": draft}, case_id=suggestion.case_id)

    def _note_why(self, work: Work, case: Case, rejection: Rejection) -> None:
        """Keep what a person said was wrong, for colleagues."""
        why = mask(rejection.note.strip(), redactor=self.redactor).text if rejection.note else ""
        if why:
            at = self.clock()
            work.notes.add(Note(new_id("note", now=at), case.id, why, rejection.by, at, NoteKind.REJECTION))

    def dismiss(self, suggestion_id: str, *, by: str, version: int) -> Suggestion:
        """Note that this message needs no answer. A case that waits for nothing else is closed by it."""
        with self.store() as work:
            suggestion = work.suggestions.get(suggestion_id)
            case = work.cases.lock(suggestion.case_id)
            refuse_held(work, case, by=by)
            decided = self._decided(suggestion, SuggestionState.DISMISSED, by=by)
            work.suggestions.decide(decided, from_version=version)
            facts = {"message_id": suggestion.message_id}
            work.note("suggestion.dismissed", suggestion.id, by=by, facts=facts, case_id=case.id)
            if case.reopening.reopened_at is not None:
                # What it was opened again for needs no answer either.
                case = replace(case, reopening=Reopening())
                work.cases.save(case)
            if _waits_for_nothing(work, case):
                resolved(work, case, Resolution.DISMISSED, by=by, at=self.clock())
            else:
                settle(work, case, by=by)
        return decided

    def reconsider(self, suggestion_id: str, *, by: str) -> Suggestion:
        """Take a rejection or a dismissal back. Raises NotFound, and Conflict where it was approved or overtaken."""
        with self.store() as work:
            suggestion = work.suggestions.get(suggestion_id)
            case = work.cases.lock(suggestion.case_id)
            choice = suggestion.choice
            if choice.state not in (SuggestionState.REJECTED, SuggestionState.DISMISSED):
                said = f"This suggestion is {choice.state}; there is nothing to take back."
                raise Conflict(said, state=choice.state, by=choice.decided_by)
            work.suggestions.reopen(suggestion_id, is_overtaken=suggestion.turn < case.turn)
            work.note("suggestion.reopened", suggestion_id, by=by, case_id=case.id)
            if case.ending.resolution is Resolution.DISMISSED:
                case = reopened(work, case, by=by, at=self.clock(), policy=self.playbook.policy)
            settle(work, case, by=by)
            return work.suggestions.get(suggestion_id)

    def answer(self, message_id: str, words: Words) -> Reply:
        """Send a person's own words, at any time before the case is resolved, with or without a suggestion.

        What was suggested and not decided is then overtaken. Raises what `approve` raises, and Conflict for a case
        that is resolved.
        """
        return self._write(message_id, words, purpose=Purpose.ANSWER)

    def close_in_public(self, message_id: str, words: Words) -> Reply:
        """Close the loop of an offline matter with a reply on the channel where it began.

        Raises what `approve` raises, and Conflict before the customer was reached offline.
        """
        return self._write(message_id, words, purpose=Purpose.CLOSING)

    def _write(self, message_id: str, words: Words, *, purpose: Purpose) -> Reply:
        with self.store() as work:
            file = work.cases.file(message_id)
            if (known := _same_words(work, words, file.case)) is not None:
                return known
        refuse_resolved(file.case)
        if purpose is Purpose.CLOSING:
            offline_path.refuse_closing(file)
        act = self._act(words, file, labels=file.labels)
        until = self._promise(words, file, draft=None)
        reply = replace(
            act.reply,
            purpose=purpose,
            said=replace(act.reply.said, is_edited=True),
            consent=replace(act.reply.consent, request_key=words.request_key),
        )
        with self.store() as work:
            case = work.cases.lock(file.case.id)
            # Of two sends of the same words at once, the second waits here until the first is kept.
            if (known := _same_words(work, words, case)) is not None:
                return known
            refuse_resolved(case)
            refuse_held(work, case, by=words.by, fence=words.fence)
            refuse_crisis(work.crises.latest(), None, (words.text, words.pointer))
            _refuse_stale(case, words.turn)
            _add(work, Act(reply, act.pointer).at(case.turn))
            if purpose is Purpose.CLOSING:
                offline_path.close(work, case, reply, at=self.clock())
            work.suggestions.supersede(case.id, before_turn=case.turn + 1)
            self._say(work, case, reply, until=until)
            work.note("reply.written", reply.id, by=words.by, facts={"message_id": message_id}, case_id=case.id)
            sent(work, case, reply.id, by=words.by)
            settle(work, case, by=words.by)
        self.queue.ring(DELIVER, reply.id)
        return reply.at(case.turn)

    # a person looks again -----------------------------------------------------------------------------------------

    def withdraw(self, reply_id: str, *, by: str) -> Reply:
        """Take a reply back before it goes out. Its suggestion is open again, unless the customer wrote since.

        A private answer and its pointer are taken back together; where the answer has gone, its pointer alone.
        Raises Conflict when a worker already has it.
        """
        with self.store() as work:
            case = work.cases.lock(work.replies.get(reply_id).case_id)
            reply = work.replies.get(reply_id)
            if reply.sending.stage is ReplyStage.WITHDRAWN:
                return reply
            other = work.replies.other_half(reply)
            if other is not None and ReplyStage.WITHDRAWN in NEXT[other.sending.stage]:
                case = self._withdraw(work, case, other, by=by)
            case = self._withdraw(work, case, reply, by=by)
            settle(work, case, by=by)
            return work.replies.get(reply_id)

    def _withdraw(self, work: Work, case: Case, reply: Reply, *, by: str) -> Case:
        if reply.sending.problem == MAY_BE_OUT and reply.sending.stage is ReplyStage.PENDING:
            raise Conflict("It may have gone out already and cannot be taken back.", state=reply.sending.stage)
        if not work.replies.save(_moved(reply, ReplyStage.WITHDRAWN), was=reply.sending.stage):
            raise Conflict("It is already on its way and cannot be taken back.")
        return undo_effects(work, case, reply, by=by, at=self.clock(), policy=self.playbook.policy)

    def send_again(self, reply_id: str, *, by: str) -> Reply:
        """A person looked at a failed, unclear or held reply and wants it sent, as the case stands now."""
        return self._settle(reply_id, ReplyStage.PENDING, by=by, event="reply.sent_again")

    def mark_sent(self, reply_id: str, *, by: str) -> Reply:
        """A person looked at an unclear reply and saw it on the channel."""
        return self._settle(reply_id, ReplyStage.SENT, by=by, event="reply.marked_sent")

    def _settle(self, reply_id: str, stage: ReplyStage, *, by: str, event: str) -> Reply:
        with self.store() as work:
            case = work.cases.lock(work.replies.get(reply_id).case_id)
            reply = work.replies.get(reply_id)
            was = reply.sending.stage
            if was not in (ReplyStage.FAILED, ReplyStage.UNKNOWN, ReplyStage.HELD):
                raise Conflict(f"Reply {reply_id} is {was}; nothing needs settling.", state=was)
            _refuse_untrue(work, reply, stage)
            changes: dict[str, object] = {"sent_at": self.clock()}
            if stage is ReplyStage.PENDING:
                is_rehearsal = self.is_rehearsal(reply.address.channel)
                changes = {"not_before": self.clock(), "is_rehearsal": is_rehearsal}
                say_again(work, reply, at=self.clock())
            settled = _moved(reply, stage, **changes)
            if stage is ReplyStage.PENDING:
                settled = read_again(work, settled.at(case.turn), was=was, by=by)
            if not work.replies.save(settled, was=was):
                raise StaleVersion(f"Reply {reply_id} has changed; look again.")
            work.note(event, reply.id, by=by, case_id=case.id)
            settle(work, case, by=by)
        if stage is ReplyStage.PENDING:
            self.queue.ring(DELIVER, reply.id)
        return settled

    # shared ---------------------------------------------------------------------------------------------------------

    def _act(self, said: Approval | Words, file: CaseFile, *, labels: Mapping[str, str]) -> Act:
        """What one yes sends, signed and checked, not yet kept: each text as what it is, private or public."""
        if said.pointer is None:
            return Act(self._checked(said.text, file, by=said.by, labels=labels))
        refuse_pointing(file.message, self._rules(file))
        answer = self._checked(said.text, file, by=said.by, labels=labels, visibility=Visibility.PRIVATE)
        try:
            pointer = self._checked(said.pointer, file, by=said.by, labels=labels, visibility=Visibility.PUBLIC)
            self._refuse_second_promise(said, file)
        except BadReply as error:
            of_it = [replace(problem, where=f"the public text, {problem.where}") for problem in error.problems]
            raise type(error)(of_it, part="pointer") from error
        said_too = replace(pointer.said, is_edited=True)
        return Act(answer, replace(pointer, purpose=Purpose.POINTER, answer_id=answer.id, said=said_too))

    def _checked(
        self,
        text: str,
        file: CaseFile,
        *,
        by: str,
        labels: Mapping[str, str],
        visibility: Visibility | None = None,
    ) -> Reply:
        reply = self.new_reply(file, text=text, by=by, visibility=visibility)
        self.check_text(reply.said.text, file, labels=labels, visibility=reply.address.visibility)
        return reply

    def check_text(
        self, text: str, file: CaseFile, *, labels: Mapping[str, str], visibility: Visibility | None = None
    ) -> None:
        """Raises BadReply and SensitiveBlocked for a text that may not go out."""
        check_text(
            text,
            answers=file.message,
            labels=labels,
            redactor=self.redactor,
            tone=self.tone,
            visibility=visibility,
        )

    def _refuse_second_promise(self, said: Approval | Words, file: CaseFile) -> None:
        if said.is_no_promise or said.pointer is None:
            return
        zone = self.playbook.policy.clock(file.message.origin.channel).hours.zone
        hour = promised_in(said.pointer, now=self.clock(), zone=zone)
        if hour is not None and hour.until != said.promise:
            raise BadReply([Problem(f"“{hour.words}”", "promises an hour", "promise it in the private answer")])

    def new_reply(self, file: CaseFile, *, text: str, by: str, visibility: Visibility | None = None) -> Reply:
        """A reply to the message that a case was read at, signed, with its undo window, not yet kept.

        visibility: of the reply; None: as the message's.
        """
        with self.store(read=True) as work:
            author = work.access.person(id=by)
        going_out = signed(text, rules=self._rules(file), by=author.signs_as if author else "")
        reply = new_reply(file.message, text=going_out, by=by, now=self.clock(), undo_s=self.undo_windows)
        reply = reply.with_consent(turn=file.case.turn, needs_second=author is not None and author.is_checked)
        return replace(
            reply.with_sending(is_rehearsal=self.is_rehearsal(reply.address.channel)),
            said=replace(reply.said, typed=text if going_out != text else None),
            address=replace(reply.address, visibility=visibility or reply.address.visibility),
        )

    @property
    def undo_windows(self) -> Mapping[str, float]:
        """Seconds in which a reply can be taken back, by channel name; "*" for any other."""
        said = self.undo_s
        agreed = {} if "*" in said else {name: rules.undo_s for name, rules in self.playbook.channels.items()}
        return {"*": DEFAULT_UNDO_S, **agreed, **said}

    def _rules(self, file: CaseFile) -> ChannelRules | None:
        return rules_of(self.playbook.channels, file.message.origin.channel)

    def is_rehearsal(self, channel: str) -> bool:
        """Whether what is approved for a channel now only rehearses."""
        known = self.channels.get(channel)
        return known is not None and known.is_rehearsal

    def _promise(self, said: Approval | Words, file: CaseFile, *, draft: Draft | None) -> datetime | None:
        """The hour whose clock starts when this goes out. Raises BadReply for one not confirmed, or passed."""
        now, text, confirmed = self.clock(), said.text, said.promise
        if said.is_no_promise:
            return None
        if confirmed is None and draft is not None and draft.promised_at is not None and draft.promise in text:
            confirmed = draft.promised_at
        if confirmed is not None and confirmed <= now:
            raise BadReply([Problem("the promise", "quotes an hour that has passed", "quote a later one, or none")])
        if confirmed is not None:
            return confirmed
        zone = self.playbook.policy.clock(file.message.origin.channel).hours.zone
        hour = promised_in(text, now=now, zone=zone)
        if hour is not None:
            raise BadReply([Problem(f"“{hour.words}”", "promises an hour", f"confirm {rfc_3339(hour.until)}")])
        return None

    def _say(self, work: Work, case: Case, reply: Reply, *, until: datetime | None) -> None:
        """Keep what a reply promises, and end the promise that it keeps or moves."""
        at = reply.consent.approved_at
        ended = PromiseState.MOVED if until is not None else PromiseState.KEPT
        end_promise(work, case, ended, at=at, by_reply=reply.id)
        if until is None:
            return
        promise = Promise(
            id=new_id("prm", now=at),
            case_id=case.id,
            reply_id=reply.id,
            until=until,
            look_at=look_ahead(until, made_at=at),
            made_by=reply.consent.approved_by,
            made_at=at,
        )
        work.promises.make(promise)
        facts = {"until": rfc_3339(until), "reply_id": reply.id}
        work.note("promise.made", promise.id, by=reply.consent.approved_by, facts=facts, case_id=case.id)

    def _decided(
        self, suggestion: Suggestion, state: SuggestionState, *, by: str, reason: str | None = None
    ) -> Suggestion:
        version = suggestion.choice.version + 1
        return replace(suggestion, choice=Choice(state, version, by, self.clock(), reject_reason=reason))


def refuse_resolved(case: Case) -> None:
    """Raises Conflict for a case that somebody resolved."""
    if case.is_resolved:
        said = "This case is resolved; open it again to write to the customer."
        raise Conflict(said, state=case.standing.state, by=case.ending.resolved_by)


def _refuse_stale(case: Case, turn: int | None) -> None:
    if turn is not None and turn < case.turn:
        raise StaleVersion("The customer wrote again; read it before you answer.")


def _same_approval(work: Work, suggestion: Suggestion, approval: Approval) -> Reply | None:
    """The reply that this very approval made before; None where it is new."""
    if suggestion.choice.state is SuggestionState.PROPOSED:
        return None
    known = work.replies.of_suggestion(suggestion.id)
    if known is not None and known.consent.approved_by == approval.by and _is_said(work, known, approval):
        return known
    raise AlreadyDecided(suggestion.id, state=suggestion.choice.state, decided_by=suggestion.choice.decided_by)


def _same_words(work: Work, words: Words, case: Case) -> Reply | None:
    """The reply that this very send made before; None where it is new. Raises Conflict for other words by its key."""
    known = work.replies.asked_with(words.request_key, by=words.by) if words.request_key else None
    if known is not None and (known.case_id != case.id or not _is_said(work, known, words)):
        problem = "You sent another reply with this key; send these words with a new one."
        raise Conflict(problem, state=known.sending.stage)
    return known


def _is_said(work: Work, known: Reply, said: Approval | Words) -> bool:
    """Whether a reply is these very words, with the same word in public beside it."""
    pointer = work.replies.other_half(known) if known.purpose is not Purpose.POINTER else None
    return (known.said.words, pointer.said.words if pointer else None) == (said.text, said.pointer)


def _add(work: Work, act: Act) -> None:
    work.replies.add(act.reply)
    tell_unread(work, act.reply)
    if act.pointer is not None:
        work.replies.add(act.pointer)
        facts, by = {"answer_id": act.reply.id}, act.reply.consent.approved_by
        work.note("reply.pointer", act.pointer.id, by=by, facts=facts, case_id=act.reply.case_id)


def _refuse_untrue(work: Work, reply: Reply, stage: ReplyStage) -> None:
    """Raises Conflict for a pointer that would go out although its answer did not."""
    answer = work.replies.other_half(reply) if reply.purpose is Purpose.POINTER else None
    stands = answer.sending.stage if answer is not None else None
    if stage is ReplyStage.PENDING and stands in (*IN_TROUBLE, ReplyStage.WITHDRAWN):
        raise Conflict("The private answer that it points to has not gone out; send that first.", state=stands)


def _waits_for_nothing(work: Work, case: Case) -> bool:
    facts = work.cases.facts(case)
    has_more = facts.is_our_turn or facts.is_answered or facts.offline_due_at is not None
    return not (has_more or facts.promises or facts.handovers or facts.is_resolved)


def _moved(reply: Reply, stage: ReplyStage, **changes: object) -> Reply:
    try:
        return reply.moved(stage, **changes)
    except ValueError as error:
        raise Conflict(str(error), state=reply.sending.stage) from error

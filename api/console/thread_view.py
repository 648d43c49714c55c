"""The conversation: the message with its deciding words, what was said around it, and what is on its way out."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.console import wording
from api.console.decision_view import deciding_words
from api.console.viewer import Viewer
from care.case_file import CaseFile
from care.classification import Judgement
from care.message import Turn, Visibility, is_somebody_else
from care.pointing import IN_TROUBLE
from care.reply import NEXT, Purpose, Reply, ReplyStage
from care.sensitive import Handling

ON_THE_WAY = (
    ReplyStage.PENDING,
    ReplyStage.HELD,
    ReplyStage.CLAIMED,
    ReplyStage.INFLIGHT,
    ReplyStage.FAILED,
    ReplyStage.UNKNOWN,
)


@dataclass(frozen=True, slots=True)
class ThreadView:
    """What was said. kinds: of what was removed; set_aside: why nobody need answer it."""

    segments: Sequence[wording.Segment]
    before: Sequence["TurnView"]
    after: Sequence["TurnView"]
    outgoing: Sequence["OutgoingView"]
    is_flagged: bool
    is_withheld: bool
    kinds: str
    set_aside: str


def thread_view(case: CaseFile, viewer: Viewer, *, why: Judgement | None) -> ThreadView:
    """why: the intent with its reasons, where its words are marked."""
    message = case.message
    before, after = _around(case)
    return ThreadView(
        segments=wording.segments(message, deciding_words(why)),
        before=before,
        after=after,
        outgoing=_outgoing(case, viewer),
        is_flagged=message.masking.handling.leaves_the_open,
        is_withheld=message.masking.handling is Handling.WITHHELD,
        kinds=wording.kinds_found(message),
        set_aside=message.origin.automatic or "",
    )


@dataclass(frozen=True, slots=True)
class TurnView:
    """One turn of the thread. reply: the reply it is, where it went out from here. is_others: said by, or to, somebody
    else than who wrote the message."""

    turn: Turn
    reply: Reply | None = None
    is_others: bool = False

    @property
    def who(self) -> str:
        if self.is_others:
            who = "" if self.turn.by_customer else f"{self.turn.author or 'Us'} to "
            return f"{who}{self.turn.customer}, somebody else"
        return "Customer" if self.turn.by_customer else self.turn.author or "Us"

    @property
    def stage(self) -> str:
        """What became of it: delivered, rehearsed, answered natively."""
        if self.turn.by_customer:
            return ""
        if self.reply is None:
            return "Answered natively" if self.turn.author else "Sent"
        if self.reply.sending.is_rehearsal:
            return "Rehearsed: it reached nobody"
        return wording.STAGES[self.reply.sending.stage]


@dataclass(frozen=True, slots=True)
class OutgoingView:
    """One reply that has not reached the customer as far as we know. undo_s: seconds left to take it back.

    other: the private answer of a pointer, or the pointer of a private answer. is_mine: who looks wrote it. may_read:
    they may be the second to read it.
    """

    reply: Reply
    by: str
    undo_s: int
    other: Reply | None = None
    is_mine: bool = False
    may_read: bool = False

    @property
    def is_pointer(self) -> bool:
        """Whether it says in public that the answer went in private."""
        return self.reply.purpose is Purpose.POINTER

    @property
    def is_to_read(self) -> bool:
        """Whether a colleague has to read it first; a pointer is read with its answer."""
        is_with_answer = self.is_pointer and self.other is not None and self.other.waits_for_colleague
        return self.reply.waits_for_colleague and not is_with_answer

    @property
    def is_untrue(self) -> bool:
        """Whether it points to an answer that has not gone out: nobody can send it is."""
        stands = self.other.sending.stage if self.other is not None else None
        return self.is_pointer and stands in (*IN_TROUBLE, ReplyStage.WITHDRAWN)

    @property
    def takes_both(self) -> bool:
        """Whether taking it back takes the other half back, too."""
        return self.other is not None and ReplyStage.WITHDRAWN in NEXT[self.other.sending.stage]

    @property
    def stage(self) -> str:
        """Where it stands, in words."""
        stage = self.reply.sending.stage
        if self.reply.waits_for_colleague:
            return "Not sent yet: a colleague reads it first"
        if self.is_pointer and stage is ReplyStage.PENDING and self.other and not self.other.has_left:
            return "Goes out once the private answer has"
        return wording.STAGES[stage]

    @property
    def is_stuck(self) -> bool:
        return self.reply.sending.stage in IN_TROUBLE

    @property
    def is_public(self) -> bool:
        return self.reply.address.visibility is Visibility.PUBLIC


def _around(case: CaseFile) -> tuple[list[TurnView], list[TurnView]]:
    """The thread without this message itself: what was said before it, and since."""
    message = case.message
    replies = {reply.id: reply for reply in case.handled.replies}
    before, after, is_seen = [], [], False
    for turn in case.thread:
        said = TurnView(turn, replies.get(turn.id), is_somebody_else(turn, message))
        if turn.id == message.id:
            is_seen = True
        elif is_seen or turn.at > message.origin.written_at:
            after.append(said)
        else:
            before.append(said)
    return before, after


def _outgoing(case: CaseFile, viewer: Viewer) -> list[OutgoingView]:
    """Replies on their way, and those a person must look at, oldest first."""
    outgoing, replies = [], case.handled.replies
    other = {earlier.answer_id: earlier for earlier in replies if earlier.answer_id}
    other |= {earlier.id: answer for earlier in replies for answer in replies if answer.id == earlier.answer_id}
    for reply in replies:
        sending = reply.sending
        if sending.stage in ON_THE_WAY:
            waits_s = int((sending.not_before - viewer.now).total_seconds())
            is_waiting = sending.stage is ReplyStage.PENDING and not reply.waits_for_colleague
            author = reply.consent.approved_by
            by, is_mine = viewer.names.get(author, "somebody"), author == viewer.id
            may_read = reply.waits_for_colleague and not is_mine and not viewer.is_checked
            left = max(0, waits_s) if is_waiting else 0
            outgoing.append(OutgoingView(reply, by, left, other.get(reply.id), is_mine, may_read))
    return outgoing

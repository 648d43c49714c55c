"""One answer, from suggestion to delivery, and the maps of allowed moves.

A *suggestion* is what tactful proposes for one message: up to three drafts, until a person decides.
A *reply* is what a person approved: at most one for a suggestion, any number for a case, and all that can go out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from care import placeholders
from care.decision import Decision
from care.message import Visibility


class Verdict(StrEnum):
    """What the tone check says of a text."""

    SEND = "send"
    WARN = "warn"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the tone check found. start, end: code points of the text; fix: a text to put there instead."""

    rule: str
    start: int
    end: int
    message: str
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class ToneReport:
    """The tone check's verdict on one text. score: 0 to 1, the probability that it may go out as it is."""

    verdict: Verdict
    score: float
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """One proposed text: a play, rendered for this message.

    play: "order-status@3f2a91c0" names play and version. missing: slots a person must fill; each stands in the text
    as `[[slot]]`, and while one stands there the text cannot be approved. promise, promised_at: the hour it quotes, in
    its own words and as an instant. handed_to: the team it says has the matter; it can go out once they have it.
    private_text: what it says in private to somebody who wrote in public, where the channel takes such an answer; "":
    nothing of its own.
    """

    play: str
    text: str = field(repr=False)
    missing: tuple[str, ...] = ()
    tone: ToneReport = ToneReport(Verdict.SEND, 1.0)
    score: float = 0.0
    title: str = ""
    is_offline: bool = False
    promise: str = ""
    promised_at: datetime | None = None
    handed_to: str = ""
    private_text: str = field(default="", repr=False)

    def says(self, visibility: Visibility) -> str:
        """Its words for this act: those for private, where it has any and the answer goes in private."""
        return self.private_text if visibility is Visibility.PRIVATE and self.private_text else self.text


def open_slots(text: str) -> list[str]:
    """What a person still has to fill: `order_number` for `[[order_number]]`, other systems' marks as they stand."""
    return [gap.name for gap in placeholders.find(text)]


class SuggestionState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    """The customer wrote again, or a person answered in their own words, before anybody decided."""
    DISMISSED = "dismissed"
    """A person decided that this message needs no answer."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What tactful proposes for one message. asks: the one question to settle when there is no draft.

    turn: of the case, when the message was read.
    """

    id: str
    message_id: str
    decision: Decision
    drafts: tuple[Draft, ...]
    state: SuggestionState
    version: int
    created_at: datetime
    asks: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    reject_reason: str | None = None
    playbook: str = ""
    case_id: str = ""
    turn: int = 1


class RejectReason(StrEnum):
    """Why a person did not take a suggestion; becomes training data."""

    WRONG_INTENT = "wrong_intent"
    WRONG_TONE = "wrong_tone"
    MISSING_FACTS = "missing_facts"
    POLICY = "policy"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's yes: the text as it will go out, and what they changed.

    promise: the hour that the text quotes, as the person confirmed it. is_no_promise: they said that it promises none.
    pointer: what is said in public beside it; the text then goes in private. None: the text answers where it was asked.
    fence: the number of the hold under which they wrote it.
    """

    by: str
    text: str = field(repr=False)
    version: int
    draft: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    promise: datetime | None = None
    is_no_promise: bool = False
    pointer: str | None = field(default=None, repr=False)
    fence: int | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """A person's no, and why."""

    by: str
    version: int
    reason: RejectReason
    note: str | None = field(default=None, repr=False)
    labels: Mapping[str, str] = field(default_factory=dict)


class Purpose(StrEnum):
    """What a reply is for."""

    ANSWER = "answer"
    CLOSING = "closing"
    """Closes in public what was handled offline."""
    POINTER = "pointer"
    """Says in public that the answer went in private: goes out once that answer has."""
    SATISFACTION = "satisfaction"
    """Asks, once a thread, whether the customer is content."""


class ReplyStage(StrEnum):
    """Where an approved reply stands on its way out."""

    PENDING = "pending"
    HELD = "held"
    """Something changed before it went out: a person must look at it again."""
    CLAIMED = "claimed"
    INFLIGHT = "inflight"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


NOT_SAID = (ReplyStage.WITHDRAWN, ReplyStage.FAILED, ReplyStage.HELD)
"""Stages of a reply that the customer has not heard."""

NEXT: dict[ReplyStage, frozenset[ReplyStage]] = {
    # Failed without a flight: too many crashes, or a channel that stayed busy for a day.
    ReplyStage.PENDING: frozenset({ReplyStage.CLAIMED, ReplyStage.HELD, ReplyStage.WITHDRAWN, ReplyStage.FAILED}),
    # Unclear where the store was put back from a copy of before it went out.
    ReplyStage.HELD: frozenset({ReplyStage.PENDING, ReplyStage.WITHDRAWN, ReplyStage.UNKNOWN}),
    ReplyStage.CLAIMED: frozenset({ReplyStage.INFLIGHT, ReplyStage.HELD, ReplyStage.PENDING, ReplyStage.FAILED}),
    # Back to pending only on proof that nothing went out.
    # Straight to delivered when the channel's receipt overtakes its answer.
    ReplyStage.INFLIGHT: frozenset(
        {ReplyStage.SENT, ReplyStage.DELIVERED, ReplyStage.PENDING, ReplyStage.FAILED, ReplyStage.UNKNOWN}
    ),
    ReplyStage.SENT: frozenset({ReplyStage.DELIVERED, ReplyStage.FAILED}),
    ReplyStage.DELIVERED: frozenset(),
    # A person may send it again after looking; nothing else may. What may have gone out is never withdrawn: a second
    # answer could follow it.
    ReplyStage.FAILED: frozenset({ReplyStage.PENDING, ReplyStage.WITHDRAWN}),
    ReplyStage.UNKNOWN: frozenset({ReplyStage.SENT, ReplyStage.DELIVERED, ReplyStage.PENDING}),
    ReplyStage.WITHDRAWN: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An approved answer. approved_by is always a person.

    idempotency_key: the same at every attempt, for channels that take one.
    not_before: end of the undo window; nothing is sent earlier.
    turn: of the case, as its author had read it. is_rehearsal: it was written while its channel only rehearsed.
    request_key: the author's own key of this send; the same one twice is one reply. typed: what its author wrote, where
    a signature was put under it. answer_id: of a pointer, the private answer that it speaks of.
    """

    id: str
    message_id: str
    suggestion_id: str | None
    channel: str
    recipient: str
    thread_key: str
    in_reply_to: str
    text: str = field(repr=False)
    stage: ReplyStage
    approved_by: str
    approved_at: datetime
    not_before: datetime
    idempotency_key: str
    attempt: int = 0
    purpose: Purpose = Purpose.ANSWER
    play: str | None = None
    is_edited: bool = False
    receipt: str | None = None
    sent_at: datetime | None = None
    problem: str | None = None
    subject: str | None = None
    case_id: str = ""
    turn: int = 1
    visibility: Visibility = Visibility.PRIVATE
    is_rehearsal: bool = False
    request_key: str | None = None
    typed: str | None = field(default=None, repr=False)
    answer_id: str | None = None

    @property
    def words(self) -> str:
        """What its author wrote: the text without the signature that was put under it."""
        return self.text if self.typed is None else self.typed

    @property
    def has_left(self) -> bool:
        """Whether the customer has it, as far as anybody knows."""
        return self.stage in (ReplyStage.SENT, ReplyStage.DELIVERED)

    def never_sent(self, problem: str) -> Self:
        """This reply withdrawn, at whatever stage its rehearsal stands. Raises ValueError for one that was real."""
        if not self.is_rehearsal:
            raise ValueError(f"Reply {self.id} was no rehearsal; it may have gone out.")
        return replace(self, stage=ReplyStage.WITHDRAWN, problem=problem)

    def moved(self, stage: ReplyStage, **changes: object) -> Self:
        """This reply at another stage.

        Raises ValueError for a move that NEXT does not allow.
        """
        if stage not in NEXT[self.stage]:
            raise ValueError(f"Reply {self.id} cannot go from {self.stage} to {stage}.")
        return replace(self, stage=stage, **changes)  # type: ignore[arg-type]

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
from care.knowledge import Lack, Source
from care.message import Visibility
from care.parts import Part


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


MOST_DRAFTS = 3
"""Drafts of one suggestion."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One proposed text: a play, rendered for this message.

    play: "order-status@3f2a91c0" names play and version. missing: slots a person must fill; each stands in the text
    as `[[slot]]`, and while one stands there the text cannot be approved. promise, promised_at: the hour it quotes, in
    its own words and as an instant. handed_to: the team it says has the matter; it can go out once they have it.
    sources: where its facts stand, and what an agent should read beside it. lacks: what knowledge had nothing for.
    private_text: what it says in private to somebody who wrote in public, where the channel takes such an answer; "":
    nothing of its own. rewriting: "taken" where an outside rewriter worded the text, else why its words were not taken;
    "" where none was asked.
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
    sources: tuple[Source, ...] = ()
    lacks: tuple[Lack, ...] = ()
    rewriting: str = ""

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
class Choice(Part):
    """What became of a suggestion, who decided it and when. version: grows by one with every change."""

    state: SuggestionState = SuggestionState.PROPOSED
    version: int = 1
    decided_by: str | None = None
    decided_at: datetime | None = None
    reject_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What tactful proposes for one message. asks: the one question to settle when there is no draft.

    turn: of the case, when the message was read.
    """

    id: str
    message_id: str
    decision: Decision
    drafts: tuple[Draft, ...]
    created_at: datetime
    choice: Choice = Choice()
    asks: str | None = None
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

MAY_BE_OUT = "An earlier try was interrupted: it may have gone out already."
"""What stands at a reply that waits to be sent once more with the same key: it can be neither taken back nor held."""

NEXT: dict[ReplyStage, frozenset[ReplyStage]] = {
    # Failed without a flight: too many crashes, or a channel that stayed busy for a day.
    # Unknown where an earlier try may have got through.
    ReplyStage.PENDING: frozenset(
        {ReplyStage.CLAIMED, ReplyStage.HELD, ReplyStage.WITHDRAWN, ReplyStage.FAILED, ReplyStage.UNKNOWN}
    ),
    # Unclear where the store was put back from a copy of before it went out.
    ReplyStage.HELD: frozenset({ReplyStage.PENDING, ReplyStage.WITHDRAWN, ReplyStage.UNKNOWN}),
    ReplyStage.CLAIMED: frozenset(
        {ReplyStage.INFLIGHT, ReplyStage.HELD, ReplyStage.PENDING, ReplyStage.FAILED, ReplyStage.UNKNOWN}
    ),
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
class ReplyText(Part):
    """What a reply says. typed: what its author wrote, where a signature was put under it.

    play: whose draft it was; is_edited: and whether a person changed it.
    """

    text: str = field(repr=False)
    subject: str | None = None
    typed: str | None = field(default=None, repr=False)
    play: str | None = None
    is_edited: bool = False

    @property
    def words(self) -> str:
        """What its author wrote: the text without the signature that was put under it."""
        return self.text if self.typed is None else self.typed


@dataclass(frozen=True, slots=True)
class Address(Part):
    """Where a reply goes: on which channel, to whom, in which conversation, and who can read it there."""

    channel: str
    recipient: str
    thread_key: str
    in_reply_to: str
    visibility: Visibility = Visibility.PRIVATE


@dataclass(frozen=True, slots=True)
class Consent(Part):
    """A person's yes to a reply. turn: of the case, as they had read it.

    request_key: their own key of this send; the same one twice is one reply. needs_second: a colleague has to read it
    before it goes out. second_by: who did.
    """

    approved_by: str
    approved_at: datetime
    turn: int = 1
    request_key: str | None = None
    needs_second: bool = False
    second_by: str | None = None

    @property
    def is_unread(self) -> bool:
        """Whether it waits for a colleague's yes."""
        return self.needs_second and self.second_by is None


@dataclass(frozen=True, slots=True)
class Sending(Part):
    """How far a reply has come on its way out. idempotency_key: the same at every attempt, for channels that take one.

    not_before: end of the undo window, or of a wait; nothing is sent earlier. is_rehearsal: it was written while its
    channel only rehearsed. receipt: the channel's own id of it.
    """

    stage: ReplyStage
    not_before: datetime
    idempotency_key: str
    attempt: int = 0
    is_rehearsal: bool = False
    receipt: str | None = None
    sent_at: datetime | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An approved answer: what it says, where it goes, who said yes, and how far it has come.

    answer_id: of a pointer, the private answer that it speaks of.
    """

    id: str
    case_id: str
    message_id: str
    said: ReplyText
    address: Address
    consent: Consent
    sending: Sending
    suggestion_id: str | None = None
    purpose: Purpose = Purpose.ANSWER
    answer_id: str | None = None

    @property
    def has_left(self) -> bool:
        """Whether the customer has it, as far as anybody knows."""
        return self.sending.stage in (ReplyStage.SENT, ReplyStage.DELIVERED)

    def never_sent(self, problem: str) -> Self:
        """This reply withdrawn, at whatever stage its rehearsal stands. Raises ValueError for one that was real."""
        if not self.sending.is_rehearsal:
            raise ValueError(f"Reply {self.id} was no rehearsal; it may have gone out.")
        return self.with_sending(stage=ReplyStage.WITHDRAWN, problem=problem)

    def moved(self, stage: ReplyStage, **changes: object) -> Self:
        """This reply at another stage. changes: of its `sending`.

        Raises ValueError for a move that NEXT does not allow.
        """
        if stage not in NEXT[self.sending.stage]:
            raise ValueError(f"Reply {self.id} cannot go from {self.sending.stage} to {stage}.")
        return self.with_sending(stage=stage, **changes)

    def with_sending(self, **changes: object) -> Self:
        """This reply with its `sending` changed in these fields; what is not named stays."""
        return replace(self, sending=replace(self.sending, **changes))  # type: ignore[arg-type]

    @property
    def waits_for_colleague(self) -> bool:
        """Whether it goes out once a colleague of its author has read it and said yes."""
        return self.sending.stage is ReplyStage.PENDING and self.consent.is_unread

    def with_consent(self, **changes: object) -> Self:
        """This reply with its `consent` changed in these fields; what is not named stays."""
        return replace(self, consent=replace(self.consent, **changes))  # type: ignore[arg-type]

    def at(self, turn: int) -> Self:
        """This reply, agreed to at this turn of its case."""
        return self.with_consent(turn=turn)

"""Messages, suggestions, replies, and the cases they belong to."""

from typing import Annotated, Literal, Self

from pydantic import AliasPath, BeforeValidator, Field

from care.bulk import BulkAct
from care.case import CaseState, Resolution, Source
from care.case_file import CaseFile
from care.decision import Action
from care.escalation import NoticeKind, NoticeState
from care.handover import HandOverState
from care.message import Message, Visibility
from care.note import NoteKind
from care.offline import OfflineState
from care.parts import flat
from care.promise import PromiseState
from care.reply import Purpose, RejectReason, Reply, ReplyStage, SuggestionState
from care.sensitive import Handling
from wiring.shapes.base import IsThere, ListOut, Moment, OrNull, Out, Score, in_parts
from wiring.shapes.reading import ClassificationOut, SensitiveOut, ToneOut


class AuthorOut(Out):
    """Who wrote it, as the channel knows them."""

    handle: str
    name: str | None
    followers: int | None


class AttachmentOut(Out):
    """A file that came with a message. `is_kept`: it can be downloaded in the console; `problem`: why not."""

    id: str
    name: str | None
    media_type: str
    size: Annotated[int | None, Field(validation_alias="size_bytes")]
    alt: str | None
    is_kept: Annotated[IsThere, Field(validation_alias="stored_as")]
    problem: OrNull[str]


class MessageOut(Out):
    """One customer message, masked, as it is kept. `outside_id`: the channel's or the sender's own id of it."""

    model_config = in_parts("origin", "masking")

    object: Literal["message"] = "message"
    id: str
    channel: str
    outside_id: str
    thread_id: str
    case_id: str
    turn: int
    author: AuthorOut
    subject: str | None
    text: str
    visibility: Visibility
    written_at: Moment
    received_at: Moment
    automatic: Annotated[str | None, Field(description="Why no person wrote it; null when one may have.")]
    attachments: tuple[AttachmentOut, ...]
    sensitive: SensitiveOut

    @classmethod
    def of(cls, value: Message) -> Self:
        found = value.masking
        sensitive = {"flagged": found.handling is not Handling.ALLOW, "action": found.handling, "spans": found.spans}
        return cls.model_validate({**flat(value), "sensitive": sensitive})


class AddendOut(Out):
    name: str
    points: int


class PriorityOut(Out):
    """A sum with its addends."""

    total: int
    addends: tuple[AddendOut, ...]


class DecisionOut(Out):
    """What to do about a message, by when, and why. `promised_at`: the published window."""

    action: Action
    team: str
    kind: str
    priority: PriorityOut
    due_at: Moment
    promised_at: Moment
    reasons: tuple[str, ...]


class SourceOut(Out):
    """Where words of a draft come from. `slot`: what its quote fills; null where it only stands beside the draft.
    `internal`: for your people alone; no word of it stands in a text for customers."""

    place: str
    title: str
    quote: str
    score: Score
    slot: OrNull[str]
    link: OrNull[str]
    owner: OrNull[str]
    internal: Annotated[bool, Field(validation_alias="is_internal")]


class LackOut(Out):
    """What knowledge had nothing for. `about`: the intent, where it is sure."""

    slot: str
    about: OrNull[str]


class DraftOut(Out):
    """One proposed text. `missing`: slots that a person must fill before it can be approved. `sources`: where its facts
    stand. `lacks`: which knowledge is missing."""

    play: str
    title: str
    text: str
    private_text: OrNull[str]
    missing: tuple[str, ...]
    tone: ToneOut
    score: float
    offline: Annotated[bool, Field(validation_alias="is_offline")]
    promised_at: Moment | None
    handed_to: OrNull[str]
    sources: tuple[SourceOut, ...]
    lacks: tuple[LackOut, ...]


class SuggestionOut(Out):
    """What tactful proposes for one message. `asks`: the one question to settle where there is no draft."""

    model_config = in_parts("choice")

    object: Literal["suggestion"] = "suggestion"
    id: str
    message_id: str
    case_id: str
    turn: int
    state: SuggestionState
    version: int
    decision: DecisionOut
    drafts: tuple[DraftOut, ...]
    asks: str | None
    playbook: str
    created_at: Moment
    decided_by: str | None
    decided_at: Moment | None
    reject_reason: RejectReason | None


class ReplyOut(Out):
    """An approved answer and where it stands. `typed`: what its author wrote, without the signature under it.

    `needs_second`: a colleague has to read it before it goes out; `second_by`: who did.
    """

    model_config = in_parts("said", "address", "consent", "sending")

    object: Literal["reply"] = "reply"
    id: str
    message_id: str
    case_id: str
    turn: int
    suggestion_id: str | None
    channel: str
    text: str
    typed: Annotated[str, Field(validation_alias=AliasPath("said", "words"))]
    answer_id: str | None
    purpose: Purpose
    visibility: Visibility
    is_rehearsal: bool
    stage: ReplyStage
    play: str | None
    is_edited: bool
    approved_by: str
    approved_at: Moment
    needs_second: bool
    second_by: str | None
    not_before: Moment
    attempt: int
    sent_at: Moment | None
    receipt: str | None
    problem: str | None


class ActOut(ReplyOut):
    """What one yes of a person made: the reply and, where it goes in private, the public pointer to it."""

    pointer: ReplyOut | None

    @classmethod
    def of(cls, value: Reply, pointer: Reply | None = None) -> Self:
        return cls.adding(ReplyOut.of(value), pointer=pointer and ReplyOut.of(pointer))


class ReplyListOut(ListOut[ReplyOut]):
    """Replies."""


def _speaker(by_customer: object) -> object:
    return "customer" if by_customer else "us"


class TurnOut(Out):
    """One utterance of a thread, with what came with it. `id`: of the message, reply or native answer that it is."""

    object: Literal["turn"] = "turn"
    id: str
    by: Annotated[Literal["customer", "us"], BeforeValidator(_speaker), Field(validation_alias="by_customer")]
    customer: OrNull[str]
    author: OrNull[str]
    at: Moment
    subject: str | None
    text: str
    visibility: Visibility | None
    automatic: str | None
    attachments: tuple[AttachmentOut, ...]


class NoticeOut(Out):
    """What a contact is told, without their address. `problem`: how the last try ended."""

    model_config = in_parts("about", "clock", "sending")

    object: Literal["notice"] = "notice"
    id: str
    message_id: str
    case_id: str
    kind: NoticeKind
    step: str
    contact: str
    state: NoticeState
    answer_by: Moment
    sent_at: Moment | None
    problem: str | None


class ClimbedOut(Out):
    """One step that a message has reached. `notice`: null where the playbook has no address of the contact."""

    step: str
    contact: str
    at: Moment
    notice: NoticeOut | None


class PromiseOut(Out):
    """An hour that a reply quotes, and what became of it."""

    object: Literal["promise"] = "promise"
    id: str
    reply_id: str
    until: Moment
    state: PromiseState
    made_by: str
    made_at: Moment
    ended_at: Moment | None


class HandOverOut(Out):
    """A matter that somebody outside the desk has. `until`: by when they should answer."""

    object: Literal["handover"] = "handover"
    id: str
    case_id: str
    message_id: str
    to: str
    contact: str
    state: HandOverState
    is_open: bool
    reason: str
    opened_by: str
    opened_at: Moment
    until: Moment
    answered_at: Moment | None
    changed_by: str | None
    changed_at: Moment | None


class NoteOut(Out):
    """An internal note, masked, never sent. `mentions`: ids of people."""

    object: Literal["note"] = "note"
    id: str
    case_id: str
    kind: NoteKind
    text: str
    by: str
    at: Moment
    mentions: tuple[str, ...]


class OfflineTaskOut(Out):
    """A matter that left the open; its case cannot be resolved while `is_open`."""

    object: Literal["offline_task"] = "offline_task"
    id: str
    thread_id: str
    case_id: str
    message_id: str
    categories: tuple[str, ...]
    state: OfflineState
    is_open: bool
    owner: str | None
    due_at: Moment
    created_at: Moment
    changed_by: str | None
    changed_at: Moment | None
    waiver: str | None


class SnoozeOut(Out):
    """Until when a person put a case out of its list."""

    until: Moment
    by: Annotated[str, Field(validation_alias="made_by")]
    at: Annotated[Moment, Field(validation_alias="made_at")]


class SatisfactionOut(Out):
    """The one question whether a customer is content. `score`: 1 to 5; null where they gave none."""

    asked_at: Moment
    score: int | None


class CorrectionOut(Out):
    """A person's label in place of ours."""

    task: str
    label: str


class CaseSummaryOut(Out):
    """Where a case stands, without what was said in it."""

    model_config = in_parts("standing", "assignment", "ending", "reopening")

    object: Literal["case"] = "case"
    id: str
    channel: str
    thread_id: str
    customer: str
    customer_id: str | None
    state: CaseState
    turn: int
    due_at: Moment | None
    until: Moment | None
    snoozed_until: Moment | None
    assigned_to: str | None
    assigned_why: str
    opened_at: Moment
    reopened_at: Moment | None
    resolved_at: Moment | None
    resolved_by: str | None
    resolution: Resolution | None
    source: Source


class ReadMessageOut(MessageOut):
    """One message with what was read out of it, decided and suggested.

    `work`: preparing, open, decided or parked; a parked one waits for a person, and `problem` says why.
    """

    work: Literal["preparing", "open", "decided", "parked"]
    problem: str | None
    classification: ClassificationOut | None
    suggestion: SuggestionOut | None
    decision: DecisionOut | None
    corrections: tuple[CorrectionOut, ...]
    climbed: tuple[ClimbedOut, ...]

    @classmethod
    def of_file(cls, file: CaseFile) -> Self:
        """The message that a case was read at."""
        return cls.adding(
            MessageOut.of(file.message),
            work=file.work,
            problem=file.problem,
            classification=file.classification and ClassificationOut.of(file.classification),
            suggestion=file.suggestion,
            decision=file.decision,
            corrections=[CorrectionOut(task=task, label=label) for task, label in file.corrections],
            climbed=file.handled.climbed,
        )


class CaseOut(CaseSummaryOut):
    """A whole case, read at one of its messages."""

    message: ReadMessageOut
    others_in_thread: tuple[str, ...]
    thread: tuple[TurnOut, ...]
    replies: tuple[ReplyOut, ...]
    promises: tuple[PromiseOut, ...]
    handovers: tuple[HandOverOut, ...]
    notes: tuple[NoteOut, ...]
    offline: OfflineTaskOut | None
    satisfaction: SatisfactionOut | None
    snooze: SnoozeOut | None

    @classmethod
    def of_file(cls, file: CaseFile) -> Self:
        return cls.adding(
            CaseSummaryOut.of(file.case),
            message=ReadMessageOut.of_file(file),
            others_in_thread=file.others,
            thread=file.thread,
            offline=file.offline,
            replies=file.handled.replies,
            promises=file.handled.promises,
            handovers=file.handled.handovers,
            notes=file.handled.notes,
            satisfaction=file.handled.satisfaction,
            snooze=file.handled.snooze,
        )


class SkippedOut(Out):
    """A case that was left out. `by`: who holds it, or made it so."""

    case_id: str
    detail: Annotated[str, Field(validation_alias="why")]
    by: str | None


class BulkOut(Out):
    """What was done to several cases. `undo`: the number that takes it back; null where nothing was done."""

    object: Literal["bulk"] = "bulk"
    act: BulkAct
    done: tuple[str, ...]
    skipped: tuple[SkippedOut, ...]
    undo: Annotated[int | None, Field(validation_alias="number")]


class TakenBackOut(Out):
    """What was taken back. `left`: ids of cases that have changed since and stay as they are."""

    object: Literal["taken_back"] = "taken_back"
    left: tuple[str, ...]


class MessageListOut(ListOut[MessageOut]):
    """A page of messages."""


class SuggestionListOut(ListOut[SuggestionOut]):
    """A page of suggestions."""


class CaseListOut(ListOut[CaseOut]):
    """A page of whole cases."""


class CaseSummaryListOut(ListOut[CaseSummaryOut]):
    """Cases, without what was said in them."""

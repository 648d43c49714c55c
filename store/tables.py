"""The tables. Columns hold care values; what must never be wrong is a constraint here, not a hope elsewhere."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from care.access import Role, Scope
from care.case import CaseState, Resolution, Source
from care.classification import Classification
from care.crisis import CrisisLine
from care.decision import Decision
from care.endpoint import Attempt, DeliveryState, EndpointFormat
from care.escalation import NoticeKind, NoticeState
from care.events import EventType
from care.handover import HandOverState
from care.hold import Doing
from care.lists import View
from care.message import Visibility
from care.note import NoteKind
from care.offline import OfflineState
from care.play_changes import ChangeState
from care.promise import PromiseState
from care.quality import Answer
from care.reply import Draft, Purpose, ReplyStage, SuggestionState
from care.sensitive import Handling, SensitiveSpan
from care.surge import SurgeKind
from care.unreadable import Door
from store.moments import UtcTime
from store.shapes import pack, unpack
from store.texts import keepable


class Packed(TypeDecorator[Any]):
    """A whole care value as one JSON column."""

    impl = JSON
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__(none_as_null=True)
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return pack(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return unpack(self.kind, value)


class Written(TypeDecorator[str]):
    """A text somebody wrote, made keepable for both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else keepable(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return value


def _one_of(kind: Any) -> Enum:
    """An enum kept as its value, not its name; the database refuses any other word."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=20,
        name=kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


class TableRow(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map = {str: Written, datetime: UtcTime}  # noqa: RUF012  SQLAlchemy's own idiom


# SQLite grows an id by itself only for the type INTEGER.
_Number = BigInteger().with_variant(Integer, "sqlite")


class ThreadRow(TableRow):
    """One conversation on one channel."""

    __tablename__ = "thread"
    __table_args__ = (UniqueConstraint("channel", "key"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    key: Mapped[str]


class CustomerRow(TableRow):
    """One customer, whatever channels they write on."""

    __tablename__ = "customer"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    created_at: Mapped[datetime]


class IdentityRow(TableRow):
    """Who somebody is on one channel, and whose record that belongs to."""

    __tablename__ = "identity"

    channel: Mapped[str] = mapped_column(primary_key=True)
    handle: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customer.id"), index=True)
    # In lower case, where the handle is a mail address that the channel answers to.
    address: Mapped[str | None] = mapped_column(index=True)


class IdentityMoveRow(TableRow):
    """An identity that was put with another customer's record: on what evidence, by whom, and whether it was undone."""

    __tablename__ = "identity_move"

    id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    handle: Mapped[str]
    from_customer: Mapped[str] = mapped_column(ForeignKey("customer.id"), index=True)
    to_customer: Mapped[str] = mapped_column(ForeignKey("customer.id"), index=True)
    evidence: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]


class CaseRow(TableRow):
    """One customer's matter on one thread. state, due_at and until are worked out by `care.case.standing`, kept here
    so that a list is one index."""

    __tablename__ = "care_case"
    __table_args__ = (
        UniqueConstraint("thread_id", "customer"),
        CheckConstraint("turn >= 0", name="turn"),
        Index(None, "state", "due_at"),
        Index(None, "assigned_to", "state"),
        Index(None, "customer_id"),
        Index(None, "changed_at", "id"),
        Index(None, "snoozed_until"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    thread_id: Mapped[str] = mapped_column(ForeignKey("thread.id"))
    customer: Mapped[str]
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customer.id"))
    state: Mapped[CaseState] = mapped_column(_one_of(CaseState))
    # No foreign key: a case and its first message are kept together, the case first.
    latest_message_id: Mapped[str]
    turn: Mapped[int]
    due_at: Mapped[datetime | None]
    until: Mapped[datetime | None]
    priority: Mapped[int] = mapped_column(default=0)
    assigned_to: Mapped[str | None]
    assigned_at: Mapped[datetime | None]
    assigned_why: Mapped[str] = mapped_column(default="", server_default="")
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]
    resolution: Mapped[Resolution | None] = mapped_column(_one_of(Resolution))
    source: Mapped[Source] = mapped_column(_one_of(Source))
    # When a person opened it again, and when we owe the customer a word by that.
    reopened_at: Mapped[datetime | None]
    reopened_due_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]


class MessageRow(TableRow):
    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("channel", "outside_id"),
        Index(None, "thread_id", "written_at"),
        Index(None, "received_at", "id"),
        Index(None, "case_id", "received_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    outside_id: Mapped[str]
    thread_id: Mapped[str] = mapped_column(ForeignKey("thread.id"))
    thread_key: Mapped[str]
    handle: Mapped[str]
    author_name: Mapped[str | None]
    followers: Mapped[int | None] = mapped_column(BigInteger)
    subject: Mapped[str | None]
    text: Mapped[str]
    visibility: Mapped[Visibility] = mapped_column(_one_of(Visibility))
    written_at: Mapped[datetime]
    received_at: Mapped[datetime]
    handling: Mapped[Handling] = mapped_column(_one_of(Handling))
    spans: Mapped[tuple[SensitiveSpan, ...]] = mapped_column(Packed(tuple[SensitiveSpan, ...]))
    case_id: Mapped[str] = mapped_column(ForeignKey("care_case.id"))
    # The turn of the case that this message is.
    turn: Mapped[int]
    # Why a machine wrote it, such as an out-of-office answer; None: a person did.
    automatic: Mapped[str | None]


class AttachmentRow(TableRow):
    """A picture or file that came with a message: what it is, and where it is kept, if it is."""

    __tablename__ = "attachment"
    __table_args__ = (Index(None, "message_id"), Index(None, "stored_as"))

    id: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("message.id"))
    position: Mapped[int]
    name: Mapped[str]
    media_type: Mapped[str]
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    alt: Mapped[str]
    stored_as: Mapped[str | None]
    # Why the file itself is not kept; empty where nobody wanted it.
    problem: Mapped[str | None]


class NativeAnswerRow(TableRow):
    """What somebody of ours wrote on the network itself: our answer, never a message to classify."""

    __tablename__ = "native_answer"
    __table_args__ = (UniqueConstraint("channel", "outside_id"), Index(None, "thread_id", "written_at"))

    id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    outside_id: Mapped[str]
    thread_id: Mapped[str] = mapped_column(ForeignKey("thread.id"))
    case_id: Mapped[str] = mapped_column(ForeignKey("care_case.id"), index=True)
    author: Mapped[str]
    text: Mapped[str]
    written_at: Mapped[datetime]
    received_at: Mapped[datetime]
    # It came in as history: read by whoever looks back, counted by nobody.
    is_history: Mapped[bool]


class LiveChannelRow(TableRow):
    """A channel that was switched on; any other one rehearses."""

    __tablename__ = "live_channel"

    name: Mapped[str] = mapped_column(primary_key=True)
    by: Mapped[str]
    at: Mapped[datetime]


class TaskRow(TableRow):
    """One message's `prepare`: waiting -> claimed -> done, or parked for a person."""

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'claimed', 'done', 'parked')", name="state"),
        Index(None, "state", "rung_at"),
    )

    message_id: Mapped[str] = mapped_column(ForeignKey("message.id"), primary_key=True)
    state: Mapped[str]
    attempt: Mapped[int] = mapped_column(default=0)
    n_crashes: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    lease_token: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    rung_at: Mapped[datetime | None]
    problem: Mapped[str | None]


class ClassificationRow(TableRow):
    __tablename__ = "classification"

    message_id: Mapped[str] = mapped_column(ForeignKey("message.id"), primary_key=True)
    bundle: Mapped[str]
    value: Mapped[Classification] = mapped_column(Packed(Classification))
    made_at: Mapped[datetime]


class CorrectionRow(TableRow):
    __tablename__ = "correction"

    number: Mapped[int] = mapped_column(_Number, primary_key=True, autoincrement=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("message.id"), index=True)
    task: Mapped[str]
    predicted: Mapped[str]
    corrected: Mapped[str]
    agent: Mapped[str]
    corrected_at: Mapped[datetime]
    reason: Mapped[str | None]


class SuggestionRow(TableRow):
    """due_at and priority repeat what stands in `decision`, so that a list can be sorted by them."""

    __tablename__ = "suggestion"
    __table_args__ = (
        UniqueConstraint("message_id"),
        Index(None, "case_id", "state"),
        Index(None, "state", "due_at"),
        CheckConstraint("version >= 1", name="version"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("message.id"))
    thread_id: Mapped[str] = mapped_column(ForeignKey("thread.id"))
    case_id: Mapped[str] = mapped_column(ForeignKey("care_case.id"))
    turn: Mapped[int]
    decision: Mapped[Decision] = mapped_column(Packed(Decision))
    drafts: Mapped[tuple[Draft, ...]] = mapped_column(Packed(tuple[Draft, ...]))
    state: Mapped[SuggestionState] = mapped_column(_one_of(SuggestionState))
    version: Mapped[int]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    priority: Mapped[int]
    asks: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    reject_reason: Mapped[str | None]
    playbook: Mapped[str]


class ReplyRow(TableRow):
    __tablename__ = "reply"
    __table_args__ = (
        # One live answer for a suggestion: what was withdrawn makes room again.
        Index(
            "uq_reply_suggestion_live",
            "suggestion_id",
            unique=True,
            sqlite_where=text("stage <> 'withdrawn'"),
            postgresql_where=text("stage <> 'withdrawn'"),
        ),
        UniqueConstraint("idempotency_key"),
        # Of two clicks on one button, one makes a reply.
        UniqueConstraint("approved_by", "request_key"),
        # No machine approves: only people have ids that start like this.
        CheckConstraint("approved_by LIKE 'per^_%' ESCAPE '^'", name="approved_by_a_person"),
        # What a colleague has to read first goes nowhere before one did, and nobody reads their own.
        CheckConstraint(
            "NOT needs_second OR second_by IS NOT NULL OR stage IN ('pending', 'held', 'withdrawn')", name="read_first"
        ),
        CheckConstraint("second_by LIKE 'per^_%' ESCAPE '^' AND second_by <> approved_by", name="read_by_another"),
        Index(None, "stage", "not_before"),
        Index(
            "ix_reply_unread",
            "approved_at",
            sqlite_where=text("needs_second AND second_by IS NULL AND stage = 'pending'"),
            postgresql_where=text("needs_second AND second_by IS NULL AND stage = 'pending'"),
        ),
        Index(None, "thread_id", "approved_at"),
        Index(None, "case_id", "approved_at"),
        Index(None, "channel", "receipt"),
        Index(None, "answer_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("message.id"))
    thread_id: Mapped[str] = mapped_column(ForeignKey("thread.id"))
    suggestion_id: Mapped[str | None] = mapped_column(ForeignKey("suggestion.id"))
    channel: Mapped[str]
    recipient: Mapped[str]
    thread_key: Mapped[str]
    in_reply_to: Mapped[str]
    subject: Mapped[str | None]
    text: Mapped[str]
    purpose: Mapped[Purpose] = mapped_column(_one_of(Purpose))
    stage: Mapped[ReplyStage] = mapped_column(_one_of(ReplyStage))
    approved_by: Mapped[str]
    approved_at: Mapped[datetime]
    not_before: Mapped[datetime]
    idempotency_key: Mapped[str]
    attempt: Mapped[int]
    play: Mapped[str | None]
    is_edited: Mapped[bool]
    receipt: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    problem: Mapped[str | None]
    case_id: Mapped[str] = mapped_column(ForeignKey("care_case.id"))
    # The turn of the case that its author had read.
    turn: Mapped[int]
    visibility: Mapped[Visibility] = mapped_column(_one_of(Visibility))
    is_rehearsal: Mapped[bool]
    request_key: Mapped[str | None]
    # A colleague has to read it before it goes out, and who did.
    needs_second: Mapped[bool] = mapped_column(default=False, server_default=false())
    second_by: Mapped[str | None]
    # What its author wrote, where a signature was put under it.
    typed: Mapped[str | None]
    # The private answer that a public pointer speaks of.
    answer_id: Mapped[str | None] = mapped_column(ForeignKey("reply.id"))
    # Its place among the replies of its case: two of one moment have an order, too.
    number: Mapped[int]
    queued_at: Mapped[datetime]
    n_crashes: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    rung_at: Mapped[datetime | None]


class PromiseRow(TableRow):
    """An hour that a reply quotes; at most one of a case is open."""

    __tablename__ = "promise"
    __table_args__ = (
        Index(
            "uq_promise_open",
            "case_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        UniqueConstraint("reply_id"),
        Index(None, "state", "until"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("care_case.id"), index=True)
    reply_id: Mapped[str] = mapped_column(ForeignKey("reply.id"))
    until: Mapped[datetime]
    look_at: Mapped[datetime]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    state: Mapped[PromiseState] = mapped_column(_one_of(PromiseState))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class SnoozeRow(TableRow):
    """A case that a person put out of sight; at most one of a case is open."""

    __tablename__ = "snooze"
    __table_args__ = (
        Index(
            "uq_snooze_open",
            "case_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("care_case.id"), index=True)
    until: Mapped[datetime]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    turn: Mapped[int]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class SavedViewRow(TableRow):
    """A list of the inbox under a name, of one person or, with an empty owner, for all."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("owner", "name"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    name: Mapped[str]
    view: Mapped[View] = mapped_column(_one_of(View))
    filters: Mapped[Mapping[str, str]] = mapped_column(Packed(Mapping[str, str]))
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class HandOverRow(TableRow):
    """A matter that somebody outside the desk has; one to each at a time."""

    __tablename__ = "hand_over"
    __table_args__ = (
        Index(
            "uq_hand_over_open",
            "case_id",
            "to",
            unique=True,
            sqlite_where=text("state IN ('open', 'taken')"),
            postgresql_where=text("state IN ('open', 'taken')"),
        ),
        Index(None, "case_id", "opened_at"),
        Index(None, "state", "until"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("care_case.id"))
    message_id: Mapped[str] = mapped_column(ForeignKey("message.id"))
    to: Mapped[str]
    contact: Mapped[str]
    opened_by: Mapped[str]
    opened_at: Mapped[datetime]
    until: Mapped[datetime]
    state: Mapped[HandOverState] = mapped_column(_one_of(HandOverState))
    reason: Mapped[str]
    answered_at: Mapped[datetime | None]
    changed_by: Mapped[str | None]
    changed_at: Mapped[datetime | None]


class NoteRow(TableRow):
    """What people tell each other on a case; masked, and never sent."""

    __tablename__ = "note"
    __table_args__ = (Index(None, "case_id", "at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("care_case.id"))
    kind: Mapped[NoteKind] = mapped_column(_one_of(NoteKind))
    text: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    mentions: Mapped[tuple[str, ...]] = mapped_column(Packed(tuple[str, ...]))


class SaidRow(TableRow):
    """The words of one message, reply or note, for searching; without what is masked. `store.said` has the index."""

    __tablename__ = "said"
    __table_args__ = (Index(None, "case_id"), Index(None, "source_id"))

    number: Mapped[int] = mapped_column(_Number, primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("care_case.id"))
    source_id: Mapped[str]
    words: Mapped[str]


class CaseLabelRow(TableRow):
    """What a case is about now, by task, for narrowing lists; `store.labels` says which tasks."""

    __tablename__ = "case_label"
    __table_args__ = (Index(None, "task", "label"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("care_case.id"), primary_key=True)
    task: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]


class OfflineRow(TableRow):
    __tablename__ = "offline_task"
    __table_args__ = (
        Index(
            "uq_offline_task_open",
            "case_id",
            unique=True,
            sqlite_where=text("state IN ('open', 'contacted')"),
            postgresql_where=text("state IN ('open', 'contacted')"),
        ),
        CheckConstraint("state <> 'waived' OR waiver IS NOT NULL", name="waiver_has_a_reason"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    thread_id: Mapped[str] = mapped_column(ForeignKey("thread.id"), index=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("care_case.id"), index=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("message.id"), index=True)
    categories: Mapped[tuple[str, ...]] = mapped_column(Packed(tuple[str, ...]))
    state: Mapped[OfflineState] = mapped_column(_one_of(OfflineState))
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    owner: Mapped[str | None]
    changed_by: Mapped[str | None]
    changed_at: Mapped[datetime | None]
    waiver: Mapped[str | None]


class EscalationRow(TableRow):
    """One step that a waiting message has climbed; the key holds that each is taken once."""

    __tablename__ = "escalation"

    message_id: Mapped[str] = mapped_column(ForeignKey("message.id"), primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    contact: Mapped[str]
    at: Mapped[datetime]


class NoticeRow(TableRow):
    """What a contact or a colleague is told; of one step once, however often a customer who waits writes again.

    late_s: staffed seconds past due_at.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("thread_id", "step", "contact", "due_at"),
        Index(None, "message_id"),
        Index(None, "state", "not_before"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[NoticeKind] = mapped_column(_one_of(NoticeKind))
    case_id: Mapped[str | None] = mapped_column(ForeignKey("care_case.id"), index=True)
    message_id: Mapped[str | None] = mapped_column(ForeignKey("message.id"))
    thread_id: Mapped[str | None] = mapped_column(ForeignKey("thread.id"))
    subject_id: Mapped[str]
    channel: Mapped[str]
    team: Mapped[str]
    step: Mapped[str]
    contact: Mapped[str]
    recipient: Mapped[str]
    at: Mapped[datetime]
    due_at: Mapped[datetime]
    late_s: Mapped[int]
    answer_by: Mapped[datetime]
    state: Mapped[NoticeState] = mapped_column(_one_of(NoticeState))
    attempt: Mapped[int]
    n_crashes: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    lease_token: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    rung_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    problem: Mapped[str | None]


class SatisfactionRow(TableRow):
    """The one satisfaction question of a thread, and the words that came next."""

    __tablename__ = "satisfaction"
    __table_args__ = (
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
        CheckConstraint("score IS NULL OR message_id IS NOT NULL", name="score_has_a_message"),
    )

    thread_id: Mapped[str] = mapped_column(ForeignKey("thread.id"), primary_key=True)
    # No foreign key: the row is kept first, so that of two who ask only one sends.
    reply_id: Mapped[str] = mapped_column(index=True)
    asked_at: Mapped[datetime]
    message_id: Mapped[str | None] = mapped_column(ForeignKey("message.id"))
    score: Mapped[int | None]


class ReportDayRow(TableRow):
    """The sums of one day that is over, for reports; upto: the last event that was known when it was added up."""

    __tablename__ = "report_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    zone: Mapped[str] = mapped_column(primary_key=True)
    cells: Mapped[list[Any]] = mapped_column(JSON)
    upto: Mapped[int] = mapped_column(BigInteger)


class PlayFlagRow(TableRow):
    """What the owner of a play was told, once for each version and change."""

    __tablename__ = "play_flag"

    play: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    change: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class PlayChangeRow(TableRow):
    """Words proposed for a play, or an edit of its file."""

    __tablename__ = "play_change"
    __table_args__ = (Index(None, "play_id", "at"), Index(None, "case_id"))

    id: Mapped[str] = mapped_column(primary_key=True)
    play_id: Mapped[str]
    state: Mapped[ChangeState] = mapped_column(_one_of(ChangeState))
    by: Mapped[str]
    at: Mapped[datetime]
    after: Mapped[str]
    before: Mapped[str]
    reason: Mapped[str]
    case_id: Mapped[str | None] = mapped_column(ForeignKey("care_case.id"))
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class PersonRow(TableRow):
    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("email"), CheckConstraint("id LIKE 'per^_%' ESCAPE '^'", name="id"))

    id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(_one_of(Role))
    password_hash: Mapped[str]
    is_active: Mapped[bool]
    signs_as: Mapped[str] = mapped_column(default="", server_default="")
    # A colleague reads what they write before it goes out.
    is_checked: Mapped[bool] = mapped_column(default=False, server_default=false())
    away_until: Mapped[datetime | None]


class SessionRow(TableRow):
    __tablename__ = "session"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    csrf: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SignInLinkRow(TableRow):
    __tablename__ = "sign_in_link"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    expires_at: Mapped[datetime]


class KeyRow(TableRow):
    __tablename__ = "service_key"
    __table_args__ = (UniqueConstraint("key_hash"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    prefix: Mapped[str]
    key_hash: Mapped[str]
    scopes: Mapped[frozenset[Scope]] = mapped_column(Packed(frozenset[Scope]))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class UnsentTextRow(TableRow):
    """What one person wrote on one case and has not sent, masked; a row for each draft it began with."""

    __tablename__ = "unsent_text"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("care_case.id"), primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    pointer: Mapped[str]
    is_pair: Mapped[bool]
    saved_at: Mapped[datetime]


class HoldRow(TableRow):
    """Who writes in a case. The row stays when a hold is over: the fence only grows."""

    __tablename__ = "hold"
    __table_args__ = (CheckConstraint("fence >= 1", name="fence"), Index(None, "until"))

    case_id: Mapped[str] = mapped_column(ForeignKey("care_case.id"), primary_key=True)
    person_id: Mapped[str]
    fence: Mapped[int]
    until: Mapped[datetime]
    asked_by: Mapped[str | None]
    asked_at: Mapped[datetime | None]


class PresenceRow(TableRow):
    """Who has a case open."""

    __tablename__ = "presence"
    __table_args__ = (Index(None, "seen_at"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("care_case.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    doing: Mapped[Doing] = mapped_column(_one_of(Doing))
    seen_at: Mapped[datetime]
    # Since when they have it open without a break.
    since: Mapped[datetime | None]


class SurgeRow(TableRow):
    """Far more than usual, or far more of it negative; one of a kind and channel is on at a time."""

    __tablename__ = "surge"
    __table_args__ = (
        Index(
            "uq_surge_open",
            "kind",
            "channel",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[SurgeKind] = mapped_column(_one_of(SurgeKind))
    channel: Mapped[str]
    intent: Mapped[str]
    n: Mapped[int]
    usual: Mapped[float]
    began_at: Mapped[datetime]
    found_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CrisisRow(TableRow):
    """A crisis that somebody declared; one is on at a time. looked_to: how far cases that wait have been looked at."""

    __tablename__ = "crisis"
    __table_args__ = (UniqueConstraint("on_key"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    on_key: Mapped[str | None]
    name: Mapped[str] = mapped_column(Written)
    reason: Mapped[str] = mapped_column(Written)
    is_drill: Mapped[bool]
    intents: Mapped[tuple[str, ...]] = mapped_column(Packed(tuple[str, ...]))
    phrases: Mapped[tuple[str, ...]] = mapped_column(Packed(tuple[str, ...]))
    channels: Mapped[tuple[str, ...]] = mapped_column(Packed(tuple[str, ...]))
    public_text: Mapped[str] = mapped_column(Written)
    private_text: Mapped[str] = mapped_column(Written)
    approved_by: Mapped[str] = mapped_column(Written)
    began_by: Mapped[str]
    began_at: Mapped[datetime]
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    log: Mapped[tuple[CrisisLine, ...]] = mapped_column(Packed(tuple[CrisisLine, ...]))
    looked_to: Mapped[str | None]


class CrisisCaseRow(TableRow):
    """A case that a crisis is about."""

    __tablename__ = "crisis_case"
    __table_args__ = (Index(None, "case_id"),)

    crisis_id: Mapped[str] = mapped_column(ForeignKey("crisis.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("care_case.id"), primary_key=True)


class ReviewPickRow(TableRow):
    """A sent reply that is read in the quality review; why: what speaks against it, or empty for chance."""

    __tablename__ = "review_pick"

    reply_id: Mapped[str] = mapped_column(ForeignKey("reply.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("care_case.id"), index=True)
    author: Mapped[str]
    week: Mapped[str] = mapped_column(index=True)
    why: Mapped[str]
    is_twice: Mapped[bool]


class ReviewRow(TableRow):
    """What one person said of it. is_told: whether its author has had the note."""

    __tablename__ = "review"
    __table_args__ = (Index(None, "at"),)

    reply_id: Mapped[str] = mapped_column(ForeignKey("review_pick.reply_id"), primary_key=True)
    reader: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("care_case.id"), index=True)
    answers: Mapped[Mapping[str, Answer]] = mapped_column(Packed(Mapping[str, Answer]))
    note: Mapped[str]
    at: Mapped[datetime]
    is_told: Mapped[bool]


class HandlingRow(TableRow):
    """For how long somebody had a case open before they sent a reply."""

    __tablename__ = "handling"
    __table_args__ = (Index(None, "ended_at"), Index(None, "case_id"))

    reply_id: Mapped[str] = mapped_column(ForeignKey("reply.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("care_case.id"))
    person_id: Mapped[str]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]


class EventRow(TableRow):
    """The audit trail: appended, never changed; ids and labels, never a customer's text.

    place: in the one order in which it is read; on PostgreSQL given after the commit, by whoever reads first.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index(
            "ix_event_unplaced",
            "number",
            sqlite_where=text("place IS NULL"),
            postgresql_where=text("place IS NULL"),
        ),
        Index(None, "place", unique=True),
    )

    number: Mapped[int] = mapped_column(_Number, primary_key=True, autoincrement=True)
    event: Mapped[str]
    subject_id: Mapped[str] = mapped_column(index=True)
    case_id: Mapped[str | None] = mapped_column(index=True)
    by: Mapped[str]
    at: Mapped[datetime]
    facts: Mapped[dict[str, Any]] = mapped_column(Packed(dict[str, Any]))
    place: Mapped[int | None] = mapped_column(BigInteger)
    # What hides the digest of the row from guessing; gone, with what it says, once its customer is forgotten.
    salt: Mapped[str] = mapped_column(default="", server_default="")
    digest: Mapped[str | None]


class QuarantineRow(TableRow):
    """What a channel handed in and nobody could read, masked; the same thing handed in again is counted."""

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("channel", "door", "digest"), Index(None, "last_at"))

    id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    door: Mapped[Door] = mapped_column(_one_of(Door))
    problem: Mapped[str]
    content: Mapped[str | None]
    is_whole: Mapped[bool]
    n_bytes: Mapped[int]
    digest: Mapped[str]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    n_seen: Mapped[int]
    n_tries: Mapped[int]


class EndpointRow(TableRow):
    """Where another system hears of events. Its secret is made from the deployment's key and stands nowhere."""

    __tablename__ = "endpoint"

    id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    types: Mapped[frozenset[EventType]] = mapped_column(Packed(frozenset[EventType]))
    format: Mapped[EndpointFormat] = mapped_column(_one_of(EndpointFormat))
    has_objects: Mapped[bool]
    owner: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    generation: Mapped[int]
    rotated_at: Mapped[datetime | None]
    off_since: Mapped[datetime | None]
    off_why: Mapped[str]
    failing_since: Mapped[datetime | None]


class EventDeliveryRow(TableRow):
    """One event on its way to one endpoint: a lane of the outbox, and the log of its tries."""

    __tablename__ = "event_delivery"
    __table_args__ = (Index(None, "endpoint_id", "id"), Index(None, "state", "not_before"))

    id: Mapped[str] = mapped_column(primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(ForeignKey("endpoint.id"))
    event_number: Mapped[int] = mapped_column(_Number, ForeignKey("event.number"))
    event: Mapped[str]
    created_at: Mapped[datetime]
    state: Mapped[DeliveryState] = mapped_column(_one_of(DeliveryState))
    attempt: Mapped[int]
    attempts: Mapped[tuple[Attempt, ...]] = mapped_column(Packed(tuple[Attempt, ...]))
    n_crashes: Mapped[int]
    not_before: Mapped[datetime]
    lease_token: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    rung_at: Mapped[datetime | None]
    problem: Mapped[str | None]


class KeptAnswerRow(TableRow):
    """What a request with an Idempotency-Key was answered; status is empty while it is under way.

    request: a digest of what was asked. until: when the row no longer counts.
    """

    __tablename__ = "kept_answer"

    owner: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request: Mapped[str]
    until: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int | None]
    headers: Mapped[dict[str, str]] = mapped_column(Packed(dict[str, str]))
    body: Mapped[str]


class SealRow(TableRow):
    """A segment of the audit trail, closed: its hash covers every event in it and the seal before it."""

    __tablename__ = "seal"

    number: Mapped[int] = mapped_column(_Number, primary_key=True, autoincrement=False)
    first: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    n_events: Mapped[int]
    hash: Mapped[str]
    at: Mapped[datetime]


class StoreRow(TableRow):
    """Which store this is, and how often it was copied or held: what lies beside it is compared with this."""

    __tablename__ = "store"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    store_id: Mapped[str]
    epoch: Mapped[int]
    key_mark: Mapped[str]
    opened_at: Mapped[datetime]
    held_at: Mapped[datetime | None]


class ProbeRow(TableRow):
    """The row that a process writes to see whether the store can be written."""

    __tablename__ = "probe"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]

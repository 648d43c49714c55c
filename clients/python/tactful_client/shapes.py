"""The shapes of the API. Made by clients/generate.py; do not edit.

New keys and new values may come with any version of the service."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

Action = Literal["answer_public", "answer_private", "take_offline", "deflect", "phone_or_email", "ignore", "escalate"]

Answer = Literal["yes", "no", "not_here"]

Band = Literal["high", "medium", "low"]

BulkAct = Literal["assign", "team", "resolve", "dismiss", "label", "snooze"]

By = Literal["day", "week", "channel", "team", "intent", "language", "agent"]

CaseState = Literal["new", "open", "waiting_for_customer", "promised", "handed_over", "offline", "resolved"]

Clock = Literal["late", "soon", "later", "none", "snoozed"]

CrisisStep = Literal["began", "changed", "ended"]

DeliveryState = Literal["waiting", "claimed", "delivered", "failed"]

EndpointFormat = Literal["webhook", "cloudevents"]

EventType = Literal["message.received", "message.classified", "suggestion.ready", "suggestion.decided", "reply.sent", "reply.failed", "case.promised", "case.resolved", "case.climbed", "model.promoted", "model.drifted", "surge.began", "surge.ended", "crisis.began", "crisis.changed", "crisis.ended"]

FindingKind = Literal["missing", "contradicts"]

HandOverState = Literal["open", "taken", "answered", "called_back", "lapsed"]

Handling = Literal["allow", "mask", "offline", "withheld"]

NoteKind = Literal["note", "rejection", "hand_over", "answer", "feedback"]

NoticeKind = Literal["climb", "hand_over", "mention", "endpoint_off", "surge", "crisis"]

NoticeState = Literal["waiting", "claimed", "sent", "failed"]

OfflineState = Literal["open", "contacted", "closed", "waived"]

PromiseState = Literal["open", "kept", "broken", "moved", "withdrawn"]

Purpose = Literal["answer", "closing", "pointer", "satisfaction"]

RejectReason = Literal["wrong_intent", "wrong_tone", "missing_facts", "policy", "other"]

ReplyStage = Literal["pending", "held", "claimed", "inflight", "sent", "delivered", "failed", "unknown", "withdrawn"]

Resolution = Literal["solved", "dismissed", "ignored", "imported", "archived"]

Role = Literal["agent", "supervisor", "admin"]

Source = Literal["live", "demo", "import"]

SuggestionState = Literal["proposed", "approved", "rejected", "superseded", "dismissed"]

Verdict = Literal["send", "warn", "stop"]

View = Literal["now_due", "offline", "waiting", "mine", "all"]

Visibility = Literal["public", "private"]


class ActOut(TypedDict):
    """What one yes of a person made: the reply and, where it goes in private, the public pointer to it."""

    object: Literal["reply"]
    id: str
    message_id: str
    case_id: str
    turn: int
    suggestion_id: str | None
    channel: str
    text: str
    typed: str
    answer_id: str | None
    purpose: Purpose
    visibility: Visibility
    is_rehearsal: bool
    stage: ReplyStage
    play: str | None
    is_edited: bool
    approved_by: str
    approved_at: str
    needs_second: bool
    second_by: str | None
    not_before: str
    attempt: int
    sent_at: str | None
    receipt: str | None
    problem: str | None
    pointer: ReplyOut | None


class AddendOut(TypedDict):
    name: str
    points: int


class AgreementOut(TypedDict):
    """How two readers agree on a question. kappa: null where all said the same. is_enough: whether so many pairs say anything."""

    question: str
    n: int
    share: float
    kappa: float | None
    is_enough: bool


class AnswerIn(TypedDict):
    """A person's own words. promise: the hour they quote, confirmed. is_no_promise: what reads like an hour is no promise. turn: of the case, as the person had read it; a newer one refuses the words. key: the same one twice is one reply. pointer: what is said in public; the text then goes in private, and the pointer once it has gone."""

    text: str
    promise: NotRequired[str | None]
    is_no_promise: NotRequired[bool]
    turn: NotRequired[int | None]
    key: NotRequired[str | None]
    pointer: NotRequired[str | None]


class AnswerTextIn(TypedDict):
    text: str


class ApproveIn(TypedDict):
    """promise: the hour that the text quotes, confirmed; one that the draft itself quotes needs no confirmation. is_no_promise: what reads like an hour is no promise. pointer: what is said in public; the text then goes in private, and the pointer once it has gone."""

    text: str
    draft: NotRequired[int]
    labels: NotRequired[dict[str, str]]
    promise: NotRequired[str | None]
    is_no_promise: NotRequired[bool]
    pointer: NotRequired[str | None]


class ArrivalsOut(TypedDict):
    """What is foretold: nine of ten counts lie from low to high, both included."""

    mean: float
    low: int
    high: int


class AssignIn(TypedDict):
    to: str | None


class AttachmentOut(TypedDict):
    """A file that came with a message. is_kept: it can be downloaded in the console; problem: why not."""

    id: str
    name: str | None
    media_type: str
    size: int | None
    alt: str | None
    is_kept: bool
    problem: str | None


class AttemptOut(TypedDict):
    """One try. status: of the answer, null where none came."""

    at: str
    status: int | None
    took_ms: int
    problem: str


class AuthorIn(TypedDict):
    handle: str
    name: NotRequired[str | None]
    followers: NotRequired[int | None]


class AuthorOut(TypedDict):
    """Who wrote it, as the channel knows them."""

    handle: str
    name: str | None
    followers: int | None


class AwayIn(TypedDict):
    until: str | None


class BulkCaseIn(TypedDict):
    """turn: of the case, as the person saw it; with another one it is left out."""

    id: str
    turn: NotRequired[int | None]


class BulkIn(TypedDict):
    """to: a person's id, null for nobody, or a team. labels: by task. until: of a snooze."""

    act: BulkAct
    cases: list[BulkCaseIn]
    to: NotRequired[str | None]
    labels: NotRequired[dict[str, str]]
    until: NotRequired[str | None]


class BulkOut(TypedDict):
    """What was done to several cases. undo: the number that takes it back; null where nothing was done."""

    object: Literal["bulk"]
    act: BulkAct
    done: list[str]
    skipped: list[SkippedOut]
    undo: int | None


class CandidateOut(TypedDict):
    label: str
    score: float


class CaseListOut(TypedDict):
    """A page of whole cases."""

    object: Literal["list"]
    data: list[CaseOut]
    next_cursor: str | None
    has_more: bool


class CaseOut(TypedDict):
    """A whole case, read at one of its messages."""

    object: Literal["case"]
    id: str
    channel: str
    thread_id: str
    customer: str
    customer_id: str | None
    state: CaseState
    turn: int
    due_at: str | None
    until: str | None
    snoozed_until: str | None
    assigned_to: str | None
    assigned_why: str
    opened_at: str
    reopened_at: str | None
    resolved_at: str | None
    resolved_by: str | None
    resolution: Resolution | None
    source: Source
    message: ReadMessageOut
    others_in_thread: list[str]
    thread: list[TurnOut]
    replies: list[ReplyOut]
    promises: list[PromiseOut]
    handovers: list[HandOverOut]
    notes: list[NoteOut]
    offline: OfflineTaskOut | None
    satisfaction: SatisfactionOut | None
    snooze: SnoozeOut | None


class CaseSummaryListOut(TypedDict):
    """Cases, without what was said in them."""

    object: Literal["list"]
    data: list[CaseSummaryOut]
    next_cursor: str | None
    has_more: bool


class CaseSummaryOut(TypedDict):
    """Where a case stands, without what was said in it."""

    object: Literal["case"]
    id: str
    channel: str
    thread_id: str
    customer: str
    customer_id: str | None
    state: CaseState
    turn: int
    due_at: str | None
    until: str | None
    snoozed_until: str | None
    assigned_to: str | None
    assigned_why: str
    opened_at: str
    reopened_at: str | None
    resolved_at: str | None
    resolved_by: str | None
    resolution: Resolution | None
    source: Source


class CertifiedOut(TypedDict):
    """A precision that was asked for, and what keeping it costs. coverage is 0 where it cannot be certified."""

    precision: float
    coverage: float
    lower_bound: float


class ChangeOut(TypedDict):
    before: str
    after: str


class ClassificationOut(TypedDict):
    model: ModelOut
    language: LanguageOut
    risk: list[RiskOut]
    sensitive: RedactionOut
    entities: list[EntityOut]
    redacted_text: str
    object: Literal["classification"]
    intent: NotRequired[JudgementOut]
    sentiment: NotRequired[JudgementOut]
    urgency: NotRequired[JudgementOut]
    act: NotRequired[JudgementOut]
    stance: NotRequired[JudgementOut]
    addressed: NotRequired[JudgementOut]


class ClassifiedListOut(TypedDict):
    """The answers to a batch, in order."""

    object: Literal["list"]
    data: list[ClassifiedOut | ItemErrorOut]
    next_cursor: str | None
    has_more: bool


class ClassifiedOut(TypedDict):
    """The answer to one text that was sent. input_id: its sender's own id."""

    model: ModelOut
    language: LanguageOut
    risk: list[RiskOut]
    sensitive: RedactionOut
    entities: list[EntityOut]
    redacted_text: str
    object: Literal["classification"]
    id: str
    created: str
    input_id: NotRequired[str | None]
    intent: NotRequired[JudgementOut]
    sentiment: NotRequired[JudgementOut]
    urgency: NotRequired[JudgementOut]
    act: NotRequired[JudgementOut]
    stance: NotRequired[JudgementOut]
    addressed: NotRequired[JudgementOut]


class ClassifyIn(TypedDict):
    """One text, or up to 256 inputs. subject: of a mail, read as the first line."""

    text: NotRequired[str | None]
    subject: NotRequired[str | None]
    inputs: NotRequired[list[ClassifyItem] | None]
    tasks: NotRequired[list[str] | None]
    options: NotRequired[ClassifyOptions]


class ClassifyItem(TypedDict):
    id: NotRequired[str | None]
    text: str
    subject: NotRequired[str | None]


class ClassifyOptions(TypedDict):
    top_k: NotRequired[int]
    explain: NotRequired[bool]
    precision: NotRequired[float | dict[str, float] | None]


class ClimbedOut(TypedDict):
    """One step that a message has reached. notice: null where the playbook has no address of the contact."""

    step: str
    contact: str
    at: str
    notice: NoticeOut | None


class ClosingIn(TypedDict):
    """A person's own words that close a matter where it began: in public, and only there."""

    text: str
    promise: NotRequired[str | None]
    is_no_promise: NotRequired[bool]
    turn: NotRequired[int | None]
    key: NotRequired[str | None]


class CorrectionOut(TypedDict):
    """A person's label in place of ours."""

    task: str
    label: str


class CoverageOut(TypedDict):
    """Half hours of past weeks that were foretold from the weeks before them, and the share within their interval."""

    n: int
    share: float | None


class CrisisIn(TypedDict):
    """What it is about: any of intents or phrases, on one of channels (empty: on any)."""

    name: str
    reason: str
    intents: NotRequired[list[str]]
    phrases: NotRequired[list[str]]
    channels: NotRequired[list[str]]
    statement: StatementIn
    is_drill: NotRequired[bool]


class CrisisLineOut(TypedDict):
    """One decision. statement: the words that held from then on, null where it ended."""

    step: CrisisStep
    by: str
    at: str
    statement: StatementOut | None


class CrisisOut(TypedDict):
    """A crisis or a drill of one. n_matched: cases it was about; n_answered: those its statement was sent to."""

    object: Literal["crisis"]
    id: str
    name: str
    reason: str
    is_on: bool
    is_drill: bool
    intents: list[str]
    phrases: list[str]
    channels: list[str]
    statement: StatementOut
    began_by: str
    began_at: str
    ended_by: str | None
    ended_at: str | None
    log: list[CrisisLineOut]
    n_matched: int
    n_answered: int


class CrisisStandingOut(TypedDict):
    """The crisis that is on, null for none, and those that were, the latest first."""

    object: Literal["crisis_standing"]
    on: CrisisOut | None
    past: list[CrisisOut]


class CustomerDataOut(TypedDict):
    """Everything that is kept of a customer: rows by table."""

    object: Literal["customer_data"]
    id: str
    data: dict[str, Any]


class CustomerOut(TypedDict):
    """One customer on all channels, with what was put together on what evidence."""

    object: Literal["customer"]
    id: str
    name: str | None
    created_at: str
    identities: list[IdentityOut]
    moves: list[IdentityMoveOut]


class DecisionIn(TypedDict):
    reason: str
    action: NotRequired[Action | None]
    team: NotRequired[str | None]


class DecisionOut(TypedDict):
    """What to do about a message, by when, and why. promised_at: the published window."""

    action: Action
    team: str
    kind: str
    priority: PriorityOut
    due_at: str
    promised_at: str
    reasons: list[str]


class DraftIn(TypedDict):
    """A message to be answered, and what was said before it, oldest first. name: of who wrote."""

    text: str
    subject: NotRequired[str | None]
    channel: NotRequired[str]
    name: NotRequired[str | None]
    thread: NotRequired[list[SaidIn]]


class DraftOut(TypedDict):
    """One proposed text. missing: slots that a person must fill before it can be approved. sources: where its facts stand. lacks: which knowledge is missing."""

    play: str
    title: str
    text: str
    private_text: str | None
    missing: list[str]
    tone: ToneOut
    score: float
    offline: bool
    promised_at: str | None
    handed_to: str | None
    sources: list[SourceOut]
    lacks: list[LackOut]


class DurationOut(TypedDict):
    """Seconds, exact to 5 %."""

    n: int
    p50_s: float | None
    p90_s: float | None


class EndpointChangeIn(TypedDict):
    """What is left out stays as it is."""

    url: NotRequired[str | None]
    types: NotRequired[list[EventType] | None]
    format: NotRequired[EndpointFormat | None]
    has_objects: NotRequired[bool | None]
    owner: NotRequired[str | None]
    is_on: NotRequired[bool | None]


class EndpointIn(TypedDict):
    """types: what it hears of; empty or left out: everything. has_objects: whether it gets messages, suggestions and replies themselves, masked, beside their ids. owner: who is told when it is switched off."""

    url: str
    types: NotRequired[list[EventType]]
    format: NotRequired[EndpointFormat]
    has_objects: NotRequired[bool]
    owner: NotRequired[str]


class EndpointOut(TypedDict):
    """Where another system hears of events. types: which, empty for all. off_why: why it was switched off."""

    object: Literal["webhook"]
    id: str
    url: str
    types: list[EventType]
    format: EndpointFormat
    has_objects: bool
    owner: str
    is_on: bool
    off_since: str | None
    off_why: str
    failing_since: str | None
    rotated_at: str | None
    created_by: str
    created_at: str


class EndpointSecretsOut(TypedDict):
    """The secrets that sign now, the newest first; the one before it signs for a day after a rotation."""

    object: Literal["webhook_secrets"]
    id: str
    secrets: list[str]


class EntityOut(TypedDict):
    start: int
    end: int
    kind: str
    value: str


class EstimateOut(TypedDict):
    """A value over n things, in the unit of its target, and between what it lies with 95 % certainty."""

    value: float
    low: float
    high: float
    n: int


class EventDataOut(TypedDict):
    """What an event tells: ids, labels and scores, each where the type has it; with objects what the ids belong to."""

    case_id: NotRequired[str | None]
    message_id: NotRequired[str | None]
    suggestion_id: NotRequired[str | None]
    reply_id: NotRequired[str | None]
    promise_id: NotRequired[str | None]
    channel: NotRequired[str | None]
    bundle: NotRequired[str | None]
    was: NotRequired[str | None]
    intent: NotRequired[str | None]
    intent_score: NotRequired[float | None]
    sentiment: NotRequired[str | None]
    sentiment_score: NotRequired[float | None]
    urgency: NotRequired[str | None]
    urgency_score: NotRequired[float | None]
    play: NotRequired[str | None]
    outcome: NotRequired[str | None]
    reason: NotRequired[str | None]
    attempt: NotRequired[int | None]
    is_rehearsal: NotRequired[bool | None]
    until: NotRequired[str | None]
    turn: NotRequired[int | None]
    step: NotRequired[str | None]
    team: NotRequired[str | None]
    contact: NotRequired[str | None]
    by: NotRequired[str | None]
    surge_id: NotRequired[str | None]
    kind: NotRequired[str | None]
    n: NotRequired[int | None]
    usual: NotRequired[float | None]
    tasks: NotRequired[str | None]
    days: NotRequired[int | None]
    crisis_id: NotRequired[str | None]
    n_matched: NotRequired[int | None]
    n_answered: NotRequired[int | None]
    is_sample: NotRequired[bool | None]
    message: NotRequired[MessageOut | None]
    suggestion: NotRequired[SuggestionOut | None]
    reply: NotRequired[ReplyOut | None]
    case: NotRequired[CaseSummaryOut | None]


class EventDeliveryOut(TypedDict):
    """One event on its way to one endpoint. not_before: when it is tried next, while it waits."""

    object: Literal["delivery"]
    id: str
    webhook_id: str
    event_id: str
    event: str
    state: DeliveryState
    attempts: list[AttemptOut]
    problem: str | None
    not_before: str | None
    created_at: str


class EventListOut(TypedDict):
    """Rows of the audit trail, oldest first."""

    object: Literal["list"]
    data: list[EventOut]
    next_cursor: str | None
    has_more: bool


class EventOut(TypedDict):
    """One row of the audit trail: ids and labels, never a text."""

    object: Literal["event"]
    number: int
    event: str
    subject_id: str
    case_id: str | None
    by: str
    at: str
    facts: dict[str, Any]


class EvidenceOut(TypedDict):
    """Words that carried a label."""

    start: int
    end: int
    weight: float


class FiltersIn(TypedDict):
    channel: NotRequired[str | None]
    intent: NotRequired[str | None]
    sentiment: NotRequired[str | None]
    urgency: NotRequired[str | None]
    team: NotRequired[str | None]
    tier: NotRequired[str | None]
    language: NotRequired[str | None]
    assignee: NotRequired[str | None]
    clock: NotRequired[Clock | None]
    search: NotRequired[str | None]


class FindingOut(TypedDict):
    """One thing the tone check found; fix: a text to put there instead."""

    start: int
    end: int
    rule: str
    message: str
    fix: str | None


class ForgottenOut(TypedDict):
    """What was deleted of a customer, by table. bundles: those that learnt from them; proofs: ids of what stays."""

    object: Literal["forgotten"]
    cases: int
    removed: dict[str, int]
    bundles: list[str]
    proofs: list[str]


class GapOut(TypedDict):
    """Something that knowledge lacked for messages messages, last at last_at. about: the intent, where it was sure. cases: ids of some, the latest first."""

    slot: str
    about: str | None
    messages: int
    last_at: str
    cases: list[str]


class GapsOut(TypedDict):
    """Most wanted first."""

    object: Literal["list"]
    data: list[GapOut]


class GoalOut(TypedDict):
    """One goal of the playbook. measured and reached are null while there is nothing to measure."""

    goal: str
    target: float
    of: float
    reached: bool | None
    cases: int
    measured: float | None


class HandOverIn(TypedDict):
    """to: a team or contact of the playbook that can be reached."""

    to: str
    reason: NotRequired[str]


class HandOverOut(TypedDict):
    """A matter that somebody outside the desk has. until: by when they should answer."""

    object: Literal["handover"]
    id: str
    case_id: str
    message_id: str
    to: str
    contact: str
    state: HandOverState
    is_open: bool
    reason: str
    opened_by: str
    opened_at: str
    until: str
    answered_at: str | None
    changed_by: str | None
    changed_at: str | None


class HandedInOut(TypedDict):
    """A message that was handed in. is_new: false where it was here already."""

    object: Literal["message"]
    id: str | None
    is_new: bool


class HandleTimeOut(TypedDict):
    """n_measured: replies it was measured on; 0: the playbook says it."""

    mean_s: float
    n_measured: int


class IdentityMoveOut(TypedDict):
    """An identity put with another record. undone_at: when it was put back."""

    object: Literal["identity_move"]
    id: str
    channel: str
    handle: str
    from_customer: str
    to_customer: str
    evidence: str
    by: str
    at: str
    undone_by: str | None
    undone_at: str | None


class IdentityOut(TypedDict):
    """Who somebody is on one channel."""

    channel: str
    handle: str


class InferenceIn(TypedDict):
    id: NotRequired[str | None]
    inputs: list[TensorIn]


class InferenceOut(TypedDict):
    """probabilities is flat, row by row; a row sums to at most 1, what is missing is the chance that nothing fits."""

    model_name: str
    model_version: str
    id: str
    outputs: list[TensorOut]


class ItemErrorOut(TypedDict):
    """Stands in a batch in the place of an item that cannot be read. input_id: its sender's own id, if it has one."""

    object: Literal["error"]
    input_id: str | None
    error: ItemProblemOut


class ItemProblemOut(TypedDict):
    """Why one item of a batch was not read."""

    code: str
    detail: str
    errors: list[PlaceOut]


class JoinIn(TypedDict):
    channel: str
    handle: str
    evidence: str


class JudgementOut(TypedDict):
    """One task's answer. An abstained label is a hint only."""

    label: str
    score: float
    confidence: Band
    abstained: bool
    candidates: list[CandidateOut]
    reasons: NotRequired[list[str] | None]
    promise: NotRequired[CertifiedOut | None]
    evidence: NotRequired[list[EvidenceOut] | None]
    neighbours: NotRequired[list[NeighbourOut] | None]


class LabelIn(TypedDict):
    inputs: str | list[str]
    parameters: NotRequired[LabelOptions | None]


class LabelOptions(TypedDict):
    top_k: NotRequired[int | None]
    function_to_apply: NotRequired[Literal["sigmoid", "softmax", "none"] | None]


class LabelOut(TypedDict):
    label: str
    score: float


LabelsOut = list[list[LabelOut]]


class LackOut(TypedDict):
    """What knowledge had nothing for. about: the intent, where it is sure."""

    slot: str
    about: str | None


class LanguageOut(TypedDict):
    label: str
    score: float


class ListOut_EndpointOut_(TypedDict):
    object: Literal["list"]
    data: list[EndpointOut]
    next_cursor: str | None
    has_more: bool


class ListOut_EventDeliveryOut_(TypedDict):
    object: Literal["list"]
    data: list[EventDeliveryOut]
    next_cursor: str | None
    has_more: bool


class LiveOut(TypedDict):
    status: Literal["ok"]


class MaskedSpanOut(TypedDict):
    """replacement: what stands there in the masked text; null for a value that stays."""

    start: int
    end: int
    category: str
    score: float
    handling: Handling
    replacement: str | None


class MessageIn(TypedDict):
    """A message handed in by a service. id and thread are the sender's own; the same id twice is kept once."""

    id: str
    thread: NotRequired[str | None]
    author: AuthorIn
    text: str
    visibility: NotRequired[Literal["public", "private"]]
    written_at: NotRequired[str | None]
    in_reply_to: NotRequired[str | None]


class MessageListOut(TypedDict):
    """A page of messages."""

    object: Literal["list"]
    data: list[MessageOut]
    next_cursor: str | None
    has_more: bool


class MessageOut(TypedDict):
    """One customer message, masked, as it is kept. outside_id: the channel's or the sender's own id of it."""

    object: Literal["message"]
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
    written_at: str
    received_at: str
    automatic: str | None
    attachments: list[AttachmentOut]
    sensitive: SensitiveOut


class ModelMetadataOut(TypedDict):
    """One task. versions: the bundle that judges it. The columns of probabilities are the labels, in this order."""

    name: str
    versions: list[str]
    platform: Literal["tactful"]
    inputs: list[TensorMetadataOut]
    outputs: list[TensorMetadataOut]
    labels: list[str]


class ModelOut(TypedDict):
    """Which bundle serves, and by task which one judged."""

    name: str
    bundles: dict[str, str]


class ModelReadyOut(TypedDict):
    name: str
    ready: bool


class ModerationOut(TypedDict):
    """One text. Beside the standard categories stand ours, tactful/<kind>, for risks and for sensitive data."""

    flagged: bool
    categories: dict[str, bool]
    category_scores: dict[str, float]
    category_applied_input_types: dict[str, list[Literal["text"]]]
    unjudged: list[str]


class ModerationsIn(TypedDict):
    input: str | list[str] | list[TextPart]


class ModerationsOut(TypedDict):
    id: str
    model: str
    results: list[ModerationOut]


class NeededOut(TypedDict):
    """People at work (desk), and with shrinkage (rostered). desk_c: by Erlang C; desk_a: by Erlang A, null where the playbook names no patience. share: of arrivals answered in time; one_less, one_more: with that many people."""

    desk: int
    rostered: int
    desk_c: int
    desk_a: int | None
    share: float
    one_less: float
    one_more: float
    occupancy: float


class NeighbourOut(TypedDict):
    """A training message that resembles this one, masked."""

    text: str
    label: str
    similarity: float


class NoteIn(TypedDict):
    text: str


class NoteOut(TypedDict):
    """An internal note, masked, never sent. mentions: ids of people."""

    object: Literal["note"]
    id: str
    case_id: str
    kind: NoteKind
    text: str
    by: str
    at: str
    mentions: list[str]


class NoticeOut(TypedDict):
    """What a contact is told, without their address. problem: how the last try ended."""

    object: Literal["notice"]
    id: str
    message_id: str
    case_id: str
    kind: NoticeKind
    step: str
    contact: str
    state: NoticeState
    answer_by: str
    sent_at: str | None
    problem: str | None


class OfflineIn(TypedDict):
    state: OfflineState
    waiver: NotRequired[str | None]


class OfflineTaskOut(TypedDict):
    """A matter that left the open; its case cannot be resolved while is_open."""

    object: Literal["offline_task"]
    id: str
    thread_id: str
    case_id: str
    message_id: str
    categories: list[str]
    state: OfflineState
    is_open: bool
    owner: str | None
    due_at: str
    created_at: str
    changed_by: str | None
    changed_at: str | None
    waiver: str | None


class PersonListOut(TypedDict):
    """Colleagues."""

    object: Literal["list"]
    data: list[PersonOut]
    next_cursor: str | None
    has_more: bool


class PersonOut(TypedDict):
    """A colleague, as colleagues know them: without their address."""

    object: Literal["person"]
    id: str
    name: str
    role: Role
    signs_as: str
    is_active: bool
    is_checked: bool
    away_until: str | None


class PickOut(TypedDict):
    """A reply to read. why: what speaks against it, empty for chance. is_twice: two read it."""

    reply_id: str
    case_id: str
    author: str
    week: str
    why: str
    is_twice: bool


class PlaceOut(TypedDict):
    """One thing that is wrong with a request. pointer: where, as JSON Pointer has it."""

    pointer: str
    detail: str


class PlanFindingOut(TypedDict):
    """Something to mend, and what to do."""

    kind: FindingKind
    what: str
    where: str
    fix: str


class PlanLineOut(TypedDict):
    """Something that stands, and the file with its line and key, the setting or the table that it comes from."""

    says: str
    where: str


PlanOut = TypedDict("PlanOut", {"object": 'Literal["plan"]', "made_at": 'str', "playbook_version": 'str', "from": 'str', "to": 'str', "n_findings": 'int', "rows": 'list[PlanRowOut]'})


class PlanRowOut(TypedDict):
    """One question of the worksheet."""

    key: str
    asks: str
    lines: list[PlanLineOut]
    findings: list[PlanFindingOut]


class PlayCountOut(TypedDict):
    """What became of one play's drafts. edits: how often each kind of edit was made. kept: 0 to 1, of the words."""

    play: str
    shown: int
    accepted: int
    edited: int
    rejected: int
    edits: dict[str, int]
    kept: float


class PlayFlagOut(TypedDict):
    """Something the owner of a play should look at. change: what people keep writing in its place."""

    play: str
    kind: Literal["rejected", "rewritten"]
    what: str
    owner: str
    change: ChangeOut | None


class PlayListOut(TypedDict):
    """The plays of the playbook."""

    object: Literal["list"]
    data: list[PlayOut]
    next_cursor: str | None
    has_more: bool


class PlayOut(TypedDict):
    """A play as the playbook has it. reference: as drafts name it. intents: none means anything. matters: legal or medical, what its words speak of. withheld: why it is not offered, empty where it is."""

    object: Literal["play"]
    id: str
    reference: str
    title: str
    file: str
    approach: str
    tone: str
    owner: str
    version: int
    intents: list[str]
    actions: list[str]
    needs: list[str]
    offline: bool
    wordings: list[WordingOut]
    examples: list[str]
    matters: list[str]
    signed: list[SignOffOut]
    withheld: str


class PlayScoreOut(TypedDict):
    """A play that came into question, and what its score is made of."""

    play: str
    score: float
    parts: dict[str, float]


class PlayStatsOut(TypedDict):
    object: Literal["play_stats"]
    data: list[PlayCountOut]
    flags: list[PlayFlagOut]
    goals: list[GoalOut]


class PriorityOut(TypedDict):
    """A sum with its addends."""

    total: int
    addends: list[AddendOut]


class ProblemOut(TypedDict):
    """A problem, as RFC 9457 has it. code is stable; request_id finds it in our log."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: Literal["already_decided", "bad_cursor", "bad_origin", "bad_payload", "channel_busy", "channel_failed", "conflict", "forbidden_scope", "idempotency_in_progress", "idempotency_mismatch", "internal_error", "invalid_encoding", "invalid_json", "invalid_request", "key_in_url", "method_not_allowed", "model_unavailable", "needs_person", "not_found", "overloaded", "payload_too_large", "precondition_required", "rate_limited", "reply_blocked", "sensitive_blocked", "stale_version", "unauthenticated", "unavailable", "unsupported_media_type", "validation_failed", "wrong_host"]
    request_id: str
    errors: NotRequired[list[PlaceOut] | None]
    state: NotRequired[str | None]
    decided_by: NotRequired[str | None]
    by: NotRequired[str | None]


class PromiseOut(TypedDict):
    """An hour that a reply quotes, and what became of it."""

    object: Literal["promise"]
    id: str
    reply_id: str
    until: str
    state: PromiseState
    made_by: str
    made_at: str
    ended_at: str | None


class ProposalOut(TypedDict):
    """One message, read, decided about and drafted for. explain: every play that came into question."""

    model: ModelOut
    language: LanguageOut
    risk: list[RiskOut]
    sensitive: RedactionOut
    entities: list[EntityOut]
    redacted_text: str
    object: Literal["proposal"]
    id: str
    channel: str
    decision: DecisionOut
    suggestions: list[DraftOut]
    asks: str | None
    playbook: str
    explain: NotRequired[list[PlayScoreOut] | None]
    intent: NotRequired[JudgementOut]
    sentiment: NotRequired[JudgementOut]
    urgency: NotRequired[JudgementOut]
    act: NotRequired[JudgementOut]
    stance: NotRequired[JudgementOut]
    addressed: NotRequired[JudgementOut]


class PublicEventListOut(TypedDict):
    """A page of events, oldest first. next_cursor goes on from here as after, also when nothing is new yet."""

    object: Literal["list"]
    data: list[PublicEventOut]
    has_more: bool
    next_cursor: str


class PublicEventOut(TypedDict):
    """Something that happened, as other systems are told it."""

    object: Literal["event"]
    id: str
    type: EventType
    timestamp: str
    data: EventDataOut


class QualityOut(TypedDict):
    """The last twelve weeks of the quality review, and what is left to read."""

    object: Literal["quality"]
    week: str
    n_picked: int
    n_read: int
    questions: list[QuestionOut]
    to_read: list[PickOut]
    people: list[SharesOut]
    agreement: list[AgreementOut]


class QuestionOut(TypedDict):
    """One question of the form."""

    id: str
    ask: str


class ReadMessageOut(TypedDict):
    """One message with what was read out of it, decided and suggested."""

    object: Literal["message"]
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
    written_at: str
    received_at: str
    automatic: str | None
    attachments: list[AttachmentOut]
    sensitive: SensitiveOut
    work: Literal["preparing", "open", "decided", "parked"]
    problem: str | None
    classification: ClassificationOut | None
    suggestion: SuggestionOut | None
    decision: DecisionOut | None
    corrections: list[CorrectionOut]
    climbed: list[ClimbedOut]


class ReadyOut(TypedDict):
    """checks: by what was looked at, ok or what is wrong; bundle is the id of the one that serves, or none."""

    status: Literal["ok", "degraded", "not ready"]
    checks: dict[str, str]


class ReceiptsOut(TypedDict):
    """How many receipts were read. quarantined: those that could not be, kept for a person to look at."""

    object: Literal["receipt"]
    accepted: int
    quarantined: list[UnreadOut]


class RedactionOut(TypedDict):
    flagged: bool
    action: Handling
    spans: list[MaskedSpanOut]
    categories: dict[str, Literal[True]]
    category_scores: dict[str, float]


class RejectIn(TypedDict):
    reason: RejectReason
    note: NotRequired[str | None]
    labels: NotRequired[dict[str, str]]


class RelabelIn(TypedDict):
    labels: dict[str, str]


class ReplyListOut(TypedDict):
    """Replies."""

    object: Literal["list"]
    data: list[ReplyOut]
    next_cursor: str | None
    has_more: bool


class ReplyOut(TypedDict):
    """An approved answer and where it stands. typed: what its author wrote, without the signature under it."""

    object: Literal["reply"]
    id: str
    message_id: str
    case_id: str
    turn: int
    suggestion_id: str | None
    channel: str
    text: str
    typed: str
    answer_id: str | None
    purpose: Purpose
    visibility: Visibility
    is_rehearsal: bool
    stage: ReplyStage
    play: str | None
    is_edited: bool
    approved_by: str
    approved_at: str
    needs_second: bool
    second_by: str | None
    not_before: str
    attempt: int
    sent_at: str | None
    receipt: str | None
    problem: str | None


class ReportCasesOut(TypedDict):
    """Ids of cases, in the order in which they were counted."""

    object: Literal["list"]
    data: list[str]


class ReportLineOut(TypedDict):
    """figures: counts, as the figures of the report name them. shares: 0 to 1, null where there is nothing to share. satisfaction: the mean answer, 1 to 5."""

    key: str
    figures: dict[str, int]
    shares: dict[str, float | None]
    durations: dict[str, DurationOut]
    satisfaction: float | None


ReportOut = TypedDict("ReportOut", {"object": 'Literal["report"]', "from": 'str', "to": 'str', "zone": 'str', "by": 'By', "lines": 'list[ReportLineOut]', "total": 'ReportLineOut', "figures": 'dict[str, str]'})


class ResentOut(TypedDict):
    """The deliveries that are sent again."""

    object: Literal["resent"]
    ids: list[str]


class ResolveIn(TypedDict):
    ask: NotRequired[bool]


class ReviewIn(TypedDict):
    answers: dict[str, Answer]
    note: NotRequired[str]


class ReviewOut(TypedDict):
    """What one person said of a reply."""

    object: Literal["review"]
    reply_id: str
    case_id: str
    reader: str
    answers: dict[str, Answer]
    note: str
    at: str


class RiskOut(TypedDict):
    """One kind of what cannot wait, with the words that carry it."""

    kind: str
    score: float
    spans: list[SpanOut]


class SaidIn(TypedDict):
    """One turn of what was said before. from_us: whether we said it."""

    text: str
    from_us: NotRequired[bool]


class SatisfactionOut(TypedDict):
    """The one question whether a customer is content. score: 1 to 5; null where they gave none."""

    asked_at: str
    score: int | None


class SavedViewListOut(TypedDict):
    """Saved views, those for all among them."""

    object: Literal["list"]
    data: list[SavedViewOut]
    next_cursor: str | None
    has_more: bool


class SavedViewOut(TypedDict):
    """A list of the inbox under a name. cases: how many stand in it, counted up to 100."""

    object: Literal["view"]
    id: str
    name: str
    view: View
    filters: dict[str, str]
    for_all: bool
    made_by: str
    made_at: str
    cases: int


class SensitiveOut(TypedDict):
    """What a text holds that is sensitive, and what that asks for together."""

    flagged: bool
    action: Handling
    spans: list[SensitiveSpanOut]


class SensitiveSpanOut(TypedDict):
    """One sensitive value in a text, never the value itself."""

    start: int
    end: int
    category: str
    score: float
    handling: Handling


class ServerLiveOut(TypedDict):
    live: bool


class ServerMetadataOut(TypedDict):
    name: Literal["tactful"]
    version: str
    extensions: list[str]


class ServerReadyOut(TypedDict):
    ready: bool


class SessionOut(TypedDict):
    """Who is signed in. csrf goes into X-CSRF-Token on every request that changes something."""

    object: Literal["session"]
    csrf: str
    person: SignedInOut


class SharesOut(TypedDict):
    """Of one person: replies read, and by question how many yes of how many yes and no."""

    author: str
    n_read: int
    by_question: dict[str, list[Any]]


class SignInIn(TypedDict):
    email: str
    password: str


SignOffOut = TypedDict("SignOffOut", {"for": 'str', "by": 'str', "on": 'str'})


class SignatureIn(TypedDict):
    """How a person signs where a channel signs, such as AB or Anna; empty: not at all."""

    signs_as: str


class SignedInOut(TypedDict):
    id: str
    name: str
    role: Role


class SkippedOut(TypedDict):
    """A case that was left out. by: who holds it, or made it so."""

    case_id: str
    detail: str
    by: str | None


class SlotOut(TypedDict):
    """Half an hour. work: what is to be answered in it, with what waited while nobody worked. needed: null while nobody works."""

    start: str
    arrivals: ArrivalsOut
    work: float
    needed: NeededOut | None


class SnoozeIn(TypedDict):
    """until: when the case is to be back in its list, within a year. It is back earlier when something happens."""

    until: str


class SnoozeOut(TypedDict):
    """Until when a person put a case out of its list."""

    until: str
    by: str
    at: str


class SourceOut(TypedDict):
    """Where words of a draft come from. slot: what its quote fills; null where it only stands beside the draft. internal: for your people alone; no word of it stands in a text for customers."""

    place: str
    title: str
    quote: str
    score: float
    slot: str | None
    link: str | None
    owner: str | None
    internal: bool


class SpanOut(TypedDict):
    """A stretch of a text. Offsets are code points of the text as sent, end is the first one behind it."""

    start: int
    end: int


class StaffedDayOut(TypedDict):
    day: str
    arrivals: float
    peak: int
    desk_h: float
    rostered_h: float


class StaffingOut(TypedDict):
    """A week of a team on a channel; empty stands for all. problem: why there are no slots. within_s: the time in which share of the arrivals is to be answered."""

    object: Literal["staffing"]
    team: str
    channel: str
    zone: str
    share: float
    within_s: float
    n_weeks: int
    problem: str
    handle: HandleTimeOut | None
    coverage: CoverageOut
    days: list[StaffedDayOut]
    slots: list[SlotOut]


class StandingOut(TypedDict):
    """A goal with where it stands. since: the days of the baseline, or why there is none. reached, better: null where there is too little to tell."""

    goal: str
    target: float
    unit: str
    at_most: bool
    owner: str
    now: EstimateOut | None
    baseline: EstimateOut | None
    since: str
    reached: bool | None
    better: bool | None


class StandingsOut(TypedDict):
    """The goals of the playbook over the last four weeks."""

    object: Literal["list"]
    data: list[StandingOut]


class StatementIn(TypedDict):
    """What is said in public and in private, and who signed for these words."""

    public_text: str
    private_text: str
    approved_by: str


class StatementOut(TypedDict):
    """What is said, and who approved it."""

    public_text: str
    private_text: str
    approved_by: str


class SuggestionListOut(TypedDict):
    """A page of suggestions."""

    object: Literal["list"]
    data: list[SuggestionOut]
    next_cursor: str | None
    has_more: bool


class SuggestionOut(TypedDict):
    """What tactful proposes for one message. asks: the one question to settle where there is no draft."""

    object: Literal["suggestion"]
    id: str
    message_id: str
    case_id: str
    turn: int
    state: SuggestionState
    version: int
    decision: DecisionOut
    drafts: list[DraftOut]
    asks: str | None
    playbook: str
    created_at: str
    decided_by: str | None
    decided_at: str | None
    reject_reason: RejectReason | None


class TakenBackOut(TypedDict):
    """What was taken back. left: ids of cases that have changed since and stay as they are."""

    object: Literal["taken_back"]
    left: list[str]


class TakenOut(TypedDict):
    """What became of one payload. ids: of the messages that are new. known: how many were here already."""

    object: Literal["receipt"]
    ids: list[str]
    accepted: int
    known: int
    changed: list[str]
    quarantined: list[UnreadOut]


class TensorIn(TypedDict):
    name: str
    shape: list[int]
    datatype: Literal["BYTES"]
    data: list[str]


class TensorMetadataOut(TypedDict):
    name: str
    datatype: Literal["BYTES", "FP32"]
    shape: list[int]


class TensorOut(TypedDict):
    name: str
    shape: list[int]
    datatype: Literal["BYTES", "FP32"]
    data: list[str] | list[float]


class TextPart(TypedDict):
    type: Literal["text"]
    text: str


class ToneCheckOut(TypedDict):
    verdict: Verdict
    score: float
    findings: list[FindingOut]
    object: Literal["tone"]


class ToneIn(TypedDict):
    text: str
    channel: NotRequired[str]


class ToneOut(TypedDict):
    """Whether a text may go out. score: the probability that it may as it is."""

    verdict: Verdict
    score: float
    findings: list[FindingOut]


class TrainingIn(TypedDict):
    """A job of training. data: a dataset in the home, to learn from or to measure on. job: the retraining whose bundle is compared or promoted. after: one whose settled suspects are learnt. reason: why a promotion is forced."""

    kind: Literal["retrain", "compare", "promote", "rollback"]
    data: NotRequired[str]
    job: NotRequired[str]
    encoder: NotRequired[Literal["minilm", "none"]]
    after: NotRequired[str]
    reason: NotRequired[str]


class TrainingJobOut(TypedDict):
    """One job. state: waiting, running, done, failed or cancelled. log: the last of what its commands said."""

    object: Literal["training_job"]
    id: str
    kind: Literal["retrain", "compare", "promote", "rollback"]
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    data: str
    job: str
    encoder: str
    by: str
    asked_at: str
    started_at: str | None
    ended_at: str | None
    exit_code: int | None
    has_bundle: bool
    has_suspects: bool
    log: list[str]


class TrainingJobsOut(TypedDict):
    """The latest jobs, the newest first. datasets: names that a job may learn from or measure on."""

    object: Literal["training_jobs"]
    current: str
    datasets: list[str]
    jobs: list[TrainingJobOut]


class TriggerIn(TypedDict):
    """The type of the sample."""

    type: EventType


class TurnOut(TypedDict):
    """One utterance of a thread, with what came with it. id: of the message, reply or native answer that it is."""

    object: Literal["turn"]
    id: str
    by: Literal["customer", "us"]
    customer: str | None
    author: str | None
    at: str
    subject: str | None
    text: str
    visibility: Visibility | None
    automatic: str | None
    attachments: list[AttachmentOut]


class UnreadOut(TypedDict):
    """An item of a payload that could not be read. position: its place, from 0. It is kept, and need not come again."""

    id: str
    position: int
    problem: str


class ViewIn(TypedDict):
    """filters: what the list is narrowed to, by the names that GET /v1/cases has. for_all: everybody sees it."""

    name: str
    view: NotRequired[View]
    filters: NotRequired[FiltersIn]
    for_all: NotRequired[bool]


class WordingOut(TypedDict):
    """One wording of a play, with its slots. situation: when it is for, such as public known."""

    situation: str
    text: str

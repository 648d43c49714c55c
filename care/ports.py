"""What care asks of the other rooms, and what each answer promises."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from care.access import Person, ServiceKey, Session
from care.classification import Classification, Correction
from care.decision import Decision
from care.desk import Case, Event, Page, View
from care.escalation import Climbed, Notice, Unanswered
from care.learning import FirstAnswer, GoalLine, Outcome, PlayCount, PlayFlag
from care.message import Inbound, Message, Turn
from care.offline import OfflineTask
from care.reply import Draft, RejectReason, Reply, Stage, Suggestion, ToneReport
from care.satisfaction import Satisfaction
from care.sensitive import Redaction


class Clock(Protocol):
    """What time it is. Aware, UTC, never backwards by more than the host's clock."""

    def __call__(self) -> datetime: ...


class Redactor(Protocol):
    """Finds and masks sensitive data.

    `before` is the author's previous message in the same thread, masked, for values split over two messages.
    May raise anything: the caller then keeps the text withheld. Safe from several threads, no I/O.
    """

    def redact(self, text: str, *, before: str | None = None) -> Redaction: ...


class Classifier(Protocol):
    """Reads one message. `thread` is what was said before it, oldest first. Safe from several threads."""

    bundle_id: str

    def classify(self, text: str, *, thread: Sequence[Turn] = ()) -> Classification: ...


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the playbook makes of a message: a decision, at most three drafts, or one question to settle."""

    decision: Decision
    drafts: tuple[Draft, ...]
    asks: str | None
    playbook: str


class Drafter(Protocol):
    """Decides and drafts. Pure: the same message, thread and time give the same proposal.

    Reads `classification.sensitive.handling` and the message's own handling: a flagged message gets only plays
    marked offline. Safe from several threads.
    """

    def propose(
        self, message: Message, classification: Classification, *, thread: Sequence[Turn] = (), now: datetime
    ) -> Proposal: ...


class ToneChecker(Protocol):
    """Judges any outgoing text, a person's too. `to` is what the customer wrote; `mood` their sentiment label."""

    def check(
        self, text: str, *, channel: str, to: str | None = None, mood: str | None = None, urgency: str | None = None
    ) -> ToneReport: ...


class SurveyReader(Protocol):
    """The playbook's satisfaction question: its text, when it fits, and what an answer means.

    question: "" when the playbook asks none. may_ask: kinds are those of the conversation's messages; never after
    praise alone, a sensitive matter, or twice. score_of: 1 to 5, None when the text says nothing clear. Pure, safe
    from several threads.
    """

    @property
    def question(self) -> str: ...

    def may_ask(self, *, kinds: Sequence[str], is_sensitive: bool, thread: Sequence[Turn]) -> bool: ...

    def score_of(self, text: str) -> int | None: ...


class NoSurvey:
    """Asks nothing by itself and reads nothing; forbids nothing either."""

    @property
    def question(self) -> str:
        return ""

    def may_ask(self, *, kinds: Sequence[str], is_sensitive: bool, thread: Sequence[Turn]) -> bool:
        return True

    def score_of(self, text: str) -> int | None:
        return None


class PlayReader(Protocol):
    """Reads out of many drafts and their fate how each play does. Outcomes stand in order of time. Pure."""

    def count(self, outcomes: Sequence[Outcome]) -> tuple[list[PlayCount], list[PlayFlag]]: ...


class GoalReader(Protocol):
    """Puts what was reached so far beside the goals of the playbook. counts: of the plays, as PlayReader gives them."""

    def lines(self, counts: Sequence[PlayCount], *, now: datetime) -> list[GoalLine]: ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """A channel's word on a reply it took: delivered or failed, later."""

    reply_id: str | None
    outside_id: str | None
    is_delivered: bool
    detail: str | None = None


class Channel(Protocol):
    """One outside network.

    verify: raises BadSignature unless the raw bytes are signed by the network; called before anything is parsed.
    parse: raw bytes to messages; raises BadPayload. Own, private and outgoing messages are left out.
    parse_receipts: raw bytes to receipts; raises BadPayload.
    send: hands over one reply and returns the network's id for it. Raises ChannelBusy or ChannelRefused only when the
    reply has provably not been taken, ChannelUnclear when nobody can know. May be called twice with the same
    idempotency key only where `is_idempotent` is true. No transaction is open while it runs.
    """

    name: str
    is_public: bool
    is_idempotent: bool

    def verify(self, headers: Mapping[str, str], raw: bytes) -> None: ...

    def parse(self, raw: bytes) -> list[Inbound]: ...

    def parse_receipts(self, raw: bytes) -> list[Receipt]: ...

    def send(self, reply: Reply) -> str: ...


class Notifier(Protocol):
    """Tells a contact that a message climbed to them.

    Raises ChannelBusy, ChannelRefused or ChannelUnclear as `Channel.send` does. May be called twice for one notice: the
    receiver can tell by its id. No transaction is open while it runs.
    """

    def notify(self, notice: Notice) -> None: ...


class JobQueue(Protocol):
    """A doorbell: rings a worker for one id. Forgetting is allowed, the store remembers.

    Returns False when the bell could not be rung (queue away); never raises for that.
    """

    def ring(self, job: str, id: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Lease:
    """Work somebody has claimed, until when (the store's clock)."""

    id: str
    token: str
    until: datetime


class Messages(Protocol):
    def add(self, message: Message) -> bool:
        """Keep a message and its waiting `prepare` task, in this transaction. False when it is already there."""
        ...

    def get(self, message_id: str) -> Message:
        """Raises NotFound."""
        ...

    def find(self, channel: str, outside_id: str) -> Message | None: ...

    def thread_id(self, channel: str, thread_key: str) -> str:
        """The id of the thread with this key, made when new."""
        ...

    def previous(self, thread_id: str, handle: str) -> Message | None:
        """The author's latest message in the thread, or None."""
        ...

    def latest(self, thread_id: str) -> Message:
        """The customer's latest message in the thread. Raises NotFound."""
        ...

    def turns(self, thread_id: str, *, until: datetime | None = None, limit: int = 20) -> list[Turn]:
        """What was said on both sides, oldest first: customer messages and sent replies."""
        ...

    def is_sensitive(self, thread_id: str) -> bool:
        """Whether any message of the thread was flagged or withheld."""
        ...


class Tasks(Protocol):
    def claim(self, message_id: str, *, lease_s: float) -> Lease | None:
        """Claim the message's `prepare` task, or None when it is done or somebody holds it."""
        ...

    def finish(self, lease: Lease) -> bool:
        """Mark it done. False when the lease was lost to somebody else: then write nothing."""
        ...

    def fail(self, lease: Lease, *, problem: str) -> None:
        """Give it back; after too many attempts it is parked for a person."""
        ...


class Classifications(Protocol):
    def save(self, message_id: str, classification: Classification) -> None: ...

    def get(self, message_id: str) -> Classification | None: ...

    def correct(self, correction: Correction) -> None: ...


class Suggestions(Protocol):
    def propose(self, suggestion: Suggestion) -> None:
        """Keep it; an earlier open suggestion of the same thread becomes superseded."""
        ...

    def get(self, suggestion_id: str) -> Suggestion:
        """Raises NotFound."""
        ...

    def of_thread(self, thread_id: str) -> list[Suggestion]:
        """Every suggestion in the thread, oldest first."""
        ...

    def decide(self, suggestion: Suggestion, *, from_version: int) -> None:
        """Write a decided suggestion if nobody was first.

        Raises AlreadyDecided when it is no longer proposed, StaleVersion when the version differs.
        """
        ...

    def reopen(self, suggestion_id: str) -> None:
        """approved -> proposed with a new version: its reply was taken back inside the undo window."""
        ...


class Replies(Protocol):
    def add(self, reply: Reply) -> None:
        """Keep an approved reply.

        Raises AlreadyDecided when its message already has one of the same purpose that was not withdrawn
        (a partial unique index holds this, not a look beforehand).
        """
        ...

    def get(self, reply_id: str) -> Reply:
        """Raises NotFound."""
        ...

    def find(self, *, channel: str, receipt: str) -> Reply | None: ...

    def of_thread(self, thread_id: str) -> list[Reply]:
        """Every reply in the thread, oldest first."""
        ...

    def of_message(self, message_id: str) -> list[Reply]:
        """Every reply to it, withdrawn ones too, oldest first."""
        ...

    def claim(self, reply_id: str, *, lease_s: float) -> tuple[Reply, Lease] | None:
        """pending -> claimed for one caller, by one conditional update; None when not due, not pending or lost."""
        ...

    def enter_flight(self, reply: Reply, lease: Lease) -> Reply | None:
        """claimed -> inflight while the lease holds; None when it was lost. Commit before the first byte goes out."""
        ...

    def save(self, reply: Reply, *, was: Stage) -> bool:
        """Write a moved reply if it still stands at `was`; False otherwise."""
        ...


class OfflineTasks(Protocol):
    def open(self, task: OfflineTask) -> bool:
        """Keep it. False when the thread already has an open one: that one then holds the kinds of both."""
        ...

    def of_thread(self, thread_id: str) -> OfflineTask | None:
        """The thread's latest offline task."""
        ...

    def save(self, task: OfflineTask) -> None: ...


class Escalations(Protocol):
    """How far each waiting message has climbed."""

    def unanswered(self, *, most_steps: int, after: str = "", limit: int = 500) -> list[Unanswered]:
        """Messages that wait for us and have taken fewer than `most_steps`, by id, those behind `after`.

        One waits while it is prepared, while nobody has answered it, while its answer failed, and while nobody has
        reached the customer offline.
        """
        ...

    def record(self, message_id: str, climbed: Climbed) -> bool:
        """Keep one step with its notice. False when it was already taken: of two who try, one wins.

        The notice is left out when the contact was told of this step of the same wait for an earlier message of the
        thread: a customer who writes again pages nobody again.
        """
        ...


class Notices(Protocol):
    """What contacts are told of a climb. Kept by `Escalations.record`, tried until sent or given up."""

    def claim(self, notice_id: str, *, lease_s: float) -> tuple[Notice, Lease] | None:
        """One that waits and is due, for one caller, by one conditional update. A lease that runs out frees it."""
        ...

    def sent(self, notice: Notice, lease: Lease) -> bool:
        """False when the lease was lost to somebody else: they may have sent it too."""
        ...

    def fail(
        self, notice: Notice, lease: Lease, *, problem: str, is_final: bool = False, retry_after_s: float = 0.0
    ) -> bool:
        """Put it off, each time for longer. True when it is given up: it was final, or the last try."""
        ...

    def get(self, notice_id: str) -> Notice:
        """Raises NotFound."""
        ...

    def again(self, notice_id: str) -> bool:
        """failed -> waiting, due now and with all its tries before it. False when it does not stand at failed."""
        ...


class Surveys(Protocol):
    """The satisfaction question of each thread."""

    def ask(self, asked: Satisfaction) -> bool:
        """Keep that it was asked. False when this thread was asked before."""
        ...

    def take_back(self, reply_id: str) -> None:
        """The question was withdrawn before it went out: it was never asked."""
        ...

    def of_thread(self, thread_id: str) -> Satisfaction | None: ...

    def open_for(self, message: Message) -> Satisfaction | None:
        """The question that this message may answer: it has gone out to this author, and nothing was said since."""
        ...

    def close(self, thread_id: str, *, message_id: str, score: int | None) -> bool:
        """Keep the customer's next words and what they say. False when something was said before."""
        ...


class Learning(Protocol):
    """What became of drafts, and who was told."""

    def outcomes(self, *, limit: int = 2000) -> list[Outcome]:
        """The latest decided drafts, oldest first. A rejection counts for the draft that was shown first."""
        ...

    def first_answers(self, *, limit: int = 5000) -> list[FirstAnswer]:
        """One a conversation that asks for an answer, among the latest messages that were decided on."""
        ...

    def flag(self, flag: PlayFlag) -> bool:
        """Keep that a play was flagged. False when its owner was told this about this version before."""
        ...


class Desk(Protocol):
    """Questions the console and the API ask; answers are whole cases, newest state, texts masked."""

    def page(
        self,
        view: View,
        *,
        agent: str | None = None,
        channel: str | None = None,
        search: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page:
        """Raises BadInput for a cursor that is not ours. `search` is literal, over masked text and handles."""
        ...

    def counts(self, *, agent: str | None = None) -> dict[View, int]: ...

    def case(self, message_id: str) -> Case:
        """Raises NotFound."""
        ...

    def assign(self, message_id: str, agent: str | None) -> None: ...

    def resolve(self, thread_id: str, *, is_resolved: bool) -> None:
        """Raises NotFound, and Conflict for resolving a thread with an open offline task."""
        ...

    def reopen(self, thread_id: str) -> bool:
        """Open a resolved thread again. False when it was not resolved."""
        ...

    def events(self, *, after: int, limit: int = 200) -> list[Event]: ...

    def last_event(self) -> int: ...

    def figures(self) -> dict[str, dict[str, int]]:
        """Counts for /metrics by kind and state.

        Messages, replies, tasks, notices, offline, sensitive (by handling), corrections (by task, "action" and "team"
        among them), satisfaction (by score).
        """
        ...


class Access(Protocol):
    def add_person(self, person: Person) -> None: ...
    def person(self, *, id: str | None = None, email: str | None = None) -> Person | None: ...
    def people(self) -> list[Person]: ...
    def save_person(self, person: Person) -> None: ...
    def add_session(self, session: Session) -> None: ...
    def session(self, token_hash: str) -> Session | None: ...
    def touch_session(self, token_hash: str, *, seen_at: datetime) -> None: ...
    def end_sessions(self, *, token_hash: str | None = None, person_id: str | None = None) -> None: ...
    def add_key(self, key: ServiceKey) -> None: ...
    def key(self, key_hash: str) -> ServiceKey | None: ...
    def keys(self) -> list[ServiceKey]: ...
    def revoke_key(self, key_id: str, *, at: datetime) -> None: ...


class Due(Protocol):
    """What the sweep looks for."""

    def silent_tasks(self, *, silent_s: float, limit: int = 200) -> list[str]:
        """Message ids whose `prepare` waits and was not rung for this long; marks them rung."""
        ...

    def silent_replies(self, *, silent_s: float, limit: int = 200) -> list[str]:
        """Reply ids that are pending, due and not rung for this long; marks them rung."""
        ...

    def silent_notices(self, *, silent_s: float, limit: int = 200) -> list[str]:
        """Ids of notices that wait, are due and were not rung for this long; marks them rung."""
        ...

    def expired(self, *, idempotent_channels: frozenset[str]) -> dict[str, int]:
        """Takes back expired leases: tasks to waiting, claimed replies to pending, inflight replies to unknown.

        An inflight reply is never sent again by itself, unless its channel takes the same idempotency key twice.
        Tasks after too many attempts, replies and notices likewise, are parked. Returns what was done, counted.
        """
        ...


class Work(Protocol):
    """One transaction over everything that is kept. Commits on leaving, rolls back on an error."""

    @property
    def messages(self) -> Messages: ...
    @property
    def tasks(self) -> Tasks: ...
    @property
    def classifications(self) -> Classifications: ...
    @property
    def suggestions(self) -> Suggestions: ...
    @property
    def replies(self) -> Replies: ...
    @property
    def offline(self) -> OfflineTasks: ...
    @property
    def desk(self) -> Desk: ...
    @property
    def escalations(self) -> Escalations: ...
    @property
    def notices(self) -> Notices: ...
    @property
    def surveys(self) -> Surveys: ...
    @property
    def learning(self) -> Learning: ...
    @property
    def access(self) -> Access: ...
    @property
    def due(self) -> Due: ...

    def note(self, event: str, subject_id: str, *, by: str, facts: Mapping[str, object] = ...) -> None:
        """Append one row to the audit trail: ids and labels, never text."""
        ...


class Store(Protocol):
    """Opens transactions: `with store() as work: ...`. Write transactions on SQLite begin IMMEDIATE.

    read: for looking only; does not wait for those who write.
    """

    def __call__(self, *, read: bool = False) -> AbstractContextManager[Work]: ...


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's yes: the text as it will go out, and what they changed."""

    by: str
    text: str = field(repr=False)
    version: int
    draft: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A person's no, and why."""

    by: str
    version: int
    reason: RejectReason
    note: str | None = field(default=None, repr=False)
    labels: Mapping[str, str] = field(default_factory=dict)

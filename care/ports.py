"""What care asks of the world around it, and what each answer promises: readers, channels, the queue, the clock.

What it asks of the store stands in `care/work.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from care.classification import Classification
from care.decision import Decision
from care.escalation import Notice
from care.learning import GoalLine, Outcome, PlayCount, PlayFlag
from care.message import Inbound, Message, Turn
from care.reply import Draft, Reply, ToneReport
from care.sensitive import Redaction

PREPARE = "prepare"
DELIVER = "deliver"
NOTIFY = "notify"
"""The jobs that a worker is rung for, each with the id of a message, a reply or a notice."""


class Clock(Protocol):
    """What time it is. Aware, UTC, never backwards by more than the host's clock."""

    def __call__(self) -> datetime: ...


def utc_now() -> datetime:
    """The clock of a running service."""
    return datetime.now(UTC)


class Redactor(Protocol):
    """Finds and masks sensitive data.

    `before` is the author's previous message in the same thread, masked, for values split over two messages.
    `is_public`: whether all can read the text where it stands, or only we; None where nobody knows.
    May raise anything: the caller then keeps the text withheld. Safe from several threads, no I/O.
    """

    def redact(self, text: str, *, before: str | None = None, is_public: bool | None = None) -> Redaction: ...


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

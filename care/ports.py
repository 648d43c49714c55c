"""What care asks of the world around it, and what each answer promises: readers, the playbook, channels, the queue.

What it asks of the store stands in `care/unit_of_work.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from care.channel_rules import ChannelRules
from care.classification import Classification, Entity
from care.customer import Elsewhere
from care.decision import Decision
from care.errors import BadPlaybook
from care.escalation import Notice
from care.goals import Goal
from care.learning import DraftOutcome, FirstAnswer, GoalLine, PlayCount, PlayFlag
from care.matter import Matter
from care.message import Inbound, Message, Turn, Visibility
from care.plan import Charter
from care.plays import PlayEntry, PlayPreview, PlaySource
from care.policy import Contact, Policy, Situation
from care.reply import Draft, Reply, ToneReport
from care.sensitive import Redaction

PREPARE = "prepare"
DELIVER = "deliver"
NOTIFY = "notify"
WEBHOOK = "webhook"
TRAIN = "train"
"""The jobs that a worker is rung for, each with the id of a message, a reply, a notice, an event's delivery or a job of
training."""


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
    """Reads messages. `thread` is what was said before one, oldest first. Safe from several threads.

    labels: what it tells apart, by task. tasks: those to read, all without it. explain: with the words that carried
    each label. precision: answer only where this is certified, for all tasks or by task; abstain elsewhere.
    """

    @property
    def bundle_id(self) -> str: ...

    @property
    def labels(self) -> Mapping[str, Sequence[str]]: ...

    def classify(self, text: str, *, thread: Sequence[Turn] = ()) -> Classification: ...

    def classify_many(
        self,
        texts: Sequence[str],
        *,
        threads: Sequence[Sequence[Turn]] | None = None,
        tasks: Sequence[str] | None = None,
        explain: bool = False,
        precision: float | Mapping[str, float] | None = None,
    ) -> list[Classification]:
        """Read many messages in one go, each with what was said before it, or by itself. Answers in order."""
        ...


class ToneChecker(Protocol):
    """Judges any outgoing text, a person's too. `to` is what the customer wrote; `mood` their sentiment label.

    visibility: who can read the text; None: as the channel is.
    """

    def check(
        self,
        text: str,
        *,
        channel: str,
        to: str | None = None,
        mood: str | None = None,
        urgency: str | None = None,
        visibility: Visibility | None = None,
    ) -> ToneReport: ...


@dataclass(frozen=True, slots=True)
class Assessment:
    """One message, read and decided about: what drafts are made from.

    thread: what was said before it, both sides, oldest first. now: the moment it was decided, aware. elsewhere: what
    else the customer has open with us. is_sober: whether this is no time for playful words, whatever the message.
    """

    message: Message
    classification: Classification
    thread: tuple[Turn, ...]
    situation: Situation
    decision: Decision
    now: datetime
    elsewhere: tuple[Elsewhere, ...] = ()
    is_sober: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What a play is for, apart from its words. intents: those it answers; empty: whatever a message is about.

    is_cheerful: no answer to somebody who is not glad. likeness: 0 to 1, to the closest message that it answered.
    marked_as: the play as which its drafts are judged; "" for itself.
    """

    approach: str
    intents: frozenset[str] = frozenset()
    is_fallback: bool = False
    is_cheerful: bool = False
    likeness: float = 0.0
    marked_as: str = ""


@dataclass(frozen=True, slots=True)
class Drafted:
    """What the playbook has to say to a message: drafts to choose from, best first, their tone not yet checked.

    asks: what a person has to settle where no draft can be shown. offers: by play, as "id@hash8", what each is for.
    matter: how far it has come.
    """

    drafts: tuple[Draft, ...]
    asks: str
    offers: Mapping[str, Offer] = field(default_factory=dict)
    matter: Matter = field(default_factory=Matter)


class SpanReader(Protocol):
    """Reads what a customer names: persons, things, places, what failed, how long it has gone on."""

    def entities(self, text: str, redaction: Redaction) -> tuple[Entity, ...] | None:
        """The spans of a text as received that are sure, in order, none of them masked; None where nothing can read."""
        ...


class DraftJudge(Protocol):
    """Reads a message and a draft for it together."""

    @property
    def least(self) -> float:
        """The chance from which a draft is worth showing."""
        ...

    def chance(self, assessed: Assessment, draft: Draft, offer: Offer) -> float:
        """How probable it is that a person sends this draft, as it is or with its slots filled."""
        ...


@dataclass(frozen=True, slots=True)
class PlayScore:
    """How well one play fits a message, with the parts that make up its score. play: "id@hash8"."""

    play: str
    score: float
    parts: tuple[tuple[str, float], ...]

    @property
    def play_id(self) -> str:
        return self.play.partition("@")[0]


class PlayEditor(Protocol):
    """Reads and writes the files of plays. Safe from several threads and processes."""

    def source(self, play_id: str) -> PlaySource:
        """Raises NotFound."""
        ...

    def preview(self, play_id: str, text: str, *, tone: "ToneChecker | None") -> PlayPreview:
        """What the playbook would be with this text. tone: checks its wordings too. Raises NotFound and BadStep."""
        ...

    def write(self, play_id: str, text: str, *, digest: str) -> None:
        """Replace the file in one step. Raises Conflict where its digest is another one by now, and BadStep where the
        folder cannot be written."""
        ...

    def remove(self, play_id: str, *, digest: str) -> None:
        """Remove a file that took the place of a base's play. Raises as `write` does."""
        ...


class Playbook(Protocol):
    """What a team agreed about how it talks to customers. It only knows and drafts; what to do is decided in care.

    Each answer comes from the newest sound edit. Who asks for several things that must fit together asks an `edition`,
    which stays as it is. Safe from several threads.
    """

    @property
    def version(self) -> str:
        """Of the edition in use; every draft names it."""
        ...

    @property
    def problem(self) -> BadPlaybook | None:
        """What is wrong with a newer edit; while it is, the last sound one is used."""
        ...

    @property
    def policy(self) -> Policy: ...

    @property
    def channels(self) -> Mapping[str, ChannelRules]:
        """By name; `"*"` for any other."""
        ...

    @property
    def teams(self) -> Mapping[str, str]:
        """What each team does, by its name."""
        ...

    @property
    def contacts(self) -> tuple[Contact, ...]: ...

    @property
    def plays(self) -> Sequence[PlayEntry]:
        """Every play, in the order of the folder."""
        ...

    @property
    def editor(self) -> PlayEditor | None:
        """What writes the files of plays; None where they stay as they are."""
        ...

    @property
    def agreed_goals(self) -> Sequence[Goal]:
        """What the team wants to reach, in the order of the playbook."""
        ...

    @property
    def charter(self) -> Charter:
        """What it says of the team itself, for the written plan."""
        ...

    @property
    def question(self) -> str:
        """What a customer is asked when a matter is resolved; "" for nothing."""
        ...

    def edition(self) -> "Playbook":
        """The newest sound edition, whatever is edited meanwhile."""
        ...

    def draft(self, assessed: Assessment, *, agent: str = "") -> Drafted:
        """Draft at most three answers that differ in kind. agent: who signs, where the channel signs.

        The same assessment gives the same drafts. A flagged situation gets only plays marked offline, spam and other
        languages than ours get none.
        """
        ...

    def explain(self, assessed: Assessment) -> list[PlayScore]:
        """Every play that comes into question, best first."""
        ...

    def may_ask(self, *, kinds: Sequence[str], is_sensitive: bool, thread: Sequence[Turn]) -> bool:
        """Whether `question` fits: never after praise alone, a sensitive matter, or twice.

        kinds: of the conversation's messages, as `Decision.kind` has them.
        """
        ...

    def score_of(self, text: str) -> int | None:
        """What an answer to `question` means, 1 to 5; None when the text says nothing clear."""
        ...

    def learn(self, outcomes: Sequence[DraftOutcome]) -> tuple[list[PlayCount], list[PlayFlag]]:
        """How each play does, and what the owners of plays should look at. Outcomes stand in order of time."""
        ...

    def goals(
        self,
        counts: Sequence[PlayCount],
        *,
        answers: Sequence[FirstAnswer],
        scores: Mapping[str, int],
        now: datetime,
    ) -> list[GoalLine]:
        """What was reached so far beside each goal.

        counts: of the plays, as `learn` gives them. scores: how often each answer to `question` was given.
        """
        ...


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
    split: the messages or receipts of a payload, each as one by itself; the whole where they cannot be told apart.
    masked: such a payload as text that may be kept and read again; may raise anything, it is then withheld.
    send: hands over one reply and returns the network's id for it, within one deadline for all of it. Raises
    ChannelBusy or ChannelRefused only when this try has provably not been taken, ChannelUnclear when nobody can know.
    May be called twice with the same idempotency key only where `is_idempotent` is true. No transaction is open while
    it runs. Safe from several threads.
    """

    name: str
    is_public: bool
    is_idempotent: bool

    @property
    def is_rehearsal(self) -> bool:
        """Whether it keeps what it is asked to send instead of sending it."""
        ...

    def verify(self, headers: Mapping[str, str], raw: bytes) -> None: ...

    def parse(self, raw: bytes) -> list[Inbound]: ...

    def parse_receipts(self, raw: bytes) -> list[Receipt]: ...

    def split(self, raw: bytes) -> list[bytes]: ...

    def masked(self, raw: bytes, redactor: Redactor) -> str: ...

    def send(self, reply: Reply) -> str: ...


@runtime_checkable
class Remembering(Protocol):
    """A channel that can tell whether it has taken a reply: the network's id for it, or None.

    Raises ChannelError when it cannot tell now.
    """

    def receipt_of(self, reply: Reply) -> str | None: ...


class Checkable(Protocol):
    """A channel that can be tried before it is switched on.

    check: sends a test message to somebody of ours, as the network knows them; empty: to whom the channel thinks best.
    Returns what was sent where, in words. Raises ChannelBusy, ChannelRefused or ChannelUnclear as `Channel.send` does.
    """

    def check(self, to: str) -> str: ...


@runtime_checkable
class Notifier(Protocol):
    """Tells a contact that a message climbed to them.

    Raises ChannelBusy, ChannelRefused or ChannelUnclear as `Channel.send` does. May be called twice for one notice: the
    receiver can tell by its id. No transaction is open while it runs.
    """

    def notify(self, notice: Notice) -> None: ...


class Links(Protocol):
    """Signs the link by which a contact without a login reaches the one matter that was handed to them."""

    def token(self, subject_id: str) -> str: ...

    def is_good(self, subject_id: str, token: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is kept: under which name, and what its content says it is."""

    stored_as: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that is not kept: why, in words that go on behind "not kept: ", and what its content is, if known."""

    problem: str
    media_type: str = ""


class Files(Protocol):
    """Where files that came with messages lie, apart from everything else: a folder, or a store of objects.

    A name here is made of the content alone: equal files lie there once. Nothing is ever run, shown or unpacked. Safe
    from several threads and processes.
    """

    @property
    def is_open(self) -> bool:
        """Whether new files are taken."""
        ...

    def too_large(self, size_bytes: int) -> Refused | None:
        """Whether a file of this size is refused before it is even read."""
        ...

    def keep(self, content: bytes, *, media_type: str) -> Stored | Refused:
        """Keep a file that says it is of this type; whole or not at all. Never raises for what is in it."""
        ...

    def read(self, stored_as: str) -> bytes | None:
        """None when it is not there any more."""
        ...

    def idle(self, idle_s: float) -> list[str]:
        """Names of files that nobody has kept, or kept again, for this long."""
        ...

    def remove(self, stored_as: str, *, idle_s: float) -> bool:
        """Remove one, unless somebody has kept it again meanwhile. Whether it was removed."""
        ...


class JobQueue(Protocol):
    """A doorbell: rings a worker for one id. Forgetting is allowed, the store remembers.

    ring: returns False when the bell could not be rung (queue away); never raises for that.
    """

    def ring(self, job: str, id: str) -> bool: ...

    def is_reachable(self) -> bool:
        """Whether a bell would be heard right now."""
        ...

    def lengths(self) -> Mapping[str, int]:
        """How many bells nobody has heard yet, by job; empty where the queue is away."""
        ...

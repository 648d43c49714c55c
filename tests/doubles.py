"""The shipped doubles: small, honest stand-ins for what a test does not want to start."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from care.access import Person, Role
from care.channel_rules import ChannelRules
from care.classification import Candidate, Classification, Judgement
from care.decision import Action, Addend, Decision, Priority
from care.errors import BadPayload, BadPlaybook, BadSignature
from care.escalation import Notice
from care.goals import Goal
from care.hours import DAY_MIN, Hours, ServiceClock, Shift, Window
from care.knowledge import Lack
from care.learning import DraftOutcome, GoalLine, PlayCount, PlayFlag
from care.message import Author, Inbound, Origin, Turn, Visibility
from care.parts import flat, whole
from care.plan import Charter
from care.plays import PlayEntry
from care.policy import Contact, IntentLine, Policy, Teams, TriageRule, Weights, When
from care.ports import Assessment, Drafted, Playbook, PlayEditor, PlayScore, Receipt, Redactor
from care.reply import Draft, Finding, Reply, ReplyStage, ToneReport, Verdict
from care.sensitive import Handling, Redaction, SensitiveSpan
from care.workload import StaffingPolicy

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A working morning; the fixed clock starts here."""

Value = TypeVar("Value")

ANNA = Person(
    id="per_anna", email="anna@example.test", name="Anna", role=Role.AGENT, password_hash="$argon2id$not-a-hash"
)
BEN = Person(id="per_ben", email="ben@example.test", name="Ben", role=Role.AGENT, password_hash="$argon2id$not-a-hash")


def a_reply(**fields: Any) -> Reply:
    """A reply to Kim on the chat, with these fields, those of its parts among them."""
    usual: dict[str, Any] = {
        "id": "rpl_1",
        "case_id": "cas_1",
        "message_id": "msg_1",
        "suggestion_id": "sug_1",
        "channel": "chat",
        "recipient": "kim",
        "thread_key": "t1",
        "in_reply_to": "m1",
        "text": "We are on it.",
        "stage": ReplyStage.PENDING,
        "approved_by": ANNA.id,
        "approved_at": MONDAY,
        "not_before": MONDAY,
        "idempotency_key": "idem_1",
    }
    return whole(Reply, {**usual, **fields})


def altered(value: Value, **fields: object) -> Value:
    """A value with these fields changed, in whichever part they are."""
    return whole(type(value), {**flat(value), **fields})


@dataclass
class FixedClock:
    """A clock that stands still until it is moved."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class StubRedactor:
    """Takes sixteen digits for a card and `secret:word` for a password; fails when told to."""

    is_broken: bool = False

    def redact(self, text: str, *, before: str | None = None, is_public: bool | None = None) -> Redaction:
        if self.is_broken:
            raise RuntimeError("the detector is broken")
        spans = []
        masked = text
        for pattern, category in ((r"\b\d{16}\b", "card_number"), (r"secret:\w+", "password")):
            for match in re.finditer(pattern, text):
                span = SensitiveSpan(
                    start=match.start(),
                    end=match.end(),
                    category=category,
                    score=0.99,
                    replacement=f"[{category}]",
                    handling=Handling.OFFLINE,
                )
                spans.append(span)
                masked = masked.replace(match.group(), span.replacement)
        handling = Handling.OFFLINE if spans else Handling.ALLOW
        return Redaction(text=masked, spans=tuple(spans), handling=handling)


@dataclass
class StubClassifier:
    """Knows three words; everything else is small talk. Counts what it was asked."""

    bundle_id: str = "stub@1"
    labels: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: {"intent": sorted({*_INTENTS.values(), "refund_status"})}
    )
    asked: list[str] = field(default_factory=list)
    error: Exception | None = None

    def classify(self, text: str, *, thread: Sequence[Turn] = ()) -> Classification:
        self.asked.append(text)
        if self.error is not None:
            raise self.error
        intent = next((label for word, label in _INTENTS.items() if word in text.lower()), "small_talk")
        return classification(intent=intent, bundle=self.bundle_id)

    def classify_many(self, texts: Sequence[str], **_: Any) -> list[Classification]:
        return [self.classify(text) for text in texts]


_INTENTS = {"parcel": "delivery_problem", "charged": "billing_problem", "thank": "praise", "": "small_talk"}


def always(due_s: float) -> ServiceClock:
    """Somebody is there at any hour: due in so many seconds, promised three hours later."""
    due = timedelta(seconds=due_s)
    return ServiceClock(
        Hours("UTC", ((Shift(0, DAY_MIN),),) * 7), {"*": Window(promise=due + timedelta(hours=3), target=due)}
    )


@dataclass
class StubPlaybook:
    """One action and one draft for everything; asks a question instead when `has_drafts` is false.

    agreed: a real playbook that speaks of satisfaction, plays and goals in its place.
    """

    action: Action = Action.ANSWER_PUBLIC
    has_drafts: bool = True
    points: int = 40
    due_s: float = 3600
    error: Exception | None = None
    agreed: Playbook | None = None
    version: str = "stub"
    problem: BadPlaybook | None = None
    lacks: tuple[Lack, ...] = ()
    channels: Mapping[str, ChannelRules] = field(default_factory=dict)
    teams: Mapping[str, str] = field(
        default_factory=lambda: {"care": "Everything.", "legal": "Threats.", "safety": "Harm.", "press": "News."}
    )
    contacts: tuple[Contact, ...] = ()
    plays: tuple[PlayEntry, ...] = ()
    editor: PlayEditor | None = None
    charter: Charter = field(default_factory=Charter)
    agreed_goals: tuple[Goal, ...] = ()
    hours: ServiceClock | None = None
    staffing: StaffingPolicy = field(default_factory=StaffingPolicy)

    @property
    def policy(self) -> Policy:
        return Policy(
            intents={},
            fallback=IntentLine("question", "care", self.action, self.action),
            rules=(TriageRule("stub", When(), self.action, "a test says so", "care"),),
            cues=(),
            weights=Weights({"normal": self.points}),
            clocks={"*": self.hours or always(self.due_s)},
            teams=Teams(staffing=self.staffing),
        )

    @property
    def question(self) -> str:
        return self.agreed.question if self.agreed else ""

    def edition(self) -> Playbook:
        return self

    def draft(self, assessed: Assessment, *, agent: str = "") -> Drafted:
        if self.error is not None:
            raise self.error
        text = f"Hi {assessed.message.author.handle}, we are on it."
        draft = Draft(play="sorry@00000001", text=text, title="On it", lacks=self.lacks)
        return Drafted((draft,) if self.has_drafts else (), "What does this customer want?")

    def explain(self, assessed: Assessment) -> list[PlayScore]:
        return [PlayScore("sorry@00000001", 1.0, (("intent", 1.0),))]

    def may_ask(self, *, kinds: Sequence[str], is_sensitive: bool, thread: Sequence[Turn]) -> bool:
        return self.agreed.may_ask(kinds=kinds, is_sensitive=is_sensitive, thread=thread) if self.agreed else True

    def score_of(self, text: str) -> int | None:
        return self.agreed.score_of(text) if self.agreed else None

    def learn(self, outcomes: Sequence[DraftOutcome]) -> tuple[list[PlayCount], list[PlayFlag]]:
        return self.agreed.learn(outcomes) if self.agreed else ([], [])

    def goals(self, counts: Sequence[PlayCount], **measured: Any) -> list[GoalLine]:
        return self.agreed.goals(counts, **measured) if self.agreed else []


@dataclass
class StubTone:
    """Stops a text that says "idiot"; lets everything else go."""

    def check(
        self,
        text: str,
        *,
        channel: str,
        to: str | None = None,
        mood: str | None = None,
        urgency: str | None = None,
        visibility: Visibility | None = None,
    ) -> ToneReport:
        at = text.lower().find("idiot")
        if at < 0:
            return ToneReport(Verdict.SEND, 0.98)
        finding = Finding(rule="insult", start=at, end=at + 5, message="insults the customer", fix="")
        return ToneReport(Verdict.STOP, 0.02, (finding,))


@dataclass
class RecordingQueue:
    """Notes who was rung; refuses when away."""

    is_away: bool = False
    rung: list[tuple[str, str]] = field(default_factory=list)

    def ring(self, job: str, id: str) -> bool:
        if self.is_away:
            return False
        self.rung.append((job, id))
        return True

    def is_reachable(self) -> bool:
        return not self.is_away

    def lengths(self) -> dict[str, int]:
        return {}

    def of(self, job: str) -> list[str]:
        """Ids rung for one job, in order."""
        return [id for name, id in self.rung if name == job]


@dataclass
class StubChannel:
    """A network in memory. `errors` are raised by the next sends, in order; None lets one through.

    takes: what the network really has, whatever it answered.
    """

    name: str = "chat"
    is_public: bool = False
    is_idempotent: bool = False
    is_rehearsal: bool = False
    errors: list[Exception | None] = field(default_factory=list)
    takes: list[Reply] = field(default_factory=list)
    takes_before_error: bool = False

    def verify(self, headers: Mapping[str, str], raw: bytes) -> None:
        if headers.get("signature") != "good":
            raise BadSignature("The request is not signed with this channel's secret.")

    def parse(self, raw: bytes) -> list[Inbound]:
        raise BadPayload("A stub reads nothing.")

    def parse_receipts(self, raw: bytes) -> list[Receipt]:
        raise BadPayload("A stub reads nothing.")

    def split(self, raw: bytes) -> list[bytes]:
        return [raw]

    def masked(self, raw: bytes, redactor: Redactor) -> str:
        return redactor.redact(raw.decode()).text

    def send(self, reply: Reply) -> str:
        error = self.errors.pop(0) if self.errors else None
        if error is None or self.takes_before_error:
            is_known = self.is_idempotent and any(
                taken.sending.idempotency_key == reply.sending.idempotency_key for taken in self.takes
            )
            if not is_known:
                self.takes.append(reply)
        if error is not None:
            raise error
        return f"out-{reply.id}"


def inbound(
    text: str = "Where is my parcel?",
    *,
    channel: str = "chat",
    outside_id: str = "m1",
    thread_key: str = "t1",
    handle: str = "kim",
    written_at: datetime = MONDAY,
    visibility: Visibility = Visibility.PRIVATE,
) -> Inbound:
    """A message as a channel hands it over."""
    return Inbound(
        origin=Origin(channel=channel, outside_id=outside_id, thread_key=thread_key, written_at=written_at),
        author=Author(handle=handle),
        text=text,
        visibility=visibility,
    )


def a_notice(now: datetime, **changes: Any) -> Notice:
    """What a contact is told, five minutes late."""
    usual: dict[str, Any] = {
        "id": "ntc_1",
        "message_id": "msg_1",
        "thread_id": "thr_1",
        "channel": "x",
        "team": "billing",
        "step": "step 1",
        "contact": "billing lead",
        "recipient": "lead@example.org",
        "at": now,
        "due_at": now - timedelta(minutes=5),
        "late": timedelta(minutes=5),
        "answer_by": now + timedelta(hours=2),
    }
    return whole(Notice, {**usual, **changes})


def classification(*, intent: str = "delivery_problem", score: float = 0.97, bundle: str = "stub@1") -> Classification:
    """Four tasks' answers."""

    def sure(label: str) -> Judgement:
        return Judgement(label=label, score=score, abstained=False, candidates=(Candidate(label, score),))

    return Classification(
        tasks={"intent": sure(intent), "sentiment": sure("negative"), "urgency": sure("normal")},
        sensitive=Redaction(text=""),
        bundle=bundle,
    )


def decision(
    *, now: datetime = MONDAY, action: Action = Action.ANSWER_PUBLIC, points: int = 40, due_s: float = 3600
) -> Decision:
    """What to do about a message, due in an hour."""
    due_at = now + timedelta(seconds=due_s)
    return Decision(
        action=action,
        team="care",
        priority=Priority((Addend("urgency", points),)),
        due_at=due_at,
        promised_at=due_at + timedelta(hours=3),
        reasons=("a test says so",),
    )

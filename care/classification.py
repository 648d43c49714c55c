"""What a message is about, how sure we are, why, and what a person made of it.

Labels are data: they come with the bundle, tactful has no list of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from care.sensitive import Redaction

OUT_OF_SCOPE = "out_of_scope"
"""The label of a training row that fits none of the others; never predicted, only abstained to."""


class Band(StrEnum):
    """A score in a word, for people: high means right at least 95 times in 100."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @classmethod
    def of(cls, score: float) -> "Band":
        return cls.HIGH if score >= 0.95 else cls.MEDIUM if score >= 0.70 else cls.LOW


@dataclass(frozen=True, slots=True)
class Candidate:
    """One label and the probability that it is the right one."""

    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that carried a label. start, end: code points of the text as received."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A training message that resembles this one, masked."""

    text: str = field(repr=False)
    label: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Promise:
    """A precision that was asked for, and what keeping it costs.

    coverage: share of held-out messages that are answered; 0 when the bundle cannot promise it. lower_bound: of the
    precision among them, with 95 % confidence.
    """

    precision: float
    coverage: float
    lower_bound: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """One task's answer.

    label: always the best in-scope label, also when abstained.
    score: calibrated probability that `label` is right, the chance that nothing fits included.
    abstained: the score is under the task's threshold; treat the label as a hint.
    candidates: best first, scores sum to at most 1 (what is missing is the chance that nothing fits).
    reasons: names of the rules that raised this answer (urgency).
    promise: where a precision was asked for.
    """

    label: str
    score: float
    abstained: bool
    candidates: tuple[Candidate, ...] = ()
    reasons: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    promise: Promise | None = None

    @property
    def band(self) -> Band:
        return Band.of(self.score)


@dataclass(frozen=True, slots=True)
class Entity:
    """A value in a message that a draft can use: an order number, a date, an amount, a product, a city."""

    kind: str
    value: str = field(repr=False)
    start: int
    end: int


RISKS = (
    "self_harm",
    "danger",
    "assault",
    "fraud",
    "data_leak",
    "bereavement",
    "legal",
    "press",
    "threat_to_staff",
)
"""What cannot wait, whatever labels a bundle has; defined in `fixtures/labels/intents.md`."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text as received, in code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Risk:
    """One kind of what cannot wait. kind: one of RISKS. score: calibrated. spans: the words that carry it."""

    kind: str
    score: float
    spans: tuple[Span, ...] = ()


UNKNOWN_LANGUAGE = "unknown"


@dataclass(frozen=True, slots=True)
class Classification:
    """Everything read out of one message.

    risk: kinds above the reader's low threshold, the likeliest first; beside every label set. language: ISO 639-1, or
    `unknown` where nobody can say; language_score: how likely it is. bundle: the id of the one that serves; bundles:
    by task, the id of the one that judged it.
    """

    tasks: Mapping[str, Judgement]
    sensitive: Redaction
    entities: tuple[Entity, ...] = ()
    language: str = "en"
    bundle: str = ""
    language_score: float = 1.0
    risk: tuple[Risk, ...] = ()
    bundles: Mapping[str, str] = field(default_factory=dict)

    def is_in(self, language: str) -> bool:
        """Whether it may be read and answered in this language: it is in it, or nobody can say otherwise."""
        return self.language in (language, UNKNOWN_LANGUAGE)

    @property
    def firm_labels(self) -> dict[str, str]:
        """By task, the labels that are more than a hint: what an approval lets stand."""
        return {task: judgement.label for task, judgement in self.tasks.items() if not judgement.abstained}

    def label(self, task: str) -> str | None:
        """The label to act on, or None when the task is unknown or abstained."""
        judgement = self.tasks.get(task)
        return None if judgement is None or judgement.abstained else judgement.label


@dataclass(frozen=True, slots=True)
class ServedMessage:
    """A live message as it was read. said: by task, what a person said last. is_approved: its reply was approved."""

    message_id: str
    received_at: datetime
    classification: Classification
    said: Mapping[str, str]
    is_approved: bool


@dataclass(frozen=True, slots=True)
class Correction:
    """A person said a label was wrong: the raw material of the next bundle.

    task: one of the classifier's, or "action" and "team" for the decision. reason: why, in the person's own words.
    """

    message_id: str
    task: str
    predicted: str
    corrected: str
    agent: str
    reason: str | None = field(default=None, repr=False)


OF_DECISIONS = ("action", "team")
"""Tasks under which a person's own decision is kept: no classifier learns them."""


@dataclass(frozen=True, slots=True)
class PersonLabel:
    """One label that a person gave, or let stand when they approved a reply; its text is masked.

    was: ours. by: the person's id. bundle: which judged the task. subject: of a mail.
    """

    message_id: str
    thread_id: str
    channel: str
    subject: str | None = field(repr=False)
    text: str = field(repr=False)
    task: str
    was: str
    label: str
    by: str
    at: datetime
    bundle: str

    @property
    def is_agreed(self) -> bool:
        """Whether the person said what we said."""
        return self.label == self.was

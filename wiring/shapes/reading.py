"""What was read out of a text: labels, risks, sensitive data, tone."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field

from care.classification import Band, Classification, Judgement
from care.reply import ToneReport, Verdict
from care.sensitive import Handling, Redaction, SensitiveSpan
from wiring.shapes.answers import ItemErrorOut
from wiring.shapes.base import ListOut, Moment, Out, Score, Share, left_out, rounded


class SpanOut(Out):
    """A stretch of a text. Offsets are code points of the text as sent, `end` is the first one behind it."""

    start: int
    end: int


class RiskOut(Out):
    """One kind of what cannot wait, with the words that carry it."""

    kind: str
    score: Score
    spans: tuple[SpanOut, ...]


class CandidateOut(Out):
    label: str
    score: Score


class EvidenceOut(SpanOut):
    """Words that carried a label."""

    weight: float


class NeighbourOut(Out):
    """A training message that resembles this one, masked."""

    text: str
    label: str
    similarity: Share


class CertifiedOut(Out):
    """A precision that was asked for, and what keeping it costs. `coverage` is 0 where it cannot be certified."""

    precision: float
    coverage: Share
    lower_bound: Share


class JudgementOut(Out):
    """One task's answer. An abstained label is a hint only."""

    label: str
    score: Score
    confidence: Band
    abstained: bool
    candidates: tuple[CandidateOut, ...]
    reasons: tuple[str, ...] | None = left_out(description="Rules that raised this answer.")
    promise: CertifiedOut | None = left_out(description="Where a precision was asked for.")
    evidence: tuple[EvidenceOut, ...] | None = left_out(description="Where `explain` was asked for.")
    neighbours: tuple[NeighbourOut, ...] | None = left_out(description="Where `explain` was asked for.")

    @classmethod
    def of(cls, value: Judgement, *, top_k: int = 3, explain: bool = False) -> Self:
        return cls.model_validate(
            {
                "label": value.label,
                "score": value.score,
                "confidence": value.band,
                "abstained": value.abstained,
                "candidates": value.candidates[:top_k],
                "reasons": value.reasons or None,
                "promise": value.promise,
                "evidence": value.evidence if explain else None,
                "neighbours": value.neighbours if explain else None,
            }
        )


class SensitiveSpanOut(SpanOut):
    """One sensitive value in a text, never the value itself."""

    category: str
    score: float
    handling: Handling


class SensitiveOut(Out):
    """What a text holds that is sensitive, and what that asks for together."""

    flagged: bool
    action: Handling
    spans: tuple[SensitiveSpanOut, ...]


class MaskedSpanOut(SensitiveSpanOut):
    """`replacement`: what stands there in the masked text; null for a value that stays."""

    replacement: str | None

    @classmethod
    def of(cls, value: SensitiveSpan) -> Self:
        # A value that was allowed to stay stands in the text already; it is not said twice.
        shown = None if value.handling is Handling.ALLOW else value.replacement
        return cls(
            start=value.start, end=value.end, category=value.category, score=value.score,
            replacement=shown, handling=value.handling,
        )  # fmt: skip


class RedactionOut(SensitiveOut):
    categories: dict[str, Literal[True]]
    category_scores: dict[str, float]
    spans: tuple[MaskedSpanOut, ...]

    @classmethod
    def of(cls, value: Redaction) -> Self:
        return cls(
            flagged=value.is_flagged,
            action=value.handling,
            categories=dict.fromkeys(value.categories, True),
            category_scores=value.categories,
            spans=tuple(MaskedSpanOut.of(span) for span in value.spans),
        )


class EntityOut(SpanOut):
    kind: str
    value: str


class ModelOut(Out):
    """Which bundle serves, and by task which one judged."""

    name: str
    bundles: dict[str, str]


class LanguageOut(Out):
    label: str
    score: Score


class ReadingOut(Out):
    """Everything read out of one text: beside these keys one for each task, such as `intent`."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, JudgementOut] = Field(init=False)

    model: ModelOut
    language: LanguageOut
    risk: tuple[RiskOut, ...]
    sensitive: RedactionOut
    entities: tuple[EntityOut, ...]
    redacted_text: str


class ClassificationOut(ReadingOut):
    object: Literal["classification"] = "classification"

    @classmethod
    def of(
        cls, value: Classification, *, top_k: int = 3, explain: bool = False, tasks: Sequence[str] | None = None
    ) -> Self:
        return cls.model_validate(reading_of(value, top_k=top_k, explain=explain, tasks=tasks))


class ClassifiedOut(ClassificationOut):
    """The answer to one text that was sent. `input_id`: its sender's own id."""

    id: str
    created: Moment
    input_id: str | None = left_out()


class ScoredOut(ClassificationOut):
    """One row of a history, as `tactful score` writes it. `line`: where the row begins in its file, as people count."""

    object: Literal["scored_row"] = "scored_row"  # type: ignore[assignment]
    file: str
    line: int
    input_id: str | None = left_out()

    @classmethod
    def of_row(cls, read: Classification, *, file: str, line: int, input_id: str) -> Self:
        """input_id: the row's own id, empty where it has none."""
        return cls.model_validate({**reading_of(read), "file": file, "line": line, "input_id": input_id or None})

    def as_cells(self) -> dict[str, Any]:
        """The same flat, for tables: by column, less candidates and places."""
        cells: dict[str, Any] = {"file": self.file, "line": self.line, "input_id": self.input_id}
        for task, judged in self.__pydantic_extra__.items():
            cells |= {task: judged.label, f"{task}_score": judged.score, f"{task}_abstained": judged.abstained}
        # Half a surrogate pair, which JSON can write, no column of text holds.
        text = self.redacted_text.encode("utf-8", "replace").decode("utf-8")
        risks, kinds = "|".join(risk.kind for risk in self.risk), "|".join(self.sensitive.categories)
        return {**cells, "language": self.language.label, "risk": risks, "sensitive": kinds, "redacted_text": text}


class ClassifiedListOut(ListOut[ClassifiedOut | ItemErrorOut]):
    """The answers to a batch, in order."""


def reading_of(
    value: Classification, *, top_k: int = 3, explain: bool = False, tasks: Sequence[str] | None = None
) -> Mapping[str, Any]:
    """The fields of a `ReadingOut`, for the shapes that hold more. tasks: only these; None: all."""
    judged = {task: judgement for task, judgement in value.tasks.items() if tasks is None or task in tasks}
    return {
        **{task: JudgementOut.of(judgement, top_k=top_k, explain=explain) for task, judgement in judged.items()},
        "model": ModelOut(name=value.bundle, bundles={task: value.bundles.get(task, value.bundle) for task in judged}),
        "language": LanguageOut(label=value.language, score=value.language_score),
        "risk": value.risk,
        "sensitive": RedactionOut.of(value.sensitive),
        "entities": value.entities,
        "redacted_text": value.sensitive.text,
    }


class FindingOut(SpanOut):
    """One thing the tone check found; `fix`: a text to put there instead."""

    rule: str
    message: str
    fix: str | None


class ToneOut(Out):
    """Whether a text may go out. `score`: the probability that it may as it is."""

    verdict: Verdict
    score: float
    findings: tuple[FindingOut, ...]


class ToneCheckOut(ToneOut):
    object: Literal["tone"] = "tone"

    @classmethod
    def of(cls, value: ToneReport) -> Self:
        return cls.model_validate(value)


class FoundSpanOut(SensitiveSpanOut):
    """The same with who found it, and by which words around it."""

    score: Annotated[float, AfterValidator(rounded(3))]
    recogniser: str
    context: tuple[str, ...]


class MaskedTextOut(Out):
    """A text made safe to keep, as `tactful redact --json` prints it."""

    text: str
    handling: Handling
    spans: tuple[FoundSpanOut, ...]
    near_misses: tuple[str, ...] | None = left_out(description="What was looked at and let go, with `--explain`.")

    @classmethod
    def of(cls, value: Redaction, *, explain: bool = False) -> Self:
        shown = {"near_misses": value.near_misses} if explain else {}
        return cls.model_validate({"text": value.text, "handling": value.handling, "spans": value.spans, **shown})

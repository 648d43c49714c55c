"""Answers in the shapes of other people's classifiers: a client written for one of them only changes its address.

Source: https://huggingface.co/docs/inference-providers/tasks/text-classification (as its client reads it),
https://github.com/kserve/open-inference-protocol version 2, https://platform.openai.com/docs/api-reference/moderations.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, RootModel

from care.classification import RISKS, Classification, Judgement
from wiring.shapes.base import Out, Score

# Hugging Face --------------------------------------------------------------------------------------------------


class LabelOut(Out):
    label: str
    score: Score


class LabelsOut(RootModel[tuple[tuple[LabelOut, ...], ...]]):
    """A list for each text, the likeliest label first."""


# Open Inference Protocol ---------------------------------------------------------------------------------------


class TensorMetadataOut(Out):
    name: str
    datatype: Literal["BYTES", "FP32"]
    shape: tuple[int, ...]


class ServerMetadataOut(Out):
    name: Literal["tactful"] = "tactful"
    version: str
    extensions: tuple[str, ...] = ()


class ServerLiveOut(Out):
    live: bool


class ServerReadyOut(Out):
    ready: bool


class ModelReadyOut(Out):
    name: str
    ready: bool


class ModelMetadataOut(Out):
    """One task. `versions`: the bundle that judges it. The columns of `probabilities` are the labels, in this order."""

    name: str
    versions: tuple[str, ...]
    platform: Literal["tactful"] = "tactful"
    inputs: tuple[TensorMetadataOut, ...] = (TensorMetadataOut(name="text", datatype="BYTES", shape=(-1,)),)
    outputs: tuple[TensorMetadataOut, ...]
    labels: tuple[str, ...]

    @classmethod
    def of_task(cls, task: str, labels: Sequence[str], *, bundle: str) -> Self:
        outputs = (
            TensorMetadataOut(name="label", datatype="BYTES", shape=(-1,)),
            TensorMetadataOut(name="score", datatype="FP32", shape=(-1,)),
            TensorMetadataOut(name="probabilities", datatype="FP32", shape=(-1, len(labels))),
        )
        return cls(name=task, versions=(bundle,), outputs=outputs, labels=tuple(labels))


class TensorOut(Out):
    name: str
    shape: tuple[int, ...]
    datatype: Literal["BYTES", "FP32"]
    data: tuple[str, ...] | tuple[float, ...]


class InferenceOut(Out):
    """`probabilities` is flat, row by row; a row sums to at most 1, what is missing is the chance that nothing fits."""

    model_name: str
    model_version: str
    id: str
    outputs: tuple[TensorOut, ...]

    @classmethod
    def of_task(cls, task: str, labels: Sequence[str], judged: Sequence[Judgement], *, id: str, bundle: str) -> Self:
        """labels: in the order of the columns. judged: one a text."""
        n = len(judged)
        shares = [{candidate.label: candidate.score for candidate in one.candidates} for one in judged]
        flat = tuple(float(row.get(label, 0.0)) for row in shares for label in labels)
        outputs = (
            TensorOut(name="label", shape=(n,), datatype="BYTES", data=tuple(one.label for one in judged)),
            TensorOut(name="score", shape=(n,), datatype="FP32", data=tuple(float(one.score) for one in judged)),
            TensorOut(name="probabilities", shape=(n, len(labels)), datatype="FP32", data=flat),
        )
        return cls(model_name=task, model_version=bundle, id=id, outputs=outputs)


# OpenAI moderations --------------------------------------------------------------------------------------------

STANDARD = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)
"""What every client of moderations expects."""
JUDGED: Mapping[str, str] = {
    "self-harm": "self_harm",
    "self-harm/intent": "self_harm",
    "harassment/threatening": "threat_to_staff",
}
"""Those that we judge, by our kind of risk."""


class ModerationOut(Out):
    """One text. Beside the standard categories stand ours, `tactful/<kind>`, for risks and for sensitive data.

    `unjudged`: standard categories that nothing here looks for; they are false, and that says nothing.
    """

    flagged: bool
    categories: dict[str, bool]
    category_scores: dict[str, Annotated[float, Field(ge=0, le=1)]]
    category_applied_input_types: dict[str, tuple[Literal["text"], ...]]
    unjudged: tuple[str, ...]

    @classmethod
    def of(cls, value: Classification) -> Self:
        risks = {risk.kind: risk.score for risk in value.risk}
        found = {f"tactful/{kind}": risks.get(kind, 0.0) for kind in RISKS}
        found |= {f"tactful/{kind}": min(score, 1.0) for kind, score in value.sensitive.categories.items()}
        scores = {name: risks.get(JUDGED.get(name, ""), 0.0) for name in STANDARD} | found
        unjudged = tuple(name for name in STANDARD if name not in JUDGED)
        return cls(
            flagged=bool(risks) or value.sensitive.is_flagged,
            categories={name: score > 0 for name, score in scores.items()},
            category_scores=scores,
            category_applied_input_types={name: () if name in unjudged else ("text",) for name in scores},
            unjudged=unjudged,
        )


class ModerationsOut(Out):
    id: str
    model: str
    results: tuple[ModerationOut, ...]

"""Classifications and goals as plain JSON values: one shape for the command line, the API and files."""

from collections.abc import Sequence
from typing import Any

from care.classification import Classification, Judgement, Risk
from care.learning import GoalLine
from care.sensitive import Handling, Redaction


def classification_as_json(
    classification: Classification, *, top_k: int = 3, explain: bool = False, tasks: Sequence[str] | None = None
) -> dict[str, Any]:
    """One classification. Offsets are code points of the text as sent; a sensitive value is never in it."""
    judged = {task: one for task, one in classification.tasks.items() if tasks is None or task in tasks}
    return {
        "object": "classification",
        "model": {
            "name": classification.bundle,
            "bundles": {task: classification.bundles.get(task, classification.bundle) for task in judged},
        },
        "language": {"label": classification.language, "score": round(classification.language_score, 6)},
        "risk": [risk_as_json(one) for one in classification.risk],
        **{task: judgement_as_json(one, top_k=top_k, explain=explain) for task, one in judged.items()},
        "sensitive": redaction_as_json(classification.sensitive),
        "entities": [
            {"kind": one.kind, "value": one.value, "start": one.start, "end": one.end}
            for one in classification.entities
        ],
        "redacted_text": classification.sensitive.text,
    }


def risk_as_json(risk: Risk) -> dict[str, Any]:
    return {
        "kind": risk.kind,
        "score": round(risk.score, 6),
        "spans": [{"start": span.start, "end": span.end} for span in risk.spans],
    }


def judgement_as_json(judgement: Judgement, *, top_k: int = 3, explain: bool = False) -> dict[str, Any]:
    out: dict[str, Any] = {
        "label": judgement.label,
        "score": round(judgement.score, 6),
        "confidence": str(judgement.band),
        "abstained": judgement.abstained,
        "candidates": [{"label": one.label, "score": round(one.score, 6)} for one in judgement.candidates[:top_k]],
    }
    if judgement.reasons:
        out["reasons"] = list(judgement.reasons)
    if judgement.promise is not None:
        out["promise"] = {
            "precision": judgement.promise.precision,
            "coverage": round(judgement.promise.coverage, 4),
            "lower_bound": round(judgement.promise.lower_bound, 4),
        }
    if explain:
        out["evidence"] = [{"start": one.start, "end": one.end, "weight": one.weight} for one in judgement.evidence]
        out["neighbours"] = [
            {"text": one.text, "label": one.label, "similarity": round(one.similarity, 4)}
            for one in judgement.neighbours
        ]
    return out


def redaction_as_json(redaction: Redaction) -> dict[str, Any]:
    categories = redaction.categories
    return {
        "flagged": redaction.is_flagged,
        "action": str(redaction.handling),
        "categories": dict.fromkeys(categories, True),
        "category_scores": categories,
        "spans": [
            {
                "start": span.start,
                "end": span.end,
                "category": span.category,
                "score": span.score,
                # A value that was allowed to stay stands in the text already; it is not said twice.
                "replacement": None if span.handling is Handling.ALLOW else span.replacement,
                "handling": str(span.handling),
            }
            for span in redaction.spans
        ],
    }


def goal_as_json(goal: GoalLine) -> dict[str, Any]:
    """One goal: `measured` and `reached` are null while there is nothing to measure."""
    return {
        "goal": goal.name,
        "target": goal.target,
        "of": goal.of,
        "reached": goal.is_reached,
        "cases": goal.n_cases,
        "measured": None if goal.measured is None else round(goal.measured, 2),
    }

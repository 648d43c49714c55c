"""How good a classifier is, by measures that answer a question: right, balanced, honest about its doubt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from care.classification import OUT_OF_SCOPE, Classification
from model.calibration import certify, reliability

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]


def macro_f1(gold: Sequence[str], said: Sequence[str]) -> float:
    """F1 of each label that occurs in gold, averaged: the rare labels count as much as the common ones."""
    total = 0.0
    names = sorted(set(gold))
    for name in names:
        both = sum(g == name and s == name for g, s in zip(gold, said, strict=True))
        wrong = sum((g == name) != (s == name) for g, s in zip(gold, said, strict=True))
        total += 2 * both / (2 * both + wrong) if both else 0.0
    return total / len(names) if names else 0.0


def auroc(inside: Floats, outside: Floats) -> float:
    """The chance that a message in scope scores higher than one that is not (ties count half)."""
    if not len(inside) or not len(outside):
        return float("nan")
    ordered = np.sort(outside)
    below = np.searchsorted(ordered, inside, side="left")
    upto = np.searchsorted(ordered, inside, side="right")
    return float((below + upto).sum() / 2 / len(inside) / len(outside))


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a second reading says of the answers. judged: (n,) rows that were read again. will_do: (n,) answers."""

    judged: Flags
    will_do: Flags


def score_task(
    gold: Sequence[str],
    labels: Sequence[str],
    scores: Sequence[float],
    abstained: Sequence[bool],
    *,
    accepted: Accepted | None = None,
) -> dict[str, Any]:
    """Every measure of one task. gold may hold out_of_scope; labels never do.

    accepted: scores are then held against what two readings accept, on the rows that were read again.
    """
    inside = np.array([label != OUT_OF_SCOPE for label in gold], bool)
    right = np.array([g == said for g, said in zip(gold, labels, strict=True)], bool)
    sure = np.asarray(scores, np.float32)
    answered = ~np.asarray(abstained, bool)
    joint = np.where(inside, right & answered, ~answered)
    gold_inside = [g for g in gold if g != OUT_OF_SCOPE]
    said_inside = [label for label, is_inside in zip(labels, inside, strict=True) if is_inside]
    judged = inside if accepted is None else inside & accepted.judged
    will_do = right if accepted is None else accepted.will_do
    bins, error = reliability(sure[judged], will_do[judged]) if judged.any() else ([], float("nan"))
    measured: dict[str, Any] = {
        "n": len(gold),
        "n_out_of_scope": int((~inside).sum()),
        "accuracy": float(right[inside].mean()) if inside.any() else float("nan"),
        "macro_f1": macro_f1(gold_inside, said_inside),
        "ece": error,
        "coverage": float(answered[inside].mean()) if inside.any() else float("nan"),
        "reliability": [
            {"low": b.low, "high": b.high, "n": b.n, "score": round(b.score, 4), "right": round(b.right, 4)}
            for b in bins
        ],
    }
    if accepted is not None and judged.any():
        measured["n_read_twice"] = int(judged.sum())
        measured["accepted"] = float(will_do[judged].mean())
    for precision in (0.95, 0.99):
        measured[f"coverage_at_{precision}"] = coverage_at(sure[judged], will_do[judged], precision)
        kept = certify(sure[judged], will_do[judged], precision=precision) if judged.any() else None
        measured[f"certified_coverage_at_{precision}"] = kept.coverage if kept else 0.0
    if (~inside).any():
        measured["joint_accuracy"] = float(joint.mean())
        measured["auroc"] = auroc(sure[inside], sure[~inside])
    return measured


def against_guessing(accuracy: float, gold: Mapping[str, int]) -> dict[str, Any]:
    """What always saying the commonest label would reach, and whether the accuracy is surely better.

    gold: label -> held-out rows. accuracy_from, accuracy_to: where the accuracy lies in 95 of 100 cases (Wilson 1927).
    """
    n = sum(gold.values())
    if not n:
        return {}
    common, most = max(gold.items(), key=lambda item: (item[1], item[0]))
    right = round(accuracy * n)
    low, high = stats.binomtest(right, n).proportion_ci(0.95, method="wilson")
    sure = stats.binomtest(right, n, most / n, alternative="greater").pvalue < 0.05
    return {
        "baseline": round(most / n, 4),
        "baseline_label": common,
        "accuracy_from": round(float(low), 4),
        "accuracy_to": round(float(high), 4),
        "better_than_guessing": bool(sure),
    }


def coverage_at(scores: Floats, right: NDArray[np.bool_], precision: float) -> float:
    """The largest share of rows, surest first, of which at least `precision` are right."""
    if not len(scores):
        return 0.0
    order = np.argsort(-scores, kind="stable")
    rate = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    fits = np.flatnonzero(rate >= precision)
    return float((fits[-1] + 1) / len(order)) if len(fits) else 0.0


def score_classifications(gold: Sequence[str], read: Sequence[Classification], task: str) -> dict[str, Any]:
    """The same of classifications as they were served."""
    judged = [classification.tasks[task] for classification in read]
    return score_task(gold, [j.label for j in judged], [j.score for j in judged], [j.abstained for j in judged])

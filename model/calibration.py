"""From scores to probabilities that a threshold can be set on, and thresholds that keep their promise."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def softmax(scores: Floats) -> Floats:
    """(n, n_labels) scores -> probabilities, each row summing to 1."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    grown = np.exp(shifted)
    return np.asarray(grown / grown.sum(axis=1, keepdims=True), np.float32)


def sigmoid(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -30, 30))), np.float32)


def logit(p: Floats) -> Floats:
    clipped = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(clipped / (1 - clipped)), np.float32)


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose score lay in one tenth: how sure they were, and how often they were right."""

    low: float
    high: float
    n: int
    score: float
    right: float


def reliability(scores: Floats, right: NDArray[np.bool_], *, n_bins: int = 15) -> tuple[list[Bin], float]:
    """The reliability table and the expected calibration error (equal-width bins, weighted by rows)."""
    edges = np.linspace(0, 1, n_bins + 1)
    at = np.clip(np.digitize(scores, edges[1:-1], right=True), 0, n_bins - 1)
    bins: list[Bin] = []
    error = 0.0
    for i in range(n_bins):
        inside = at == i
        n = int(inside.sum())
        if n:
            said, was = float(scores[inside].mean()), float(right[inside].mean())
            bins.append(Bin(float(edges[i]), float(edges[i + 1]), n, said, was))
            error += n / len(scores) * abs(said - was)
    return bins, error


Precision = float | Mapping[str, float]
"""Asked of all tasks, or of some by name."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A promise about the answers at or above a threshold, and what it rests on.

    threshold: 1.01 when no threshold keeps the promise. lower_bound: Clopper-Pearson, at `confidence`.
    """

    precision: float
    threshold: float
    coverage: float
    n_answered: int
    n_wrong: int
    lower_bound: float
    confidence: float = 0.95

    @property
    def is_kept(self) -> bool:
        return self.threshold <= 1


NO_THRESHOLD = 1.01


def lower_bound(n: int, n_wrong: int, *, confidence: float = 0.95) -> float:
    """The one-sided Clopper-Pearson lower bound on precision after n answers with n_wrong errors."""
    from scipy.stats import beta

    if n == 0 or n_wrong >= n:
        return 0.0
    return float(beta.ppf(1 - confidence, n - n_wrong, n_wrong + 1))


def certify(scores: Floats, right: NDArray[np.bool_], *, precision: float, confidence: float = 0.95) -> Certificate:
    """The lowest threshold whose answers are right at least `precision` of the time, with confidence.

    scores, right: (n,), held-out rows. Never promises what the rows cannot show: 95 % needs 59 faultless answers.
    Source: Clopper and Pearson 1934; rows needed as in Geifman and El-Yaniv 2017, selection with guaranteed risk.
    """
    from scipy.stats import beta

    order = np.argsort(-scores, kind="stable")
    sorted_scores = scores[order]
    n = np.arange(1, len(order) + 1)
    wrong = np.cumsum(~right[order])
    bounds = np.where(wrong < n, beta.ppf(1 - confidence, np.maximum(n - wrong, 1e-9), wrong + 1), 0.0)
    # Equal scores are answered together or not at all.
    is_last = np.append(sorted_scores[1:] != sorted_scores[:-1], True) if len(order) else np.array([], bool)
    fits = np.flatnonzero((bounds >= precision) & is_last)
    if not len(fits):
        return Certificate(precision, NO_THRESHOLD, 0.0, 0, 0, 0.0, confidence)
    at = int(fits[-1])
    return Certificate(
        precision,
        float(sorted_scores[at]),
        float((at + 1) / len(order)),
        at + 1,
        int(wrong[at]),
        float(bounds[at]),
        confidence,
    )

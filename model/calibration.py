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

    threshold: 1.01 when no threshold keeps the promise. lower_bound: Clopper-Pearson; of the
    risk 1 - `confidence` each start of the search has its share.
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


_STARTS, _STEPS = 2, 40
"""From so many places down the search sets out, and at so many thresholds it looks."""


def certify(scores: Floats, right: NDArray[np.bool_], *, precision: float, confidence: float = 0.95) -> Certificate:
    """A low threshold whose answers are right at least `precision` of the time, with confidence in the search as well.

    scores, right: (n,), of rows that nothing was fitted on. Thresholds are laid out by the scores alone and tested from
    the strictest down until one fails; each start has its share of the risk, so that the chance that any promise made
    is false stays under 1 - confidence. Never promises what the rows cannot show: 95 % needs 72 faultless answers.
    Source: Angelopoulos, Bates, Candès, Jordan and Lei 2021, Learn then test, section 3.2 (fixed sequence testing);
    Clopper and Pearson 1934 for each test.
    """
    from scipy.stats import beta

    order = np.argsort(-scores, kind="stable")
    sorted_scores = scores[order]
    risk = (1 - confidence) / _STARTS
    least = int(np.ceil(np.log(risk) / np.log(precision)))
    # Equal scores are answered together or not at all.
    is_last = np.append(sorted_scores[1:] != sorted_scores[:-1], True) if len(order) else np.array([], bool)
    ends = np.flatnonzero(is_last) + 1
    ends = ends[ends >= least]
    if not len(ends):
        return Certificate(precision, NO_THRESHOLD, 0.0, 0, 0, 0.0, confidence)
    n = ends[np.unique(np.searchsorted(ends, np.linspace(min(2 * least, ends[-1]), ends[-1], _STEPS)))]
    wrong = np.cumsum(~right[order])[n - 1]
    bounds = np.where(wrong < n, beta.ppf(risk, np.maximum(n - wrong, 1e-9), wrong + 1), 0.0)
    kept = -1
    for start in range(_STARTS):
        first = start * len(n) // _STARTS
        failed = np.flatnonzero(bounds[first:] < precision)
        last = first + (int(failed[0]) if len(failed) else len(n) - first) - 1
        kept = max(kept, last if last >= first else -1)
    if kept < 0:
        return Certificate(precision, NO_THRESHOLD, 0.0, 0, 0, 0.0, confidence)
    at = int(n[kept])
    return Certificate(
        precision,
        float(sorted_scores[at - 1]),
        float(at / len(order)),
        at,
        int(wrong[kept]),
        float(bounds[kept]),
        confidence,
    )

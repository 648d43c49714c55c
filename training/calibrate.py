"""From scores that no row had a part in to answers: mixing, evidence, calibration, thresholds and the gate."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from model.calibration import certify, softmax
from model.head import CERTAIN, Blend, ScoringStage
from training.recipe import TrainRecipe

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def fit_mix(sources: Sequence[Floats], gold: Ints) -> tuple[float, ...]:
    """One weight a source so that the softmax of the weighted sum explains held-out labels best (their temperature)."""

    def loss(log_mix: NDArray[np.float64]) -> float:
        mixed = sum(np.float32(np.exp(weight)) * scores for weight, scores in zip(log_mix, sources, strict=True))
        probabilities = softmax(np.asarray(mixed, np.float32))
        return float(-np.log(probabilities[np.arange(len(gold)), gold] + 1e-9).mean())

    start = np.full(len(sources), np.log(8.0 / len(sources)))
    solved = optimize.minimize(
        loss, start, method="Nelder-Mead", options={"xatol": 0.02, "fatol": 1e-5, "maxiter": 120}
    )
    return tuple(float(np.exp(weight)) for weight in solved.x)


def fit_offsets(probabilities: Floats, gold: Ints) -> Floats:
    """(n_labels,) added to log probabilities before choosing, so that rare labels are not drowned by common ones.

    Climbs the sum of accuracy and macro-F1, one label at a time.
    """
    logs = np.log(probabilities + 1e-9)
    offsets = np.zeros(logs.shape[1], np.float32)

    def worth(candidate: Floats) -> float:
        chosen = (logs + candidate).argmax(axis=1)
        both = np.bincount(gold[chosen == gold], minlength=len(candidate))
        sizes = np.bincount(gold, minlength=len(candidate)) + np.bincount(chosen, minlength=len(candidate))
        return float((2 * both / np.maximum(sizes, 1)).mean() + both.sum() / len(gold))

    best = worth(offsets)
    # Whole lines are searched: a rare label gains nothing from a small step, and much from the right large one.
    reach = np.arange(-3, 6.01, 0.25)
    for _ in range(3):
        for label in np.argsort(np.bincount(gold, minlength=len(offsets))):
            for change in sorted(reach, key=abs):
                candidate = offsets.copy()
                candidate[label] = change
                if (worth_here := worth(candidate)) > best + 1e-3:
                    offsets, best = candidate, worth_here
    return offsets


def worth_of_steps(places: Sequence[int], *, missed: float) -> Floats:
    """(n_labels, n_labels) what the second answer is worth where the first is right, for labels that are steps.

    A step too high costs 1, a step too low `missed`. places: where each label stands on the scale, the least first.
    """
    at = np.array(places)
    steps = at[None, :] - at[:, None]
    return np.asarray(np.where(steps > 0, -steps, missed * steps), np.float32)


_HOLD_GATE, _HOLD_PRIOR = 0.02, 0.5
"""How strongly the gate is held at a small share, and what is likely in threads at nothing; in rows."""
_SMALL_SHARE = -2.0


def fit_blend(own: Floats, before: Floats, marks: Floats, gold: Ints, *, n_priors: int) -> Blend:
    """How much of what was said before counts, learnt on held-out rows that stand in a thread.

    own, before: (n, n_labels) mixed scores of the message and of its thread. marks: (n, n_marks).
    """
    n, n_labels = own.shape
    n_marks = marks.shape[1]
    apart = (before - own).astype(np.float64)
    first = marks[:, :n_priors].astype(np.float64)
    wanted = np.eye(n_labels)[gold]
    middle = np.zeros(n_marks)
    middle[0] = _SMALL_SHARE

    def loss(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        gate, offsets = at[:n_marks], at[n_marks:].reshape(n_priors, n_labels)
        share = 1 / (1 + np.exp(-np.clip(marks @ gate, -30, 30)))
        mixed = own + share[:, None] * apart + first @ offsets
        mixed -= mixed.max(axis=1, keepdims=True)
        grown = np.exp(mixed)
        shares = grown / grown.sum(axis=1, keepdims=True)
        wrong = shares - wanted
        held = _HOLD_GATE * n * np.square(gate - middle).sum() / 100 + _HOLD_PRIOR * np.square(offsets).sum()
        value = -np.log(shares[np.arange(n), gold] + 1e-12).sum() + held
        of_gate = marks.T @ ((wrong * apart).sum(axis=1) * share * (1 - share))
        of_gate = of_gate + _HOLD_GATE * n / 50 * (gate - middle)
        of_offsets = first.T @ wrong + 2 * _HOLD_PRIOR * offsets
        return float(value), np.concatenate([of_gate, of_offsets.ravel()])

    start = np.concatenate([middle, np.zeros(n_priors * n_labels)])
    weights = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    return Blend(weights[:n_marks].astype(np.float32), weights[n_marks:].reshape(n_priors, n_labels).astype(np.float32))


def fit_right(evidence: Floats, right: NDArray[np.bool_]) -> Floats:
    """Weights of the evidence, bias last: how likely an answer is right when some label fits."""
    return _fit_logistic(evidence, right, np.ones(len(right)))


def fit_fits(evidence: Floats, out_of_scope: Sequence[Floats], *, share: float) -> Floats:
    """Weights of the evidence, bias last: how likely some label fits, when nothing fits a `share` of the messages.

    strange: kinds of messages that nothing fits; the kinds count alike.
    """
    kinds = [rows for rows in out_of_scope if len(rows)]
    if not kinds:
        return np.append(np.zeros(evidence.shape[1]), CERTAIN).astype(np.float32)
    together = np.concatenate([evidence, *kinds])
    fits = np.arange(len(together)) < len(evidence)
    weighed = [np.full(len(rows), len(evidence) / len(kinds) / len(rows)) for rows in kinds]
    importance = np.concatenate([np.ones(len(evidence)), *weighed])
    weights = _fit_logistic(together, fits, importance)
    # Fitted as if it were one of two; told here how seldom it is. The slopes are steadier that way.
    weights[-1] += np.log((1 - share) / share)
    return weights


def _fit_logistic(evidence: Floats, wanted: NDArray[np.bool_], importance: NDArray[np.float64]) -> Floats:
    if wanted.all() or not wanted.any():
        weights = np.zeros(evidence.shape[1] + 1, np.float32)
        weights[0] = 1
        return weights
    middle, spread = evidence.mean(axis=0, dtype=np.float64), evidence.std(axis=0, dtype=np.float64) + 1e-6
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1.0, max_iter=500).fit((evidence - middle) / spread, wanted, sample_weight=importance)
    slopes = fitted.coef_[0] / spread
    return np.append(slopes, fitted.intercept_[0] - slopes @ middle).astype(np.float32)


def fit_final(raw: Floats, right: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and shift that make sigmoid(slope * raw + shift) the frequency of being right.

    Source: Platt 1999, with his smoothed targets: six faultless rows are no proof of certainty.
    """
    n_right = int(right.sum())
    wanted = np.where(right, (n_right + 1) / (n_right + 2), 1 / (len(right) - n_right + 2))

    def loss(at: NDArray[np.float64]) -> float:
        z = np.exp(at[0]) * raw + at[1]
        return float(np.mean(np.logaddexp(0, z) - wanted * z))

    solved = optimize.minimize(loss, np.zeros(2), method="L-BFGS-B", bounds=[(-4, 4), (-20, 20)])
    return (float(np.exp(solved.x[0])), float(solved.x[1]))


def after(n_rows: int, few_and_many: tuple[float, float]) -> float:
    """A number of the recipe for who learnt from so many rows: the first after 1,000, the second after 10,000.

    Few examples have seen little of what customers write. Half to two thirds of what came to the two public bots with
    some hundred examples each fitted nothing.
    """
    return float(np.interp(np.log10(max(n_rows, 1)), [3, 4], few_and_many))


def best_threshold(
    scores: Floats, right: NDArray[np.bool_], out_of_scope: Sequence[Floats], *, share: float, leeway: float
) -> float:
    """The threshold at which most messages are treated rightly when `share` of them are out of scope.

    strange: scores of each kind of message that nothing fits; the kinds count alike. leeway: so many standard errors
    worse counts as good, and of all that is good the threshold that answers most is taken.
    """
    if not out_of_scope:
        return 0.0
    candidates = np.unique(np.quantile(np.concatenate([scores, *out_of_scope]), np.linspace(0, 1, 400)))
    kept = np.array([(right & (scores >= at)).mean() for at in candidates])
    refused = np.array([[(rows < at).mean() for rows in out_of_scope] for at in candidates])
    worth = (1 - share) * kept + share * refused.mean(axis=1)
    best = int(np.argmax(worth))
    sizes = np.array([len(rows) for rows in out_of_scope]) * len(out_of_scope) ** 2
    scatter = (1 - share) ** 2 * kept[best] * (1 - kept[best]) / len(scores)
    scatter += share**2 * (refused[best] * (1 - refused[best]) / sizes).sum()
    good = worth >= worth[best] - leeway * np.sqrt(scatter)
    return float(candidates[int(np.argmax(good))])


def gated(lean: ScoringStage, lean_scores: Floats, full: dict[str, Any], recipe: TrainRecipe) -> ScoringStage:
    """Let the n-gram stage answer alone what it can certify, while held-out accuracy stays near the full path's.

    Two bounds hold at once, both surely and not by luck of the rows at hand: all answers together lose at most
    `gate_loss` against the full path, and those that pass the gate are right at least as often as `gate_precision`
    (Clopper-Pearson).
    """
    certificate = certify(lean_scores, full["lean_right"], precision=recipe.promise.gate_precision)
    if not certificate.is_kept:
        return lean
    order = np.argsort(-lean_scores, kind="stable")
    lost = full["right"][order].astype(int) - full["lean_right"][order].astype(int)
    # Where one was right and the other wrong are the only rows that count, and their sum scatters by its root.
    scatter = stats.norm.ppf(recipe.promise.confidence) * np.sqrt(np.cumsum(np.abs(lost)))
    most = (np.cumsum(lost) + scatter) / len(order)
    spare = np.flatnonzero(np.maximum.accumulate(most) <= recipe.promise.gate_loss)
    if not len(spare):
        return lean
    gate = max(certificate.threshold, float(lean_scores[order[spare[-1]]]))
    return replace(lean, gate=gate)

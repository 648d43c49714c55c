"""Fit every head of a bundle on its examples, and calibrate them on scores no row had a part in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.calibration import certify
from model.head import Head, Stage
from model.ngrams import Ngrams
from model.panel import Layout, NearestTo, Panel
from training.calibrate import after, best_threshold, fit_final, fit_fits, fit_mix, fit_offsets, fit_right, gated
from training.kernel_graph import kernel_graph
from training.recipe import Recipe
from training.solvers import N_LABEL_GROUPS, KernelSolver, NgramSolver, Solver, to_csr
from training.space import make_space
from training.tasks import OUTSIDE, UNLABELLED, TaskData, needs_background

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Say = Callable[[str], None]

FIT_VERSION = 9
"""Raised when the same rows would give another head; the default bundle is then trained anew."""


@dataclass(frozen=True)
class Background:
    """Messages of no label in particular: what else people write. Prepared as the examples are."""

    texts: tuple[str, ...] = field(repr=False)
    features: Floats | None = field(repr=False)


@dataclass(frozen=True)
class Fitted:
    """All a bundle needs, and what is known about how good it is.

    kernel: the graph of training/kernel_graph.py, None without an encoder. rows: those of the examples it learnt from.
    """

    ngrams: Ngrams
    kernel: bytes | None = field(repr=False)
    heads: tuple[Head, ...]
    rows: Ints
    metrics: Mapping[str, Any]


def fit(
    texts: Sequence[str],
    tasks: Sequence[TaskData],
    *,
    features: Floats | None,
    recipe: Recipe,
    say: Say,
    background: Background | None = None,
    honest: Ints | None = None,
) -> Fitted:
    """Fit all tasks.

    texts: normalised, masked. features: (n_rows, n_features) encoder readings, or None for n-grams alone.
    background: messages that fit no label, for tasks that were given few of their own. honest: the rows whose labels
    the readings know nothing of; calibration and figures rest on them alone. Without it on all rows.
    """
    rows = _kept_rows(tasks, recipe)
    is_honest = np.isin(rows, honest) if honest is not None else np.ones(len(rows), bool)
    if len(rows) < len(texts):
        say(f"learning from {len(rows)} of {len(texts)} rows")
    texts = [texts[i] for i in rows]
    tasks = [TaskData(data.task, data.labels, data.of[rows]) for data in tasks]
    n_own = len(texts)
    if features is not None:
        features = features[rows]
    if background is not None and any(needs_background(data, recipe) for data in tasks):
        texts = [*texts, *background.texts]
        more = len(background.texts)
        tasks = [data.extended(OUTSIDE if needs_background(data, recipe) else UNLABELLED, more) for data in tasks]
        is_honest = np.append(is_honest, np.ones(more, bool))
        if features is not None and background.features is not None:
            features = np.concatenate([features, background.features])
    say("reading n-grams")
    ngrams = Ngrams.fit(texts)
    sparse_rows = [ngrams.row(text) for text in texts]
    matrix = to_csr(sparse_rows, len(ngrams.idf))
    say("fitting the n-gram stage")
    by_ngrams = NgramSolver(matrix, tasks=tasks, recipe=recipe, say=say)
    kernel, by_encoder = None, None
    if features is not None:
        say("fitting the encoder stage")
        space = make_space(features, recipe)
        by_encoder = KernelSolver(space, tasks=tasks, recipe=recipe)
        kernel = kernel_graph(space, [(by_encoder.lens[data.task], by_encoder.weights[data.task]) for data in tasks])
    heads = []
    metrics: dict[str, Any] = {}
    for data in tasks:
        say(f"calibrating {data.task}")
        head, measured = _fit_head(data, by_ngrams, by_encoder, recipe, n_own=n_own, is_honest=is_honest)
        heads.append(head)
        metrics[data.task] = measured
    return Fitted(ngrams, kernel, tuple(heads), rows, metrics)


def _kept_rows(tasks: Sequence[TaskData], recipe: Recipe) -> Ints:
    n = len(tasks[0].of)
    if n <= recipe.max_rows:
        return np.arange(n)
    order = np.random.default_rng(recipe.seed).permutation(n)
    # The rarest labels first: a cap must not cost a label its few examples.
    rarity = np.zeros(n)
    for data in tasks:
        counts = np.bincount(data.of[data.of >= 0], minlength=len(data.labels))
        rank = np.zeros(n)
        for label in range(len(data.labels)):
            members = order[data.of[order] == label]
            rank[members] = np.arange(len(members)) / max(1, counts[label]) * counts[label]
        rank[data.of < 0] = n
        rarity = rank if data is tasks[0] else np.minimum(rarity, rank)
    return np.sort(np.argsort(rarity, kind="stable")[: recipe.max_rows])


def _fit_head(
    data: TaskData,
    by_ngrams: NgramSolver,
    by_encoder: KernelSolver | None,
    recipe: Recipe,
    *,
    n_own: int,
    is_honest: NDArray[np.bool_],
) -> tuple[Head, dict[str, Any]]:
    weight, bias = by_ngrams.weights[data.task], by_ngrams.bias[data.task]
    lean, lean_metrics = _fit_stage(data, [by_ngrams], None, recipe, n_own=n_own, is_honest=is_honest)
    metrics: dict[str, Any] = {"n_rows": int((data.of >= 0).sum()), "labels": len(data.labels), "lean": lean_metrics}
    if by_encoder is None:
        return Head(data.task, data.labels, weight, bias, lean), metrics
    nearest = by_encoder.nearest.get(data.task)
    solvers: list[Solver] = [by_ngrams, by_encoder]
    full, full_metrics = _fit_stage(data, solvers, nearest, recipe, n_own=n_own, is_honest=is_honest)
    if nearest is None:
        full = replace(full, right=np.insert(full.right, -1, [0, 0]), fits=np.insert(full.fits, -1, [0, 0]))
    metrics["full"] = full_metrics
    full_metrics["lean_right"] = lean_metrics["right"]
    lean = gated(lean, lean_metrics["scores"], full_metrics, recipe)
    metrics["gate"] = {"threshold": lean.gate, "share": float((lean_metrics["scores"] >= lean.gate).mean())}
    return Head(data.task, data.labels, weight, bias, lean, full, data.of), metrics


def _fit_stage(
    data: TaskData,
    solvers: Sequence[Solver],
    nearest: Floats | None,
    recipe: Recipe,
    *,
    n_own: int,
    is_honest: NDArray[np.bool_],
) -> tuple[Stage, dict[str, Any]]:
    """Mix the sources, then calibrate. Everything is read off scores of rows that had no part in them."""
    inside = np.flatnonzero((data.of >= 0) & is_honest)
    outside = np.flatnonzero((data.of == OUTSIDE) & is_honest)
    gold = data.of[inside]
    held_out = [solver.held_out[data.task] for solver in solvers]
    n_labels = len(data.labels)
    is_open = len(outside) > 0 or n_labels >= recipe.min_open_labels
    mix = fit_mix([scores[inside, :-1] for scores in held_out], gold)
    no_weights = np.zeros(3 + len(solvers) + 2 * (nearest is not None), np.float32)
    stage = Stage(mix, np.zeros(n_labels, np.float32), no_weights, no_weights, (1.0, 0.0), 0.0, 2.0)
    if not is_open:
        of_sources = [scores[inside, None, :-1] for scores in held_out]
        offsets = fit_offsets(_panel(stage).probabilities(of_sources)[:, 0], gold)
        stage = replace(stage, offsets=offsets)
    chosen, evidence = _read(stage, held_out, inside, nearest)
    right = chosen == gold
    strange = [_read(stage, held_out, outside, nearest)[1]]
    if is_open and data.task in solvers[0].unseen:
        strange.append(_unseen_evidence(data, solvers, stage, nearest, is_honest))
    n_rows = int((data.of >= 0).sum())
    fits = fit_fits(evidence, strange, share=after(n_rows, recipe.out_of_scope))
    stage = replace(stage, right=fit_right(evidence, right), fits=fits)
    # Only the examples themselves tell how often nothing fits; the background tells what that looks like.
    own = strange[0][outside < n_own]
    raw = _panel(stage).raw(np.concatenate([evidence, own])[:, None])[:, 0]
    stage = replace(stage, final=fit_final(raw, np.append(right, np.zeros(len(own), bool))))
    panel = _panel(stage)
    scores = panel.score(evidence[:, None])[:, 0]
    strange_scores = [panel.score(rows[:, None])[:, 0] for rows in strange if len(rows)]
    threshold = 0.0
    if is_open:
        share = after(n_rows, recipe.out_of_scope_feared)
        leeway = after(n_rows, recipe.threshold_leeway)
        threshold = best_threshold(scores, right, strange_scores, share=share, leeway=leeway)
    certificates = tuple(certify(scores, right, precision=p, confidence=recipe.confidence) for p in recipe.promises)
    stage = replace(stage, threshold=threshold, certificates=certificates)
    together = np.concatenate(strange_scores) if strange_scores else np.zeros(0, np.float32)
    return stage, {"scores": scores, "right": right, "gold": gold, "chosen": chosen, "strange": together}


def _panel(stage: Stage) -> Panel:
    return Panel([stage], Layout([len(stage.offsets)]))


def _read(stage: Stage, sources: Sequence[Floats], rows: Ints, nearest: Floats | None) -> tuple[Ints, Floats]:
    """(n,) chosen labels and (n, k) evidence of some rows, by the arithmetic that serves."""
    answers = _panel(stage).answer([source[rows] for source in sources], _looked_up(nearest, rows))
    return answers.chosen[:, 0], answers.evidence[:, 0]


def _unseen_evidence(
    data: TaskData,
    solvers: Sequence[Solver],
    stage: Stage,
    nearest: Floats | None,
    is_honest: NDArray[np.bool_],
) -> Floats:
    """Evidence of rows whose label nobody had seen: messages in the customers' own words that fit nothing."""
    kept = is_honest[solvers[0].unseen[data.task][0]]
    rows = solvers[0].unseen[data.task][0][kept]
    scores = [solver.unseen[data.task][1][kept] for solver in solvers]
    if nearest is not None:
        # What stands near under a label that was left out was left out with it.
        left_out = np.arange(len(data.labels)) % N_LABEL_GROUPS == data.of[:, None] % N_LABEL_GROUPS
        nearest = np.where(left_out, np.float32(-1), nearest)
    return _panel(stage).answer(scores, _looked_up(nearest, rows)).evidence[:, 0]


def _looked_up(nearest: Floats | None, rows: Ints) -> NearestTo | None:
    if nearest is None:
        return None

    def look_up(chosen: Ints) -> Floats:
        of_labels = nearest[rows]
        at = (np.arange(len(rows)), chosen[:, 0])
        own = of_labels[at]
        of_labels[at] = -1
        return np.stack([own, of_labels.max(axis=1)], axis=-1)[:, None]

    return look_up

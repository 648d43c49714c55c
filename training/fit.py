"""Fit every head of a bundle on its examples, and calibrate them on scores no row had a part in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.calibration import certify
from model.head import Blend, ScoringStage, TaskHead
from model.ngrams import Ngrams
from model.panel import Beside, Layout, NearestTo, Panel
from model.thread import MARKS, N_PRIORS, Context
from training.calibrate import (
    after,
    best_threshold,
    fit_blend,
    fit_final,
    fit_fits,
    fit_mix,
    fit_offsets,
    fit_right,
    gated,
)
from training.kernel_graph import kernel_graph
from training.kin import Kin
from training.recipe import TrainRecipe
from training.solvers import N_LABEL_GROUPS, KernelSolver, NgramSolver, RowContext, Solver, to_csr
from training.space import make_space
from training.tasks import OUTSIDE, UNLABELLED, TaskData, needs_background

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Say = Callable[[str], None]

FIT_VERSION = 11
"""Raised when the same rows would give another head; the default bundle is then trained anew."""


@dataclass(frozen=True)
class Background:
    """Messages of no label in particular: what else people write. Prepared as the examples are."""

    texts: tuple[str, ...] = field(repr=False)
    features: Floats | None = field(repr=False)


@dataclass(frozen=True)
class Surroundings:
    """What stands around the examples, row by row.

    contexts: what was said before each, or None. features: readings of the contexts that there are, in order; None
    without an encoder. groups: what each belongs to (a trade, a brand, a year), or None; empty where there are none.
    kin: rows that vouch for each other.
    """

    contexts: tuple[Context | None, ...] = field(repr=False)
    features: Floats | None = field(repr=False, default=None)
    groups: tuple[str | None, ...] = ()
    kin: Kin | None = None

    def grown(self, n: int) -> "Surroundings":
        """With n more rows that nothing stands around."""
        kin = self.kin.grown(n) if self.kin is not None else None
        return Surroundings((*self.contexts, *(None,) * n), self.features, _grown(self.groups, n), kin)


@dataclass(frozen=True)
class Fitted:
    """All a bundle needs, and what is known about how good it is.

    kernel: the graph of training/kernel_graph.py, None without an encoder.
    """

    ngrams: Ngrams
    kernel: bytes | None = field(repr=False)
    heads: tuple[TaskHead, ...]
    metrics: Mapping[str, Any]


def fit(
    texts: Sequence[str],
    tasks: Sequence[TaskData],
    *,
    features: Floats | None,
    recipe: TrainRecipe,
    say: Say,
    background: Background | None = None,
    held_out_rows: Ints | None = None,
    surroundings: Surroundings | None = None,
) -> Fitted:
    """Fit all tasks.

    texts: normalised, masked. features: (n_rows, n_features) encoder readings, or None for n-grams alone.
    background: messages that fit no label, for tasks that were given few of their own. honest: the rows whose labels
    the readings know nothing of; calibration and figures rest on them alone. Without it on all rows.
    surroundings: threads, which the heads then learn to read; groups, so that calibration rests on groups unseen.
    """
    n_own = len(texts)
    is_held_out = np.isin(np.arange(n_own), held_out_rows) if held_out_rows is not None else np.ones(n_own, bool)
    around = surroundings or Surroundings((None,) * n_own)
    if background is not None and any(needs_background(data, recipe) for data in tasks):
        texts = [*texts, *background.texts]
        more = len(background.texts)
        tasks = [data.extended(OUTSIDE if needs_background(data, recipe) else UNLABELLED, more) for data in tasks]
        is_held_out = np.append(is_held_out, np.ones(more, bool))
        around = around.grown(more)
        if features is not None and background.features is not None:
            features = np.concatenate([features, background.features])
    say("reading n-grams")
    ngrams = Ngrams.fit(texts)
    sparse_rows = [ngrams.row(text) for text in texts]
    matrix = to_csr(sparse_rows, len(ngrams.idf))
    said = [context.text for context in around.contexts if context is not None]
    of_contexts = to_csr([ngrams.row(text) for text in said], len(ngrams.idf))
    beside = _numbered(around)
    say("fitting the n-gram stage")
    by_ngrams = NgramSolver(matrix, of_contexts, tasks=tasks, around=beside, recipe=recipe, say=say)
    kernel, by_encoder = None, None
    if features is not None:
        say("fitting the encoder stage")
        few = 0 < recipe.landmarks < len(texts)
        landmarks = _kept_rows(tasks, recipe.landmarks, recipe.seed) if few else None
        space = make_space(features, recipe, contexts=around.features, landmarks=landmarks)
        by_encoder = KernelSolver(space, tasks=tasks, around=beside, recipe=recipe)
        kernel = kernel_graph(space, [(by_encoder.lens[data.task], by_encoder.weights[data.task]) for data in tasks])
    heads = []
    metrics: dict[str, Any] = {}
    marks = np.zeros((len(texts), len(MARKS)), np.float32)
    for at, context in enumerate(around.contexts):
        if context is not None:
            marks[at] = context.marks
    if beside.groups is not None:
        # A row of no group was scored by no model that did without it.
        is_held_out &= beside.groups >= 0
    for data in tasks:
        say(f"calibrating {data.task}")
        mine = is_held_out & _once(data, beside)
        head, measured = _fit_head(data, by_ngrams, by_encoder, recipe, n_own=n_own, is_held_out=mine, marks=marks)
        heads.append(head)
        metrics[data.task] = measured
    return Fitted(ngrams, kernel, tuple(heads), metrics)


def _grown(groups: tuple[str | None, ...], more: int) -> tuple[str | None, ...]:
    # Background is nobody's: spread over the groups, each fold leaves some of it out.
    names = sorted({group for group in groups if group is not None})
    return (*groups, *(names[i % len(names)] for i in range(more))) if names else ()


def _numbered(around: Surroundings) -> RowContext:
    with_context = np.flatnonzero([context is not None for context in around.contexts])
    names = sorted({group for group in around.groups if group is not None})
    if len(names) < 2:
        return RowContext(with_context, kin=around.kin)
    number = {name: at for at, name in enumerate(names)}
    groups = np.array([-1 if group is None else number[group] for group in around.groups])
    return RowContext(with_context, groups, around.kin)


def _once(data: TaskData, beside: RowContext) -> NDArray[np.bool_]:
    """One row of each thing said under a label: what repeats is no more evidence than what is said once.

    A label that is said in one way only cannot be left out and found again: it is measured nowhere.
    """
    if beside.kin is None:
        return np.ones(len(data.of), bool)
    ways = np.unique(np.stack([data.of, beside.kin.said], axis=1), axis=0)[:, 0]
    labels, n_ways = np.unique(ways, return_counts=True)
    is_found_again = np.isin(data.of, labels[(n_ways > 1) | (labels < 0)])
    return is_found_again & beside.kin.firsts(data.of, *([beside.groups] if beside.groups is not None else []))


def _kept_rows(tasks: Sequence[TaskData], at_most: int, seed: int) -> Ints:
    n = len(tasks[0].of)
    if n <= at_most:
        return np.arange(n)
    order = np.random.default_rng(seed).permutation(n)
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
    return np.sort(np.argsort(rarity, kind="stable")[:at_most])


def _fit_head(
    data: TaskData,
    by_ngrams: NgramSolver,
    by_encoder: KernelSolver | None,
    recipe: TrainRecipe,
    *,
    n_own: int,
    is_held_out: NDArray[np.bool_],
    marks: Floats,
) -> tuple[TaskHead, dict[str, Any]]:
    weight, bias = by_ngrams.weights[data.task], by_ngrams.bias[data.task]
    lean, lean_metrics = _fit_stage(data, [by_ngrams], None, recipe, n_own=n_own, is_held_out=is_held_out, marks=marks)
    metrics: dict[str, Any] = {"n_rows": int((data.of >= 0).sum()), "labels": len(data.labels), "lean": lean_metrics}
    if by_encoder is None:
        return TaskHead(data.task, data.labels, weight, bias, lean), metrics
    nearest = by_encoder.nearest.get(data.task)
    solvers: list[Solver] = [by_ngrams, by_encoder]
    full, full_metrics = _fit_stage(data, solvers, nearest, recipe, n_own=n_own, is_held_out=is_held_out, marks=marks)
    if nearest is None:
        full = replace(full, right=np.insert(full.right, -1, [0, 0]), fits=np.insert(full.fits, -1, [0, 0]))
    metrics["full"] = full_metrics
    full_metrics["lean_right"] = lean_metrics["right"]
    lean = gated(lean, lean_metrics["scores"], full_metrics, recipe)
    metrics["gate"] = {"threshold": lean.gate, "share": float((lean_metrics["scores"] >= lean.gate).mean())}
    return TaskHead(data.task, data.labels, weight, bias, lean, full, data.of), metrics


def _fit_stage(
    data: TaskData,
    solvers: Sequence[Solver],
    nearest: Floats | None,
    recipe: TrainRecipe,
    *,
    n_own: int,
    is_held_out: NDArray[np.bool_],
    marks: Floats,
) -> tuple[ScoringStage, dict[str, Any]]:
    """Mix the sources, then calibrate. Everything is read off scores of rows that had no part in them."""
    inside = np.flatnonzero((data.of >= 0) & is_held_out)
    outside = np.flatnonzero((data.of == OUTSIDE) & is_held_out)
    gold = data.of[inside]
    held_out = [solver.held_out[data.task] for solver in solvers]
    n_labels = len(data.labels)
    is_open = data.task not in recipe.closed_tasks and (len(outside) > 0 or n_labels >= recipe.min_open_labels)
    beside = Beside(tuple(solver.beside[data.task] for solver in solvers), marks)
    mix = fit_mix([scores[inside, :-1] for scores in held_out], gold)
    no_weights = np.zeros(3 + len(solvers) + 2 * (nearest is not None), np.float32)
    stage = ScoringStage(mix, np.zeros(n_labels, np.float32), no_weights, no_weights, (1.0, 0.0), 0.0, 2.0)
    stage = replace(stage, blend=_blend_of(stage, held_out, beside, inside, gold))
    if not is_open:
        shares = _panel(stage).answer([scores[inside] for scores in held_out], None, beside.of(inside)).probabilities
        stage = replace(stage, offsets=fit_offsets(shares[:, 0], gold))
    chosen, evidence = _read(stage, held_out, inside, nearest, beside)
    right = chosen == gold
    out_of_scope = [_read(stage, held_out, outside, nearest, beside)[1]]
    if is_open and data.task in solvers[0].unseen:
        out_of_scope.append(_unseen_evidence(data, solvers, stage, nearest, is_held_out))
    n_rows = int((data.of >= 0).sum())
    fits = fit_fits(evidence, out_of_scope, share=after(n_rows, recipe.out_of_scope))
    stage = replace(stage, right=fit_right(evidence, right), fits=fits)
    # Only the examples themselves tell how often nothing fits; the background tells what that looks like.
    own = out_of_scope[0][outside < n_own]
    raw = _panel(stage).raw(np.concatenate([evidence, own])[:, None])[:, 0]
    stage = replace(stage, final=fit_final(raw, np.append(right, np.zeros(len(own), bool))))
    panel = _panel(stage)
    scores = panel.score(evidence[:, None])[:, 0]
    out_of_scope_scores = [panel.score(rows[:, None])[:, 0] for rows in out_of_scope if len(rows)]
    threshold = 0.0
    if is_open:
        share = after(n_rows, recipe.out_of_scope_feared)
        leeway = after(n_rows, recipe.threshold_leeway)
        threshold = best_threshold(scores, right, out_of_scope_scores, share=share, leeway=leeway)
        threshold = max(threshold, recipe.least_threshold)
    certificates = tuple(certify(scores, right, precision=p, confidence=recipe.confidence) for p in recipe.promises)
    stage = replace(stage, threshold=threshold, certificates=certificates)
    together = np.concatenate(out_of_scope_scores) if out_of_scope_scores else np.zeros(0, np.float32)
    measured = {"scores": scores, "right": right, "gold": gold, "chosen": chosen, "strange": together}
    if all(data.task in solver.seen for solver in solvers):
        seen, evidence = _read(stage, [solver.seen[data.task] for solver in solvers], inside, nearest, beside)
        measured["seen"] = {"scores": panel.score(evidence[:, None])[:, 0], "chosen": seen}
    return stage, measured


_FEW_IN_THREADS = 100


def _blend_of(
    stage: ScoringStage, held_out: Sequence[Floats], beside: Beside, inside: Ints, gold: Ints
) -> Blend | None:
    """What a thread counts for, where enough of the labelled rows stand in one."""
    talked = beside.marks[inside].any(axis=1)
    if talked.sum() < _FEW_IN_THREADS:
        return None
    rows = inside[talked]
    panel = _panel(stage)
    own = panel.mixed([scores[rows] for scores in held_out])[:, 0]
    before = panel.mixed([scores[rows] for scores in beside.sources])[:, 0]
    return fit_blend(own, before, beside.marks[rows], gold[talked], n_priors=N_PRIORS)


def _panel(stage: ScoringStage) -> Panel:
    return Panel([stage], Layout([len(stage.offsets)]))


def _read(
    stage: ScoringStage, sources: Sequence[Floats], rows: Ints, nearest: Floats | None, beside: Beside
) -> tuple[Ints, Floats]:
    """(n,) chosen labels and (n, k) evidence of some rows, by the arithmetic that serves."""
    answers = _panel(stage).answer([source[rows] for source in sources], _looked_up(nearest, rows), beside.of(rows))
    return answers.chosen[:, 0], answers.evidence[:, 0]


def _unseen_evidence(
    data: TaskData,
    solvers: Sequence[Solver],
    stage: ScoringStage,
    nearest: Floats | None,
    is_held_out: NDArray[np.bool_],
) -> Floats:
    """Evidence of rows whose label nobody had seen: messages in the customers' own words that fit nothing."""
    kept = is_held_out[solvers[0].unseen[data.task][0]]
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

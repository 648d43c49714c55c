"""Fit every head of a bundle on its examples, and calibrate them on scores no row had a part in."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.head import TaskHead
from model.ngrams import Ngrams
from model.thread import MARKS, Context
from training.calibrate import gated
from training.kernel_graph import kernel_graph
from training.kin import Kin
from training.recipe import TrainRecipe
from training.solvers import KernelSolver, NgramSolver, RowContext, to_csr
from training.space import make_space
from training.stages import HeldOutRows, StageRows, fit_stage
from training.tasks import OUTSIDE, UNLABELLED, TaskData, needs_background

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Say = Callable[[str], None]

FIT_VERSION = 15
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


@dataclass(frozen=True)
class Material:
    """What a fit learns from, row by row.

    texts: normalised, masked. features: (n_rows, n_features) encoder readings, or None for n-grams alone. surroundings:
    threads, which the heads learn to read; groups, so that calibration rests on groups unseen. background: messages
    that fit no label, for tasks that were given few of their own. held_out_rows: those whose labels the readings know
    nothing of; calibration and figures rest on them alone, without it on all.
    """

    texts: Sequence[str] = field(repr=False)
    tasks: Sequence[TaskData]
    features: Floats | None = field(repr=False, default=None)
    surroundings: Surroundings | None = field(repr=False, default=None)
    background: Background | None = None
    held_out_rows: Ints | None = field(repr=False, default=None)

    @property
    def is_held_out(self) -> NDArray[np.bool_]:
        n = len(self.texts)
        return np.ones(n, bool) if self.held_out_rows is None else np.isin(np.arange(n), self.held_out_rows)

    @property
    def around(self) -> Surroundings:
        return self.surroundings or Surroundings((None,) * len(self.texts))

    def with_background(self, recipe: TrainRecipe) -> "Material":
        """With the background's rows behind its own, where a task needs them."""
        background = self.background
        if background is None or not any(needs_background(data, recipe) for data in self.tasks):
            return self
        more = len(background.texts)
        n = len(self.texts)
        labels = [OUTSIDE if needs_background(data, recipe) else UNLABELLED for data in self.tasks]
        features = self.features
        if features is not None and background.features is not None:
            features = np.concatenate([features, background.features])
        held_out_rows = self.held_out_rows
        if held_out_rows is not None:
            held_out_rows = np.concatenate([held_out_rows, np.arange(n, n + more)])
        return Material(
            [*self.texts, *background.texts],
            [data.extended(label, more) for data, label in zip(self.tasks, labels, strict=True)],
            features,
            self.around.grown(more),
            held_out_rows=held_out_rows,
        )


def fit(material: Material, recipe: TrainRecipe, say: Say) -> Fitted:
    """Fit all tasks."""
    n_own = len(material.texts)
    material = material.with_background(recipe)
    around = material.around
    beside = _numbered(around)
    say("reading n-grams")
    ngrams = Ngrams.fit(material.texts)
    kernel, by_encoder = None, None
    # The solver of the n-grams runs on one core, without the interpreter: the kernels need the others meanwhile.
    with ThreadPoolExecutor(1) as beside_the_kernels:
        n_gram_stage = beside_the_kernels.submit(_fit_ngrams, material, ngrams, beside, recipe, say)
        if material.features is not None:
            say("fitting the encoder stage")
            by_encoder, kernel = _fit_kernel(material, material.features, beside, recipe)
            say("the encoder stage: done")
        by_ngrams = n_gram_stage.result()
    marks = np.zeros((len(material.texts), len(MARKS)), np.float32)
    for at, context in enumerate(around.contexts):
        if context is not None:
            marks[at] = context.marks
    is_held_out = material.is_held_out
    if beside.groups is not None:
        # A row of no group was scored by no model that did without it.
        is_held_out &= beside.groups >= 0
    heads = []
    metrics: dict[str, Any] = {}
    for data in material.tasks:
        say(f"calibrating {data.task}")
        rows = HeldOutRows(n_own, is_held_out & _once(data, beside), marks, beside.units(len(marks)))
        head, measured = _fit_head(data, by_ngrams, by_encoder, recipe, rows)
        heads.append(head)
        metrics[data.task] = measured
    return Fitted(ngrams, kernel, tuple(heads), metrics)


def _fit_ngrams(material: Material, ngrams: Ngrams, beside: RowContext, recipe: TrainRecipe, say: Say) -> NgramSolver:
    matrix = to_csr([ngrams.row(text) for text in material.texts], len(ngrams.idf))
    said = [context.text for context in material.around.contexts if context is not None]
    of_contexts = to_csr([ngrams.row(text) for text in said], len(ngrams.idf))
    say("fitting the n-gram stage")
    return NgramSolver(matrix, of_contexts, tasks=material.tasks, around=beside, recipe=recipe, say=say)


def _fit_kernel(
    material: Material, features: Floats, beside: RowContext, recipe: TrainRecipe
) -> tuple[KernelSolver, bytes]:
    n_landmarks = recipe.kernel.landmarks
    few = 0 < n_landmarks < len(material.texts)
    landmarks = _kept_rows(material.tasks, n_landmarks, recipe.seed) if few else None
    space = make_space(features, recipe, contexts=material.around.features, landmarks=landmarks)
    solver = KernelSolver(space, tasks=material.tasks, around=beside, recipe=recipe)
    heads = [(solver.lens[data.task], solver.weights[data.task]) for data in material.tasks]
    return solver, kernel_graph(space, heads)


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
    rows: HeldOutRows,
) -> tuple[TaskHead, dict[str, Any]]:
    weight, bias = by_ngrams.weights[data.task], by_ngrams.bias[data.task]
    lean, lean_metrics = fit_stage(StageRows(data, [by_ngrams], None, recipe, rows))
    metrics: dict[str, Any] = {"n_rows": int((data.of >= 0).sum()), "labels": len(data.labels), "lean": lean_metrics}
    if by_encoder is None:
        return TaskHead(data.task, data.labels, weight, bias, lean), metrics
    nearest = by_encoder.nearest.get(data.task)
    full, full_metrics = fit_stage(StageRows(data, [by_ngrams, by_encoder], nearest, recipe, rows))
    if nearest is None:
        full = replace(full, right=np.insert(full.right, -1, [0, 0]), fits=np.insert(full.fits, -1, [0, 0]))
    metrics["full"] = full_metrics
    full_metrics["lean_right"] = lean_metrics["right"]
    lean = gated(lean, lean_metrics["scores"], full_metrics, recipe)
    metrics["gate"] = {"threshold": lean.gate, "share": float((lean_metrics["scores"] >= lean.gate).mean())}
    return TaskHead(data.task, data.labels, weight, bias, lean, full, data.of), metrics

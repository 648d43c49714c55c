"""Fit every head of a bundle on its examples, and calibrate them on scores no row had a part in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from care.classification import OUT_OF_SCOPE
from model.calibration import Certificate, certify, softmax
from model.head import Head, Lens, Space, Stage, apart, seen
from model.ngrams import Ngrams, SparseRow
from model.panel import Layout, NearestTo, Panel
from model.style import style_names
from training.kernels import Inverse

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Say = Callable[[str], None]

FIT_VERSION = 5
"""Raised when the same rows would give another head; the default bundle is then trained anew."""

UNLABELLED = -1
OUTSIDE = -2

N_LABEL_GROUPS = 5
N_VECTOR = 384
"""Columns of the sentence vector, the first of a reading."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Every number a training run depends on."""

    seed: int = 13
    max_rows: int = 16_000
    n_axes: int = 384
    open_lens: tuple[float, float] = (0.5, 0.0)
    open_ridge: float = 0.1
    closed_lens: tuple[float, float] = (0.25, 0.06)
    closed_ridge: float = 0.4
    ngram_c: float = 0.5
    n_folds: int = 4
    min_open_labels: int = 6
    enough_outside: int = 200
    assumed_out_of_scope: tuple[float, float] = (0.4, 0.1)
    confidence: float = 0.95
    promises: tuple[float, ...] = (0.90, 0.95, 0.98, 0.99)
    gate_loss: float = 0.001
    gate_precision: float = 0.95


@dataclass(frozen=True)
class TaskData:
    """One task's labels. of: (n_rows,) label index, UNLABELLED or OUTSIDE."""

    task: str
    labels: tuple[str, ...]
    of: Ints = field(repr=False)

    def extended(self, label: int, n: int) -> "TaskData":
        """With n more rows of one label."""
        return TaskData(self.task, self.labels, np.append(self.of, np.full(n, label)))


@dataclass(frozen=True)
class Background:
    """Messages of no label in particular: what else people write. Prepared as the examples are."""

    texts: tuple[str, ...] = field(repr=False)
    features: Floats | None = field(repr=False)


@dataclass(frozen=True)
class Fitted:
    """All a bundle needs, and what is known about how good it is."""

    ngrams: Ngrams
    space: Space | None
    heads: tuple[Head, ...]
    rows: Ints
    metrics: Mapping[str, Any]


def task_data(task: str, values: Sequence[str | None]) -> TaskData:
    """Labels by name to labels by number, names sorted."""
    labels = tuple(sorted({value for value in values if value is not None and value != OUT_OF_SCOPE}))
    index: dict[str | None, int] = {label: i for i, label in enumerate(labels)}
    index |= {None: UNLABELLED, OUT_OF_SCOPE: OUTSIDE}
    return TaskData(task, labels, np.array([index[value] for value in values], np.int64))


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
    space, by_encoder = None, None
    if features is not None:
        say("fitting the encoder stage")
        space = make_space(features, recipe)
        by_encoder = KernelSolver(space, tasks=tasks, recipe=recipe)
    heads = []
    metrics: dict[str, Any] = {}
    for data in tasks:
        say(f"calibrating {data.task}")
        head, measured = _fit_head(data, by_ngrams, by_encoder, recipe, n_own=n_own, is_honest=is_honest)
        heads.append(head)
        metrics[data.task] = measured
    return Fitted(ngrams, space, tuple(heads), rows, metrics)


def needs_background(data: TaskData, recipe: Recipe) -> bool:
    """Many labels and few examples of what fits none of them."""
    return len(data.labels) >= recipe.min_open_labels and int((data.of == OUTSIDE).sum()) < recipe.enough_outside


def to_csr(rows: Sequence[SparseRow], n_features: int) -> Any:
    """Sparse rows as one scipy matrix (n_rows, n_features) float32."""
    lengths = np.cumsum([0, *(len(row.ids) for row in rows)])
    ids = np.concatenate([row.ids for row in rows]) if rows else np.zeros(0, np.int64)
    values = np.concatenate([row.values for row in rows]) if rows else np.zeros(0, np.float32)
    matrix = sparse.csr_matrix((values, ids, lengths), shape=(len(rows), n_features), dtype=np.float32)
    matrix.sum_duplicates()
    return matrix


def make_space(features: Floats, recipe: Recipe) -> Space:
    """Project the encoder's readings on their main axes; distances hardly change, serving becomes six times cheaper.

    features: the encoder's columns, then those of style.
    """
    n_style = len(style_names())
    meaning, styles = features[:, :-n_style], features[:, -n_style:]
    mean = meaning.mean(axis=0)
    centred = meaning - mean
    if len(centred) > 2 * centred.shape[1]:
        _, axes = np.linalg.eigh(centred.T @ centred)
        axes = axes[:, ::-1][:, : recipe.n_axes]
    else:
        _, _, across = np.linalg.svd(centred, full_matrices=False)
        axes = across[: recipe.n_axes].T
    axes = np.ascontiguousarray(axes, np.float32)
    vectors = meaning[:, :N_VECTOR].astype(np.float16)
    return Space(mean.astype(np.float32), axes, centred @ axes, styles.astype(np.float32), vectors)


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


class Solver(Protocol):
    """One source of scores: weights for serving, and scores of rows by a model that never saw them.

    unseen: rows and their scores by a model that never saw their label either.
    """

    weights: dict[str, Floats]
    bias: dict[str, Floats]
    held_out: dict[str, Floats]
    unseen: dict[str, tuple[Ints, Floats]]


class NgramSolver:
    """Linear support vectors over n-grams, one against the rest."""

    def __init__(self, matrix: Any, *, tasks: Sequence[TaskData], recipe: Recipe, say: Say) -> None:
        self.weights: dict[str, Floats] = {}
        self.bias: dict[str, Floats] = {}
        self.held_out: dict[str, Floats] = {}
        self.unseen: dict[str, tuple[Ints, Floats]] = {}
        for data in tasks:
            known = np.flatnonzero(data.of != UNLABELLED)
            n_labels = len(data.labels)
            # Nothing fitting is one more label here, kept in the last column.
            of = np.where(data.of == OUTSIDE, n_labels, data.of)
            parts = folds(of[known], n_folds=recipe.n_folds, seed=recipe.seed)
            groups = label_groups(data.of, n_labels)
            learnt = [known, *(known[train] for train, _ in parts), *(np.setdiff1d(known, group) for group in groups)]

            def learn(rows: Ints, of: Ints = of, n_columns: int = n_labels + 1) -> tuple[Floats, Floats]:
                return fit_linear(matrix[rows], of[rows], n_columns, recipe)

            # One after the other: the solver's dice are shared by all threads, and two at once never fall the same way.
            fitted = [learn(rows) for rows in learnt]
            self.weights[data.task], self.bias[data.task] = fitted[0]
            scores = np.zeros((len(of), n_labels + 1), np.float32)
            for (_, test), (weight, bias) in zip(parts, fitted[1:], strict=False):
                scores[known[test]] = matrix[known[test]] @ weight + bias
            self.held_out[data.task] = scores
            if groups:
                of_groups = fitted[1 + len(parts) :]
                found = [matrix[group] @ w + b for group, (w, b) in zip(groups, of_groups, strict=True)]
                self.unseen[data.task] = (np.concatenate(groups), np.concatenate(found).astype(np.float32))
            say(f"n-grams of {data.task}: done")


def fit_linear(matrix: Any, of: Ints, n_labels: int, recipe: Recipe) -> tuple[Floats, Floats]:
    """(n_features, n_labels) weights and (n_labels,) bias; labels without a row can never win."""
    from sklearn.svm import LinearSVC

    weight = np.zeros((matrix.shape[1], n_labels), np.float32)
    bias = np.full(n_labels, -1, np.float32)
    known = np.unique(of)
    if len(known) < 2:
        return weight, bias
    fitted = LinearSVC(C=recipe.ngram_c, random_state=recipe.seed, tol=1e-2).fit(matrix, of)
    if len(known) == 2:
        weight[:, known] = np.stack([-fitted.coef_[0], fitted.coef_[0]], axis=1)
        bias[known] = [-fitted.intercept_[0], fitted.intercept_[0]]
    else:
        weight[:, known] = fitted.coef_.T
        bias[known] = fitted.intercept_
    return weight, bias


def folds(of: Ints, *, n_folds: int, seed: int) -> list[tuple[Ints, Ints]]:
    """Held-out rows by label, evenly; also where a label has fewer rows than there are folds."""
    order = np.random.default_rng(seed).permutation(len(of))
    order = order[np.argsort(of[order], kind="stable")]
    fold = np.empty(len(of), np.int64)
    fold[order] = np.arange(len(of)) % n_folds
    return [(np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(n_folds)]


class KernelSolver:
    """Kernel ridge for all tasks; tasks with the same labelled rows and lens share the factorisation.

    lens: how each task's kernel looks. nearest: (n_rows, n_labels) for each task with many labels: cosine of the most
    alike other row of each label.
    """

    def __init__(self, space: Space, *, tasks: Sequence[TaskData], recipe: Recipe) -> None:
        self.weights: dict[str, Floats] = {}
        self.bias: dict[str, Floats] = {}
        self.held_out: dict[str, Floats] = {}
        self.unseen: dict[str, tuple[Ints, Floats]] = {}
        self.nearest: dict[str, Floats] = {}
        self.lens: dict[str, Lens] = {}
        groups: dict[tuple[bytes, float, Lens], list[TaskData]] = {}
        for data in tasks:
            # Few labels on many rows are opinions, which scatter and show in how a thing is said: they want a smoother
            # answer, and a look at style.
            is_open = len(data.labels) >= recipe.min_open_labels
            ridge = recipe.open_ridge if is_open else recipe.closed_ridge
            lens = self.lens[data.task] = Lens(*(recipe.open_lens if is_open else recipe.closed_lens))
            groups.setdefault(((data.of != UNLABELLED).tobytes(), ridge, lens), []).append(data)
        for (_, ridge, lens), members in groups.items():
            labelled = np.flatnonzero(members[0].of != UNLABELLED)
            inverse = Inverse.of(kernel_among(space, labelled, lens), ridge=ridge)
            for data in members:
                self._solve(data, labelled, inverse, n_rows=len(data.of))
                if len(data.labels) >= recipe.min_open_labels:
                    self.nearest[data.task] = nearest_of(space.vectors, data)

    def _solve(self, data: TaskData, labelled: Ints, inverse: Inverse, *, n_rows: int) -> None:
        of = data.of[labelled]
        # The last column, number -1, is for what fits no label.
        targets = np.zeros((len(of), len(data.labels) + 1), np.float32)
        targets[np.arange(len(of)), np.where(of == OUTSIDE, -1, of)] = 1
        weights = inverse.solve(targets)
        held_out = inverse.leave_one_out(targets, weights)
        self.weights[data.task] = _spread(weights, labelled, n_rows)
        self.bias[data.task] = np.zeros(len(data.labels) + 1, np.float32)
        self.held_out[data.task] = _spread(held_out, labelled, n_rows)
        groups = label_groups(of, len(data.labels))
        rows = [labelled[group] for group in groups]
        scores = [inverse.leave_group_out(group, targets, weights) for group in groups]
        if rows:
            self.unseen[data.task] = (np.concatenate(rows), np.concatenate(scores))


def kernel_among(space: Space, rows: Ints, lens: Lens) -> Floats:
    """(n, n) kernel of some rows of the space, made in strips: only the kernel itself is ever held whole."""
    places, styles = space.rows[rows], space.styles[rows]
    kernel = np.empty((len(rows), len(rows)), np.float32)
    for start in range(0, len(rows), 512):
        strip = slice(start, start + 512)
        style = apart(styles[strip], styles) if lens.style else None
        kernel[strip] = seen(apart(places[strip], places), style, lens)
    kernel[np.diag_indices_from(kernel)] = 1
    return kernel


def nearest_of(vectors: NDArray[np.float16], data: TaskData) -> Floats:
    """(n_rows, n_labels) cosine of the most alike other row of each label; -1 where there is none."""
    order = np.argsort(data.of, kind="stable")
    order = order[data.of[order] >= 0]
    labels, starts = np.unique(data.of[order], return_index=True)
    whole = vectors.astype(np.float32)
    place = np.full(len(data.of), -1)
    place[order] = np.arange(len(order))
    nearest = np.full((len(data.of), len(data.labels)), -1, np.float32)
    for start in range(0, len(whole), 512):
        strip = slice(start, start + 512)
        alike = whole[strip] @ whole[order].T
        own = np.flatnonzero(place[strip] >= 0)
        alike[own, place[strip][own]] = -1
        nearest[strip, labels] = np.maximum.reduceat(alike, starts, axis=1)
    return nearest


def _spread(values: Floats, at: Ints, n_rows: int) -> Floats:
    if len(at) == n_rows:
        return values
    spread = np.zeros((n_rows, values.shape[1]), np.float32)
    spread[at] = values
    return spread


def label_groups(of: Ints, n_labels: int, *, n_groups: int = N_LABEL_GROUPS) -> list[Ints]:
    """Rows by label, a fifth of the labels at a time: what the others would say of labels they never saw."""
    if n_labels < n_groups:
        return []
    # On many rows one fifth is evidence enough, and each costs a fit.
    used = n_groups if len(of) < 3000 else 1
    return [np.flatnonzero((of >= 0) & (of % n_groups == i)) for i in range(used)]


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
        full = replace(full, evidence=np.insert(full.evidence, -1, 0).astype(np.float32))
    metrics["full"] = full_metrics
    full_metrics["lean_right"] = lean_metrics["right"]
    lean = _gated(lean, lean_metrics["scores"], full_metrics, recipe)
    dense_weight = by_encoder.weights[data.task]
    dense_bias = by_encoder.bias[data.task]
    metrics["gate"] = {"threshold": lean.gate, "share": float((lean_metrics["scores"] >= lean.gate).mean())}
    lens = by_encoder.lens[data.task]
    return Head(data.task, data.labels, weight, bias, lean, dense_weight, dense_bias, full, data.of, lens), metrics


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
    no_weights = np.zeros(3 + len(solvers) + (nearest is not None), np.float32)
    stage = Stage(mix, np.zeros(n_labels, np.float32), no_weights, (1.0, 0.0), 0.0, 2.0)
    if not is_open:
        of_sources = [scores[inside, None, :-1] for scores in held_out]
        offsets = fit_offsets(_panel(stage).probabilities(of_sources)[:, 0], gold)
        stage = replace(stage, offsets=offsets)
    chosen, evidence = _read(stage, held_out, inside, nearest)
    right = chosen == gold
    strange = [_read(stage, held_out, outside, nearest)[1]]
    if is_open and data.task in solvers[0].unseen:
        strange.append(_unseen_evidence(data, solvers, stage, nearest, is_honest))
    weights = fit_evidence(evidence, right, strange)
    raw = evidence @ weights[:-1] + weights[-1]
    # Only the examples themselves tell how often nothing fits; the background tells what that looks like.
    own = strange[0][outside < n_own]
    own_raw = own @ weights[:-1] + weights[-1]
    final = fit_final(np.concatenate([raw, own_raw]), np.concatenate([right, np.zeros(len(own), bool)]))
    stage = replace(stage, evidence=weights, final=final)
    panel = _panel(stage)
    scores = panel.score(evidence[:, None])[:, 0]
    strange_scores = [panel.score(rows[:, None])[:, 0] for rows in strange if len(rows)]
    share = assumed_share(int((data.of >= 0).sum()), recipe)
    threshold = best_threshold(scores, right, strange_scores, share=share) if is_open else 0.0
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
    return None if nearest is None else lambda chosen: nearest[rows[:, None], chosen]


def fit_mix(sources: Sequence[Floats], gold: Ints) -> tuple[float, ...]:
    """One weight a source so that the softmax of the weighted sum explains held-out labels best (their temperature)."""

    def loss(log_mix: NDArray[np.float64]) -> float:
        mixed = sum(np.float32(np.exp(weight)) * scores for weight, scores in zip(log_mix, sources, strict=True))
        probabilities = softmax(np.asarray(mixed, np.float32))
        return float(-np.log(probabilities[np.arange(len(gold)), gold] + 1e-9).mean())

    start = np.full(len(sources), np.log(8.0 / len(sources)))
    found = optimize.minimize(loss, start, method="Nelder-Mead", options={"xatol": 0.02, "fatol": 1e-5, "maxiter": 120})
    return tuple(float(np.exp(weight)) for weight in found.x)


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
                if (found := worth(candidate)) > best + 1e-3:
                    offsets, best = candidate, found
    return offsets


def fit_evidence(evidence: Floats, right: NDArray[np.bool_], strange: Sequence[Floats]) -> Floats:
    """Weights of the evidence, bias last: right answers against wrong ones and messages that nothing fits.

    strange: kinds of messages that nothing fits; together they weigh as much as the examples.
    """
    kinds = [rows for rows in strange if len(rows)]
    together = np.concatenate([evidence, *kinds]).astype(np.float64)
    wanted = np.concatenate([right, np.zeros(sum(map(len, kinds)), bool)])
    if wanted.all() or not wanted.any():
        weights = np.zeros(evidence.shape[1] + 1, np.float32)
        weights[0] = 1
        return weights
    shares = [np.full(len(rows), len(evidence) / len(kinds) / len(rows)) for rows in kinds]
    importance = np.concatenate([np.ones(len(evidence)), *shares])
    middle, spread = together.mean(axis=0), together.std(axis=0) + 1e-6
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1.0, max_iter=500).fit((together - middle) / spread, wanted, sample_weight=importance)
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

    found = optimize.minimize(loss, np.zeros(2), method="L-BFGS-B", bounds=[(-4, 4), (-20, 20)])
    return (float(np.exp(found.x[0])), float(found.x[1]))


def assumed_share(n_rows: int, recipe: Recipe) -> float:
    """How much of the traffic nothing will fit: much for who learnt from 1,000 messages, little after 10,000.

    Few examples have seen little of what customers write. Half to two thirds of what came to the two public bots with
    some hundred examples each fitted nothing.
    """
    many, few = recipe.assumed_out_of_scope
    return float(np.interp(np.log10(max(n_rows, 1)), [3, 4], [many, few]))


def best_threshold(scores: Floats, right: NDArray[np.bool_], strange: Sequence[Floats], *, share: float) -> float:
    """The threshold at which most messages are treated rightly when `share` of them are out of scope.

    strange: scores of each kind of message that nothing fits; the kinds count alike.
    """
    if not strange:
        return 0.0
    candidates = np.unique(np.quantile(np.concatenate([scores, *strange]), np.linspace(0, 1, 400)))
    kept = np.array([(right & (scores >= at)).mean() for at in candidates])
    refused = np.array([np.mean([(rows < at).mean() for rows in strange]) for at in candidates])
    return float(candidates[int(np.argmax((1 - share) * kept + share * refused))])


def _gated(lean: Stage, lean_scores: Floats, full: dict[str, Any], recipe: Recipe) -> Stage:
    """Let the n-gram stage answer alone what it can certify, while held-out accuracy stays near the full path's.

    Two bounds hold at once: all answers together lose at most `gate_loss` against the full path, and those that pass
    the gate are right at least as often as `gate_precision`, by Clopper-Pearson.
    """
    certificate = certify(lean_scores, full["lean_right"], precision=recipe.gate_precision)
    if not certificate.is_kept:
        return lean
    order = np.argsort(-lean_scores, kind="stable")
    lost = np.cumsum(full["right"][order].astype(int) - full["lean_right"][order].astype(int)) / len(order)
    spare = np.flatnonzero(np.maximum.accumulate(lost) <= recipe.gate_loss)
    if not len(spare):
        return lean
    gate = max(certificate.threshold, float(lean_scores[order[spare[-1]]]))
    return replace(lean, gate=gate)


def certificate_rows(certificates: Sequence[Certificate]) -> list[dict[str, float]]:
    return [
        {"precision": c.precision, "threshold": c.threshold, "coverage": c.coverage, "lower_bound": c.lower_bound}
        for c in certificates
    ]

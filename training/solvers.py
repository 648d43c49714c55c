"""The sources of scores: linear support vectors over n-grams, and kernel ridge over readings of the encoder."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from model.ngrams import SparseRow
from training.kernels import Inverse
from training.recipe import Recipe
from training.space import Lens, Space, kernel_among, nearest_of
from training.tasks import OUTSIDE, UNLABELLED, TaskData

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Say = Callable[[str], None]

N_LABEL_GROUPS = 5
"""Label groups that are left out in turn; each holds every fifth label."""


class Solver(Protocol):
    """One source of scores: weights for serving, and scores of rows by a model that never saw them.

    unseen: rows and their scores by a model that never saw their label either.
    """

    weights: dict[str, Floats]
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


class KernelSolver:
    """Kernel ridge for all tasks; tasks with the same labelled rows and lens share the factorisation.

    lens: how each task's kernel looks. nearest: (n_rows, n_labels) for each task with many labels: cosine of the most
    alike other row of each label.
    """

    def __init__(self, space: Space, *, tasks: Sequence[TaskData], recipe: Recipe) -> None:
        self.weights: dict[str, Floats] = {}
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
        self.held_out[data.task] = _spread(held_out, labelled, n_rows)
        groups = label_groups(of, len(data.labels))
        rows = [labelled[group] for group in groups]
        scores = [inverse.leave_group_out(group, targets, weights) for group in groups]
        if rows:
            self.unseen[data.task] = (np.concatenate(rows), np.concatenate(scores))


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


def label_groups(of: Ints, n_labels: int, *, n_groups: int = N_LABEL_GROUPS) -> list[Ints]:
    """Rows by label, a fifth of the labels at a time: what the others would say of labels they never saw."""
    if n_labels < n_groups:
        return []
    # On many rows one fifth is evidence enough, and each costs a fit.
    used = n_groups if len(of) < 3000 else 1
    return [np.flatnonzero((of >= 0) & (of % n_groups == i)) for i in range(used)]


def to_csr(rows: Sequence[SparseRow], n_features: int) -> Any:
    """Sparse rows as one scipy matrix (n_rows, n_features) float32."""
    lengths = np.cumsum([0, *(len(row.ids) for row in rows)])
    ids = np.concatenate([row.ids for row in rows]) if rows else np.zeros(0, np.int64)
    values = np.concatenate([row.values for row in rows]) if rows else np.zeros(0, np.float32)
    matrix = sparse.csr_matrix((values, ids, lengths), shape=(len(rows), n_features), dtype=np.float32)
    matrix.sum_duplicates()
    return matrix


def _spread(values: Floats, at: Ints, n_rows: int) -> Floats:
    if len(at) == n_rows:
        return values
    spread = np.zeros((n_rows, values.shape[1]), np.float32)
    spread[at] = values
    return spread

"""The sources of scores: linear support vectors over n-grams, and kernel ridge over readings of the encoder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from model.ngrams import SparseRow
from training.kernels import Inverse, Landmarks
from training.kin import Kin
from training.recipe import TrainRecipe
from training.space import Lens, Space, kernel_among, kernel_between, nearest_of
from training.tasks import OUTSIDE, UNLABELLED, TaskData

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Say = Callable[[str], None]

N_LABEL_GROUPS = 5
"""Label groups that are left out in turn; each holds every fifth label."""


class Solver(Protocol):
    """One source of scores: weights for serving, and scores of rows by a model that never saw them.

    unseen: rows and their scores by a model that never saw their label either. beside: like held_out, of what was said
    before each row; 0 where nothing was. seen: like held_out, by a model that saw the row's group but not the row; only
    where rows have groups.
    """

    weights: dict[str, Floats]
    held_out: dict[str, Floats]
    unseen: dict[str, tuple[Ints, Floats]]
    beside: dict[str, Floats]
    seen: dict[str, Floats]


@dataclass(frozen=True)
class RowContext:
    """What stands around the rows. with_context: the rows that something was said before. groups: (n_rows,) or None.

    kin: rows that vouch for each other; None where each stands for itself.
    """

    with_context: Ints
    groups: Ints | None = None
    kin: Kin | None = None

    def units(self, n: int) -> Ints:
        """(n,) number of what stays together when rows are dealt out."""
        return np.arange(n) if self.kin is None else self.kin.units()

    def folds(self, known: Ints, of: Ints, recipe: TrainRecipe) -> list[tuple[Ints, Ints]]:
        """Rows to learn from and rows held out, as places in `known`: whole groups where there are groups.

        What vouches for a row that is held out is not learnt from either.
        """
        if self.groups is None:
            return self.plain_folds(known, of, n_folds=recipe.folds.n_folds, seed=recipe.seed)
        return self._without_kin(known, group_folds(self.groups[known], n_folds=recipe.folds.n_group_folds))

    def plain_folds(self, known: Ints, of: Ints, *, n_folds: int, seed: int) -> list[tuple[Ints, Ints]]:
        """The same whatever group a row is of."""
        if self.kin is None:
            return folds(of, n_folds=n_folds, seed=seed)
        _, first, unit = np.unique(self.kin.units()[known], return_index=True, return_inverse=True)
        # Numbered as they come: where nothing repeats the folds are those of the rows.
        place = np.argsort(np.argsort(first))
        first, unit = np.sort(first), place[unit]
        parts = folds(of[first], n_folds=n_folds, seed=seed)
        dealt = [(np.flatnonzero(np.isin(unit, train)), np.flatnonzero(np.isin(unit, test))) for train, test in parts]
        return self._without_kin(known, dealt)

    def _without_kin(self, known: Ints, parts: list[tuple[Ints, Ints]]) -> list[tuple[Ints, Ints]]:
        if self.kin is None:
            return parts
        clean = []
        for train, test in parts:
            chosen = np.zeros(len(self.kin.said), bool)
            chosen[known[test]] = True
            clean.append((train[~self.kin.with_kin(chosen)[known[train]]], test))
        return clean


class NgramSolver:
    """Linear support vectors over n-grams, one against the rest."""

    def __init__(
        self,
        matrix: Any,
        contexts: Any,
        *,
        tasks: Sequence[TaskData],
        around: RowContext,
        recipe: TrainRecipe,
        say: Say,
    ) -> None:
        """contexts: like matrix, a row for each of around.with_context."""
        self.beside: dict[str, Floats] = {}
        self.seen: dict[str, Floats] = {}
        self.weights: dict[str, Floats] = {}
        self.bias: dict[str, Floats] = {}
        self.held_out: dict[str, Floats] = {}
        self.unseen: dict[str, tuple[Ints, Floats]] = {}
        self._matrix, self._contexts = matrix, contexts
        for data in tasks:
            self._solve(data, around, recipe)
            say(f"n-grams of {data.task}: done")

    def _solve(self, data: TaskData, around: RowContext, recipe: TrainRecipe) -> None:
        matrix, contexts = self._matrix, self._contexts
        place = np.full(matrix.shape[0], -1)
        place[around.with_context] = np.arange(len(around.with_context))
        known = np.flatnonzero(data.of != UNLABELLED)
        n_labels = len(data.labels)
        # Nothing fitting is one more label here, kept in the last column.
        of = np.where(data.of == OUTSIDE, n_labels, data.of)
        parts = around.folds(known, of[known], recipe)
        n_parts = len(parts)
        if around.groups is not None:
            parts += around.plain_folds(known, of[known], n_folds=recipe.folds.n_seen_folds, seed=recipe.seed)
        groups = label_groups(data.of, n_labels)
        learnt = [known, *(known[train] for train, _ in parts), *(np.setdiff1d(known, group) for group in groups)]
        # One after the other: the solver's dice are shared by all threads, and two at once never fall the same way.
        fitted = [fit_linear(matrix[rows], of[rows], n_labels + 1, recipe) for rows in learnt]
        self.weights[data.task], self.bias[data.task] = fitted[0]
        scores, beside, seen = (np.zeros((len(of), n_labels + 1), np.float32) for _ in range(3))
        for at, ((_, test), (weight, bias)) in enumerate(zip(parts, fitted[1:], strict=False)):
            rows = known[test]
            (scores if at < n_parts else seen)[rows] = matrix[rows] @ weight + bias
            if at < n_parts and len(talked := rows[place[rows] >= 0]):
                beside[talked] = contexts[place[talked]] @ weight + bias
        self.held_out[data.task], self.beside[data.task] = scores, beside
        if around.groups is not None:
            self.seen[data.task] = seen
        if groups:
            of_groups = fitted[1 + len(parts) :]
            unseen = [matrix[group] @ w + b for group, (w, b) in zip(groups, of_groups, strict=True)]
            self.unseen[data.task] = (np.concatenate(groups), np.concatenate(unseen).astype(np.float32))


class KernelSolver:
    """Kernel ridge for all tasks; tasks with the same labelled rows and lens share the factorisation.

    lens: how each task's kernel looks. nearest: (n_rows, n_labels) for each task with many labels: cosine of the most
    alike other row of each label.
    """

    def __init__(self, space: Space, *, tasks: Sequence[TaskData], around: RowContext, recipe: TrainRecipe) -> None:
        self.weights: dict[str, Floats] = {}
        self.held_out: dict[str, Floats] = {}
        self.unseen: dict[str, tuple[Ints, Floats]] = {}
        self.beside: dict[str, Floats] = {}
        self.seen: dict[str, Floats] = {}
        self.nearest: dict[str, Floats] = {}
        self.lens: dict[str, Lens] = {}
        groups: dict[tuple[bytes, float, Lens], list[TaskData]] = {}
        for data in tasks:
            # Few labels on many rows are opinions, which scatter and show in how a thing is said: they want a smoother
            # answer, and a look at style.
            is_open = recipe.scope.is_open(data.task, len(data.labels))
            ridge = recipe.kernel.open_ridge if is_open else recipe.kernel.closed_ridge
            lens = self.lens[data.task] = Lens(*(recipe.kernel.open_lens if is_open else recipe.kernel.closed_lens))
            groups.setdefault(((data.of != UNLABELLED).tobytes(), ridge, lens), []).append(data)
        for (_, ridge, lens), members in groups.items():
            labelled = np.flatnonzero(members[0].of != UNLABELLED)
            ridge_of = _through_landmarks if space.landmarks is not None else _through_all
            solved = ridge_of(space, labelled, lens, ridge)
            for data in members:
                self._solve(data, labelled, solved, around, recipe, n_rows=len(data.of))
                if recipe.scope.is_open(data.task, len(data.labels)):
                    self.nearest[data.task] = nearest_of(space.vectors, data, kin=around.kin)

    def _solve(
        self, data: TaskData, labelled: Ints, solved: "_Ridge", around: RowContext, recipe: TrainRecipe, *, n_rows: int
    ) -> None:
        of = data.of[labelled]
        # The last column, number -1, is for what fits no label.
        targets = np.zeros((len(of), len(data.labels) + 1), np.float32)
        targets[np.arange(len(of)), np.where(of == OUTSIDE, -1, of)] = 1
        self.weights[data.task] = solved.weights(targets, n_rows)
        each = solved.leave_one_out(targets)
        if around.kin is not None:
            for members, left_out in around.kin.families(labelled):
                each[members] = solved.leave_family_out(left_out, targets)[np.searchsorted(left_out, members)]
        alone = _spread(each, labelled, n_rows)
        held_out = alone
        if around.groups is not None:
            self.seen[data.task] = alone
            held_out = np.zeros_like(alone)
        beside = np.zeros((n_rows, targets.shape[1]), np.float32)
        if around.groups is not None or len(around.with_context):
            of_folds = np.where(of == OUTSIDE, len(data.labels), of)
            for train, test in around.folds(labelled, of_folds, recipe):
                left_out = np.setdiff1d(np.arange(len(labelled)), train)
                scores, weights = solved.leave_group_out(left_out, targets)
                if around.groups is not None:
                    held_out[labelled[test]] = scores[np.searchsorted(left_out, test)]
                talked = np.flatnonzero(np.isin(around.with_context, labelled[test]))
                if len(talked):
                    beside[around.with_context[talked]] = solved.contexts[talked] @ weights
        self.held_out[data.task], self.beside[data.task] = held_out, beside
        groups = label_groups(of, len(data.labels))
        if groups:
            unseen = [solved.leave_group_out(group, targets)[0] for group in groups]
            self.unseen[data.task] = (np.concatenate([labelled[group] for group in groups]), np.concatenate(unseen))


class _Ridge(Protocol):
    """Kernel ridge on some rows, however it is solved.

    contexts: (n_contexts, n) kernel of what was said before with the rows that have weights.
    """

    contexts: Floats

    def weights(self, targets: Floats, n_rows: int) -> Floats: ...
    def leave_one_out(self, targets: Floats) -> Floats: ...
    def leave_group_out(self, group: Ints, targets: Floats) -> tuple[Floats, Floats]: ...
    def leave_family_out(self, family: Ints, targets: Floats) -> Floats: ...


class _ThroughAll:
    """Every row has its weight."""

    def __init__(self, inverse: Inverse, labelled: Ints, contexts: Floats) -> None:
        self.contexts = contexts
        self._inverse, self._labelled = inverse, labelled
        self._solved: tuple[Floats, Floats] | None = None

    def _own_weights(self, targets: Floats) -> Floats:
        # Families come by the thousand and ask for the same.
        if self._solved is None or self._solved[0] is not targets:
            self._solved = (targets, self._inverse.solve(targets))
        return self._solved[1]

    def weights(self, targets: Floats, n_rows: int) -> Floats:
        return _spread(self._own_weights(targets), self._labelled, n_rows)

    def leave_one_out(self, targets: Floats) -> Floats:
        return self._inverse.leave_one_out(targets, self._own_weights(targets))

    def leave_family_out(self, family: Ints, targets: Floats) -> Floats:
        return self._inverse.leave_group_out(family, targets, self._own_weights(targets))

    def leave_group_out(self, group: Ints, targets: Floats) -> tuple[Floats, Floats]:
        weights = self._own_weights(targets)
        left = self._inverse.without(group, targets, weights) if len(self.contexts) else weights
        return self._inverse.leave_group_out(group, targets, weights), left


class _ThroughLandmarks:
    """A few thousand rows have weights, all have a say in them."""

    def __init__(self, landmarks: Landmarks, contexts: Floats) -> None:
        self.contexts = contexts
        self._landmarks = landmarks

    def weights(self, targets: Floats, n_rows: int) -> Floats:
        return self._landmarks.solve(targets)

    def leave_one_out(self, targets: Floats) -> Floats:
        return self._landmarks.leave_one_out(targets)

    def leave_group_out(self, group: Ints, targets: Floats) -> tuple[Floats, Floats]:
        return self._landmarks.leave_group_out(group, targets)

    def leave_family_out(self, family: Ints, targets: Floats) -> Floats:
        return self._landmarks.leave_family_out(family, targets)


def _through_all(space: Space, labelled: Ints, lens: Lens, ridge: float) -> _Ridge:
    contexts = kernel_between(space, space.contexts, labelled, lens)
    return _ThroughAll(Inverse.of(kernel_among(space, labelled, lens), ridge=ridge), labelled, contexts)


def _through_landmarks(space: Space, labelled: Ints, lens: Lens, ridge: float) -> _Ridge:
    assert space.landmarks is not None
    among = kernel_among(space, space.landmarks, lens)
    across = kernel_between(space, (space.rows[labelled], space.styles[labelled]), space.landmarks, lens)
    contexts = kernel_between(space, space.contexts, space.landmarks, lens)
    return _ThroughLandmarks(Landmarks.of(across, among, ridge=ridge), contexts)


def fit_linear(matrix: Any, of: Ints, n_labels: int, recipe: TrainRecipe) -> tuple[Floats, Floats]:
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


def group_folds(groups: Ints, *, n_folds: int) -> list[tuple[Ints, Ints]]:
    """Held-out rows by whole groups, the largest groups first to the emptiest fold; rows of no group (-1) are never."""
    names, sizes = np.unique(groups[groups >= 0], return_counts=True)
    n_folds = min(n_folds, len(names))
    filled = np.zeros(n_folds, np.int64)
    fold_of = {}
    for at in np.argsort(-sizes, kind="stable"):
        fold_of[int(names[at])] = emptiest = int(np.argmin(filled))
        filled[emptiest] += sizes[at]
    fold = np.array([fold_of.get(int(group), -1) for group in groups], np.int64)
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

"""Kernel ridge with exact leave-one-out scores: one factorisation gives the head and all its out-of-fold evidence.

Leaving a row out of ridge regression has a closed form, and so has leaving out a whole group of rows. That buys honest
calibration data for every row, and rows whose label was never seen, for the price of a single fit.
Source: Rifkin and Lippert 2007, Notes on Regularized Least Squares, section 3; the block form follows the same way.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Inverse:
    """(K + ridge * I) ** -1 of one set of rows, kept as its root: the inverse is root.T @ root.

    root: (n, n) lower triangular. A third less work than the inverse itself, of which only some entries are asked for.
    """

    root: Floats = field(repr=False)

    @classmethod
    def of(cls, kernel: Floats, *, ridge: float) -> "Inverse":
        """kernel: (n, n) float32, overwritten."""
        kernel[np.diag_indices_from(kernel)] += np.float32(ridge)
        # Symmetric, so its transpose is itself: LAPACK then works in place instead of on a copy.
        factor, info = linalg.lapack.spotrf(kernel.T, lower=1, clean=1, overwrite_a=1)
        if info:
            raise ValueError(f"the kernel is not positive definite (step {info})")
        root, info = linalg.lapack.strtri(factor, lower=1, overwrite_c=1)
        if info:
            raise ValueError(f"the kernel cannot be inverted (step {info})")
        return cls(root)

    def solve(self, targets: Floats) -> Floats:
        """(n, n_labels) weights of the rows."""
        return np.asarray(self.root.T @ (self.root @ targets), np.float32)

    def leave_one_out(self, targets: Floats, weights: Floats) -> Floats:
        """(n, n_labels) the score of each row by the model fitted on all others."""
        diagonal = np.einsum("ij,ij->j", self.root, self.root)
        return np.asarray(targets - weights / diagonal[:, None], np.float32)

    def without(self, group: Ints, targets: Floats, weights: Floats) -> Floats:
        """(n, n_labels) weights of the model fitted on the rows outside `group`; those of the group are 0."""
        columns = self.root[:, group]
        spread = self.root.T @ (columns @ linalg.solve(columns.T @ columns, weights[group], assume_a="pos"))
        left = weights - spread
        left[group] = 0
        return np.asarray(left, np.float32)

    def leave_group_out(self, group: Ints, targets: Floats, weights: Floats) -> Floats:
        """(len(group), n_labels) scores of the rows in `group` by the model fitted on the rows outside it."""
        columns = self.root[:, group]
        within = columns.T @ columns
        return np.asarray(targets[group] - linalg.solve(within, weights[group], assume_a="pos"), np.float32)


_JITTER = 1e-3


@dataclass(frozen=True)
class Landmarks:
    """Kernel ridge on many rows through some of them, which alone carry weights: cost grows with the rows, no faster.

    places: (n, m) the rows where the ridge is a unit sphere: places.T @ places is what the rows explain of it.
    root: (m, m) upper triangular product that leads from there back to weights of the landmarks.
    Source: Williams and Seeger 2001, Using the Nystroem Method to Speed Up Kernel Machines.
    """

    places: Floats = field(repr=False)
    root: Floats = field(repr=False)
    _factors: dict[bytes, tuple[Floats, bool]] = field(init=False, repr=False, default_factory=dict)
    _last: dict[str, Floats] = field(init=False, repr=False, default_factory=dict)

    @classmethod
    def of(cls, across: Floats, among: Floats, *, ridge: float) -> "Landmarks":
        """across: (n, m) kernel of the rows with the landmarks; among: (m, m) of the landmarks themselves."""
        wide = among.astype(np.float64)
        wide[np.diag_indices_from(wide)] += _JITTER
        lower = linalg.cholesky(wide, lower=True)
        whitened = linalg.solve_triangular(lower.astype(np.float32), across.T, lower=True)
        gram = whitened @ whitened.T
        gram[np.diag_indices_from(gram)] += np.float32(ridge)
        second = linalg.cholesky(gram, lower=True)
        places = linalg.solve_triangular(second, whitened, lower=True, overwrite_b=True).T
        both = lower.astype(np.float32) @ second
        return cls(np.asarray(places, np.float32), np.asarray(both, np.float32))

    def solve(self, targets: Floats) -> Floats:
        """(m, n_labels) weights of the landmarks."""
        return self._back(self.places.T @ targets)

    def leave_one_out(self, targets: Floats) -> Floats:
        """(n, n_labels) the score of each row by the model fitted on all others."""
        lever = np.einsum("ij,ij->i", self.places, self.places)[:, None]
        said = self.places @ (self.places.T @ targets)
        return np.asarray((said - lever * targets) / np.maximum(1 - lever, 1e-4), np.float32)

    def leave_group_out(self, group: Ints, targets: Floats) -> tuple[Floats, Floats]:
        """(len(group), n_labels) scores of the rows in `group`, and (m, n_labels) weights, without them."""
        own = self.places[group]
        inner = linalg.cho_solve(self._without(group), self.places.T @ targets - own.T @ targets[group])
        return np.asarray(own @ inner, np.float32), self._back(np.asarray(inner, np.float32))

    def leave_family_out(self, family: Ints, targets: Floats) -> Floats:
        """The same scores for a few rows that belong together, without a factorisation of its own for each few."""
        own = self.places[family]
        within = own @ own.T
        said = own @ self._explained(targets) - within @ targets[family]
        within = np.eye(len(family), dtype=np.float32) * np.float32(1 + 1e-4) - within
        return np.asarray(linalg.solve(within, said, assume_a="pos"), np.float32)

    def _explained(self, targets: Floats) -> Floats:
        if self._last.get("targets") is not targets:
            self._last.update(targets=targets, explained=self.places.T @ targets)
        return self._last["explained"]

    def _without(self, group: Ints) -> tuple[Floats, bool]:
        """The factor of what the rows outside a group explain; every task asks for the same few groups."""
        key = group.tobytes()
        if key not in self._factors:
            own = self.places[group]
            rest = -own.T @ own
            rest[np.diag_indices_from(rest)] += 1
            self._factors[key] = linalg.cho_factor(rest, lower=True, overwrite_a=True)
        return self._factors[key]

    def _back(self, inner: Floats) -> Floats:
        return np.asarray(linalg.solve_triangular(self.root, inner, lower=True, trans="T"), np.float32)

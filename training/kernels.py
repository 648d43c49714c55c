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
    """(K + ridge * I) ** -1 of one set of rows."""

    matrix: Floats = field(repr=False)

    @classmethod
    def of(cls, kernel: Floats, *, ridge: float) -> "Inverse":
        """kernel: (n, n) float32, overwritten."""
        kernel[np.diag_indices_from(kernel)] += np.float32(ridge)
        # Symmetric, so its transpose is itself: LAPACK then works in place instead of on a copy.
        factor, info = linalg.lapack.spotrf(kernel.T, lower=1, overwrite_a=1)
        if info:
            raise ValueError(f"the kernel is not positive definite (step {info})")
        inverse, info = linalg.lapack.spotri(factor, lower=1, overwrite_c=1)
        if info:
            raise ValueError(f"the kernel cannot be inverted (step {info})")
        upper = np.triu_indices_from(inverse, 1) if len(inverse) <= 2000 else None
        if upper is not None:
            inverse[upper] = inverse.T[upper]
        else:
            for start in range(0, len(inverse), 1000):
                block = slice(start, min(start + 1000, len(inverse)))
                inverse[block, block.stop :] = inverse[block.stop :, block].T
                inner = inverse[block, block]
                inverse[block, block] = np.tril(inner) + np.tril(inner, -1).T
        return cls(inverse)

    def solve(self, targets: Floats) -> Floats:
        """(n, n_labels) weights of the rows."""
        return np.asarray(self.matrix @ targets, np.float32)

    def leave_one_out(self, targets: Floats, weights: Floats) -> Floats:
        """(n, n_labels) the score of each row by the model fitted on all others."""
        return np.asarray(targets - weights / np.diag(self.matrix)[:, None], np.float32)

    def leave_group_out(self, group: Ints, targets: Floats, weights: Floats) -> Floats:
        """(len(group), n_labels) scores of the rows in `group` by the model fitted on the rows outside it."""
        within = self.matrix[np.ix_(group, group)]
        return np.asarray(targets[group] - linalg.solve(within, weights[group], assume_a="pos"), np.float32)

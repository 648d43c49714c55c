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

    def leave_group_out(self, group: Ints, targets: Floats, weights: Floats) -> Floats:
        """(len(group), n_labels) scores of the rows in `group` by the model fitted on the rows outside it."""
        columns = self.root[:, group]
        within = columns.T @ columns
        return np.asarray(targets[group] - linalg.solve(within, weights[group], assume_a="pos"), np.float32)

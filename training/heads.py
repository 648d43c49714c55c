"""What the linear heads with named features share: their features as one matrix, and a score as a probability."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression


def matrix_of(rows: Sequence[Mapping[str, float]]) -> tuple[Any, list[str]]:
    """(n_rows, n_features) sparse, and the features' names, sorted."""
    names = sorted({name for row in rows for name in row})
    at = {name: i for i, name in enumerate(names)}
    columns = [at[name] for row in rows for name in row]
    values = [value for row in rows for value in row.values()]
    ends = np.cumsum([0, *map(len, rows)])
    return sparse.csr_matrix((values, columns, ends), shape=(len(rows), len(names))), names


def platt(score: NDArray[np.float64], is_wanted: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and offset that make a probability of a score.

    Source: Platt 1999, Probabilistic Outputs for Support Vector Machines.
    """
    fitted = LogisticRegression(C=100.0).fit(score[:, None], is_wanted)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])

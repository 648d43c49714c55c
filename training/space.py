"""Where messages are compared by meaning and style, and the kernels that look at them."""

import numpy as np
from numpy.typing import NDArray

from model.head import Lens, Space, apart, seen
from model.style import style_names
from training.recipe import Recipe
from training.tasks import TaskData

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

N_VECTOR = 384
"""Columns of the sentence vector, the first of a reading."""


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

"""Where messages are compared by meaning and style, and the kernels that look at them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from model.encoder import DIMENSIONS
from model.style import style_names
from training.kin import Kin
from training.recipe import TrainRecipe
from training.tasks import TaskData

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lens:
    """How much each difference between two messages counts: what they mean, and how they are said. 0: not at all."""

    meaning: float
    style: float = 0.0


@dataclass(frozen=True)
class Space:
    """Where readings of messages are compared with those of the training rows; model/features.py makes readings.

    mean: (n_meaning,), axes: (n_meaning, n_axes), rows: (n_rows, n_axes) projected readings of the encoder.
    styles: (n_rows, n_style) columns of model/style.py as they are. vectors: (n_rows, 384) of length 1.
    contexts: places and styles of what was said before some rows. landmarks: rows that alone carry weights.
    """

    mean: Floats = field(repr=False)
    axes: Floats = field(repr=False)
    rows: Floats = field(repr=False)
    styles: Floats = field(repr=False)
    vectors: Floats = field(repr=False)
    contexts: tuple[Floats, Floats] = field(repr=False)
    landmarks: Ints | None = field(repr=False, default=None)

    @property
    def weighing(self) -> tuple[Floats, Floats]:
        """Places and styles of the rows that have weights: the landmarks, or all."""
        if self.landmarks is None:
            return self.rows, self.styles
        return self.rows[self.landmarks], self.styles[self.landmarks]


def apart(a: Floats, b: Floats) -> Floats:
    """(n_a, n_b) minus half the squared distance."""
    distances = a @ b.T
    distances -= (np.square(a).sum(axis=1) / 2)[:, None]
    distances -= np.square(b).sum(axis=1) / 2
    return np.asarray(np.minimum(distances, 0, out=distances), np.float32)


def seen(meaning: Floats, style: Floats | None, lens: Lens) -> Floats:
    """The radial kernel of a lens. meaning, style: how far `apart`."""
    likeness = meaning * np.float32(lens.meaning)
    if style is not None and lens.style:
        likeness += style * np.float32(lens.style)
    return np.asarray(np.exp(likeness, out=likeness), np.float32)


def make_space(
    features: Floats, recipe: TrainRecipe, *, contexts: Floats | None = None, landmarks: Ints | None = None
) -> Space:
    """Project the encoder's readings on their main axes; distances hardly change, serving becomes six times cheaper.

    features: the encoder's columns, then those of style.
    """
    n_style = len(style_names())
    meaning, styles = features[:, :-n_style], features[:, -n_style:]
    mean = meaning.mean(axis=0)
    centred = meaning - mean
    if len(centred) > 2 * centred.shape[1]:
        width = centred.shape[1]
        wanted = (max(0, width - recipe.kernel.n_axes), width - 1)
        _, axes = linalg.eigh(centred.T @ centred, subset_by_index=wanted)
        axes = axes[:, ::-1]
    else:
        _, _, across = np.linalg.svd(centred, full_matrices=False)
        axes = across[: recipe.kernel.n_axes].T
    axes = np.ascontiguousarray(axes, np.float32)
    said = np.zeros((0, features.shape[1]), np.float32) if contexts is None else contexts
    before = ((said[:, :-n_style] - mean) @ axes, said[:, -n_style:])
    return Space(mean.astype(np.float32), axes, centred @ axes, styles, meaning[:, :DIMENSIONS], before, landmarks)


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


def kernel_between(space: Space, points: tuple[Floats, Floats], rows: Ints, lens: Lens) -> Floats:
    """(n_points, n) kernel of points, their places and styles, with some rows of the space."""
    places, styles = space.rows[rows], space.styles[rows]
    kernel = np.empty((len(points[0]), len(rows)), np.float32)
    for start in range(0, len(kernel), 512):
        strip = slice(start, start + 512)
        style = apart(points[1][strip], styles) if lens.style else None
        kernel[strip] = seen(apart(points[0][strip], places), style, lens)
    return kernel


def nearest_of(vectors: Floats, data: TaskData, *, kin: Kin | None = None) -> Floats:
    """(n_rows, n_labels) cosine of the most alike other row of each label, its kin left out; -1 where there is none."""
    order = np.argsort(data.of, kind="stable")
    order = order[data.of[order] >= 0]
    labels, starts = np.unique(data.of[order], return_index=True)
    place = np.full(len(data.of), -1)
    place[order] = np.arange(len(order))
    nearest = np.full((len(data.of), len(data.labels)), -1, np.float32)
    known = vectors[order]
    families = kin.families(order) if kin is not None else []
    related = {int(order[member]): left_out for members, left_out in families for member in members}
    for start in range(0, len(vectors), 512):
        strip = slice(start, start + 512)
        alike = vectors[strip] @ known.T
        own = np.flatnonzero(place[strip] >= 0)
        alike[own, place[strip][own]] = -1
        for at in range(start, start + len(alike)):
            if at in related:
                alike[at - start, related[at]] = -1
        nearest[strip, labels] = np.maximum.reduceat(alike, starts, axis=1)
    return nearest

"""What turns the two readings of a message into answers: n-grams, encoder, and what keeps them honest."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.calibration import Certificate

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lens:
    """How much each difference between two messages counts: what they mean, and how they are said. 0: not at all."""

    meaning: float
    style: float = 0.0


@dataclass(frozen=True)
class Space:
    """Where readings of messages are compared with those of the training rows; model/readings.py makes readings.

    mean: (n_meaning,), axes: (n_meaning, n_axes), rows: (n_rows, n_axes) projected readings of the encoder.
    styles: (n_rows, n_style) columns of model/style.py as they are. vectors: (n_rows, 384) sentence vectors of length
    1, kept in half precision.
    """

    mean: Floats = field(repr=False)
    axes: Floats = field(repr=False)
    rows: Floats = field(repr=False)
    styles: Floats = field(repr=False)
    vectors: NDArray[np.float16] = field(repr=False)

    @property
    def n_features(self) -> int:
        """Columns of a reading: the encoder's, then those of style."""
        return len(self.mean) + int(self.styles.shape[1])

    def meaning(self, features: Floats) -> Floats:
        """(n, n_rows) half the squared distance in meaning, below zero. features: (n, n_features)."""
        placed = np.asarray(features[:, : len(self.mean)] @ self.axes - self._middle, np.float32)
        return apart(placed, self.rows, self._squares)

    def style(self, features: Floats) -> Floats:
        """(n, n_rows) the same in style."""
        return apart(features[:, len(self.mean) :], self.styles, self._style_squares)

    def most_alike(self, features: Floats, *, n: int = 64) -> tuple[Ints, Floats]:
        """Rows most like one reading and the cosines of their sentence vectors, the most alike first.

        features: (1, n_features). The n nearest in meaning are looked at: a cosine with every row costs milliseconds.
        """
        meaning = self.meaning(features)[0]
        n = min(n, len(meaning))
        near = np.argpartition(-meaning, n - 1)[:n]
        cosines = self.vectors[near].astype(np.float32) @ features[0, : self.vectors.shape[1]]
        order = np.argsort(-cosines, kind="stable")
        return near[order], np.asarray(cosines[order], np.float32)

    @cached_property
    def _middle(self) -> Floats:
        return np.asarray(self.mean @ self.axes, np.float32)

    @cached_property
    def _squares(self) -> Floats:
        return np.asarray(np.square(self.rows).sum(axis=1), np.float32)

    @cached_property
    def _style_squares(self) -> Floats:
        return np.asarray(np.square(self.styles).sum(axis=1), np.float32)


def apart(a: Floats, b: Floats, squares: Floats | None = None) -> Floats:
    """(n_a, n_b) minus half the squared distance. squares: squared lengths of b, when they are known."""
    if squares is None:
        squares = np.asarray(np.square(b).sum(axis=1), np.float32)
    found = a @ b.T
    found -= (np.square(a).sum(axis=1) / 2)[:, None]
    found -= squares / 2
    return np.asarray(np.minimum(found, 0, out=found), np.float32)


def seen(meaning: Floats, style: Floats | None, lens: Lens) -> Floats:
    """The radial kernel of a lens, from what `Space.meaning` and `Space.style` say."""
    likeness = meaning * np.float32(lens.meaning)
    if style is not None and lens.style:
        likeness += style * np.float32(lens.style)
    return np.asarray(np.exp(likeness, out=likeness), np.float32)


@dataclass(frozen=True)
class Stage:
    """How one stage's scores become an answer. Everything here was fitted out of fold; model/panel.py applies it.

    mix: weight of each source. offsets: (n_labels,) added before the label is chosen, none when all zero.
    evidence: weights of the evidence in the order of model/panel.py, bias last. final: slope and shift of the last
    calibration. threshold: below it the answer abstains. gate: at or above it this stage answers alone.
    """

    mix: tuple[float, ...]
    offsets: Floats = field(repr=False)
    evidence: Floats = field(repr=False)
    final: tuple[float, float]
    threshold: float
    gate: float
    certificates: tuple[Certificate, ...] = ()


@dataclass(frozen=True)
class Head:
    """One task: linear scores over n-grams, kernel scores over encoder readings, and the two stages.

    ngram_weight: (n_features, n_labels + 1), dense_weight: (n_rows, n_labels + 1); the last column speaks for nothing
    fitting. rows: (n_rows,) label of each row of the space for this task, negative where it has none. lens: how its
    kernel looks at the space.
    """

    task: str
    labels: tuple[str, ...]
    ngram_weight: Floats = field(repr=False)
    ngram_bias: Floats = field(repr=False)
    lean: Stage
    dense_weight: Floats | None = field(default=None, repr=False)
    dense_bias: Floats | None = field(default=None, repr=False)
    full: Stage | None = None
    rows: Ints | None = field(default=None, repr=False)
    lens: Lens | None = None

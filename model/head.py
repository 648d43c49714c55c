"""What turns the two readings of a message into one task's answer: n-grams, encoder, and what keeps them honest."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.calibration import Certificate, logit, sigmoid, softmax

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Space:
    """Where encoder readings are compared: projected training rows and a kernel over the distance to them.

    mean: (n_features,), axes: (n_features, n_axes), rows: (n_rows, n_axes), embeddings: (n_rows, 384) of length 1.
    """

    mean: Floats = field(repr=False)
    axes: Floats = field(repr=False)
    rows: Floats = field(repr=False)
    embeddings: Floats = field(repr=False)
    gamma: float

    def kernel(self, features: Floats) -> Floats:
        """(n, n_rows) likeness of new readings to the training rows, 1 for the same."""
        placed = np.asarray((features - self.mean) @ self.axes, np.float32)
        return rbf(placed, self.rows, gamma=self.gamma, norms=self._norms)

    @cached_property
    def _norms(self) -> Floats:
        return np.asarray(np.square(self.rows).sum(axis=1), np.float32)

    def similarity(self, features: Floats) -> Floats:
        """(n, n_rows) cosine of the sentence vectors."""
        return np.asarray(features[:, : self.embeddings.shape[1]] @ self.embeddings.T, np.float32)


def rbf(a: Floats, b: Floats, *, gamma: float, norms: Floats | None = None) -> Floats:
    """(n_a, n_b) exp(-gamma * squared distance / 2). norms: squared lengths of b, when they are known."""
    if norms is None:
        norms = np.asarray(np.square(b).sum(axis=1), np.float32)
    distance = a @ b.T
    distance *= 2
    distance -= np.square(a).sum(axis=1)[:, None]
    distance -= norms[None, :]
    np.minimum(distance, 0, out=distance)
    distance *= gamma / 2
    return np.asarray(np.exp(distance, out=distance), np.float32)


@dataclass(frozen=True)
class Stage:
    """How one stage's scores become an answer. Everything here was fitted out of fold.

    mix: weight of each source. offsets: (n_labels,) added before the label is chosen, none when all zero.
    evidence: weights of the evidence in `evidence_of`, bias last. final: slope and shift of the last calibration.
    threshold: below it the answer abstains. gate: at or above it this stage answers alone.
    """

    mix: tuple[float, ...]
    offsets: Floats = field(repr=False)
    evidence: Floats = field(repr=False)
    final: tuple[float, float]
    threshold: float
    gate: float
    certificates: tuple[Certificate, ...] = ()

    def probabilities(self, sources: list[Floats]) -> Floats:
        """(n, n_labels) shares of the labels, should one of them fit. sources: (n, n_labels + 1) each."""
        mixed = np.zeros_like(sources[0][:, :-1])
        for weight, scores in zip(self.mix, sources, strict=True):
            mixed += np.float32(weight) * scores[:, :-1]
        return softmax(mixed)

    def choose(self, probabilities: Floats) -> Ints:
        """(n,) the label each row gets."""
        return np.asarray((np.log(probabilities + 1e-9) + self.offsets).argmax(axis=1), np.int64)

    def score(self, evidence: Floats) -> Floats:
        """(n,) calibrated probability that the label is right and the message in scope. evidence: (n, k)."""
        raw = evidence @ self.evidence[:-1] + self.evidence[-1]
        return sigmoid(np.float32(self.final[0]) * raw + np.float32(self.final[1]))


@dataclass(frozen=True)
class Head:
    """One task: linear scores over n-grams, kernel scores over encoder readings, and the two stages.

    ngram_weight: (n_features, n_labels + 1), dense_weight: (n_rows, n_labels + 1); the last column speaks for nothing
    fitting. rows: (n_rows,) label of each row of the space for this task, negative where it has none.
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


def evidence_of(
    probabilities: Floats, chosen: Ints, sources: list[Floats], similarity: Floats | None, rows: Ints | None
) -> Floats:
    """(n, k) what speaks for the chosen label being right: certainty, support in each source, the most alike message.

    sources: (n, n_labels + 1) each, the last column what speaks for nothing fitting. similarity: (n, n_rows) cosines,
    or None in the lean stage. rows: label of each row.
    """
    at = np.arange(len(chosen))
    best = probabilities[at, chosen]
    others = probabilities.copy()
    others[at, chosen] = 0
    columns = [logit(best), np.log(best + 1e-6) - np.log(others.max(axis=1) + 1e-6)]
    columns += [scores[at, chosen] - scores[:, -1] for scores in sources]
    if similarity is not None and rows is not None:
        alike = np.empty(len(chosen), np.float32)
        for start in range(0, len(chosen), 512):
            part = slice(start, start + 512)
            alike[part] = np.where(rows == chosen[part, None], similarity[part], -1).max(axis=1, initial=-1)
        columns.append(alike)
    return np.stack(columns, axis=1).astype(np.float32)

"""What turns the two readings of a message into one task's answer: n-grams, encoder, and what keeps them honest."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.calibration import Certificate, logit, sigmoid, softmax

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

N_NEIGHBOURS = 10


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
        return rbf(placed, self.rows, gamma=self.gamma)

    def similarity(self, features: Floats) -> Floats:
        """(n, n_rows) cosine of the sentence vectors."""
        return np.asarray(features[:, : self.embeddings.shape[1]] @ self.embeddings.T, np.float32)


def rbf(a: Floats, b: Floats, *, gamma: float) -> Floats:
    """(n_a, n_b) exp(-gamma * squared distance / 2)."""
    distance = a @ b.T
    distance *= 2
    distance -= np.square(a).sum(axis=1)[:, None]
    distance -= np.square(b).sum(axis=1)[None, :]
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
        mixed = np.zeros_like(sources[0])
        for weight, scores in zip(self.mix, sources, strict=True):
            mixed += np.float32(weight) * scores
        return softmax(mixed)

    def score(self, evidence: Floats) -> Floats:
        """(n,) calibrated probability that the label is right and the message in scope. evidence: (n, k)."""
        raw = evidence @ self.evidence[:-1] + self.evidence[-1]
        return sigmoid(np.float32(self.final[0]) * raw + np.float32(self.final[1]))


@dataclass(frozen=True)
class Head:
    """One task: linear scores over n-grams, kernel scores over encoder readings, and the two stages."""

    task: str
    labels: tuple[str, ...]
    ngram_weight: Floats = field(repr=False)
    ngram_bias: Floats = field(repr=False)
    lean: Stage
    dense_weight: Floats | None = field(default=None, repr=False)
    dense_bias: Floats | None = field(default=None, repr=False)
    full: Stage | None = None
    rows: Ints | None = field(default=None, repr=False)
    """(n_rows,) label of each row of the space for this task, -1 where it has none."""


def evidence_of(
    probabilities: Floats, chosen: Ints, sources: list[Floats], similarity: Floats | None, rows: Ints | None
) -> Floats:
    """(n, k) what speaks for the chosen label being right: certainty, raw support, and likeness to known messages.

    similarity: (n, n_rows) cosines, or None in the lean stage. rows: label of each row.
    """
    at = np.arange(len(chosen))
    best = probabilities[at, chosen]
    others = probabilities.copy()
    others[at, chosen] = 0
    second = others.max(axis=1)
    columns = [logit(best), np.log(best + 1e-6) - np.log(second + 1e-6)]
    for scores in sources:
        columns.append(scores[at, chosen])
    if similarity is not None and rows is not None:
        k = min(N_NEIGHBOURS, similarity.shape[1])
        near = np.argpartition(-similarity, k - 1, axis=1)[:, :k]
        cosines = np.take_along_axis(similarity, near, axis=1)
        agrees = rows[near] == chosen[:, None]
        columns.append(cosines.max(axis=1))
        columns.append(cosines.mean(axis=1))
        columns.append((cosines * agrees).sum(axis=1) / k)
    return np.stack(columns, axis=1).astype(np.float32)

"""All heads of a bundle side by side: one pass of array operations answers every task of every message.

Arrays are (n, n_heads, n_labels), the labels padded to those of the largest head. Training fits a stage with the very
same arithmetic, as a panel of one head.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.calibration import logit, sigmoid
from model.head import ScoringStage

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

NearestTo = Callable[[Ints], Floats]
"""(n, n_heads) chosen labels -> (n, n_heads, 2) cosine of the most alike training message of it, and of another."""
_NEVER = np.float32(-1e9)


@dataclass(frozen=True)
class Answers:
    """probabilities: (n, n_heads, n_labels) shares of the labels, should one of them fit, 0 where padded.

    chosen: (n, n_heads) label of each. evidence: (n, n_heads, k). score: (n, n_heads) calibrated probability that the
    label is right and the message in scope.
    """

    probabilities: Floats
    chosen: Ints
    evidence: Floats
    score: Floats


@dataclass(frozen=True)
class Beside:
    """What was said before each message, by the same sources.

    sources: (n, n_columns) each. marks: (n, n_marks), all 0 where nothing was said before.
    """

    sources: tuple[Floats, ...]
    marks: Floats

    def of(self, rows: Ints) -> "Beside":
        return Beside(tuple(source[rows] for source in self.sources), self.marks[rows])


class Layout:
    """Where each head's columns stand in an array of all heads' columns, the one for nothing fitting last."""

    def __init__(self, n_labels: Sequence[int]) -> None:
        starts = np.cumsum([0, *(n + 1 for n in n_labels)])
        self.n_columns = int(starts[-1])
        width = max(n_labels)
        self.is_padding = np.arange(width)[None, :] >= np.array(n_labels)[:, None]
        self.at = np.where(self.is_padding, 0, starts[:-1, None] + np.arange(width))
        self.nothing = starts[1:] - 1
        self._starts = starts
        self.head_of = np.repeat(np.arange(len(n_labels)), np.diff(starts))

    def columns(self, head: int) -> range:
        """A head's columns of all heads' columns."""
        return range(int(self._starts[head]), int(self._starts[head + 1]))


class Panel:
    """One stage of every head. Pure arithmetic on arrays."""

    def __init__(self, stages: Sequence[ScoringStage], layout: Layout) -> None:
        self.layout = layout
        self._mix = np.array([stage.mix for stage in stages], np.float32).T[:, :, None]
        self._padding = np.where(layout.is_padding, _NEVER, np.float32(0))
        width = layout.is_padding.shape[1]
        self._worth = np.full((len(stages), width, width), _NEVER, np.float32)
        for table, stage in zip(self._worth, stages, strict=True):
            table[: len(stage.worth), : len(stage.worth)] = stage.worth
        weights = np.array([[stage.right, stage.fits] for stage in stages], np.float32)
        self._slopes, self._shifts = weights[:, :, :-1], weights[:, :, -1]
        self._final = np.array([stage.final for stage in stages], np.float32)
        self._blends = [stage.blend for stage in stages]

    @property
    def blends(self) -> bool:
        """Whether what was said before counts for any head."""
        return any(blend is not None for blend in self._blends)

    def answer(
        self, sources: Sequence[Floats], nearest: NearestTo | None = None, beside: Beside | None = None
    ) -> Answers:
        """Answer from each source's scores, (n, n_columns) each. nearest: None in the lean stage."""
        prior = None
        if beside is not None and self.blends:
            sources, prior = self._blended(sources, beside)
        scores = [source[:, self.layout.at] for source in sources]
        probabilities = self.probabilities(scores, prior)
        chosen = self.choose(probabilities)
        evidence = self.evidence(probabilities, chosen, sources, scores, nearest)
        return Answers(probabilities, chosen, evidence, self.score(evidence))

    def mixed(self, sources: Sequence[Floats]) -> Floats:
        """(n, n_heads, n_labels) logarithms of the labels' shares, but for one constant a head; padding never wins."""
        return self._mixed([source[:, self.layout.at] for source in sources])

    def _blended(self, sources: Sequence[Floats], beside: Beside) -> tuple[list[Floats], Floats]:
        """The sources with the thread's share in them, and (n, n_heads, n_labels) what is likely in such a thread."""
        share = np.zeros((len(beside.marks), len(self._blends)), np.float32)
        prior = np.zeros((len(beside.marks), *self._padding.shape), np.float32)
        is_there = beside.marks.any(axis=1)
        for head, blend in enumerate(self._blends):
            if blend is not None:
                share[is_there, head] = sigmoid(beside.marks[is_there] @ blend.gate)
                n_priors, n_labels = blend.offsets.shape
                prior[:, head, :n_labels] = beside.marks[:, :n_priors] @ blend.offsets
        of_columns = share[:, self.layout.head_of]
        mixed = [own + of_columns * (said - own) for own, said in zip(sources, beside.sources, strict=True)]
        return mixed, prior

    def _mixed(self, scores: Sequence[Floats]) -> Floats:
        mixed = scores[0] * self._mix[0]
        for weight, more in zip(self._mix[1:], scores[1:], strict=True):
            mixed += weight * more
        mixed += self._padding
        return np.asarray(mixed, np.float32)

    def probabilities(self, scores: Sequence[Floats], prior: Floats | None = None) -> Floats:
        """(n, n_heads, n_labels) of (n, n_heads, n_labels) scores a source; prior: logarithms to add."""
        mixed = self._mixed(scores)
        if prior is not None:
            mixed += prior
        mixed -= mixed.max(axis=-1, keepdims=True)
        grown = np.exp(mixed, out=mixed)
        grown /= grown.sum(axis=-1, keepdims=True)
        return np.asarray(grown, np.float32)

    def choose(self, probabilities: Floats) -> Ints:
        """(n, n_heads) the label each message gets."""
        # Not a matrix product: what comes of one message must not depend on how many are read with it.
        worth = np.einsum("nhl,hlm->nhm", probabilities, self._worth)
        return np.asarray(worth.argmax(axis=-1), np.int64)

    def evidence(
        self,
        probabilities: Floats,
        chosen: Ints,
        sources: Sequence[Floats],
        scores: Sequence[Floats],
        nearest: NearestTo | None,
    ) -> Floats:
        """(n, n_heads, k) what speaks for the chosen label.

        Certainty, lead, support by each source (the label's score less that of nothing fitting), how alike the most
        alike message of the label is, and how much more alike than the most alike message of any other label.
        """
        at = (np.arange(chosen.size), chosen.ravel())
        best = _taken(probabilities, at)
        others = probabilities.copy()
        others.reshape(chosen.size, others.shape[-1])[at] = 0
        columns = [logit(best), np.log(best + np.float32(1e-6)) - np.log(others.max(axis=-1) + np.float32(1e-6))]
        nothing = self.layout.nothing
        columns += [_taken(part, at) - source[:, nothing] for part, source in zip(scores, sources, strict=True)]
        if nearest is not None:
            own, rival = np.moveaxis(nearest(chosen), -1, 0)
            columns += [own, own - rival]
        return np.stack(columns, axis=-1).astype(np.float32, copy=False)

    def score(self, evidence: Floats) -> Floats:
        """(n, n_heads) calibrated: that a label fits, and the chosen one is right. evidence: (n, n_heads, k)."""
        raw = self.raw(evidence)
        return sigmoid(self._final[:, 0] * raw + self._final[:, 1])

    def raw(self, evidence: Floats) -> Floats:
        """(n, n_heads) log odds of the two chances' product. evidence: (n, n_heads, k)."""
        odds = -(np.einsum("nhk,hck->cnh", evidence, self._slopes) + self._shifts.T[:, None])
        return np.asarray(-np.logaddexp(np.logaddexp(odds[0], odds[1]), odds[0] + odds[1]), np.float32)


def _taken(values: Floats, at: tuple[Ints, Ints]) -> Floats:
    return np.asarray(values.reshape(len(at[0]), values.shape[-1])[at].reshape(values.shape[:2]), np.float32)


class Nearest:
    """How alike the most alike training messages of a label and of the others are, for one head. rows: their labels."""

    def __init__(self, rows: Ints, n_labels: int) -> None:
        by_label = np.argsort(rows, kind="stable")
        self._rows = by_label[rows[by_label] >= 0]
        ends = np.cumsum(np.bincount(rows[self._rows], minlength=n_labels))
        self._spans = [slice(start, end) for start, end in pairwise([0, *ends.tolist()])]

    def of(self, cosines: Floats, chosen: Ints) -> Floats:
        """(n, 2) cosines: of the chosen label, of another; -1 where there is no row. cosines: (n, n_rows)."""
        likeness = np.full((len(chosen), 2), -1, np.float32)
        for at, label in enumerate(chosen.tolist()):
            alike = cosines[at, self._rows]
            own = alike[self._spans[label]]
            likeness[at, 0] = own.max(initial=-1)
            own[:] = -1
            likeness[at, 1] = alike.max(initial=-1)
        return likeness

"""The arithmetic of a whole bundle: from prepared texts and encoder readings to answers, for serving and scoring."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.head import TaskHead
from model.kernel import Kernel
from model.ngrams import Chunks, LinearReader, Ngrams
from model.panel import Answers, Beside, Layout, Nearest, Panel
from model.thread import MARKS, Context

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


class BundleReader:
    """Both stages of all heads. gates: (n_heads,) at or above them the first stage answers alone."""

    def __init__(
        self, ngrams: Ngrams, kernel: Kernel | None, heads: Sequence[TaskHead], chunks: Chunks | None = None
    ) -> None:
        layout = Layout([len(head.labels) for head in heads])
        weight = _side_by_side([head.ngram_weight for head in heads])
        self.layout = layout
        self._linear = LinearReader(ngrams, weight, np.concatenate([head.ngram_bias for head in heads]), chunks)
        self._lean = Panel([head.lean for head in heads], layout)
        self.gates = np.array([head.lean.gate for head in heads], np.float32)
        self._kernel = kernel
        self._full: Panel | None = None
        fulls = [head.full for head in heads if head.full is not None]
        if kernel is not None and len(fulls) == len(heads):
            self._full = Panel(fulls, layout)
            # Where the nearest message has no weight nobody looks for it: labels that always fit do not ask.
            self._nearest = {
                at: Nearest(head.rows, len(head.labels))
                for at, head in enumerate(heads)
                if head.rows is not None and head.full is not None and head.full.needs_nearest
            }

    @property
    def has_full(self) -> bool:
        return self._full is not None

    def linear(self, texts: Sequence[str]) -> Floats:
        """(n, n_columns) the n-grams' scores. texts: normalised."""
        return self._linear.scores(texts)

    @property
    def blends(self) -> bool:
        """Whether this bundle learnt to read a message beside its thread."""
        return self._lean.blends or (self._full is not None and self._full.blends)

    def lean(self, texts: Sequence[str], beside: Beside | None = None) -> tuple[Floats, Answers]:
        """The n-grams' scores, (n, n_columns), and what they say by themselves. texts: normalised."""
        linear = self.linear(texts)
        return linear, self._lean.answer([linear], None, beside)

    def beside(self, contexts: Sequence[Context | None]) -> Beside | None:
        """What the n-grams say of what came before each message; None where nothing did, or it was not learnt."""
        if not self.blends or not any(contexts):
            return None
        rows = [at for at, context in enumerate(contexts) if context is not None]
        scores = np.zeros((len(contexts), self.layout.n_columns), np.float32)
        scores[rows] = self.linear([context.text for context in contexts if context is not None])
        marks = np.zeros((len(contexts), len(MARKS)), np.float32)
        marks[rows] = [context.marks for context in contexts if context is not None]
        return Beside((scores,), marks)

    def with_features(self, beside: Beside, rows: Ints, features: Floats) -> Beside:
        """The same with the encoder's word; rows: those that have something before them, features: its readings."""
        assert self._kernel is not None
        dense = np.zeros_like(beside.sources[0])
        dense[rows] = self._kernel.read(features)[0]
        return Beside((beside.sources[0], dense), beside.marks)

    def full(self, features: Floats, linear: Floats, beside: Beside | None = None) -> Answers:
        """The full path, from the encoder's readings and the n-grams' scores of the same texts."""
        assert self._full is not None
        assert self._kernel is not None
        dense, cosines = self._kernel.read(features)

        def nearest(chosen: Ints) -> Floats:
            cosine = np.zeros((*chosen.shape, 2), np.float32)
            for head, of_head in self._nearest.items():
                cosine[:, head] = of_head.of(cosines, chosen[:, head])
            return cosine

        return self._full.answer([linear, dense], nearest, beside)

    def lean_shares(self, texts: Sequence[str]) -> Floats:
        """(n, n_heads, n_labels) logarithms of the labels' shares by n-grams alone, but for one constant a head."""
        return self._lean.mixed([self.linear(texts)])

    def full_shares(self, texts: Sequence[str], features: Floats) -> tuple[Floats, Floats]:
        """The same by both sources, and (n, n_rows) cosines with the training rows."""
        assert self._full is not None
        assert self._kernel is not None
        dense, cosines = self._kernel.read(features)
        return self._full.mixed([self.linear(texts), dense]), cosines


def _side_by_side(arrays: Sequence[Floats]) -> Floats:
    """The heads' arrays as one; without a copy when a bundle laid them out that way."""
    base = arrays[0].base
    n_columns = sum(array.shape[1] for array in arrays)
    if base is not None and base.shape == (len(arrays[0]), n_columns) and all(array.base is base for array in arrays):
        return base
    return np.concatenate(arrays, axis=1)

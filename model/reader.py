"""The arithmetic of a whole bundle: from prepared texts and encoder readings to answers, for serving and scoring."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from model.head import Head, Lens, Space, seen
from model.ngrams import LinearReader, Ngrams
from model.panel import Answers, Layout, Nearest, Panel

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
T = TypeVar("T")


class BundleReader:
    """Both stages of all heads. gates: (n_heads,) at or above them the first stage answers alone."""

    def __init__(self, ngrams: Ngrams, space: Space | None, heads: Sequence[Head]) -> None:
        layout = Layout([len(head.labels) for head in heads])
        weight = _side_by_side([head.ngram_weight for head in heads])
        self.layout = layout
        self._linear = LinearReader(ngrams, weight, np.concatenate([head.ngram_bias for head in heads]))
        self._lean = Panel([head.lean for head in heads], layout)
        self.gates = np.array([head.lean.gate for head in heads], np.float32)
        self._full: Panel | None = None
        fulls = [head.full for head in heads if head.full is not None]
        if space is not None and len(fulls) == len(heads):
            self._space = space
            self._bias = np.concatenate([_there(head.dense_bias) for head in heads])
            self._views = _views(heads, layout)
            self._full = Panel(fulls, layout)
            # Where the nearest message has no weight nobody looks for it: labels that always fit do not ask.
            self._nearest = {
                at: Nearest(space.vectors, _there(head.rows), len(head.labels))
                for at, head in enumerate(heads)
                if _there(head.full).evidence[-2] != 0
            }

    @property
    def has_full(self) -> bool:
        return self._full is not None

    def linear(self, texts: Sequence[str]) -> Floats:
        """(n, n_columns) the n-grams' scores. texts: normalised."""
        return self._linear.scores(texts)

    def lean(self, texts: Sequence[str]) -> tuple[Floats, Answers]:
        """The n-grams' scores, (n, n_columns), and what they say by themselves. texts: normalised."""
        linear = self.linear(texts)
        return linear, self._lean.answer([linear])

    def full(self, features: Floats, linear: Floats) -> Answers:
        """The full path, from the encoder's readings and the n-grams' scores of the same texts."""
        assert self._full is not None
        space = self._space
        meaning = space.meaning(features)
        style = space.style(features) if any(view.lens.style for view in self._views) else None
        dense = np.empty_like(linear)
        for view in self._views:
            kernel = seen(meaning, style, view.lens)
            dense[:, view.columns] = kernel @ view.weight
        dense += self._bias
        vectors = features[:, : space.vectors.shape[1]]

        def nearest(chosen: Ints) -> Floats:
            found = np.zeros(chosen.shape, np.float32)
            for head, of_head in self._nearest.items():
                found[:, head] = of_head.to(vectors, chosen[:, head])
            return found

        return self._full.answer([linear, dense], nearest)


@dataclass(frozen=True)
class _View:
    """The heads that look through the same lens.

    columns: theirs of all heads' columns. weight: (n_rows, n_columns) theirs.
    """

    lens: Lens
    columns: list[int]
    weight: Floats


def _views(heads: Sequence[Head], layout: Layout) -> list[_View]:
    by_lens: dict[Lens, list[int]] = {}
    for at, head in enumerate(heads):
        by_lens.setdefault(_there(head.lens), []).append(at)
    views = []
    for lens, members in by_lens.items():
        columns = [column for at in members for column in layout.columns(at)]
        weight = np.concatenate([_there(heads[at].dense_weight) for at in members], axis=1)
        views.append(_View(lens, columns, weight))
    return views


def _side_by_side(arrays: Sequence[Floats]) -> Floats:
    """The heads' arrays as one; without a copy when a bundle laid them out that way."""
    base = arrays[0].base
    n_columns = sum(array.shape[1] for array in arrays)
    if base is not None and base.shape == (len(arrays[0]), n_columns) and all(array.base is base for array in arrays):
        return base
    return np.concatenate(arrays, axis=1)


def _there(value: T | None) -> T:
    assert value is not None
    return value

"""Word and character n-grams as sparse features, fast enough to be the first stage of every answer.

Characters are read inside each word, so everything a word yields is remembered per word: customers say the same words.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

_WORD = re.compile(r"\w+|[^\w\s]")
_REMEMBERED_WORDS = 50_000
CHARS = (2, 5)


@dataclass(frozen=True, slots=True)
class SparseRow:
    """One message: which features, and how much of each (both blocks of length 1)."""

    ids: Ints
    values: Floats


@dataclass(frozen=True, slots=True)
class _Chunk:
    chars: tuple[int, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Ngrams:
    """TF-IDF over words 1-2 and characters 2-5 inside words; the two blocks are scaled to length 1 each.

    vocabulary: feature -> row; words start with "w", characters with "c".
    idf: (n_features,) float32.
    """

    vocabulary: dict[str, int] = field(repr=False)
    idf: Floats = field(repr=False)
    n_words: int
    _chunks: dict[str, _Chunk] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def fit(cls, texts: Sequence[str], *, min_char_rows: int = 2, min_word_rows: int = 1) -> "Ngrams":
        """Learn which n-grams there are. texts: normalised."""
        words: Counter[str] = Counter()
        chars: Counter[str] = Counter()
        for text in texts:
            row_words, row_chars = features_of(text)
            words.update(set(row_words))
            chars.update(set(row_chars))
        kept_words = sorted(gram for gram, rows in words.items() if rows >= min_word_rows)
        kept_chars = sorted(gram for gram, rows in chars.items() if rows >= min_char_rows)
        counts = [words[gram] for gram in kept_words] + [chars[gram] for gram in kept_chars]
        grams = ["w" + gram for gram in kept_words] + ["c" + gram for gram in kept_chars]
        idf = np.log((1 + len(texts)) / (1 + np.array(counts, dtype=np.float64))) + 1
        return cls({gram: i for i, gram in enumerate(grams)}, idf.astype(np.float32), len(kept_words))

    def row(self, text: str) -> SparseRow:
        """Features of one normalised text."""
        ids: list[int] = []
        words: list[str] = []
        for chunk in text.lower().split():
            known = self._chunks.get(chunk) or self._learn(chunk)
            ids += known.chars
            words += known.words
        vocabulary = self.vocabulary
        for word in words:
            if (at := vocabulary.get("w" + word)) is not None:
                ids.append(at)
        previous = None
        for word in words:
            if previous is not None and (at := vocabulary.get(f"w{previous} {word}")) is not None:
                ids.append(at)
            previous = word
        counted = Counter(ids)
        unique = np.fromiter(counted.keys(), np.int64, len(counted))
        counts = np.fromiter(counted.values(), np.float32, len(counted))
        values = (1 + np.log(counts)) * self.idf[unique]
        is_word = unique < self.n_words
        squares = values * values
        of_words = float(squares[is_word].sum())
        of_chars = float(squares.sum()) - of_words
        scale = np.where(is_word, 1 / np.sqrt(max(of_words, 1e-12)), 1 / np.sqrt(max(of_chars, 1e-12)))
        return SparseRow(unique, (values * scale).astype(np.float32))

    def _learn(self, chunk: str) -> _Chunk:
        vocabulary = self.vocabulary
        words, chars = features_of(chunk, bigrams=False)
        known = _Chunk(tuple(vocabulary["c" + gram] for gram in chars if "c" + gram in vocabulary), tuple(words))
        if len(self._chunks) >= _REMEMBERED_WORDS:
            self._chunks.clear()
        if len(chunk) <= 40:
            self._chunks[chunk] = known
        return known


def features_of(text: str, *, bigrams: bool = True) -> tuple[list[str], list[str]]:
    """Words 1-2 and characters 2-5 inside space-separated words, in order, repeated as often as they occur."""
    words: list[str] = []
    chars: list[str] = []
    for chunk in text.lower().split():
        words += _WORD.findall(chunk)
        padded = f" {chunk} "[:64]
        for size in range(CHARS[0], CHARS[1] + 1):
            chars += [padded[i : i + size] for i in range(len(padded) - size + 1)]
    if bigrams:
        words += [f"{first} {second}" for first, second in pairwise(words)]
    return words, chars


def scores(rows: Iterable[SparseRow], weight: Floats, bias: Floats) -> Floats:
    """(n_rows, n_labels) linear scores. weight: (n_features, n_labels)."""
    answers = [row.values @ weight[row.ids] for row in rows]
    return np.asarray(answers, dtype=np.float32).reshape(len(answers), weight.shape[1]) + bias

"""Word and character n-grams as sparse features, cheap enough to be the first stage of every answer.

Characters are read inside each space-separated chunk, and every chunk counts once: what a chunk yields can be added up
once and remembered, because customers say the same words.
"""

import re
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

_WORD = re.compile(r"\w+|[^\w\s]")
_REMEMBERED_CHUNKS = 20_000
_LONGEST_REMEMBERED = 40
_NO_CHUNK = 0
"""The place of what adds nothing."""
_TOGETHER = 64
"""Texts that are read in one go: more cost memory and bring nothing."""
CHARS = (2, 5)


@dataclass(frozen=True, slots=True)
class SparseRow:
    """One message: which features, and how much of each (both blocks of length 1). A feature may stand there twice."""

    ids: Ints
    values: Floats


@dataclass(frozen=True, slots=True)
class _Chunk:
    ids: Ints
    values: Floats
    square: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class Ngrams:
    """TF-IDF over words 1-2 and characters 2-5 inside chunks; the two blocks are scaled to length 1 each.

    vocabulary: feature -> row; words start with "w", characters with "c". idf: (n_features,) float32.
    A word, a pair or a chunk counts once, however often it is repeated; the length of the character block is that of
    its chunks laid end to end.
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
        chunks = [self._chunk(chunk) for chunk in dict.fromkeys(text.lower().split())]
        word_ids = self.word_ids([word for chunk in text.lower().split() for word in self._chunk(chunk).words])
        words = np.array(word_ids, np.int64)
        of_words = self.idf[words]
        scale_words = units(of_words @ of_words)
        scale_chars = units(np.float64(sum(chunk.square for chunk in chunks)))
        ids = np.concatenate([words, *(chunk.ids for chunk in chunks)])
        values = np.concatenate([of_words * scale_words, *(chunk.values * scale_chars for chunk in chunks)])
        return SparseRow(ids, values.astype(np.float32))

    def word_ids(self, words: Sequence[str]) -> list[int]:
        """The known words and pairs of neighbouring words, each once."""
        vocabulary = self.vocabulary
        ids = [vocabulary.get("w" + word) for word in words]
        ids += [vocabulary.get(f"w{first} {second}") for first, second in pairwise(words)]
        return [at for at in dict.fromkeys(ids) if at is not None]

    def chars(self, chunk: str) -> tuple[Ints, Floats]:
        """The known characters of one chunk: which features, and how much of each before scaling."""
        known = self.vocabulary
        grams = dict.fromkeys(_chars(chunk))
        ids = np.array([at for gram in grams if (at := known.get("c" + gram)) is not None], np.int64)
        return ids, self.idf[ids]

    def _chunk(self, chunk: str) -> _Chunk:
        known = self._chunks.get(chunk)
        if known is None:
            ids, values = self.chars(chunk)
            known = _Chunk(ids, values, float(values @ values), tuple(_WORD.findall(chunk)))
            if len(self._chunks) >= _REMEMBERED_CHUNKS:
                self._chunks.clear()
            if len(chunk) <= _LONGEST_REMEMBERED:
                self._chunks[chunk] = known
        return known


def units(squares: Any) -> Any:
    """What blocks of these squared lengths are multiplied with to have length 1."""
    return 1 / np.sqrt(np.maximum(squares, 1e-12))


def _chars(chunk: str) -> list[str]:
    padded = f" {chunk} "[:64]
    return [padded[i : i + size] for size in range(CHARS[0], CHARS[1] + 1) for i in range(len(padded) - size + 1)]


def features_of(text: str) -> tuple[list[str], list[str]]:
    """Words 1-2 and characters 2-5 inside space-separated chunks, in order, repeated as often as they occur."""
    words: list[str] = []
    chars: list[str] = []
    for chunk in text.lower().split():
        words += _WORD.findall(chunk)
        chars += _chars(chunk)
    words += [f"{first} {second}" for first, second in pairwise(words)]
    return words, chars


@dataclass(frozen=True)
class Chunks:
    """Chunks already summed. sums: (n_chunks, n_columns + 1), a row as `sums_of` makes it."""

    chunks: tuple[str, ...] = field(repr=False)
    sums: Floats = field(repr=False)

    @classmethod
    def of(cls, ngrams: Ngrams, weight: NDArray[Any], texts: Sequence[str]) -> "Chunks":
        """Of all that stand in at least two of the texts; what stood in one will hardly come again."""
        counts = Counter(chunk for text in texts for chunk in set(text.lower().split()))
        kept = sorted(chunk for chunk, n in counts.items() if n > 1 and len(chunk) <= _LONGEST_REMEMBERED)
        kept = kept[: _REMEMBERED_CHUNKS // 2]
        sums = [sums_of(ngrams, weight, chunk) for chunk in kept]
        return cls(tuple(kept), np.array(sums, np.float32).reshape(len(kept), weight.shape[1] + 1))


def sums_of(ngrams: Ngrams, weight: NDArray[Any], chunk: str) -> Floats:
    """(n_columns + 1,) what a chunk's characters add to every score before scaling, their squared length last."""
    ids, values = ngrams.chars(chunk)
    return np.append(values @ weight[ids].astype(np.float32), values @ values).astype(np.float32)


class LinearReader:
    """Linear scores of texts for all heads of a bundle at once. Safe from several threads.

    What the characters of a chunk add to every score is computed once and kept, so that a message of known words costs
    a look-up a word and a handful of additions. weight: (n_features, n_columns), bias: (n_columns,). chunks: known from
    the start.
    """

    def __init__(self, ngrams: Ngrams, weight: NDArray[Any], bias: Floats, chunks: Chunks | None = None) -> None:
        self._ngrams = ngrams
        self._weight = weight
        self._bias = bias
        self._chunks = chunks
        self._memory = _Memory(weight.shape[1], chunks)
        self._lock = threading.Lock()

    def scores(self, texts: Sequence[str]) -> Floats:
        """(n_texts, n_columns). texts: normalised."""
        read = np.empty((len(texts), self._weight.shape[1]), np.float32)
        for start in range(0, len(texts), _TOGETHER):
            read[start : start + _TOGETHER] = self._read(texts[start : start + _TOGETHER])
        return read

    def _read(self, texts: Sequence[str]) -> Floats:
        memory = self._memory
        # Every text begins with a chunk and a word that weigh nothing, so that none is empty.
        places: list[int] = []
        ids: list[int] = []
        chunks_from, words_from = [], []
        strays: dict[tuple[int, str], Floats] = {}
        for at, text in enumerate(texts):
            chunks_from.append(len(places))
            words_from.append(len(ids))
            own_places = {_NO_CHUNK: None}
            words: list[str] = []
            for chunk in text.lower().split():
                if len(chunk) > _LONGEST_REMEMBERED:
                    strays[at, chunk] = sums_of(self._ngrams, self._weight, chunk)
                    words += _WORD.findall(chunk)
                    continue
                place, its_words = memory.known.get(chunk) or self._learn(chunk, memory)
                own_places[place] = None
                words += its_words
            places += own_places
            ids += (0, *self._ngrams.word_ids(words))
        sums = np.add.reduceat(memory.sums[places], chunks_from)
        for (at, _), more in strays.items():
            sums[at] += more
        values = self._ngrams.idf[ids]
        values[words_from] = 0
        of_words = np.add.reduceat(self._weight[ids] * values[:, None], words_from)
        of_words *= units(np.add.reduceat(values * values, words_from))[:, None]
        return np.asarray(self._bias + sums[:, :-1] * units(sums[:, -1:]) + of_words, np.float32)

    def _learn(self, chunk: str, memory: "_Memory") -> tuple[int, tuple[str, ...]]:
        sums = sums_of(self._ngrams, self._weight, chunk)
        with self._lock:
            if memory.is_full and memory is self._memory:
                # Whoever still reads from the full one keeps it; the next message starts a new one.
                self._memory = _Memory(self._weight.shape[1], self._chunks)
            return memory.add(chunk, sums, tuple(_WORD.findall(chunk)))


class _Memory:
    """Chunks already summed: place and words of each, and (n_chunks, n_columns + 1) sums, squared length last."""

    def __init__(self, n_columns: int, chunks: Chunks | None) -> None:
        kept = chunks.chunks if chunks is not None else ()
        self.known = {chunk: (at, tuple(_WORD.findall(chunk))) for at, chunk in enumerate(kept, _NO_CHUNK + 1)}
        none = np.zeros((1, n_columns + 1), np.float32)
        self.sums = np.concatenate([none, *([chunks.sums] if chunks is not None else []), none.repeat(256, axis=0)])
        self._n = 1 + len(kept)

    @property
    def is_full(self) -> bool:
        return self._n >= _REMEMBERED_CHUNKS

    def add(self, chunk: str, sums: Floats, words: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
        if self._n == len(self.sums):
            self.sums = np.concatenate([self.sums, np.zeros_like(self.sums)])
        self.sums[self._n] = sums
        entry = (self._n, words)
        self._n += 1
        self.known[chunk] = entry
        return entry

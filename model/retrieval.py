"""Which passage of a team's knowledge answers a message: what it means, by the encoder, and its words, by BM25.

Two steps: the passages whose vectors or words come closest, then for those few every way to ask for them. One score
comes out, the chance that the passage answers; its weights stand in `retrieval.toml`, fitted by
`benchmarks/knowledge.py` on questions and passages of ours.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from math import exp
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray

from care.knowledge import Hit, Passage
from model.encoder import DIMENSIONS, Encoder
from model.text import normalise
from model.vectors import VectorCache

Floats = NDArray[np.float32]

N_CLOSE, N_BY_WORDS, N_HITS = 40, 10, 5
_MOST_KNOWN = 40
_WORD = re.compile(r"[^\W_]+")
_QUESTION = re.compile(r"[^.!?\n]*\?")
_LEAST_WORDS, _MOST_QUESTIONS = 4, 2
"""A question of fewer words is read with the rest of its message only; so many are read by themselves too."""
_SAY_LITTLE = frozenset(
    "a an and any are as at be been but by can could did do does for from get got had has have hello hi how i if in is"
    " it its just me my no not of on or our please so some than that the then there they this to u us was we were what"
    " when where which who why will with would you your".split()
)


@dataclass(frozen=True, slots=True)
class Weights:
    """How the readings of a pair become a chance. least: from which a passage is offered.

    text, asked, words: of the likeness to the passage, to the closest way of asking for it, of common words.
    bias, height, lead: of the logistic curve over the sum of these, and over how far it is ahead of the next.
    """

    text: float
    asked: float
    words: float
    half: float
    bias: float
    height: float
    lead: float
    least: float

    def chance(self, raw: float, lead: float) -> float:
        score = self.bias + self.height * raw + self.lead * lead
        return 1 / (1 + exp(-max(-60.0, min(60.0, score))))


@cache
def weights() -> Weights:
    return Weights(**tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8")))


def words_of(text: str) -> list[str]:
    """The words of a text that tell something, without their endings."""
    return [_stem(word) for word in _WORD.findall(text.lower()) if word not in _SAY_LITTLE]


def _stem(word: str) -> str:
    for ending in ("ings", "ing", "ied", "ies", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


@dataclass(frozen=True)
class PassageIndex:
    """Satisfies care.knowledge.Knowledge. Safe from several threads.

    Without an encoder passages are found by their words, and none is sure.
    """

    passages: tuple[Passage, ...]
    _encoder: Encoder | None = field(repr=False)
    _texts: Floats = field(repr=False)
    _asked: Floats = field(repr=False)
    _owners: NDArray[np.int64] = field(repr=False)
    _centres: Floats = field(repr=False)
    _words: Any = field(repr=False)
    _known: dict[tuple[str, date], NDArray[np.bool_]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, passages: Sequence[Passage], encoder: Encoder | None, cache: VectorCache) -> "PassageIndex":
        """Read the passages; what the cache holds is not read again. Takes milliseconds a new passage."""
        ways = [(at, way) for at, passage in enumerate(passages) for way in _ways(passage)]
        owners = np.array([at for at, _ in ways], np.int64)
        if encoder is None or not passages:
            empty = np.zeros((0, DIMENSIONS), np.float32)
            return cls(tuple(passages), encoder, empty, empty, owners, empty, _by_words(passages))
        texts = [f"{passage.title}. {passage.text}" for passage in passages]
        vectors = cache.vectors([*texts, *(way for _, way in ways)], encoder)
        read, asked = vectors[: len(texts)], vectors[len(texts) :]
        centres = read.copy()
        np.add.at(centres, owners, asked)
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
        return cls(tuple(passages), encoder, read, asked, owners, centres, _by_words(passages))

    def find(self, question: str, *, channel: str, day: date) -> Sequence[Hit]:
        if not self.passages:
            return ()
        rows, raw = self.raw_scores(question, self._usable(channel, day))
        order = np.argsort(-raw, kind="stable")[:N_HITS]
        return [self._hit(question, rows, raw, at) for at in order]

    def _usable(self, channel: str, day: date) -> NDArray[np.bool_]:
        """Which passages may be used; worked out once a day and channel."""
        known = self._known.get((channel, day))
        if known is None:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            known = np.array([passage.may_be_used(channel=channel, day=day) for passage in self.passages], np.bool_)
            self._known[channel, day] = known
        return known

    def raw_scores(self, question: str, usable: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Floats]:
        """Passages that come into question, by number, and how well each fits; neither in order."""
        by_words: Floats = np.zeros(len(usable), np.float32)
        words = words_of(question)
        if self._words is not None and words:
            by_words = np.where(usable, self._words.get_scores(words), 0.0).astype(np.float32)
        close = _highest(by_words, N_BY_WORDS)
        if self._encoder is None:
            return close, weights().words * _saturated(by_words[close])
        asked = self._encoder.features(_readings(question))[:, :DIMENSIONS]
        near = np.where(usable, (self._centres @ asked.T).max(axis=1), -1.0).astype(np.float32)
        rows = np.unique(np.concatenate([_highest(near, N_CLOSE, least=-0.99), close]))
        return rows, self._fit(rows, asked, by_words)

    def _fit(self, rows: NDArray[np.int64], asked: Floats, by_words: Floats) -> Floats:
        w = weights()
        texts = self._texts[rows] @ asked.T
        ways = np.full((len(rows), len(asked)), -1.0, np.float32)
        starts, ends = np.searchsorted(self._owners, rows), np.searchsorted(self._owners, rows, "right")
        for at, (start, end) in enumerate(zip(starts, ends, strict=True)):
            # A passage that nobody said how to ask for is asked for by what it says.
            ways[at] = (self._asked[start:end] @ asked.T).max(axis=0) if end > start else texts[at]
        meant: Floats = (w.text * texts + w.asked * ways).max(axis=1)
        return meant + w.words * _saturated(by_words[rows])

    def _hit(self, question: str, rows: NDArray[np.int64], raw: Floats, at: int) -> Hit:
        passage = self.passages[rows[at]]
        others = np.delete(raw, at)
        lead = float(raw[at] - others.max()) if len(others) else 0.5
        score = weights().chance(float(raw[at]), lead) if self._encoder is not None else 0.0
        return Hit(passage, round(score, 4), score >= weights().least, tuple(self._carried(question, passage)))

    def _carried(self, question: str, passage: Passage) -> Iterator[float]:
        """By sentence, the share of the question's words in it."""
        wanted = set(words_of(question))
        for sentence in passage.sentences:
            yield round(len(wanted & set(words_of(sentence))) / (len(wanted) or 1), 3)


def _ways(passage: Passage) -> list[str]:
    """The ways to ask for a passage."""
    return list(dict.fromkeys((*passage.questions, *([passage.title] if passage.title else []))))


def _readings(question: str) -> list[str]:
    """What is read of a message: the whole, and each question in it where it says more than that."""
    whole = normalise(question)
    asked = [part.strip() for part in _QUESTION.findall(whole) if len(part.split()) >= _LEAST_WORDS]
    return list(dict.fromkeys((whole, *asked[:_MOST_QUESTIONS])))


def _by_words(passages: Sequence[Passage]) -> Any:
    corpus = [words_of(" ".join((*_ways(passage), passage.text))) for passage in passages]
    if not any(corpus):
        return None
    index = bm25s.BM25(method="lucene")
    index.index(corpus, show_progress=False)
    return index


def _saturated(scores: Floats) -> Floats:
    """BM25 has no upper end: 0 to 1, half at the weight of one rare word."""
    kept: Floats = scores / (scores + np.float32(weights().half))
    return kept


def _highest(scores: Floats, n: int, *, least: float = 0.0) -> NDArray[np.int64]:
    """The numbers of the `n` highest scores above `least`, in no order."""
    rows = np.argpartition(-scores, n)[:n] if len(scores) > n else np.arange(len(scores))
    kept: NDArray[np.int64] = rows[scores[rows] > least]
    return kept

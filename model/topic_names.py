"""Names for groups of texts, made of the phrases that they have and other groups do not."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from model.language import UNKNOWN, language_of

Ints = NDArray[np.int64]

MAX_WORDS = 3
N_PHRASES = 5
N_NAMED = 2
LEAST_SHARE = 0.05
"""A phrase that a smaller share of the group says does not stand for it."""
_OFTEN = 0.25
_WORTH_OF_WORDS = (1.0, 2.0, 2.4)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_SENTENCE = re.compile(r"[.!?\n;:,()\"]+")
_KEPT = frozenset("no not never without cannot can't won't nicht kein keine ohne pas sans sin non".split())
_NOT_SAID = frozenset(("url", "user", "rt", "amp"))
_N_FOR_LANGUAGE = 300


def phrases_of(texts: Sequence[str], of: Ints, n_groups: int) -> list[tuple[str, ...]]:
    """For each group up to five phrases of one to three words, the most distinctive first; none says another again.

    of: (n_texts,) the group of each text, negative for none. A phrase counts once a text: the share of the group that
    says it, times how much larger that is than the share of all (Kullback and Leibler 1951, its term of the sum).
    """
    empty = _empty_words(texts)
    everywhere: Counter[str] = Counter()
    inside: list[Counter[str]] = [Counter() for _ in range(n_groups)]
    sizes = np.bincount(of[of >= 0], minlength=n_groups)
    for text, group in zip(texts, of.tolist(), strict=True):
        said = set(_grams(text, empty))
        everywhere.update(said)
        if group >= 0:
            inside[group].update(said)
    chosen = []
    for counts, size in zip(inside, sizes.tolist(), strict=True):
        worth = {}
        for phrase, n in counts.items():
            share, usual = n / max(size, 1), everywhere[phrase] / len(texts)
            if n >= 2 and share >= LEAST_SHARE:
                worth[phrase] = share * np.log(share / usual) * _WORTH_OF_WORDS[phrase.count(" ")]
        best = sorted(worth, key=lambda phrase: (-worth[phrase], phrase))
        chosen.append(_unlike(_longer(best, counts)))
    return chosen


def name_of(phrases: Sequence[str], *, taken: Collection[str] = ()) -> str:
    """A name that nothing else has: the first phrases, more of them or a number where it is taken."""
    if not phrases:
        phrases = ("other messages",)
    for n in range(min(N_NAMED, len(phrases)), len(phrases) + 1):
        name = ", ".join(phrases[:n])
        if name not in taken:
            return name
    name = ", ".join(phrases[:N_NAMED])
    return next(f"{name} ({n})" for n in range(2, len(taken) + 3) if f"{name} ({n})" not in taken)


def _longer(phrases: Sequence[str], counts: Mapping[str, int]) -> list[str]:
    """In place of each word the best phrase with it that much of those who say the word say."""
    long = [phrase for phrase in phrases if " " in phrase]
    return [
        next((more for more in long if phrase in more.split() and counts[more] >= _OFTEN * counts[phrase]), phrase)
        if " " not in phrase
        else phrase
        for phrase in phrases
    ]


def _unlike(phrases: Sequence[str]) -> tuple[str, ...]:
    """The first of these whose words are mostly new."""
    chosen: list[str] = []
    seen: set[str] = set()
    for phrase in phrases:
        words = {_stem(word) for word in phrase.split()}
        if 2 * len(words & seen) < len(words):
            chosen.append(phrase)
            seen |= words
        if len(chosen) == N_PHRASES:
            break
    return tuple(chosen)


def _stem(word: str) -> str:
    return word[:5]


def _grams(text: str, empty: Collection[str]) -> Iterator[str]:
    """Phrases of a text that begin and end with a word that says something."""
    for sentence in _SENTENCE.split(text.lower()):
        words = _WORD.findall(sentence)
        for start, first in enumerate(words):
            if first in empty:
                continue
            for length in range(1, MAX_WORDS + 1):
                stretch = words[start : start + length]
                if len(stretch) == length and (length == 1 or stretch[-1] not in empty):
                    if length > 1 or (len(first) > 2 and first not in _KEPT):
                        yield " ".join(stretch)


def _empty_words(texts: Sequence[str]) -> frozenset[str]:
    """Words that say nothing by themselves, of the languages that these texts are in."""
    step = max(1, len(texts) // _N_FOR_LANGUAGE)
    spoken = Counter(language_of(text, home=()).label for text in texts[::step])
    spoken.pop(UNKNOWN, None)
    languages = [language for language, n in spoken.items() if n >= 0.05 * spoken.total()] or ["en"]
    return frozenset().union(*map(_stop_words, languages)) - _KEPT | _NOT_SAID


@cache
def _stop_words(language: str) -> frozenset[str]:
    """spaCy's list for a language; empty where it has none."""
    name = f"spacy.lang.{language}.stop_words"
    try:
        if find_spec(name) is None:
            return frozenset()
    except ModuleNotFoundError:
        return frozenset()
    words = frozenset(import_module(name).STOP_WORDS)
    contracted = {word.replace("'", "") for word in words} | {
        f"{w}'{e}" for w in ("i", "it", "that") for e in ("s", "m", "ve", "d", "ll")
    }
    return words | contracted

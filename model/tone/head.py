"""The trained head: one linear score over words, parts of words and what the rules saw, as a probability.

Kept as `model/weights.py` keeps it. No encoder: a check must cost less than a keystroke.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from care.errors import BundleError
from care.phrases import Words
from model.weights import load_weights, save_weights

SCHEMA = 1
KIND = "tone"
UPSET = "u|"


def parts(word: str) -> list[str]:
    """The features of one word: itself and its three- and four-letter parts."""
    if len(word) > 40:
        word = word[:40]
    padded = f" {word} "
    grams = ["c:" + padded[i : i + size] for size in (3, 4) for i in range(len(padded) - size + 1)]
    return ["w:" + word, *grams]


def features(words: Words, facts: Mapping[str, float], *, is_upset: bool) -> dict[str, float]:
    """Everything the head looks at, by name. Texts of every length weigh the same.

    facts: what the rules saw, already between 0 and 1. Everything counts once more for an upset customer.
    """
    scale = 1 / math.sqrt(max(len(words.words), 4))
    features: dict[str, float] = {}
    for word in words.words:
        for name in parts(word):
            features[name] = features.get(name, 0.0) + (scale if name[0] == "w" else scale / 3)
    for first, second in zip(words.words, words.words[1:], strict=False):
        name = f"b:{first} {second}"
        features[name] = features.get(name, 0.0) + scale
    for name, value in facts.items():
        features["f:" + name] = value
    if is_upset:
        features |= {UPSET + name: value for name, value in features.items()}
    return features


@dataclass(frozen=True)
class ToneHead:
    """weights: by feature name. slope, offset: from score to probability of being good.

    stop_below, warn_below: probabilities, chosen on held-out replies.
    """

    weights: Mapping[str, float] = field(repr=False)
    bias: float
    slope: float
    offset: float
    stop_below: float
    warn_below: float
    about: Mapping[str, object] = field(default_factory=dict, repr=False)
    _learnt: Callable[[str], tuple[float, float, bool]] = field(init=False, repr=False, compare=False)
    _pairs: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_learnt", lru_cache(maxsize=50_000)(self._learn))
        for name, weight in self.weights.items():
            bare = name.removeprefix(UPSET)
            if bare.startswith("b:"):
                first, _, second = bare[2:].partition(" ")
                after = self._pairs.setdefault(first, {})
                plain, upset = after.get(second, (0.0, 0.0))
                after[second] = (plain, weight) if len(bare) < len(name) else (weight, upset)

    def score(self, words: Words, facts: Mapping[str, float], *, is_upset: bool) -> float:
        """The linear score: above 0 speaks for sending."""
        return self.judge(words, facts, is_upset=is_upset)[0]

    def judge(self, words: Words, facts: Mapping[str, float], *, is_upset: bool) -> tuple[float, bool]:
        """Score, and whether it can be relied on, from one walk over the words."""
        learnt, weights, pairs = self._learnt, self.weights, self._pairs
        plain = upset = 0.0
        n_known = 0
        after: Mapping[str, tuple[float, float]] | None = None
        for word in words.words:
            pair = learnt(word)
            plain += pair[0]
            upset += pair[1]
            n_known += pair[2]
            if after is not None and (both := after.get(word)) is not None:
                plain += both[0]
                upset += both[1]
            after = pairs.get(word)
        n_words = len(words.words)
        total = self.bias + (plain + upset if is_upset else plain) / math.sqrt(max(n_words, 4))
        for fact, value in facts.items():
            total += value * weights.get("f:" + fact, 0.0)
            if is_upset:
                total += value * weights.get(UPSET + "f:" + fact, 0.0)
        return total, 2 * n_known >= n_words > 0

    def probability(self, score: float) -> float:
        """The chance that a text with this score may go out as it is."""
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, self.slope * score + self.offset))))

    def worst(self, words: Words, *, is_upset: bool) -> tuple[int, int] | None:
        """The sentence that speaks most against sending, as code points; None without words."""
        worst: tuple[float, int, int] | None = None
        start = 0
        for at in range(1, len(words.words) + 1):
            if at < len(words.words) and words.sentence[at] == words.sentence[start]:
                continue
            cut = slice(start, at)
            sentence = Words(words.words[cut], words.starts[cut], words.ends[cut], words.sentence[cut], 1)
            score = self.score(sentence, {}, is_upset=is_upset)
            if worst is None or score < worst[0]:
                worst = (score, words.starts[start], words.ends[at - 1])
            start = at
        return worst and worst[1:]

    def _learn(self, word: str) -> tuple[float, float, bool]:
        weights = self.weights
        plain = upset = 0.0
        for name in parts(word):
            share = 1.0 if name[0] == "w" else 1 / 3
            plain += share * weights.get(name, 0.0)
            upset += share * weights.get(UPSET + name, 0.0)
        return plain, upset, "w:" + word in weights

    def save(self, folder: Path) -> None:
        """Write the folder in one move; what stood there before is replaced at the end."""
        facts = {
            "bias": self.bias,
            "slope": self.slope,
            "offset": self.offset,
            "stop_below": self.stop_below,
            "warn_below": self.warn_below,
            "about": dict(self.about),
        }
        save_weights(folder, self.weights, kind=KIND, schema=SCHEMA, facts=facts)

    @classmethod
    def load(cls, folder: Path) -> "ToneHead":
        """Raises BundleError when the folder is missing, damaged or not a tone head."""
        weights, manifest = load_weights(folder, kind=KIND, schema=SCHEMA)
        try:
            return cls(
                weights=weights,
                bias=float(manifest["bias"]),
                slope=float(manifest["slope"]),
                offset=float(manifest["offset"]),
                stop_below=float(manifest["stop_below"]),
                warn_below=float(manifest["warn_below"]),
                about=manifest.get("about", {}),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise BundleError(f"{folder} is damaged; train the tone head again.") from error

"""Which plays fit a message best: its labels, how much it resembles messages they answered, what was said before."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from care.classification import OUT_OF_SCOPE, Classification
from care.decision import Action, Decision
from care.message import Turn
from care.policy import Situation
from playbook.plays import Play

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_STOP = frozenset(
    "a an and are as at be but by can could do does for from had has have hello hi i if in is it its just me my of on"
    " or our please so that the then there they this to u was we were what when will with would you your".split()
)

# What a play loses that answers one intent when the intent is no more than a hint, and what one loses that answers
# anything when the intent is sure: then it is only there in case nothing else fits.
UNSURE = -0.6
LAST_RESORT = -1.0
Vector = Mapping[str, float]


def words(text: str) -> list[str]:
    """Words and pairs of neighbouring words, lower case, without those that say nothing."""
    singles = [word for word in _WORD.findall(text.lower().replace("’", "'")) if word not in _STOP]
    return singles + [f"{first} {second}" for first, second in pairwise(singles)]


@dataclass(frozen=True, slots=True)
class Memory:
    """How alike a message is to the examples of each play: cosine of word weights, rare words weigh more."""

    weights: Mapping[str, float]
    examples: Mapping[str, tuple[Vector, ...]] = field(repr=False)

    @classmethod
    def of(cls, plays: Iterable[Play], sent: Mapping[str, Sequence[str]] | None = None) -> "Memory":
        """sent: by play id, messages that a person answered with it, masked; they count like its examples."""
        texts = {play.id: [example.text for example in play.examples] + list((sent or {}).get(play.id, ()))
                 for play in plays}  # fmt: skip
        seen: Counter[str] = Counter()
        n_texts = 0
        for listed in texts.values():
            for text in listed:
                seen.update(set(words(text)))
                n_texts += 1
        weights = {word: math.log((1 + n_texts) / (1 + count)) + 1 for word, count in seen.items()}
        return cls(weights, {name: tuple(_vector(text, weights) for text in listed) for name, listed in texts.items()})

    def vector(self, text: str) -> Vector:
        return _vector(text, self.weights)

    def likeness(self, play_id: str, vector: Vector) -> float:
        """0 to 1: the closest example of this play."""
        return max((_dot(vector, example) for example in self.examples.get(play_id, ())), default=0.0)


def _vector(text: str, weights: Mapping[str, float]) -> Vector:
    counts = Counter(word for word in words(text[:2000]) if word in weights)
    vector = {word: math.sqrt(count) * weights[word] for word, count in counts.items()}
    length = math.sqrt(sum(value * value for value in vector.values()))
    return {word: value / length for word, value in vector.items()} if length else {}


def _dot(one: Vector, other: Vector) -> float:
    small, large = (one, other) if len(one) < len(other) else (other, one)
    return sum(value * large[word] for word, value in small.items() if word in large)


@dataclass(frozen=True, slots=True)
class Fit:
    """How well one play fits, with the parts that make the score, for `draft --explain`."""

    play: Play
    parts: tuple[tuple[str, float], ...]

    @property
    def score(self) -> float:
        return sum(points for _, points in self.parts)


def intent_chances(classification: Classification, situation: Situation) -> dict[str, float]:
    """How probable each intent is, candidates included; the one the decision rests on is never left out."""
    judgement = classification.tasks.get("intent")
    if situation.intent == OUT_OF_SCOPE:
        return {OUT_OF_SCOPE: 1.0 - sum(candidate.score for candidate in judgement.candidates) if judgement else 1.0}
    chances = {candidate.label: candidate.score for candidate in judgement.candidates} if judgement else {}
    if judgement:
        chances.setdefault(judgement.label, judgement.score)
    return chances


def rank(
    plays: Iterable[Play],
    *,
    text: str,
    classification: Classification,
    situation: Situation,
    decision: Decision,
    thread: Sequence[Turn],
    memory: Memory,
) -> list[Fit]:
    """The plays that may answer, best first.

    A flagged message gets offline plays only, and no other message gets one. What escalates gets no small change.
    """
    chances = intent_chances(classification, situation)
    used = {turn.play.partition("@")[0] for turn in thread if turn.play}
    vector = memory.vector(text)
    answers = (Action.ANSWER_PUBLIC, Action.ANSWER_PRIVATE)
    is_unsure = not situation.is_sure and not situation.is_flagged and decision.action in answers
    fits: list[Fit] = []
    for play in plays:
        if play.is_offline != situation.is_flagged:
            continue
        if decision.action is Action.ESCALATE and Action.ESCALATE not in play.actions:
            continue
        if play.actions == {Action.ESCALATE} and decision.action is not Action.ESCALATE:
            continue
        if not play.when.intents:
            chance = 0.25
        else:
            chance = max((chances.get(intent, 0.0) for intent in play.when.intents), default=0.0)
        if chance < 0.08 or not play.when.holds_but_for_intent(situation):
            continue
        fits.append(
            Fit(
                play,
                (
                    ("intent", chance),
                    ("action", 0.5 if decision.action in play.actions else -0.35),
                    ("particular", 0.12 * play.when.n_conditions),
                    ("resembles", 0.6 * memory.likeness(play.id, vector)),
                    ("said before", -0.5 if play.id in used else 0.0),
                    ("unsure", _for_hint(play, is_unsure=is_unsure)),
                    ("weight", play.weight),
                ),
            )
        )
    fits.sort(key=lambda fit: (-fit.score, fit.play.id))
    # With no more than a hint what it is about, only words that fit whatever it is about may come first.
    if is_unsure and not any(fit.play.is_fallback for fit in fits):
        return []
    return fits


def _for_hint(play: Play, *, is_unsure: bool) -> float:
    if play.is_fallback:
        return 0.0 if is_unsure else LAST_RESORT
    return UNSURE if is_unsure and play.when.intents else 0.0

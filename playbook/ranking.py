"""Which plays fit a message best: its labels, how much it resembles messages they answered, what was said before."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from care.classification import OUT_OF_SCOPE, Classification
from care.decision import Action, Decision
from care.matter import Step
from care.message import Turn
from care.plays import is_playful
from care.policy import Situation
from care.triage import Interpretation
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
# How much of a reading's chance its best play gets, and the next one of another kind: with labels that are right the
# best play is the right one 97 times in 100.
SHARES = (0.85, 0.12)
# Beside the labels, how much a play gains that resembles the message, and one whose own cue is in it.
RESEMBLES, CUED = 4.0, 1.0
# The chance of a play that answers any intent but waits for certain words, such as "call me", once they are said.
SPOKEN_OF = 0.3
# Without words that fit whatever it is about, a guess this probable may come first, if it does no more than these.
GUESS = 0.4
# A meaning less probable than this is never answered first.
MINOR = 0.15
# How much a play gains that takes the very step at which a running matter stands.
STEP = 0.3
# How much a play gains that is for the gravest thing in a message.
GRAVEST = 2.0
# Words for what cannot wait are offered from this score on, and from the higher one where no harm goes on meanwhile: to
# be taken for the press or the bereaved is worse than to wait for a person, who is told from a lower score on.
LIKELY_RISK, SURE_RISK = 0.5, 0.85
_HARM_IS_PAST = frozenset({"press", "legal", "bereavement", "threat_to_staff", "assault"})
_SERIOUS = (Action.ESCALATE, Action.TAKE_OFFLINE)
HARMLESS = frozenset({"ask", "answer", "link"})


def words(text: str) -> list[str]:
    """Words and pairs of neighbouring words, lower case, without those that say nothing."""
    singles = [word for word in _WORD.findall(text.lower().replace("’", "'")) if word not in _STOP]
    return singles + [f"{first} {second}" for first, second in pairwise(singles)]


@dataclass(frozen=True, slots=True)
class Memory:
    """How alike a message is to the examples of each play: cosine of word weights, rare words weigh more.

    weights: by word. found_in: by word, the examples that hold it and its share in them. plays: whose example each is.
    """

    weights: Mapping[str, float] = field(repr=False)
    found_in: Mapping[str, tuple[tuple[int, float], ...]] = field(repr=False)
    plays: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, plays: Iterable[Play], sent: Mapping[str, Sequence[str]] | None = None) -> "Memory":
        """sent: by play id, messages that a person answered with it, masked; they count like its examples."""
        listed = [
            (play.id, text)
            for play in plays
            for text in (*(example.text for example in play.examples), *(sent or {}).get(play.id, ()))
        ]
        seen: Counter[str] = Counter()
        for _, text in listed:
            seen.update(set(words(text)))
        weights = {word: math.log((1 + len(listed)) / (1 + count)) + 1 for word, count in seen.items()}
        found_in: dict[str, list[tuple[int, float]]] = {}
        for at, (_, text) in enumerate(listed):
            for word, share in _vector(text, weights).items():
                found_in.setdefault(word, []).append((at, share))
        return cls(
            weights, {word: tuple(ids) for word, ids in found_in.items()}, tuple(play_id for play_id, _ in listed)
        )

    def likeness(self, text: str) -> dict[str, float]:
        """By play id, 0 to 1: the closest of its examples; plays that nothing resembles are left out."""
        dots: dict[int, float] = {}
        for word, weight in _vector(text, self.weights).items():
            for at, share in self.found_in[word]:
                dots[at] = dots.get(at, 0.0) + weight * share
        closest: dict[str, float] = {}
        for at, dot in dots.items():
            play_id = self.plays[at]
            if dot > closest.get(play_id, 0.0):
                closest[play_id] = dot
        return closest


def _vector(text: str, weights: Mapping[str, float]) -> Mapping[str, float]:
    counts = Counter(word for word in words(text[:2000]) if word in weights)
    vector = {word: math.sqrt(count) * weights[word] for word, count in counts.items()}
    length = math.sqrt(sum(value * value for value in vector.values()))
    return {word: value / length for word, value in vector.items()} if length else {}


@dataclass(frozen=True, slots=True)
class Fit:
    """How well one play fits, with the parts that make the score, for `draft --explain`."""

    play: Play
    parts: tuple[tuple[str, float], ...]
    score: float

    @classmethod
    def of(cls, play: Play, *parts: tuple[str, float]) -> "Fit":
        return cls(play, parts, sum(points for _, points in parts))


@dataclass(frozen=True, slots=True)
class Index:
    """The plays of a playbook, filed by the intents they name."""

    anywhere: tuple[Play, ...]
    by_intent: Mapping[str, tuple[Play, ...]]
    n_conditions: Mapping[str, int]

    @classmethod
    def of(cls, plays: Iterable[Play]) -> "Index":
        listed = tuple(play for play in plays if not play.manner.language)
        intents = sorted({intent for play in listed for intent in play.when.intents})
        return cls(
            tuple(play for play in listed if not play.when.intents),
            {intent: tuple(play for play in listed if intent in play.when.intents) for intent in intents},
            {play.id: play.when.n_conditions for play in listed},
        )

    def without_playful(self) -> "Index":
        """The same for a time of crisis."""

        def sober(plays: Iterable[Play]) -> tuple[Play, ...]:
            return tuple(
                play for play in plays if not is_playful(play.manner.tone, play.manner.approach, play.when.intents)
            )

        return Index(
            sober(self.anywhere),
            {intent: sober(plays) for intent, plays in self.by_intent.items()},
            self.n_conditions,
        )

    def of_intents(self, intents: Iterable[str]) -> list[Play]:
        """The plays that name one of these, each once."""
        plays = {play.id: play for intent in intents for play in self.by_intent.get(intent, ())}
        return list(plays.values())


@dataclass(frozen=True, slots=True)
class Asked:
    """What plays are ranked for: one message, what is known about it, and what was done before it."""

    classification: Classification
    facts: Situation
    decision: Decision
    likeness: Mapping[str, float]
    used: frozenset[str]
    premises: frozenset[str]
    step: Step | None = None


def plays_of(thread: Sequence[Turn]) -> frozenset[str]:
    """The plays that were said in a thread."""
    return frozenset(turn.play.partition("@")[0] for turn in thread if turn.play)


def intent_chances(classification: Classification, situation: Situation) -> dict[str, float]:
    """How probable each intent is, candidates included; the one the decision rests on is never left out."""
    judgement = classification.tasks.get("intent")
    if situation.labels.intent == OUT_OF_SCOPE:
        return {OUT_OF_SCOPE: judgement.score if judgement else 1.0}
    chances = {candidate.label: candidate.score for candidate in judgement.candidates} if judgement else {}
    if judgement:
        chances.setdefault(judgement.label, judgement.score)
    # "Not ours" is said to nobody on a guess.
    chances.pop(OUT_OF_SCOPE, None)
    return chances


def rank(index: Index, asked: Asked) -> list[Fit]:
    """The plays that may answer, best first.

    A flagged message gets offline plays only, and no other message gets one. What escalates gets no small change.
    """
    facts, action = asked.facts, asked.decision.action
    chances = {
        intent: chance for intent, chance in intent_chances(asked.classification, facts).items() if chance >= 0.08
    }
    is_unsure = (
        not facts.labels.is_sure and not facts.is_flagged and action in (Action.ANSWER_PUBLIC, Action.ANSWER_PRIVATE)
    )
    is_unsure = is_unsure and not facts.danger.risks
    fits: list[Fit] = []
    for play in (*index.anywhere, *index.of_intents(chances)):
        if (
            play.manner.is_offline != facts.is_flagged
            or not _suits(play, action)
            or not play.when.holds_but_for_intent(facts)
        ):
            continue
        if not play.premises.hold(asked.premises, asked.step) or not _may_meet_risk(play, asked):
            continue
        intents = play.when.intents
        chance = max((chances.get(intent, 0.0) for intent in intents), default=0.0) if intents else 0.25
        fits.append(
            Fit.of(
                play,
                ("intent", chance),
                *_parts(play, index, asked, action),
                ("gravest", GRAVEST if facts.danger.gravest in play.when.risks else 0.0),
                ("unsure", _for_hint(play, is_unsure=is_unsure)),
            )
        )
    # With no more than a hint what it is about, only words that fit whatever it is about may come first, and never
    # those for what it hardly is.
    likely = {intent for intent, chance in chances.items() if chance >= MINOR or intent == facts.labels.intent}
    is_ordinary = action is not Action.ESCALATE and not facts.is_flagged

    def is_guess(play: Play) -> bool:
        return _assumes(play) and (is_unsure or (is_ordinary and play.when.intents.isdisjoint(likely)))

    fits.sort(key=lambda fit: (is_guess(fit.play), -fit.score, fit.play.id))
    return [] if fits and is_guess(fits[0].play) else fits


def _may_meet_risk(play: Play, asked: Asked) -> bool:
    """Whether a play may answer what cannot wait: one that asks for it, or that does what only such a matter needs.

    A person is told from a low score on; words for it are offered from a higher one: to ask somebody whether they are
    safe who only asked for a gift list is worse than to offer nothing.
    """
    if not asked.facts.danger.risks:
        return True
    if not _is_likely(asked):
        return play.manner.is_offline
    if play.when.risks:
        return True  # its conditions hold, so it is of one of these kinds
    return play.manner.is_offline or (asked.decision.action in _SERIOUS and asked.decision.action in play.actions)


def _is_likely(asked: Asked) -> bool:
    """Whether what cannot wait is more than a hint: said by the playbook's own words, or with some score."""
    scores = {risk.kind: risk.score for risk in asked.classification.risk}
    return any(
        scores.get(kind, 1.0) >= (SURE_RISK if kind in _HARM_IS_PAST else LIKELY_RISK)
        for kind in asked.facts.danger.risks
    )


def _assumes(play: Play) -> bool:
    """Whether it is only right for what it takes the message to be about; "not ours" is right for all the rest."""
    return bool(play.when.intents) and OUT_OF_SCOPE not in play.when.intents


def others(index: Index, asked: Asked, readings: Iterable[Interpretation]) -> list[tuple[Fit, Situation]]:
    """Plays for what the message may mean, the most probable first, each with the reading it answers best.

    A play's score is the chance of the readings it would answer, raised where words of the message speak for it. What
    escalates, is flagged or cannot wait has one reading only.
    """
    if asked.decision.action is Action.ESCALATE or asked.facts.is_flagged or asked.facts.danger.risks:
        return []
    chances: dict[str, float] = {}
    best: dict[str, tuple[float, Play, Situation]] = {}

    def note(play: Play, chance: float, facts: Situation) -> None:
        chances[play.id] = chances.get(play.id, 0.0) + chance
        if chance > best.get(play.id, (0.0,))[0]:
            best[play.id] = (chance, play, facts)

    for play in index.anywhere:
        if play.when.cued.some and not play.rank.is_fallback and _may(play, asked, asked.decision.action, asked.facts):
            note(play, SPOKEN_OF, asked.facts)
    for reading in readings:
        if reading.action is Action.IGNORE:
            continue
        fits = [
            Fit.of(play, *_parts(play, index, asked, reading.action))
            for play in index.by_intent.get(reading.facts.labels.intent or "", ())
            if _may(play, asked, reading.action, reading.facts)
        ]
        fits.sort(key=lambda fit: (-fit.score, fit.play.id))
        approaches: list[str] = []
        for fit in fits:
            if fit.play.manner.approach in approaches:
                continue
            gain = 1 + RESEMBLES * asked.likeness.get(fit.play.id, 0.0) + CUED * bool(fit.play.when.cued.some)
            note(fit.play, reading.chance * SHARES[len(approaches)] * gain, reading.facts)
            approaches.append(fit.play.manner.approach)
            if len(approaches) == len(SHARES):
                break
    ordered = sorted(best.items(), key=lambda scored: (-chances[scored[0]], scored[0]))
    return [(Fit.of(play, ("may be meant", chances[play_id])), facts) for play_id, (_, play, facts) in ordered]


def says_little(fits: Sequence[Fit]) -> bool:
    """Whether the best there is are words that wait for nothing in the message, or nothing at all."""
    return not fits or (fits[0].play.rank.is_fallback and not fits[0].play.when.cued.some)


def is_worth_guessing(fit: Fit, facts: Situation) -> bool:
    """Whether a guess may stand first where nothing general fits: to somebody calm, and harmless when it is wrong."""
    is_calm = not facts.is_upset and facts.kind != "complaint"
    return fit.score >= GUESS and fit.play.manner.approach in HARMLESS and is_calm


def _may(play: Play, asked: Asked, action: Action, facts: Situation) -> bool:
    """Whether an ordinary play may be offered to a message that is not flagged. facts: the reading that it answers."""
    is_true = play.premises.hold(asked.premises, asked.step) and play.when.holds_but_for_intent(facts)
    return is_true and not play.manner.is_offline and _suits(play, action)


def _suits(play: Play, action: Action) -> bool:
    """What escalates gets a play for it, and nothing else does."""
    if action is Action.ESCALATE:
        return Action.ESCALATE in play.actions
    return play.actions != {Action.ESCALATE}


def _parts(play: Play, index: Index, asked: Asked, action: Action) -> tuple[tuple[str, float], ...]:
    return (
        ("action", 0.5 if action in play.actions else -0.35),
        ("particular", 0.12 * index.n_conditions[play.id]),
        ("resembles", 0.6 * asked.likeness.get(play.id, 0.0)),
        ("step", STEP if play.premises.steps else 0.0),
        ("said before", -0.5 if play.id in asked.used else 0.0),
        ("weight", play.rank.weight),
    )


def _for_hint(play: Play, *, is_unsure: bool) -> float:
    if play.rank.is_fallback:
        return 0.0 if is_unsure else LAST_RESORT
    return UNSURE if is_unsure and play.when.intents else 0.0

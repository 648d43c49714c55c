"""Would a person send this draft in answer to this message? A trained head over what was read in both.

One linear score over named features: what the message is likely about and how it is meant, what a play is for, and how
the two meet. It reads probabilities, never words of its own, so it costs a few microseconds. Trained on pairs that
people marked (`training/pairs.py`); kept as `model/weights.py` keeps it, in a folder of the home beside every bundle.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from care.classification import Classification
from care.errors import BundleError
from care.message import Turn
from care.ports import Assessment, Offer
from care.reply import Draft
from model.weights import load_weights, save_weights

SCHEMA = 1
KIND = "pairs"
TASKS = ("sentiment", "act", "stance", "addressed", "urgency")
"""Read beside the intent."""
_LIKELY = 0.08
"""A candidate less probable than this says nothing."""
_LENGTHS = (3, 6, 12, 25)
"""Words: up to which a message is of one length."""
_SAYS = {
    name: re.compile(words, re.IGNORECASE)
    for name, words in {
        "sorry": r"\bsorry\b|\bapolog",
        "thanks": r"\bthank",
        "private": r"\b(?:direct message|dm|messenger|private)\b|\bwrite to us\b",
        "later": r"\b(?:I|we)'ll\b|\blet me\b",
        "back": r"\b(?:write|come|get) (?:back )?to you\b|\b(?:answer|tell) you\b|\blet you know\b",
    }.items()
}
"""What a draft does, by its words, whichever play it is from."""

_PRIVATE = re.compile(
    r"\b(?:direct message|dms?|pms?|private message|messenger|inbox|message us)\b|\bin private\b", re.IGNORECASE
)
"""We ask, or they say, that something is written where nobody else reads it."""
_SENT = re.compile(r"\b(?:sent|sending|done|did|messaged|inboxed|(?:dm|pm)'?e?d)\b|\bon its way\b", re.IGNORECASE)
"""They say that they have done what we asked."""


def pairs_folder(home: Path) -> Path:
    """Where the trained head lies, beside every bundle of a home."""
    return home / "bundles" / KIND


@dataclass(frozen=True, slots=True)
class Pair:
    """One message and one draft for it, as the head sees them. action: what was decided.

    play: the id of the play as which it is judged. own: the id of its own play, where that is another.
    """

    text: str = field(repr=False)
    thread: tuple[Turn, ...] = field(repr=False)
    classification: Classification = field(repr=False)
    action: str
    is_public: bool
    play: str
    offer: Offer
    draft: str = field(repr=False)
    missing: tuple[str, ...] = ()
    own: str = ""


def features(pair: Pair) -> dict[str, float]:
    """Everything the head looks at, by name."""
    read, offer = pair.classification, pair.offer
    features: dict[str, float] = {}
    says = (f"says:{name}" for name, words in _SAYS.items() if words.search(pair.draft))
    own = (f"play:{pair.play}", f"does:{offer.approach}", *(("cheerful",) if offer.is_cheerful else ()), *says)
    seen = dict(_of_message(pair.text, pair.thread, read))
    chance = _chance(read, offer)
    for name in own:
        features[name] = 1.0
    if pair.own and pair.own != pair.play:
        features[f"own:{pair.own}"] = 1.0
    if offer.is_fallback:
        features["fallback"] = 1.0
    features["likeness"] = offer.likeness
    features["chance"] = chance
    features["unsure"] = 1 - _best(read)
    features[f"does:{offer.approach}|chance"] = chance
    for at in (0.3, 0.5, 0.7, 0.9):
        features[f"chance>{at}"] = float(chance > at)
    features[f"{pair.action}|{'public' if pair.is_public else 'private'}"] = 1.0
    for slot in pair.missing:
        features[f"slot:{slot}"] = 1.0
    asks = "asks" if "?" in pair.draft else "tells"
    features[asks] = 1.0
    for name, value in seen.items():
        features[name] = value
        features[f"{asks}|{name}"] = value
        if offer.is_fallback:
            features[f"fallback|{name}"] = value
        for slot in pair.missing:
            features[f"slot:{slot}|{name}"] = value
        for own_name in own:
            features[f"{own_name}|{name}"] = value
    return features


def _of_message(text: str, thread: Sequence[Turn], read: Classification) -> Iterator[tuple[str, float]]:
    intent = read.tasks.get("intent")
    for candidate in intent.candidates if intent else ():
        if candidate.score >= _LIKELY:
            yield f"intent:{candidate.label}", candidate.score
    for task in TASKS:
        judged = read.tasks.get(task)
        for candidate in judged.candidates if judged else ():
            if candidate.score >= _LIKELY:
                yield f"{task}:{candidate.label}", candidate.score
    n_words = len(text.split())
    yield f"words<={next((most for most in _LENGTHS if n_words <= most), 'more')}", 1.0
    if "?" in text:
        yield "question", 1.0
    ours = [turn for turn in thread if not turn.by_customer]
    yield ("follow_up" if ours else "first"), 1.0
    if _PRIVATE.search(text) or (ours and _PRIVATE.search(ours[-1].text) and _SENT.search(text)):
        yield ("sent_private" if _SENT.search(text) else "speaks_of_private"), 1.0
    elif ours and _PRIVATE.search(ours[-1].text):
        yield "asked_private", 1.0
    if thread and not thread[-1].by_customer:
        yield ("we_asked" if "?" in thread[-1].text else "we_told"), 1.0


def _chance(read: Classification, offer: Offer) -> float:
    """How probable it is that the message is about what a play answers; 1 for one that answers anything."""
    intent = read.tasks.get("intent")
    if not offer.intents or intent is None:
        return 1.0
    return min(1.0, sum(candidate.score for candidate in intent.candidates if candidate.label in offer.intents))


def _best(read: Classification) -> float:
    intent = read.tasks.get("intent")
    return intent.score if intent else 0.0


@dataclass(frozen=True)
class PairReader:
    """Satisfies care.ports.DraftJudge. Safe from several threads.

    weights: by feature name. slope, offset: from score to probability. least: chosen on pairs of messages unseen.
    """

    weights: Mapping[str, float] = field(repr=False)
    bias: float
    slope: float
    offset: float
    least: float
    about: Mapping[str, object] = field(default_factory=dict, repr=False)

    def chance(self, assessed: Assessment, draft: Draft, offer: Offer) -> float:
        own = draft.play.partition("@")[0]
        pair = Pair(
            text=assessed.message.text,
            thread=assessed.thread,
            classification=assessed.classification,
            action=assessed.decision.action.value,
            is_public=assessed.message.is_public,
            play=offer.marked_as or own,
            offer=offer,
            draft=draft.text,
            missing=draft.missing,
            own=own,
        )
        return round(self.probability(features(pair)), 4)

    def probability(self, features: Mapping[str, float]) -> float:
        """The chance that a pair with these features is sent, as it is or with its slots filled."""
        weights = self.weights
        score = self.bias + sum(value * weights.get(name, 0.0) for name, value in features.items())
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, self.slope * score + self.offset))))

    def save(self, folder: Path) -> None:
        """Write the folder in one move; what stood there before is replaced at the end."""
        facts = {
            "bias": self.bias,
            "slope": self.slope,
            "offset": self.offset,
            "least": self.least,
            "about": dict(self.about),
        }
        save_weights(folder, self.weights, kind=KIND, schema=SCHEMA, facts=facts)

    @classmethod
    def load(cls, folder: Path) -> "PairReader":
        """Raises BundleError when the folder is missing, damaged or another head."""
        weights, manifest = load_weights(folder, kind=KIND, schema=SCHEMA)
        try:
            bias, slope, offset, least = (float(manifest[name]) for name in ("bias", "slope", "offset", "least"))
            return cls(weights, bias, slope, offset, least, manifest.get("about", {}))
        except (ValueError, KeyError, TypeError) as error:
            raise BundleError(f"{folder} is damaged; train the {KIND} head again.") from error

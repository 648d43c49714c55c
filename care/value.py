"""What drafts are worth: how long replies take with a draft that was taken, and without one, told as an interval.

Drafts are taken where a message is easy. So that this is not called time saved, replies are compared with replies to
messages of the same intent, and what has too few on one side is left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from statistics import fmean, median, variance

from care.intervals import Z

LEAST = 10
"""Replies with and without a draft that an intent needs to be compared."""


class Way(StrEnum):
    """How a reply came about."""

    AS_IS = "as_is"
    EDITED = "edited"
    OWN_WORDS = "own_words"


@dataclass(frozen=True, slots=True)
class TimedReply:
    """A reply that a person sent. seconds: for how long they had the case open before."""

    way: Way
    intent: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Typical:
    """How long replies of one way took, in seconds."""

    n: int
    median_s: float
    mean_s: float


@dataclass(frozen=True, slots=True)
class Saved:
    """Seconds that a taken draft saved, on average, with their 95 % interval; below zero it took longer.

    n_compared: replies with a taken draft whose intent has enough of both kinds; n_drafted: all with one.
    """

    per_reply_s: float
    low_s: float
    high_s: float
    n_compared: int
    n_drafted: int

    @property
    def can_be_told(self) -> bool:
        """Whether the whole interval lies on one side of nothing saved."""
        return self.low_s > 0 or self.high_s < 0


@dataclass(frozen=True, slots=True)
class Value:
    """by_way: what took how long. saved: None where no intent has enough replies of both kinds."""

    by_way: Mapping[Way, Typical]
    saved: Saved | None


def value_of(replies: Iterable[TimedReply]) -> Value:
    """What drafts are worth over these replies."""
    by_way: dict[Way, list[float]] = {}
    by_intent: dict[str, tuple[list[float], list[float]]] = {}
    for reply in replies:
        by_way.setdefault(reply.way, []).append(reply.seconds)
        without, with_draft = by_intent.setdefault(reply.intent, ([], []))
        (without if reply.way is Way.OWN_WORDS else with_draft).append(reply.seconds)
    typical = {way: Typical(len(took), median(took), fmean(took)) for way, took in sorted(by_way.items())}
    n_drafted = sum(line.n for way, line in typical.items() if way is not Way.OWN_WORDS)
    enough = [both for both in by_intent.values() if min(len(both[0]), len(both[1])) >= LEAST]
    return Value(typical, _saved(enough, n_drafted) if enough else None)


def _saved(intents: Sequence[tuple[list[float], list[float]]], n_drafted: int) -> Saved:
    """Intents weighed by how many drafts of theirs were taken; each mean brings its own spread."""
    n = sum(len(with_draft) for _, with_draft in intents)
    saved, spread = 0.0, 0.0
    for without, with_draft in intents:
        weight = len(with_draft) / n
        saved += weight * (fmean(without) - fmean(with_draft))
        spread += weight**2 * (variance(without) / len(without) + variance(with_draft) / len(with_draft))
    half = Z * sqrt(spread)
    return Saved(saved, saved - half, saved + half, n, n_drafted)

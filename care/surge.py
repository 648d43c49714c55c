"""When far more comes in than this half hour of the week usually brings, or far more of it is negative.

Over every stretch of the last hour that ends now, evidence is added up: how much likelier its messages are when three
times as many come as on a very busy usual day than when it is such a day. Evidence above a limit is an alarm (a CUSUM
of Poisson counts: E. S. Page 1954, J. M. Lucas 1985). It is looked at every minute, so a fixed share of wrong alarms a
look would ring all week.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import log, sqrt
from typing import Protocol

from care.forecast import SLOT_MIN, SLOTS, SLOTS_OF_A_DAY, UsualWeek, Week

SEEN_MIN = 240
"""Minutes that are looked at: the last hour for a surge, what is before it for how busy the day is."""
LOOK_BACK_MIN = 60
TIMES = 3.0
"""How many times as many as on a very busy usual day an alarm looks for."""
ENOUGH = 10.0
"""Evidence, in nats, from which there is an alarm."""
CALM_MIN = 30
"""Minutes that have to be as on a very busy day or calmer before a surge is over."""
_BUSY = 1.65
"""Deviations by which a very busy usual day lies above what is usual."""
_DAY_IS_SEEN = 20.0
"""Messages from which the day counts as much as the usual week."""
_LEVEL = (0.6, 2.0)
"""How calm or busy a whole day may be without an alarm."""
_LEAST_NEGATIVE = 8
_LAST_WEEKS = 8


class SurgeKind(StrEnum):
    ARRIVALS = "arrivals"
    """More messages than usual."""
    NEGATIVE = "negative"
    """A larger share of negative messages than usual."""


@dataclass(frozen=True, slots=True)
class Surge:
    """One that is on, or was. channel: "" for all together. intent: what carries it; "" where nothing stands out.

    n, usual: how many came in the stretch by which it was found, and usually come; negative ones for that kind.
    """

    id: str
    kind: SurgeKind
    channel: str
    intent: str
    n: int
    usual: float
    began_at: datetime
    found_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Minute:
    """Messages of one minute with the same channel and labels; at: when it began. intent: "" where it is not known."""

    at: datetime
    channel: str
    intent: str
    is_negative: bool
    n: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a surge. since_min: minutes ago that the stretch began for which most speaks. n: messages in it,
    usual: as many as usually come."""

    nats: float = 0.0
    since_min: int = 0
    n: int = 0
    usual: float = 0.0

    @property
    def is_enough(self) -> bool:
        return self.nats >= ENOUGH


@dataclass(frozen=True, slots=True)
class UsualMinutes:
    """What is usual for one channel or all. spread: by which share half hours of one day differ, beside chance."""

    week: UsualWeek
    spread: float

    def evidence(self, counts: Sequence[int], slots: Sequence[int]) -> Evidence:
        """What speaks for more messages than usual. counts, slots: of SEEN_MIN minutes, the last one just over."""
        means = self._level(counts, slots)
        best, n, usual, busy = Evidence(), 0, 0.0, 0.0
        for ago in range(1, LOOK_BACK_MIN + 1):
            n, usual, busy = n + counts[-ago], usual + means[-ago], busy + self._busy(means[-ago])
            nats = n * log(TIMES) - (TIMES - 1) * busy
            if nats > best.nats:
                best = Evidence(nats, ago, n, usual)
        return best

    def is_calm(self, counts: Sequence[int], slots: Sequence[int]) -> bool:
        """Whether the last minutes were as on a very busy usual day, or calmer."""
        means = [self.week.means[slot] / SLOT_MIN for slot in slots]
        busy = sum(self._busy(mean) for mean in means[-CALM_MIN:])
        return sum(counts[-CALM_MIN:]) <= busy + sqrt(busy)

    def _level(self, counts: Sequence[int], slots: Sequence[int]) -> list[float]:
        """What usually comes by minute, on a day as busy as this one was before the last hour."""
        means = [self.week.means[slot] / SLOT_MIN for slot in slots]
        came, due = sum(counts[:-LOOK_BACK_MIN]), sum(means[:-LOOK_BACK_MIN])
        level = (came + _DAY_IS_SEEN) / (due + _DAY_IS_SEEN)
        return [mean * min(_LEVEL[1], max(_LEVEL[0], level)) for mean in means]

    def _busy(self, mean: float) -> float:
        unsure = self.week.unsure / (mean * SLOT_MIN) if mean > 0 else 0.0
        return mean * (1 + _BUSY * sqrt(self.spread + min(1.0, unsure)))


def usual_minutes(weeks: Sequence[Week], week: UsualWeek) -> UsualMinutes:
    """What is usual, from the weeks that the usual week was learnt from."""
    beyond, squares = 0.0, 0.0
    for known in weeks[-_LAST_WEEKS:]:
        for begin in range(0, SLOTS, SLOTS_OF_A_DAY):
            slots = range(begin, begin + SLOTS_OF_A_DAY)
            day = [(count, week.means[slot]) for slot in slots if (count := known[slot]) is not None]
            due = sum(mean for _, mean in day)
            level = sum(count for count, _ in day) / due if due else 0.0
            for count, mean in day:
                beyond += (count - mean * level) ** 2 - mean * level
                squares += (mean * level) ** 2
    return UsualMinutes(week, max(0.0, beyond / squares) if squares else 0.0)


def negative_evidence(counts: Sequence[int], negative: Sequence[int], share: float) -> Evidence:
    """What speaks for a larger share of negative messages. counts, negative: by minute. share: as usual, 0 to 1."""
    busy = min(0.8, max(share, 0.02) * 1.25)
    more = min(0.95, max(busy * 1.75, busy + 0.15))
    best, n, n_negative = Evidence(), 0, 0
    for ago in range(1, LOOK_BACK_MIN + 1):
        n, n_negative = n + counts[-ago], n_negative + negative[-ago]
        nats = n_negative * log(more / busy) + (n - n_negative) * log((1 - more) / (1 - busy))
        if nats > best.nats and n_negative >= _LEAST_NEGATIVE:
            best = Evidence(nats, ago, n_negative, n * share)
    return best


class Surges(Protocol):
    """Surges that are on, and those that were."""

    def open(self) -> list[Surge]:
        """Those that are on, the latest last."""
        ...

    def begin(self, surge: Surge) -> bool:
        """False when one of its kind is on for the same channel."""
        ...

    def end(self, surge_id: str, *, at: datetime) -> bool:
        """False when it is over already."""
        ...

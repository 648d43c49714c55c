"""What comes in by half hour of the week: the usual week, how far from it counts fall, and how often that held before.

A usual week is learnt from weeks of counts: its shape by weights that halve every six weeks, its level by weights that
halve every two. How far counts fall from it is measured on weeks that the usual week before them had not seen, so that
an interval holds what nobody knows as well. A count is taken to be negative binomial.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import exp, lgamma, log, log1p, sqrt

SLOT_MIN = 30
SLOTS_OF_A_DAY = 24 * 60 // SLOT_MIN
SLOTS = 7 * SLOTS_OF_A_DAY
"""Half hours of a week, from Monday at midnight."""
LEAST_WEEKS = 4
"""Weeks without which nothing is said: three to learn from, one to see how far from them counts fall."""
SHARE = 0.9
"""Of the counts that an interval is meant to hold."""
_SHAPE_FADES, _LEVEL_FADES = 0.5 ** (1 / 6), 0.5 ** (1 / 2)
_FIRST = LEAST_WEEKS - 1
_TRIED = 8
"""The last weeks, of those that were foretold, on which coverage is counted."""
_WELL_SEEN = 12.0
"""Messages of a half hour, over weeks that fade, from which they count as much as its day and its time of day."""

Week = Sequence[int | None]
"""SLOTS counts; None where the clock has no such half hour."""


@dataclass(frozen=True, slots=True)
class Interval:
    """What is expected, and the least and the most that SHARE of the counts lie between, both included."""

    mean: float
    low: int
    high: int

    def __contains__(self, count: int) -> bool:
        return self.low <= count <= self.high


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many half hours that were foretold from the weeks before them lay within their interval."""

    n: int = 0
    n_within: int = 0

    @property
    def share(self) -> float | None:
        return self.n_within / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class UsualWeek:
    """What a week of arrivals usually looks like.

    means: by half hour. dispersion, unsure: the variance of a count is mean * (1 + unsure) + dispersion * mean².
    """

    means: tuple[float, ...]
    dispersion: float
    unsure: float
    n_weeks: int
    coverage: Coverage

    def interval(self, slot: int) -> Interval:
        """What a half hour of the week will bring."""
        return interval(self.means[slot], self.dispersion, unsure=self.unsure)


def usual_week(weeks: Sequence[Week]) -> UsualWeek | None:
    """Learn from weeks of counts, oldest first; None where they are fewer than LEAST_WEEKS."""
    if len(weeks) < LEAST_WEEKS:
        return None
    learnt, errors, coverage = _Learnt(), _Errors(), Coverage()
    for number, week in enumerate(weeks):
        if number >= _FIRST:
            means, unsure = learnt.means(), learnt.unsure
            if number > _FIRST and number >= len(weeks) - _TRIED:
                coverage = _tried(coverage, week, means, errors.dispersion, unsure)
            errors.add(week, means, unsure)
        learnt.add(week)
    return UsualWeek(tuple(learnt.means()), errors.dispersion, learnt.unsure, len(weeks), coverage)


def interval(mean: float, dispersion: float, *, unsure: float = 0.0) -> Interval:
    """Between the tails that half of SHARE leaves over on each side; half of a count belongs to either side of it."""
    if mean <= 0:
        return Interval(0.0, 0, 0)
    tail, below, low, high = (1 - SHARE) / 2, 0.0, None, 0
    for count, chance in _chances(mean, dispersion + unsure / mean):
        middle = below + chance / 2
        if low is None and middle >= tail:
            low = count
        if middle <= 1 - tail:
            high = count
        elif low is not None:
            break
        below += chance
    return Interval(mean, low or 0, max(high, low or 0))


@dataclass(slots=True)
class _Learnt:
    """Sums over weeks that fade."""

    counts: list[float] = field(default_factory=lambda: [0.0] * SLOTS)
    weight: float = 0.0
    squares: float = 0.0
    level: float = 0.0
    level_weight: float = 0.0

    def add(self, week: Week) -> None:
        self.counts = [old * _SHAPE_FADES + (new or 0) for old, new in zip(self.counts, week, strict=True)]
        self.weight = self.weight * _SHAPE_FADES + 1
        self.squares = self.squares * _SHAPE_FADES**2 + 1
        self.level = self.level * _LEVEL_FADES + sum(count or 0 for count in week)
        self.level_weight = self.level_weight * _LEVEL_FADES + 1

    @property
    def unsure(self) -> float:
        """How much the chance in what was learnt adds to that in what comes."""
        return self.squares / self.weight**2

    def means(self) -> list[float]:
        total = sum(self.counts)
        if not total:
            return [0.0] * SLOTS
        level = self.level / self.level_weight
        return [level * count / total for count in self._smoothed()]

    def _smoothed(self) -> Iterator[float]:
        """A half hour of which little was seen leans on what its day and its time of day bring by themselves."""
        days = [sum(self.counts[n : n + SLOTS_OF_A_DAY]) for n in range(0, SLOTS, SLOTS_OF_A_DAY)]
        times = [sum(self.counts[n::SLOTS_OF_A_DAY]) for n in range(SLOTS_OF_A_DAY)]
        total = sum(days)
        for slot, count in enumerate(self.counts):
            due = days[slot // SLOTS_OF_A_DAY] * times[slot % SLOTS_OF_A_DAY] / total
            own = count / (count + _WELL_SEEN)
            yield own * count + (1 - own) * due


@dataclass(slots=True)
class _Errors:
    """How far counts fell from what was foretold, beyond what chance alone does."""

    beyond: float = 0.0
    squares: float = 0.0

    def add(self, week: Week, means: Sequence[float], unsure: float) -> None:
        for count, mean in zip(week, means, strict=True):
            if count is not None:
                self.beyond += (count - mean) ** 2 - mean * (1 + unsure)
                self.squares += mean**2

    @property
    def dispersion(self) -> float:
        return max(0.0, self.beyond / self.squares) if self.squares else 0.0


def _tried(known: Coverage, week: Week, means: Sequence[float], dispersion: float, unsure: float) -> Coverage:
    seen = [(count, mean) for count, mean in zip(week, means, strict=True) if count is not None]
    n_within = sum(count in interval(mean, dispersion, unsure=unsure) for count, mean in seen)
    return Coverage(known.n + len(seen), known.n_within + n_within)


def _chances(mean: float, dispersion: float) -> Iterator[tuple[int, float]]:
    """Counts and their chances, from where they matter on; never ends."""
    spread = sqrt(mean + dispersion * mean**2)
    count = max(0, int(mean - 8 * spread))
    if dispersion < 1e-9:
        chance, ratio, size = exp(count * log(mean) - mean - lgamma(count + 1)), 0.0, 0.0
    else:
        size = 1 / dispersion
        ratio = mean / (mean + size)
        chance = exp(
            lgamma(count + size) - lgamma(size) - lgamma(count + 1) + count * log(ratio) - size * log1p(mean / size)
        )
    while True:
        yield count, chance
        chance *= (count + size) * ratio / (count + 1) if size else mean / (count + 1)
        count += 1

"""Goals: a figure of the report that a team wants to reach, where it stood, where it stands, what can be told of it.

What was counted is an interval, not a point: with few cases it is wide, and then nobody says that a goal was reached.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import sqrt

from care.intervals import Z, wilson
from care.reporting import FIGURES, SHARES, ReportLine

FEWEST = 10
"""Of fewer cases or answers nothing is said, whatever their interval."""
NAMED_SHARES: Mapping[str, str] = {
    "first_response_on_time": "within the published window",
    "drafts_taken": "drafts sent as they were",
    **{name.replace(" ", "_"): name for name in SHARES},
}
LENGTHS: Mapping[str, str] = {"first_response": "response", "resolution": "resolution"}
SATISFACTION = "satisfaction"
MEASURES = (*NAMED_SHARES, SATISFACTION, *LENGTHS, *FIGURES)
"""What a goal can be about: a share of the report, the mean answer of customers, a median in hours, a count a week."""


@dataclass(frozen=True, slots=True)
class Goal:
    """Something we want to reach: `target` of `of`, such as 95 of 100 or 4.2 of 5.

    Where `of` is 0 it is hours for a name of LENGTHS, else a count a week. is_most: no more than that. first, last: the
    days of its baseline.
    """

    name: str
    target: float
    of: float = 0.0
    baseline: str = ""
    owner: str = ""
    is_most: bool = False
    first: date | None = None
    last: date | None = None

    @property
    def unit(self) -> str:
        """`of 100`, `h` or `a week`."""
        return f"of {self.of:g}" if self.of else "h" if self.name in LENGTHS else "a week"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What was measured over n things, and between which two values it lies with 95 % certainty."""

    value: float
    low: float
    high: float
    n: int


class Told(StrEnum):
    """What can be said of a goal or of a change."""

    YES = "yes"
    NO = "no"
    OPEN = "too little to tell"


@dataclass(frozen=True, slots=True)
class Standing:
    """A goal and where it stands. now, baseline: None where nothing was counted. since: what the baseline is."""

    goal: Goal
    now: Estimate | None
    baseline: Estimate | None
    since: str = ""

    @property
    def is_reached(self) -> Told:
        """Whether all that it may be lies on the right side of the target, or none of it."""
        if self.now is None or _is_few(self.goal, self.now):
            return Told.OPEN
        return _side(self.now, self.goal.target, is_most=self.goal.is_most)

    @property
    def is_better(self) -> Told:
        """Whether it is better than the baseline: the two intervals have to lie apart."""
        if self.now is None or self.baseline is None:
            return Told.OPEN
        if _is_few(self.goal, self.now) or _is_few(self.goal, self.baseline):
            return Told.OPEN
        is_above, is_below = self.now.low > self.baseline.high, self.now.high < self.baseline.low
        if not (is_above or is_below):
            return Told.OPEN
        return Told.YES if is_below == self.goal.is_most else Told.NO


def _is_few(goal: Goal, estimate: Estimate) -> bool:
    """A count a week is told by its weeks: none at all is something."""
    return estimate.n < FEWEST and (goal.of > 0 or goal.name in LENGTHS)


def _side(now: Estimate, target: float, *, is_most: bool) -> Told:
    if is_most:
        return Told.YES if now.high <= target else Told.NO if now.low > target else Told.OPEN
    return Told.YES if now.low >= target else Told.NO if now.high < target else Told.OPEN


def measure(goal: Goal, line: ReportLine, *, n_days: int) -> Estimate | None:
    """What a goal asks about, in the unit of its target; None where nothing of it was counted."""
    if goal.name in NAMED_SHARES:
        part, whole = SHARES[NAMED_SHARES[goal.name]]
        return _share(line.figures[part], sum(line.figures[figure] for figure in whole), goal.of)
    if goal.name == SATISFACTION:
        return _mean(line.scores)
    if goal.name in LENGTHS:
        return _median(line, LENGTHS[goal.name])
    return _rate(line.figures[goal.name], n_days / 7) if line.figures["messages"] else None


def _share(n_good: int, n_all: int, of: float) -> Estimate | None:
    if not n_all:
        return None
    share = min(1.0, n_good / n_all)
    low, high = wilson(share, n_all)
    return Estimate(share * of, low * of, high * of, n_all)


def _mean(scores: Mapping[int, int]) -> Estimate | None:
    n = sum(scores.values())
    if not n:
        return None
    mean = sum(score * count for score, count in scores.items()) / n
    if n < 2:
        return Estimate(mean, 1.0, 5.0, n)
    spread = sum(count * (score - mean) ** 2 for score, count in scores.items()) / (n - 1)
    # A handful of equal answers is no certainty: one answer at each end counts in.
    half = Z * sqrt((spread * (n - 1) + (5 - mean) ** 2 + (mean - 1) ** 2) / (n + 1) / n)
    return Estimate(mean, max(1.0, mean - half), min(5.0, mean + half), n)


def _median(line: ReportLine, kind: str) -> Estimate | None:
    """In hours; the interval is that of order statistics."""
    lengths = line.durations.get(kind)
    if not lengths or not len(lengths):
        return None
    n, half = len(lengths), Z / 2 / sqrt(len(lengths))
    low, middle, high = (lengths.percentile(min(1.0, max(0.0, share))) for share in (0.5 - half, 0.5, 0.5 + half))
    return Estimate((middle or 0) / 3600, (low or 0) / 3600, (high or 0) / 3600, n)


def _rate(n: int, weeks: float) -> Estimate:
    """A count a week. Source: the score interval of a Poisson mean."""
    half = Z * sqrt(n + Z * Z / 4)
    return Estimate(n / weeks, max(0.0, n + Z * Z / 2 - half) / weeks, (n + Z * Z / 2 + half) / weeks, n)


def say_goal(goal: Goal) -> str:
    """`at least 95 of 100`."""
    return f"at {'most' if goal.is_most else 'least'} {goal.target:g} {goal.unit}"


def say_estimate(estimate: Estimate | None) -> str:
    """`91.3 (88 to 94, of 412)`, or a dash."""
    if estimate is None:
        return "–"
    return f"{estimate.value:.3g} ({estimate.low:.3g} to {estimate.high:.3g}, of {estimate.n})"


def say_standing(standing: Standing) -> str:
    """In a few words, whether it is reached and whether it got better."""
    reached = {Told.YES: "reached", Told.NO: "not reached", Told.OPEN: "too little to tell whether it is reached"}
    if standing.now is None:
        return "nothing to measure yet"
    said = reached[standing.is_reached]
    if standing.baseline is None:
        return said
    better = {Told.YES: "better than before", Told.NO: "worse than before", Told.OPEN: "no change that can be told"}
    return f"{said}; {better[standing.is_better]}"

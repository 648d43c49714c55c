"""Whether the messages of today are still those a bundle learnt from: label shares, novelty, and what people said.

Shares are held beside those that the bundle gave to the rows it was measured on, so like is compared with like.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil, erfc, sqrt

from care.classification import Band, Judgement, ServedMessage
from care.intervals import Z, wilson
from care.unit_of_work import Store

LEAST = 200
"""With fewer messages, or fewer rows of the bundle, nothing is tested."""
LEAST_MOVED = 0.02
"""A smaller change of a share is nobody's concern, however sure it is."""
RISK = 0.01
"""The chance that anything is called drifted in a look where nothing is (Holm 1979, over all tasks together)."""
MOST = 20_000
"""Messages that are looked at, the newest."""
UNSURE, LOW = "under the threshold", "low scores"
_N_BINS = 15
_BATCH = 500


class DriftStanding(StrEnum):
    DRIFTED = "drifted"
    STEADY = "steady"
    TOO_FEW = "too few to tell"
    NO_REFERENCE = "no reference"


@dataclass(frozen=True, slots=True)
class DriftReference:
    """What a bundle said of the rows it was measured on, for one task. n: those rows, 0 where the bundle kept nothing.

    labels: counts of the labels given. n_unsure: under `threshold`. n_low: in the low band. accuracy: share right.
    """

    bundle: str
    n: int = 0
    labels: Mapping[str, int] = field(default_factory=dict)
    n_unsure: int = 0
    n_low: int = 0
    threshold: float = 0.0
    accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """One share beside its reference. name: a label, UNSURE or LOW, of which only more is drift. p: adjusted for all
    shares of the look.
    """

    name: str
    share: float
    before: float
    p: float

    @property
    def is_drifted(self) -> bool:
        return self.p < RISK and abs(self.share - self.before) >= LEAST_MOVED


@dataclass(frozen=True, slots=True)
class PeopleSaid:
    """The answers of one task that people corrected or let stand: no sample, they correct what is wrong.

    accuracy: share that stood, with its 95 % interval (Wilson 1927). calibration_error: expected, over 15 bins.
    too_sure: mean score less the share that stood, with its 95 % interval; below 0 where scores are too low.
    """

    n: int
    accuracy: float
    accuracy_interval: tuple[float, float]
    calibration_error: float
    too_sure: float
    too_sure_interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class TaskDrift:
    """What was found of one task. n: its messages. shifts: those furthest from their reference first."""

    task: str
    bundle: str
    n: int
    n_reference: int
    shifts: tuple[Shift, ...]
    people: PeopleSaid | None
    accuracy_before: float | None

    @property
    def standing(self) -> DriftStanding:
        if not self.n_reference:
            return DriftStanding.NO_REFERENCE
        if min(self.n, self.n_reference) < LEAST:
            return DriftStanding.TOO_FEW
        drifted = any(shift.is_drifted for shift in self.shifts)
        return DriftStanding.DRIFTED if drifted else DriftStanding.STEADY


@dataclass(frozen=True, slots=True)
class DriftReport:
    """A look at the live messages since `since`. is_capped: more came than the `n_messages` that were looked at."""

    since: datetime
    n_messages: int
    is_capped: bool
    tasks: tuple[TaskDrift, ...]

    @property
    def drifted(self) -> tuple[str, ...]:
        """The tasks that drifted."""
        return tuple(task.task for task in self.tasks if task.standing is DriftStanding.DRIFTED)


@dataclass
class _Sample:
    """What one task's bundle said of the messages. judged: score and whether it stood, where a person said so."""

    reference: DriftReference
    labels: Counter[str] = field(default_factory=Counter)
    n_unsure: int = 0
    n_low: int = 0
    judged: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, task: str, judgement: Judgement, message: ServedMessage) -> None:
        self.labels[judgement.label] += 1
        self.n_unsure += judgement.score < self.reference.threshold
        self.n_low += judgement.band is Band.LOW
        said = message.said.get(task)
        if said is not None:
            self.judged.append((judgement.score, said == judgement.label))
        elif message.is_approved and not judgement.abstained:
            self.judged.append((judgement.score, True))


def find_drift(
    store: Store, references: Mapping[str, DriftReference], *, now: datetime, days: int, most: int = MOST
) -> DriftReport:
    """Look at the live messages of so many days that the bundles in use judged. references: by task, of these bundles.

    An urgency that a rule spoke on is left out of its task: the reference knows no rules.
    """
    since = now - timedelta(days=days)
    samples = {task: _Sample(reference) for task, reference in references.items()}
    n, place = 0, None
    while n < most:
        with store(read=True) as work:
            batch = work.classifications.served(since=since, before=place, limit=min(_BATCH, most - n))
        for message in batch:
            read = message.classification
            for task, judgement in read.tasks.items():
                sample = samples.get(task)
                of = read.bundles.get(task, read.bundle)
                if sample is not None and of == sample.reference.bundle and not judgement.reasons:
                    sample.add(task, judgement, message)
        n += len(batch)
        if not batch:
            break
        place = (batch[-1].received_at, batch[-1].message_id)
    return DriftReport(since, n, n >= most, _tested(samples))


def _tested(samples: Mapping[str, _Sample]) -> tuple[TaskDrift, ...]:
    compared = {task: list(_shares(sample)) for task, sample in samples.items()}
    adjusted = iter(holm([p for shares in compared.values() for *_, p in shares]))
    tasks = []
    for task, sample in samples.items():
        shifts = [Shift(name, share, before, next(adjusted)) for name, share, before, _ in compared[task]]
        shifts.sort(key=lambda shift: (not shift.is_drifted, -abs(shift.share - shift.before), shift.name))
        reference, n = sample.reference, sample.labels.total()
        people = people_said(sample.judged)
        tasks.append(TaskDrift(task, reference.bundle, n, reference.n, tuple(shifts), people, reference.accuracy))
    return tuple(tasks)


def _shares(sample: _Sample) -> Iterator[tuple[str, float, float, float]]:
    """Name, share now, share before and p of each share; nothing where there is too little to tell."""
    reference, n = sample.reference, sample.labels.total()
    if min(n, reference.n) < LEAST:
        return
    counts = [(label, sample.labels[label], reference.labels.get(label, 0)) for label in sorted(reference.labels)]
    counts += [(UNSURE, sample.n_unsure, reference.n_unsure), (LOW, sample.n_low, reference.n_low)]
    for name, now, before in counts:
        # Surer scores than those of the held-out rows are nobody's concern.
        is_less = name in (UNSURE, LOW) and now / n <= before / reference.n
        yield name, now / n, before / reference.n, 1.0 if is_less else two_shares(now, n, before, reference.n)


def two_shares(n_of: int, n: int, m_of: int, m: int) -> float:
    """The two-sided p that `n_of` of `n` and `m_of` of `m` have one share.

    Source: Yates 1934, the pooled test with a correction for continuity, which errs on the side of no difference.
    """
    both = (n_of + m_of) / (n + m)
    spread = sqrt(both * (1 - both) * (1 / n + 1 / m))
    apart = abs(n_of / n - m_of / m) - (1 / n + 1 / m) / 2
    return erfc(apart / spread / sqrt(2)) if spread and apart > 0 else 1.0


def holm(chances: Sequence[float]) -> list[float]:
    """Each p adjusted so that the chance of any false alarm among them stays under the limit. Source: Holm 1979."""
    adjusted, highest = [0.0] * len(chances), 0.0
    for rank, place in enumerate(sorted(range(len(chances)), key=lambda i: chances[i])):
        highest = max(highest, min(1.0, chances[place] * (len(chances) - rank)))
        adjusted[place] = highest
    return adjusted


def people_said(judged: Sequence[tuple[float, bool]]) -> PeopleSaid | None:
    """Accuracy and calibration where people said what is right; None where nobody did. judged: score, whether right."""
    n = len(judged)
    if not n:
        return None
    right = sum(is_right for _, is_right in judged) / n
    gaps = [score - is_right for score, is_right in judged]
    mean = sum(gaps) / n
    spread = sum((gap - mean) ** 2 for gap in gaps) / max(1, n - 1)
    half = Z * sqrt((spread * n + 1) / (n + 1) / n)
    return PeopleSaid(n, right, wilson(right, n), _calibration_error(judged), mean, (mean - half, mean + half))


def _calibration_error(judged: Sequence[tuple[float, bool]]) -> float:
    """As training measures it: equal bins that hold their upper edge, weighted by what is in them."""
    gaps = [0.0] * _N_BINS
    for score, is_right in judged:
        gaps[min(_N_BINS - 1, max(0, ceil(score * _N_BINS) - 1))] += score - is_right
    return sum(map(abs, gaps)) / len(judged)

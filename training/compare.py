"""Two bundles on the same rows: who is right where the other is wrong, and whether that could be chance."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from care.classification import OUT_OF_SCOPE, Classification
from care.ports import Classifier
from training.held_out import HeldOut
from training.score import score_classifications

Flags = NDArray[np.bool_]
SURE = 0.95


@dataclass(frozen=True, slots=True)
class Changed:
    """One row that is read differently. line: in its file. before, after: what the two bundles say."""

    line: int
    gold: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class LabelChange:
    """How many rows of a label each finds. difference: of the shares found, after less before."""

    label: str
    n: int
    before: int
    after: int

    @property
    def difference(self) -> float:
        return (self.after - self.before) / self.n


@dataclass(frozen=True, slots=True)
class Share:
    """How many of n rows are right, and where the true share lies in 95 of 100 cases (Wilson 1927)."""

    right: int
    n: int

    @property
    def value(self) -> float:
        return self.right / self.n

    @property
    def interval(self) -> tuple[float, float]:
        low, high = stats.binomtest(self.right, self.n).proportion_ci(SURE, method="wilson")
        return float(low), float(high)


@dataclass(frozen=True)
class TaskComparison:
    """One task on the rows that have a label of it.

    A row is right when its label is named, one that fits no label when the bundle abstains. gained, lost: rows right
    only after, only before. measures: of `training/score.py`, before and after.
    """

    task: str
    before: Share
    after: Share
    gained: int
    lost: int
    measures: tuple[Mapping[str, Any], Mapping[str, Any]] = field(repr=False)
    labels: tuple[LabelChange, ...] = field(repr=False)
    changed: tuple[Changed, ...] = field(repr=False)

    @property
    def difference(self) -> float:
        return self.after.value - self.before.value

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true difference lies in 95 of 100 cases.

        Source: Agresti and Min 2005, Simple improved confidence intervals for comparing matched proportions.
        """
        gained, lost, n = self.gained + 0.5, self.lost + 0.5, self.before.n + 2
        middle = (gained - lost) / n
        spread = stats.norm.ppf(0.5 + SURE / 2) * math.sqrt(gained + lost - (gained - lost) ** 2 / n) / n
        return max(-1.0, middle - spread), min(1.0, middle + spread)

    @property
    def p(self) -> float:
        """The chance of so uneven gains and losses, or more uneven ones, between bundles that are equally good.

        McNemar's exact test, mid-p. Source: Fagerland, Lydersen and Laake 2013, The McNemar test for binary
        matched-pairs data.
        """
        n, few = self.gained + self.lost, min(self.gained, self.lost)
        if self.gained == self.lost:
            return 1.0
        return float(min(1.0, 2 * stats.binom.cdf(few, n, 0.5) - stats.binom.pmf(few, n, 0.5)))

    def measure(self, name: str) -> tuple[float, float]:
        """A measure before and after; NaN where these rows cannot give it."""
        before, after = (float(of.get(name, math.nan)) for of in self.measures)
        return before, after


@dataclass(frozen=True)
class Comparison:
    """Two bundles on the same rows. told: what was done with the rows."""

    before: str
    after: str
    tasks: tuple[TaskComparison, ...]
    told: tuple[str, ...] = ()


def compare(held_out: HeldOut, before: Classifier, after: Classifier) -> Comparison:
    """Read the same rows with both, and set what they say side by side."""
    texts = held_out.examples.texts
    tasks = [task for task in held_out.gold if task in before.labels and task in after.labels]
    read = [reader.classify_many(texts, tasks=tasks) for reader in (before, after)]
    compared = [_compared(held_out, task, read[0], read[1]) for task in tasks]
    return Comparison(before.bundle_id, after.bundle_id, tuple(compared), held_out.told)


def _compared(
    held_out: HeldOut, task: str, before: Sequence[Classification], after: Sequence[Classification]
) -> TaskComparison:
    rows, gold = held_out.rows_of(task)
    read = [[of[row] for row in rows] for of in (before, after)]
    right = [_right(gold, of, task) for of in read]
    changed = []
    for row, name, first, second in zip(rows, gold, *read, strict=True):
        said = first.tasks[task].label, second.tasks[task].label
        if said[0] != said[1]:
            changed.append(Changed(held_out.examples.rows[row].line, name, *said))
    names = np.array(gold)
    labels = [
        LabelChange(str(name), int(of.sum()), int(right[0][of].sum()), int(right[1][of].sum()))
        for name in np.unique(names)
        if (of := names == name).any()
    ]
    return TaskComparison(
        task=task,
        before=Share(int(right[0].sum()), len(gold)),
        after=Share(int(right[1].sum()), len(gold)),
        gained=int((right[1] & ~right[0]).sum()),
        lost=int((right[0] & ~right[1]).sum()),
        measures=(score_classifications(gold, read[0], task), score_classifications(gold, read[1], task)),
        labels=tuple(labels),
        changed=tuple(changed),
    )


def _right(gold: Sequence[str], read: Sequence[Classification], task: str) -> Flags:
    judged = [message.tasks[task] for message in read]
    right = [
        said.abstained if name == OUT_OF_SCOPE else said.label == name for name, said in zip(gold, judged, strict=True)
    ]
    return np.array(right, bool)


def lines_of(comparison: Comparison, *, n_labels: int = 10) -> list[str]:
    """The comparison for people: figures, and the labels that changed most."""
    lines = [f"before: {comparison.before}", f"after:  {comparison.after}"]
    for task in comparison.tasks:
        low, high = task.interval
        lines.append(
            f"{task.task}: right {_share(task.before)} -> {_share(task.after)}, {task.difference * 100:+.1f} points "
            f"({low * 100:+.1f} to {high * 100:+.1f}); {task.gained} rows gained, {task.lost} lost, p = {task.p:.3f}"
        )
        for name in ("macro_f1", "ece", "coverage_at_0.95"):
            before, after = task.measure(name)
            if not math.isnan(before) and not math.isnan(after):
                lines.append(f"  {name}: {before:.4f} -> {after:.4f} ({after - before:+.4f})")
        moved = sorted((label for label in task.labels if label.difference), key=lambda label: label.difference)
        for label in moved if len(moved) <= n_labels else [*moved[: n_labels // 2], *moved[-(n_labels // 2) :]]:
            lines.append(f"  {label.label}: {label.before} -> {label.after} of {label.n} ({label.difference:+.1%})")
        lines.append(f"  {len(task.changed)} of {task.before.n} rows are read differently")
    return lines


def _share(share: Share) -> str:
    low, high = share.interval
    return f"{share.value:.1%} ({low:.1%} to {high:.1%})"

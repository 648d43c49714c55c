"""Labels by number: what the rows of a training file say of one task."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from care.classification import OUT_OF_SCOPE
from training.recipe import TrainRecipe

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

UNLABELLED = -1
OUTSIDE = -2


@dataclass(frozen=True)
class SecondReading:
    """What else would do. is_read: (n_rows,) read a second time. accepts: (n_rows, n_labels) beside the label."""

    is_read: Bools = field(repr=False)
    accepts: Bools = field(repr=False)

    def extended(self, n: int) -> "SecondReading":
        """With n more rows that nobody read again."""
        return SecondReading(np.pad(self.is_read, (0, n)), np.pad(self.accepts, ((0, n), (0, 0))))


@dataclass(frozen=True)
class TaskData:
    """One task's labels. of: (n_rows,) label index, UNLABELLED or OUTSIDE. second: None where few were read again."""

    task: str
    labels: tuple[str, ...]
    of: Ints = field(repr=False)
    second: SecondReading | None = None

    def extended(self, label: int, n: int) -> "TaskData":
        """With n more rows of one label."""
        second = self.second.extended(n) if self.second is not None else None
        return TaskData(self.task, self.labels, np.append(self.of, np.full(n, label)), second)

    def is_judged(self, rows: Ints) -> Bools:
        """Which of these rows tell how often an answer will do: those read a second time, or all where too few were."""
        return self.second.is_read[rows] if self.second is not None else np.ones(len(rows), bool)

    def is_right(self, rows: Ints, chosen: Ints) -> Bools:
        """Whether the chosen labels are those of the rows, or others that a second reading accepts."""
        right = np.asarray(chosen == self.of[rows], bool)
        return right if self.second is None else right | self.second.accepts[rows, chosen]


ENOUGH_READ = 500
"""So many rows of a task read a second time can carry its calibration; fewer say too little and count for nothing."""


def task_data(task: str, values: Sequence[str | None], also: Sequence[frozenset[str] | None] | None = None) -> TaskData:
    """Labels by name to labels by number, names sorted. also: what else would do, as Examples.also has it."""
    labels = tuple(sorted({value for value in values if value is not None and value != OUT_OF_SCOPE}))
    index: dict[str | None, int] = {label: i for i, label in enumerate(labels)}
    index |= {None: UNLABELLED, OUT_OF_SCOPE: OUTSIDE}
    of = np.array([index[value] for value in values], np.int64)
    is_read = np.array([more is not None for more in also or [None] * len(of)], bool) & (of != UNLABELLED)
    if is_read.sum() < ENOUGH_READ:
        return TaskData(task, labels, of)
    accepts = np.zeros((len(of), len(labels)), bool)
    for row, more in enumerate(also or ()):
        accepts[row, [index[label] for label in more or () if index.get(label, OUTSIDE) >= 0]] = True
    return TaskData(task, labels, of, SecondReading(is_read, accepts))


def needs_background(data: TaskData, recipe: TrainRecipe) -> bool:
    """Many labels and few examples of what fits none of them."""
    return (
        recipe.scope.is_open(data.task, len(data.labels))
        and int((data.of == OUTSIDE).sum()) < recipe.scope.enough_outside
    )

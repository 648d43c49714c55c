"""Labels by number: what the rows of a training file say of one task."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from care.classification import OUT_OF_SCOPE
from training.recipe import TrainRecipe

Ints = NDArray[np.int64]

UNLABELLED = -1
OUTSIDE = -2


@dataclass(frozen=True)
class TaskData:
    """One task's labels. of: (n_rows,) label index, UNLABELLED or OUTSIDE."""

    task: str
    labels: tuple[str, ...]
    of: Ints = field(repr=False)

    def extended(self, label: int, n: int) -> "TaskData":
        """With n more rows of one label."""
        return TaskData(self.task, self.labels, np.append(self.of, np.full(n, label)))


def task_data(task: str, values: Sequence[str | None]) -> TaskData:
    """Labels by name to labels by number, names sorted."""
    labels = tuple(sorted({value for value in values if value is not None and value != OUT_OF_SCOPE}))
    index: dict[str | None, int] = {label: i for i, label in enumerate(labels)}
    index |= {None: UNLABELLED, OUT_OF_SCOPE: OUTSIDE}
    return TaskData(task, labels, np.array([index[value] for value in values], np.int64))


def needs_background(data: TaskData, recipe: TrainRecipe) -> bool:
    """Many labels and few examples of what fits none of them."""
    return (
        recipe.scope.is_open(data.task, len(data.labels))
        and int((data.of == OUTSIDE).sum()) < recipe.scope.enough_outside
    )

"""Labelled messages to measure bundles on: read for these bundles, and never those they learnt from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from care.classification import OUT_OF_SCOPE
from care.errors import BadInput
from model.learnt import are_seen
from training.examples import read_examples
from training.labels import key_of, some
from training.options import ReadOptions
from training.rows import Examples, examples_of

Labels = Mapping[str, Sequence[str]]
MOST_SEEN = 0.5
"""The share of messages that a bundle may have learnt from before its figures mean nothing."""


@dataclass(frozen=True)
class HeldOut:
    """Messages and their labels, in the spelling of the bundles that are measured. gold: by task, None: no label."""

    examples: Examples = field(repr=False)
    gold: Mapping[str, list[str | None]] = field(repr=False)
    told: tuple[str, ...] = ()

    def rows_of(self, task: str) -> tuple[list[int], list[str]]:
        """The rows that have a label of a task, and these labels."""
        labelled = [(row, name) for row, name in enumerate(self.gold[task]) if name is not None]
        return [row for row, _ in labelled], [name for _, name in labelled]


def read_held_out(path: Path, options: ReadOptions, known: Labels, *, allow_unknown: bool = False) -> HeldOut:
    """Read a file to measure on. known: labels of the bundles, by task.

    Raises BadTrainingData; BadInput where a task has no rows, or a label is none of theirs and not allow_unknown.
    """
    lacking = [task for task in options.labels if task not in known]
    if lacking:
        raise BadInput(f"This bundle has no task {lacking[0]}; it has {', '.join(known)}.")
    examples = read_examples([path], options, is_training=False)
    told = list(examples.told)
    gold = {}
    for task in options.labels:
        gold[task], lines = _spelt(examples, task, known[task], allow=allow_unknown)
        told += lines
        if not any(gold[task]):
            raise BadInput(f"{path.name}: no row has a label of {task}; name the column with --label {task}=COLUMN.")
    return HeldOut(examples, gold, tuple(told))


def check_unseen(held_out: HeldOut, bundle: Path, *, allow: bool) -> list[str]:
    """How many of the messages the bundle learnt from. Raises BadInput where it is most of them and not allowed."""
    texts = held_out.examples.texts
    n = int(are_seen(texts, bundle).sum())
    if not n:
        return []
    what = f"the bundle learnt from {n} of these {len(texts)} messages"
    if n > MOST_SEEN * len(texts) and not allow:
        raise BadInput(f"{what}, so it would know them by heart. Give messages it never saw, or say --allow-seen.")
    return [f"seen: {what}; the figures are too good by that"]


def without_seen(held_out: HeldOut, bundles: Sequence[Path]) -> HeldOut:
    """The messages that none of the bundles learnt from, and how many were left out. Raises BadInput for none."""
    texts = held_out.examples.texts
    is_seen = np.any([are_seen(texts, bundle) for bundle in bundles], axis=0)
    if not is_seen.any():
        return held_out
    kept = np.flatnonzero(~is_seen)
    if not len(kept):
        raise BadInput(f"The bundles learnt from all of these {len(texts)} messages. Give messages they never saw.")
    examples = examples_of([held_out.examples.rows[i] for i in kept], held_out.examples.tasks)
    gold = {task: [names[i] for i in kept] for task, names in held_out.gold.items()}
    for task, names in gold.items():
        if not any(names):
            raise BadInput(f"The bundles learnt from every row that has a label of {task}. Give rows they never saw.")
    line = f"seen: {len(texts) - len(kept)} of {len(texts)} messages were learnt by one of the bundles and are left out"
    return replace(held_out, examples=examples, gold=gold, told=(*held_out.told, line))


def _spelt(examples: Examples, task: str, known: Sequence[str], *, allow: bool) -> tuple[list[str | None], list[str]]:
    """The labels in the bundle's own spelling, and what is to be told. Raises BadInput for labels it does not know."""
    own = {key_of(name): name for name in (*known, OUT_OF_SCOPE)}
    gold = [name if name is None or name in known else own.get(key_of(name), name) for name in examples.of(task)]
    strange = [i for i, name in enumerate(gold) if name is not None and name not in known and name != OUT_OF_SCOPE]
    if not strange:
        return gold, []
    names = some(sorted({gold[i] or "" for i in strange}))
    lines = ", ".join(str(examples.rows[i].line) for i in strange[:8]) + (", ..." if len(strange) > 8 else "")
    what = (
        f"{task}: {len(strange)} of {len(gold)} rows have labels that the bundle does not know: {names} (line {lines})"
    )
    if not allow:
        raise BadInput(
            f"{what}. Mend them, write {OUT_OF_SCOPE} where no label of the bundle fits, empty the cell to skip the "
            "row, or say --allow-unknown to have them counted as wrong."
        )
    return gold, [f"{what}; they count as wrong"]

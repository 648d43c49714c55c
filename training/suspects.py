"""Rows whose label may be wrong: what models that never saw them say instead, the likeliest errors first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.corrections import RIGHT
from training.fit import Fitted
from training.rows import Examples
from wiring.tables.making import making

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Suspect:
    """One label that may be wrong. line: in its file. chance: of the label as it stands, and of the likelier one."""

    line: int
    task: str
    label: str
    likely: str
    chance: float
    likely_chance: float
    is_wrong: bool
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Doubts:
    """What models that never saw the rows say of their labels, each (n,).

    own: the chance of the label as it stands. likely: the likeliest other one. is_wrong: whether confident learning
    counts the label as wrong; how many it counts is near the truth, which ones less so.
    """

    own: Floats
    likely: Ints
    likely_chance: Floats
    is_wrong: Flags


def doubts_of(shares: Floats, gold: Ints) -> Doubts:
    """Read the doubts out of (n, n_labels) shares, out of fold.

    Source: Northcutt, Jiang and Chuang 2021, Confident learning, section 3: a label is counted as wrong where another
    one is as likely as it is, on average, on the rows that have it.
    """
    at = np.arange(len(gold))
    own = shares[at, gold]
    others = shares.copy()
    others[at, gold] = -np.inf
    likely = others.argmax(axis=1)
    chance = others[at, likely]
    counts = np.bincount(gold, minlength=shares.shape[1])
    usual = np.bincount(gold, weights=own, minlength=shares.shape[1]) / np.maximum(counts, 1)
    return Doubts(own, np.asarray(likely, np.int64), chance, (chance > own) & (chance >= usual[likely]))


def suspects_of(fitted: Fitted, examples: Examples, masked: Sequence[str]) -> list[Suspect]:
    """Of every task, the rows of which another label is likelier, the least likely label first.

    The order is that of the chance of the label as it stands: with planted errors it finds more of them early than any
    margin to the other label (`benchmarks/suspects.py`). masked: the texts as they are kept.
    """
    found: list[Suspect] = []
    for head in fitted.heads:
        measured: Mapping[str, Any] = fitted.metrics[head.task]
        best = measured.get("full", measured["lean"])
        shares, gold, rows = best["shares"], best["gold"], best["rows"]
        if not len(gold):
            continue
        doubts = doubts_of(shares, gold)
        for at in np.flatnonzero(doubts.likely_chance > doubts.own):
            row = int(rows[at])
            labels = (head.labels[int(gold[at])], head.labels[int(doubts.likely[at])])
            chances = (round(float(doubts.own[at]), 4), round(float(doubts.likely_chance[at]), 4))
            is_wrong = bool(doubts.is_wrong[at])
            found.append(Suspect(examples.rows[row].line, head.task, *labels, *chances, is_wrong, masked[row]))
    return sorted(found, key=lambda suspect: suspect.chance)


def write_suspects(path: Path, suspects: Sequence[Suspect]) -> None:
    """A row a suspect, worst first; `right` and `by` are for whoever looks, and `train --add` reads them.

    Raises BadInput for a name of no kind of rows.
    """
    columns = {"line": int, "task": str, "label": str, "likely": str, "chance": float, "likely_chance": float}
    with making(path, {**columns, "text": str, RIGHT: str, "by": str}) as write:
        for row in suspects:
            write([row.line, row.task, row.label, row.likely, row.chance, row.likely_chance, row.text, None, None])

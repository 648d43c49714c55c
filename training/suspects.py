"""Rows whose label is likely wrong: what models that never saw them say instead, the surest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.fit import Fitted
from training.rows import Examples
from wiring.tables.making import making

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Suspect:
    """One label that is likely wrong. line: in its file. chance: of the label as it stands, and of the likelier one."""

    line: int
    task: str
    label: str
    likely: str
    chance: float
    likely_chance: float
    text: str = field(repr=False)


def margins(shares: Floats, gold: Ints) -> tuple[Floats, Ints]:
    """(n,) how far the label as it stands is behind the likeliest other one, and (n,) which that is.

    shares: (n, n_labels) out of fold. Labels that the models are surer of in general count for less.
    Source: Northcutt, Jiang and Chuang 2021, Confident learning, section 3 (thresholds by label) and 4 (normalised
    margin); the library cleanlab ranks by it.
    """
    at = np.arange(len(gold))
    own = shares[at, gold]
    counts = np.bincount(gold, minlength=shares.shape[1])
    sure = np.bincount(gold, weights=own, minlength=shares.shape[1]) / np.maximum(counts, 1)
    levelled = shares - sure.astype(np.float32)
    own = levelled[at, gold].copy()
    levelled[at, gold] = -np.inf
    likely = levelled.argmax(axis=1)
    return np.asarray(own - levelled[at, likely], np.float32), np.asarray(likely, np.int64)


def suspects_of(fitted: Fitted, examples: Examples, masked: Sequence[str]) -> list[Suspect]:
    """Of every task, the rows whose label falls behind another, worst first. masked: the texts as they are kept."""
    found: list[tuple[float, Suspect]] = []
    for head in fitted.heads:
        measured: Mapping[str, Any] = fitted.metrics[head.task]
        best = measured.get("full", measured["lean"])
        shares, gold, rows = best["shares"], best["gold"], best["rows"]
        if not len(gold):
            continue
        behind, likely = margins(shares, gold)
        for at in np.flatnonzero(behind < 0):
            row, own, other = int(rows[at]), int(gold[at]), int(likely[at])
            labels = (head.labels[own], head.labels[other])
            chances = (round(float(shares[at, own]), 4), round(float(shares[at, other]), 4))
            suspect = Suspect(examples.rows[row].line, head.task, *labels, *chances, masked[row])
            found.append((float(behind[at]), suspect))
    found.sort(key=lambda item: item[0])
    return [suspect for _, suspect in found]


def write_suspects(path: Path, suspects: Sequence[Suspect]) -> None:
    """A row a suspect, worst first; `keep` is for whoever looks. Raises BadInput for a name of no kind of rows."""
    columns = {"line": int, "task": str, "label": str, "likely": str, "chance": float, "likely_chance": float}
    with making(path, {**columns, "text": str, "keep": str}) as write:
        for row in suspects:
            write([row.line, row.task, row.label, row.likely, row.chance, row.likely_chance, row.text, None])

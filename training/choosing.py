"""What to label next: texts that a bundle is unsure of, each unlike the others that are chosen."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from care.classification import Classification, Judgement
from care.errors import BadInput
from model.learnt import are_seen
from model.text import normalise
from model.topics import piece_vectors
from training.labels import is_none, tidy
from training.options import ReadOptions
from wiring.tables.making import making
from wiring.tables.reading import open_table

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
CANDIDATES = 5
"""So many times as many of the most doubtful texts are looked at as are chosen, for the sake of variety."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One text worth a label. line: in its file. task: whose label is in doubt. why: new, unsure or between two."""

    line: int
    task: str
    label: str
    score: float
    why: str
    text: str = field(repr=False)


MOST = 20_000
"""Of more texts so many are looked at, drawn evenly."""


@dataclass(frozen=True)
class Pool:
    """Texts without labels: where they stand, as they may be kept, and what a bundle says of each."""

    lines: Sequence[int]
    texts: Sequence[str] = field(repr=False)
    judged: Sequence[Classification] = field(repr=False)


@dataclass(frozen=True)
class Unlabelled:
    """Texts of a file that have no label yet, each once. n_seen: how many the bundle learnt from, and were left out."""

    lines: Sequence[int]
    texts: Sequence[str] = field(repr=False)
    n_seen: int = 0


def read_unlabelled(path: Path, options: ReadOptions, bundle: Path, *, seed: int = 13) -> Unlabelled:
    """The texts to choose from. Rows with a label of every task in `options` are passed over.

    Raises BadInput where none is left, Unreadable, NotFound.
    """
    columns = list(options.labels.values())
    table = open_table(path, needs=[options.text], may=columns, sheet=options.sheet)
    first: dict[str, tuple[int, str]] = {}
    for row in table:
        text, has = row[options.text], [tidy(str(row.value(column) or "")) for column in columns]
        if normalise(text) and not (has and all(label and not is_none(label) for label in has)):
            first.setdefault(normalise(text).lower(), (row.line, text))
    rows = list(first.values())
    is_seen = are_seen([text for _, text in rows], bundle)
    fresh = [row for row, seen in zip(rows, is_seen, strict=True) if not seen]
    if not fresh:
        raise BadInput(f"{path.name}: no text is left to choose from: all are empty, labelled or known to the bundle.")
    if len(fresh) > MOST:
        fresh = [fresh[at] for at in np.sort(np.random.default_rng(seed).permutation(len(fresh))[:MOST])]
    return Unlabelled([line for line, _ in fresh], [text for _, text in fresh], int(is_seen.sum()))


def choose(pool: Pool, tasks: Sequence[str], n: int, *, vectors: Floats | None = None, seed: int = 13) -> list[Choice]:
    """At most n texts, the most doubtful of each of n groups of texts alike, the most doubtful first.

    vectors: (n_texts, any) what tells texts apart; pieces of their words without it. Doubt: how near the two likeliest
    labels of a task are, of any task.
    Source: Citovsky et al. 2021, Batch active learning at scale (margins first, then one of each cluster).
    """
    doubts, in_doubt = _doubts(pool.judged, tasks)
    order = np.argsort(-doubts, kind="stable")[: CANDIDATES * n]
    chosen = order if len(order) <= n else _one_of_each_group(order, pool.texts, vectors, n, seed=seed)
    choices = []
    for at in chosen:
        task = tasks[in_doubt[at]]
        said = pool.judged[at].tasks[task]
        choices.append(Choice(pool.lines[at], task, said.label, said.score, _why(said), pool.texts[at]))
    return choices


def _doubts(judged: Sequence[Classification], tasks: Sequence[str]) -> tuple[Floats, Ints]:
    """(n,) the greatest doubt of each text, and (n,) in which task."""
    doubts = np.array([[1 - _margin(message.tasks[task]) for task in tasks] for message in judged], np.float32)
    doubts = doubts.reshape(len(judged), len(tasks))
    return doubts.max(axis=1, initial=0), doubts.argmax(axis=1)


def _margin(said: Judgement) -> float:
    return said.score - (said.candidates[1].score if len(said.candidates) > 1 else 0.0)


def _why(said: Judgement) -> str:
    first, second = said.score, said.candidates[1].score if len(said.candidates) > 1 else 0.0
    if first + second < _LITTLE:
        return "new: no label is likely"
    return f"between {said.label} and {said.candidates[1].label}" if second > first / 2 else "unsure"


_LITTLE = 0.4


def _one_of_each_group(order: Ints, texts: Sequence[str], vectors: Floats | None, n: int, *, seed: int) -> Ints:
    """Of texts in the order of their doubt, the first of each of n groups."""
    from sklearn.cluster import KMeans

    near = piece_vectors([texts[at] for at in order], seed=seed) if vectors is None else vectors[order]
    groups = KMeans(n, n_init=1, max_iter=30, random_state=seed).fit_predict(near)
    _, first = np.unique(groups, return_index=True)
    return order[np.sort(first)]


def write_choices(path: Path, choices: Sequence[Choice]) -> None:
    """A row a text, in the columns of a list of suspects: who labels writes in `right` and `by`, `--add` reads it."""
    columns = {"line": int, "task": str, "label": str, "score": float, "why": str, "text": str, "right": str, "by": str}
    with making(path, columns) as write:
        for choice in choices:
            score = round(choice.score, 4)
            write([choice.line, choice.task, choice.label, score, choice.why, choice.text, None, None])

"""What the encoder learns from when it is fine-tuned, in which steps, and which rows it must never learn from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.encoder import word_pieces
from training.kin import Kin, sayings
from training.tasks import OUTSIDE, TaskData

Ints = NDArray[np.int64]

N_HELD_OUT = 1_500
"""Rows that calibration needs (99 % precision takes 299 faultless answers); more are better spent on learning."""
SHARE_HELD_OUT = (0.1, 0.2)


@dataclass(frozen=True, slots=True)
class Tuning:
    """Every number of a fine-tuning run. docs/decisions/0013-fine-tuned-encoder.md says how they were chosen.

    frozen_layers: how many of the lowest do not learn. kept: the share of the original weights in the result, 0 to 1.
    """

    seed: int = 13
    epochs: int = 3
    batch: int = 32
    frozen_layers: int = 2
    encoder_rate: float = 2e-4
    layer_decay: float = 0.9
    head_rate: float = 1e-3
    weight_decay: float = 0.01
    warm_up: float = 0.1
    smoothing: float = 0.1
    scale: float = 16.0
    max_norm: float = 1.0
    kept: float = 0.5


@dataclass(frozen=True)
class Lesson:
    """What is learnt from. tokens: word pieces of each row. targets: a task each, (n_rows,) label or UNLABELLED."""

    tokens: tuple[Sequence[int], ...] = field(repr=False)
    targets: tuple[Ints, ...] = field(repr=False)
    n_labels: tuple[int, ...]

    def batches(self, tuning: Tuning) -> list[list[Ints]]:
        """The rows of every step, epoch by epoch. Rows of like length share a batch: little padding is computed."""
        dice = np.random.default_rng(tuning.seed)
        lengths = np.array([len(row) for row in self.tokens])
        epochs = []
        for _ in range(tuning.epochs):
            order = dice.permutation(len(lengths))
            steps: list[Ints] = []
            for start in range(0, len(order), 50 * tuning.batch):
                pool = order[start : start + 50 * tuning.batch]
                pool = pool[np.argsort(lengths[pool], kind="stable")]
                steps += [pool[i : i + tuning.batch] for i in range(0, len(pool), tuning.batch)]
            epochs.append([steps[int(i)] for i in dice.permutation(len(steps))])
        return epochs

    def n_tokens(self, rows: Ints) -> int:
        """What a step over these rows costs, padding included."""
        return len(rows) * max(len(self.tokens[i]) for i in rows)

    def padded(self, rows: Ints) -> tuple[Ints, Ints]:
        """(n, length) ids and mask."""
        ids = np.zeros((len(rows), max(len(self.tokens[i]) for i in rows)), np.int64)
        mask = np.zeros_like(ids)
        for at, row in enumerate(rows):
            ids[at, : len(self.tokens[row])] = self.tokens[row]
            mask[at, : len(self.tokens[row])] = 1
        return ids, mask


def held_out(texts: Sequence[str], tasks: Sequence[TaskData], *, threads: Sequence[str | None], seed: int) -> Ints:
    """The rows that the encoder does not learn from: some of every label, a thread or a repeated text whole or not."""
    low, high = SHARE_HELD_OUT
    every = round(1 / float(np.clip(N_HELD_OUT / len(texts), low, high)))
    groups: dict[str, list[int]] = {}
    for row, (text, thread) in enumerate(zip(texts, threads, strict=True)):
        groups.setdefault(f"thread {thread}" if thread else f"text {text.lower()}", []).append(row)
    members = list(groups.values())
    by_size = sorted(tasks, key=lambda data: -len(data.labels))

    def place(group: int) -> list[int]:
        return [*(int(data.of[members[group][0]]) for data in by_size), len(members[group])]

    # Evenly through the labels, the task with the most of them first; then through long and short threads.
    order = sorted(np.random.default_rng(seed).permutation(len(members)).tolist(), key=place)
    out = set(order[every // 2 :: every])
    for data in by_size:
        labelled = [group for group in order if any(data.of[row] >= 0 for row in members[group])]
        # A task that few rows speak of may have been passed over.
        if 2 * every * len(out.intersection(labelled)) < len(labelled):
            out.update(labelled[every // 2 :: every] or labelled[-1:])
    return np.array(sorted(row for group in out for row in members[group]), np.int64)


def without_repeats_of(rows: Ints, texts: Sequence[str]) -> Ints:
    """The other rows, but for those that say what one of `rows` says."""
    said = Kin.of(sayings(texts, [""] * len(texts)), [None] * len(texts))
    chosen = np.zeros(len(texts), bool)
    chosen[rows] = True
    return np.flatnonzero(~said.with_kin(chosen))


def lesson_of(weights: Path, texts: Sequence[str], labels: Sequence[Ints], tasks: Sequence[TaskData]) -> Lesson:
    """Texts as word pieces, cut as in serving; what fits no label is one label more where there are such rows."""
    targets, n_labels = [], []
    for of, data in zip(labels, tasks, strict=True):
        n = len(data.labels)
        targets.append(np.where(of == OUTSIDE, n, of))
        n_labels.append(n + bool((of == OUTSIDE).any()))
    return Lesson(tuple(word_pieces(weights, texts)), tuple(targets), tuple(n_labels))

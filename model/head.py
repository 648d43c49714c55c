"""What turns the two readings of a message into answers: n-grams, encoder, and what keeps them honest."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.calibration import Certificate

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

CERTAIN = 30.0
"""Log odds that leave no doubt in single precision."""


@dataclass(frozen=True)
class Blend:
    """How much of what was said before counts beside the message; model/thread.py makes the marks.

    gate: (n_marks,) log odds by mark that the thread is the better witness. offsets: (N_PRIORS, n_labels) added to the
    logarithms of the labels' shares by each of the first marks: what is likely in a thread at all.
    """

    gate: Floats = field(repr=False)
    offsets: Floats = field(repr=False)


@dataclass(frozen=True)
class ScoringStage:
    """How one stage's scores become an answer. Everything here was fitted out of fold; model/panel.py applies it.

    mix: weight of each source. worth: (n_labels, n_labels) what the second is worth as an answer where the first is
    right; what is worth most is chosen.
    right, fits: weights of the evidence in the order of model/panel.py, bias last: for the label being right where some
    label fits, and for some label fitting. final: slope and shift of the last calibration. threshold: below it the
    answer abstains. gate: at or above it this stage answers alone. blend: None where threads were not learnt from.
    """

    mix: tuple[float, ...]
    worth: Floats = field(repr=False)
    right: Floats = field(repr=False)
    fits: Floats = field(repr=False)
    final: tuple[float, float]
    threshold: float
    gate: float
    certificates: tuple[Certificate, ...] = ()
    blend: Blend | None = None

    @property
    def needs_nearest(self) -> bool:
        """Whether the last two of the evidence, those of the most alike messages, have any weight."""
        return bool(self.right[-3:-1].any() or self.fits[-3:-1].any())


@dataclass(frozen=True)
class TaskHead:
    """One task: linear scores over n-grams, a place among the kernel's columns, and the two stages.

    ngram_weight: (n_features, n_labels + 1), the last column speaks for nothing fitting; the kernel has as many for
    this head. rows: (n_rows,) label of each training row for this task, negative where it has none.
    """

    task: str
    labels: tuple[str, ...]
    ngram_weight: Floats = field(repr=False)
    ngram_bias: Floats = field(repr=False)
    lean: ScoringStage
    full: ScoringStage | None = None
    rows: Ints | None = field(default=None, repr=False)

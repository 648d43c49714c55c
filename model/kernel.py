"""What the training messages most like a reading say for every label: the second source of a head's scores."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from care.errors import BundleError
from model.session import open_session

Floats = NDArray[np.float32]

MEANING, STYLE = "meaning", "style"
SCORES, COSINES = "scores", "cosines"
"""Inputs and outputs of the graph, which training/kernel_graph.py writes."""

_BATCH = 32
"""Rows of one run: more cost memory and bring nothing."""


@dataclass(frozen=True)
class Kernel:
    """One ONNX graph: readings in, scores for all heads' columns and the nearness of every training row out.

    Safe from several threads; create it in the process that uses it, never before a fork.
    """

    n_meaning: int
    n_style: int
    n_columns: int
    n_rows: int
    _session: Any = field(repr=False)

    @classmethod
    def load(cls, graph: Path | bytes) -> "Kernel":
        """Open a graph, from its file or its content. Raises BundleError unless it runs and its weights are numbers."""
        try:
            session = open_session(graph)
            n_meaning, n_style = (int(port.shape[1]) for port in session.get_inputs())
            n_columns, n_rows = (int(port.shape[1]) for port in session.get_outputs())
            kernel = cls(n_meaning, n_style, n_columns, n_rows, session)
            # A weight that is no number shows in whatever is read with it.
            probe = kernel.read(np.zeros((1, n_meaning + n_style), np.float32))
        except Exception as error:
            raise BundleError(f"The kernel does not load: {error}") from error
        if not all(np.isfinite(row).all() for row in probe):
            raise BundleError("The kernel holds weights that are no numbers.")
        return kernel

    def read(self, readings: Floats) -> tuple[Floats, Floats]:
        """(n, n_columns) scores of all heads, and (n, n_rows) cosines of the sentence vectors of the training rows.

        readings: (n, n_meaning + n_style), as model/features.py makes them.
        """
        parts = [self._run(readings[start : start + _BATCH]) for start in range(0, len(readings), _BATCH)]
        if len(parts) == 1:
            return parts[0]
        return np.concatenate([scores for scores, _ in parts]), np.concatenate([cosines for _, cosines in parts])

    def _run(self, readings: Floats) -> tuple[Floats, Floats]:
        read = {MEANING: readings[:, : self.n_meaning], STYLE: readings[:, self.n_meaning :]}
        scores, cosines = self._session.run((SCORES, COSINES), read)
        return scores, cosines

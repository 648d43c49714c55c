"""What a bundle said of the rows it was measured on, kept in its manifest: `tactful drift` holds today beside it."""

from collections import Counter
from typing import Any

from care.classification import Band
from training.fit import Fitted


def reference_of(fitted: Fitted) -> dict[str, Any]:
    """By task the counts of the held-out rows: n, labels given, scores under the threshold, scores in the low band.

    They are given by the stage that serves: one fitted on half the rows draws its lines elsewhere, and gives labels in
    other shares.
    """
    kept: dict[str, Any] = {}
    for head in fitted.heads:
        measured = fitted.metrics[head.task]
        found = measured.get("full", measured["lean"])["served"]
        stage = head.full if "full" in measured and head.full is not None else head.lean
        said = Counter(head.labels[i] for i in found["chosen"])
        scores = [float(score) for score in found["scores"]]
        kept[head.task] = {
            "n": len(scores),
            "labels": {label: said[label] for label in head.labels},
            "threshold": float(stage.threshold),
            "n_unsure": sum(score < stage.threshold for score in scores),
            "n_low": sum(Band.of(score) is Band.LOW for score in scores),
        }
    return kept

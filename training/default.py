"""The bundle that tactful starts with, trained on its own fixtures."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from care.classification import OUT_OF_SCOPE
from care.errors import BundleError
from care.ports import Redactor
from model.bundle import SCHEMA, Bundle, read_manifest
from model.classifier import MessageClassifier
from model.encoder import EXPORT_VERSION, Encoder
from model.sensitive import SensitiveFinder
from training.examples import read_examples
from training.fit import FIT_VERSION
from training.pairs import texts_of
from training.recipe import TrainRecipe
from training.rows import Examples, examples_of
from training.run import Report, open_encoder, train_on
from training.score import score_classifications

Say = Callable[[str], None]
DEFAULT_RECIPE = TrainRecipe(landmarks=2_500, least_threshold=0.5)
"""As many rows as the fixtures have would take the kernel minutes without landmarks."""
TASKS = {task: task for task in ("intent", "sentiment", "urgency", "act", "stance", "addressed")}


def train_default(
    *,
    fixtures: Path,
    home: Path,
    encoder: str = "minilm",
    reader: Encoder | None = None,
    force: bool = False,
    redactor: Redactor | None = None,
    threads: int = 2,
    progress: Say = lambda line: None,
) -> Report | None:
    """Train home/bundles/default from fixtures/messages/*.csv.

    reader: the encoder of that name, where it was opened already. Returns None when the bundle there was already
    trained from exactly this. The golden messages are only scored.
    """
    out = home / "bundles" / "default"
    examples = read_fixtures(fixtures)
    mark = _mark(examples, encoder)
    if not force and _is_current(out, mark):
        progress("the default bundle is up to date")
        return None
    reader = reader or open_encoder(encoder, home=home, threads=threads, say=progress)
    report = train_on(
        examples,
        encoder=reader,
        recipe=DEFAULT_RECIPE,
        out=out,
        name="default",
        redactor=redactor,
        threads=threads,
        progress=progress,
        extra={"mark": mark},
    )
    return report


def open_default(home: Path, encoder: Encoder | None) -> MessageClassifier:
    """The default bundle, ready to read messages. Raises BundleError."""
    return MessageClassifier(Bundle.load(home / "bundles" / "default"), encoder, SensitiveFinder())


def read_fixtures(fixtures: Path) -> Examples:
    """All fixture messages, in a stable order, but those whose drafts were marked. Raises BadTrainingData."""
    judged = {text for text, _ in texts_of(fixtures / "pairs.csv")}
    rows = []
    for path in sorted((fixtures / "messages").glob("*.csv")):
        read = read_examples([path], text="text", labels=TASKS, allow_conflicts=True, is_training=False)
        # A file is a trade: folds leave out whole trades.
        rows += [replace(row, group=path.stem) for row in read.rows if row.text not in judged]
    return examples_of(rows, tuple(TASKS))


def score_golden(fixtures: Path, classifier: MessageClassifier) -> dict[str, dict[str, Any]]:
    """How the bundle does on the golden messages, which no training ever sees."""
    golden = read_examples([fixtures / "golden.csv"], text="text", labels=TASKS, is_training=False)
    read = classifier.classify_many(golden.texts)
    scored: dict[str, dict[str, Any]] = {}
    for task in TASKS:
        gold = [label or OUT_OF_SCOPE for label in golden.of(task)]
        found = score_classifications(gold, read, task)
        scored[task] = {name: found[name] for name in ("n", "accuracy", "macro_f1", "ece") if name in found}
    return scored


def _mark(examples: Examples, encoder: str) -> str:
    parts = f"{examples.data_hash} {encoder} {SCHEMA} {EXPORT_VERSION} {FIT_VERSION} {DEFAULT_RECIPE}"
    return hashlib.sha256(parts.encode()).hexdigest()


def _is_current(out: Path, mark: str) -> bool:
    try:
        if read_manifest(out).get("mark") != mark:
            return False
        Bundle.load(out)
    except BundleError:
        return False
    return True

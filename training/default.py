"""The bundle that tactful starts with, trained on its own fixtures."""

import hashlib
from dataclasses import replace
from pathlib import Path

from care.errors import BundleError
from model.bundle import SCHEMA, Bundle, read_manifest
from model.classifier import MessageClassifier
from model.encoder import EXPORT_VERSION, Encoder
from model.sensitive import SensitiveFinder
from training.examples import read_examples
from training.fit import FIT_VERSION
from training.options import ReadOptions, Say, TrainOptions
from training.pairs import texts_of
from training.recipe import KernelRecipe, ScopeRecipe, TrainRecipe
from training.rows import Examples, examples_of
from training.run import Report, open_encoder, train_on

DEFAULT_RECIPE = TrainRecipe(
    max_rows=24_000, kernel=KernelRecipe(landmarks=2_500), scope=ScopeRecipe(least_threshold=0.65)
)
"""As many rows as the fixtures have would take the kernel minutes without landmarks."""
TASKS = {task: task for task in ("intent", "sentiment", "urgency", "act", "stance", "addressed")}


def train_default(
    fixtures: Path, options: TrainOptions, *, reader: Encoder | None = None, force: bool = False
) -> Report | None:
    """Train the bundle at options.out, as `default_options` names it, from fixtures/messages/*.csv.

    reader: the encoder of the options, where it was opened already. Returns None when the bundle there was already
    trained from exactly this. The golden messages are only scored.
    """
    examples = read_fixtures(fixtures)
    mark = _mark(examples, options.encoder)
    if not force and _is_current(options.out, mark):
        options.say("the default bundle is up to date")
        return None
    reader = reader or open_encoder(options.encoder, home=options.home, threads=options.threads, say=options.say)
    return train_on(examples, reader, replace(options, facts={"mark": mark}))


def default_options(home: Path, encoder: str, say: Say) -> TrainOptions:
    """Where the default bundle is made, and by which recipe."""
    return TrainOptions(home / "bundles" / "default", home, encoder, "default", DEFAULT_RECIPE, say=say)


def open_default(home: Path, encoder: Encoder | None) -> MessageClassifier:
    """The default bundle, ready to read messages. Raises BundleError."""
    return MessageClassifier(Bundle.load(home / "bundles" / "default"), encoder, SensitiveFinder())


def read_fixtures(fixtures: Path) -> Examples:
    """All fixture messages, in a stable order, but those whose drafts were marked. Raises BadTrainingData."""
    judged = {text for text, _ in texts_of(fixtures / "pairs.csv")}
    rows = []
    for path in sorted((fixtures / "messages").glob("*.csv")):
        read = read_examples([path], ReadOptions(TASKS), is_training=False)
        # A file is a trade: folds leave out whole trades.
        rows += [replace(row, group=path.stem) for row in read.rows if row.text not in judged]
    return examples_of(rows, tuple(TASKS))


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

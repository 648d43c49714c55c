"""Fit the pipeline that reads spans, on marked sentences of ours: `fixtures/spans/*.txt`, one file a trade.

The head that says how sure a span is, and the threshold of each kind, come from trades that the pipeline they were
measured on never saw.
"""

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from care.errors import BundleError
from model.sealed import hashes_of
from model.spans import GIVEN, NEVER, SpanReader, blank_pipeline, seen_in, spans_folder, words_of
from training.heads import matrix_of
from training.marked import MarkedText, read_marked

FIT_VERSION = 1
"""Raised when the same sentences would give another pipeline."""
Say = Callable[[str], None]
Vectors = tuple[list[str], NDArray[np.float32]]
"""Words in small letters, and the vector of each."""


@dataclass(frozen=True, slots=True)
class SpansRecipe:
    """Every number the pipeline depends on.

    precision: of the spans that are given, on trades unseen. least: so many spans must show it. n_parts: one of so many
    parts of the trades is held back to find thresholds. swaps: the share of sentences in which values change places.
    """

    seed: int = 7
    epochs: int = 5
    rate: float = 0.004
    batch: int = 32
    dropout: float = 0.3
    swaps: float = 0.5
    n_parts: int = 2
    c: float = 0.3
    precision: float = 0.97
    least: int = 12
    vector_width: int = 64


def train_default_spans(
    *,
    fixtures: Path,
    home: Path,
    encoder: Path | None = None,
    recipe: SpansRecipe | None = None,
    force: bool = False,
    say: Say = lambda line: None,
) -> Path:
    """Fit the pipeline into home/bundles/spans, unless the one there came from the same sentences.

    encoder: folder of the exported encoder, whose word vectors the pipeline reads too; None: none. Raises
    BadTrainingData.
    """
    recipe, out = recipe or SpansRecipe(), spans_folder(home)
    marked = read_marked(fixtures / "spans")
    mark = hashlib.sha256(f"{FIT_VERSION} {recipe} {_mark_of(encoder)} {marked}".encode())
    mark.update(str([row.text for row in marked]).encode())
    if not force and _is_current(out, mark.hexdigest()):
        say("the pipeline of spans is up to date")
        return out
    say(f"fitting the pipeline of spans on {len(marked)} marked sentences")
    vectors = word_vectors(encoder, width=recipe.vector_width) if encoder is not None else None
    reader = fit_spans(marked, vectors=vectors, recipe=recipe)
    replace(reader, about={**reader.about, "mark": mark.hexdigest()}).save(out)
    return out


def _mark_of(encoder: Path | None) -> Mapping[str, str]:
    """What tells one exported encoder from another; empty where its files cannot be read."""
    try:
        return {} if encoder is None else hashes_of(encoder, ("model.onnx", "tokenizer.json"))
    except OSError:
        return {}


def _is_current(out: Path, mark: str) -> bool:
    try:
        return SpanReader.load(out).about.get("mark") == mark
    except BundleError:
        return False


def fit_spans(
    marked: Sequence[MarkedText], *, vectors: Vectors | None = None, recipe: SpansRecipe | None = None
) -> SpanReader:
    """The pipeline on all sentences; its head and thresholds from trades held back from a pipeline like it."""
    recipe = recipe or SpansRecipe()
    trades = sorted({row.trade for row in marked})
    held = set(trades[:: recipe.n_parts]) if len(trades) > 1 else set()
    seen, unseen = [row for row in marked if row.trade not in held], [row for row in marked if row.trade in held]
    weights: dict[str, float] = {}
    thresholds = dict.fromkeys(GIVEN, NEVER)
    about: dict[str, object] = {"sentences": len(marked), "vectors": vectors is not None}
    if unseen:
        trial = SpanReader(_fitted(seen, vectors, recipe), {}, {}, _known(seen))
        weights, scored = _head(trial, unseen, recipe)
        thresholds = {label: threshold(scored, label, recipe) for label in GIVEN}
        about["sure"] = {label: _told(scored, label, thresholds[label]) for label in GIVEN}
    return SpanReader(_fitted(marked, vectors, recipe), weights, thresholds, _known(marked), about)


def _known(marked: Sequence[MarkedText]) -> dict[str, dict[str, float]]:
    return words_of([(row.text, row.marks) for row in marked])


Scored = tuple[str, float, bool]
"""A span: its label, with " alone" where no frame holds it; its chance; whether it was marked exactly so."""


def _head(
    trial: SpanReader, unseen: Sequence[MarkedText], recipe: SpansRecipe
) -> tuple[dict[str, float], list[Scored]]:
    """Weights of the head, and every span with its chance from a head that had not seen its trade."""
    features, is_right, labels, trades = [], [], [], []
    for row in unseen:
        doc = trial.pipeline(row.text)
        for span, label, is_framed in trial.witnessed(doc):
            features.append(seen_in(doc, span, label, is_framed, trial.known))
            at = (span.start_char, span.end_char)
            # What failed is a thing all the same.
            is_right.append((*at, label) in row.marks or (label == "PRODUCT" and (*at, "FAILED") in row.marks))
            labels.append(label if is_framed else f"{label} alone")
            trades.append(row.trade)
    if len(set(is_right)) < 2:
        return {}, []
    matrix, names = matrix_of(features)
    right, of_trade = np.array(is_right), np.array(trades)
    chance = np.zeros(len(right))
    for trade in sorted(set(trades)):
        out = of_trade == trade
        if len(set(right[~out])) == 2:
            chance[out] = _logistic(recipe).fit(matrix[~out], right[~out]).predict_proba(matrix[out])[:, 1]
    whole = _logistic(recipe).fit(matrix, right)
    weights = {name: round(float(value), 5) for name, value in zip(names, whole.coef_[0], strict=True)}
    return weights, list(zip(labels, chance.tolist(), is_right, strict=True))


def _logistic(recipe: SpansRecipe) -> LogisticRegression:
    return LogisticRegression(C=recipe.c, fit_intercept=False, max_iter=500, random_state=recipe.seed)


def threshold(scored: Sequence[Scored], label: str, recipe: SpansRecipe) -> float:
    """The lowest chance from which the spans of a label are as often right as asked; NEVER where too few show it."""
    of_label = sorted(((chance, right) for name, chance, right in scored if name == label), reverse=True)
    best, n_right = NEVER, 0
    for n, (chance, right) in enumerate(of_label, 1):
        n_right += right
        is_last = n == len(of_label) or of_label[n][0] < chance
        if is_last and n >= recipe.least and n_right / n >= recipe.precision:
            best = chance
    return best


def _told(scored: Sequence[Scored], label: str, least: float) -> dict[str, float]:
    kept = [right for name, chance, right in scored if name == label and chance >= least]
    return {"spans": len(kept), "right": sum(kept), "proposed": sum(name == label for name, _, _ in scored)}


def _fitted(marked: Sequence[MarkedText], vectors: Vectors | None, recipe: SpansRecipe) -> Any:
    """A pipeline that learnt these sentences; the same ones and the same recipe give the same weights."""
    from spacy.training import Example
    from spacy.util import fix_random_seed, minibatch
    from spacy.vectors import Vectors as Table
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    fix_random_seed(recipe.seed)
    chance = random.Random(recipe.seed)
    pipeline = blank_pipeline(has_vectors=vectors is not None)
    if vectors is not None:
        words, table = vectors
        keys = [pipeline.vocab.strings.add(word) for word in words]
        pipeline.vocab.vectors = Table(data=table, keys=keys, attr="LOWER", strings=pipeline.vocab.strings)

    def example(text: str, marks: Sequence[tuple[int, int, str]]) -> Any:
        return Example.from_dict(pipeline.make_doc(text), {"entities": list(marks)})

    values = _values(marked)
    with threadpool_limits(1):
        pipeline.initialize(lambda: [example(row.text, row.marks) for row in marked])
        optimizer = pipeline.create_optimizer()
        for epoch in range(recipe.epochs):
            optimizer.learn_rate = recipe.rate * (1 - 0.9 * epoch / recipe.epochs)
            examples = [example(*_swapped(row, values, chance, recipe)) for row in marked]
            chance.shuffle(examples)
            for batch in minibatch(examples, size=recipe.batch):
                pipeline.update(batch, sgd=optimizer, drop=recipe.dropout)
    return pipeline


def _values(marked: Sequence[MarkedText]) -> dict[str, list[str]]:
    """By label, what its spans say, each once: values that may stand for one another. Things that fail are things."""
    values: dict[str, set[str]] = {}
    for row in marked:
        for start, end, label in row.marks:
            values.setdefault("PRODUCT" if label == "FAILED" else label, set()).add(row.text[start:end])
    return {label: sorted(said) for label, said in values.items()}


def _swapped(
    row: MarkedText, values: dict[str, list[str]], chance: random.Random, recipe: SpansRecipe
) -> tuple[str, list[tuple[int, int, str]]]:
    """A sentence with some values of other sentences: the words round a span must tell it, not its own."""
    if chance.random() >= recipe.swaps:
        return row.text, list(row.marks)
    text, marks, at = "", [], 0
    for start, end, label in sorted(row.marks):
        text += row.text[at:start]
        value = row.text[start:end]
        if label not in ("SINCE", "DATE", "AMOUNT") and chance.random() < 0.6:
            others = [other for other in values["PRODUCT" if label == "FAILED" else label] if _is_alike(other, value)]
            value = chance.choice(others)
        marks.append((len(text), len(text) + len(value), label))
        text += value
        at = end
    return text + row.text[at:], marks


def _is_alike(value: str, other: str) -> bool:
    """Whether both are written in the same way, so that one can stand where the other stood."""
    return value.islower() == other.islower() and value[:1].isupper() == other[:1].isupper()


def word_vectors(encoder: Path, *, width: int) -> Vectors | None:
    """The encoder's vectors of whole words, their first principal components; None where they cannot be read.

    Only those in plain letters: pieces of words say little alone.
    """
    import json

    try:
        import onnx
        from onnx import numpy_helper

        graph = onnx.load(str(encoder / "model.onnx")).graph
        found = {value.name: numpy_helper.to_array(value) for value in graph.initializer if "words" in value.name}
        vocabulary = json.loads((encoder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
        table = found["words"].astype(np.float32) * found["words.scale"].astype(np.float32)
    except (ImportError, OSError, KeyError, ValueError):
        return None
    words = [word for word in vocabulary if word.isalpha() and word.isascii()]
    rows = table[[vocabulary[word] for word in words]]
    rows = rows - rows.mean(axis=0)
    _, axes = np.linalg.eigh(rows.T @ rows)
    axes = axes[:, ::-1][:, :width]
    # An axis has no direction of its own: the largest weight decides, so that every machine gives the same.
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    narrow = rows @ axes
    return words, (narrow / narrow.std()).astype(np.float32)

"""Adapt the encoder to a customer's own labels, and train a bundle that carries it.

What the encoder learnt from, it knows by heart: scores of those rows say nothing of rows to come. So some rows are held
out of its learning, and everything that is calibrated or reported rests on them alone.
"""

import importlib.util
import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from care.errors import BadInput, BundleError
from model.bundle import check_replaceable
from model.encoder import WEIGHTS_MISSING, WEIGHTS_SHA256, Encoder, check_hash, package_folder
from model.learnt import marks_of
from model.text import normalise
from training.examples import read_examples
from training.export import export
from training.lesson import Tuning, held_out, lesson_of, without_repeats_of
from training.options import ReadOptions, TrainOptions
from training.rows import Examples
from training.run import OwnEncoder, Report, at_most, masked_texts, train_on
from training.tasks import task_data

if TYPE_CHECKING:
    from training.learner import FinetuneResult

LIBRARIES = ("torch", "transformers", "onnx", "onnxruntime", "tokenizers")
FEW_ROWS = 300


def train_finetuned(
    paths: Sequence[Path], read: ReadOptions, options: TrainOptions, *, tuning: Tuning | None = None
) -> Report:
    """Fine-tune a copy of the encoder on the examples, and train a bundle that carries it.

    As training.run.train; encoder: "minilm" or a local folder with the weights of a BERT encoder. Until the bundle is
    whole nothing at `options.out` changes. Raises BadInput where torch is missing, BadTrainingData and BundleError.
    """
    _check_libraries()
    started = time.perf_counter()
    out, recipe, say = options.out, options.recipe, options.say
    weights = weights_of(options.encoder)
    say("reading the file")
    check_replaceable(out)
    examples = read_examples(paths, read)
    marks = marks_of(examples.texts)
    examples = at_most(examples, recipe, say=say)
    say("masking sensitive data")
    masked = masked_texts(examples.texts, options.redactor)
    tuning = tuning or Tuning(seed=recipe.seed)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as made:
        own, facts = _own_encoder(examples, masked, weights, Path(made), tuning=tuning, options=options)
        encoder = Encoder.load(own.folder, threads=options.threads)
        options = replace(options, facts={**options.facts, "seen": marks, "finetuned": facts})
        report = train_on(examples, encoder, options, own=own)
    return replace(report, seconds=time.perf_counter() - started)


def _own_encoder(
    examples: Examples, masked: Sequence[str], weights: Path, made: Path, *, tuning: Tuning, options: TrainOptions
) -> tuple[OwnEncoder, dict[str, Any]]:
    """The encoder that learnt from most of the rows, exported under `made`, and how that went."""
    from training.learner import finetune

    texts = [normalise(text) for text in masked]
    tasks = [task_data(task, examples.of(task), examples.also(task)) for task in examples.tasks]
    kept_out = held_out(texts, tasks, threads=[row.thread for row in examples.rows], seed=options.recipe.seed)
    if len(texts) < FEW_ROWS:
        options.say(f"{len(texts)} rows are few to fine-tune on: compare with a bundle trained without --finetune")
    learnt = without_repeats_of(kept_out, texts)
    lesson = lesson_of(weights, [texts[i] for i in learnt], [data.of[learnt] for data in tasks], tasks)
    into = made / "finetuned"
    outcome = finetune(weights, lesson, into, tuning=tuning, threads=options.threads, say=options.say)
    shutil.copyfile(weights / "tokenizer.json", into / "tokenizer.json")
    exported = export(made, source=into, say=options.say)
    facts = _facts(tuning, outcome, weights, n_learnt=len(learnt), n_held_out=len(kept_out))
    return OwnEncoder(exported, masked, kept_out), facts


def weights_of(encoder: str) -> Path:
    """The folder with the weights to start from. Raises BadInput, and BundleError where the package's are not ours."""
    if encoder != "minilm":
        folder = Path(encoder)
        missing = [
            name for name in ("config.json", "tokenizer.json", "model.safetensors") if not (folder / name).is_file()
        ]
        if missing:
            raise BadInput(f"There is nothing to fine-tune in {encoder}: it lacks {', '.join(missing)}.")
        kind = json.loads((folder / "config.json").read_text("utf-8")).get("model_type")
        if kind != "bert":
            raise BadInput(f"{encoder} holds a {kind} model; tactful fine-tunes and exports BERT encoders.")
        return folder
    unpacked = package_folder()
    if unpacked is None:
        raise BundleError(WEIGHTS_MISSING)
    check_hash(unpacked / "model.safetensors", WEIGHTS_SHA256)
    return unpacked


def _check_libraries() -> None:
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        raise BadInput(
            f"--finetune needs {' and '.join(missing)}: `make finetune`, or pip install 'tactful[finetune]'."
        )


def _facts(
    tuning: Tuning, outcome: "FinetuneResult", weights: Path, *, n_learnt: int, n_held_out: int
) -> dict[str, Any]:
    return {
        **asdict(tuning),
        "n_learnt": n_learnt,
        "n_held_out": n_held_out,
        "device": outcome.device,
        "loss": round(outcome.loss, 4),
        "seconds": round(outcome.seconds, 1),
        "estimated_seconds": round(outcome.estimate_s, 1),
        "libraries": {name: metadata.version(name) for name in ("torch", "transformers")},
    }

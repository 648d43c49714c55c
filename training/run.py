"""A training run: read, embed once, fit, calibrate, save, score. One straight pipe."""

import resource
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from care.errors import BadInput, BundleError
from care.ports import Redactor
from model.bundle import Bundle, check_replaceable, save
from model.calibration import Certificate
from model.encoder import Encoder
from model.features import text_features
from model.learnt import marks_of
from model.ngrams import Chunks
from model.sealed import MANIFEST
from model.text import normalise
from model.thread import context_of
from training.background import load_background
from training.card import card_of
from training.cleaning import capped
from training.examples import read_examples
from training.export import ensure_encoder
from training.fit import Fitted, Material, Surroundings, fit
from training.kin import Kin, sayings
from training.languages import counted, foreign_to_the_encoder, language_name, shares_of, taught
from training.options import ReadOptions, Say, TrainOptions
from training.recipe import TrainRecipe
from training.reference import reference_of
from training.report_page import Learnt, report_page
from training.rows import Examples
from training.score import against_guessing, score_task
from training.suspects import Suspect, suspects_of
from training.tasks import needs_background, task_data

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
MINILM, MINILM_NAME = "minilm", "all-MiniLM-L6-v2"
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "onnxruntime", "tokenizers", "safetensors")


@dataclass(frozen=True)
class Report:
    """What a run made, and how good it is by its own held-out scores.

    n_read: labelled rows of the file; n_rows: those that were learnt from. told: what was done with the others.
    suspects: rows whose label is likely wrong, worst first.
    """

    bundle_id: str
    folder: Path
    n_rows: int
    n_read: int
    seconds: float
    peak_mb: float
    tasks: Mapping[str, Mapping[str, Any]]
    metrics: Mapping[str, Any] = field(repr=False)
    told: tuple[str, ...] = ()
    suspects: tuple[Suspect, ...] = field(repr=False, default=())

    @property
    def is_learnt(self) -> bool:
        """Whether every task is surely better than always saying the commonest label."""
        return all(metrics.get("better_than_guessing", True) for metrics in self.tasks.values())


def train(paths: Sequence[Path], read: ReadOptions, options: TrainOptions) -> Report:
    """Train a bundle from labelled files and save it to `options.out`.

    Raises BadTrainingData (nothing is written) and BundleError.
    """
    started = time.perf_counter()
    check_replaceable(options.out)
    options.say("reading the file")
    examples = read_examples(paths, read)
    encoder = open_encoder(options.encoder, home=options.home, threads=options.threads, say=options.say)
    report = train_on(examples, encoder, options)
    return replace(report, seconds=time.perf_counter() - started)


def check_free(out: Path) -> None:
    """Raises BundleError where a bundle stands already: it may be the one that serves."""
    check_replaceable(out)
    if (out / MANIFEST).exists():
        raise BundleError(
            f"{out} holds a bundle already. Name another folder, or say --replace (`replace = true` in a config)."
        )


def open_encoder(encoder: str, *, home: Path, threads: int, say: Say = lambda line: None) -> Encoder | None:
    """The encoder a person named: "minilm", "none", or the path of a folder."""
    if encoder == "none":
        return None
    if encoder == MINILM:
        return ensure_encoder(home, threads=threads, say=say)
    folder = Path(encoder)
    if not folder.is_dir():
        raise BadInput(f"The encoder is 'minilm', 'none' or a folder; {encoder!r} is none of them.")
    return ensure_encoder(home, source=folder, threads=threads, say=say)


@dataclass(frozen=True)
class OwnEncoder:
    """An encoder that was fine-tuned for this bundle, and what that took.

    folder: exported; the bundle carries it. masked: the texts, masked before it learnt from them. held_out_rows: those
    whose labels had no part in it.
    """

    folder: Path
    masked: Sequence[str] = field(repr=False)
    held_out_rows: Ints = field(repr=False)


def train_on(
    examples: Examples, encoder: Encoder | None, options: TrainOptions, *, own: OwnEncoder | None = None
) -> Report:
    """Train on examples already read; of more than the recipe's most, on some of them."""
    started = time.perf_counter()
    recipe, say = options.recipe, options.say
    facts = {"seen": marks_of(examples.texts), **options.facts}
    examples = at_most(examples, recipe, say=say)
    if own is None:
        say("masking sensitive data")
    masked = own.masked if own is not None else masked_texts(examples.texts, options.redactor)
    material = _material(examples, masked, encoder, options)
    if own is not None:
        material = replace(material, held_out_rows=own.held_out_rows)
    examples = _near_repeats_told(examples, material.around)
    languages = [language_name(text) for text in material.texts]
    spoken = counted(languages)
    if encoder is not None and options.encoder == MINILM and (line := foreign_to_the_encoder(shares_of(spoken))):
        say(line)
        examples = replace(examples, told=(*examples.told, line))
    with _limited(options.threads):
        fitted = fit(material, recipe, say)
    summary, metrics = _summarise(fitted)
    say("saving the bundle")
    name = options.name or options.out.name
    manifest = {
        **_about(examples, material.around, recipe),
        "name": name,
        "languages": list(taught(spoken)),
        "language_shares": shares_of(spoken),
        "encoder_name": _encoder_name(encoder, options),
        "metrics": summary,
        "reference": reference_of(fitted),
        **facts,
    }
    suspects = suspects_of(fitted, examples, masked)
    saved = save(
        _bundle_of(fitted, encoder, material.texts, masked, manifest),
        options.out,
        metrics=metrics,
        card=card_of(name, manifest, metrics),
        report=report_page(name, fitted, metrics, Learnt(examples, masked, languages), suspects),
        kernel=fitted.kernel,
        encoder=own.folder if own is not None else None,
    )
    seconds = time.perf_counter() - started
    counts = (len(examples.rows), examples.n_read)
    told, worst = examples.told, tuple(suspects)
    return Report(saved.id, options.out, *counts, seconds, peak_mb(), summary, metrics, told, worst)


def _material(examples: Examples, masked: Sequence[str], encoder: Encoder | None, options: TrainOptions) -> Material:
    """What the examples give to learn from, read by the encoder."""
    texts = [normalise(text) for text in masked]
    features = _embed(encoder, texts, options.say) if encoder is not None else None
    tasks = [task_data(task, examples.of(task), examples.also(task)) for task in examples.tasks]
    around = _surroundings(examples, texts, encoder, options.redactor)
    background = None
    if any(needs_background(data, options.recipe) for data in tasks):
        background = load_background(encoder, without=texts)
    return Material(texts, tasks, features, around, background)


def _bundle_of(
    fitted: Fitted, encoder: Encoder | None, texts: Sequence[str], masked: Sequence[str], manifest: Mapping[str, Any]
) -> Bundle:
    kept: tuple[str, ...] = ()
    if fitted.kernel is not None and fitted.heads[0].rows is not None:
        # Background rows are nobody's example, so they keep no text.
        kept = tuple(text[:500] for text in masked)
        kept += ("",) * (len(fitted.heads[0].rows) - len(kept))
    # As a bundle keeps them: the sums are those that serving would find.
    weight = np.concatenate([head.ngram_weight for head in fitted.heads], axis=1).astype(np.float16)
    chunks = Chunks.of(fitted.ngrams, weight, texts)
    return Bundle("", encoder.id if encoder else "", fitted.ngrams, None, fitted.heads, kept, manifest, chunks)


def _about(examples: Examples, around: Surroundings, recipe: TrainRecipe) -> dict[str, Any]:
    """What the manifest says of the rows, the recipe and the day."""
    return {
        "created": datetime.now().astimezone().isoformat(timespec="seconds"),
        "seed": recipe.seed,
        "recipe": asdict(recipe),
        "data_hash": examples.data_hash,
        "n_rows": len(examples.rows),
        "n_read": examples.n_read,
        "repeats": {"exact": examples.n_repeats, "near": around.kin.share if around.kin is not None else 0.0},
        "told": list(examples.told),
        "groups": sorted({group for group in around.groups if group is not None}),
        "libraries": {library: _version(library) for library in _LIBRARIES},
    }


def _encoder_name(encoder: Encoder | None, options: TrainOptions) -> str:
    """What reads the messages, for people; "" where n-grams do alone."""
    if encoder is None:
        return ""
    return MINILM_NAME if options.encoder == MINILM else Path(options.encoder).name


_WORTH_TELLING = 0.01


def _near_repeats_told(examples: Examples, around: Surroundings) -> Examples:
    if around.kin is None or around.kin.share < _WORTH_TELLING:
        return examples
    share = f"{around.kin.share:.0%} of the rows learnt from say what another says but for case and signs"
    return replace(examples, told=(*examples.told, f"near repeats: {share}; each saying counts once in the figures"))


def at_most(examples: Examples, recipe: TrainRecipe, *, say: Say = lambda line: None) -> Examples:
    """No more rows than the recipe wants, before any of them costs anything."""
    rows = capped(examples.rows, examples.tasks, recipe.max_rows, seed=recipe.seed)
    if len(rows) == len(examples.rows):
        return examples
    line = f"max-rows: learnt from {len(rows):,} of {len(examples.rows):,} rows, drawn evenly; --max-rows sets how many"
    say(line)
    return replace(examples, rows=tuple(rows), told=(*examples.told, line))


def _surroundings(
    examples: Examples, texts: Sequence[str], encoder: Encoder | None, redactor: Redactor | None
) -> Surroundings:
    """Threads, masked as the messages are, and groups."""
    turns = [turn.text for row in examples.rows for turn in row.said]
    masked = dict(zip(turns, masked_texts(turns, redactor), strict=True))
    contexts = []
    for text, row in zip(texts, examples.rows, strict=True):
        contexts.append(context_of(text, [replace(turn, text=masked[turn.text]) for turn in row.said]))
    said = [context.text for context in contexts if context is not None]
    features = text_features(encoder, said) if encoder is not None and said else None
    groups = tuple(row.group for row in examples.rows)
    before = ["" if context is None else context.text for context in contexts]
    kin = Kin.of(sayings(texts, before), [row.thread for row in examples.rows])
    return Surroundings(tuple(contexts), features, groups if any(groups) else (), kin)


def peak_mb() -> float:
    """The most memory this process ever held, MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


def masked_texts(texts: Sequence[str], redactor: Redactor | None) -> list[str]:
    """The texts as they may be kept and learnt from."""
    if redactor is None:
        from model.sensitive import SensitiveFinder

        redactor = SensitiveFinder()
    return [redactor.redact(text).text for text in texts]


def _embed(encoder: Encoder, texts: Sequence[str], progress: Say) -> Floats:
    parts = []
    for start in range(0, len(texts), 2048):
        parts.append(text_features(encoder, texts[start : start + 2048]))
        progress(f"reading with the encoder: {min(start + 2048, len(texts))} of {len(texts)}")
    return np.concatenate(parts)


def _limited(threads: int) -> AbstractContextManager[Any]:
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    limits: AbstractContextManager[Any] = threadpool_limits(threads)
    return limits


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""


def _summarise(fitted: Fitted) -> tuple[dict[str, Any], dict[str, Any]]:
    """Headline figures for the manifest, and all of them."""
    summary: dict[str, Any] = {}
    metrics: dict[str, Any] = {}
    for head in fitted.heads:
        measured = fitted.metrics[head.task]
        stages: dict[str, Any] = {}
        for stage_name in ("lean", "full"):
            if stage_name not in measured:
                continue
            of_stage = measured[stage_name]
            stage = head.lean if stage_name == "lean" else head.full
            assert stage is not None
            gold = [head.labels[i] for i in of_stage["gold"]]
            said = [head.labels[i] for i in of_stage["chosen"]]
            scores, accepted = of_stage["scores"], of_stage["accepted"]
            stages[stage_name] = score_task(gold, said, scores, scores < stage.threshold, accepted=accepted)
            if "seen" in of_stage:
                seen = [head.labels[i] for i in of_stage["seen"]["chosen"]]
                scores, accepted = of_stage["seen"]["scores"], of_stage["seen"]["accepted"]
                stages[stage_name]["seen"] = score_task(gold, seen, scores, scores < stage.threshold, accepted=accepted)
            stages[stage_name]["certificates"] = [_as_json(certificate) for certificate in stage.certificates]
            with_outside = [_as_json(certificate) for certificate in of_stage["with_out_of_scope"]]
            stages[stage_name]["certificates_with_out_of_scope"] = with_outside
        best = stages.get("full", stages["lean"])
        counts = Counter(head.labels[i] for i in measured.get("full", measured["lean"])["gold"])
        guess = against_guessing(best["accuracy"], counts)
        metrics[head.task] = {"n_labels": len(head.labels), "gate": measured.get("gate"), "guessing": guess, **stages}
        summary[head.task] = {
            name: round(best[name], 4)
            for name in ("accuracy", "macro_f1", "ece", "coverage_at_0.95", "coverage_at_0.99")
        } | {"n": best["n"], "reliability": best["reliability"], **guess}
        if "accepted" in best:
            summary[head.task] |= {"accepted": round(best["accepted"], 4), "n_read_twice": best["n_read_twice"]}
        if "seen" in best:
            both = {"unseen_groups": best, "seen_groups": best["seen"]}
            summary[head.task]["by_group"] = {
                kind: {name: round(of[name], 4) for name in ("accuracy", "macro_f1", "ece", "coverage_at_0.95")}
                for kind, of in both.items()
            }
    return summary, metrics


def _as_json(certificate: Certificate) -> dict[str, Any]:
    return {name: getattr(certificate, name) for name in Certificate.__slots__}

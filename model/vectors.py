"""Vectors of texts, kept in a folder so that a text is read once, whatever becomes of the files around it."""

import hashlib
import logging
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.encoder import DIMENSIONS, Encoder
from model.text import normalise

Floats = NDArray[np.float32]
log = logging.getLogger(__name__)
_SUFFIX = ".npz"


@dataclass(frozen=True, slots=True)
class VectorCache:
    """Sentence vectors by the hash of encoder and text. folder: ours alone; None: nothing is kept."""

    folder: Path | None

    def vectors(self, texts: Sequence[str], encoder: Encoder) -> Floats:
        """(n, 384) float32, each of length 1. What is known is not read again; what nobody asked for is dropped."""
        keys = [hashlib.sha256(f"{encoder.id}\0{text}".encode("utf-8", "replace")).digest() for text in texts]
        known = self._read()
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            log.info("knowledge read", extra={"n_texts": len(missing)})
            read = encoder.features([normalise(text) for text in missing.values()])[:, :DIMENSIONS]
            known.update(zip(missing, read, strict=True))
        found = np.stack([known[key] for key in keys]) if keys else np.zeros((0, DIMENSIONS), np.float32)
        if self.folder is not None and (missing or len(known) > len(set(keys))):
            self._keep(self.folder, dict(zip(keys, found, strict=True)))
        return found

    def _read(self) -> dict[bytes, Floats]:
        known: dict[bytes, Floats] = {}
        for path in self._files():
            try:
                with np.load(path, allow_pickle=False) as kept:
                    keys, vectors = kept["keys"], kept["vectors"]
                if vectors.shape == (len(keys), DIMENSIONS) and vectors.dtype == np.float32:
                    known.update(zip((key.tobytes() for key in keys), vectors, strict=True))
            except (OSError, ValueError, KeyError, EOFError) as problem:
                log.warning("kept vectors cannot be read", extra={"problem": type(problem).__name__})
        return known

    def _keep(self, folder: Path, vectors: dict[bytes, Floats]) -> None:
        """One file named by what is in it; those of before go once it stands."""
        name = hashlib.sha256(b"".join(sorted(vectors))).hexdigest()[:32] + _SUFFIX
        before = self._files()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=folder, prefix=".new-", delete=False) as file:
                keys = np.frombuffer(b"".join(vectors), np.uint8).reshape(-1, 32)
                np.savez(file, keys=keys, vectors=np.stack(list(vectors.values())))
            os.replace(file.name, folder / name)
            for path in before:
                if path.name != name:
                    path.unlink(missing_ok=True)
        except OSError as problem:
            # They are read again next time; drafts do not wait for a full disk.
            log.warning("vectors not kept", extra={"problem": str(problem.strerror)})

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob(f"*{_SUFFIX}")) if self.folder is not None else []

"""Which messages a bundle learnt from, so that it is not measured on them as if they were new."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.bundle import read_manifest
from model.text import normalise

_MOST = 200_000


def marks_of(texts: Sequence[str]) -> str:
    """Four bytes of the hash of each text, sorted: enough to know them again, too little to read them from."""
    return base64.b64encode(np.unique(_marks(texts[:_MOST])).tobytes()).decode("ascii")


def are_seen(texts: Sequence[str], bundle: Path) -> NDArray[np.bool_]:
    """(n,) whether a bundle was given each text to learn from. Raises BundleError."""
    known = np.frombuffer(base64.b64decode(str(read_manifest(bundle).get("seen", ""))), np.uint32)
    return np.isin(_marks(texts), known)


def _marks(texts: Sequence[str]) -> NDArray[np.uint32]:
    digests = [hashlib.sha256(normalise(text).lower().encode("utf-8", "replace")).digest()[:4] for text in texts]
    return np.frombuffer(b"".join(digests), np.uint32)

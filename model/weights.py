"""A linear head with named features, kept as a folder without any code in it.

`manifest.json` (hashes and what else the head says of itself), `features.json` and `weights.safetensors`.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from care.errors import BundleError
from model.folders import replacing

MANIFEST, FEATURES, WEIGHTS = "manifest.json", "features.json", "weights.safetensors"


def save_weights(
    folder: Path, weights: Mapping[str, float], *, kind: str, schema: int, facts: Mapping[str, Any]
) -> None:
    """Write the folder in one move; what stood there before is replaced at the end."""
    names = sorted(weights)
    values: NDArray[np.float32] = np.array([weights[name] for name in names], dtype=np.float32)
    with replacing(folder) as made:
        (made / FEATURES).write_text(json.dumps(names, ensure_ascii=False), "utf-8")
        (made / WEIGHTS).write_bytes(save({"weights": values}))
        files = {name: _sha256(made / name) for name in (FEATURES, WEIGHTS)}
        manifest = {"kind": kind, "schema": schema, "files": files, **facts}
        (made / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", "utf-8")


def load_weights(folder: Path, *, kind: str, schema: int) -> tuple[dict[str, float], dict[str, Any]]:
    """The weights by name, and the manifest. Raises BundleError: missing, damaged, or of another kind."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except OSError as error:
        raise BundleError(f"There is no {kind} head in {folder}; `tactful train-default` makes one.") from error
    except ValueError as error:
        raise BundleError(f"{folder / MANIFEST} is damaged; train the {kind} head again.") from error
    if not isinstance(manifest, dict) or manifest.get("kind") != kind or manifest.get("schema") != schema:
        raise BundleError(f"{folder} holds no {kind} head of schema {schema}; train it again with this version.")
    try:
        for name in (FEATURES, WEIGHTS):
            if _sha256(folder / name) != manifest["files"][name]:
                raise BundleError(f"{folder / name} is not the file that was trained; train the {kind} head again.")
        names = json.loads((folder / FEATURES).read_text("utf-8"))
        values = load((folder / WEIGHTS).read_bytes())["weights"].tolist()
        return dict(zip(names, values, strict=True)), manifest
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{folder} is damaged; train the {kind} head again.") from error


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def merged(weights: Iterable[tuple[str, float]], *, least: float = 1e-4) -> dict[str, float]:
    """Weights worth keeping."""
    return {name: round(float(weight), 5) for name, weight in weights if abs(weight) >= least}

"""A linear head with named features, kept as a folder without any code in it.

`manifest.json` (sealed: hashes, scale and thresholds), `features.json` and `weights.safetensors`.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from care.errors import BundleError
from model.folders import replacing
from model.sealed import MANIFEST, check_files, check_seal, hashes_of, load_manifest, write_manifest

FEATURES, WEIGHTS = "features.json", "weights.safetensors"


def save_weights(
    folder: Path, weights: Mapping[str, float], *, kind: str, schema: int, facts: Mapping[str, Any]
) -> None:
    """Write the folder in one move; what stood there before is replaced at the end."""
    names = sorted(weights)
    values: NDArray[np.float32] = np.array([weights[name] for name in names], dtype=np.float32)
    with replacing(folder) as made:
        (made / FEATURES).write_text(json.dumps(names, ensure_ascii=False), "utf-8")
        (made / WEIGHTS).write_bytes(save({"weights": values}))
        files = hashes_of(made, (FEATURES, WEIGHTS))
        write_manifest(made, {"kind": kind, "schema": schema, "files": files, **facts})


def load_weights(folder: Path, *, kind: str, schema: int) -> tuple[dict[str, float], dict[str, Any]]:
    """The weights by name, and the manifest. Raises BundleError: missing, damaged, changed, or of another kind."""
    if not (folder / MANIFEST).exists():
        raise BundleError(f"There is no {kind} head in {folder}; `tactful train-default` makes one.")
    try:
        manifest = load_manifest(folder)
        if manifest.get("kind") != kind or manifest.get("schema") != schema:
            raise BundleError(f"It is no {kind} head of schema {schema}.")
        check_seal(folder, manifest)
        check_files(folder, manifest)
        names = json.loads((folder / FEATURES).read_text("utf-8"))
        values = load((folder / WEIGHTS).read_bytes())["weights"].tolist()
        return dict(zip(names, values, strict=True)), manifest
    except BundleError as error:
        raise BundleError(f"{error} `tactful train-default` makes a new {kind} head.") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{folder} is damaged; train the {kind} head again.") from error


def merged(weights: Iterable[tuple[str, float]], *, least: float = 1e-4) -> dict[str, float]:
    """Weights worth keeping."""
    return {name: round(float(weight), 5) for name, weight in weights if abs(weight) >= least}

"""Folders that vouch for themselves: a manifest with the hash of every file, and a hash of itself.

What was changed after it was written is refused: a label, a threshold or a date in the manifest as much as a weight.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from care.errors import BundleError

MANIFEST = "manifest.json"
_MAX_MANIFEST_BYTES = 16_000_000


def mark_of(facts: Mapping[str, Any]) -> str:
    """SHA-256 of facts as JSON, whatever their order."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def sealed(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts with the hash of all others under `seal`."""
    rest = {name: value for name, value in facts.items() if name != "seal"}
    return {**rest, "seal": mark_of(rest)}


def hashes_of(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """SHA-256 by name of some files of a folder."""
    return {name: _digest(folder / name) for name in names}


def write_manifest(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write the manifest, sealed."""
    (folder / MANIFEST).write_text(json.dumps(sealed(facts), indent=1, ensure_ascii=False) + "\n", "utf-8")


def load_manifest(folder: Path) -> dict[str, Any]:
    """The manifest as JSON; what is in it is not checked yet. Raises BundleError."""
    path = folder / MANIFEST
    try:
        if path.is_symlink() or path.stat().st_size > _MAX_MANIFEST_BYTES:
            raise BundleError(f"The manifest of {folder.name} is not a plain file of a sensible size.")
        manifest = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError(f"There is no readable bundle in {folder}: {MANIFEST} is missing or damaged.") from error
    if not isinstance(manifest, dict):
        raise BundleError(f"The manifest of {folder.name} is not the one that was saved.")
    return manifest


def check_seal(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Raises BundleError unless the manifest stands as it was sealed."""
    rest = {name: value for name, value in manifest.items() if name != "seal"}
    if manifest.get("seal") != mark_of(rest):
        raise BundleError(f"The manifest of {folder.name} was changed after training. Train it again.")


def check_files(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Raises BundleError unless every file that the manifest names is the one that was saved."""
    for name, digest in manifest["files"].items():
        path = folder / name
        if path.is_symlink() or not path.is_file():
            raise BundleError(f"The bundle {folder.name} lacks {name}, or it is not a plain file.")
        if _digest(path) != digest:
            raise BundleError(f"{name} of the bundle {folder.name} is not the file that was saved (wrong SHA-256).")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Is the new bundle better where it must be? A report either way, and a switch that turns both ways."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from care.errors import BundleError
from model.bundle import Bundle, read_manifest

MAY_LOSE = 0.005
"""How much a task's measure may fall before a person has to say so explicitly; within it lies a seed's luck."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """is_better: no task lost more than MAY_LOSE. lines: the report."""

    is_better: bool
    lines: tuple[str, ...]


def compare(new: Path, current: Path) -> Verdict:
    """Set the held-out figures of two bundles side by side. Raises BundleError when the new one does not load.

    A bundle that no longer knows a task or a label is not better, whatever its figures.
    """
    Bundle.load(new)
    ours = read_manifest(new)
    try:
        theirs = read_manifest(current.resolve())
    except BundleError:
        return Verdict(True, ("there is no current bundle to compare with",))
    lines, is_better = [], True
    if ours["data_hash"] != theirs["data_hash"]:
        lines.append(
            "each measured on rows held out of its own file; to set both on one, `tactful evaluate` it with each"
        )
    labels, before = _labels(ours), _labels(theirs)
    for task, found in theirs["metrics"].items():
        if task not in labels:
            lines.append(f"{task}: is missing in the new bundle")
            is_better = False
            continue
        for word, changed in (("gone", before[task] - labels[task]), ("new", labels[task] - before[task])):
            if changed:
                lines.append(f"{task}: {word}: {', '.join(sorted(changed))}")
                is_better &= word == "new"
        for measure in ("accuracy", "macro_f1"):
            now = ours["metrics"][task][measure]
            lines.append(f"{task} {measure}: {found[measure]:.4f} -> {now:.4f} ({now - found[measure]:+.4f})")
            is_better &= now - found[measure] >= -MAY_LOSE
    return Verdict(is_better, tuple(lines))


def _labels(manifest: Mapping[str, Any]) -> dict[str, set[str]]:
    return {task["task"]: set(task["labels"]) for task in manifest["tasks"]}


def promote(bundle: Path, bundles: Path) -> None:
    """Let `bundles/current` name this bundle, and `bundles/previous` the one it named before."""
    Bundle.load(bundle)
    bundles.mkdir(parents=True, exist_ok=True)
    current = bundles / "current"
    if current.is_symlink():
        _point(bundles / "previous", current.resolve())
    _point(current, bundle.resolve())


def rollback(bundles: Path) -> Path:
    """Turn `current` back to `previous` and return where it points now. Raises BundleError when there is none."""
    previous = bundles / "previous"
    if not previous.is_symlink():
        raise BundleError(f"There is no earlier bundle in {bundles} to go back to.")
    target = previous.resolve()
    Bundle.load(target)
    current = (bundles / "current").resolve()
    _point(bundles / "current", target)
    _point(previous, current)
    return target


def _point(link: Path, target: Path) -> None:
    fresh = link.with_name(f".{link.name}-{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    os.replace(fresh, link)

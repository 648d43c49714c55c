"""Is the new bundle better where it must be, and safe? A report either way, and a switch that turns both ways."""

import getpass
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from care.errors import BundleError, Problem
from model.bundle import Bundle, read_manifest
from wiring.settings import Settings

HISTORY = "history.jsonl"
"""Beside the links: what was promoted and taken back, when, by whom, and why where it was forced."""

MAY_LOSE = 0.005
"""How much a task's measure may fall before a person has to say so explicitly; within it lies a seed's luck."""


@dataclass(frozen=True, slots=True)
class GateReport:
    """is_better: no task lost more than MAY_LOSE. lines: the report."""

    is_better: bool
    lines: tuple[str, ...]


def compare(new: Path, current: Path) -> GateReport:
    """Set the held-out figures of two bundles side by side. Raises BundleError when the new one does not load.

    A bundle that no longer knows a task or a label is not better, whatever its figures.
    """
    Bundle.load(new)
    ours = read_manifest(new)
    try:
        theirs = read_manifest(current.resolve())
    except BundleError:
        return GateReport(True, ("there is no current bundle to compare with",))
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
    return GateReport(is_better, tuple(lines))


def _labels(manifest: Mapping[str, Any]) -> dict[str, set[str]]:
    return {task["task"]: set(task["labels"]) for task in manifest["tasks"]}


def killed_by(bundle: Path, *, bundles: Path, settings: Settings) -> list[Problem]:
    """Rules and plays of the playbook in use that would never hold again once `bundles/current` names this bundle.

    Where the settings name that link, for one task or for all, the others go on serving beside it; where they do not,
    the bundle is taken for the one that serves. Raises BadPlaybook, BundleError.
    """
    from wiring.assemble import Assembly
    from wiring.serving import labels, risks_read

    link = (bundles / "current").absolute()
    named = (settings.bundle, *settings.model.bundles.values())
    after = labels(settings, instead={link if link in named else settings.bundle: bundle})
    try:
        before = labels(settings)
    except BundleError:
        before = None
    playbook = Assembly(settings, is_trial=True).playbook
    return playbook.killed(after, before=before, risks=risks_read(settings))


def promote(bundle: Path, bundles: Path, *, reason: str = "", despite: Sequence[str] = ()) -> None:
    """Let `bundles/current` name this bundle, and `bundles/previous` the one it named before.

    reason: why it is forced. despite: what spoke against it. Both are kept in the history.
    """
    loaded = Bundle.load(bundle)
    bundles.mkdir(parents=True, exist_ok=True)
    current = bundles / "current"
    if current.is_symlink():
        _point(bundles / "previous", current.resolve())
    _point(current, bundle.resolve())
    _note(bundles, "promote", loaded.id, bundle, reason=reason, despite=despite)


def rollback(bundles: Path) -> Path:
    """Turn `current` back to `previous` and return where it points now. Raises BundleError when there is none."""
    previous = bundles / "previous"
    if not previous.is_symlink():
        raise BundleError(f"There is no earlier bundle in {bundles} to go back to.")
    target = previous.resolve()
    loaded = Bundle.load(target)
    current = (bundles / "current").resolve()
    _point(bundles / "current", target)
    _point(previous, current)
    _note(bundles, "rollback", loaded.id, target)
    return target


def _note(
    bundles: Path, act: str, bundle_id: str, folder: Path, *, reason: str = "", despite: Sequence[str] = ()
) -> None:
    line: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "act": act,
        "bundle": bundle_id,
        "folder": str(folder.resolve()),
        "by": _somebody(),
    }
    if reason:
        line |= {"reason": reason, "despite": list(despite)}
    with (bundles / HISTORY).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _somebody() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        return str(os.getuid())


def _point(link: Path, target: Path) -> None:
    fresh = link.with_name(f".{link.name}-{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    os.replace(fresh, link)

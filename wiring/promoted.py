"""What was promoted and taken back in a folder of bundles, read from its history."""

import json
from dataclasses import dataclass
from pathlib import Path

CURRENT, HISTORY = "current", "history.jsonl"


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that was done. reason, despite: where it was forced."""

    at: str
    act: str
    bundle: str
    by: str
    reason: str = ""
    despite: tuple[str, ...] = ()


def history(bundles: Path) -> list[HistoryLine]:
    """What was done, the oldest first; a line that was torn by a full disk is left out."""
    try:
        lines = (bundles / HISTORY).read_text("utf-8").splitlines()
    except OSError:
        return []
    told = []
    for line in lines:
        try:
            said = json.loads(line)
            despite = tuple(map(str, said.get("despite", ())))
            at, act, bundle, by = (str(said[name]) for name in ("at", "act", "bundle", "by"))
            told.append(HistoryLine(at, act, bundle, by, str(said.get("reason", "")), despite))
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return told


def current(bundles: Path) -> str:
    """The id of the bundle that `current` names, or "" where nothing was promoted."""
    link = bundles / CURRENT
    return link.resolve().name if link.is_symlink() else ""

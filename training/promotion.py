"""Which bundle serves: kept copies that nobody changes, one link that names the current one, and what was done when.

BUNDLES/kept/bdl_...     every bundle that was ever promoted, as it was then
BUNDLES/current          a relative link to one of them
BUNDLES/history.jsonl    who promoted or took back what, when, and why where it was forced
"""

import errno
import fcntl
import getpass
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from care.errors import BundleError, NotFound
from model.bundle import Bundle
from model.folders import replacing
from wiring.promoted import CURRENT, HISTORY, HistoryLine, current, history

__all__ = ["CURRENT", "HistoryLine", "current", "find", "history", "promote", "rollback"]

KEPT = "kept"
DEFAULT = "default"
"""What serves before anything was promoted."""


def promote(bundle: Path, bundles: Path, *, reason: str = "", despite: Sequence[str] = (), by: str = "") -> Path:
    """Keep a copy of this bundle and let `bundles/current` name it. Returns the copy.

    reason: why it is forced. despite: what spoke against it. by: who decided, where it is not who runs this. All are
    kept in the history. Killed on the way, the old bundle serves or the new one, each whole. Raises BundleError;
    OSError where the disk is full, and nothing changed.
    """
    loaded = Bundle.load(bundle)
    with _alone(bundles):
        if not (bundles / CURRENT).exists():
            _keep_default(bundles)
        kept = _keep(bundle, bundles, loaded.id)
        before = current(bundles)
        _turn(bundles, loaded.id)
        try:
            _note(bundles, "promote", loaded.id, reason=reason, despite=despite, by=by)
        except OSError:
            # Nothing serves that the history does not know: what served before serves again.
            _turn(bundles, before)
            raise
    return kept


def rollback(bundles: Path, *, by: str = "") -> Path:
    """Let `current` name what was promoted before, and return it; again, and it goes one further back.

    What was taken back is never gone back to, and what cannot be opened is passed over. Raises BundleError when nothing
    is left.
    """
    with _alone(bundles):
        before, taken_back = _standing(bundles)
        for earlier in reversed(before[:-1]):
            if earlier in taken_back or earlier == before[-1] or not _opens(bundles / KEPT / earlier):
                continue
            # Noted first: killed in between, the next rollback still knows which one was bad.
            _note(bundles, "rollback", earlier, by=by)
            _turn(bundles, earlier)
            return bundles / KEPT / earlier
    raise BundleError(f"There is no earlier bundle in {bundles} to go back to.")


def find(name: str, bundles: Path) -> Path:
    """The folder of a bundle by its path, by its id where it was ever promoted, or `current`. Raises NotFound."""
    for folder in (Path(name), bundles / KEPT / name, bundles / name):
        if folder.is_dir():
            return folder.resolve()
    raise NotFound("bundle", f"{name}: neither a folder nor an id in {bundles / KEPT}")


def _standing(bundles: Path) -> tuple[list[str], set[str]]:
    """The bundles that served one after the other, the current one last; and those that were taken back since."""
    before: list[str] = []
    taken_back: set[str] = set()
    for line in history(bundles):
        if line.act == "rollback":
            while before and before[-1] != line.bundle:
                taken_back.add(before.pop())
        elif not before or before[-1] != line.bundle:
            before.append(line.bundle)
            taken_back.discard(line.bundle)
    now = current(bundles)
    if now and (not before or before[-1] != now):
        before.append(now)
    return before, taken_back


def _opens(folder: Path) -> bool:
    try:
        Bundle.load(folder)
    except BundleError:
        return False
    return True


def _keep_default(bundles: Path) -> None:
    """What served before the first promotion is kept too: a rollback leads back to it."""
    try:
        bundle = Bundle.load(bundles / DEFAULT)
    except BundleError:
        return
    _keep(bundles / DEFAULT, bundles, bundle.id)
    _note(bundles, "keep", bundle.id)


def _keep(bundle: Path, bundles: Path, bundle_id: str) -> Path:
    kept = bundles / KEPT / bundle_id
    if kept.exists() and _opens(kept):
        return kept
    with replacing(kept) as made:
        for path in sorted(bundle.rglob("*")):
            copy = made / path.relative_to(bundle)
            if path.is_dir():
                copy.mkdir()
            else:
                shutil.copyfile(path, copy)
                copy.chmod(0o444)
        if Bundle.load(made).id != bundle_id:
            raise BundleError(f"{bundle} changed while it was copied; try again.")
    return kept


def _turn(bundles: Path, bundle_id: str) -> None:
    """Let the link name another kept bundle, in one step; without an id none is named.

    Relative: the folder may be moved or mounted elsewhere.
    """
    if not bundle_id:
        (bundles / CURRENT).unlink(missing_ok=True)
        return
    fresh = bundles / f".{CURRENT}-{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(Path(KEPT) / bundle_id)
    os.replace(fresh, bundles / CURRENT)


@contextmanager
def _alone(bundles: Path) -> Iterator[None]:
    """Of two who promote at once, one waits."""
    bundles.mkdir(parents=True, exist_ok=True)
    with (bundles / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _note(
    bundles: Path, act: str, bundle_id: str, *, reason: str = "", despite: Sequence[str] = (), by: str = ""
) -> None:
    line: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "act": act,
        "bundle": bundle_id,
        "by": by or _somebody(),
    }
    if reason:
        line |= {"reason": reason, "despite": list(despite)}
    _add_line(bundles / HISTORY, json.dumps(line, ensure_ascii=False))


def _add_line(path: Path, line: str) -> None:
    """A line at the end of a file, whole or not at all. Raises OSError."""
    with path.open("ab", buffering=0) as file:
        before = file.seek(0, os.SEEK_END)
        said = f"{line}\n".encode()
        try:
            if file.write(said) != len(said):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            os.fsync(file.fileno())
        except OSError:
            file.truncate(before)
            raise


def _somebody() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        return str(os.getuid())

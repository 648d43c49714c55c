"""Folders that change in one step: whoever is killed on the way leaves the old one or the new one."""

import ctypes
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A folder to fill, which takes the place of `folder` at the end unless something is raised."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield made
        os.chmod(made, 0o755)
        _move_in(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _move_in(made: Path, folder: Path) -> None:
    """Put what was made in the place of what stands there; the old one is then at `made`, or gone."""
    if not folder.exists():
        os.replace(made, folder)
    elif not _exchange(made, folder):
        # Only where the system cannot exchange: killed between the two moves, the old one lies beside as `old`.
        old = folder.with_name(f".{folder.name}-old-{os.getpid()}")
        os.replace(folder, old)
        try:
            os.replace(made, folder)
        except OSError:
            os.replace(old, folder)
            raise
        shutil.rmtree(old, ignore_errors=True)


_HERE, _EXCHANGE = -100, 2
"""AT_FDCWD and RENAME_EXCHANGE of Linux."""


def _exchange(folder: Path, other: Path) -> bool:
    """Let two folders change places in one step. False, with nothing done, where that did not go.

    Linux alone has it, on its own file systems; there is no portable call, and Python has none.
    """
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    return rename is not None and rename(_HERE, os.fsencode(folder), _HERE, os.fsencode(other), _EXCHANGE) == 0

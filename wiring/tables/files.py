"""Files that change in one step: whoever is stopped on the way leaves the old one."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from care.errors import BadInput


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A file to write, which takes the place of `path` at the end unless something is raised.

    It has the rights of the one it replaces, and lies in the same folder until then. What is no plain file, such as
    /dev/stdout, is written straight. Raises BadInput where nothing can be written.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        if target.is_dir():
            raise BadInput(f"{path} is a folder; name a file.")
        yield target
        return
    try:
        handle, made = tempfile.mkstemp(prefix=f".{target.name[:80]}-", dir=target.parent)
        os.close(handle)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from None
    fresh = Path(made)
    try:
        yield fresh
        _settle(fresh)
        os.chmod(fresh, target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask())
        os.replace(fresh, target)
    except OSError as error:
        raise BadInput(f"{path} cannot be written whole: {error.strerror}. What stood there is as it was.") from None
    finally:
        fresh.unlink(missing_ok=True)


def _settle(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _umask() -> int:
    now = os.umask(0o077)
    os.umask(now)
    return now

"""One service in one home: who runs in it holds a lock, and says its process number."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from care.errors import Conflict

LOCK, CHILDREN = "service.lock", "service.json"


@contextmanager
def only_service(home: Path) -> Iterator[None]:
    """Hold the home. Raises Conflict when another service runs in it; one that died has left it free."""
    with os.fdopen(os.open(home / LOCK, os.O_RDWR | os.O_CREAT, 0o600), "r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                f"tactful runs in {home} already (process {lock.read().strip() or 'unknown'}): use that one, stop it, "
                "or set TACTFUL_HOME to another folder."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield
        lock.truncate(0)


def service_of(home: Path) -> str | None:
    """The process number of the service that runs in this home; None when none does."""
    path = home / LOCK
    if not path.exists():
        return None
    with open(path, encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return lock.read().strip() or "unknown"
    return None


def note_children(home: Path, children: Mapping[str, int]) -> None:
    """Keep which processes belong to the service, with when each began: numbers are used again."""
    from wiring.beside import write_whole

    write_whole(home / CHILDREN, json.dumps({name: [pid, began(pid)] for name, pid in children.items()}))


def orphans(home: Path) -> dict[str, int]:
    """Processes of a service that died which still live, by name."""
    try:
        kept = json.loads((home / CHILDREN).read_text("utf-8"))
        return {name: pid for name, (pid, began_at) in kept.items() if began_at and began(pid) == began_at}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def began(pid: int) -> str | None:
    """When a process began, as the system counts; None when it is gone or cannot be told."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None

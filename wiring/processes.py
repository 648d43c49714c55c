"""The processes of one service on this machine: each on a leash, each with a heart that beats, none left behind."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from wiring.lock import orphans, service_of

LEASH = Path(__file__).with_name("leash.py")
NAME = "TACTFUL_PROCESS"
"""The variable that tells a child its name."""

BEAT_S = 1.0
FROZEN_S = 30.0
"""How long a process may be without a heartbeat before it is replaced."""


def on_a_leash(command: Sequence[str]) -> list[str]:
    """The command, ending with this process. Start it from the main thread: the kernel watches the thread."""
    return [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), *command]


def start_beating(home: Path) -> None:
    """Show that this process is not frozen, where a supervisor looks; from the first moment on."""
    name = os.environ.get(NAME)
    if not name:
        return
    path = beat_of(home, name)
    path.parent.mkdir(mode=0o700, exist_ok=True)

    def beat() -> None:
        while True:
            with suppress(OSError):
                path.touch(mode=0o600)
            time.sleep(BEAT_S)

    threading.Thread(target=beat, name="heartbeat", daemon=True).start()


def beat_of(home: Path, name: str) -> Path:
    return home / "run" / f"{name}.beat"


def silent_s(home: Path, name: str) -> float | None:
    """Seconds since a process showed that it lives; None where it never did."""
    with suppress(OSError):
        return max(0.0, time.time() - beat_of(home, name).stat().st_mtime)
    return None


def note_restart(home: Path, name: str) -> None:
    """Count that a process was started again."""
    path = home / "run" / f"{name}.restarts"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with suppress(OSError):
        path.write_text(str(restarts(home).get(name, 0) + 1), encoding="ascii")


def restarts(home: Path) -> dict[str, int]:
    """By name, how often processes of the service were started again since it was started."""
    counted = {}
    for path in (home / "run").glob("*.restarts"):
        with suppress(OSError, ValueError):
            counted[path.stem] = int(path.read_text("ascii"))
    return counted


def forget_restarts(home: Path) -> None:
    """The service is started: nothing was started again yet."""
    for path in (home / "run").glob("*.restarts"):
        path.unlink(missing_ok=True)


def frozen(home: Path) -> list[str]:
    """Names of processes of the service in this home that show no life."""
    if service_of(home) is None:
        return []
    paths = sorted((home / "run").glob("*.beat"))
    return [path.stem for path in paths if (silent_s(home, path.stem) or 0.0) > FROZEN_S / 2]


def end_orphans(home: Path, *, patience_s: float = 10.0) -> list[str]:
    """End what a service that died has left running. Returns names."""
    left = orphans(home)
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in orphans(home).values():
            end_group(pid, number)
        for _ in _waiting(patience_s):
            if not orphans(home):
                return sorted(left)
    return sorted(left)


def end_group(pid: int, number: int) -> None:
    """Send a signal to a whole group, by the process that leads it. One that is stopped hears SIGKILL only."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _waiting(patience_s: float) -> Iterator[None]:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        yield
        time.sleep(0.1)

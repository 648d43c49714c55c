"""Save a bundle over another one, killed at each step in turn: `python -m tests.model.killed NEW OLD AT`.

Prints, for each step: its number, what it was, and the id of the bundle that stands at AT afterwards, or "none".
"""

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from care.errors import BundleError
from model.bundle import Bundle, save

STEPS = ("os.", "shutil.", "open", "tempfile.")


def main(new: Path, old: Path, at: Path) -> None:
    bundle = Bundle.load(new)
    for number in range(1, 10_000):
        shutil.rmtree(at.parent, ignore_errors=True)
        shutil.copytree(old, at)
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            save_until(number, bundle, at, tell)
        _, status = os.waitpid(child, 0)
        os.close(tell)
        with os.fdopen(told) as words:
            step = words.read().replace("\n", " ")
        sys.stdout.write(f"{number}\t{step or 'the end'}\t{standing(at)}\n")
        code = os.waitstatus_to_exitcode(status)
        if code != -signal.SIGKILL:
            sys.exit(code)


def save_until(number: int, bundle: Bundle, at: Path, tell: int) -> None:
    """End this process before its `number`th step in the folder around the bundle; with 0 when there are fewer."""
    n = 0

    def kill(event: str, args: tuple[Any, ...]) -> None:
        nonlocal n
        if event.startswith(STEPS) and any(str(at.parent) in str(arg) for arg in args):
            n += 1
            if n == number:
                os.write(tell, event.encode())
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(kill)
    try:
        save(bundle, at, metrics={}, card="# The new one")
    except BaseException as error:  # noqa: BLE001  a child that fails must not go on as its parent
        os.write(tell, repr(error).encode())
        os._exit(1)
    os._exit(0)


def standing(at: Path) -> str:
    try:
        return Bundle.load(at).id
    except BundleError:
        return "none"


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

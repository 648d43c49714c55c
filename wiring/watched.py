"""What is opened from files and opened again when they change: the old one works on until the new one stands."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Generic, TypeVar

from care.errors import BadPlaybook, BundleError

log = logging.getLogger(__name__)

T = TypeVar("T")
LOOK_EVERY_S = 2.0


class Watched(Generic[T]):
    """The newest of something that was made from files. Safe from several threads.

    what: its name in the log. make: opens it. state: what its files look like, cheap to ask. Whoever asks and sees a
    change first opens the new one, while all others go on with the old one. Where it cannot be opened, the old one
    stays and `problem` says why. Raises what `make` raises at the start only; where it is patient, it
    raises BundleError whenever it is asked, until something can be opened.
    """

    def __init__(
        self,
        what: str,
        make: Callable[[], T],
        state: Callable[[], object],
        *,
        look_every_s: float = LOOK_EVERY_S,
        clock: Callable[[], float] = monotonic,
        is_patient: bool = False,
    ) -> None:
        self._what = what
        self._make = make
        self._state = state
        self._look_every_s = look_every_s
        self._clock = clock
        self._lock = threading.Lock()
        self._looked_at = clock()
        self._seen = state()
        self._made: T | None = None
        self.problem: Exception | None = None
        try:
            self._made = make()
        except (BundleError, OSError) as problem:
            if not is_patient:
                raise
            self.problem = problem
            log.error("%s cannot be opened", what, extra={"problem": str(problem)})

    def now(self) -> T:
        """The newest; whoever sees a change first waits until it is opened."""
        if self._is_due() and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        if self._made is None:
            raise BundleError(f"No {self._what} can be opened: {self.problem}")
        return self._made

    def at_once(self) -> T | None:
        """The same for an event loop, which must not wait while something is opened; None where nothing could be."""
        if self._is_due() and not self._lock.locked():
            threading.Thread(target=self._look_alone, name=f"look for {self._what}", daemon=True).start()
        return self._made

    def _look_alone(self) -> None:
        with suppress(BundleError):
            self.now()

    def _is_due(self) -> bool:
        return self._clock() - self._looked_at >= self._look_every_s

    def _look(self) -> None:
        self._looked_at = self._clock()
        state = self._state()
        if state == self._seen:
            return
        self._seen = state
        try:
            self._made = self._make()
        except (BadPlaybook, BundleError, OSError) as problem:
            self.problem = problem
            log.warning("%s not taken over", self._what, extra={"problem": str(problem)})
        else:
            self.problem = None
            log.info("%s taken over", self._what)


def marks_of(*folders: Path) -> tuple[tuple[str, int, int], ...]:
    """Where every folder leads to now, with size and time of its manifest: different after every change."""
    marks = []
    for folder in folders:
        path = folder.resolve() / "manifest.json"
        try:
            status = path.stat()
        except OSError:
            continue
        marks.append((str(path), status.st_size, status.st_mtime_ns))
    return tuple(marks)

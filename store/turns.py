"""Who writes next to a database that takes one writer at a time: those of one process in the order in which they came.

SQLite lets whoever asks at the right moment go first; of sixteen that ask, some never do.
"""

import threading
from collections import deque
from functools import cache


class Turns:
    """Turns at one thing, first come, first served. Safe from several threads; no two threads have one at once.

    A thread that has its turn does not wait for itself: what it begins inside belongs to the same turn.
    """

    def __init__(self) -> None:
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Event] = deque()

    @property
    def n_waiting(self) -> int:
        return len(self._waiting)

    def wait(self, *, patience_s: float) -> None:
        """Until it is our turn. Raises TimeoutError when it does not come in time."""
        if not self._depth:
            self._wait(patience_s)
        self._mine.depth = self._depth + 1

    def pass_on(self) -> None:
        """Our turn is over, once for each time that we waited for it."""
        self._mine.depth = max(0, self._depth - 1)
        if self._depth:
            return
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False

    @property
    def _depth(self) -> int:
        return getattr(self._mine, "depth", 0)

    def _wait(self, patience_s: float) -> None:
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return
            ticket = threading.Event()
            self._waiting.append(ticket)
        if ticket.wait(patience_s):
            return
        with self._lock:
            if ticket.is_set():
                # It came while we gave up.
                return
            self._waiting.remove(ticket)
        raise TimeoutError


@cache
def turns_at(path: str) -> Turns:
    """The turns of this process at one file, whichever store it was opened by."""
    return Turns()

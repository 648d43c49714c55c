"""Where drafts take their playbook from: one that stays, or a folder that is read again when somebody edits it."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from care.errors import BadPlaybook
from playbook.book import Book, load
from playbook.plays import Play
from playbook.ranking import Index, Memory

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A playbook with what is worked out from it once.

    offered: the plays that may be offered. problem: what is wrong with a newer edit of it.
    """

    book: Book
    memory: Memory
    index: Index
    offered: tuple[Play, ...]
    problem: BadPlaybook | None = None

    @classmethod
    def of(cls, book: Book, sent: Mapping[str, Sequence[str]] | None = None) -> "Shelf":
        """sent: by play id, masked messages that a person answered with it."""
        offered = tuple(book.offered)
        return cls(book, Memory.of(book.plays, sent), Index.of(offered), offered)


class LiveShelf:
    """Gives the newest sound playbook of a folder: an edit is used at the next draft, without a restart.

    While what is in the folder is not sound, the last sound one is used and its `problem` says what is wrong.
    Raises BadPlaybook at the start only. Safe from several threads.
    """

    def __init__(
        self,
        folder: Path,
        *,
        intents: Iterable[str] | None = None,
        look_every_s: float = 2.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._folder = folder
        self._intents = tuple(intents) if intents is not None else None
        self._look_every_s = look_every_s
        self._clock = clock
        self._lock = threading.Lock()
        self._seen = self._state()
        self._looked_at = clock()
        self._shelf = Shelf.of(load(folder, intents=self._intents))

    @property
    def problem(self) -> BadPlaybook | None:
        """What is wrong with the newest edit, as far as it was looked at."""
        return self._shelf.problem

    def __call__(self) -> Shelf:
        if self._clock() - self._looked_at >= self._look_every_s and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._shelf

    def look_again(self) -> None:
        """Have the next call look at the folder, however lately that was done."""
        self._looked_at = float("-inf")

    def _look(self) -> None:
        self._looked_at = self._clock()
        state = self._state()
        if state == self._seen:
            return
        self._seen = state
        try:
            self._shelf = Shelf.of(load(self._folder, intents=self._intents))
        except BadPlaybook as problem:
            self._shelf = replace(self._shelf, problem=problem)
            log.warning("playbook not taken over", extra={"n_problems": len(problem.problems)})
        else:
            log.info("playbook taken over", extra={"version": self._shelf.book.version})

    def _state(self) -> tuple[tuple[str, int, int], ...]:
        """Name, size and time of every file: cheap to look at, different after every edit."""
        marks = []
        for path in (self._folder / "playbook.yaml", *sorted((self._folder / "plays").glob("*.md"))):
            try:
                status = path.stat()
            except OSError:
                continue
            marks.append((path.name, status.st_size, status.st_mtime_ns))
        return tuple(marks)

"""Answers that were given already, the least recently used forgotten first."""

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

from model.thread import Context

Source = tuple[str, Context | None]
"""A prepared text, and what was said before it where that is read too."""

Answer = TypeVar("Answer")


class Remembered(Generic[Answer]):
    """Answers by masked text and context. Lives and dies with who gave them; safe from several threads."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._size = 0
        self._known: OrderedDict[Source, tuple[Answer, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, source: Source) -> Answer | None:
        with self._lock:
            remembered = self._known.get(source)
            if remembered is None:
                return None
            self._known.move_to_end(source)
            return remembered[0]

    def put(self, source: Source, answer: Answer, *, n_bytes: int) -> None:
        """n_bytes: of the answer alone."""
        size = n_bytes + _n_bytes(source)
        with self._lock:
            if source in self._known or size > self._limit:
                return
            self._known[source] = (answer, size)
            self._size += size
            while self._size > self._limit:
                _, (_, freed) = self._known.popitem(last=False)
                self._size -= freed


def _n_bytes(source: Source) -> int:
    text, context = source
    return 4 * len(text) + (200 + 4 * len(context.text) if context is not None else 0)

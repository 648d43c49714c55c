"""A store whose process ends around the n-th commit, for the state machines."""

from contextlib import contextmanager
from typing import Any

from store.work import SqlStore


class Crash(BaseException):
    """The process is gone."""


class CrashingStore:
    """Ends the process around the n-th commit from now."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.crash_in: int | None = None
        self.is_before = False

    @contextmanager
    def __call__(self, *, read: bool = False) -> Any:
        is_last = False
        if self.crash_in is not None:
            self.crash_in -= 1
            is_last = self.crash_in <= 0
        with self.store(read=read) as work:
            yield work
            if is_last and self.is_before:
                raise Crash
        if is_last:
            raise Crash


@contextmanager
def crashing(store: CrashingStore, crash: tuple[int, bool] | None) -> Any:
    """Steps inside may end the process; afterwards another one is there."""
    if crash is not None:
        store.crash_in, store.is_before = crash
    try:
        yield
    except Crash:
        pass
    finally:
        store.crash_in = None

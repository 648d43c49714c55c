"""Service keys that the store vouched for a moment ago, so that not every request asks it again."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta

from api.depends import Parts
from care.access import ServiceKey
from care.people import digest
from care.service_keys import living_key

TRUSTED_S = 2.0
"""How long a key that was revoked by another process still works here; docs/api.md promises it."""

USED_AFTER = timedelta(seconds=60)
"""A key's last use is written down at most this often."""

MAX_KEYS = 1_000


class KnownKeys:
    """Living keys by their digest, for TRUSTED_S each; beyond `max_keys` the one that was looked up first is dropped.

    Unknown and revoked keys are not remembered. Safe from several threads.
    """

    def __init__(self, *, max_keys: int = MAX_KEYS, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_keys, self._clock = max_keys, clock
        self._known: OrderedDict[str, tuple[ServiceKey, float]] = OrderedDict()
        self._n_forgotten = 0
        self._lock = threading.Lock()

    def recall(self, secret: str) -> ServiceKey | None:
        """The key, if the store vouched for it less than TRUSTED_S ago. Never waits for the store."""
        with self._lock:
            known = self._known.get(digest(secret))
        if known is None:
            return None
        key, asked_at = known
        return key if self._clock() - asked_at < TRUSTED_S else None

    def look_up(self, secret: str, parts: Parts) -> ServiceKey | None:
        """The key as the store has it now; None when it is unknown or revoked."""
        # Both are taken before the store is asked: a key that is revoked while it answers is not remembered.
        asked_at, n_forgotten = self._clock(), self._n_forgotten
        now = parts.clock()
        with parts.reading() as work:
            key = living_key(work, secret, now=now)
        if key is not None and (key.used_at is None or now - key.used_at >= USED_AFTER):
            with parts.store() as work:
                work.access.use_key(key.id, at=now)
        with self._lock:
            if key is not None and n_forgotten == self._n_forgotten:
                self._known[key.key_hash] = key, asked_at
                self._known.move_to_end(key.key_hash)
                if len(self._known) > self._max_keys:
                    self._known.popitem(last=False)
        return key

    def forget(self) -> None:
        """Remember no key any longer. Call it after the transaction that revoked one."""
        with self._lock:
            self._known.clear()
            self._n_forgotten += 1

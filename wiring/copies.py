"""Customers' words outside of the store: files of rehearsals, and bundles that learnt from them."""

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from care.customer import Identity
from care.errors import BundleError
from wiring.settings import Settings

_SAYS_WHOSE = ("reply_id", "in_reply_to", "message_id", "subject_id", "case_id", "id")


@dataclass(frozen=True, slots=True)
class FileCopies:
    """Satisfies care.forgetting.Copies."""

    settings: Settings

    def remove(self, identities: Iterable[Identity], ids: Iterable[str]) -> Mapping[str, int]:
        handles, gone = {(identity.channel, identity.handle) for identity in identities}, frozenset(ids)
        if not handles and not gone:
            return {}
        done: dict[str, int] = {}
        for path in sorted((self.settings.home / "rehearsal").glob("*.jsonl")):
            theirs = {handle for channel, handle in handles if channel == path.stem}
            if n := _without(path, partial(_is_of, handles=theirs, ids=gone)):
                done["rehearsal"] = done.get("rehearsal", 0) + n
        return done

    def learnt(self, texts: Sequence[str]) -> Sequence[str]:
        from model.learnt import are_seen
        from model.sealed import MANIFEST

        folders = {path.parent.resolve() for path in (self.settings.home / "bundles").rglob(MANIFEST)}
        folders |= {
            self.settings.bundle.resolve(),
            *(folder.resolve() for folder in self.settings.model.bundles.values()),
        }
        names = []
        for folder in sorted(folders) if texts else ():
            try:
                if are_seen(texts, folder).any():
                    names.append(folder.name)
            except (BundleError, OSError):
                continue
        return names


def _is_of(said: Mapping[str, object], *, handles: set[str], ids: frozenset[str]) -> bool:
    return said.get("to") in handles or any(said.get(name) in ids for name in _SAYS_WHOSE)


def _without(path: Path, is_theirs: Callable[[Mapping[str, object]], bool]) -> int:
    """Take lines out of a file that others append to. Returns how many."""
    with open(path, "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        lines = file.readlines()
        kept = [line for line in lines if not is_theirs(_read(line))]
        if len(kept) != len(lines):
            # In its place: whoever waits for the lock appends to this very file.
            file.seek(0)
            file.write("".join(kept))
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
    return len(lines) - len(kept)


def _read(line: str) -> Mapping[str, object]:
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}

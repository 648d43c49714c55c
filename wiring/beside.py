"""What is kept beside the database, in the home folder: which store belongs here, who was forgotten, and the ends of
the audit trail.

A database that was put back from a copy says less than these files: that is how it is told.
"""

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from care.customer import Identity
from care.errors import Unreachable
from care.forgetting import Proof
from care.keeping import Seal

FORGOTTEN = "forgotten.jsonl"
ANCHORS = "audit.jsonl"
EPOCH = "epoch.json"


@dataclass(frozen=True, slots=True)
class Epoch:
    """How far the store of this home had come when it was last seen.

    seen: the latest number of its audit trail. is_restoring: a restore began and did not end. is_greeted: the first
    login was shown. copies: backups that were made of it.
    """

    store_id: str
    epoch: int
    seen: int = 0
    is_restoring: bool = False
    is_greeted: bool = False
    copies: tuple[str, ...] = ()


def read_epoch(home: Path) -> Epoch | None:
    """None for a home that was never used. Raises Unreachable for a file that is not ours."""
    try:
        kept = json.loads((home / EPOCH).read_text("utf-8"))
        return Epoch(**{**kept, "copies": tuple(kept.get("copies", ()))})
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise Unreachable(
            f"{home / EPOCH} cannot be read; put it back from a backup with `tactful restore`."
        ) from error


def note_epoch(home: Path, change: Callable[[Epoch | None], Epoch]) -> Epoch:
    """Change what is kept, one process at a time; whole or not at all."""
    with _alone(home):
        kept = read_epoch(home)
        changed = change(kept)
        if changed != kept:
            write_whole(home / EPOCH, json.dumps(asdict(changed), indent=1))
        return changed


def note_seen(home: Path, seen: int) -> None:
    """Keep how far the trail has come; never less than before."""
    kept = read_epoch(home)
    if kept is not None and seen > kept.seen:
        note_epoch(home, lambda now: replace(now or kept, seen=max(seen, (now or kept).seen)))


def note_greeted(home: Path) -> None:
    """Keep that the first login and key were shown."""
    kept = read_epoch(home)
    if kept is not None and not kept.is_greeted:
        note_epoch(home, lambda now: replace(now or kept, is_greeted=True))


def write_whole(path: Path, text: str) -> None:
    """Written aside, made safe on disk, then renamed."""
    draft = path.with_name(f".{path.name}-{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    with os.fdopen(os.open(home / ".epoch.lock", os.O_RDWR | os.O_CREAT, 0o600), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True, slots=True)
class ProofList:
    """Satisfies care.forgetting.Proofs: a line a proof, in the home folder and beside every backup still there."""

    home: Path
    key: str

    def mark(self, identity: Identity) -> str:
        handle = identity.handle.lower() if "@" in identity.handle else identity.handle
        said = f"forgotten\0{identity.channel}\0{handle}".encode()
        return hmac.new(self.key.encode(), said, hashlib.sha256).hexdigest()

    def add(self, proofs: Sequence[Proof]) -> None:
        kept = read_epoch(self.home)
        for folder in (self.home, *(Path(copy) for copy in (kept.copies if kept else ()))):
            if folder.is_dir():
                add_proofs(folder / FORGOTTEN, proofs)

    def all(self) -> Sequence[Proof]:
        return read_proofs(self.home / FORGOTTEN)


def read_proofs(path: Path) -> list[Proof]:
    """Those of a file; a last line that was cut off is left out."""
    if not path.exists():
        return []
    proofs = []
    for line in path.read_text("utf-8").splitlines():
        try:
            said = json.loads(line)
            proofs.append(Proof(str(said["mark"]), datetime.fromisoformat(said["at"])))
        except (ValueError, KeyError):
            continue
    return proofs


def add_proofs(path: Path, proofs: Sequence[Proof]) -> None:
    """Append those that are not there, and make them safe on disk."""
    there = set(read_proofs(path))
    lines = [json.dumps({"mark": proof.mark, "at": proof.at.isoformat()}) for proof in proofs if proof not in there]
    append_lines(path, lines)


def append_lines(path: Path, lines: Sequence[str]) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())


def anchor(home: Path, seal: Seal) -> None:
    """Keep the hash of a seal outside of the store."""
    append_lines(home / ANCHORS, [json.dumps({"number": seal.number, "last": seal.last, "hash": seal.hash})])


def anchors(home: Path) -> dict[int, str]:
    """By the number of a seal, its hash."""
    path = home / ANCHORS
    if not path.exists():
        return {}
    return {said["number"]: said["hash"] for said in map(json.loads, path.read_text("utf-8").splitlines())}

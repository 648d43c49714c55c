"""Files in a folder of their own: named by their content, for nobody else to read, never more than was agreed."""

import fcntl
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import filetype

from care.ports import Refused, Stored

_NAME = re.compile(r"[0-9a-f]{64}")
_DRAFT = ".new-"
_HEAD = 8192
"""Bytes from which a file's type is told; the library looks at no more."""

FULL, EMPTY, NOT_TAKEN, LIES = (
    "the store is full",
    "it is empty",
    "files of this kind are not taken",
    "it is not what it says it is",
)
NOT_WRITTEN = "it could not be written"


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """Satisfies care.ports.Files.

    is_open: whether new files are taken. max_bytes: of all files together. types: media types that may be kept, as the
    content shows them, whatever a file says of itself.
    """

    folder: Path
    is_open: bool
    max_bytes: int
    max_file_bytes: int
    types: frozenset[str]

    def too_large(self, size_bytes: int) -> Refused | None:
        if size_bytes <= self.max_file_bytes:
            return None
        return Refused(f"it is larger than {self.max_file_bytes / 1_048_576:.3g} MB")

    def keep(self, content: bytes, *, media_type: str) -> Stored | Refused:
        if not content:
            return Refused(EMPTY)
        if refused := self.too_large(len(content)):
            return refused
        shown = filetype.guess_mime(content[:_HEAD]) or ""
        if shown not in self.types:
            # What says it is a picture and is none is not called one any longer.
            lies = media_type in self.types
            return Refused(LIES, shown or "application/octet-stream") if lies else Refused(NOT_TAKEN)
        name = sha256(content).hexdigest()
        try:
            return Stored(name, shown) if self._write(name, content) else Refused(FULL, shown)
        except OSError:
            return Refused(NOT_WRITTEN, shown)

    def read(self, stored_as: str) -> bytes | None:
        try:
            return self._path(stored_as).read_bytes()
        except FileNotFoundError:
            return None

    def idle(self, idle_s: float) -> list[str]:
        """Counts what is there anew, and clears away what a process that died was writing."""
        if not self.folder.exists():
            return []
        before = time.time() - idle_s
        with self._alone():
            for draft in self.folder.glob(f"{_DRAFT}*"):
                if draft.stat().st_mtime < before:
                    draft.unlink()
            self._note(sum(path.stat().st_size for path in self._all()))
            return sorted(path.name for path in self._all() if path.stat().st_mtime < before)

    def remove(self, stored_as: str, *, idle_s: float) -> bool:
        path = self._path(stored_as)
        with self._alone(), suppress(FileNotFoundError):
            there = path.stat()
            if there.st_mtime < time.time() - idle_s:
                path.unlink()
                self._note(max(0, self._used() - there.st_size))
                return True
        return False

    def _write(self, name: str, content: bytes) -> bool:
        """Written aside, then renamed: nobody ever reads half a file. False when there is no room."""
        path = self._path(name)
        with self._alone():
            if path.exists():
                # Kept again: the sweep must not take it for one that nobody names.
                os.utime(path)
                return True
            used = self._used() + len(content)
            if used > self.max_bytes:
                return False
            # Counted first: what dies in between is counted anew by the sweep, never too little.
            self._note(used)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            self._replace(path, content)
        return True

    def _replace(self, path: Path, content: bytes) -> None:
        draft = self.folder / f"{_DRAFT}{secrets.token_hex(8)}"
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise

    def _path(self, name: str) -> Path:
        """Raises ValueError for what is no name of ours: no word of a sender ever becomes a path."""
        if not _NAME.fullmatch(name):
            raise ValueError("a kept file is named by 64 hexadecimal digits")
        return self.folder / name[:2] / name

    def _all(self) -> Iterator[Path]:
        return (path for path in self.folder.glob("[0-9a-f][0-9a-f]/*") if _NAME.fullmatch(path.name))

    # how much is there ----------------------------------------------------------------------------------------------

    def _used(self) -> int:
        try:
            return int((self.folder / ".used").read_text("ascii"))
        except (FileNotFoundError, ValueError):
            return sum(path.stat().st_size for path in self._all())

    def _note(self, used: int) -> None:
        self._replace(self.folder / ".used", str(used).encode("ascii"))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One thread of one process at a time: so that two together cannot keep more than was agreed."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

"""Reads and writes the files of plays for people who edit them without a shell."""

import fcntl
import hashlib
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from care.errors import BadPlaybook, BadStep, Conflict, NotFound
from care.plays import PlayPreview, PlaySource
from care.ports import ToneChecker
from playbook.book import Book, load
from playbook.lint import lint_play
from playbook.newcomer import text_to_take
from playbook.plays import Play, entry_of

_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True)
class PlayFiles:
    """Satisfies care.plays.PlayEditor. on_write: told after every file that was written."""

    folder: Path
    on_write: Callable[[], None] = field(default=lambda: None, repr=False)

    def source(self, play_id: str) -> PlaySource:
        return self._source(load(self.folder), play_id)

    def preview(self, play_id: str, text: str, *, tone: ToneChecker | None) -> PlayPreview:
        name = self._place(load(self.folder), play_id).name
        with tempfile.TemporaryDirectory(prefix="tactful-play-") as folder:
            copy = Path(folder) / "playbook"
            shutil.copytree(self.folder, copy, ignore=shutil.ignore_patterns(".git", "knowledge"))
            (copy / "plays").mkdir(exist_ok=True)
            (copy / "plays" / name).write_text(text, "utf-8")
            try:
                book = load(copy)
            except BadPlaybook as error:
                return PlayPreview(None, error.problems)
        play = book.play(play_id)
        if play is None:
            raise BadStep(f"The edit gives the play another id than {play_id}. Drafts and figures know it by that id.")
        return PlayPreview(entry_of(play), (), lint_play(play, book, tone=tone))

    def write(self, play_id: str, text: str, *, digest: str) -> None:
        with self._held(play_id, digest) as path:
            path.parent.mkdir(exist_ok=True)
            mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                os.chmod(name, mode)
                os.replace(name, path)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise

    def remove(self, play_id: str, *, digest: str) -> None:
        with self._held(play_id, digest) as path:
            path.unlink()

    @contextmanager
    def _held(self, play_id: str, digest: str) -> Iterator[Path]:
        """The file that is to be written, with nobody else of ours in the folder."""
        try:
            with _ONE_AT_A_TIME, open(self.folder / "playbook.yaml", "rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                book = load(self.folder)
                if self._source(book, play_id).digest != digest:
                    raise Conflict("Somebody edited this play meanwhile. Look at what it says now.")
                yield self._place(book, play_id)
        except OSError as error:
            raise BadStep(
                f"The playbook's folder cannot be written: {error.strerror}. Edit the file itself."
            ) from error
        self.on_write()

    def _source(self, book: Book, play_id: str) -> PlaySource:
        play = _play(book, play_id)
        path = self._place(book, play_id)
        text = path.read_text("utf-8") if not play.origin else text_to_take(play)
        return PlaySource(f"plays/{path.name}", text, hashlib.sha256(text.encode()).hexdigest()[:16], not play.origin)

    def _place(self, book: Book, play_id: str) -> Path:
        """Where a play stands, or would where it comes from a base."""
        play = _play(book, play_id)
        return self.folder / play.source.file if not play.origin else self.folder / "plays" / f"{play_id}.md"


def _play(book: Book, play_id: str) -> Play:
    if (play := book.play(play_id)) is None:
        raise NotFound("play", play_id[:64])
    return play

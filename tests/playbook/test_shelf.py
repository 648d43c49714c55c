"""A playbook that is edited while the service runs."""

import os
from pathlib import Path

import pytest

from care.errors import BadPlaybook
from playbook.shelf import LiveShelf
from tests.playbook.builders import in_one_piece


class Seconds:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return in_one_piece(tmp_path / "playbook")


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))


def test_an_edit_is_used_without_a_restart(folder: Path) -> None:
    clock = Seconds()
    shelf = LiveShelf(folder, clock=clock)
    before = shelf().book.version
    rewrite(folder / "plays" / "hello.md", "I'm here and reading.", "I'm here, reading.")

    at_once = shelf().book.version
    clock.now = 3.0
    later = shelf().book.version

    assert before == at_once != later


def test_a_broken_edit_leaves_the_last_sound_playbook_in_use(folder: Path) -> None:
    clock = Seconds()
    shelf = LiveShelf(folder, clock=clock)
    before = shelf().book.version
    rewrite(folder / "plays" / "hello.md", "I'm here and reading.", "{{ nobody }}")

    clock.now = 3.0
    assert shelf().book.version == before
    assert isinstance(shelf.problem, BadPlaybook)

    rewrite(folder / "plays" / "hello.md", "{{ nobody }}", "I'm here and reading.")
    clock.now = 6.0
    assert shelf().book.version == before
    assert shelf.problem is None


def test_a_broken_playbook_does_not_start(folder: Path) -> None:
    (folder / "playbook.yaml").unlink()

    with pytest.raises(BadPlaybook):
        LiveShelf(folder)

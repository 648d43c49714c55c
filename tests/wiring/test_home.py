"""Everything in the home folder is for its owner alone."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from wiring.home import keep_private


@pytest.fixture(autouse=True)
def _mask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.lstat().st_mode & 0o777


def test_what_was_open_is_closed_and_what_comes_later_is_born_closed(tmp_path: Path) -> None:
    shared = tmp_path / "shared.txt"
    shared.write_text("for all")
    home = tmp_path / "home"
    (home / "bundles" / "default").mkdir(parents=True)
    (home / "bundles" / "default" / "manifest.json").write_text("{}")
    (home / "link").symlink_to(shared)

    keep_private(home)
    (home / "later").mkdir()
    (home / "later" / "file").write_text("x")

    assert mode(home) == mode(home / "bundles") == mode(home / "bundles" / "default") == mode(home / "later") == 0o700
    assert mode(home / "bundles" / "default" / "manifest.json") == mode(home / "later" / "file") == 0o600
    assert mode(shared) == 0o644

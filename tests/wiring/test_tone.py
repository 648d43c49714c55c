"""The tone check of a running service follows the playbook in use."""

from pathlib import Path

import pytest

from care.ports import ToneChecker
from playbook.book import Book
from playbook.live import LivePlaybook
from tests.playbook.builders import SilentTone, in_one_piece
from tests.playbook.test_live import QUESTION, Seconds, rewrite
from wiring.tone import LiveTone


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return in_one_piece(tmp_path / "playbook")


def test_the_voice_follows_an_edit_and_is_made_once_an_edition(folder: Path) -> None:
    clock = Seconds()
    made: list[str] = []

    def make(book: Book) -> ToneChecker:
        made.append(book.version)
        return SilentTone()

    tone = LiveTone(LivePlaybook.open(folder, clock=clock), make, folder / "no head")
    tone.check("Hello.", channel="x")
    rewrite(folder, QUESTION, "Are you content?")
    clock.now = 3.0
    tone.check("Hello.", channel="x")
    tone.check("Hello.", channel="x")

    assert made == [*dict.fromkeys(made)]
    assert len(made) == 2

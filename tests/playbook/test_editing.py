"""Plays edited through the console: sound or not written at all, one after another, and undone."""

from pathlib import Path

import pytest

from care.errors import BadStep, Conflict, NotFound
from playbook.book import load
from playbook.editing import PlayFiles
from playbook.live import LivePlaybook
from tests.playbook.builders import SilentTone, in_one_piece

pytestmark = pytest.mark.issue(16)
PLAY = "order-status-answer"
OF_BASE = "account-hacked"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return in_one_piece(tmp_path_factory.mktemp("edited") / "playbook")


@pytest.fixture(scope="module")
def live(folder: Path) -> LivePlaybook:
    return LivePlaybook.open(folder)


def test_an_edit_is_previewed_written_and_used_at_once_and_a_stale_one_refused(live: LivePlaybook) -> None:
    files = live.editor
    assert files is not None
    before = files.source(PLAY)
    text = before.text.rstrip() + "\n\nNo worries at all.\n"

    preview = files.preview(PLAY, text, tone=SilentTone())
    assert preview.play is not None
    assert "No worries at all." in preview.play.wordings[-1].text
    files.write(PLAY, text, digest=before.digest)

    now = next(play for play in live.plays if play.id == PLAY)
    assert "No worries at all." in now.wordings[-1].text
    with pytest.raises(Conflict, match="meanwhile"):
        files.write(PLAY, before.text, digest=before.digest)
    files.write(PLAY, before.text, digest=files.source(PLAY).digest)
    assert files.source(PLAY) == before


def test_an_edit_gets_advice_on_itself_in_the_whole_playbook(folder: Path) -> None:
    files, book = PlayFiles(folder), load(folder)
    [play] = [play for play in book.plays if play.id == "answered-charge"]
    text = files.source(play.id).text

    assert play.premises.steps
    assert files.preview(play.id, text, tone=SilentTone()).advice == []
    unowned = files.preview(play.id, text.replace("owner: ", "# owner: "), tone=SilentTone()).advice
    assert [problem.what for problem in unowned] == ["has no owner"]


def test_what_cannot_be_used_is_told_with_file_and_line_and_another_id_refused(folder: Path) -> None:
    files = PlayFiles(folder)
    text = files.source(PLAY).text

    broken = files.preview(PLAY, text.replace("{{ promise }}", "{{ promis }}").replace("title:", "titel:"), tone=None)
    assert broken.play is None
    assert any(problem.where.startswith(f"plays/{PLAY}.md:") for problem in broken.problems)
    with pytest.raises(BadStep, match="another id"):
        files.preview(PLAY, text.replace(f"id: {PLAY}", "id: order-statuses"), tone=None)
    with pytest.raises(NotFound):
        files.source("no-such-play")


def test_a_play_of_a_base_becomes_a_copy_in_the_folder(tmp_path: Path) -> None:
    from playbook.newcomer import Answers, start

    start(tmp_path / "book", "hotel", Answers(brand="Alpenhof"))
    files = PlayFiles(tmp_path / "book")
    source = files.source(OF_BASE)
    assert (source.is_own, f"replaces: {OF_BASE}" in source.text) == (False, True)

    files.write(OF_BASE, source.text, digest=source.digest)
    own = files.source(OF_BASE)
    assert own.is_own
    files.remove(OF_BASE, digest=own.digest)

    assert files.source(OF_BASE) == source

"""An edited playbook is taken over by everything that hangs on it, without a restart."""

import logging
import os
import shutil
from pathlib import Path

import pytest

from care.ports import ToneChecker
from playbook.book import Playbook
from playbook.shelf import LiveShelf
from tests.playbook.builders import FOLDER, SilentTone
from wiring import assemble
from wiring.playbook import LiveTone, PlaybookReader, PlaybookSurvey, Suspended, policy_on
from wiring.settings import Settings

QUESTION = "Did this settle it for you?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "playbook"))


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def rewrite(folder: Path, old: str, new: str) -> None:
    path = folder / "playbook.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))


def test_question_steps_and_voice_follow_an_edit_within_seconds(folder: Path) -> None:
    clock = Seconds()
    shelf = LiveShelf(folder, clock=clock)
    made: list[str] = []

    def make(book: Playbook) -> ToneChecker:
        made.append(book.version)
        return SilentTone()

    survey, policy, tone = PlaybookSurvey(shelf), policy_on(shelf), LiveTone(shelf, make)
    tone.check("Hello.", channel="x")
    rewrite(folder, QUESTION, "Are you content?")
    rewrite(folder, "{contact: shift lead, after: 0 min,", "{contact: counsel, after: 0 min,")
    clock.now = 3.0

    assert survey.question.startswith("Are you content?")
    assert policy().steps["*"][0].contact == "counsel"
    tone.check("Hello.", channel="x")
    tone.check("Hello.", channel="x")
    assert made == [*dict.fromkeys(made)]
    assert len(made) == 2


def test_a_broken_edit_changes_nothing_and_the_log_says_so(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = Seconds()
    shelf = LiveShelf(folder, clock=clock)
    survey = PlaybookSurvey(shelf)
    before = survey.question
    rewrite(folder, "closing:", "closing: [oh")
    clock.now = 3.0

    with caplog.at_level(logging.INFO):
        assert survey.question == before
        rewrite(folder, "closing: [oh", "closing:")
        rewrite(folder, QUESTION, "Are you content?")
        clock.now = 6.0
        assert survey.question != before

    assert [record.message for record in caplog.records] == ["playbook not taken over", "playbook taken over"]


def test_the_assembled_service_reads_an_edited_playbook_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "h"
    home.mkdir(mode=0o700)
    settings = Settings(home=home, playbook=folder)
    clock = Seconds()
    monkeypatch.setattr("playbook.shelf.LiveShelf.__init__.__kwdefaults__", _defaults(clock))
    policy = assemble.policy(settings)
    rewrite(folder, "{contact: shift lead, after: 0 min,", "{contact: counsel, after: 0 min,")
    clock.now = 3.0

    assert policy().steps["*"][0].contact == "counsel"


def _defaults(clock: Seconds) -> dict[str, object]:
    return {**(LiveShelf.__init__.__kwdefaults__ or {}), "clock": clock}


def test_a_flag_names_the_owner_of_the_play_and_the_version_it_is_about() -> None:
    from care.learning import Outcome
    from tests.playbook.builders import fixtures_shelf

    play = next(play for play in fixtures_shelf().book.plays if play.owner)
    rejected = [Outcome(play.reference, "Hello.", "", is_sent=False)] * 10

    counts, flags = PlaybookReader(fixtures_shelf).count(rejected)

    assert [(line.play_id, line.n_rejected) for line in counts] == [(play.id, 10)]
    assert [(flag.play, flag.owner, flag.kind) for flag in flags] == [(play.reference, play.owner, "rejected")]


def test_suspended_plays_are_looked_up_now_and_then_and_kept_while_the_store_is_gone() -> None:
    from care.errors import Unreachable
    from care.learning import Outcome

    class Kept:
        n_looks = 0
        is_gone = False

        def __call__(self, *, read: bool = False) -> "Kept":
            self.n_looks += 1
            if self.is_gone:
                raise Unreachable("database")
            return self

        def __enter__(self) -> "Kept":
            return self

        def __exit__(self, *_: object) -> None:
            return None

        @property
        def learning(self) -> "Kept":
            return self

        def outcomes(self) -> list[Outcome]:
            return [Outcome("late@1", "Hello.", "", is_sent=False)] * 10

    kept, clock = Kept(), Seconds()
    suspended = Suspended(kept, look_every_s=60, clock=clock)  # type: ignore[arg-type]

    assert suspended() == suspended() == {"late@1"}
    assert kept.n_looks == 1
    kept.is_gone, clock.now = True, 61.0
    assert suspended() == {"late@1"}
    assert kept.n_looks == 2

"""An edited playbook is taken over by everything that is asked of it, without a restart."""

import logging
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from care.errors import BadPlaybook, Unreachable
from care.learning import DraftOutcome, FirstAnswer
from care.preparing import DraftingTools, propose
from playbook.live import LivePlaybook, Suspended
from tests.playbook.builders import (
    MONDAY,
    SilentTone,
    in_one_piece,
    labelled,
    message,
    ours,
    the_book,
    the_playbook,
    theirs,
)

QUESTION = "Did this settle it for you?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return in_one_piece(tmp_path / "playbook")


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def rewrite(folder: Path, old: str, new: str, *, file: str = "playbook.yaml") -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def live(folder: Path, clock: Seconds) -> LivePlaybook:
    return LivePlaybook.open(folder, clock=clock)


def test_question_channels_and_steps_follow_an_edit_within_seconds(
    live: LivePlaybook, folder: Path, clock: Seconds
) -> None:
    before = live.version
    rewrite(folder, QUESTION, "Are you content?")
    rewrite(folder, "{contact: shift lead, after: 0 min,", "{contact: counsel, after: 0 min,")
    rewrite(folder, "limit: 280", "limit: 240")
    clock.now = 3.0

    assert live.question.startswith("Are you content?")
    assert live.policy.steps["*"][0].contact == "counsel"
    assert live.channels["x"].limit == 240
    assert live.version != before


def test_a_broken_edit_changes_nothing_and_the_log_says_so(
    live: LivePlaybook, folder: Path, clock: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    before = live.question
    rewrite(folder, "closing:", "closing: [oh")
    clock.now = 3.0

    with caplog.at_level(logging.INFO):
        assert live.question == before
        assert isinstance(live.problem, BadPlaybook)
        rewrite(folder, "closing: [oh", "closing:")
        rewrite(folder, QUESTION, "Are you content?")
        clock.now = 6.0
        assert live.question != before
        assert live.problem is None

    assert [record.message for record in caplog.records] == ["playbook not taken over", "playbook taken over"]


def test_an_edition_stays_as_it_is(live: LivePlaybook, folder: Path, clock: Seconds) -> None:
    edition = live.edition()
    before = edition.version, edition.question
    rewrite(folder, QUESTION, "Are you content?")
    clock.now = 3.0

    assert live.question.startswith("Are you content?")
    assert (edition.version, edition.question) == before
    assert edition.edition().version == edition.version != live.edition().version


def test_decision_and_drafts_of_one_message_come_from_one_edition(
    live: LivePlaybook, folder: Path, clock: Seconds
) -> None:
    before, text = live.version, "where is my order?"

    def edited_meanwhile() -> datetime:
        rewrite(folder, "owner: care", "owner: sales", file="plays/order-status-ask.md")
        clock.now += 3.0
        return MONDAY

    proposal = propose(
        message(text), labelled("order_status", text=text), DraftingTools(live, SilentTone(), clock=edited_meanwhile)
    )

    assert proposal.playbook == before != live.version
    assert proposal.drafts[0].play in {play.reference for play in the_book().plays}
    assert proposal.drafts[0].play not in {play.reference for play in live.book.plays}


def test_a_channel_without_an_account_of_its_own_writes_as_the_brand() -> None:
    accounts = {name: rules.account for name, rules in the_playbook().channels.items()}

    assert accounts["x"] == the_book().brand.account


def test_one_message_worth_asking_about_is_enough_and_kinds_decide_it() -> None:
    live = the_playbook()
    before = [theirs("where is it"), ours("It is on the way.")]

    assert live.may_ask(kinds=["praise", "complaint"], is_sensitive=False, thread=before)
    assert not live.may_ask(kinds=["praise", "small_talk"], is_sensitive=False, thread=before)
    assert not live.may_ask(kinds=[], is_sensitive=False, thread=before)
    assert not live.may_ask(kinds=["complaint"], is_sensitive=True, thread=before)


def test_goals_stand_beside_what_was_measured() -> None:
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    answers = [FirstAnswer(now, now), FirstAnswer(now.replace(hour=9), now)]

    lines = {line.name: line for line in the_playbook().goals([], answers=answers, scores={"5": 1, "3": 1}, now=now)}

    assert (lines["first_response_on_time"].measured, lines["satisfaction"].measured) == (50.0, 4.0)
    assert lines["drafts_taken"].measured is None


def test_no_play_is_suspended_where_nothing_is_looked_up(folder: Path) -> None:
    assert LivePlaybook.open(folder).suspended() == frozenset()


def test_a_flag_names_the_owner_of_the_play_and_the_version_it_is_about() -> None:
    play = next(play for play in the_book().plays if play.source.owner)
    rejected = [DraftOutcome(play.reference, "Hello.", "", is_sent=False)] * 10

    counts, flags = the_playbook().learn(rejected)

    assert [(line.play_id, line.n_rejected) for line in counts] == [(play.id, 10)]
    assert [(flag.play, flag.owner, flag.kind) for flag in flags] == [(play.reference, play.source.owner, "rejected")]


def test_suspended_plays_are_looked_up_now_and_then_and_kept_while_the_store_is_gone() -> None:
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

        def outcomes(self) -> list[DraftOutcome]:
            return [DraftOutcome("late@1", "Hello.", "", is_sent=False)] * 10

    kept, clock = Kept(), Seconds()
    suspended = Suspended(kept, look_every_s=60, clock=clock)  # type: ignore[arg-type]

    assert suspended() == suspended() == {"late@1"}
    assert kept.n_looks == 1
    kept.is_gone, clock.now = True, 61.0
    assert suspended() == {"late@1"}
    assert kept.n_looks == 2

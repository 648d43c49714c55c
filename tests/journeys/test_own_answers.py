"""What was answered in solved cases and in history comes back as a source of drafts, from both databases."""

from collections.abc import Callable
from pathlib import Path

import pytest

from care.answering import Approval
from care.errors import BadInput
from care.journey import Journey
from model.sensitive import SensitiveFinder
from playbook.book import load
from store.work import SqlStore
from tests.doubles import ANNA, FixedClock, inbound
from tests.journeys.test_history import a_file, brought_in, row
from tests.model.tiny import tiny_classifier
from tests.playbook.builders import in_one_piece, the_book
from wiring.own_answers import answers_of, proposed, write_play

pytestmark = [pytest.mark.issue(14)]

DIM = "The brass lamp dims with the wheel under its shade. Turn it slowly to the left until it clicks."


def test_history_is_a_source_and_what_only_one_customer_was_told_is_not(
    any_store: SqlStore, clock: FixedClock, tmp_path: Path
) -> None:
    rows = []
    for n in range(1, 4):
        rows += [row(2 * n, thread=n, text="does the lamp dim?")]
        rows += [row(2 * n + 1, thread=n, from_us=True, text=f"Hi kim{n}, {DIM} ^Jo")]
    rows += [row(20, thread=9, from_us=True, text=f"Hello Wilhelmina! {DIM} Get well soon after your surgery. ^Jo")]

    brought_in(any_store, a_file(tmp_path, rows), clock)

    answers = answers_of(any_store, SensitiveFinder(), the_book())
    assert [answer.template for answer in answers] == [DIM] * 3
    assert {answer.question for answer in answers} == {"does the lamp dim?"}


def test_only_what_was_sent_in_a_solved_case_is_a_source(
    any_store: SqlStore, make_journey: Callable[..., Journey], clock: FixedClock
) -> None:
    walk = make_journey(any_store)
    for n in range(1, 4):
        [message_id] = walk.receive([inbound("does it dim?", outside_id=f"m{n}", thread_key=f"t{n}", handle=f"kim{n}")])
        walk.prepare(message_id)
        with any_store() as work:
            [suggestion] = work.suggestions.of_case(work.cases.file(message_id).case.id)
        walk.approve(suggestion.id, Approval(by=ANNA.id, text=DIM, version=suggestion.choice.version))

    assert answers_of(any_store, SensitiveFinder(), the_book()) == []


def test_a_proposal_is_written_once_a_person_accepts_it(any_store: SqlStore, clock: FixedClock, tmp_path: Path) -> None:
    rows = [row(2 * n, thread=n, text="does the lamp dim?") for n in range(1, 4)]
    rows += [row(2 * n + 1, thread=n, from_us=True, text=DIM) for n in range(1, 4)]
    brought_in(any_store, a_file(tmp_path, rows), clock)
    folder = in_one_piece(tmp_path / "playbook")
    book, classifier = load(folder), tiny_classifier()

    (play,) = proposed(any_store, SensitiveFinder(), book)
    path = write_play(play, folder, classifier, intents=book.policy.intents)

    assert DIM in path.read_text("utf-8")
    assert load(folder).play(play.id) is not None
    with pytest.raises(BadInput, match="already"):
        write_play(play, folder, classifier, intents=())

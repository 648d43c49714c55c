"""What somebody says of their health: it leaves the open in public, and can be answered where only we read it."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from sqlalchemy import text as sql

from care.answering import Words
from care.classification import Classification
from care.errors import SensitiveBlocked
from care.journey import Journey
from care.message import Turn, Visibility
from care.sensitive import Handling
from model.sensitive import SensitiveFinder
from store.work import SqlStore
from tests.doubles import ANNA, FixedClock, StubClassifier, inbound

ASKED = "I am allergic to peanuts, is the almond cake safe for me?"


class MaskingClassifier(StubClassifier):
    """Masks for itself without knowing where a text stands, as the real one does."""

    def classify(self, text: str, *, thread: Sequence[Turn] = ()) -> Classification:
        return replace(super().classify(text, thread=thread), sensitive=SensitiveFinder().redact(text))


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey]) -> Journey:
    return make_journey(any_store, redactor=SensitiveFinder(), classifier=MaskingClassifier())


def comes(walk: Journey, visibility: Visibility, text: str = ASKED) -> str:
    [message_id] = walk.receive([inbound(text, visibility=visibility)])
    walk.prepare(message_id)
    return message_id


def test_in_private_it_is_read_and_answered_by_an_agent(walk: Journey, clock: FixedClock) -> None:
    message_id = comes(walk, Visibility.PRIVATE)

    with walk.store() as work:
        file = work.cases.file(message_id)
    assert file.message.text == ASKED
    assert file.message.masking.handling is Handling.ALLOW
    assert file.offline is None
    assert file.suggestion is not None
    assert str(file.suggestion.decision.action) != "take_offline"
    answer = "You told me you are allergic to peanuts: the almond cake has none."
    reply = walk.answering.answer(message_id, Words(ANNA.id, answer))
    clock.advance(1)
    walk.deliver(reply.id)
    with walk.store() as work:
        assert str(work.replies.get(reply.id).sending.stage) == "sent"
    note = walk.casework.note(file.case.id, by=ANNA.id, text="She is allergic to peanuts, asked the kitchen.")
    assert "peanuts" in note.text


def test_in_public_it_is_hidden_and_the_matter_leaves_the_open(walk: Journey) -> None:
    message_id = comes(walk, Visibility.PUBLIC)

    with walk.store() as work:
        file = work.cases.file(message_id)
    assert "peanuts" not in file.message.text
    assert file.message.masking.handling is Handling.OFFLINE
    assert file.offline is not None
    assert file.suggestion is not None
    assert str(file.suggestion.decision.action) == "take_offline"
    with pytest.raises(SensitiveBlocked, match="health"):
        walk.answering.answer(message_id, Words(ANNA.id, "As you are allergic to peanuts, write to us."))


def test_a_card_beside_it_leaves_the_open_in_private_too(walk: Journey) -> None:
    message_id = comes(walk, Visibility.PRIVATE, f"{ASKED} My card is 4111 1111 1111 1111.")

    with walk.store() as work:
        file = work.cases.file(message_id)
    assert "allergic to peanuts" in file.message.text
    assert "4111 1111" not in file.message.text
    assert file.offline is not None


def test_no_event_and_no_log_says_it(
    walk: Journey, any_store: SqlStore, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG, "tactful")
    message_id = comes(walk, Visibility.PRIVATE)
    walk.answering.answer(message_id, Words(ANNA.id, "You are allergic to peanuts: the almond cake has none."))

    with any_store.engine.begin() as connection:
        events = [dict(row._mapping) for row in connection.execute(sql("SELECT * FROM event"))]
        notices = [dict(row._mapping) for row in connection.execute(sql("SELECT * FROM notice"))]

    assert events
    said = json.dumps([events, notices], default=str) + caplog.text + "".join(capfd.readouterr())
    assert "peanut" not in said
    assert "allergic" not in said

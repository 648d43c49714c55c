"""What care asks of a store, on both databases."""

from collections.abc import Callable

import pytest

from care.desk import View
from care.errors import AlreadyDecided, BadInput, Conflict, NotFound, StaleVersion
from care.journey import Journey
from care.ports import Approval
from care.reply import Stage, SuggestionState
from care.sensitive import Handling
from store.work import SqlStore
from tests.doubles import ANNA, FixedClock, inbound


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey]) -> Journey:
    return make_journey(any_store)


def test_a_message_comes_back_as_it_was_kept(walk: Journey, any_store: SqlStore) -> None:
    [message_id] = walk.receive([inbound("Käse 🧀 100%_ \\ tab\tend", outside_id="ünïcode")])

    with any_store() as work:
        message = work.messages.get(message_id)
        assert message.text == "Käse 🧀 100%_ \\ tab\tend"
        assert work.messages.find("chat", "ünïcode") == message

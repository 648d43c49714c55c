"""What a journey is made of: its two ends once, and undo windows as settings and playbook say today."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from care.answering import Words
from care.channel_rules import ChannelRules
from care.journey import Journey
from store.work import SqlStore
from tests.doubles import ANNA, FixedClock, StubPlaybook, inbound


def rules(undo_s: int) -> dict[str, ChannelRules]:
    return {"chat": ChannelRules("chat", False, 280, "graphemes", undo_s, "", "", "", "", "")}


def test_the_two_ends_are_made_once(journey: Journey) -> None:
    assert journey.intake is journey.intake
    assert journey.delivery is journey.delivery
    assert replace(journey, console_url="https://care.example.org").delivery.console_url == "https://care.example.org"


@pytest.mark.parametrize(
    ("said", "agreed", "waits_s"),
    [({}, 20, 20), ({"chat": 5.0}, 20, 5), ({"*": 3.0}, 20, 3), ({"x": 5.0}, 20, 20), ({}, None, 10)],
)
def test_the_undo_window_is_the_settings_word_over_the_playbooks(
    store: SqlStore,
    make_journey: Callable[..., Journey],
    clock: FixedClock,
    said: dict[str, float],
    agreed: int | None,
    waits_s: float,
) -> None:
    playbook = StubPlaybook(channels=rules(agreed) if agreed else {}, has_drafts=False)
    walk = make_journey(store, playbook=playbook, undo_s=said)
    [message_id] = walk.receive([inbound()])

    reply = walk.answering.answer(message_id, Words(ANNA.id, "We are on it."))

    assert (reply.sending.not_before - clock()).total_seconds() == waits_s


def test_an_undo_window_follows_an_edit_of_the_playbook(
    store: SqlStore, make_journey: Callable[..., Journey], clock: FixedClock
) -> None:
    playbook = StubPlaybook(channels=rules(20))
    walk = make_journey(store, playbook=playbook, undo_s={})
    [message_id] = walk.receive([inbound()])
    playbook.channels = rules(40)

    reply = walk.answering.answer(message_id, Words(ANNA.id, "We are on it."))

    assert (reply.sending.not_before - clock()).total_seconds() == 40

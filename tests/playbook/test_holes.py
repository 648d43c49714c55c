"""Every trade has words to send for every intent: some play of its waits for nobody to write what matters."""

from itertools import product
from pathlib import Path

import pytest

from care.decision import Action
from care.preparing import OPEN_SLOTS, Prepared
from playbook.book import Book, load
from playbook.newcomer import Answers, start, trades
from playbook.shelf import Shelf
from tests.playbook.builders import FOLDER, MONDAY, Drafter, labelled, message, ours, theirs

WAYS = (("neutral", "asks", "I have a thing about it, what now?"), ("negative", "reports", "well, here it is again"))
CHANNELS = ("x", "chat")
BEFORE = ((), (theirs("hello there"), ours("Hello, tell us.")))


def holes(book: Book) -> list[str]:
    """Intent, channel, mood and turn for which nothing can be sent as it is."""
    shelf = Shelf.of(book)
    desk = Drafter(lambda: shelf)
    found = []
    for intent, channel, (mood, act, text), thread in product(book.policy.intents, CHANNELS, WAYS, BEFORE):
        prepared = desk.propose(
            message(text, channel=channel),
            labelled(intent, mood, text=text, act=act, addressed="us"),
            thread=thread,
            now=MONDAY,
        )
        if prepared.decision.action is not Action.IGNORE and not any_to_send(prepared):
            found.append(f"{intent} on {channel}, {act}, {'later' if thread else 'first'}")
    return found


def any_to_send(prepared: Prepared) -> bool:
    return any(OPEN_SLOTS.isdisjoint(draft.missing) for draft in prepared.drafts)


@pytest.mark.parametrize("trade", sorted(trades()))
def test_every_intent_of_a_trade_has_words_that_can_be_sent_as_they_are(tmp_path: Path, trade: str) -> None:
    start(tmp_path / trade, trade, Answers("Northwind", contacts="care@northwind.example"))

    assert holes(load(tmp_path / trade)) == []


def test_every_intent_of_the_shop_has_words_that_can_be_sent_as_they_are() -> None:
    assert holes(load(FOLDER)) == []

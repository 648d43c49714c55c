"""Which rows of a file are read as the conversation before a message."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from care.channel_rules import ChannelRules
from care.classification import Classification
from care.errors import BadInput
from care.message import Turn
from care.sensitive import Redaction
from cli.draft import DraftingDesk, DraftOptions, Row, answered, read_rows
from tests.doubles import StubPlaybook, StubTone

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
CHANNELS = {
    name: ChannelRules(name, name == "x", 280, "graphemes", 10, "a private message", "", "", "", "")
    for name in ("x", "*")
}


@dataclass
class Listener:
    """Classifies nothing; notes what it was given beside each message."""

    bundle_id: str = "none"
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    heard: dict[str, list[Turn]] = field(default_factory=dict)

    def classify(self, text: str, *, thread: Any = ()) -> Classification:
        self.heard[text] = list(thread)
        return Classification(tasks={}, sensitive=Redaction(text=text), bundle="none")

    def classify_many(self, texts: Sequence[str], **_: Any) -> list[Classification]:
        return [self.classify(text) for text in texts]


class Masker:
    def redact(self, text: str, *, before: str | None = None, is_public: bool = False) -> Redaction:
        return Redaction(text=text.replace("4111", "[card]"))


def test_a_subject_is_read_before_its_message_and_in_its_thread() -> None:
    first = Row("1", "please help", "email", "kim", "", "Lamp 4111 broken")
    listener = Listener()
    desk = DraftingDesk(Masker(), listener, StubPlaybook(channels=CHANNELS), StubTone(), lambda: NOW)
    rows = [first, Row("2", "any news?", "email", "kim", "1", "Re: Lamp 4111 broken")]

    done = [desk.work_on(row, answered(row, {"1": first}), explain=False) for row in rows]

    assert done[0].prepared.assessed.message.text == "Lamp [card] broken\nplease help"
    assert [turn.text for turn in listener.heard["any news?"]] == ["Lamp [card] broken\nplease help"]


def rows_of(file: Path, subject: str | None) -> Iterator[Row]:
    return read_rows(file, DraftOptions(file=file, subject=subject, channel="email"))


def test_the_column_of_subjects_is_found_by_its_name_or_by_the_one_given(tmp_path: Path) -> None:
    file = tmp_path / "mails.csv"
    file.write_text("subject,about,text\nLamp,Chair,please help\n", "utf-8")

    assert [row.subject for row in rows_of(file, None)] == ["Lamp"]
    assert [row.subject for row in rows_of(file, "about")] == ["Chair"]
    with pytest.raises(BadInput, match="no column 'betreff'"):
        list(rows_of(file, "betreff"))


def read(rows: list[Row]) -> list[Turn]:
    """What is read before the last row."""
    listener = Listener()
    desk = DraftingDesk(Masker(), listener, StubPlaybook(channels=CHANNELS), StubTone(), lambda: NOW)
    desk.work_on(rows[-1], answered(rows[-1], {row.id: row for row in rows}), explain=False)
    return listener.heard[rows[-1].text]


def before(rows: list[Row]) -> list[str]:
    return [turn.text for turn in read(rows)]


def row(id: str, author: str, in_reply_to: str = "", channel: str = "x") -> Row:
    return Row(id, f"text {id}", channel, author, in_reply_to)


def test_a_customers_own_thread_is_read_whole() -> None:
    thread = [row("1", "ana"), row("2", "shop", "1"), row("3", "shop", "2"), row("4", "ana", "3")]

    assert before(thread) == ["text 1", "text 2", "text 3"]
    assert [turn.by_customer for turn in read(thread)] == [True, False, False]


def test_of_a_thread_that_somebody_else_began_only_their_own_part_is_read() -> None:
    post = [row("1", "shop"), row("2", "ana", "1"), row("3", "shop", "2"), row("4", "ana", "3")]
    joined = [row("1", "ana"), row("2", "shop", "1"), row("3", "ben", "2")]

    assert before(post) == ["text 2", "text 3"]
    assert before(joined) == []


def test_who_began_a_public_thread_is_not_held_to_what_we_answered_others() -> None:
    thread = [row("1", "ana"), row("2", "shop", "1"), row("3", "ben", "2"), row("4", "shop", "3"), row("5", "ana", "4")]

    assert before(thread) == ["text 1", "text 2"]


def test_in_private_too_only_what_was_said_with_this_author_is_read() -> None:
    thread = [row("1", "ana"), row("2", "shop", "1"), row("3", "ben", "2"), row("4", "shop", "3"), row("5", "ana", "4")]
    private = [Row(turn.id, turn.text, "email", turn.author, turn.in_reply_to) for turn in thread]

    assert before(private) == ["text 1", "text 2"]


def test_an_answer_to_something_that_the_file_lacks_is_read() -> None:
    assert before([row("2", "shop", "gone"), row("3", "ana", "2")]) == ["text 2"]


def test_without_authors_the_thread_is_read_as_it_stands() -> None:
    thread = [row("1", ""), row("2", "", "1"), row("3", "", "2")]

    assert before(thread) == ["text 1", "text 2"]
    assert [turn.by_customer for turn in read(thread)] == [True, False]


def test_rows_that_answer_each_other_in_a_circle_end() -> None:
    assert before([row("1", "ana", "2"), row("2", "ana", "1")]) == ["text 1"]


def test_what_was_said_before_is_masked() -> None:
    thread = [Row("1", "card 4111", "x", "ana", ""), row("2", "ana", "1")]

    assert before(thread) == ["card [card]"]

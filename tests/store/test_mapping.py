"""A care value becomes columns and comes back by names they share."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from care.note import Note
from care.reply import Reply
from store.mapping import from_row, to_columns
from store.tables import NoteRow, ReplyRow
from tests.doubles import a_reply

NOTE = Note(id="not_1", case_id="cas_1", text="Rang twice.", by="per_1", at=datetime(2026, 11, 26, tzinfo=UTC))


def test_a_value_comes_back_from_its_row_as_it_was() -> None:
    assert from_row(Note, NoteRow(**to_columns(NOTE, NoteRow))) == NOTE


def test_what_is_said_beside_the_row_wins_over_its_column() -> None:
    row = NoteRow(**to_columns(NOTE, NoteRow))

    assert from_row(Note, row, text="Rang once.").text == "Rang once."


def test_a_field_that_has_neither_column_nor_default_is_named() -> None:
    @dataclass
    class Wide:
        id: str
        colour: str

    with pytest.raises(TypeError, match="colour"):
        from_row(Wide, NoteRow(**to_columns(NOTE, NoteRow)))


def test_a_value_in_parts_comes_back_in_parts() -> None:
    row = ReplyRow(**to_columns(a_reply(attempt=2), ReplyRow))

    assert (row.attempt, row.channel) == (2, "chat")
    assert from_row(Reply, row, attempt=3) == a_reply(attempt=3)


def test_what_has_no_fields_is_refused() -> None:
    with pytest.raises(TypeError, match="has no fields"):
        to_columns("words", NoteRow)

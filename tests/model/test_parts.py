"""What only one sentence says is heard in a long message, and beside a value that was masked."""

from pathlib import Path

import pytest

from model.bundle import Bundle
from model.classifier import MessageClassifier
from model.parts import parts_of
from model.risk import RiskReader
from model.sensitive import SensitiveFinder
from model.watch import Watch
from tests.model.test_risk import small_folder as small_folder
from tests.model.tiny import tiny_folder

LONG = (
    "Hello, I have ordered from you for many years now. {} I am at home on all days of this week but Friday. "
    "Please write to me soon, kind regards, Kim."
)


def test_a_short_message_is_read_as_it_stands() -> None:
    assert parts_of("Where is my parcel? It was due on Monday.") == ()


def test_a_first_line_is_read_by_itself_too() -> None:
    assert parts_of("My kettle burnt my hand\nPlease get back to me.") == (
        "My kettle burnt my hand",
        "Please get back to me.",
    )


def test_a_long_one_is_read_sentence_by_sentence_too() -> None:
    parts = parts_of(LONG.format("The kettle burnt my hand.\nWell then!"))

    assert parts == (
        "Hello, I have ordered from you for many years now.",
        "The kettle burnt my hand.",
        "I am at home on all days of this week but Friday.",
        "Please write to me soon, kind regards, Kim.",
    )


def test_what_was_masked_is_left_out_with_its_clause_also_where_it_is_kept_masked_already() -> None:
    text = "the kettle burnt my hand, my card is 4111 1111 1111 1111, please call me back"
    masked = SensitiveFinder().redact(text).text

    assert parts_of(masked) == ("the kettle burnt my hand", "please call me back")
    assert parts_of(SensitiveFinder().redact(masked).text) == parts_of(masked)


@pytest.mark.parametrize("text", ["", "\n\n", ". . . .", "word " * 3000, "a b c d. " * 500])
def test_no_text_has_too_many_parts(text: str) -> None:
    assert len(parts_of(text)) <= 24


@pytest.fixture(scope="module")
def reader(small_folder: Path) -> MessageClassifier:
    return MessageClassifier(
        Bundle.load(tiny_folder()), None, SensitiveFinder(), watch=Watch(RiskReader.load(small_folder), None)
    )


def test_a_danger_in_one_sentence_of_many_is_told(reader: MessageClassifier) -> None:
    text = LONG.format("He says he will hurt himself tonight.")

    assert [risk.kind for risk in reader.classify(text).risk] == ["self_harm"]
    assert reader.classify(LONG.format("The lamp is not as blue as it was in your shop.")).risk == ()

"""What a customer's text looks like after masking."""

import pytest

from care.sensitive import Handling
from model.sensitive import KINDS, SensitiveFinder

FINDER = SensitiveFinder()


def test_a_card_keeps_its_first_six_and_last_four_digits() -> None:
    redaction = FINDER.redact("my card is 4111 1111 1111 1111, charge it")

    assert redaction.text == "my card is <PAYMENT_CARD 411111…1111>, charge it"
    assert redaction.handling is Handling.OFFLINE


def test_a_phone_number_alone_is_masked_and_does_not_go_offline() -> None:
    redaction = FINDER.redact("call me on 905-674-3793 please")

    assert redaction.text == "call me on <PHONE> please"
    assert redaction.handling is Handling.MASK


def test_an_ordinary_message_comes_back_as_it_is() -> None:
    text = "My flight 2069 to Charlotte was delayed 4 hours, I paid $297 for nothing."

    redaction = FINDER.redact(text)

    assert redaction.text == text
    assert redaction.spans == ()
    assert not redaction.is_flagged


def test_spans_are_code_points_of_the_text_as_received() -> None:
    text = "😡 here: ４１１１\u200b １１１１ １１１１ １１１１ ok"

    (span,) = FINDER.redact(text).spans

    assert text[span.start : span.end] == "４１１１\u200b １１１１ １１１１ １１１１"


def test_a_policy_can_soften_or_harden_a_kind() -> None:
    finder = SensitiveFinder({"email": Handling.ALLOW, "phone": Handling.OFFLINE})

    redaction = finder.redact("write to ann@example.org or call me on 905-674-3793")

    assert redaction.text == "write to ann@example.org or call me on <PHONE>"
    assert redaction.handling is Handling.OFFLINE


def test_a_policy_that_names_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kinds"):
        SensitiveFinder({"shoe_size": Handling.MASK})


def test_every_kind_has_a_rank_of_its_own() -> None:
    ranks = [kind.rank for kind in KINDS.values()]

    assert len(ranks) == len(set(ranks))

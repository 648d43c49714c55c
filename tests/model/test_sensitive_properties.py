"""Laws of masking: it never changes the rest, never overlaps, never finds anything new in its own work."""

import random
import string

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from benchmarks.sensitive_cases import CARDS, CONTEXTS, with_check_digit, writings
from care.sensitive import Handling
from model.sensitive import SensitiveFinder

FINDER = SensitiveFinder()
CALM = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)

PIECES = st.sampled_from(
    [
        "my card is ", "4111 1111 1111 1111", "4111 1111", "5555555555554444", " cvv 123", " exp 12/27",
        "order number ", "12345678",
        "password is ", "hunter2", "ann@example.org", "@united", "call me on ", "905-674-3793", "+44 7700 900123",
        "203.0.113.7",
        "2001:db8::1", "GB82WEST12345698765432", "iban ", "460-89-9847", "ssn ", "my name is Ada Byron",
        "born on 1/2/1934",
        "12 High Street, Springfield 62704", "I am diabetic", "sk_live_abcdefghijklm",
        "eyJhbGciOiJI.eyJzdWIiOiIx.abc", "code is 482910",
        "-----BEGIN RSA PRIVATE KEY-----", "<EMAIL>", "<PAYMENT_CARD 411111…1111>", "<PAYMENT_CARD part 8>",
        "four one one one ",
        "\u200b", "\u202e", "\u0301", "\ud800", "\x00", "😡", "４１１１", "1️⃣", "\n", ". ", " ", "-", ",", "/",
        "passport A1234567 ",
        "943 476 5919", "nhs ", "AB123456C", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "tracking 1Z999AA10123456784",
    ]
)  # fmt: skip
TEXTS = st.one_of(
    st.lists(PIECES, max_size=12).map("".join), st.text(max_size=80), st.text(string.digits + " -.\n", max_size=80)
)


@seed(20261123)
@CALM
@given(TEXTS)
def test_the_text_outside_the_spans_is_never_touched(text: str) -> None:
    redaction = FINDER.redact(text)

    at, rebuilt = 0, []
    for span in redaction.spans:
        assert at <= span.start < span.end <= len(text)
        rebuilt += [text[at : span.start], span.replacement]
        at = span.end
    assert "".join([*rebuilt, text[at:]]) == redaction.text


@seed(20261123)
@CALM
@given(TEXTS)
def test_masking_a_masked_text_masks_nothing_new(text: str) -> None:
    once = FINDER.redact(text)

    again = FINDER.redact(once.text)

    assert [span for span in again.spans if span.handling is not Handling.ALLOW] == []
    assert again.text == once.text


@seed(20261123)
@CALM
@given(TEXTS, st.one_of(st.none(), TEXTS))
def test_any_text_after_any_other_is_masked_without_an_error(text: str, before: str | None) -> None:
    redaction = FINDER.redact(text, before=before, explain=True)

    assert redaction.handling is not Handling.WITHHELD


@seed(20261123)
@CALM
@given(TEXTS)
def test_what_is_allowed_stays_as_it_was(text: str) -> None:
    for span in FINDER.redact(text).spans:
        assert (span.replacement == text[span.start : span.end]) == (span.handling is Handling.ALLOW)


PREFIXES = (("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15), ("37", 15), ("6011", 16),
    ("65", 16), ("36", 14),
            ("3528", 16), ("62", 16))  # fmt: skip
CARD = st.sampled_from(PREFIXES).flatmap(
    lambda kind: st.text(string.digits, min_size=kind[1] - 1 - len(kind[0]), max_size=kind[1] - 1 - len(kind[0])).map(
        lambda rest: with_check_digit(kind[0] + rest)
    )
)
WRITINGS = sorted(writings("4111111111111111", random.Random(1)))
WITH_WORDS = sorted(set(CONTEXTS) - {"bare", "emoji"})


@seed(20261123)
@settings(CALM, max_examples=200)
@given(CARD, st.sampled_from(WRITINGS), st.sampled_from(WITH_WORDS), st.randoms(use_true_random=False))
def test_every_card_that_checks_is_masked_in_every_writing(
    card: str, writing: str, context: str, chance: random.Random
) -> None:
    before, after = CONTEXTS[context]
    written = writings(card, chance)[writing]

    spans = FINDER.redact(before + written + after).spans

    assert any(
        span.category == "payment_card" and span.start <= len(before) and span.end >= len(before) + len(written)
        for span in spans
    )


@pytest.mark.parametrize("number", [number for numbers in CARDS.values() for number in numbers])
def test_at_most_ten_digits_of_a_card_are_kept(number: str) -> None:
    masked = FINDER.redact(f"my card number is {number} ok").text

    kept = [char for char in masked if char.isdigit()]
    assert len(kept) <= 10
    assert len(number) - len(kept) >= 5
    assert number not in masked


NUMBERS = (
    "my iban is DE89 3704 0044 0532 0130 00", "please use account GB82WEST12345698765432", "my ssn is 460-89-9847",
    "ssn 460899847", "my nhs number is 943 476 5919", "nino AB 12 34 56 C", "bsn 111222333", "cpf 529.982.247-25",
    "my aadhaar is 2341 2341 2346", "bank account number 12345678", "routing number 021000021", "passport 912803456",
    "call me on 905-674-3793", "my card is 4111 1111 1111 1111", "visa 5555555555554444",
)  # fmt: skip
MARKS = ("\n", "\n> ", "\n>", "\n>> ", "\n> > ", "\r\n> ", " \n  > ")


@seed(20261123)
@settings(CALM, max_examples=200)
@given(st.sampled_from(NUMBERS), st.sampled_from(MARKS), st.data())
def test_every_number_is_masked_wherever_a_quoted_line_of_mail_breaks_it(
    sentence: str, mark: str, data: st.DataObject
) -> None:
    (whole,) = FINDER.redact(sentence).spans
    value = sentence[whole.start : whole.end]
    # Before a digit: programs fold at blanks and cut what is long anywhere.
    places = [n for n in range(1, len(value)) if value[n].isdigit() and value[n - 1] not in "DG"]
    cut = data.draw(st.sampled_from(places))
    written = value[:cut].removesuffix(" ") + mark + value[cut:]
    before = "> " + sentence[: whole.start]

    redaction = FINDER.redact(before + written + ", thanks")

    assert [span.category for span in redaction.spans] == [whole.category]
    assert redaction.text == before + redaction.spans[0].replacement + ", thanks"


def test_numbers_under_each_other_are_not_taken_for_one() -> None:
    text = "Order 12345\n20 items, call me.\n> 14 boxes\n> 2026 was the year, flight 2069\n> 4 hours late"

    assert FINDER.redact(text).text == text

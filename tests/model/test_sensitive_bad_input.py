"""Texts nobody should send, and everybody does."""

import time

import pytest

from model.sensitive import SensitiveFinder

FINDER = SensitiveFinder()
CARD = "my card 4111 1111 1111 1111"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u200b",
        "\x00",
        "\ud800 lone \udc00\ud800",
        "a" + "\u0301" * 5_000,
        "\u202e" * 500 + "x",
        "\ufffe\uffff\U0010ffff",
        "İ" * 100,
        "ﬁ½²㊿" * 50,
        "\n" * 10_000,
        "😀" * 9_999,
        "\ufffc" * 100,
        "<" * 5_000,
        "<PAYMENT_CARD 4111111111111111>",
    ],
)
def test_a_strange_text_is_read_without_an_error(text: str) -> None:
    assert FINDER.redact(text, before=text, explain=True).text is not None


@pytest.mark.parametrize(
    "noise", ["\x00", "\ud800", "\u202e", "İ", "ß", "a" + "\u0301" * 5_000, "\u200b", "\r\n", "\ufeff", "ﬁ"]
)
def test_a_card_beside_noise_is_masked_and_the_noise_stays(noise: str) -> None:
    redaction = FINDER.redact(f"{noise} {CARD} {noise}")

    assert redaction.text == f"{noise} my card <PAYMENT_CARD 411111…1111> {noise}"


@pytest.mark.parametrize("noise", ["\u200b", "\u202e", "\u2066", "\u00ad", "\ufeff", "\u2060", "\U000e0041"])
def test_invisible_marks_within_a_card_do_not_hide_it(noise: str) -> None:
    hidden = noise.join("4111111111111111")

    redaction = FINDER.redact(f"my card {hidden}")

    assert redaction.text == "my card <PAYMENT_CARD 411111…1111>"


def test_a_placeholder_that_holds_a_whole_card_is_no_placeholder() -> None:
    assert "4111111111111111" not in FINDER.redact("<PAYMENT_CARD 4111111111111111>").text


def test_a_megabyte_is_masked_to_the_end_in_a_few_seconds() -> None:
    filler = "Where is my parcel? I have waited long enough for it. "
    text = filler * (1_000_000 // len(filler)) + CARD
    started = time.thread_time()

    redaction = FINDER.redact(text)

    assert redaction.text.endswith("my card <PAYMENT_CARD 411111…1111>")
    assert time.thread_time() - started < 5

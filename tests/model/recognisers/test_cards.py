"""Cards where the writing is odd, and numbers that only a word tells from one."""

import base64

import pytest

from model.recognisers.issuers import issuer_of, luhn
from model.sensitive import SensitiveFinder

FINDER = SensitiveFinder()


def cards_in(text: str) -> list[str]:
    return [text[span.start : span.end] for span in FINDER.redact(text).spans if span.category == "payment_card"]


@pytest.mark.parametrize(
    "written",
    [
        "4111)(1111)(1111)(1111",
        "4111+1111+1111+1111",
        "4111&nbsp;1111&nbsp;1111&nbsp;1111",
        "4111%201111%201111%201111",
        "4111<br>1111<br>1111<br>1111",
        "4111 dash 1111 dash 1111 dash 1111",
        "forty-one eleven eleven eleven eleven eleven eleven eleven",
        "four triple one, double one double one, one one one one one one one one",
        "41 11 11 11 11 11 11 11",
        "4111 1111\n> 1111 1111",
        "4111\n>> 1111\n>> 1111\n>> 1111",
        "\n> ".join("4111111111111111"),
        "4l11 1111 1111 1111",
        base64.b64encode(b"4111111111111111").decode(),
    ],
)
def test_a_card_in_an_odd_writing_is_masked(written: str) -> None:
    assert cards_in(f"please use {written} thanks") == [written]


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111 5555 5555 5555 4444 3782 822463 10005",
        "4111111111111111 5555555555554444 378282246310005",
        "4111-1111-1111-1111, 5555-5555-5555-4444; 3782-822463-10005",
        "4111 1111 1111 1111\n5555 5555 5555 4444\n3782 822463 10005",
    ],
)
def test_three_cards_in_a_row_are_three_cards(text: str) -> None:
    assert len(cards_in(text)) == 3


def test_date_and_code_behind_a_card_are_masked_without_a_label() -> None:
    assert FINDER.redact("4111 1111 1111 1111 12/27 123").text == (
        "<PAYMENT_CARD 411111…1111> <CARD_EXPIRY> <CARD_SECURITY_CODE>"
    )


@pytest.mark.parametrize(
    "text",
    [
        "my card was charged 45.99, 12.50, 100.00, 7.25 and 3.10",
        "payment 4111111111111112 failed",
        "I paid order 4111111111111111 with my card",
        "loyalty card number 5352 9573 6288 1140",
        "card ending in 1111, ticket 5555555555554444",
        "trace id 4111111111111111",
        "INV-4111111111111111",
        "1337 * 0.0314 = 42.00309377849554",
        "lottery: 4 11 11 1 1 11 11 11 1 11",
        "usps 9400 1118 9922 3334 4455 66",
        "call (415) 555-0132 (415) 555-0133 or my card will be late",
    ],
)
def test_a_number_that_is_no_card_is_left_alone(text: str) -> None:
    assert cards_in(text) == []


def test_a_card_with_one_digit_wrong_is_masked_when_it_is_called_a_card() -> None:
    assert cards_in("my card number is 4111 1111 1111 1112") == ["4111 1111 1111 1112"]
    assert cards_in("what is 4111 1111 1111 1112") == []


@pytest.mark.parametrize(
    ("digits", "is_card"),
    [("4111111111111111", True), ("2221000000000009", True), ("2720990000000007", True), ("2220990000000000", False)],
)
def test_issuer_ranges_end_where_they_end(digits: str, is_card: bool) -> None:
    assert (issuer_of(digits) is not None) is is_card


@pytest.mark.parametrize("digits", ["4111111111111111", "79927398713", "18"])
def test_the_check_digit_is_luhn(digits: str) -> None:
    assert luhn(digits)
    assert not luhn(digits[:-1] + str((int(digits[-1]) + 1) % 10))

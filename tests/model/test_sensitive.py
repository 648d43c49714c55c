"""What a customer's text looks like after masking."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from care.sensitive import Handling
from model.sensitive import KINDS, SensitiveFinder

FINDER = SensitiveFinder()


def kinds_in(text: str) -> list[str]:
    return [span.category for span in FINDER.redact(text).spans]


def test_a_card_keeps_its_first_six_and_last_four_digits() -> None:
    redaction = FINDER.redact("my card is 4111 1111 1111 1111, charge it")

    assert redaction.text == "my card is <PAYMENT_CARD 411111…1111>, charge it"
    assert redaction.handling is Handling.OFFLINE


def test_a_short_card_keeps_no_first_digits() -> None:
    assert FINDER.redact("visa 4222222222222").text == "visa <PAYMENT_CARD …2222>"


def test_a_phone_number_alone_is_masked_and_does_not_go_offline() -> None:
    redaction = FINDER.redact("call me on 905-674-3793 please")

    assert redaction.text == "call me on <PHONE> please"
    assert redaction.handling is Handling.MASK


def test_an_order_number_is_found_and_kept() -> None:
    redaction = FINDER.redact("Where is order 111-5014070-4118645?")

    assert redaction.text == "Where is order 111-5014070-4118645?"
    assert [(span.category, span.handling) for span in redaction.spans] == [("order_number", Handling.ALLOW)]
    assert not redaction.is_flagged


def test_an_ordinary_message_comes_back_as_it_is() -> None:
    text = "My flight 2069 to Charlotte was delayed 4 hours, I paid $297 for nothing."

    redaction = FINDER.redact(text)

    assert redaction.text == text
    assert redaction.spans == ()
    assert not redaction.is_flagged


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("exp 12/27 cvv 123 on my visa", "exp <CARD_EXPIRY> cvv <CARD_SECURITY_CODE> on my visa"),
        ("password: hunter2!", "password: <PASSWORD>"),
        ("the login code is 482910", "the login code is <ONE_TIME_CODE>"),
        ("token ghp_abcdefghijklmnopqrst0123 leaked", "token <API_KEY> leaked"),
        ("my iban is GB82 WEST 1234 5698 7654 32.", "my iban is <IBAN>."),
        ("mail ann@example.org", "mail <EMAIL>"),
        ("seen from 203.0.113.7", "seen from <IP_ADDRESS>"),
        ("My name is Ada Lovelace, hello", "My name is <PERSON_NAME>, hello"),
        ("born on 02/08/1935", "born on <DATE_OF_BIRTH>"),
        ("ship it to 12 High Street, Springfield 62704", "ship it to <POSTAL_ADDRESS>"),
        ("I am diabetic and need my bag", "I am <HEALTH> and need my bag"),
        ("passport number 912803456", "passport number <PASSPORT>"),
        ("wallet 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "wallet <CRYPTO_WALLET>"),
    ],
)
def test_each_kind_leaves_its_name_and_nothing_of_its_value(text: str, masked: str) -> None:
    assert FINDER.redact(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "my password is not working",
        "I forgot my password and the reset link is broken",
        "my card is not working",
        "error code 2001 and zip code 90210",
        "order 4111111111111111 never came",
        "https://social.example/status/4111111111111111",
        "I upgraded to version 10.0.0.1 yesterday",
        "this game gives me cancer",
        "meet me at the street fair on 5th",
        "it costs 1,234.56 or 2.345,67 or 99.99",
    ],
)
def test_what_only_looks_sensitive_is_left_alone(text: str) -> None:
    assert FINDER.redact(text).text == text


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


def test_names_telephones_and_addresses_alone_never_open_the_offline_path() -> None:
    mild = {kind for kind, known in KINDS.items() if known.handling is Handling.MASK}

    assert {"phone", "email", "ip_address", "postal_address", "person_name", "date_of_birth"} <= mild


class TestWhereATextStands:
    @pytest.mark.parametrize(
        ("text", "value", "mask"),
        [
            ("I moved to 31 Elm Road, York YO10 4DD", "31 Elm", "<POSTAL_ADDRESS>"),
            ("Neue Adresse: Rosenstraße 12, 10115 Berlin", "Rosenstraße", "<POSTAL_ADDRESS>"),
            ("Kim Doe, 07700 900123", "07700", "<PERSONAL_PHONE>"),
        ],
    )
    def test_in_public_an_address_and_a_persons_number_leave_the_open(self, text: str, value: str, mask: str) -> None:
        in_public = FINDER.redact(text, is_public=True)
        in_private = FINDER.redact(text, is_public=False)
        anywhere = FINDER.redact(text)

        assert (in_public.handling, in_private.handling) == (Handling.OFFLINE, Handling.ALLOW)
        assert anywhere.handling is Handling.MASK
        assert mask in in_public.text
        assert value not in in_public.text
        assert in_private.text == text
        assert in_private.categories

    def test_a_number_that_was_let_stand_beside_a_name_stays_when_the_name_is_masked(self) -> None:
        redaction = FINDER.redact("My name is Ada Lovelace, 07700 900123", is_public=False)

        assert redaction.text == "My name is <PERSON_NAME>, 07700 900123"

    def test_a_card_is_masked_wherever_it_stands(self) -> None:
        for is_public in (True, False, None):
            assert FINDER.redact("card 4111111111111111", is_public=is_public).handling is Handling.OFFLINE

    def test_what_the_settings_say_holds_in_public_and_in_private(self) -> None:
        finder = SensitiveFinder({"postal_address": Handling.MASK})

        for is_public in (True, False, None):
            assert finder.redact("I live at 31 Elm Road", is_public=is_public).text == "I live at <POSTAL_ADDRESS>"

    def test_the_number_of_a_firm_and_the_street_of_a_shop_are_nobodys(self) -> None:
        text = "call us on 0800 555 0199 or come to the shop at 4 Market Square, Leeds LS1 4AB"

        assert FINDER.redact(text, is_public=True).handling is Handling.MASK


def test_an_explanation_says_kind_score_recogniser_and_words() -> None:
    (span,) = FINDER.redact("my visa is 4111111111111111").spans

    assert (span.category, span.recogniser, span.context) == ("payment_card", "cards", ("visa",))
    assert span.score > 0.9


def test_an_explanation_says_why_a_near_miss_was_let_go_and_never_its_value() -> None:
    redaction = FINDER.redact("order 4111111111111111 never came", explain=True)

    assert any("payment_card at 6-22" in told and "labelled 'order'" in told for told in redaction.near_misses)
    assert not any("4111" in told for told in redaction.near_misses)


def test_a_span_and_a_redaction_never_show_a_value_in_their_repr() -> None:
    redaction = FINDER.redact("order number 123456789 for ann@example.org")

    assert "123456789" not in repr(redaction)
    assert "ann@" not in repr(redaction)


def test_masking_from_eight_threads_gives_what_one_gives() -> None:
    texts = [
        "my card is 4111 1111 1111 1111",
        "call me on 905-674-3793",
        "nothing",
        "my passport, A12345678, expired",
    ] * 25
    alone = [FINDER.redact(text).text for text in texts]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: FINDER.redact(text).text, texts))

    assert together == alone


def test_importing_the_finder_loads_no_heavy_library() -> None:
    code = (
        "import sys, model.sensitive as s; s.SensitiveFinder().redact('card 4111 1111 1111 1111, call 905-674-3793');"
        "print(sorted({'spacy', 'presidio_analyzer', 'phonenumbers', 'numpy', 'stdnum'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


class TestCardOverTwoMessages:
    def test_the_rest_of_a_card_is_masked_when_the_first_half_was(self) -> None:
        first = FINDER.redact("my card number is 4111 1111").text
        second = FINDER.redact("1111 1111 exp 12/27", before=first)

        assert first == "my card number is <PAYMENT_CARD part 8>"
        assert second.text == "<PAYMENT_CARD> exp <CARD_EXPIRY>"
        assert second.handling is Handling.OFFLINE

    def test_the_rest_of_a_card_is_masked_when_the_first_half_looked_harmless(self) -> None:
        assert FINDER.redact("4111 1111").text == "4111 1111"
        assert FINDER.redact("1111 1111", before="4111 1111").text == "<PAYMENT_CARD>"

    def test_a_card_in_three_pieces_is_followed(self) -> None:
        first = FINDER.redact("my visa: 4111 1111").text
        second = FINDER.redact("1111", before=first).text
        third = FINDER.redact("1111", before=second).text

        assert (second, third) == ("<PAYMENT_CARD part 12>", "<PAYMENT_CARD>")

    def test_a_security_code_sent_after_the_card_is_masked(self) -> None:
        redaction = FINDER.redact("123 12/27", before="my card <PAYMENT_CARD 411111…1111>")

        assert redaction.text == "<CARD_SECURITY_CODE> <CARD_EXPIRY>"

    def test_words_about_cards_in_the_message_before_count(self) -> None:
        assert kinds_in("4222222222222") == []
        assert FINDER.redact("4222222222222", before="my card number is").text == "<PAYMENT_CARD …2222>"

    @pytest.mark.parametrize(
        ("before", "text"),
        [
            ("my order is 45128890", "2019-11-02 was the day"),
            ("my card ending in 1234 was charged", "12.50 too much"),
            ("the flight is 4111", "1111 is the seat"),
            ("call me", "4111 1111"),
        ],
    )
    def test_other_numbers_in_two_messages_are_left_alone(self, before: str, text: str) -> None:
        assert FINDER.redact(text, before=before).text == text

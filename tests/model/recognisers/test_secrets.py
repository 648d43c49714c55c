"""Passwords, codes and keys: found where somebody gives them away, not where somebody talks about them."""

import pytest

from model.sensitive import SensitiveFinder

FINDER = SensitiveFinder()


def kinds_in(text: str) -> list[str]:
    return [span.category for span in FINDER.redact(text).spans]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("my password is Tr0ub4dor&3", "Tr0ub4dor&3"),
        ("password: swordfish", "swordfish"),
        ("pwd=letmein99", "letmein99"),
        ('the password is "correct horse"', "correct horse"),
        ("mein Passwort ist geheim123", "geheim123"),
        ("mi contraseña es Gato2020", "Gato2020"),
        ("my pin is 4821", "4821"),
        ("login: ann pass: Winter2024!", "Winter2024!"),
        ("passcode 'x7x7x7'", "x7x7x7"),
    ],
)
def test_a_password_given_away_is_masked_whole(text: str, value: str) -> None:
    masked = FINDER.redact(text).text

    assert value not in masked
    assert "<PASSWORD>" in masked


@pytest.mark.parametrize(
    "text",
    [
        "my password is not accepted",
        "password is incorrect again",
        "I need a new password please",
        "forgot password?",
        "the password reset email never came",
        "my pin is blocked",
        "is my PIN 4 digits",
        "boarding pass is missing",
        "password: forgotten",
        "passwords are hard",
    ],
)
def test_talk_about_passwords_is_left_alone(text: str) -> None:
    assert kinds_in(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "code is 482910", "my otp: 4821", "123 456 is my login code", "482910 is the code you sent",
        "verification code G-482910",
        "security code 482-910",
    ],
)  # fmt: skip
def test_a_one_time_code_is_masked(text: str) -> None:
    masked = FINDER.redact(text).text

    assert sum(char.isdigit() for char in masked) <= 1


@pytest.mark.parametrize(
    "text", ["error code is 482910", "zip code: 90210", "promo code 2024", "order code is 12345", "area code 4155"]
)
def test_other_codes_are_left_alone(text: str) -> None:
    assert "one_time_code" not in kinds_in(text)


@pytest.mark.parametrize(
    "text", ["cvv 123", "CVC: 1234", "security code on the back 123", "cvv2 is 999", "the 3 digits on the back are 123"]
)
def test_a_card_security_code_is_masked(text: str) -> None:
    assert kinds_in(text) == ["card_security_code"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("AKIAIOSFODNN7EXAMPLE", "api_key"),
        ("sk_test_4eC39HqLyjWDarjtT1zdp7dc", "api_key"),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "api_key"),
        ("xoxb-123456789012-abcdefABCDEF", "api_key"),
        ("api key: 9f86d081884c7d659a2feaa0c55ad015", "api_key"),
        ("Authorization: Bearer abcdef0123456789abcdef", "api_key"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", "jwt"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----", "private_key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA", "private_key"),
    ],
)
def test_a_key_is_masked_with_nothing_kept(text: str, kind: str) -> None:
    redaction = FINDER.redact(text)

    assert [span.category for span in redaction.spans] == [kind]
    assert redaction.text.endswith(f"<{kind.upper()}>")

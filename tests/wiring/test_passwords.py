"""Passwords: those that everybody tries first are none."""

import pytest

from care.errors import BadInput
from wiring.passwords import hash_password, is_common

COMMON = """1234567890 0987654321 qwertyuiop password123 Password1! passwordpassword P@ssw0rd123 aaaaaaaaaa 1q2w3e4r5t
    administrator qwerty123456 iloveyou123 abcabcabc123 1qaz2wsx3edc Welcome2024 football123 11111111111 Summer2026!
    letmein12345 abcdefghijkl tactful12345 123qwe123qwe""".split()
FINE = [
    "correct horse battery",
    "blauesPferd7batterie",
    "Rosen-am-Fenster",
    "tr0ub4dor-and-3",
    "xK9vQ2mZ7pLw",
    "ein Satz nur fuer mich",
]


@pytest.mark.parametrize("password", COMMON)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize("password", FINE)
def test_of_any_characters_a_password_may_be(password: str) -> None:
    assert not is_common(password)


def test_the_refusal_does_not_quote_it() -> None:
    with pytest.raises(BadInput) as refused:
        hash_password("password123")

    assert "password123" not in str(refused.value)

"""Lengths as channels count them."""

import pytest

from playbook.lengths import graphemes, utf8_bytes, weighted


@pytest.mark.parametrize(
    ("text", "as_graphemes", "as_weighted", "as_bytes"),
    [
        ("", 0, 0, 0),
        ("abc", 3, 3, 3),
        ("é", 1, 1, 2),
        ("e\u0301", 1, 1, 3),
        ("🇩🇪", 1, 2, 8),
        ("1️⃣", 1, 2, 7),
        ("🙂", 1, 2, 4),
        ("日本", 2, 4, 6),
        ("👍🏽", 1, 2, 8),
        ("👩‍👩‍👧‍👦", 1, 2, 25),
        ("’", 1, 1, 3),
        ("see https://lumofinch.example/a/very/long/path/indeed now", 57, 31, 57),
        ("see https://lumofinch.example/a.", 32, 28, 32),
    ],
)
def test_a_text_is_as_long_as_its_channel_says(text: str, as_graphemes: int, as_weighted: int, as_bytes: int) -> None:
    assert (graphemes(text), utf8_bytes(text)) == (as_graphemes, as_bytes)
    assert weighted(text) == as_weighted

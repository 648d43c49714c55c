"""A signature is put under a reply once, where the channel signs and its author has one."""

import pytest

from care.channel_rules import ChannelRules
from care.signing import signed

X = ChannelRules("x", True, 280, "weighted", 10, "", "", "", " ^{agent}", "")
MAIL = ChannelRules(
    "email", False, 10_000, "graphemes", 10, "", "", "",
    "\n\nKind regards\n{agent}\nLumo & Finch customer care", "\n\nKind regards\nLumo & Finch customer care",
)  # fmt: skip
REVIEW = ChannelRules("review", True, 1500, "graphemes", 10, "", "", "", " – {agent}, Lumo", " – Lumo customer care")
CHAT = ChannelRules("chat", False, 1000, "graphemes", 10, "", "", "", "", "")


@pytest.mark.parametrize(
    ("rules", "by", "text", "going_out"),
    [
        (X, "AB", "It is on its way.", "It is on its way. ^AB"),
        (X, "AB", "It is on its way. ^AB", "It is on its way. ^AB"),
        (X, "AB", "It is on its way. ^ab ", "It is on its way. ^ab "),
        (X, "AB", "It is on its way. AB", "It is on its way. AB"),
        (X, "AB", "It is on its way, says Abel", "It is on its way, says Abel ^AB"),
        (X, "Anna", "I have asked Anna.", "I have asked Anna. ^Anna"),
        (X, "", "It is on its way.", "It is on its way."),
        (CHAT, "AB", "It is on its way.", "It is on its way."),
        (X, "AB", "", ""),
        (
            MAIL,
            "Anna",
            "Hello,\n\nit left.\n\nKind regards\nLumo & Finch customer care",
            "Hello,\n\nit left.\n\nKind regards\nAnna\nLumo & Finch customer care",
        ),
        (MAIL, "Anna", "It left.", "It left.\n\nKind regards\nAnna\nLumo & Finch customer care"),
        (MAIL, "Anna", "It left.\n\nKind regards,", "It left.\n\nKind regards\nAnna\nLumo & Finch customer care"),
        (MAIL, "Anna", "It left.\n\nKind regards\nAnna", "It left.\n\nKind regards\nAnna"),
        (
            MAIL,
            "Anna",
            "It left.\n\nBest\nAnna\nLumo & Finch customer care",
            "It left.\n\nBest\nAnna\nLumo & Finch customer care",
        ),
        (REVIEW, "Anna", "It left. – Lumo customer care", "It left. – Anna, Lumo"),
        (REVIEW, "Anna", "It left. – Anna, Lumo", "It left. – Anna, Lumo"),
    ],
)
def test_signed_once(rules: ChannelRules, by: str, text: str, going_out: str) -> None:
    assert signed(text, rules=rules, by=by) == going_out
    assert signed(going_out, rules=rules, by=by) == going_out

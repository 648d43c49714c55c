"""Small rules of wording that several parts of the playbook share."""

from collections.abc import Sequence

from care.phrases import PhraseBook

APOLOGY = PhraseBook({"apology": ("sorry", "apolog*", "regret", "our fault")})
"""Words with which we apologise; once in a conversation is enough."""


def listed(things: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(things) < 2:
        return "".join(things)
    return f"{', '.join(things[:-1])} and {things[-1]}"

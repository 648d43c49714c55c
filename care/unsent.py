"""Text that a person wrote to a customer and has not sent yet, kept so that nothing of it is lost."""

from dataclasses import dataclass, field
from datetime import datetime

OWN = "own"
"""The place of words that began with no draft."""
LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class UnsentText:
    """One person's unsent words on one case, masked.

    place: what they began with, so that each keeps its own: `<suggestion id>.<draft>`, or `own`.
    pointer: what they want to say in public beside it; is_pair: whether they want that at all.
    """

    person_id: str
    case_id: str
    place: str
    text: str = field(repr=False)
    saved_at: datetime
    pointer: str = field(default="", repr=False)
    is_pair: bool = False


def place_of(suggestion_id: str, draft: int) -> str:
    """Where the words are kept that began with a draft."""
    return f"{suggestion_id}.{draft}"

"""Internal notes: what people tell each other on a case. Masked before they are kept, never sent to a customer."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

_MENTION = re.compile(r"(?<![\w@.])@([a-z0-9][a-z0-9._-]*[a-z0-9]|[a-z0-9])", re.IGNORECASE)


LONGEST_NOTE = 4000


class NoteKind(StrEnum):
    NOTE = "note"
    REJECTION = "rejection"
    """Why a person took no draft, in their own words."""
    HAND_OVER = "hand_over"
    """Why a matter was handed over."""
    ANSWER = "answer"
    """What the contact answered."""
    FEEDBACK = "feedback"
    """What a colleague says to the author of a reply that they read."""


@dataclass(frozen=True, slots=True)
class Note:
    """One note on a case. by: a person's id, or a contact as the playbook names it. mentions: people's ids."""

    id: str
    case_id: str
    text: str = field(repr=False)
    by: str
    at: datetime
    kind: NoteKind = NoteKind.NOTE
    mentions: tuple[str, ...] = ()


def named_in(text: str) -> tuple[str, ...]:
    """The names after an @ in a note, lower case, each once, in order: "@anna" or "@anna.k"."""
    return tuple(dict.fromkeys(match.group(1).casefold() for match in _MENTION.finditer(text)))

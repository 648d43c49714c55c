"""The satisfaction question: asked once, after a conversation was closed, and answered by the customer's next words."""

from dataclasses import dataclass
from datetime import datetime

LOW_SCORE = 2
"""Up to this score a person looks once more."""
BARE_WORDS = 3
"""An answer of at most this many words besides its number says nothing else that a person must read."""


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """One conversation's question. message_id: what was said next; score: 1 to 5, None when that was no answer."""

    thread_id: str
    reply_id: str
    asked_at: datetime
    score: int | None = None
    message_id: str | None = None


def is_settled_by(text: str, score: int) -> bool:
    """Whether an answer needs nobody's eyes: a good score, and hardly a word beside it."""
    n_words = sum(1 for word in text.split() if any(sign.isalpha() for sign in word))
    return score > LOW_SCORE and n_words <= BARE_WORDS and "?" not in text

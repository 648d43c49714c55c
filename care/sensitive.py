"""Sensitive data: what was found in a text, and what each kind asks for."""

from dataclasses import dataclass, field
from enum import StrEnum


class Handling(StrEnum):
    """What a kind of sensitive data asks for, mildest first."""

    ALLOW = "allow"
    """Found and kept: it is needed to help (an order number)."""
    MASK = "mask"
    """Masked before anything is stored."""
    OFFLINE = "offline"
    """Masked, and the matter continues where nobody else can read it."""
    WITHHELD = "withheld"
    """The detector failed; the text is kept out of sight until a person looks."""


@dataclass(frozen=True, slots=True)
class SensitiveSpan:
    """One sensitive value in a text. Never holds the value itself.

    start, end: code points of the text as received, end exclusive.
    replacement: what stands there in the masked text; the value itself when handling is `allow`, so hidden from repr.
    score: probability that this is what it says, 0 to 1.
    """

    start: int
    end: int
    category: str
    score: float
    replacement: str = field(repr=False)
    handling: Handling = Handling.MASK
    recogniser: str = ""
    context: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Redaction:
    """A text made safe to keep: masked text, the spans found, and what they ask for together."""

    text: str = field(repr=False)
    spans: tuple[SensitiveSpan, ...] = ()
    near_misses: tuple[str, ...] = ()
    handling: Handling = Handling.ALLOW

    @property
    def is_flagged(self) -> bool:
        return self.handling is not Handling.ALLOW

    @property
    def categories(self) -> dict[str, float]:
        """Category -> highest score, for every category found."""
        found: dict[str, float] = {}
        for span in self.spans:
            found[span.category] = max(found.get(span.category, 0.0), span.score)
        return found


WITHHELD_TEXT = "[withheld: this message could not be checked for sensitive data]"

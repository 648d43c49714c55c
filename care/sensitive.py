"""Sensitive data: what was found in a text, and what each kind asks for."""

from collections.abc import Iterable
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

    @classmethod
    def worst(cls, several: Iterable["Handling"]) -> "Handling":
        """The severest of these; ALLOW when there is none."""
        return max(several, key=list(cls).index, default=cls.ALLOW)

    @property
    def leaves_the_open(self) -> bool:
        """Whether the matter continues where nobody else can read it."""
        return self in (Handling.OFFLINE, Handling.WITHHELD)


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

    @property
    def may_go_out(self) -> bool:
        """Whether one of our replies may hold it: our own phone number may, a card number may not."""
        is_kept_back = self.handling is Handling.MASK and self.category in NEVER_KEPT
        return not (is_kept_back or self.handling.leaves_the_open)


@dataclass(frozen=True, slots=True)
class Redaction:
    """A text made safe to keep: masked text, the spans found, and what they ask for together."""

    text: str = field(repr=False)
    spans: tuple[SensitiveSpan, ...] = ()
    near_misses: tuple[str, ...] = ()
    handling: Handling = Handling.ALLOW
    problem: str = ""
    """Why the text is withheld: the class of the detector's error, never its words."""

    @property
    def is_flagged(self) -> bool:
        return self.handling is not Handling.ALLOW

    @property
    def may_not_go_out(self) -> tuple[SensitiveSpan, ...]:
        """The values that no reply may hold."""
        return tuple(span for span in self.spans if not span.may_go_out)

    @property
    def categories(self) -> dict[str, float]:
        """Category -> highest score, for every category found."""
        scores: dict[str, float] = {}
        for span in self.spans:
            scores[span.category] = max(scores.get(span.category, 0.0), span.score)
        return scores


NEVER_KEPT = frozenset(
    {"payment_card", "card_security_code", "password", "one_time_code", "api_key", "private_key", "jwt"}
)
"""Kinds that no setting can allow: they are masked in what comes in and refused in what goes out.

Source: PCI DSS 4.0.1, 3.3.1 (sensitive authentication data is not kept) and 3.5.1 (card numbers are unreadable).
"""

WITHHELD_TEXT = "[withheld: this message could not be checked for sensitive data]"

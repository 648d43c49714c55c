"""The parts of a playbook that drafts are made with: brand, voice, facts, pages, safe channels; goals and the closing.

What care reads of a playbook is of care: `care/policy.py`, `care/channel_rules.py`.
"""

from dataclasses import dataclass

from care.phrases import PhraseBook


@dataclass(frozen=True, slots=True)
class Brand:
    """Who we are. case_number: what we find a case by, with its article. emergency: the number for help at once."""

    name: str
    account: str
    care_email: str
    phone: str
    about: str = ""
    case_number: str = "a case number"
    emergency: str = "112"


@dataclass(frozen=True, slots=True)
class Voice:
    """How we sound: the profile the tone check is asked for, and the words nobody may write.

    elsewhere: what a first private answer says to a customer who has another case open; {channel} and {day} are when
    and where they wrote. "": nothing.
    """

    profile: str
    language: str
    emoji: str
    forbidden: tuple[str, ...]
    elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something we must know to solve a case. ask: as an agent asks for it; said_as: words that show we did."""

    name: str
    ask: str
    entity: str | None
    said_as: PhraseBook
    cues: frozenset[str] = frozenset()
    """Cues in a customer's words that show they told us."""


@dataclass(frozen=True, slots=True)
class HelpPage:
    """A self-service page."""

    name: str
    url: str
    about: str


@dataclass(frozen=True, slots=True)
class SafeChannel:
    """Where sensitive things may be said."""

    name: str
    say: str
    link: str


@dataclass(frozen=True, slots=True)
class Closing:
    """When and how we ask whether the customer is satisfied. not_after: kinds of conversation it does not follow."""

    question: str
    not_after: frozenset[str]

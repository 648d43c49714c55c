"""The parts of a playbook that drafts are made with: brand, voice, channels, facts, pages, contacts."""

import re
from dataclasses import dataclass
from datetime import timedelta

from playbook.lengths import COUNTED_AS


@dataclass(frozen=True, slots=True)
class Brand:
    name: str
    account: str
    care_email: str
    phone: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Voice:
    """How we sound: the profile the tone check is asked for, and the words nobody may write."""

    profile: str
    language: str
    emoji: str
    forbidden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChannelRules:
    """What the playbook knows of one channel.

    limit: longest reply, counted as `counted_as` says. private_channel: where a public conversation goes on in private,
    as an agent would say it. greeting, unnamed: openings with and without a name; sign_off: with an agent's name.
    """

    name: str
    is_public: bool
    limit: int
    counted_as: str
    undo_s: int
    private_channel: str
    greeting: str
    unnamed: str
    sign_off: str
    unsigned: str
    account: str = ""

    def length(self, text: str) -> int:
        return COUNTED_AS[self.counted_as](text)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something we must know to solve a case. ask: as an agent asks for it; said_as: words that show we did."""

    name: str
    ask: str
    entity: str | None
    said_as: re.Pattern[str]
    cues: frozenset[str] = frozenset()
    """Cues in a customer's words that show they told us."""


@dataclass(frozen=True, slots=True)
class Page:
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
class Contact:
    """Whom a message climbs to. reach: how people reach them; email: where we tell them ourselves, if anywhere."""

    name: str
    role: str
    reach: str
    answers_within: timedelta
    email: str = ""


@dataclass(frozen=True, slots=True)
class Goal:
    """Something we want to reach: `target` of `of`, such as 95 of 100, or 4.2 of 5."""

    name: str
    target: float
    of: float
    baseline: str = ""


@dataclass(frozen=True, slots=True)
class Closing:
    """When and how we ask whether the customer is satisfied."""

    question: str
    not_after: frozenset[str]
    thanks: str

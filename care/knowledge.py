"""What a team knows: passages of its articles, what answers a question, and what a draft took from where."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

ANSWER = "answer"
KNOWLEDGE_SLOTS = (ANSWER, "price", "stock", "next_step")
"""Slots of a play that knowledge may fill; an article says which of them it fills."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One section of an article, or one question with its answer.

    place: file and line, as "returns.md:12". title: its heading. questions: other ways to ask for it. sentences: its
    words, plain. link: where customers can read it, "" for nowhere. channels: those it may be quoted on; empty: all.
    valid_from, valid_until: first and last day on which it is true. fills: of KNOWLEDGE_SLOTS. is_internal: for us
    alone; no word of it ever stands in a draft.
    """

    place: str
    title: str
    sentences: tuple[str, ...] = field(repr=False)
    questions: tuple[str, ...] = field(default=(), repr=False)
    link: str = ""
    channels: frozenset[str] = frozenset()
    valid_from: date | None = None
    valid_until: date | None = None
    owner: str = ""
    is_internal: bool = False
    fills: frozenset[str] = frozenset({ANSWER})

    @property
    def text(self) -> str:
        return " ".join(self.sentences)

    def may_be_used(self, *, channel: str, day: date) -> bool:
        """Whether it is true on this day and meant for this channel."""
        is_begun = self.valid_from is None or self.valid_from <= day
        is_over = self.valid_until is not None and self.valid_until < day
        return is_begun and not is_over and (not self.channels or channel in self.channels)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage and how probable it is that it answers the question.

    is_sure: probable enough to be offered. weights: by sentence of the passage, how much of the question it carries.
    """

    passage: Passage
    score: float
    is_sure: bool
    weights: tuple[float, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Source:
    """Where words of a draft come from, or what a person should read beside it.

    slot: the one that its quote fills; "" where nothing of it stands in the draft. is_internal: for us alone.
    """

    place: str
    title: str
    quote: str = field(repr=False)
    score: float
    slot: str = ""
    link: str = ""
    owner: str = ""
    is_internal: bool = False


@dataclass(frozen=True, slots=True)
class Lack:
    """What a draft wanted to say and nobody had written down. about: the intent, "" where it is a mere hint."""

    slot: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class KnowledgeGap:
    """Something that knowledge lacked for so many messages, last at `last_at`. cases: ids of some, the latest first."""

    lack: Lack
    n_messages: int
    last_at: datetime
    cases: tuple[str, ...]


class Knowledge(Protocol):
    """What a team knows, to be asked. Safe from several threads."""

    def find(self, question: str, *, channel: str, day: date) -> Sequence[Hit]:
        """At most five passages that may be used on this channel and day, best first; none of them where nothing fits.

        question: a customer's words, masked. Never raises for what is in it.
        """
        ...


class NothingKnown:
    """Satisfies Knowledge where a team has written nothing."""

    def find(self, question: str, *, channel: str, day: date) -> Sequence[Hit]:
        return ()


NOTHING_KNOWN = NothingKnown()

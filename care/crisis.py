"""Crisis mode: one approved statement for every ordinary case of a matter, until a person ends it.

A drill is practised with the same page and log. It changes no draft, and its words go to nobody.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from care.channel_rules import ChannelRules
from care.errors import BadReply, Conflict, Problem
from care.message import Message
from care.parts import Part
from care.phrases import PhraseBook
from care.pointing import may_point
from care.policy import Situation
from care.reply import Draft

PREFIX = "crs"
_OF_A_CRISIS = f"{PREFIX}_"
ACKNOWLEDGES = "acknowledge"
"""The approach of the only plays that are offered beside a statement."""


class CrisisStep(StrEnum):
    BEGAN = "began"
    CHANGED = "changed"
    """Its statement was changed."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class CrisisMatter(Part):
    """What a crisis is about: a message on one of the channels (empty: on any) that has one of the intents or says one
    of the phrases; with neither, whatever comes on the channels."""

    intents: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()

    def holds(self, facts: Situation, text: str) -> bool:
        """Whether a message is about it. text: with its subject."""
        if self.channels and facts.channel not in self.channels:
            return False
        if not self.intents and not self.phrases:
            return True
        has_intent = facts.labels.is_sure and facts.labels.intent in self.intents
        return has_intent or bool(self.phrases and _phrases(self.phrases).is_in(text))


@lru_cache(maxsize=16)
def _phrases(phrases: tuple[str, ...]) -> PhraseBook:
    return PhraseBook({"crisis": phrases})


@dataclass(frozen=True, slots=True)
class Statement(Part):
    """What is said, in public and in private. approved_by: who signed for these words, as people call them."""

    public_text: str = field(repr=False)
    private_text: str = field(repr=False)
    approved_by: str


@dataclass(frozen=True, slots=True)
class CrisisLine:
    """One decision of a crisis. statement: the words that held from then on."""

    step: CrisisStep
    by: str
    at: datetime
    statement: Statement | None = None


@dataclass(frozen=True, slots=True)
class Crisis:
    """One that is on, or was; one is on at a time. log: its decisions, the first one first."""

    id: str
    name: str
    reason: str
    is_drill: bool
    matter: CrisisMatter
    statement: Statement
    began_by: str
    began_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None
    log: tuple[CrisisLine, ...] = ()

    @property
    def is_on(self) -> bool:
        return self.ended_at is None

    @property
    def offers(self) -> bool:
        """Whether it changes what is drafted."""
        return self.is_on and not self.is_drill

    @property
    def play(self) -> str:
        """What a draft with its statement, as it is worded now, names as its play."""
        words = f"{self.statement.public_text}\0{self.statement.private_text}"
        return f"{self.id}@{hashlib.sha256(words.encode()).hexdigest()[:8]}"

    def changed(self, statement: Statement, *, by: str, at: datetime) -> "Crisis":
        line = CrisisLine(CrisisStep.CHANGED, by, at, statement)
        return replace(self, statement=statement, log=(*self.log, line))

    def over(self, *, by: str, at: datetime) -> "Crisis":
        return replace(self, ended_by=by, ended_at=at, log=(*self.log, CrisisLine(CrisisStep.ENDED, by, at)))


def is_statement(draft: Draft) -> bool:
    """Whether a draft is the statement of a crisis, not a play of the playbook."""
    return draft.play.startswith(_OF_A_CRISIS)


def statement_draft(crisis: Crisis, message: Message, rules: ChannelRules | None) -> Draft:
    """The draft that says the statement to a message, its tone not yet checked."""
    said = crisis.statement
    has_both = may_point(message, rules)
    return Draft(
        play=crisis.play,
        text=said.public_text if message.is_public else said.private_text,
        score=1.0,
        title=f"Crisis: {crisis.name}",
        private_text=said.private_text if has_both else "",
    )


def refuse_crisis(known: Sequence[Crisis], draft: Draft | None, texts: Sequence[str | None]) -> None:
    """Raises Conflict for the statement of a crisis that is over or says something else by now, and BadReply for a text
    with the words of a drill, while it is on and until another crisis begins. known: the latest one, if any."""
    latest = known[0] if known else None
    if draft is not None and is_statement(draft) and (latest is None or not latest.is_on or latest.play != draft.play):
        raise Conflict("This crisis is over, or its statement was changed. Look at the case again before you answer.")
    if latest is None or not latest.is_drill:
        return
    said = [_plain(text) for text in texts if text]
    for words in (_plain(latest.statement.public_text), _plain(latest.statement.private_text)):
        if any(words in text for text in said):
            raise BadReply([Problem("the reply", "says the statement of a drill", "answer in other words")])


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


@dataclass(frozen=True, slots=True)
class CrisisCounts:
    """Cases that it was about, and those of them that its statement was sent to, or is about to be."""

    n_matched: int = 0
    n_answered: int = 0


@dataclass(frozen=True, slots=True)
class Unlooked:
    """A crisis whose waiting cases have not all been looked at since it changed. after: the id of the suggestion up to
    which they have been."""

    crisis: Crisis
    after: str


class Crises(Protocol):
    """Crises that were declared, and the cases that they are about."""

    def latest(self, *, limit: int = 1) -> list[Crisis]:
        """Those that began last, the last one first."""
        ...

    def on(self) -> Crisis | None: ...

    def lock(self, crisis_id: str) -> Crisis:
        """Raises NotFound."""
        ...

    def begin(self, crisis: Crisis) -> bool:
        """False when one is on."""
        ...

    def save(self, crisis: Crisis) -> None:
        """Keep what changed of a locked one; every case that waits is looked at again."""
        ...

    def unlooked(self) -> Unlooked | None:
        """The latest one, where cases that wait are left to be looked at."""
        ...

    def looked(self, seen: Unlooked, *, upto: str | None) -> None:
        """Keep how far it was looked; None: to the end. Nothing where it changed meanwhile."""
        ...

    def look_again(self) -> None:
        """Have every case that waits looked at from the beginning."""
        ...

    def waiting(self, *, after: str, limit: int) -> list[tuple[str, str]]:
        """Suggestions that nobody has decided, in the order of their ids: each with the id of its message."""
        ...

    def match(self, crisis_id: str, case_id: str) -> None:
        """Keep that it is about a case."""
        ...

    def is_about(self, crisis_id: str, case_id: str) -> bool: ...

    def counts(self, crisis_id: str) -> CrisisCounts: ...

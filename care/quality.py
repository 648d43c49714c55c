"""Quality review: a sample of what was sent each week, read by a form from the playbook, some of it by two.

Half a sample is chance, the rest replies that something speaks against. Whoever reads second sees nothing of what the
first said; how far two agree beyond chance is told as kappa.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    NOT_HERE = "not_here"
    """The question does not fit this reply."""


@dataclass(frozen=True, slots=True)
class ReviewQuestion:
    """One line of the form. id: what it is called in figures."""

    id: str
    ask: str


QUESTIONS = (
    ReviewQuestion("solved", "Does it solve what was asked, or say who does what by when?"),
    ReviewQuestion("tone", "Is the tone right for this customer, now?"),
    ReviewQuestion("facts", "Is everything it says true, and none of it made up?"),
    ReviewQuestion("safe", "Does it keep private what is private, and promise nothing that we cannot hold?"),
)


@dataclass(frozen=True, slots=True)
class QualityPolicy:
    """What is read. per_week: replies of each person; doubtful: at most so many of them that something speaks against.

    twice: the share that a second person reads, 0 to 1.
    """

    questions: tuple[ReviewQuestion, ...] = QUESTIONS
    per_week: int = 4
    doubtful: int = 2
    twice: float = 0.25


class Doubt(StrEnum):
    """What speaks against a reply, from what was kept since."""

    UNHAPPY = "unhappy"
    """The customer answered 1 or 2 of 5."""
    REOPENED = "reopened"
    CORRECTED = "corrected"
    """Somebody put another label to the message."""
    HELD = "held"
    """It was held back before it went out."""


@dataclass(frozen=True, slots=True)
class SentReply:
    """A reply that went out in a week, and what speaks against it."""

    reply_id: str
    case_id: str
    author: str
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Pick:
    """A reply of a sample. why: a doubt, or "" for chance. is_twice: two read it, each blind to the other."""

    reply_id: str
    case_id: str
    author: str
    week: str
    why: str = ""
    is_twice: bool = False

    @property
    def n_readers(self) -> int:
        """How many are to read it."""
        return 2 if self.is_twice else 1


@dataclass(frozen=True, slots=True)
class Review:
    """What one person said of a reply. answers: by the question's id. is_told: whether its author has had the note."""

    reply_id: str
    case_id: str
    reader: str
    answers: Mapping[str, Answer]
    at: datetime
    note: str = field(default="", repr=False)
    is_told: bool = False

    @property
    def lacking(self) -> tuple[str, ...]:
        """The questions answered with no."""
        return tuple(name for name, answer in self.answers.items() if answer is Answer.NO)


@dataclass(frozen=True, slots=True)
class Shares:
    """Of one person's replies: how many were read, and by question how many yes of how many yes and no."""

    author: str
    n_read: int
    by_question: Mapping[str, tuple[int, int]]


ENOUGH_PAIRS = 20
"""Under so many replies read by two, a kappa says nothing."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two readers agree on one question. kappa: None where all said the same, so that chance explains it all."""

    question: str
    n: int
    share: float
    kappa: float | None

    @property
    def is_enough(self) -> bool:
        """Whether so many pairs say anything."""
        return self.n >= ENOUGH_PAIRS


class QualityShelf(Protocol):
    """Samples, and what was said of them."""

    def sent(self, since: datetime, until: datetime) -> list[SentReply]:
        """What people sent to live cases in this time, rehearsals left out."""
        ...

    def keep(self, picks: Sequence[Pick]) -> int:
        """Keep those that are not there yet. Returns how many."""
        ...

    def pick(self, reply_id: str) -> Pick:
        """Raises NotFound."""
        ...

    def picks(self, *, since: str = "") -> list[Pick]:
        """Those of this week and later ones, the latest week first."""
        ...

    def reviews(self, *, since: str = "") -> list[Review]:
        """What was said of those, oldest first."""
        ...

    def of_reply(self, reply_id: str) -> list[Review]: ...

    def add(self, review: Review) -> bool:
        """False when this person has read it already."""
        ...

    def told(self, reply_id: str) -> None:
        """The author has had every note on this reply."""
        ...


def week_of(day: date) -> str:
    """`2026-W48`."""
    return f"{day:%G-W%V}"


def last_week(now: datetime, zone: str) -> tuple[str, date, date]:
    """The week that ended last, by the calendar of a zone: its name, its Monday and its Sunday."""
    today = now.astimezone(ZoneInfo(zone)).date()
    monday = today - timedelta(days=today.weekday() + 7)
    return week_of(monday), monday, monday + timedelta(days=6)


def drawn(sent: Iterable[SentReply], *, week: str, policy: QualityPolicy) -> list[Pick]:
    """The sample of a week: the same replies give the same sample, and nobody can choose what is read."""
    by_author: dict[str, list[SentReply]] = {}
    for reply in sent:
        by_author.setdefault(reply.author, []).append(reply)
    picks = []
    for replies in by_author.values():
        shuffled = sorted(replies, key=lambda reply: _chance(week, reply.reply_id))
        doubted = sorted((reply for reply in shuffled if reply.doubts), key=lambda reply: -len(reply.doubts))
        doubtful = doubted[: min(policy.doubtful, policy.per_week)]
        left = [reply for reply in shuffled if reply not in doubtful][: policy.per_week - len(doubtful)]
        for reply, why in [*((reply, str(reply.doubts[0])) for reply in doubtful), *((reply, "") for reply in left)]:
            is_twice = _chance(f"twice {week}", reply.reply_id) < policy.twice
            picks.append(Pick(reply.reply_id, reply.case_id, reply.author, week, why, is_twice))
    return picks


def _chance(salt: str, id: str) -> float:
    """A number from 0 to 1 that depends on nothing else."""
    return int.from_bytes(hashlib.sha256(f"{salt}:{id}".encode()).digest()[:7], "big") / 2**56


def shares(picks: Iterable[Pick], reviews: Sequence[Review], questions: Sequence[str]) -> list[Shares]:
    """By author, what the first reader of each reply said; most read first."""
    authors = {pick.reply_id: pick.author for pick in picks}
    first = {review.reply_id: review for review in reversed(reviews) if review.reply_id in authors}
    by_author: dict[str, list[Review]] = {}
    for review in first.values():
        by_author.setdefault(authors[review.reply_id], []).append(review)
    return sorted(
        (
            Shares(author, len(read), {name: _yes(read, name) for name in questions})
            for author, read in by_author.items()
        ),
        key=lambda line: (-line.n_read, line.author),
    )


def _yes(reviews: Iterable[Review], question: str) -> tuple[int, int]:
    said = [review.answers.get(question) for review in reviews]
    return said.count(Answer.YES), said.count(Answer.YES) + said.count(Answer.NO)


def by_reply(reviews: Iterable[Review]) -> Mapping[str, list[Review]]:
    """What was said of each reply; nothing of one that nobody has read."""
    of: defaultdict[str, list[Review]] = defaultdict(list)
    for review in reviews:
        of[review.reply_id].append(review)
    return of


def agreements(reviews: Iterable[Review], questions: Sequence[str]) -> list[Agreement]:
    """How two readers of one reply agree, question by question. Source: Cohen 1960, A coefficient of agreement."""
    pairs = [(read[0].answers, read[1].answers) for read in by_reply(reviews).values() if len(read) > 1]
    return [_agreement(name, [(a[name], b[name]) for a, b in pairs if name in a and name in b]) for name in questions]


def _agreement(question: str, pairs: Sequence[tuple[Answer, Answer]]) -> Agreement:
    n = len(pairs)
    if not n:
        return Agreement(question, 0, 0.0, None)
    same = sum(a is b for a, b in pairs) / n
    by_chance = sum(sum(a is kind for a, _ in pairs) * sum(b is kind for _, b in pairs) for kind in Answer) / n**2
    return Agreement(question, n, same, None if by_chance >= 1 else (same - by_chance) / (1 - by_chance))

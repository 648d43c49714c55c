"""The playbook that a service works with: the newest sound edition of a folder that people edit while it runs."""

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from time import monotonic

from care.channel_rules import ChannelRules
from care.classification import RISKS
from care.errors import BadPlaybook, Problem, Unreachable
from care.goals import Goal
from care.knowledge import NOTHING_KNOWN, Knowledge
from care.learning import DraftOutcome, FirstAnswer, GoalLine, PlayCount, PlayFlag
from care.message import Turn
from care.plan import Charter
from care.plays import PlayEntry
from care.policy import Contact, Policy
from care.ports import Assessment, Drafted, PlayScore
from care.unit_of_work import Store
from playbook import drafter, satisfaction, stats
from playbook.book import Book
from playbook.editing import PlayFiles
from playbook.goals import measured
from playbook.plays import entry_of
from playbook.reach import Labels, killed, unreachable
from playbook.shelf import LiveShelf, Shelf
from playbook.signing import matters_of, withheld

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LivePlaybook:
    """Satisfies care.ports.Playbook. Safe from several threads.

    shelf: gives the playbook to use, asked once a call, so that one call never mixes two editions. suspended: plays
    that people keep rejecting, as "id@hash8"; the playbook says what becomes of them. knowledge: fills slots.
    own_answers: what was answered to like messages. editor: writes the files of plays.
    """

    shelf: Callable[[], Shelf]
    suspended: drafter.Suspended = frozenset
    knowledge: Knowledge = NOTHING_KNOWN
    own_answers: Knowledge = NOTHING_KNOWN
    editor: PlayFiles | None = None

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        store: Store | None = None,
        knowledge: Knowledge | None = None,
        own_answers: Knowledge | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> "LivePlaybook":
        """A folder, read again within seconds of an edit. Raises BadPlaybook when it is not sound at the start.

        store: where it is looked up which plays people keep rejecting; without one none is suspended. knowledge: what
        drafts are filled from, and own_answers, what one of them may be; without them nothing.
        """
        shelf = LiveShelf(folder, clock=clock)
        suspended = Suspended(store, clock=clock) if store is not None else frozenset
        editor = PlayFiles(folder, on_write=shelf.look_again)
        return cls(shelf, suspended, knowledge or NOTHING_KNOWN, own_answers or NOTHING_KNOWN, editor)

    @property
    def book(self) -> Book:
        """The playbook itself, for those who mend it."""
        return self.shelf().book

    @property
    def version(self) -> str:
        return self.book.version

    @property
    def problem(self) -> BadPlaybook | None:
        return self.shelf().problem

    @property
    def policy(self) -> Policy:
        return self.book.policy

    @property
    def channels(self) -> Mapping[str, ChannelRules]:
        return self.book.channels

    @property
    def teams(self) -> Mapping[str, str]:
        return self.book.reach.teams

    @property
    def contacts(self) -> tuple[Contact, ...]:
        return self.book.reach.contacts

    @property
    def plays(self) -> Sequence[PlayEntry]:
        book = self.book
        return [
            entry_of(play, matters=matters_of(play, book.sign_off), withheld=withheld(play, book.sign_off))
            for play in book.plays
        ]

    @property
    def agreed_goals(self) -> Sequence[Goal]:
        return self.book.goals

    @property
    def charter(self) -> Charter:
        return self.book.charter

    @property
    def question(self) -> str:
        return self.book.closing.question

    def unreachable(self, labels: Labels, *, risks: Collection[str] = RISKS) -> list[Problem]:
        """Rules and plays that never hold with a bundle of these labels, by task."""
        return list(unreachable(self.book, labels, risks=risks))

    def killed(self, labels: Labels, *, before: Labels | None, risks: Collection[str] = RISKS) -> list[Problem]:
        """What a bundle of these labels would kill; before: those that serve now."""
        return killed(self.book, labels, before=before, risks=risks)

    def edition(self) -> "LivePlaybook":
        shelf = self.shelf()
        return replace(self, shelf=lambda: shelf)

    def draft(self, assessed: Assessment, *, agent: str = "") -> Drafted:
        return drafter.draft(
            self.shelf(),
            assessed,
            agent=agent,
            suspended=self.suspended,
            knowledge=self.knowledge,
            own_answers=self.own_answers,
        )

    def explain(self, assessed: Assessment) -> list[PlayScore]:
        return drafter.explain(self.shelf(), assessed, suspended=self.suspended)

    def may_ask(self, *, kinds: Sequence[str], is_sensitive: bool, thread: Sequence[Turn]) -> bool:
        return satisfaction.may_ask(self.book.closing, kinds=kinds, is_sensitive=is_sensitive, thread=thread)

    def score_of(self, text: str) -> int | None:
        return satisfaction.score_of(text)

    def learn(self, outcomes: Sequence[DraftOutcome]) -> tuple[list[PlayCount], list[PlayFlag]]:
        owners = {play.id: play.source.owner for play in self.book.plays}
        return stats.count(outcomes), stats.flags(outcomes, owners)

    def goals(
        self,
        counts: Sequence[PlayCount],
        *,
        answers: Sequence[FirstAnswer],
        scores: Mapping[str, int],
        now: datetime,
    ) -> list[GoalLine]:
        return measured(self.book.goals, answers=answers, scores=scores, counts=counts, now=now)


class Suspended:
    """The plays that people rejected ten times in a row since they were last changed, as "id@hash8".

    Looked up now and then, not for every draft. While the store cannot be reached, what was last known holds.
    """

    def __init__(self, store: Store, *, look_every_s: float = 60.0, clock: Callable[[], float] = monotonic) -> None:
        self._store = store
        self._look_every_s = look_every_s
        self._clock = clock
        self._known: frozenset[str] = frozenset()
        self._looked_at = -look_every_s
        self._lock = threading.Lock()

    def __call__(self) -> frozenset[str]:
        if self._clock() - self._looked_at >= self._look_every_s and self._lock.acquire(blocking=False):
            try:
                self._looked_at = self._clock()
                with self._store(read=True) as work:
                    outcomes = work.learning.outcomes()
                self._known = stats.suspended(outcomes)
            except Unreachable:
                log.warning("suspended plays not looked up")
            finally:
                self._lock.release()
        return self._known

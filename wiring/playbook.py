"""The playbook as the other rooms see it: one shelf that is read again after an edit, and what hangs on it."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from care.errors import Unreachable
from care.learning import GoalLine, Outcome, PlayCount, PlayFlag
from care.message import Turn
from care.policy import Policy
from care.ports import ToneChecker
from care.reply import ToneReport
from care.work import Store
from playbook import stats
from playbook.book import Playbook
from playbook.goals import measured
from playbook.satisfaction import may_ask, score_of
from playbook.shelf import Shelf

log = logging.getLogger(__name__)

Shelves = Callable[[], Shelf]


@dataclass(frozen=True, slots=True)
class PlaybookSurvey:
    """Satisfies ports.SurveyReader with the question of the playbook in use."""

    shelf: Shelves

    @property
    def question(self) -> str:
        return self.shelf().book.closing.question

    def may_ask(self, *, kinds: Sequence[str], is_sensitive: bool, thread: Sequence[Turn]) -> bool:
        """A conversation with one message worth asking about is worth asking about: only praise alone is not."""
        closing = self.shelf().book.closing
        return any(may_ask(closing, kind=kind, is_flagged=is_sensitive, thread=thread) for kind in kinds)

    def score_of(self, text: str) -> int | None:
        return score_of(text)


@dataclass(frozen=True, slots=True)
class PlaybookReader:
    """Satisfies ports.PlayReader: counts, and what the owners of the plays in use should look at."""

    shelf: Shelves

    def count(self, outcomes: Sequence[Outcome]) -> tuple[list[PlayCount], list[PlayFlag]]:
        book = self.shelf().book
        rows = _rows(outcomes)
        counts = [
            PlayCount(
                play_id=line.play_id,
                n_shown=line.n_shown,
                n_accepted=line.n_accepted,
                n_edited=line.n_edited,
                n_rejected=line.n_rejected,
                edits=tuple((str(kind), number) for kind, number in line.edits),
                share_kept=line.share_kept,
            )
            for line in stats.count(rows)
        ]
        versions = {row.play_id: row.play for row in rows}
        return counts, [_flag(flag, book, play=versions[flag.play_id]) for flag in stats.flags(rows)]


@dataclass(frozen=True, slots=True)
class PlaybookGoals:
    """Satisfies ports.GoalReader with the goals of the playbook in use and what the service has kept."""

    shelf: Shelves
    store: Store

    def lines(self, counts: Sequence[PlayCount], *, now: datetime) -> list[GoalLine]:
        with self.store(read=True) as work:
            answers = work.learning.first_answers()
            scores = work.desk.figures().get("satisfaction", {})
        return measured(self.shelf().book.goals, answers=answers, scores=scores, counts=counts, now=now)


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
                    self._known = stats.suspended(_rows(work.learning.outcomes()))
            except Unreachable:
                log.warning("suspended plays not looked up")
            finally:
                self._lock.release()
        return self._known


def _rows(outcomes: Sequence[Outcome]) -> list[stats.Row]:
    return [
        stats.Row(one.play, one.draft, one.sent, stats.Outcome.SENT if one.is_sent else stats.Outcome.REJECTED)
        for one in outcomes
    ]


def _flag(flag: stats.Flag, book: Playbook, *, play: str) -> PlayFlag:
    known = book.play(flag.play_id)
    return PlayFlag(play=play, what=flag.what, owner=known.owner if known else "", change=flag.change)


def policy_on(shelf: Shelves) -> Callable[[], Policy]:
    """The policy of the playbook in use."""
    return lambda: shelf().book.policy


class LiveTone:
    """Satisfies ports.ToneChecker with the voice and the limits of the playbook in use. Safe from several threads."""

    def __init__(self, shelf: Shelves, make: Callable[[Playbook], ToneChecker]) -> None:
        self._shelf = shelf
        self._make = make
        book = shelf().book
        self._made = (book.version, make(book))

    def check(
        self, text: str, *, channel: str, to: str | None = None, mood: str | None = None, urgency: str | None = None
    ) -> ToneReport:
        book = self._shelf().book
        version, checker = self._made
        if version != book.version:
            checker = self._make(book)
            self._made = (book.version, checker)
        return checker.check(text, channel=channel, to=to, mood=mood, urgency=urgency)

"""The playbook as the other rooms see it: one shelf that is read again after an edit, and what hangs on it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from care.learning import Outcome, PlayCount, PlayFlag
from care.message import Turn
from care.policy import Policy
from care.ports import ToneChecker
from care.reply import ToneReport
from playbook import stats
from playbook.book import Playbook
from playbook.satisfaction import may_ask, score_of
from playbook.shelf import Shelf

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
        rows = [
            stats.Row(one.play, one.draft, one.sent, stats.Outcome.SENT if one.is_sent else stats.Outcome.REJECTED)
            for one in outcomes
        ]
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

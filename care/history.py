"""History: conversations of before tactful, brought in as closed cases.

They have no clock, no suggestion and no notice, and no figure counts them. They feed records and what a draft can look
back on, and open again when the customer writes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from care.case import Case, Resolution, Source
from care.errors import Problem
from care.ids import new_id
from care.masking import masked, masked_author
from care.message import Author, Message, NativeAnswer, Visibility
from care.ports import Clock, Redactor
from care.settling import settle
from care.work import Store, Work

AT_ONCE = 200
"""Rows in one transaction: what was kept stays when the process ends."""


@dataclass(frozen=True, slots=True)
class Said:
    """One row of history: a message of a customer, or what one of us answered.

    customer: the handle of the customer, on both sides. author: who of us wrote it; empty: not known.
    """

    line: int
    thread: str
    id: str
    customer: str
    from_us: bool
    text: str = field(repr=False)
    written_at: datetime
    author: str = ""
    is_public: bool = False


Row = Said | Problem
"""What a line of a file is: something said, or why it cannot be read."""


@dataclass(slots=True)
class Tally:
    """What a file holds, or what was kept of it."""

    n_theirs: int = 0
    n_ours: int = 0
    n_known: int = 0
    threads: set[str] = field(default_factory=set)
    first: datetime | None = None
    last: datetime | None = None
    problems: list[Problem] = field(default_factory=list)

    def count(self, said: Said, *, is_new: bool = True) -> None:
        self.n_known += not is_new
        self.n_ours += is_new and said.from_us
        self.n_theirs += is_new and not said.from_us
        # A set of hashes would do for more; a hundred thousand threads are a few megabytes.
        self.threads.add(said.thread)
        self.first = min(self.first or said.written_at, said.written_at)
        self.last = max(self.last or said.written_at, said.written_at)

    def lines(self) -> list[str]:
        """The same in words, one fact a line."""
        told = [
            f"{len(self.threads):,} threads, {self.n_theirs:,} messages of customers, {self.n_ours:,} answers of ours"
        ]
        if self.first and self.last:
            told.append(f"written from {self.first:%Y-%m-%d} to {self.last:%Y-%m-%d}")
        if self.n_known:
            told.append(f"{self.n_known:,} were here already")
        told += [f"left out: {problem}" for problem in self.problems[:20]]
        if len(self.problems) > 20:
            told.append(f"left out: {len(self.problems) - 20:,} more lines")
        return told


def tally(rows: Iterable[Row]) -> Tally:
    """What a file would bring in. Keeps nothing."""
    found = Tally()
    for row in rows:
        if isinstance(row, Problem):
            found.problems.append(row)
        else:
            found.count(row)
    return found


@dataclass(frozen=True, slots=True)
class History:
    """Everything it takes to bring history in."""

    store: Store
    redactor: Redactor
    clock: Clock

    def bring_in(self, rows: Iterable[Row], *, channel: str, told: Callable[[int], None] = lambda n: None) -> Tally:
        """Keep rows masked, each once. told: hears now and then how many were seen.

        Rows of a thread stand in order of time; of ours one comes after the customer's first, or is left out.
        """
        done, n_seen, rest = Tally(), 0, iter(rows)
        while some := list(islice(rest, AT_ONCE)):
            said = [row for row in some if isinstance(row, Said)]
            done.problems += [row for row in some if isinstance(row, Problem)]
            # Masking takes time, and no transaction is open while it does.
            safe = [self._masked(one) for one in said]
            with self.store() as work:
                for one in safe:
                    done.count(one, is_new=self._keep(work, one, channel=channel))
            n_seen += len(some)
            told(n_seen)
        return done

    def _masked(self, said: Said) -> Said:
        author = masked_author(Author(handle=said.customer), redactor=self.redactor)
        text = masked(said.text, redactor=self.redactor, is_public=said.is_public).text
        return replace(said, customer=author.handle, text=text)

    def _keep(self, work: Work, said: Said, *, channel: str) -> bool:
        thread_id = work.messages.thread_id(channel, said.thread)
        case = work.cases.open(
            channel=channel, thread_id=thread_id, customer=said.customer, name=None, source=Source.IMPORT
        )
        now = self.clock()
        if said.from_us:
            answer = NativeAnswer(
                new_id("nat", now=now), channel, said.id, thread_id, case.id, said.author or "us", said.text,
                said.written_at, now,
            )  # fmt: skip
            return work.messages.add_native(answer)
        is_live = case.turn > 0 and case.source is not Source.IMPORT
        message = _message_of(said, case, channel=channel, turn=case.turn if is_live else case.turn + 1)
        if not work.messages.add(message, has_task=False):
            return False
        if not is_live:
            # What is at work here already is left where it stands; the rest is closed as it comes.
            closed = replace(
                case,
                turn=message.turn,
                latest_message_id=message.id,
                resolved_at=case.resolved_at or now,
                resolution=Resolution.IMPORTED,
            )
            work.cases.save(closed)
            settle(work, closed, by="import")
        return True


def _message_of(said: Said, case: Case, *, channel: str, turn: int) -> Message:
    return Message(
        id=new_id("msg", now=said.written_at),
        channel=channel,
        outside_id=said.id,
        thread_id=case.thread_id,
        author=Author(handle=said.customer),
        text=said.text,
        visibility=Visibility.PUBLIC if said.is_public else Visibility.PRIVATE,
        written_at=said.written_at,
        received_at=said.written_at,
        thread_key=said.thread,
        case_id=case.id,
        turn=turn,
    )

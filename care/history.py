"""History: conversations of before tactful, brought in as closed cases.

They have no clock, no suggestion and no notice, and no figure counts them. They feed records and what a draft can look
back on, and open again when the customer writes. What is at work here already is left as it stands: history only adds
what was said.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from care.case import Case, Ending, Facts, Resolution, Source, standing
from care.errors import Problem
from care.ids import new_id
from care.joining import joined_by_address
from care.message import Author, Inbound, Masking, Message, NativeAnswer, Origin, Visibility
from care.ports import Clock, Redactor
from care.safe import Safe, made_safe
from care.unit_of_work import KnownCustomer, Store, Work

AT_ONCE = 200
"""Rows in one transaction: what was kept stays when the process ends."""
SHOWN_PROBLEMS = 20
US = "us"
"""Who of us wrote something, where nobody knows."""


@dataclass(frozen=True, slots=True)
class Said:
    """One row of history: a message of a customer, or what one of us answered.

    customer: the handle of the customer, on both sides. author: who of us wrote it; empty: not known. is_public: None:
    as the channel is.
    """

    line: int
    thread: str
    id: str
    customer: str
    from_us: bool
    text: str = field(repr=False)
    written_at: datetime
    author: str = ""
    is_public: bool | None = None


Row = Said | Problem
"""What a line of a file is: something said, or why it cannot be read."""


@dataclass(slots=True)
class Tally:
    """What a file holds, or what was kept of it. problems: the first few; n_problems: all of them."""

    n_theirs: int = 0
    n_ours: int = 0
    n_known: int = 0
    n_threads: int = 0
    n_problems: int = 0
    first: datetime | None = None
    last: datetime | None = None
    problems: list[Problem] = field(default_factory=list)

    def count(self, said: Said) -> None:
        self.n_ours += said.from_us
        self.n_theirs += not said.from_us
        self.first = min(self.first or said.written_at, said.written_at)
        self.last = max(self.last or said.written_at, said.written_at)

    def leave_out(self, problem: Problem) -> None:
        self.n_problems += 1
        if len(self.problems) < SHOWN_PROBLEMS:
            self.problems.append(problem)

    def lines(self) -> list[str]:
        """The same in words, one fact a line."""
        told = [f"{self.n_threads:,} threads, {self.n_theirs:,} messages of customers, {self.n_ours:,} answers of ours"]
        if self.first and self.last:
            told.append(f"written from {self.first:%Y-%m-%d} to {self.last:%Y-%m-%d}")
        if self.n_known:
            told.append(f"{self.n_known:,} were here already")
        told += [f"left out: {problem}" for problem in self.problems]
        if self.n_problems > len(self.problems):
            told.append(f"left out: {self.n_problems - len(self.problems):,} more lines")
        return told


def tally(rows: Iterable[Row]) -> Tally:
    """What a file would bring in. Keeps nothing."""
    counts = Tally()
    # Hashes, not names: a hundred thousand threads are a few megabytes.
    threads: set[int] = set()
    for row in rows:
        if isinstance(row, Problem):
            counts.leave_out(row)
        else:
            counts.count(row)
            threads.add(hash((row.thread, row.customer)))
    counts.n_threads = len(threads)
    return counts


@dataclass(frozen=True, slots=True)
class History:
    """Everything it takes to bring the history of one channel in.

    is_public: whether everybody can read what is written there. is_mail: customers' handles are mail addresses.
    """

    store: Store
    redactor: Redactor
    clock: Clock
    channel: str
    is_public: bool = False
    is_mail: bool = False

    def bring_in(self, rows: Iterable[Row], *, told: Callable[[int], None] = lambda n: None) -> Tally:
        """Keep rows masked, each once. told: hears now and then how many were seen.

        Rows of a thread stand in order of time.
        """
        done, n_seen, rest = Tally(), 0, iter(rows)
        while some := list(islice(rest, AT_ONCE)):
            said: dict[str, Said] = {}
            for row in some:
                if isinstance(row, Problem):
                    done.leave_out(row)
                elif row.id in said:
                    done.n_known += 1
                else:
                    said[row.id] = row
            # Masking takes time, and no transaction is open while it does.
            safe = made_safe(
                [self._inbound(message) for message in said.values()], store=self.store, redactor=self.redactor
            )
            with self.store() as work:
                kept, n_new = self._keep(work, safe)
            done.n_threads += n_new
            done.n_known += len(said) - len(kept)
            for id in kept:
                done.count(said[id])
            n_seen += len(some)
            told(n_seen)
        return done

    def _inbound(self, said: Said) -> Inbound:
        """A row as the channel would have handed it to us."""
        is_public = self.is_public if said.is_public is None else said.is_public
        return Inbound(
            origin=Origin(channel=self.channel, outside_id=said.id, thread_key=said.thread, written_at=said.written_at),
            author=Author(US, name=said.author or None) if said.from_us else Author(said.customer),
            text=said.text,
            visibility=Visibility.PUBLIC if is_public else Visibility.PRIVATE,
            answers=said.customer if said.from_us else None,
            is_mail=self.is_mail,
        )

    def _keep(self, work: Work, safe: Sequence[Safe]) -> tuple[list[str], int]:
        """Returns the channel's own ids of what is new, and how many threads are."""
        # Somebody else may have brought the same in while this was masked.
        known = work.messages.known(self.channel, [entry.item.origin.outside_id for entry in safe])
        new = [entry for entry in safe if entry.item.origin.outside_id not in known]
        if not new:
            return [], 0
        customers = [
            KnownCustomer(entry.item.origin.thread_key, entry.customer, entry.item.origin.written_at, entry.address)
            for entry in new
        ]
        opened = work.history.open(self.channel, customers)
        cases = {case.id: case for case in opened.values()}
        fresh = {id for id, case in cases.items() if case.turn == 0 and not case.is_resolved}
        self._join(work, customers, opened, cases, fresh)
        messages: list[Message] = []
        answers: list[NativeAnswer] = []
        for entry in new:
            case, message = cases[opened[entry.item.origin.thread_key, entry.customer].id], None
            if entry.item.answers is not None:
                answers.append(_answer_of(entry, case))
            else:
                message = _message_of(entry, case)
                messages.append(message)
            if message is not None and entry.problem:
                facts = {"error": entry.problem}
                work.note("message.withheld", message.id, by="tactful", facts=facts, case_id=case.id)
            if not _is_at_work(case):
                cases[case.id] = self._closed(case, message)
        work.history.add(messages, answers)
        for case in cases.values():
            if not _is_at_work(case):
                work.cases.save(case)
        for id in sorted(fresh):
            work.note("case.resolved", id, by="import", facts={"turn": cases[id].turn}, case_id=id)
        return [entry.item.origin.outside_id for entry in new], len(fresh)

    def _join(
        self,
        work: Work,
        customers: Sequence[KnownCustomer],
        opened: Mapping[tuple[str, str], Case],
        cases: dict[str, Case],
        fresh: AbstractSet[str],
    ) -> None:
        """Put new customers with the record of their mail address."""
        for customer in customers:
            case = cases[opened[customer.thread_key, customer.customer].id]
            if customer.address is not None and case.id in fresh:
                cases[case.id] = joined_by_address(work, case, customer.address, now=self.clock())

    def _closed(self, case: Case, message: Message | None) -> Case:
        """A case of history after what was said last on it; None: an answer of ours."""
        closed = replace(
            case,
            turn=message.turn if message else case.turn,
            # Ids of messages sort by when they were written.
            latest_message_id=max(case.latest_message_id, message.id if message else ""),
            ending=Ending(case.ending.resolved_at or self.clock(), case.ending.resolved_by, Resolution.IMPORTED),
            source=Source.IMPORT,
        )
        return closed.moved(standing(Facts(is_our_turn=False, is_answered=True, is_resolved=True)))


def _is_at_work(case: Case) -> bool:
    """Whether people have to do with this case here, or had: history adds to it and changes nothing."""
    is_history = case.source is Source.IMPORT and case.ending.resolved_at is not None
    return case.turn > 0 and not is_history


def _message_of(entry: Safe, case: Case) -> Message:
    item = entry.item
    return Message(
        id=new_id("msg", now=item.origin.written_at),
        origin=item.origin,
        thread_id=case.thread_id,
        author=entry.author,
        text=entry.text,
        visibility=item.visibility,
        received_at=item.origin.written_at,
        masking=Masking(entry.handling, entry.spans),
        case_id=case.id,
        turn=case.turn if _is_at_work(case) else case.turn + 1,
    )


def _answer_of(entry: Safe, case: Case) -> NativeAnswer:
    item = entry.item
    return NativeAnswer(
        id=new_id("nat", now=item.origin.written_at),
        channel=item.origin.channel,
        outside_id=item.origin.outside_id,
        thread_id=case.thread_id,
        case_id=case.id,
        author=entry.author.name or entry.author.handle,
        text=entry.text,
        written_at=item.origin.written_at,
        received_at=item.origin.written_at,
        is_history=True,
    )

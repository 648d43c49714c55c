"""A worker process that kills itself at one point: `python -m tests.journeys.crash QUEUE STORE QUEUE_URL FOLDER POINT`.

Points: `tx1:before`, `tx1:after`, ... around the commit of the first, second, ... transaction of a job; `classify`;
`send:before`, `send:after`; `hang` sits in a place that no signal interrupts.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from care.classification import Classification
from care.escalation import Notice
from care.journey import Journey
from care.message import Turn
from care.ports import utc_now
from care.reply import Reply
from channels.rehearsal import RehearsalChannel
from store.work import SqlStore, SqlWork, open_store
from tests.doubles import RecordingQueue, StubClassifier, StubPlaybook, StubRedactor, StubTone

LEASE_S = 60.0
"""Longer than any process of these tests lives, however busy the machine is."""


@dataclass
class ShiftedClock:
    """The time now and a little more: a survivor sees leases end without waiting for them."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return utc_now() + self.ahead

    def outlive_leases(self) -> None:
        self.ahead += timedelta(seconds=LEASE_S + 1)


@dataclass
class PointedStore:
    """A store that says where it is."""

    store: SqlStore
    reach: Callable[[str], None]
    n: int = 0

    @contextmanager
    def __call__(self, *, read: bool = False) -> Iterator[SqlWork]:
        self.n += 1
        number = self.n
        with self.store(read=read) as work:
            yield work
            self.reach(f"tx{number}:before")
        self.reach(f"tx{number}:after")


@dataclass
class PointedClassifier(StubClassifier):
    reach: Callable[[str], None] = lambda _: None

    def classify(self, text: str, *, thread: Sequence[Turn] = ()) -> Classification:
        self.reach("classify")
        return super().classify(text, thread=thread)


@dataclass(slots=True)
class PointedChannel(RehearsalChannel):
    reach: Callable[[str], None] = field(default=lambda _: None)

    def send(self, reply: Reply) -> str:
        self.reach("send:before")
        receipt = RehearsalChannel.send(self, reply)
        self.reach("send:after")
        return receipt

    def notify(self, notice: Notice) -> None:
        self.reach("send:before")
        RehearsalChannel.notify(self, notice)
        self.reach("send:after")


def pointed_journey(store_url: str, folder: Path, reach: Callable[[str], None], **replaced: Any) -> Journey:
    """A journey of doubles over a real store, with a channel that keeps what it took in a file."""
    parts: dict[str, Any] = {
        "store": PointedStore(open_store(store_url, clock=replaced.get("clock")), reach),
        "channels": {"chat": PointedChannel("chat", is_public=False, secrets=(), folder=folder, reach=reach)},
        "redactor": StubRedactor(),
        "classifier": PointedClassifier(reach=reach),
        "playbook": StubPlaybook(),
        "tone": StubTone(),
        "queue": RecordingQueue(),
        "clock": utc_now,
        "undo_s": {"*": 0.0},
        "prepare_lease_s": LEASE_S,
        "deliver_lease_s": LEASE_S,
        "notifier": PointedChannel("notices", is_public=False, secrets=(), folder=folder, reach=reach),
    }
    return Journey(**{**parts, **replaced})


def main(queue_name: str, store_url: str, queue_url: str, folder: str, point: str) -> None:
    from workers import run

    def reach(here: str) -> None:
        if here == point:
            os.kill(os.getpid(), signal.SIGKILL)
        if point == "hang" and here == "classify":
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
            time.sleep(60)

    if point == "hang":
        # The job's own timeout is in the job; here only the patience beyond it is shortened.
        run.PATIENCE_S = 0.5
    run.work_on(queue_name, pointed_journey(store_url, Path(folder), reach), url=queue_url, is_burst=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

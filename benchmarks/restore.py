"""A backup under load, put back after everything was sent; and a trail that is tampered with.

    python -m benchmarks.restore [--runs 5] [--replies 200] [--messages 5000] [--tamperings 1000] [--seed 1]

On each database, with real files, threads and `pg_dump`: customers write and workers send while the backup is
taken at a random moment; then all is sent, the backup is restored, and sweep and workers go on. A reply is sent
twice when the channel was asked for it before the restore and after it. Then, in a store of 100 messages,
events of a sealed trail are changed, deleted, swapped and put in, one at a time.
"""

import argparse
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import text

from benchmarks.case_machine import STORES, databases
from benchmarks.machine import RESULTS, heading, row
from care.holding import held
from care.journey import Journey
from care.ports import utc_now
from care.reply import Approval
from store.work import SqlStore
from tests.doubles import (
    ANNA,
    RecordingQueue,
    StubChannel,
    StubClassifier,
    StubPlaybook,
    StubRedactor,
    StubTone,
    inbound,
)
from wiring.assemble import Assembly, migrate
from wiring.backup import back_up, restore
from wiring.beside import anchors
from wiring.opening import check_in
from wiring.settings import Settings
from workers.sweep import seal, sweep

AGE_S = 61.0
"""By then events are old enough to be sealed."""


@dataclass(slots=True)
class Run:
    """What one run found."""

    n_sent: int = 0
    n_held: int = 0
    n_twice: int = 0
    backup_s: float = 0.0
    restore_s: float = 0.0
    slowest_write_s: float = 0.0


def journey_of(store: SqlStore, channel: StubChannel) -> Journey:
    return Journey(
        store=store,
        channels={"chat": channel},
        redactor=StubRedactor(),
        classifier=StubClassifier(),
        playbook=StubPlaybook(),
        tone=StubTone(),
        queue=RecordingQueue(),
        clock=utc_now,
        undo_s={"*": 0.0},
    )


def approved(journey: Journey, n: int) -> str:
    [message_id] = journey.receive([inbound(outside_id=f"r{n}", thread_key=f"r{n}", handle=f"kim{n}")])
    journey.prepare(message_id)
    with journey.store(read=True) as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    return journey.approve(suggestion.id, Approval(ANNA.id, "On its way.", suggestion.choice.version)).id


def deliver_all(journey: Journey, ids: list[str]) -> None:
    sweep(journey.store, journey.queue, journey.channels, unrung_s=0)  # type: ignore[arg-type]
    for reply_id in ids:
        journey.deliver(reply_id)


def one_run(settings: Settings, folder: Path, *, n_replies: int, n_messages: int, chance: random.Random) -> Run:
    run, channel, stop = Run(), StubChannel("chat"), threading.Event()
    with Assembly(settings) as parts:
        journey = journey_of(parts.store, channel)
        with parts.store() as work, suppress(Exception):
            work.access.add_person(ANNA)
        for start in range(0, n_messages, 200):
            journey.receive([inbound(outside_id=f"m{n}", thread_key=f"m{n}") for n in range(start, start + 200)])
        replies = [approved(journey, n) for n in range(n_replies)]

        def write() -> None:
            n = 0
            while not stop.is_set():
                began, n = time.perf_counter(), n + 1
                journey.receive([inbound(outside_id=f"w{n}", thread_key=f"w{n}")])
                run.slowest_write_s = max(run.slowest_write_s, time.perf_counter() - began)

        def send() -> None:
            for reply_id in replies:
                journey.deliver(reply_id)

        threads = [threading.Thread(target=write), threading.Thread(target=send)]
        for thread in threads:
            thread.start()
        time.sleep(chance.uniform(0, 1.0))
        began = time.perf_counter()
        back_up(settings, folder / "backup")
        run.backup_s = time.perf_counter() - began
        stop.set()
        for thread in threads:
            thread.join()
        deliver_all(journey, replies)
        run.n_sent = len(channel.takes)
    began = time.perf_counter()
    restore(settings, folder / "backup")
    run.restore_s = time.perf_counter() - began
    with Assembly(settings) as parts:
        after = journey_of(parts.store, channel)
        deliver_all(after, replies)
        run.n_held = len(held(parts.store)[0])
    keys = [reply.sending.idempotency_key for reply in channel.takes]
    run.n_twice = len(keys) - len(set(keys))
    return run


def sealed(settings: Settings, store: SqlStore) -> dict[int, str]:
    """The anchors of a trail that was sealed to its end."""
    while seal(store, settings):
        continue
    return anchors(settings.home)


def speed(settings: Settings) -> float:
    """Events that are checked in a second."""
    with Assembly(settings) as parts:
        kept = sealed(settings, parts.store)
        began = time.perf_counter()
        with parts.store(read=True) as work:
            verified = work.seals.verify(kept)
        assert not verified.problem, verified.problem
        return verified.n_events / (time.perf_counter() - began)


def tamper(settings: Settings, *, n: int, chance: random.Random) -> int:
    """How many of so many tamperings were found."""
    with Assembly(settings) as parts:
        store = parts.store
        journey = journey_of(store, StubChannel("chat"))
        journey.receive([inbound(outside_id=f"t{n}", thread_key=f"t{n}") for n in range(100)])
        time.sleep(AGE_S)
        kept, n_found = sealed(settings, store), 0
        last = max(row.last for row in _seals(store))
        for _ in range(n):
            number, other = chance.randrange(1, last), chance.randrange(1, last)
            with store.engine.connect() as connection:
                begun = connection.begin()
                ids = {"n": number, "o": other if other != number else last}
                connection.execute(text(chance.choice(TAMPERINGS)), ids)
                n_found += bool(_verified(store, connection, kept))
                begun.rollback()
        return n_found


def _seals(store: SqlStore) -> list[Any]:
    with store.engine.connect() as connection:
        return list(connection.execute(text("SELECT last FROM seal")).all())


def _verified(store: SqlStore, connection: object, kept: dict[int, str]) -> str:
    """What is found inside the transaction that tampers: it is rolled back afterwards."""
    from sqlalchemy.orm import Session

    from store.work import SqlWork

    with Session(bind=connection) as session:  # type: ignore[call-overload]
        return SqlWork(session, store.now).seals.verify(kept).problem


TAMPERINGS = (
    "UPDATE event SET by = 'per_other' WHERE number = :n OR (1 = 0 AND number = :o)",
    "UPDATE event SET facts = '{\"to\": 1}' WHERE number = :n OR (1 = 0 AND number = :o)",
    "DELETE FROM event WHERE number = :n OR (1 = 0 AND number = :o)",
    "DELETE FROM seal WHERE number >= 1 AND :n > 0 AND :o > 0",
    "UPDATE event SET subject_id = (SELECT subject_id || 'x' FROM event WHERE number = :o) WHERE number = :n",
    "UPDATE event SET digest = salt, facts = '{}' WHERE number = :n OR (1 = 0 AND number = :o)",
)


@contextmanager
def a_home(url: str) -> Iterator[Settings]:
    with TemporaryDirectory(prefix="tactful-restore-") as folder:
        home = Path(folder) / "home"
        home.mkdir(mode=0o700)
        settings = Settings(home=home, database={"url": url})  # type: ignore[arg-type]
        migrate(settings)
        check_in(settings)
        yield settings


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=5, help="for each database")
    arguments.add_argument("--replies", type=int, default=200)
    arguments.add_argument("--messages", type=int, default=5000)
    arguments.add_argument("--tamperings", type=int, default=1000)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    chance = random.Random(given.seed)
    lines = [
        heading("A backup under load, and its way back"),
        "| database | runs | messages | replies sent | held after the restore | sent twice | backup (s) "
        "| restore (s) | slowest write meanwhile (s) | tamperings found | events checked a second |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name in STORES:
        runs, checked = [], 0.0
        with databases(name) as new_url:
            for _ in range(given.runs):
                with a_home(new_url()) as settings:
                    sizes = {"n_replies": given.replies, "n_messages": given.messages}
                    runs.append(one_run(settings, settings.home.parent, chance=chance, **sizes))
                    if len(runs) == given.runs:
                        time.sleep(AGE_S)
                        checked = speed(settings)
            with a_home(new_url()) as settings:
                n_found = tamper(settings, n=given.tamperings, chance=chance)
        lines.append(
            row(
                name,
                len(runs),
                given.messages * len(runs),
                sum(run.n_sent for run in runs),
                sum(run.n_held for run in runs),
                sum(run.n_twice for run in runs),
                round(max(run.backup_s for run in runs), 2),
                round(max(run.restore_s for run in runs), 2),
                round(max(run.slowest_write_s for run in runs), 2),
                f"{n_found} of {given.tamperings}",
                round(checked),
            )
        )
    print("\n".join(lines))
    (RESULTS / "restore.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()

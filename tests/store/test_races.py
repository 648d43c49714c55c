"""Many at once: of two callers, one wins, on both databases and with real leases."""

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from care.errors import AlreadyDecided, Unreachable
from care.ids import new_id
from care.journey import Journey
from care.lists import View
from care.ports import utc_now
from care.reply import Approval, SuggestionState
from store.turns import Turns
from store.work import SqlStore, open_store
from tests.doubles import StubChannel, inbound


@pytest.fixture
def live_store(any_url: str) -> Iterator[SqlStore]:
    """By the database's own clock."""
    with closing(open_store(any_url)) as store:
        yield store


@pytest.fixture
def walk(live_store: SqlStore, make_journey: Callable[..., Journey]) -> Journey:
    return make_journey(live_store, clock=utc_now)


def at_once(n: int, do: Callable[[int], Any]) -> list[Any]:
    """Run `do` in n threads that start together; an error is that thread's result."""
    barrier = threading.Barrier(n)

    def run(number: int) -> Any:
        barrier.wait()
        try:
            return do(number)
        except Exception as error:  # noqa: BLE001  what came out is what the test looks at
            return error

    with ThreadPoolExecutor(n) as threads:
        return list(threads.map(run, range(n)))


def test_of_32_people_who_approve_one_suggestion_one_wins(walk: Journey, live_store: SqlStore) -> None:
    [message_id] = walk.receive([inbound()])
    walk.prepare(message_id)
    with live_store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None

    outcomes = at_once(
        32,
        lambda n: walk.approve(
            suggestion.id,
            Approval(by=new_id("per", now=utc_now()), text=f"Answer {n}", version=suggestion.choice.version),
        ),
    )

    kinds = Counter(type(outcome).__name__ for outcome in outcomes)
    assert kinds == {"Reply": 1, "AlreadyDecided": 31}, [str(o) for o in outcomes if not isinstance(o, AlreadyDecided)]
    with live_store() as work:
        [reply] = work.replies.of_message(message_id)
        assert work.suggestions.get(suggestion.id).choice.state is SuggestionState.APPROVED
        assert reply.said.text in {f"Answer {n}" for n in range(32)}


def test_16_workers_claim_each_of_200_tasks_once(walk: Journey, live_store: SqlStore) -> None:
    ids = walk.receive([inbound(outside_id=f"m{n}", thread_key=f"t{n}") for n in range(200)])

    def claim_some(worker: int) -> list[str]:
        """Every fourth task, so that four workers race for each."""
        won = []
        for message_id in ids[worker % 4 :: 4]:
            with live_store() as work:
                if work.tasks.claim(message_id, lease_s=90) is not None:
                    won.append(message_id)
        return won

    won = at_once(16, claim_some)

    assert [error for error in won if isinstance(error, Exception)] == []
    assert Counter(id for worker in won for id in worker) == dict.fromkeys(ids, 1)


def test_a_reply_that_16_workers_are_rung_for_is_sent_once(
    walk: Journey, live_store: SqlStore, channel: StubChannel
) -> None:
    [message_id] = walk.receive([inbound()])
    walk.prepare(message_id)
    with live_store() as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    reply = walk.approve(suggestion.id, Approval(by="per_anna", text="Once.", version=1))

    outcomes = at_once(16, lambda _: walk.deliver(reply.id))

    assert outcomes == [None] * 16
    assert [sent.id for sent in channel.takes] == [reply.id]


def test_a_message_that_arrives_8_times_at_once_is_kept_once(walk: Journey, live_store: SqlStore) -> None:
    outcomes = at_once(8, lambda _: walk.receive([inbound()]))

    assert sorted(len(ids) for ids in outcomes) == [0] * 7 + [1]
    with live_store() as work:
        assert work.lists.counts()[View.ALL] == 1


def test_two_messages_of_a_thread_prepared_at_once_leave_one_open_suggestion(
    walk: Journey, live_store: SqlStore
) -> None:
    for round_ in range(10):
        ids = walk.receive([inbound(outside_id=f"{round_}-{n}", thread_key=f"t{round_}") for n in range(2)])
        outcomes = at_once(2, lambda n, ids=ids: walk.prepare(ids[n]))
        assert outcomes == [None, None]
        with live_store() as work:
            states = [work.cases.file(id).suggestion.choice.state for id in ids]  # type: ignore[union-attr]
        assert states == [SuggestionState.SUPERSEDED, SuggestionState.PROPOSED]


def test_two_sweeps_at_once_do_nothing_twice(walk: Journey, live_store: SqlStore) -> None:
    ids = walk.receive([inbound(outside_id=f"m{n}", thread_key=f"t{n}") for n in range(50)])

    def sweep(_: int) -> list[str]:
        with live_store() as work:
            work.recovery.expired_tasks()
            return work.recovery.unrung_tasks(unrung_s=0.001, limit=10)

    rung = at_once(8, sweep)

    counts = Counter(id for ids_ in rung for id in ids_)
    assert set(counts) <= set(ids)


def test_whoever_reads_the_trail_by_place_misses_nothing(live_store: SqlStore) -> None:
    stop = threading.Event()
    seen: list[int] = []

    def write(writer: int) -> None:
        for n in range(25):
            with live_store() as work:
                work.note("test", f"{writer}-{n}", by="test", facts={})

    def read() -> None:
        last = 0
        while not stop.is_set() or last < 100:
            with live_store(read=True) as work:
                for event in work.trail.events(after=last):
                    seen.append(event.place)
                    last = event.place
            if stop.is_set():
                break

    reader = threading.Thread(target=read)
    reader.start()
    outcomes = at_once(4, write)
    stop.set()
    reader.join()
    with live_store() as work:
        rest = [event.place for event in work.trail.events(after=seen[-1] if seen else 0)]
        everything = [event.place for event in work.trail.events(after=0)]

    assert outcomes == [None] * 4
    assert seen + rest == everything
    assert len(everything) == 100


def test_a_database_that_is_away_is_named_in_a_plain_sentence(tmp_path: Path) -> None:
    away = [
        (f"sqlite:///{tmp_path}/no/such/folder/a.db", "unable to open"),
        (f"postgresql+psycopg://tactful:hunter2@/db?host={tmp_path}", "cannot be used now"),
    ]
    for url, words in away:
        store = open_store(url)
        with pytest.raises(Unreachable, match=words) as raised, store() as work:
            work.trail.last()
        assert "hunter2" not in str(raised.value)
        store.close()


def test_a_database_somebody_else_holds_is_unreachable_not_a_crash(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.work.BUSY_S", 0.1)
    path = sqlite_url.removeprefix("sqlite:///")
    other = open_store(sqlite_url)

    with closing(sqlite3.connect(path)) as another_process:
        another_process.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unreachable, match="locked"), other() as work:
            work.trail.last()
        with other(read=True) as work:
            assert work.trail.last() == 0

    other.close()


def test_kinds_that_8_flagged_messages_bring_at_once_all_stand_on_the_one_task(
    walk: Journey, live_store: SqlStore
) -> None:
    [message_id] = walk.receive([inbound("secret:tuna")])
    with live_store() as work:
        case_id = work.messages.get(message_id).case_id
        task = work.offline.of_case(case_id)
    assert task is not None

    def open_another(n: int) -> bool:
        with live_store() as work:
            return work.offline.open(replace(task, id=f"off_{n}", categories=(f"kind {n}",)))

    outcomes = at_once(8, open_another)

    with live_store() as work:
        kept = work.offline.of_case(case_id)
    assert kept is not None
    assert outcomes == [False] * 8
    assert kept.categories == (*(f"kind {n}" for n in range(8)), "password")


def test_a_writer_whose_turn_does_not_come_is_told_so_and_readers_go_on(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.work.QUEUE_S", 0.05)
    with closing(open_store(sqlite_url)) as store, closing(open_store(sqlite_url)) as other:

        def write() -> None:
            with other():
                pass

        # Another thread: one that has its turn does not wait for itself.
        with store(), ThreadPoolExecutor(1) as elsewhere:
            with pytest.raises(Unreachable, match="wait to write"):
                elsewhere.submit(write).result()
            with other(read=True) as work:
                assert work.trail.last() == 0
        with other() as work:
            assert work.trail.last() == 0


def test_writers_of_one_process_come_in_the_order_in_which_they_asked() -> None:
    turns, came = Turns(), list[int]()

    def write(n: int) -> None:
        turns.wait(patience_s=10)
        came.append(n)
        turns.pass_on()

    turns.wait(patience_s=0)
    writers = [threading.Thread(target=write, args=(n,)) for n in range(12)]
    for n, writer in enumerate(writers, 1):
        writer.start()
        while turns.n_waiting < n:
            pass
    turns.pass_on()
    for writer in writers:
        writer.join()

    assert came == list(range(12))


def test_who_gives_up_waiting_holds_nobody_up() -> None:
    turns = Turns()
    turns.wait(patience_s=0)

    with ThreadPoolExecutor(1) as elsewhere, pytest.raises(TimeoutError):
        elsewhere.submit(turns.wait, patience_s=0.01).result()
    turns.pass_on()

    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(turns.wait, patience_s=0).result()


def test_a_thread_that_has_its_turn_does_not_wait_for_itself_and_keeps_it_to_the_end() -> None:
    turns = Turns()
    turns.wait(patience_s=0)
    turns.wait(patience_s=0)
    turns.pass_on()

    with ThreadPoolExecutor(1) as elsewhere, pytest.raises(TimeoutError):
        elsewhere.submit(turns.wait, patience_s=0.01).result()

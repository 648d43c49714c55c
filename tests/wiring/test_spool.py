"""What a channel answered is never thrown away, whatever the store does."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from care.errors import ChannelRefused, Unreachable
from care.journey import Journey
from care.outcome import Outcome, take_back
from care.reply import Approval, Reply, ReplyStage
from store.work import SqlStore
from tests.doubles import ANNA, MONDAY, FixedClock, RecordingQueue, StubChannel, inbound
from wiring.spool import FolderSpool
from workers.sweep import sweep


@dataclass
class FailingStore:
    """The store, away for so many transactions once the channel was asked."""

    store: SqlStore
    channel: StubChannel
    n_failures: int
    error: Exception

    def __call__(self, *, read: bool = False) -> Any:
        if self.channel.takes and self.n_failures:
            self.n_failures -= 1
            raise self.error
        return self.store(read=read)


@pytest.fixture
def spool(tmp_path: Path) -> FolderSpool:
    return FolderSpool(tmp_path / "spool")


def approved(walk: Journey) -> Reply:
    [message_id] = walk.receive([inbound()])
    walk.prepare(message_id)
    with walk.store(read=True) as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    return walk.approve(suggestion.id, Approval(by=ANNA.id, text="We are on it.", version=1))


def stage_of(store: SqlStore, reply: Reply) -> ReplyStage:
    with store(read=True) as work:
        return work.replies.get(reply.id).sending.stage


def test_an_answer_is_written_again_until_the_store_takes_it(
    store: SqlStore, make_journey: Callable[..., Journey], channel: StubChannel, spool: FolderSpool
) -> None:
    walk = make_journey(store, spool=spool)
    reply = approved(walk)
    failing = FailingStore(store, channel, 2, Unreachable("The database is away."))

    replace(walk.delivery, store=failing).deliver(reply.id)  # type: ignore[arg-type]

    assert stage_of(store, reply) is ReplyStage.SENT
    assert spool.outcomes() == []


@pytest.mark.parametrize("error", [Unreachable("The database is away."), RuntimeError("a bug")], ids=str)
def test_an_answer_that_the_store_never_took_is_brought_in_before_anything_is_called_unknown(
    store: SqlStore,
    make_journey: Callable[..., Journey],
    channel: StubChannel,
    clock: FixedClock,
    queue: RecordingQueue,
    spool: FolderSpool,
    error: Exception,
) -> None:
    walk = make_journey(store, spool=spool, deliver_lease_s=0.05)
    reply = approved(walk)
    failing = FailingStore(store, channel, 1000, error)

    replace(walk.delivery, store=failing).deliver(reply.id)  # type: ignore[arg-type]
    assert stage_of(store, reply) is ReplyStage.INFLIGHT
    clock.advance(3600)
    done = sweep(store, queue, {}, unrung_s=10, spool=spool)  # type: ignore[arg-type]

    assert done["outcomes_taken_back"] == 1
    assert "replies_unknown" not in done
    assert stage_of(store, reply) is ReplyStage.SENT
    assert spool.outcomes() == []


def test_an_answer_that_comes_late_still_settles_what_was_called_unknown(
    store: SqlStore,
    make_journey: Callable[..., Journey],
    channel: StubChannel,
    clock: FixedClock,
    queue: RecordingQueue,
) -> None:
    walk = make_journey(store)
    reply = approved(walk)
    refused = Outcome(reply.id, 1, ReplyStage.FAILED, False, problem="chat answered 400")
    with store() as work:
        claimed = work.replies.claim(reply.id, lease_s=60)
        assert claimed is not None
        work.replies.enter_flight(*claimed)
    clock.advance(61)
    sweep(store, queue, {}, unrung_s=10)  # type: ignore[arg-type]
    assert stage_of(store, reply) is ReplyStage.UNKNOWN

    @dataclass
    class Kept:
        def outcomes(self) -> list[Outcome]:
            return [refused, replace(refused, reply_id="rpl_gone")]

        def drop(self, outcome: Outcome) -> None: ...

    take_back(store, Kept(), now=clock())  # type: ignore[arg-type]

    assert stage_of(store, reply) is ReplyStage.FAILED


def test_a_kept_answer_is_read_back_as_it_was_and_a_damaged_file_stays(spool: FolderSpool) -> None:
    busy = Outcome("rpl_1", 3, ReplyStage.PENDING, True, not_before=MONDAY + timedelta(seconds=5), retry_after_s=5.0)
    sent = Outcome("rpl_2", 1, ReplyStage.SENT, False, receipt="out-1", sent_at=MONDAY)
    assert spool.outcomes() == []
    for outcome in (busy, sent, sent):
        spool.keep(outcome)
    (spool.folder / "rpl_3-1.json").write_text("{")

    assert sorted(spool.outcomes(), key=lambda outcome: outcome.reply_id) == [busy, sent]

    spool.drop(busy)
    spool.drop(busy)
    assert spool.outcomes() == [sent]
    assert (spool.folder / "rpl_3-1.json").exists()


def test_after_a_try_that_may_have_got_through_a_reply_is_neither_taken_back_nor_held(
    store: SqlStore, make_journey: Callable[..., Journey], clock: FixedClock, queue: RecordingQueue
) -> None:
    from care.errors import ChannelBusy, Conflict

    channel = StubChannel("chat", is_idempotent=True, errors=[ConnectionResetError()], takes_before_error=True)
    walk = make_journey(store, channels={"chat": channel})
    reply = approved(walk)
    with pytest.raises(ChannelBusy):
        walk.deliver(reply.id)

    with pytest.raises(Conflict, match="may have gone out"):
        walk.answering.withdraw(reply.id, by=ANNA.id)
    walk.receive([inbound("No, do not!", outside_id="m2")])
    assert stage_of(store, reply) is ReplyStage.PENDING
    clock.advance(30)
    walk.deliver(reply.id)

    assert stage_of(store, reply) is ReplyStage.UNKNOWN
    assert len(channel.takes) == 1


def test_a_refusal_of_a_channel_is_an_answer_too(
    store: SqlStore, make_journey: Callable[..., Journey], spool: FolderSpool
) -> None:
    channel = StubChannel("chat", errors=[ChannelRefused("chat", "chat answered 400")])
    walk = make_journey(store, channels={"chat": channel}, spool=spool)
    reply = approved(walk)

    with closing(store):
        assert walk.delivery.deliver(reply.id) is ReplyStage.FAILED

"""The sender: it finds by itself what may leave, and no channel holds up another."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace

import pytest

from care.breaker import ENOUGH
from care.errors import ChannelBusy, ChannelUnclear, Unreachable
from care.journey import Journey
from care.ports import utc_now
from care.reply import Approval, Reply, ReplyStage
from store.work import SqlStore, open_store
from tests.doubles import ANNA, StubChannel, inbound
from workers.run import send
from workers.sending import Sender

LONG_S = 60.0


@dataclass
class GatedChannel(StubChannel):
    """A network that answers once its gate is open. asked: how many sends wait or are done; times: of each."""

    gate: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)

    def send(self, reply: Reply) -> str:
        self.asked.append(reply.id)
        assert self.gate.wait(20)
        return super().send(reply)


@pytest.fixture
def live_store(sqlite_url: str) -> Iterator[SqlStore]:
    """By the database's own clock."""
    with closing(open_store(sqlite_url)) as store:
        with store() as work:
            work.access.add_person(ANNA)
        yield store


Make = Callable[..., Journey]


def walk_on(live_store: SqlStore, make_journey: Make, *channels: StubChannel, undo_s: float = 0.0) -> Journey:
    named = {channel.name: channel for channel in channels}
    return make_journey(live_store, channels=named, clock=utc_now, undo_s={"*": undo_s})


def approved(walk: Journey, channel: str, n: int = 1) -> Reply:
    where = {"channel": channel, "outside_id": f"{channel}{n}", "thread_key": f"{channel}{n}", "handle": f"kim{n}"}
    [message_id] = walk.receive([inbound(written_at=utc_now(), **where)])  # type: ignore[arg-type]
    walk.prepare(message_id)
    with walk.store(read=True) as work:
        suggestion = work.cases.file(message_id).suggestion
    assert suggestion is not None
    return walk.approve(suggestion.id, Approval(by=ANNA.id, text="We are on it.", version=1))


def until(is_so: Callable[[], object]) -> None:
    ends_at = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < ends_at, "it did not happen"
        time.sleep(0.005)


def test_a_reply_leaves_when_its_undo_window_ends_and_not_before(live_store: SqlStore, make_journey: Make) -> None:
    channel = StubChannel("chat")
    walk = walk_on(live_store, make_journey, channel, undo_s=0.4)
    # It looks once a minute; the bell at approval tells it when to look.
    with Sender(walk.delivery, timeout_s=30, look_s=LONG_S) as sender:
        reply = approved(walk, "chat")
        sender.deliver(reply.id)
        until(lambda: channel.takes)
        assert utc_now() >= reply.sending.not_before

    with live_store() as work:
        assert work.replies.get(reply.id).sending.stage is ReplyStage.SENT


def test_without_any_bell_it_finds_what_waits(live_store: SqlStore, make_journey: Make) -> None:
    channel = StubChannel("chat")
    walk = walk_on(live_store, make_journey, channel)
    first = approved(walk, "chat", 1)

    with Sender(walk.delivery, timeout_s=30, look_s=0.02):
        second = approved(walk, "chat", 2)
        until(lambda: len(channel.takes) == 2)

    assert [taken.id for taken in channel.takes] == [first.id, second.id]


def test_a_channel_that_hangs_holds_up_no_other(live_store: SqlStore, make_journey: Make) -> None:
    hanging, healthy = GatedChannel("chat"), StubChannel("mail")
    walk = walk_on(live_store, make_journey, hanging, healthy)
    stuck = [approved(walk, "chat", n) for n in range(3)]
    free = [approved(walk, "mail", n) for n in range(3)]

    with Sender(walk.delivery, timeout_s=30, look_s=LONG_S):
        until(lambda: len(healthy.takes) == 3)
        # One at a time: a process that dies leaves one reply that nobody can be sure of.
        assert hanging.asked == [stuck[0].id]
        assert hanging.takes == []
        hanging.gate.set()
        until(lambda: len(hanging.takes) == 3)

    assert [taken.id for taken in healthy.takes] == [reply.id for reply in free]


def test_a_channel_that_takes_a_key_once_has_several_under_way(live_store: SqlStore, make_journey: Make) -> None:
    channel = GatedChannel("chat", is_idempotent=True)
    walk = walk_on(live_store, make_journey, channel)
    for n in range(6):
        approved(walk, "chat", n)

    with Sender(walk.delivery, timeout_s=30, look_s=LONG_S):
        until(lambda: len(channel.asked) == 4)
        channel.gate.set()
        until(lambda: len(channel.takes) == 6)


def test_a_channel_that_names_an_hour_is_not_asked_before_it(live_store: SqlStore, make_journey: Make) -> None:
    busy, other = StubChannel("chat", errors=[ChannelBusy("chat", retry_after_s=3600)]), StubChannel("mail")
    walk = walk_on(live_store, make_journey, busy, other)
    for n in range(3):
        approved(walk, "chat", n)
    approved(walk, "mail")

    with Sender(walk.delivery, timeout_s=30, look_s=0.01):
        until(lambda: other.takes and not busy.errors)
        time.sleep(0.1)

    assert busy.takes == []


def test_a_channel_that_never_answers_is_left_alone_after_a_few_tries(live_store: SqlStore, make_journey: Make) -> None:
    errors: list[Exception | None] = [ChannelUnclear("chat", "no answer") for _ in range(ENOUGH)]
    broken = StubChannel("chat", errors=errors)
    walk = walk_on(live_store, make_journey, broken)
    replies = [approved(walk, "chat", n) for n in range(ENOUGH + 2)]

    with Sender(walk.delivery, timeout_s=30, look_s=0.01):
        until(lambda: not broken.errors)
        time.sleep(0.1)

    assert broken.takes == []
    with live_store() as work:
        stages = [work.replies.get(reply.id).sending.stage for reply in replies]
    assert stages == [ReplyStage.UNKNOWN] * ENOUGH + [ReplyStage.PENDING] * 2


def test_who_is_told_to_stop_ends_what_is_under_way_and_begins_nothing_more(
    live_store: SqlStore, make_journey: Make
) -> None:
    channel = GatedChannel("chat")
    walk = walk_on(live_store, make_journey, channel)
    first, second = (approved(walk, "chat", n) for n in range(2))
    sender = Sender(walk.delivery, timeout_s=30, look_s=0.01)
    sender.__enter__()
    until(lambda: channel.asked)

    stopping = threading.Thread(target=sender.__exit__, args=(None, None, None))
    stopping.start()
    until(lambda: sender.is_over)
    channel.gate.set()
    stopping.join(20)

    with live_store() as work:
        assert work.replies.get(first.id).sending.stage is ReplyStage.SENT
        assert work.replies.get(second.id).sending.stage is ReplyStage.PENDING


def test_while_the_queue_is_away_replies_go_out_without_bells(
    live_store: SqlStore, make_journey: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.run.QUEUE_REST_S", 0.01)
    channel = StubChannel("chat")
    walk = walk_on(live_store, make_journey, channel)
    approved(walk, "chat")

    def listen(sender: Sender) -> None:
        if not channel.takes:
            raise Unreachable("The queue server is away.")

    send(walk.delivery, listen, threading.Event(), timeout_s=30)

    assert len(channel.takes) == 1


def test_what_breaks_in_one_send_is_tried_again_and_stops_nobody(live_store: SqlStore, make_journey: Make) -> None:
    channel = StubChannel("chat")
    walk = walk_on(live_store, make_journey, channel)
    approved(walk, "chat")
    n_read: list[int] = []

    class Broken:
        def __call__(self, **named: bool) -> object:
            n_read.append(1)
            if len(n_read) < 3:
                raise Unreachable("The database is away.")
            return live_store(**named)

    delivery = replace(walk.delivery, store=Broken())  # type: ignore[arg-type]
    with Sender(delivery, timeout_s=30, look_s=0.01):
        until(lambda: channel.takes)

    assert len(channel.takes) == 1


def test_a_stop_is_not_lost_when_the_queue_goes_away_in_the_same_moment(
    live_store: SqlStore, make_journey: Make
) -> None:
    is_stopped = threading.Event()
    listened: list[Sender] = []

    def stopped_while_the_queue_dies(sender: Sender) -> None:
        listened.append(sender)
        is_stopped.set()
        raise Unreachable("The queue server is away.")

    send(walk_on(live_store, make_journey).delivery, stopped_while_the_queue_dies, is_stopped, timeout_s=1)

    assert len(listened) == 1

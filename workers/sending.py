"""The sender: looks in the store for what may leave, and sends it on lanes, one a channel.

A bell at approval has it look, and look again when the undo window ends; without a bell it looks every second. A
channel that hangs holds up its own lane and no other.
"""

import os
import threading
import time
from dataclasses import dataclass, field

import structlog

from care.breaker import Breaker
from care.delivery import Delivery
from care.errors import ChannelBusy, Unreachable
from care.ports import DELIVER
from care.reply import ReplyStage

log = structlog.get_logger("tactful.worker")

LOOK_S = 1.0
"""How often it looks without a bell."""

WIDTH = 4
"""Replies under way at once on a channel that takes one key once. On any other it is one: a process that dies then
leaves one that nobody can be sure of."""

PATIENCE_S = 10.0
"""How long past its time a send may hang before this process ends itself."""

EXIT_HUNG = 70


@dataclass(slots=True)
class Lane:
    """What is under way on one channel: when each began."""

    channel: str
    width: int
    breaker: Breaker = field(default_factory=Breaker)
    under_way: dict[str, float] = field(default_factory=dict)

    def is_shut(self, now: float) -> bool:
        """Whether nothing more may begin now."""
        width = 1 if self.breaker.is_on_trial else self.width
        return len(self.under_way) >= width or self.breaker.is_open(now)

    def longest_s(self, now: float) -> float:
        return max((now - began for began in list(self.under_way.values())), default=0.0)


class Sender:
    """Sends what people approved while it is open. timeout_s: how long one send may take.

    Satisfies what a job needs of `Delivery`: its bell only makes this look.
    """

    def __init__(self, delivery: Delivery, *, timeout_s: float, look_s: float = LOOK_S) -> None:
        self._delivery = delivery
        self._timeout_s = timeout_s
        self._look_s = look_s
        self._lanes = {name: Lane(name, WIDTH if one.is_idempotent else 1) for name, one in delivery.channels.items()}
        self._look_now = threading.Event()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lookout", daemon=True)

    def deliver(self, reply_id: str) -> None:
        """A bell: something was approved. Returns at once."""
        self._look_now.set()

    def __enter__(self) -> "Sender":
        """Begins to look. What is still kept beside the store is for the sweep."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Begins nothing more, and waits for what is under way."""
        self._is_over.set()
        self._look_now.set()
        self._thread.join()
        self._until_quiet(self._timeout_s)

    @property
    def is_over(self) -> bool:
        """Whether it was told to begin nothing more."""
        return self._is_over.is_set()

    def _run(self) -> None:
        while not self._is_over.is_set():
            self._look_now.wait(self._look())
            self._look_now.clear()

    def _look(self) -> float:
        """Begin what may leave. Returns for how long there is nothing to look for, unless a bell rings."""
        now = time.monotonic()
        if any(lane.longest_s(now) > self._timeout_s + PATIENCE_S for lane in self._lanes.values()):
            self._end_hung()
        shut = [lane.channel for lane in self._lanes.values() if lane.is_shut(now)]
        try:
            with self._delivery.store(read=True) as work:
                due = work.replies.due(except_on=shut, limit=WIDTH * 10)
                next_s = work.replies.next_due_s()
        except Unreachable as error:
            log.warning("outbox not read", exc_info=error)
            return self._look_s
        for reply_id, channel in due:
            lane = self._lanes.setdefault(channel, Lane(channel, 1))
            if reply_id not in lane.under_way and not lane.is_shut(now) and not self._is_over.is_set():
                lane.under_way[reply_id] = now
                threading.Thread(target=self._send, args=(lane, reply_id), name=f"send-{channel}", daemon=True).start()
        return self._look_s if next_s is None else min(self._look_s, next_s)

    def _send(self, lane: Lane, reply_id: str) -> None:
        try:
            stage = self._delivery.deliver(reply_id)
        except ChannelBusy as error:
            self._put_off(lane, reply_id, error)
        except Exception as error:
            # The store knows how far it came: its lease runs out, or it waits again.
            log.error("job failed", job=DELIVER, id=reply_id, exc_info=error)
            lane.breaker.rest(self._look_s, time.monotonic())
        else:
            log.info("job done", job=DELIVER, id=reply_id)
            if stage is ReplyStage.UNKNOWN:
                lane.breaker.failed(time.monotonic())
            elif stage in (ReplyStage.SENT, ReplyStage.FAILED):
                lane.breaker.succeeded()
        finally:
            lane.under_way.pop(reply_id, None)
            self._look_now.set()

    def _put_off(self, lane: Lane, reply_id: str, error: ChannelBusy) -> None:
        now = time.monotonic()
        if error.retry_after_s is not None:
            lane.breaker.rest(error.retry_after_s, now)
        else:
            lane.breaker.failed(now)
        rests_s = max(0.0, lane.breaker.rests_until - now)
        log.info("channel busy", id=reply_id, channel=error.channel, rests_s=round(rests_s, 1))

    def _until_quiet(self, patience_s: float) -> None:
        ends_at = time.monotonic() + patience_s
        while any(lane.under_way for lane in self._lanes.values()) and time.monotonic() < ends_at:
            time.sleep(0.02)

    def _end_hung(self) -> None:
        """A send sits where nothing reaches it: let the others end, then end this process."""
        log.error("a send hangs: this worker ends itself")
        self._until_quiet(PATIENCE_S)
        os._exit(EXIT_HUNG)

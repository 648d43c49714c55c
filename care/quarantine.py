"""What a channel signed and nobody can read: kept masked, counted, shown with the reason, and tried again later.

A network sends again for ever what is refused, and ends its subscription at last; so it is told that we have it.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from care.errors import BadInput, BadStep, NotFound, TactfulError, Unreachable
from care.failpoints import Point, reach
from care.ids import new_id
from care.message import Inbound
from care.ports import Channel, Clock, Receipt, Redactor
from care.reply import Reply
from care.unit_of_work import Store
from care.unreadable import Door, Quarantined

log = logging.getLogger("tactful.quarantine")

MOST_ITEMS = 5_000
MOST_CHARACTERS = 64 * 1024**2
"""How much is kept; more is answered 503, so that its network keeps it."""
LONGEST = 256 * 1024
"""Characters of one item. What is longer is cut, to be looked at; only its network has all of it."""
LONGEST_PROBLEM = 300

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unread:
    """What of one payload was put aside. position: its place in the payload, from 0."""

    id: str
    position: int
    problem: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one payload of messages. new: ids of those that nobody knew."""

    inbound: Sequence[Inbound]
    new: Sequence[str]
    unread: Sequence[Unread] = ()


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Takes in payloads so that what is wrong with one item refuses no other.

    receive, acknowledge: what is done with what can be read, as `care.journey.Journey` does it.
    """

    store: Store
    redactor: Redactor
    clock: Clock
    receive: Callable[[Sequence[Inbound]], list[str]]
    acknowledge: Callable[[str, Receipt], Reply]

    def take_messages(self, channel: Channel, raw: bytes) -> Taken:
        """Keep the messages of one payload. Raises Unreachable when not all of it can be kept now."""
        try:
            inbound = channel.parse(raw)
            return Taken(inbound, self.receive(inbound))
        except Exception as error:  # noqa: BLE001  whatever a parser fails with
            _unless_ours(error)
        pieces = _pieces(channel, raw)
        read, failed = _each(pieces, channel.parse)
        inbound, new = self._received(read, failed)
        return Taken(inbound, new, self._put_aside(channel, Door.MESSAGES, pieces, failed))

    def _received(self, read: dict[int, list[Inbound]], failed: dict[int, str]) -> tuple[list[Inbound], list[str]]:
        """Keep what was read; what cannot be kept by itself either comes to what failed."""
        inbound = [message for messages in read.values() for message in messages]
        try:
            return inbound, self.receive(inbound)
        except Exception as error:  # noqa: BLE001  one of them cannot be kept
            _unless_ours(error)
        inbound, new = [], []
        for position, messages in read.items():
            try:
                new += self.receive(messages)
                inbound += messages
            except Exception as error:  # noqa: BLE001  this one
                failed[position] = _problem(error)
        return inbound, new

    def take_receipts(self, channel: Channel, raw: bytes) -> tuple[int, Sequence[Unread]]:
        """Note what became of replies. Returns how many were read, and what could not be.

        Raises NotFound, after all others are noted, for one that names no reply of ours: it may have come too early.
        """
        pieces = _pieces(channel, raw)
        read, failed = _each(pieces, channel.parse_receipts)
        missing: NotFound | None = None
        for receipt in (receipt for receipts in read.values() for receipt in receipts):
            try:
                self.acknowledge(channel.name, receipt)
            except NotFound as error:
                missing = missing or error
        unread = self._put_aside(channel, Door.RECEIPTS, pieces, failed)
        if missing is not None:
            raise missing
        return sum(len(receipts) for receipts in read.values()), unread

    def retry(self, channels: Mapping[str, Channel], item_id: str, *, by: str) -> int:
        """Try an item once more, as after an upgrade. Returns how many messages or receipts were in it.

        channels: those there are now, by name. Raises NotFound, and BadStep when its channel is gone, it still cannot
        be read, or only a part of it is kept.
        """
        with self.store(read=True) as work:
            item = work.quarantine.get(item_id)
        channel = channels.get(item.channel)
        if channel is None:
            raise BadStep(f"There is no channel {item.channel} any more.")
        if item.content is None or not item.is_whole:
            raise BadStep("Not all of it is kept: have the network send it again, or drop it.")
        raw = item.content.encode()
        try:
            if item.door is Door.MESSAGES:
                messages = channel.parse(raw)
                self.receive(messages)
                n = len(messages)
            else:
                receipts = channel.parse_receipts(raw)
                for receipt in receipts:
                    self.acknowledge(channel.name, receipt)
                n = len(receipts)
        except Exception as error:
            problem = _problem(error)
            with self.store() as work:
                work.quarantine.failed_again(item_id, problem=problem)
            raise BadStep(f"It still cannot be read: {problem}") from error
        reach(Point.QUARANTINE_TAKEN)
        # Killed before this, it stays here and is tried again: what it holds is kept once.
        self._remove(item, by=by, event="quarantine.taken", facts={"channel": item.channel, "n": n})
        return n

    def drop(self, item_id: str, *, by: str) -> None:
        """Remove it unread. Raises NotFound."""
        with self.store(read=True) as work:
            item = work.quarantine.get(item_id)
        self._remove(item, by=by, event="quarantine.dropped", facts={"channel": item.channel})

    def _remove(self, item: Quarantined, *, by: str, event: str, facts: dict[str, object]) -> None:
        with self.store() as work:
            if work.quarantine.remove(item.id):
                work.note(event, item.id, by=by, facts=facts)

    def _put_aside(
        self, channel: Channel, door: Door, pieces: Sequence[bytes], failed: dict[int, str]
    ) -> Sequence[Unread]:
        if not failed:
            return ()
        # Masking takes time, and no transaction is open while it does.
        items = {
            position: self._item(channel, door, pieces[position], problem)
            for position, problem in sorted(failed.items())
        }
        with self.store() as work:
            n, n_characters = work.quarantine.size()
            more = sum(len(item.content or "") for item in items.values())
            if n + len(items) > MOST_ITEMS or n_characters + more > MOST_CHARACTERS:
                raise Unreachable(f"What cannot be read is kept in {MOST_ITEMS:,} places, and all of them are full.")
            unread = []
            for position, item in items.items():
                id = work.quarantine.keep(item)
                if id == item.id:
                    facts = {"channel": channel.name, "door": str(door)}
                    work.note("quarantine.kept", id, by="channel", facts=facts)
                unread.append(Unread(id, position, item.problem))
        log.warning("%d of %d items of %s could not be read", len(unread), len(pieces), channel.name)
        return unread

    def _item(self, channel: Channel, door: Door, raw: bytes, problem: str) -> Quarantined:
        now = self.clock()
        content = _masked(channel, raw, self.redactor)
        return Quarantined(
            id=new_id("qtn", now=now),
            channel=channel.name,
            door=door,
            problem=problem,
            content=None if content is None else content[:LONGEST],
            is_whole=content is not None and len(content) <= LONGEST,
            n_bytes=len(raw),
            digest=hashlib.sha256(raw).hexdigest(),
            first_at=now,
            last_at=now,
        )


def _pieces(channel: Channel, raw: bytes) -> Sequence[bytes]:
    try:
        return channel.split(raw)
    except Exception:  # noqa: BLE001  what cannot be parted is one piece
        return [raw]


def _each(pieces: Sequence[bytes], parse: Callable[[bytes], list[T]]) -> tuple[dict[int, list[T]], dict[int, str]]:
    """By position, what could be read, and why the rest could not."""
    read: dict[int, list[T]] = {}
    failed: dict[int, str] = {}
    for position, piece in enumerate(pieces):
        try:
            read[position] = parse(piece)
        except Exception as error:  # noqa: BLE001  whatever a parser fails with
            failed[position] = _problem(error)
    return read, failed


def _problem(error: Exception) -> str:
    """Why something could not be read. Raises what is not about the thing itself, such as a store that is away."""
    _unless_ours(error)
    if isinstance(error, BadInput):
        return str(error)[:LONGEST_PROBLEM]
    # Its words could quote the customer; its class is enough to find it.
    log.error("what came in could not be read: %s", type(error).__name__)
    return f"tactful failed with {type(error).__name__} on it; that is an error of tactful."


def _unless_ours(error: Exception) -> None:
    if isinstance(error, TactfulError) and not isinstance(error, BadInput):
        raise error


def _masked(channel: Channel, raw: bytes, redactor: Redactor) -> str | None:
    try:
        return channel.masked(raw, redactor)
    except Exception as error:  # noqa: BLE001  what cannot be checked is withheld
        log.error("unreadable item withheld: %s", type(error).__name__)
        return None

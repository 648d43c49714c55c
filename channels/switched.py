"""A channel that is set up and rehearses until a person switched it on; from then on it sends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from care.message import Inbound
from care.ports import Channel, Receipt, Redactor, Remembering
from care.reply import Reply
from channels.rehearsal import RehearsalChannel


@dataclass(slots=True)
class SwitchedChannel:
    """What comes in is read as the real channel reads it, from the first day; what goes out waits for the switch.

    is_on: whether it was switched on; asked until it says so once. A reply that was written in rehearsal is only ever
    rehearsed, whatever the switch says by then.
    """

    real: Channel
    rehearsal: RehearsalChannel
    is_on: Callable[[], bool]
    name: str = field(init=False)
    is_public: bool = field(init=False)
    is_idempotent: bool = field(init=False)
    _was_on: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.name = self.real.name
        self.is_public = self.real.is_public
        self.is_idempotent = self.real.is_idempotent

    @property
    def is_rehearsal(self) -> bool:
        self._was_on = self._was_on or self.is_on()
        return not self._was_on

    def verify(self, headers: Mapping[str, str], raw: bytes) -> None:
        self.real.verify(headers, raw)

    def parse(self, raw: bytes) -> list[Inbound]:
        return self.real.parse(raw)

    def split(self, raw: bytes) -> list[bytes]:
        return self.real.split(raw)

    def masked(self, raw: bytes, redactor: Redactor) -> str:
        return self.real.masked(raw, redactor)

    def parse_receipts(self, raw: bytes) -> list[Receipt]:
        return self.real.parse_receipts(raw)

    def send(self, reply: Reply) -> str:
        return (self.rehearsal if reply.sending.is_rehearsal or self.is_rehearsal else self.real).send(reply)

    def receipt_of(self, reply: Reply) -> str | None:
        """Satisfies ports.Remembering, as far as the channel itself does."""
        if reply.sending.is_rehearsal or self.is_rehearsal:
            return self.rehearsal.receipt_of(reply)
        return self.real.receipt_of(reply) if isinstance(self.real, Remembering) else None

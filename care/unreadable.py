"""What came in, was signed, and could not be read: one item of it, and where it is kept."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Door(StrEnum):
    """Where something was handed in."""

    MESSAGES = "messages"
    RECEIPTS = "receipts"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One message or receipt that could not be read.

    problem: why, without the customer's words. content: all that may be kept of it, masked; None where it could not be
    checked. is_whole: whether it can be tried again. n_bytes: how large it was. n_seen: how often it was handed in.
    """

    id: str
    channel: str
    door: Door
    problem: str
    content: str | None
    is_whole: bool
    n_bytes: int
    digest: str
    first_at: datetime
    last_at: datetime
    n_seen: int = 1
    n_tries: int = 0


class QuarantineShelf(Protocol):
    """What could not be read."""

    def keep(self, item: Quarantined) -> str:
        """Keep it; handed in again it is counted. Returns the id that it has."""
        ...

    def size(self) -> tuple[int, int]:
        """How many there are, and how many characters of them."""
        ...

    def get(self, item_id: str) -> Quarantined:
        """Raises NotFound."""
        ...

    def page(self, *, channel: str | None = None, limit: int = 200) -> list[Quarantined]:
        """The latest first."""
        ...

    def failed_again(self, item_id: str, *, problem: str) -> None:
        """It was tried once more, and this is why it still cannot be read."""
        ...

    def remove(self, item_id: str) -> bool:
        """False when it was not there any more."""
        ...

    def forget(self, *, before: datetime) -> int:
        """Remove what was last handed in before. Returns how many."""
        ...

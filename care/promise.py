"""Promises: an hour that a reply quotes, and what became of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self


class PromiseState(StrEnum):
    OPEN = "open"
    KEPT = "kept"
    """We answered, or the matter was resolved, by the hour."""
    BROKEN = "broken"
    """The hour passed first."""
    MOVED = "moved"
    """A later reply, sent before the hour, quoted another one."""
    WITHDRAWN = "withdrawn"
    """The reply that made it never went out."""


@dataclass(frozen=True, slots=True)
class Promise:
    """By when we said the customer hears from us. look_at: when the case comes back to whoever is to keep it."""

    id: str
    case_id: str
    reply_id: str
    until: datetime
    look_at: datetime
    made_by: str
    made_at: datetime
    state: PromiseState = PromiseState.OPEN
    ended_at: datetime | None = None
    ended_by: str | None = None
    """The reply that kept or moved it: what is taken back ends nothing."""

    @property
    def is_open(self) -> bool:
        return self.state is PromiseState.OPEN

    def ended(self, state: PromiseState, *, at: datetime, by: str | None = None) -> Self:
        """This promise with its end; one whose hour has passed is broken, whatever is said afterwards."""
        became = PromiseState.BROKEN if at > self.until and state is not PromiseState.WITHDRAWN else state
        return replace(self, state=became, ended_at=at, ended_by=by)

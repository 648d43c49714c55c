"""A matter taken offline, as states: it starts in public and must be closed where it began."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Self


class OfflineState(StrEnum):
    OPEN = "open"
    """The customer has to be reached on a safe channel."""
    CONTACTED = "contacted"
    """Reached there; the loop is not yet closed where it began."""
    CLOSED = "closed"
    """Closed in a reply on the channel where it began."""
    WAIVED = "waived"
    """A person signed a reason why closing there is not needed."""


STILL_OPEN = (OfflineState.OPEN, OfflineState.CONTACTED)

NEXT: dict[OfflineState, frozenset[OfflineState]] = {
    OfflineState.OPEN: frozenset({OfflineState.CONTACTED, OfflineState.WAIVED}),
    OfflineState.CONTACTED: frozenset({OfflineState.CLOSED, OfflineState.WAIVED}),
    # Its closing reply was taken back.
    OfflineState.CLOSED: frozenset({OfflineState.CONTACTED}),
    OfflineState.WAIVED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class OfflineTask:
    """One matter that left the open; its thread cannot be resolved while `is_open`.

    owner: the team that has it, then the person who took the last step.
    """

    id: str
    thread_id: str
    message_id: str
    categories: tuple[str, ...]
    state: OfflineState
    due_at: datetime
    created_at: datetime
    case_id: str = ""
    owner: str | None = None
    changed_by: str | None = None
    changed_at: datetime | None = None
    waiver: str | None = field(default=None, repr=False)

    @property
    def is_open(self) -> bool:
        return self.state in STILL_OPEN

    def moved(self, state: OfflineState, *, by: str, at: datetime, waiver: str | None = None) -> Self:
        """This task at another state.

        Raises ValueError for a move that NEXT does not allow, and for a waiver without a reason.
        """
        if state not in NEXT[self.state]:
            raise ValueError(f"An offline task cannot go from {self.state} to {state}.")
        if state is OfflineState.WAIVED and not (waiver or "").strip():
            raise ValueError("Say why the loop need not be closed where it began.")
        return replace(self, state=state, owner=by, changed_by=by, changed_at=at, waiver=waiver)

"""Hand-overs: a contact or another team has the matter now, and was told so at once."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Self


class HandOverState(StrEnum):
    OPEN = "open"
    """The contact is told, or being told."""
    TAKEN = "taken"
    """The contact said that they have it."""
    ANSWERED = "answered"
    """Their answer is a note on the case; a person tells the customer."""
    CALLED_BACK = "called_back"
    """A person here took the matter back."""
    LAPSED = "lapsed"
    """The hour by which the contact should have answered has passed."""


HAS_IT = (HandOverState.OPEN, HandOverState.TAKEN)
"""States in which somebody else has the matter."""

NEXT: dict[HandOverState, frozenset[HandOverState]] = {
    HandOverState.OPEN: frozenset(HandOverState) - {HandOverState.OPEN},
    HandOverState.TAKEN: frozenset({HandOverState.ANSWERED, HandOverState.CALLED_BACK, HandOverState.LAPSED}),
    # An answer that comes late is still an answer.
    HandOverState.LAPSED: frozenset({HandOverState.TAKEN, HandOverState.ANSWERED, HandOverState.CALLED_BACK}),
    HandOverState.ANSWERED: frozenset(),
    HandOverState.CALLED_BACK: frozenset(),
}


@dataclass(frozen=True, slots=True)
class HandOver:
    """One matter handed to somebody outside the desk.

    to: the team or role of the playbook it went to, such as "safety"; contact: the person or role that is told, as the
    playbook names them. opened_by: a person's id, or "tactful" where a decision asked for it. until: by when the
    contact should have answered. answered_at: when the one answer came; the link in the notice is spent then.
    """

    id: str
    case_id: str
    message_id: str
    to: str
    contact: str
    opened_by: str
    opened_at: datetime
    until: datetime
    state: HandOverState = HandOverState.OPEN
    reason: str = field(default="", repr=False)
    answered_at: datetime | None = None
    changed_by: str | None = None
    changed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody else has the matter now."""
        return self.state in HAS_IT

    def moved(self, state: HandOverState, *, by: str, at: datetime) -> Self:
        """This hand-over at another state. Raises ValueError for a move that NEXT does not allow."""
        if state not in NEXT[self.state]:
            raise ValueError(f"This hand-over is {self.state.value.replace('_', ' ')} already.")
        answered_at = at if state is HandOverState.ANSWERED else self.answered_at
        return replace(self, state=state, changed_by=by, changed_at=at, answered_at=answered_at)

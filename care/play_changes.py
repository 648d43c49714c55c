"""What people propose for plays out of their own replies, and what was written into the files of plays since."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class ChangeState(StrEnum):
    PROPOSED = "proposed"
    """Words that somebody would rather say; a lead takes or declines them, and the proposal is gone."""
    MADE = "made"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class PlayChange:
    """One change of a play. by, at: who proposed or made it, and when.

    before, after: the file, whole, as it was and as it became; of a proposal only the words, in `after`. case_id: of a
    proposal, the case whose reply it comes from; it goes with that case.
    """

    id: str
    play_id: str
    state: ChangeState
    by: str
    at: datetime
    after: str = field(repr=False)
    before: str = field(default="", repr=False)
    reason: str = ""
    case_id: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


class PlayChanges(Protocol):
    """Proposals that wait, and the history of edits."""

    def add(self, change: PlayChange) -> None: ...

    def get(self, change_id: str) -> PlayChange:
        """Raises NotFound."""
        ...

    def of_play(self, play_id: str) -> list[PlayChange]:
        """The latest first."""
        ...

    def proposed(self) -> dict[str, int]:
        """By play, how many proposals wait."""
        ...

    def undo(self, change_id: str, *, by: str, at: datetime) -> bool:
        """Mark an edit as undone. False when it is already."""
        ...

    def drop(self, change_id: str) -> bool:
        """Remove a proposal. False when it is gone."""
        ...

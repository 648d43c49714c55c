"""What people make of drafts: taken as they are, edited or rejected; and the plays somebody should mend."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DraftOutcome:
    """One draft and its fate. play: "id@hash8". sent: the text that went out, "" when it was rejected. Both masked."""

    play: str
    draft: str = field(repr=False)
    sent: str = field(repr=False)
    is_sent: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """What a customer of a solved case wrote, masked, and what we answered.

    customer: who it is, in our own ids. names: what the customer, and who of us wrote it, are called.
    """

    case_id: str
    customer: str
    channel: str
    text: str = field(repr=False)
    reply: str = field(repr=False)
    answered_at: datetime
    names: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class PlayCount:
    """The counts of one play. edits: how often each kind of edit was made. share_kept: 0 to 1, of the draft's words."""

    play_id: str
    n_shown: int
    n_accepted: int
    n_edited: int
    n_rejected: int
    edits: tuple[tuple[str, int], ...] = ()
    share_kept: float = 1.0


@dataclass(frozen=True, slots=True)
class PlayFlag:
    """Something the owner of a play should look at. play: the version it is about.

    change: what people keep making of it, before and after; None: it was rejected again and again.
    """

    play: str
    what: str
    owner: str = ""
    change: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def play_id(self) -> str:
        return self.play.partition("@")[0]

    @property
    def kind(self) -> str:
        return "rejected" if self.change is None else "rewritten"


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """The first answer of a conversation, and until when we had published it would come. answered_at: None: not yet."""

    promised_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class GoalLine:
    """One goal of the playbook: `target` of `of`, and what was measured over `n_cases`; None: nothing yet."""

    name: str
    target: float
    of: float
    measured: float | None
    n_cases: int
    baseline: str = ""

    @property
    def is_reached(self) -> bool | None:
        return None if self.measured is None else self.measured >= self.target

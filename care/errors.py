"""Every error tactful raises on purpose.

    TactfulError
    ├── BadInput                 what we were given cannot be used
    │   ├── BadCursor            a place in a list
    │   ├── BadPayload           a channel's payload
    │   ├── BadSignature         it does not come from who it says
    │   ├── BadTrainingData      a training file; carries the whole report
    │   ├── BadPlaybook          a playbook folder; carries the list of problems
    │   ├── BadReply             a text that may not go out as it is
    │   │   └── SensitiveBlocked     it holds a card number, a password, ...
    │   ├── BadStep              what a person asks for cannot be done so; its words repeat nothing of what was sent
    │   └── BadSettings          configuration
    ├── NotFound                 no such thing
    │   └── UnknownPerson            nobody here has this id
    ├── NotAllowed               not for this principal
    ├── Conflict                 somebody or something was first
    │   ├── AlreadyDecided       somebody answered this suggestion
    │   └── StaleVersion         it changed since it was read
    ├── BundleError              trained files that do not load
    ├── ChannelError
    │   ├── ChannelBusy          come back later; nothing was sent
    │   ├── ChannelRefused       will never be accepted as it is; nothing was sent
    │   └── ChannelUnclear       it may or may not have been sent
    └── Unreachable              queue, database or server is not there

Errors know nothing of HTTP (`api/failures.py` does) and never carry a customer's text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_PERSON_ID = re.compile(r"per_[A-Za-z0-9_]{1,40}")


class TactfulError(Exception):
    """Something went wrong that we foresaw; the message says what, where and what to do."""


class BadInput(TactfulError):
    """What we were given cannot be used as it is."""


class BadCursor(BadInput):
    """A place in a list that we did not give, or gave for another list."""


class BadPayload(BadInput):
    """A channel's payload does not have the shape we know."""


class BadSignature(BadInput):
    """The request is not signed by who it says it is from."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and the way out."""

    where: str
    what: str
    fix: str = ""

    def __str__(self) -> str:
        fix = f" ({self.fix})" if self.fix else ""
        return f"{self.where}: {self.what}{fix}"


class BadTrainingData(BadInput):
    """A training file cannot be learnt from; `problems` is the whole report."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class BadPlaybook(BadInput):
    """A playbook cannot be used; `problems` names each file and line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class BadStep(BadInput):
    """What a person asks for cannot be done so. Its words are ours alone, so that everybody may read them."""


class BadSettings(BadInput):
    """The configuration cannot be used."""


class BadReply(BadInput):
    """This text may not go out as it is. part: which of the texts of one act, as the API calls it."""

    def __init__(self, problems: Sequence[Problem], *, part: str = "text") -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
        self.part = part


class SensitiveBlocked(BadReply):
    """The reply holds a sensitive value; the problems name its kind and place, never the value."""


class NotFound(TactfulError):
    """There is no such thing."""

    def __init__(self, kind: str, id: str) -> None:
        super().__init__(f"There is no {kind} {id}.")
        self.kind = kind
        self.id = id


class UnknownPerson(NotFound):
    """Nobody here has this id. What is said repeats an id of our own shape only: anything else could be anything."""

    def __init__(self, id: str) -> None:
        super().__init__("person", id)
        who = id if _PERSON_ID.fullmatch(id) else "the id that was sent"
        self.said = (
            f"Nobody here has {who}. A case is given to a person by their id, as in per_…; "
            "GET /v1/people lists everybody with theirs, and so does `tactful people list`."
        )

    def __str__(self) -> str:
        return self.said


class NotAllowed(TactfulError):
    """This principal may not do that."""


class Conflict(TactfulError):
    """Somebody or something was first. state: what it is now; by: the person who made it so, where one did."""

    def __init__(self, message: str, *, state: str | None = None, by: str | None = None) -> None:
        super().__init__(message)
        self.state = state
        self.by = by


class AlreadyDecided(Conflict):
    """Somebody has decided this suggestion."""

    state: str

    def __init__(self, suggestion_id: str, *, state: str, decided_by: str | None) -> None:
        who = decided_by or "someone"
        super().__init__(f"Suggestion {suggestion_id} was already {state} by {who}.", state=state, by=decided_by)
        self.decided_by = decided_by


class StaleVersion(Conflict):
    """It changed since it was read; load it again and look before deciding."""


class BundleError(TactfulError):
    """Trained files are missing, damaged or not ours; the previous bundle keeps serving."""


class ChannelError(TactfulError):
    """A channel did not take what we sent."""

    def __init__(self, channel: str, message: str) -> None:
        super().__init__(message)
        self.channel = channel


class ChannelBusy(ChannelError):
    """Come back later; the channel has provably not taken the reply. retry_after_s: when, where the channel said so."""

    def __init__(self, channel: str, *, retry_after_s: float | None = None) -> None:
        when = "later" if retry_after_s is None else f"in {retry_after_s:.0f} s"
        super().__init__(channel, f"{channel} is busy; come back {when}")
        self.retry_after_s = retry_after_s


class ChannelRefused(ChannelError):
    """The channel will never take this reply as it is."""


class ChannelUnclear(ChannelError):
    """The reply may or may not have gone out; a look-up, the same key once more, or a person can tell.

    retry_after_s: when the channel wants to hear the same key again, where it said so.
    """

    def __init__(self, channel: str, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(channel, message)
        self.retry_after_s = retry_after_s


class Unreachable(TactfulError):
    """Something tactful needs is not there."""

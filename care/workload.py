"""What comes in and how long it takes: the arrivals and handle times that staffing is planned from, and a team's rules.

An arrival is a message that a person wrote and that asks for an answer, unless its customer wrote again before anybody
answered: of several in a row the last one counts. Samples, history, rehearsals, what machines wrote and what needs no
answer are none. A handling is the time for which the person who sent a reply had its case open before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from care.surge import Minute
from care.value import TimedReply

QUARTER = timedelta(minutes=15)
"""Arrivals are counted by quarter of an hour: no time zone has half hours that begin elsewhere."""
LONGEST_HANDLING = timedelta(hours=1)
"""A case that was open for longer was left open."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many came in a quarter of an hour; at: when it began."""

    at: datetime
    team: str
    channel: str
    n: int


@dataclass(frozen=True, slots=True)
class Handled:
    """How many replies a team sent on a channel, and for how long in all their cases had been open before."""

    team: str
    channel: str
    n: int
    total: timedelta


@dataclass(frozen=True, slots=True)
class StaffingRules:
    """How a team is staffed.

    share: of arrivals that are answered within `within`; without it, within the internal target of the channel.
    patience: for how long a customer waits on average before they leave (Erlang A); None: nobody leaves (Erlang C).
    shrinkage: the share of paid time in which nobody answers. concurrency: cases that one person works on at once.
    occupancy: the most of their time in which people answer. handle: where too little was measured. zone: "" for that
    of the playbook.
    """

    share: float = 0.9
    within: timedelta | None = None
    patience: timedelta | None = None
    shrinkage: float = 0.3
    concurrency: float = 1.0
    occupancy: float = 0.85
    handle: timedelta | None = None
    zone: str = ""


@dataclass(frozen=True, slots=True)
class StaffingPolicy:
    """usual: the rules of every team that has none of its own in of_team."""

    usual: StaffingRules = StaffingRules()
    of_team: Mapping[str, StaffingRules] = field(default_factory=dict)

    def rules(self, team: str) -> StaffingRules:
        """The rules of a team; of "": those of all together."""
        return self.of_team.get(team, self.usual)


class Workload(Protocol):
    """What staffing and alarms ask the store."""

    def arrivals(
        self, since: datetime, until: datetime, *, is_every: bool = False, with_samples: bool = False
    ) -> Sequence[Arrivals]:
        """Arrivals from `since` on and before `until`, by quarter of an hour, team and channel.

        is_every: of several messages in a row each. with_samples: those of a demonstration too.
        """
        ...

    def minutes(self, since: datetime, until: datetime) -> Sequence[Minute]:
        """Every message from `since` on and before `until`, by minute, channel and labels."""
        ...

    def mix(self, since: datetime) -> Mapping[tuple[str, bool], int]:
        """Every message since, by intent, and whether it is negative."""
        ...

    def first(self) -> datetime | None:
        """When the first arrival came; None where none did."""
        ...

    def handled(self, since: datetime) -> Sequence[Handled]:
        """Handle times of replies that were sent since, by team and channel."""
        ...

    def timed(self, since: datetime, until: datetime) -> Sequence[TimedReply]:
        """Replies that people sent in this time, each with its handle time, how it came about and what it was about."""
        ...

    def record(self, reply_id: str, case_id: str, *, by: str, seen_s: float) -> None:
        """Keep for how long a person has had a case open who answers now; nothing where they have not.

        seen_s: how long after their page last said so they still count as looking.
        """
        ...

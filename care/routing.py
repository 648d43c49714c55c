"""Routing: who gets a case that waits and is nobody's, and why, in words that stand beside it.

A case goes to whoever answered it before, if they are here and have room. Else it goes to the person with the fewest
cases of those who may take it: by team, channel and language, here, not away, under their load. Of two with as many,
whoever was given one longest ago.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Skills:
    """What one person may be given; empty: whatever comes. most: cases that wait for us and are theirs, at once."""

    teams: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    most: int = 8

    @property
    def is_blended(self) -> bool:
        """Whether they answer on several channels."""
        return len(self.channels) != 1


@dataclass(frozen=True, slots=True)
class RoutingPolicy:
    """Who is given cases, by their mail address in lower case. Nobody: people take their cases themselves.

    language: of a message that no language was found in.
    """

    people: Mapping[str, Skills] = field(default_factory=dict)
    language: str = "en"

    @property
    def is_on(self) -> bool:
        return bool(self.people)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a case asks for. before: who answered it, or this customer, latest first. was: of whom it is taken.

    refused: who gave it back.
    """

    case_id: str
    team: str
    channel: str
    language: str
    before: tuple[str, ...] = ()
    was: str = ""
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Desk:
    """One person who may be given cases now. last: when they were given one, as a number that grows; 0: not yet."""

    person_id: str
    skills: Skills
    load: int
    last: int = 0

    @property
    def has_room(self) -> bool:
        return self.load < self.skills.most

    def may_take(self, wanted: Wanted) -> bool:
        """Whether team, channel and language are theirs."""
        skills = self.skills
        return (
            (not skills.teams or wanted.team in skills.teams)
            and (not skills.channels or wanted.channel in skills.channels)
            and (not skills.languages or wanted.language in skills.languages)
        )


@dataclass(frozen=True, slots=True)
class Given:
    """Who gets a case, and why."""

    person_id: str
    why: str


def give(wanted: Wanted, desks: Sequence[Desk]) -> Given | None:
    """Who gets this case; None where nobody who is here may take it and has room."""
    able = [desk for desk in desks if desk.person_id not in wanted.refused and desk.may_take(wanted) and desk.has_room]
    if not able:
        return None
    absent = "Whoever had it is away. " if wanted.was else ""
    for person_id in wanted.before:
        known = next((desk for desk in able if desk.person_id == person_id), None)
        if known is not None:
            return Given(known.person_id, f"{absent}Answered this customer before; {_room(known)}.")
    chosen = min(able, key=lambda desk: (desk.load, desk.last, desk.person_id))
    of = "Alone may take it now" if len(able) == 1 else f"Has fewest of {len(able)} who may take it"
    skill = ", ".join(
        part
        for part, is_asked in (
            (f"team {wanted.team.replace('_', ' ')}", chosen.skills.teams),
            (f"channel {wanted.channel}", chosen.skills.channels),
            (f"language {wanted.language}", chosen.skills.languages),
        )
        if is_asked
    )
    return Given(chosen.person_id, f"{absent}{of}{f' ({skill})' if skill else ''}; {_room(chosen)}.")


def _room(desk: Desk) -> str:
    return f"had {desk.load} of {desk.skills.most}"

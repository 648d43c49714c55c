"""What a list can be narrowed to, and what it is narrowed to now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.console import wording
from api.console.viewer import Viewer
from api.depends import Parts
from api.narrowing import ME, TASKS, NarrowQuery, address, without
from care.lists import NOBODY, Clock
from care.unit_of_work import Work

SAID = {
    "channel": "Channel",
    "intent": "About",
    "sentiment": "Mood",
    "urgency": "Urgency",
    "team": "Team",
    "tier": "Tier",
    "language": "Language",
    "assignee": "Assigned to",
    "clock": "Clock",
}
CLOCKS = {
    Clock.LATE: "Overdue",
    Clock.SOON: "Due within the hour",
    Clock.LATER: "Due later",
    Clock.NONE: "No clock runs",
    Clock.SNOOZED: "Snoozed",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to narrow by. options: value and how it is said; chosen: the value, "" for none."""

    name: str
    said: str
    options: Sequence[tuple[str, str]]
    chosen: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """One thing a list is narrowed to. where: the same list without it."""

    said: str
    where: str


@dataclass(frozen=True, slots=True)
class NarrowingView:
    """choices: each with at least two options, or chosen now. chosen: what to take away again.

    kept: name and value of each, for a form that searches within. unsearched: the same list without its search.
    """

    choices: Sequence[Choice]
    chosen: Sequence[Chosen]
    kept: Mapping[str, str]
    unsearched: str


def narrowing_view(
    work: Work, parts: Parts, viewer: Viewer, view: str, search: str, narrowed: NarrowQuery
) -> NarrowingView:
    now, options = narrowed.chosen, _options(work, parts, viewer)
    choices = [Choice(name, said, options[name], now.get(name, "")) for name, said in SAID.items()]
    chosen = [
        Chosen(f"{SAID[name]}: {dict(options[name]).get(value, value)}", address(view, search, without(narrowed, name)))
        for name, value in now.items()
    ]
    shown = [choice for choice in choices if len(choice.options) > 1 or choice.chosen]
    return NarrowingView(shown, chosen, now, address(view, "", narrowed))


def _options(work: Work, parts: Parts, viewer: Viewer) -> Mapping[str, Sequence[tuple[str, str]]]:
    labels = work.lists.labels()
    said = {task: [(label, wording.capital(wording.words(label))) for label in labels.get(task, ())] for task in TASKS}
    return {
        **said,
        "channel": [(name, wording.channel(name)) for name in sorted(parts.channels)],
        "assignee": [(ME, "Me"), (NOBODY, "Nobody"), *viewer.others],
        "clock": list(CLOCKS.items()),
    }

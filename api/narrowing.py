"""What a list of cases is narrowed to, as an address says it: the same names in the API and in the console."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, StringConstraints

from care.lists import Clock, Narrowing
from care.saved_view import SavedView

TASKS = ("intent", "sentiment", "urgency", "team", "tier", "language")
ME = "me"
LONGEST_NAME, LONGEST_LABEL = 64, 128
SEARCH = "search"
"""The words of a list among the filters of a saved view."""

Name = Annotated[str, StringConstraints(max_length=LONGEST_NAME)]
Label = Annotated[str, StringConstraints(max_length=LONGEST_LABEL)]


class NarrowQuery(BaseModel):
    """Each part that is left out, or empty, allows everything. assignee: a person's id, `me` or `nobody`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: Name | None = None
    intent: Label | None = None
    sentiment: Label | None = None
    urgency: Label | None = None
    team: Label | None = None
    tier: Label | None = None
    language: Label | None = None
    assignee: Name | None = None
    clock: Clock | None = None

    @property
    def chosen(self) -> dict[str, str]:
        """What is narrowed, by name, in the order of the fields."""
        names = NarrowQuery.model_fields
        return {name: str(value) for name in names if (value := getattr(self, name))}

    def narrowing(self, *, search: str | None, me: str | None) -> Narrowing:
        """me: who asks; None: a program, of which nothing is assigned to it."""
        return Narrowing(
            search=search or "",
            channel=self.channel or None,
            labels={task: label for task, label in self.chosen.items() if task in TASKS},
            assignee=me if me and self.assignee == ME else self.assignee or None,
            clock=self.clock,
        )


def written(fields: Mapping[str, Any]) -> NarrowQuery:
    """The narrowing of an address's fields; what is none of it, or unreadable, is left out."""
    known = {name: value for name, value in fields.items() if name in NarrowQuery.model_fields and value}
    if known.get("clock") not in set(Clock):
        known.pop("clock", None)
    longest = dict.fromkeys(TASKS, LONGEST_LABEL)
    return NarrowQuery.model_validate(
        {name: str(value)[: longest.get(name, LONGEST_NAME)] for name, value in known.items()}
    )


def address(view: str, search: str, narrowed: NarrowQuery) -> str:
    """The list as it stands behind `?view=`: the view, the search and what it is narrowed to."""
    more = {"q": search} if search else {}
    more |= narrowed.chosen
    return f"{view}&{urlencode(more)}" if more else view


def narrowing_of(view: SavedView, *, me: str | None) -> Narrowing:
    """What a saved view is narrowed to, for whoever looks."""
    return written(view.filters).narrowing(search=view.filters.get(SEARCH), me=me)


def filters_of(narrowed: NarrowQuery, search: str | None) -> dict[str, str]:
    """What a list is narrowed to, as a saved view keeps it; `narrowing_of` reads it again."""
    return {**narrowed.chosen, **({SEARCH: search} if search else {})}


def address_of(view: SavedView) -> str:
    """A saved view as it stands behind `?view=`."""
    return address(view.view, view.filters.get(SEARCH, ""), written(view.filters))


def without(narrowed: NarrowQuery, name: str) -> NarrowQuery:
    """The same with one part left out."""
    return narrowed.model_copy(update={name: None})

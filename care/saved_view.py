"""A saved view: a list of the inbox under a name, for one person or for all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from care.lists import View

LONGEST_NAME = 40
AT_MOST = 20
"""Views of one person, and views of all: more would be no help, and each is counted."""
FOR_ALL = ""
"""The owner of a view that everybody sees."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """A list under a name. filters: what it is narrowed to, by the names that addresses use, "search" among them.

    owner: the person whose it is, or FOR_ALL. An assignee "me" is whoever looks.
    """

    id: str
    name: str
    view: View
    made_by: str
    made_at: datetime
    owner: str = FOR_ALL
    filters: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_for_all(self) -> bool:
        return self.owner == FOR_ALL

    def names_any(self, names: Iterable[str]) -> bool:
        """Whether its name or what it is narrowed to holds any of these names, or the last word of one."""
        words = " " + " ".join(" ".join((self.name, *self.filters.values())).casefold().split()) + " "
        for name in names:
            parts = name.casefold().split()
            if parts and any(f" {part} " in words for part in (" ".join(parts), parts[-1])):
                return True
        return False

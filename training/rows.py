"""Labelled messages in memory."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from care.message import Turn


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled message.

    line: where it stands in its file, 1 is the heading. labels: task -> label or None. thread: id of its conversation.
    said: the turns before it, oldest first, where the file has them. group: what it belongs to: a trade, brand, year.
    also: task -> what another careful reader would accept beside the label; a task stands there where somebody read the
    row a second time, with nothing in it where only the label will do.
    """

    line: int
    text: str = field(repr=False)
    labels: Mapping[str, str | None]
    thread: str | None = None
    created_at: str | None = None
    said: tuple[Turn, ...] = field(repr=False, default=())
    group: str | None = None
    also: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Examples:
    """Checked examples in file order, and a hash of their content.

    told: what was done with them on the way, for people. n_read: labelled rows that were read. n_repeats: how many of
    them said and meant what another did, and were left out.
    """

    rows: tuple[Example, ...] = field(repr=False)
    tasks: tuple[str, ...]
    data_hash: str
    told: tuple[str, ...] = ()
    n_read: int = 0
    n_repeats: int = 0

    @property
    def texts(self) -> list[str]:
        return [row.text for row in self.rows]

    def of(self, task: str) -> list[str | None]:
        return [row.labels.get(task) for row in self.rows]

    def also(self, task: str) -> list[frozenset[str] | None]:
        """What else would do, row by row; None where nobody read the row a second time."""
        return [row.also.get(task) for row in self.rows]


def examples_of(rows: Sequence[Example], tasks: Sequence[str]) -> Examples:
    """Examples from rows that were checked elsewhere."""
    digest = hashlib.sha256()
    for row in rows:
        said = [(turn.by_customer, turn.text) for turn in row.said]
        around: list[object] = [said, row.group] if said or row.group else []
        around += [sorted((task, sorted(labels)) for task, labels in row.also.items())] if row.also else []
        digest.update(json.dumps([row.text, sorted(row.labels.items()), *around], default=str).encode())
    return Examples(tuple(rows), tuple(tasks), digest.hexdigest(), n_read=len(rows))

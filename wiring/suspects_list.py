"""A list of labels that may be wrong, as `tactful train --suspects` writes it, settled one by one."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

from care.errors import BadInput
from wiring.tables.files import replaced

RIGHT, BY = "right", "by"
LEFT = "(left)"
"""In `by` of a row that somebody looked at and was not sure of; its `right` stays empty, so nothing is learnt."""


@dataclass(frozen=True, slots=True)
class SuspectRow:
    """One label that may be wrong. at: its place in the list."""

    at: int
    task: str
    label: str
    likely: str
    text: str = field(repr=False)
    right: str = ""
    by: str = ""

    @property
    def is_open(self) -> bool:
        return not self.right and not self.by


def read_list(path: Path) -> list[SuspectRow]:
    """The rows, the likeliest errors first. Raises BadInput for a file that is no such list."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [
                SuspectRow(at, *(row[name] or "" for name in ("task", "label", "likely", "text", RIGHT, BY)))
                for at, row in enumerate(csv.DictReader(file))
            ]
    except (OSError, KeyError, UnicodeError, csv.Error):
        raise BadInput(f"{path.name} is no list of suspects.") from None


def settle(path: Path, at: int, right: str, *, by: str) -> None:
    """Keep which label is right, "" where the person is not sure. Whole or not at all. Raises BadInput."""
    rows = read_list(path)
    if not 0 <= at < len(rows):
        raise BadInput("There is no such row in the list.")
    known = {row.label for row in rows if row.task == rows[at].task} | {rows[at].likely}
    if right and right not in known:
        raise BadInput("No row of the list has that label.")
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        names, kept = list(reader.fieldnames or ()), list(reader)
    kept[at] |= {RIGHT: right, BY: by if right else LEFT}
    with replaced(path) as fresh, fresh.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(kept)

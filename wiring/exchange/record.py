"""One labelled text as every format of annotation tools and help desks has it, and where things stand in theirs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Guess:
    """What a bundle says of one task; written as a pre-annotation."""

    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Record:
    """One text. line: where it stood. labels: task -> as it stands there. rest: everything else, in its own shape."""

    line: int
    text: str = field(repr=False)
    labels: Mapping[str, Any] = field(default_factory=dict)
    rest: Mapping[str, Any] = field(default_factory=dict, repr=False)
    guesses: Mapping[str, Guess] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """How a format is read and written. text: where the text stands; labels: task -> where; "": as the format has it.

    columns: of a table, in order, each with the type of what stands in it. bundle: which guessed.
    """

    text: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None
    columns: Mapping[str, type] = field(default_factory=dict)
    bundle: str = ""


class Format(Protocol):
    """One format. `asked` comes back from `look` with what was left open."""

    @property
    def name(self) -> str: ...
    def fits(self, path: Path, first: Mapping[str, Any]) -> bool:
        """Whether a file looks like it, by its first record."""
        ...

    def look(self, path: Path, asked: Asked) -> Asked:
        """Raises Unreadable, NotFound."""
        ...

    def read(self, path: Path, asked: Asked) -> Iterator[Record]: ...
    def write(self, path: Path, records: Iterable[Record], asked: Asked) -> None: ...


def value_at(record: Any, where: str) -> Any:
    """What stands at a path such as `custom_fields.360` or `data.text`; a list of {id, value} is looked up by id."""
    found = record
    if isinstance(found, dict) and where in found:
        return found[where]
    for step in where.split("."):
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list):
            named = [item for item in found if isinstance(item, dict) and str(item.get("id")) == step]
            found = named[0].get("value") if named else None
        else:
            return None
    return found


def with_value(record: Mapping[str, Any], where: str, value: Any) -> dict[str, Any]:
    """A copy with another value at a path of objects; steps that are not there are made."""
    step, _, further = where.partition(".")
    if where in record or not further:
        return {**record, where: value}
    inner = record.get(step)
    return {**record, step: with_value(inner if isinstance(inner, dict) else {}, further, value)}

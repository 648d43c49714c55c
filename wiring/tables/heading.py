"""Columns by name: found as people write them, and named in errors only where they are surely no customer's words."""

import re
import unicodedata
from collections.abc import Sequence

_INVISIBLE = re.compile("[\\u200b-\\u200f\\u2060\\ufeff\\u00ad]")
_WORD = re.compile(r"[^\W\d_][\w.:/\[\]-]{0,29}")
_NAME = re.compile(r"[^\W\d_][\w.:/()\[\]-]*(?: [\w.:/()\[\]-]+){0,2}")
_USUAL = frozenset(
    "text message messages body content comment description subject title label labels intent category topic reason "
    "sentiment urgency priority id ref key ticket thread conversation channel author from to name customer requester "
    "agent created date time updated status state tags type lang language brand group response reply answer".split()
)


def tidy(name: object) -> str:
    """A column's name without what cannot be seen."""
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", str(name if name is not None else ""))).split())


def place_in(columns: Sequence[str], name: str) -> int | None:
    """Where a column stands, in whatever letters' cases its name is written. None: nowhere.

    Raises KeyError where two are called so: one of them would be passed over in silence.
    """
    wanted = tidy(name).casefold()
    places = [at for at, column in enumerate(columns) if column.casefold() == wanted]
    if len(places) > 1:
        raise KeyError(name)
    return places[0] if places else None


def n_found(wanted: Sequence[str], columns: Sequence[str]) -> int:
    """How many of the wanted columns are there, once or more."""
    there = {column.casefold() for column in columns}
    return sum(tidy(name).casefold() in there for name in wanted)


def is_heading(columns: Sequence[str]) -> bool:
    """Whether a first row is surely names: a file without a heading begins with somebody's words."""
    named = [column for column in columns if column]
    if not all(len(column) <= 40 and _NAME.fullmatch(column) for column in named):
        return False
    n_usual = sum(column.casefold() in _USUAL for column in named)
    return n_usual > 1 or (n_usual == 1 and all(map(_WORD.fullmatch, named)))


def shown(columns: Sequence[str], *, are_fields: bool = False) -> str:
    """The mend for a column that is not there: which there are. are_fields: each row says its own names."""
    named = [column for column in columns if column]
    if are_fields:
        named = [column for column in named if _WORD.fullmatch(column)]
    elif not is_heading(columns):
        return (
            "its first line does not look like a heading that we know; begin with one that names the columns, like "
            "id,text, or name a column it has"
        )
    more = f" and {len(columns) - len(named[:40])} more" if len(columns) > len(named[:40]) else ""
    return f"the columns are: {', '.join(named[:40])}{more}"

"""Words that stand beside a value and say what it is."""

import re

from model.recognisers.prepared import PreparedText

_WORDS = re.compile(r"[a-z]++")


def words_near(
    reading: PreparedText, start: int, end: int, wanted: frozenset[str], *, before: int = 60, after: int = 30
) -> tuple[str, ...]:
    """Which of the wanted words stand within so many characters of a span, sorted."""
    # Most texts hold none of them at all; then no place has to be looked at.
    if reading.words.isdisjoint(wanted):
        return ()
    near = _WORDS.findall(reading.lower[max(0, start - before) : start])
    near += _WORDS.findall(reading.lower[end : end + after])
    return tuple(sorted(wanted.intersection(near)))

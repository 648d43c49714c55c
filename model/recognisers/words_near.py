"""Words that stand beside a value and say what it is."""

import re

from model.recognisers.reading import Reading

_WORDS = re.compile(r"[a-z]++")


def words_near(reading: Reading, start: int, end: int, *, before: int = 60, after: int = 30) -> list[str]:
    """The words within so many characters of a span, in order, lower case."""
    return _WORDS.findall(reading.lower[max(0, start - before) : start]) + _WORDS.findall(
        reading.lower[end : end + after]
    )


def label_pattern(*labels: str) -> re.Pattern[str]:
    """A pattern for one of these labels right before a value: "IBAN is:", "sort code no. = "."""
    return re.compile(
        rf"(?<![a-z])(?:{'|'.join(labels)})s?(?:[ _-]?(?:number|num|no|nr|id|code))?[.]?(?:[ ]?(?:#|is|was|it's|:|=|-|\())*[ \n]?$"
    )

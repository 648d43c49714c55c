"""Signs in a text that deceive whoever reads it: turned directions, invisible signs, letters of another alphabet."""

import re
import unicodedata

_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile("[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2064\u3164\ufeff\uffa0]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_PILED = re.compile(r"[\u0300-\u036f\u0489]{4,}")
_LIKE_LATIN = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
_JOINS = re.compile("(?<=[A-Za-z])[\u200c\u200d]+(?=[A-Za-z])")


def tricks_in(text: str) -> list[tuple[int, int, str]]:
    """Where a text deceives: start, end, and what it is in words."""
    places = [(match.start(), match.end(), "turns the direction of text") for match in _BIDI.finditer(text)]
    places += [(match.start(), match.end(), "invisible sign") for match in _INVISIBLE.finditer(text)]
    places += [(match.start(), match.end(), "invisible sign") for match in _JOINS.finditer(text)]
    places += [(match.start(), match.end(), "piled-up accents") for match in _PILED.finditer(text)]
    places += [
        (match.start(), match.end(), "letters of two alphabets")
        for match in _WORD.finditer(text)
        if _is_mixed(match[0])
    ]
    return sorted(places)


def without_turns(text: str) -> str:
    """A name for one line: nothing in it turns the direction of what stands beside it."""
    return _PILED.sub("", _INVISIBLE.sub("", _BIDI.sub("", text)))


def _is_mixed(word: str) -> bool:
    """Whether a word mixes Latin letters with such of another alphabet that look like them."""
    if word.isascii():
        return False
    names = {unicodedata.name(sign, "").partition(" ")[0] for sign in word if not unicodedata.combining(sign)}
    return "LATIN" in names and any(script in names for script in _LIKE_LATIN)

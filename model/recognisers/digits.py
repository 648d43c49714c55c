"""Digits as customers write them: in groups, one a line, spelt out; and which of them may be one number."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from model.recognisers.prepared import HIDDEN, PreparedText


class Group(NamedTuple):
    """Digits that stand together, as written in digits or spelt as words."""

    digits: str
    start: int
    end: int


_ONES = {"zero": "0", "oh": "0", "o": "0", "nought": "0", "one": "1", "two": "2", "three": "3", "four": "4",
         "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9"}  # fmt: skip
_TEENS = {"ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15",
          "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19"}  # fmt: skip
_TENS = {"twenty": "2", "thirty": "3", "forty": "4", "fourty": "4", "fifty": "5", "sixty": "6", "seventy": "7",
         "eighty": "8", "ninety": "9"}  # fmt: skip
_ABROAD = {"uno": "1", "dos": "2", "tres": "3", "cuatro": "4", "cinco": "5", "seis": "6", "siete": "7", "ocho": "8",
           "nueve": "9", "cero": "0", "un": "1", "deux": "2", "trois": "3", "quatre": "4", "cinq": "5", "sept": "7",
           "huit": "8", "neuf": "9", "null": "0", "eins": "1", "zwei": "2", "zwo": "2", "drei": "3", "vier": "4",
           "funf": "5", "fuenf": "5", "sechs": "6", "sieben": "7", "acht": "8", "neun": "9"}  # fmt: skip
_TIMES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
_SINGLE = _ABROAD | _ONES
SPOKEN = frozenset(_SINGLE) | frozenset(_TEENS) | frozenset(_TENS)
_ANY_ONE = "|".join(sorted(_SINGLE, key=len, reverse=True))
_SPOKEN_GROUP = re.compile(
    rf"[0-9]++|(?<![a-z])(?:(?P<times>{'|'.join(_TIMES)})[ -]?(?P<what>{_ANY_ONE}|[0-9])|(?P<teen>{'|'.join(_TEENS)})"
    rf"|(?P<tens>{'|'.join(_TENS)})(?:[ -]?(?P<unit>{'|'.join(list(_ONES)[4:])}))?|(?P<one>{_ANY_ONE}))(?![a-z])"
)
_GROUP = re.compile(r"%20|[0-9]++")


def is_spelt(reading: PreparedText) -> bool:
    """Whether enough digits are spelt out to matter."""
    return len(reading.words & SPOKEN) >= (1 if reading.n_digits >= 8 else 2)


def groups_of(lower: str, *, spelt: bool) -> list[Group]:
    """All digits of a folded, lower-case text in order, spelt ones too when asked."""
    if not spelt:
        return [Group(match[0], *match.span()) for match in _GROUP.finditer(lower) if match[0] != "%20"]
    groups = []
    for match in _SPOKEN_GROUP.finditer(lower):
        if match["times"]:
            digits = _SINGLE.get(match["what"], match["what"]) * _TIMES[match["times"]]
        elif match["teen"]:
            digits = _TEENS[match["teen"]]
        elif match["tens"]:
            digits = _TENS[match["tens"]] + _ONES.get(match["unit"] or "", "0")
        elif match["one"]:
            digits = _SINGLE[match["one"]]
        else:
            digits = match[0]
        groups.append(Group(digits, match.start(), match.end()))
    return groups


SEPARATORS = " \t\r\n.,-_/\\|:;*~'\""
FILLER = frozenset(
    "then and dash space hyphen dot minus next followed by point comma slash after that so um uh er the number"
    " line newline tiret espace guion bindestrich"
    # "the first half is …, the second half …", in the languages we know
    " first second half halves part rest remaining remainder last other final is are digits four eight"
    " zweite halfte teil deuxieme moitie reste suite segunda mitad parte resto seconda meta tweede helft metade druga"
    " polowa et le la les el los il lo und der die das y e en het de o a i".split()
)
# What copying out of a web page or an address leaves between the groups.
_MARKUP = frozenset(("%20", "&nbsp;", "<br>", "<br/>", "<br />", ")(", ") (", "][", "+", "</td><td>"))
WORDS = re.compile(r"[a-z]++")
LONGEST = 19
# Twelve digits that may be one number, unless words stand between them.
ENOUGH = re.compile(r"[0-9](?:[^a-z0-9]{0,6}[0-9]){11}|&nbsp;[0-9]|[0-9]<(?:br|/td)")


_USUAL = frozenset((" ", "-", ".", "\n", "/", ", "))


def _joins(gap: str) -> bool:
    """Whether two groups of digits with this between them may be one number."""
    if not gap.strip(SEPARATORS):
        return len(gap) <= 6
    if gap in _MARKUP:
        return True
    if len(gap) > 36 or HIDDEN in gap:
        return False
    words = WORDS.findall(gap)
    return bool(words) and FILLER.issuperset(words) and not WORDS.sub("", gap).strip(SEPARATORS)


def chains_of(lower: str, groups: Sequence[Group]) -> Iterator[list[Group]]:
    """Runs of groups that may be one number together."""
    chain: list[Group] = []
    for group in groups:
        if len(group.digits) > LONGEST:
            # More digits in one piece than any card has: it is no part of one.
            if chain:
                yield chain
            chain = []
            continue
        if chain:
            gap = lower[chain[-1].end : group.start]
            if gap not in _USUAL and not _joins(gap):
                yield chain
                chain = []
        chain.append(group)
    if chain:
        yield chain

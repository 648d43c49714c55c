"""Numbers a state gives a person: social security, tax, passport, driving licence."""

import re
from collections.abc import Iterator

from model.recognisers.reading import Reading
from model.recognisers.sighting import Recogniser, Sighting
from model.recognisers.words_near import words_near

SSN, ITIN, PASSPORT, LICENCE = "us_ssn", "us_itin", "passport", "driver_licence"

_SSN = re.compile(
    r"(?<![0-9a-z.+-])(?P<area>[0-9]{3})(?P<sep>[- .]?)(?P<group>[0-9]{2})(?P=sep)(?P<serial>[0-9]{4})(?![0-9a-z]"
    r"|-[0-9]|\.[0-9])"
)
_SSN_WORDS = frozenset("ssn ssns social security sss ss".split())
_ITIN_WORDS = frozenset("itin taxpayer tax".split())
_OTHER_NUMBERS = frozenset(
    "dpci order tracking sku item model part ref reference case ticket invoice serial phone tel".split()
)
_KNOWN_FAKES = frozenset(("078051120", "219099999", "123456789", "987654320", "987654329"))


def _ssns(reading: Reading) -> Iterator[Sighting]:
    for match in _SSN.finditer(reading.lower):
        area, group, serial, sep = match["area"], match["group"], match["serial"], match["sep"]
        digits = area + group + serial
        if area == "000" or group == "00" or serial == "0000" or area == "666" or len(set(digits)) == 1:
            continue
        is_itin = area[0] == "9"
        words = words_near(reading, *match.span(), _ITIN_WORDS if is_itin else _SSN_WORDS)
        if is_itin and not (
            50 <= int(group) <= 65 or 70 <= int(group) <= 88 or 90 <= int(group) <= 92 or 94 <= int(group)
        ):
            continue
        kind = ITIN if is_itin else SSN
        if words:
            yield Sighting(*match.span(), kind, 0.95, "ids", context=words)
        elif digits in _KNOWN_FAKES:
            yield Sighting(*match.span(), kind, 0.3, "ids", let_go="a number known from adverts, never issued")
        elif words_near(reading, *match.span(), _OTHER_NUMBERS, before=20, after=0):
            yield Sighting(*match.span(), kind, 0.3, "ids", let_go="labelled as something else")
        elif sep == "-":
            yield Sighting(*match.span(), kind, 0.8, "ids")
        elif sep:
            yield Sighting(*match.span(), kind, 0.6, "ids")
        else:
            yield Sighting(*match.span(), kind, 0.2, "ids", let_go="nine digits, no words about social security near")


SSNS = Recogniser("ids", _ssns, n_digits=9)

_DOCUMENT = re.compile(
    r"(?<![a-z])(?:(?P<passport>passports?|reisepass|pasaporte|passeport|passnummer)|(?P<licence>driv(?:er"
    r"|ing)(?:'?s|s')?[ -]?(?:licen[cs]e|permit)|licen[cs]e|dl|fuhrerschein|permis))"
    r"(?:[ ]?(?:number|num|no|nr|id|card|#))?[.]?(?:[ ]{0,2}(?:is|was|:|=|#|-|\(|it's))*[ \n]{0,2}"
    r"(?P<value>(?=[a-z0-9-]{5,25}+(?![a-z0-9]))(?=[a-z-]{0,8}[0-9])[a-z0-9]+(?:-[a-z0-9]+)*+)"
)


def _documents(reading: Reading) -> Iterator[Sighting]:
    for match in _DOCUMENT.finditer(reading.lower):
        value = match["value"]
        n_digits = sum(char.isdigit() for char in value)
        kind = PASSPORT if match["passport"] else LICENCE
        if n_digits < (6 if kind == PASSPORT else 4):
            continue
        yield Sighting(*match.span("value"), kind, 0.85, "ids", context=(match["passport"] or match["licence"],))


DOCUMENTS = Recogniser(
    "ids", _documents, n_digits=4,
    words=frozenset("passport passports reisepass pasaporte passeport passnummer license licence permit dl"
        " fuhrerschein permis".split()),
)  # fmt: skip

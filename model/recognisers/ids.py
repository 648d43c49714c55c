"""Numbers a state gives a person: social security, tax, passport, driving licence."""

import re
from collections.abc import Iterator

from model.recognisers.phones import PHONE_WORDS
from model.recognisers.prepared import PreparedText
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
_CALLING_CODE = re.compile(r"(?:\+|00)[0-9]{1,3}[ ().-]{0,3}$")
_ITIN_GROUPS = frozenset((*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)))
_KNOWN_FAKES = frozenset(("078051120", "219099999", "123456789", "987654320", "987654329"))


def _ssns(reading: PreparedText) -> Iterator[Sighting]:
    for match in _SSN.finditer(reading.lower):
        area, group, serial, sep = match["area"], match["group"], match["serial"], match["sep"]
        digits = area + group + serial
        is_itin = area[0] == "9" and int(group) in _ITIN_GROUPS
        kind = ITIN if is_itin else SSN
        words = words_near(reading, *match.span(), _ITIN_WORDS if is_itin else _SSN_WORDS)
        if words:
            # Somebody who names it and gets it wrong by a digit has given most of it away.
            yield Sighting(*match.span(), kind, 0.95, "ids", context=words)
        elif ((area in ("000", "666") or area[0] == "9") and not is_itin) or group == "00" or serial == "0000":
            yield Sighting(*match.span(), kind, 0.1, "ids", let_go="never issued")
        elif _CALLING_CODE.search(reading.lower[max(0, match.start() - 8) : match.start()]):
            yield Sighting(*match.span(), kind, 0.1, "ids", let_go="follows a calling code")
        elif sep != "-" and words_near(reading, *match.span(), PHONE_WORDS, before=24, after=10):
            yield Sighting(*match.span(), kind, 0.3, "ids", let_go="words about telephones near")
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


def _documents(reading: PreparedText) -> Iterator[Sighting]:
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

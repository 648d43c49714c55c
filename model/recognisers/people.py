"""Who somebody is and where they live: names, dates of birth, postal addresses. Only on good evidence.

A name or an address taken for one by mistake spoils the message for the agent, and both are seldom a risk on their
own; so a label or a whole address must be there.
"""

import re
from collections.abc import Iterator

from model.recognisers.reading import Reading
from model.recognisers.sighting import Recogniser, Sighting
from model.recognisers.words_near import words_near

NAME, BIRTH, ADDRESS = "person_name", "date_of_birth", "postal_address"

_NAME_LABEL = re.compile(
    r"(?<![a-z])(?:my (?:full |real |legal |first |last |maiden )?name is|my name's|i am called"
    r"|name on (?:the |my )?(?:card|account)(?: is)?"
    r"|(?:full|first|last|maiden|customer|account|card ?holder|passenger|patient)(?:'s)? name(?: is)?|cardholder(?:"
    r" is)?)"
    r"[ ]{0,2}[:=-]?[ ]{1,3}|(?:^|\n)[ ]{0,8}name[ ]?[:=][ ]{1,3}"
)
# One to four words with a capital, particles and initials between them.
_NAME = re.compile(
    r"[^\W\d_a-z][^\W\d_]*+(?:['-][^\W\d_]++)*+(?:[ ](?:[^\W\d_a-z]\.?(?![^\W\d_])"
    r"|(?:(?:van|von|de|der|den|la|le|di|da|bin|al|el)[ ]){0,2}[^\W\d_a-z][^\W\d_]++(?:['-][^\W\d_]++)*+)){0,3}"
)
_NOT_NAMES = frozenset(
    "not on in the a an is was and but so wrong misspelled spelled still missing correct incorrect different also"
    " what why i my it"
    " never now only just too here there already no yes and, please thanks because".split()
)


def _names(reading: Reading) -> Iterator[Sighting]:
    for label in _NAME_LABEL.finditer(reading.lower):
        match = _NAME.match(reading.text, label.end())
        if match and match[0].split()[0].lower() not in _NOT_NAMES:
            yield Sighting(*match.span(), NAME, 0.8, "people", context=("name",))


NAMES = Recogniser("people", _names, words=frozenset(("name", "called", "cardholder")))

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?"
    r"|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?|januar|februar|marz|mai|juni|juli|oktober|dezember)"
)
_DATE = (
    rf"(?:[0-3]?[0-9][ ]?[-/. ][ ]?[0-3]?[0-9][ ]?[-/. ][ ]?(?:19|20)?[0-9]{{2}}(?![0-9])|(?:19|20)[0-9]{{2}}[-/."
    rf" ][01]?[0-9][-/. ][0-3]?[0-9](?![0-9])"
    rf"|[0-3]?[0-9](?:st|nd|rd|th)?(?: of)?[ -]{_MONTH}[.,]?[ -](?:19|20)?[0-9]{{2}}(?![0-9])|{_MONTH}[. ]["
    rf" ]?[0-3]?[0-9](?:st|nd|rd|th)?,?[ ](?:19|20)[0-9]{{2}}"
    r"|[01][0-9][0-3][0-9](?:19|20)[0-9]{2}(?![0-9]))"
)
_BIRTH = re.compile(
    r"(?<![a-z])(?:dob|d\.o\.b\.?|date of birth|birth ?date|birthday|born(?: on)?(?: the)?|geburtsdatum|geboren(?:"
    r" am)?|fecha de nacimiento"
    r"|date de naissance|nee? le|data di nascita)(?:[ ]{0,2}(?:is|was|:|=|-|\(|on))*[ \n]{0,2}(?P<value>" + _DATE + ")"
)


def _births(reading: Reading) -> Iterator[Sighting]:
    for match in _BIRTH.finditer(reading.lower):
        yield Sighting(*match.span("value"), BIRTH, 0.9, "people", context=(match[0].split()[0],))


BIRTHS = Recogniser(
    "people", _births, n_digits=3,
    words=frozenset(
        "dob d birth birthdate birthday born geburtsdatum geboren nacimiento naissance ne nee nascita".split()
    ),
)  # fmt: skip

_STREETS = frozenset(
    "street st avenue ave road rd lane ln drive dr boulevard blvd court ct place pl terrace way circle cir highway"
    " hwy parkway pkwy"
    " square sq close crescent gardens grove mews trail loop plaza box strasse str rue via calle straat".split()
)
_CAP = r"[A-Z][A-Za-z'.-]{0,24}+"
_US = re.compile(
    rf"(?<![A-Za-z0-9.,$€£#/-])[0-9]{{1,6}}[A-Za-z]?,?[ ](?:[NSEW]{{1,2}}\.?[ ])?(?:{_CAP}[ ]|[0-9]{{1,3}}(?:st|nd"
    rf"|rd|th)[ ]){{1,4}}?"
    r"(?i:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|place|pl|terrace|way|circle|cir"
    r"|highway|hwy|parkway|pkwy|square|sq|close"
    r"|crescent|gardens|grove|mews|trail|loop|plaza)(?![A-Za-z])\.?"
    r"(?P<unit>,?[ \n](?i:apt|apartment|suite|ste|unit|flat|floor|#)\.?[ ]?[A-Za-z0-9-]{1,6})?"
    rf"(?P<town>(?:,[ ]?|\n[ ]*)(?:{_CAP}[ ]?){{1,3}}+(?:,?[ ]?[A-Z]{{2}}(?![A-Za-z]))?)?"
    r"(?P<zip>,?[ \n]{0,2}(?:[0-9]{5}(?:-[0-9]{4})?|[A-Z]{1,2}[0-9][A-Z0-9]?[ ]?[0-9][A-Z]{2})(?![A-Za-z0-9]))?"
)
_BOX = re.compile(r"(?<![A-Za-z])(?i:p\.?[ ]?o\.?[ ]?box)[ ]?#?[0-9]{1,7}(?![0-9])")
_ABROAD = re.compile(
    rf"(?<![A-Za-z])(?:{_CAP}(?:strasse|straße|str\.|straat|weg|gasse|platz)|(?:rue|avenue|via|calle|viale|plaza"
    rf"|rua)[ ](?:(?:de|del|di|la|le|du|des)[ ]){{0,2}}{_CAP})"
    r"(?:[ ][A-Z][A-Za-z]{1,20}){0,2},?[ ][0-9]{1,5}[a-z]?(?:,[ ]?[0-9]{4,5}[ ][A-Z][A-Za-z-]{1,30})?(?![0-9])"
)
_PLACE_WORDS = frozenset(
    "address live lives living ship shipped deliver delivered delivery mail mailed mailing billing send sent moved"
    " resident residing"
    " home house apartment adresse direccion wohne indirizzo anschrift".split()
)


def _places(reading: Reading) -> Iterator[Sighting]:
    text = reading.text
    for match in _US.finditer(text):
        words = words_near(reading, *match.span(), _PLACE_WORDS)
        if match["zip"] or match["unit"] or words:
            yield Sighting(*match.span(), ADDRESS, 0.85 if match["zip"] else 0.7, "people", context=words)
        else:
            yield Sighting(*match.span(), ADDRESS, 0.3, "people", let_go="a street, but no words about an address near")
    for pattern in (_BOX, _ABROAD):
        for match in pattern.finditer(text):
            words = words_near(reading, *match.span(), _PLACE_WORDS)
            if words or pattern is _BOX:
                yield Sighting(*match.span(), ADDRESS, 0.7, "people", context=words)


PLACES = Recogniser(
    "people", _places, n_digits=1, words=_STREETS, marks=("strasse", "straße", "straat", "platz", "gasse", "weg ")
)

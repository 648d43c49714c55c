"""Who somebody is: names and dates of birth. Only on good evidence.

A word taken for a name by mistake spoils the message for the agent, and a name is seldom a risk on its own; so a label
must be there, or a given name with a family name where somebody says who they are.
"""

import re
from collections.abc import Iterator

from care.names import is_given_name
from model.recognisers.prepared import PreparedText
from model.recognisers.sighting import Recogniser, Sighting

NAME, BIRTH = "person_name", "date_of_birth"

_NAME_LABEL = re.compile(
    r"(?<![a-z])(?:my (?:full |real |legal |first |last |maiden )?name is|my name's|i am called"
    r"|name on (?:the |my )?(?:card|account)(?: is)?"
    r"|(?:full|first|last|maiden|customer|account|card ?holder|passenger|patient)(?:'s)? name(?: is)?|cardholder(?:"
    r" is)?|mein name ist|ich heisse|ich heiße|je m'appelle|mon nom est|me llamo|mi nombre es|mi chiamo|il mio nome e"
    r"|ik heet|mijn naam is|chamo-me|me chamo|(?:o )?meu nome e|nazywam sie|mam na imie)"
    r"[ ]{0,2}[:=-]?[ ]{1,3}|(?:^|\n)[ ]{0,8}name[ ]?[:=][ ]{1,3}"
)
# What may follow is a name, a nationality, a mood: only a given name with a family name counts.
_WHO_LABEL = re.compile(
    r"(?<![a-z])(?:i am|i'm|im|this is|ich bin|hier ist|hier spricht|je suis|c'est|moi c'est|soy"
    r"|sono|io sono|ik ben|hier is|sou|jestem)[ ]{1,2}"
)
_GIVEN_AND_FAMILY = re.compile(
    r"(?P<given>[A-Z][^\W\d_]{1,15}(?:-[A-Z][^\W\d_]{1,15})?)[ ](?:[A-Z]\.?[ ])?"
    r"(?:(?:van|von|de|der|den|la|le|di|da|bin|al|el)[ ]){0,2}[A-Z][^\W\d_]{1,20}(?:['-][A-Z]?[^\W\d_]{1,20})?(?![\w'])"
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


_BRANDS_AFTER = frozenset("support care service team store shop air airlines bank".split())


def _names(reading: PreparedText) -> Iterator[Sighting]:
    text, lower = reading.text, reading.lower
    for label in _NAME_LABEL.finditer(lower):
        match = _NAME.match(text, label.end())
        if match and match[0].split()[0].lower() not in _NOT_NAMES:
            yield Sighting(*match.span(), NAME, 0.8, "people", context=("name",))
        elif small := _small_name(lower, label.end()):
            yield Sighting(label.end(), small, NAME, 0.7, "people", context=("name",))
    for label in _WHO_LABEL.finditer(lower):
        match = _GIVEN_AND_FAMILY.match(text, label.end())
        if match and is_given_name(match["given"]) and match[0].split()[-1].lower() not in _BRANDS_AFTER:
            yield Sighting(*match.span(), NAME, 0.7, "people", context=("name",))


_SMALL_WORDS = re.compile(r"(?P<given>[a-z]{2,15})(?:[ ](?P<family>[a-z'-]{2,20}))?(?![\w])")


def _small_name(lower: str, at: int) -> int:
    """Where a name typed in small letters ends, after words that announce one; 0 where there is none."""
    match = _SMALL_WORDS.match(lower, at)
    if match is None or match["given"] in _NOT_NAMES or not is_given_name(match["given"]):
        return 0
    has_family = match["family"] and match["family"] not in _NOT_NAMES
    return match.end() if has_family else match.end("given")


NAMES = Recogniser(
    "people", _names,
    words=frozenset(
        "name called cardholder ich am im this here bin hier heisse appelle suis nom soy llamo nombre sono chiamo"
        " nome ik heet naam sou chamo nazywam jestem imie mam m moi est".split()
    ),
)  # fmt: skip

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


def _births(reading: PreparedText) -> Iterator[Sighting]:
    for match in _BIRTH.finditer(reading.lower):
        yield Sighting(*match.span("value"), BIRTH, 0.9, "people", context=(match[0].split()[0],))


BIRTHS = Recogniser(
    "people", _births, n_digits=3,
    words=frozenset(
        "dob d birth birthdate birthday born geburtsdatum geboren nacimiento naissance ne nee nascita".split()
    ),
)  # fmt: skip

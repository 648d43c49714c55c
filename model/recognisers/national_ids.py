"""Identity, tax and insurance numbers of persons, country by country, held against their check digits.

The check digits are python-stdnum's; it is loaded country by country, when a shape of that country turns up.
"""

import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from model.recognisers.prepared import PreparedText
from model.recognisers.sighting import Recogniser, Sighting
from model.recognisers.words_near import words_near

NATIONAL_ID = "national_id"


@dataclass(frozen=True, slots=True)
class NationalId:
    """One country's number.

    shape: how it is written, lower case. words: one of them must be near, unless the number `stands_alone`: its shape
    and check digits are then proof enough. check: the python-stdnum module, or "" where no check digit exists.
    """

    name: str
    shape: re.Pattern[str]
    words: frozenset[str]
    check: str = ""
    stands_alone: bool = False


def _id(name: str, shape: str, words: str, check: str = "", *, alone: bool = False) -> NationalId:
    pattern = re.compile(rf"(?<![a-z0-9.-])(?:{shape})(?![a-z0-9]|[-.][0-9])")
    return NationalId(name, pattern, frozenset(words.split()), check, alone)


_IDENTITY = "identity national identification identidad identita identite ausweis"
NATIONAL_IDS: tuple[NationalId, ...] = (
    _id("us mbi",
        r"[1-9][ac-hjkmnp-rt-y][ac-hjkmnp-rt-y0-9][0-9]-?[ac-hjkmnp-rt-y][ac-hjkmnp-rt-y0-9][0-9]-?[ac-hjkmnp-rt-y]{2}[0-9]{2}",
        "medicare mbi beneficiary cms medicaid", alone=True),
    _id("us npi", r"[12][0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3}", "npi provider", "npi"),
    _id("ca sin", r"[1-79][0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{3}", "sin insurance nas assurance", "stdnum.ca.sin"),
    _id("uk nino", r"[abceghj-prstw-z][abceghj-nprstw-z](?:[0-9]{6}|[ ][0-9]{2}[ ][0-9]{2}[ ][0-9]{2}[ ])[a-d]",
        "nino insurance ni", "uk nino", alone=True),
    _id("uk nino loosely", r"[abceghj-prstw-z][abceghj-nprstw-z](?:[ -]?[0-9]){6}[ -]?[a-d]", "nino insurance ni",
        "uk nino"),
    _id("uk nhs", r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}", "nhs", "stdnum.gb.nhs"),
    _id("uk utr", r"[0-9]{5}[ ]?[0-9]{5}k?", "utr", "stdnum.gb.utr"),
    _id("ie pps", r"[0-9]{7}[a-w][a-iw]?", "pps ppsn", "stdnum.ie.pps"),
    _id("au tfn", r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{2,3}", "tfn tax", "stdnum.au.tfn"),
    _id("au medicare", r"[2-6][0-9]{3}[ -]?[0-9]{5}[ -]?[0-9](?:[ /-]?[0-9])?", "medicare", "au medicare"),
    _id("in aadhaar", r"[2-9][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}", "aadhaar aadhar adhaar uidai uid",
        "stdnum.in_.aadhaar"),
    _id("in pan", r"[a-z]{3}[abcfghjlpt][a-z][0-9]{4}[a-z]", "pan permanent", "stdnum.in_.pan", alone=True),
    _id("in voter", r"[a-z]{3}[0-9]{7}", "voter epic elector"),
    _id("sg nric", r"[stfgm][0-9]{7}[a-z]", "nric fin", "sg nric", alone=True),
    _id("za id", r"[0-9]{6}[ ]?[0-9]{4}[ ]?[01][89][0-9]", f"id rsa african {_IDENTITY}", "stdnum.za.idnr"),
    _id("ng nin", r"[0-9]{11}", "nin nimc nigeria nigerian"),
    _id("ph umid", r"[0-9]{4}-[0-9]{7}-[0-9]", "umid crn sss gsis philhealth", alone=True),
    _id("ph tin", r"[0-9]{3}-[0-9]{3}-[0-9]{3}(?:-[0-9]{3})?", "tin taxpayer bir"),
    _id("es dni", r"[0-9]{8}[ -]?[a-hj-np-tv-z]", f"dni nif {_IDENTITY}", "stdnum.es.dni", alone=True),
    _id("es nie", r"[xyz][ -]?[0-9]{7}[ -]?[a-hj-np-tv-z]", "nie extranjero", "stdnum.es.nie", alone=True),
    _id("it codice fiscale",
        r"[a-z]{6}[0-9lmnpqrstuv]{2}[abcdehlmprst][0-9lmnpqrstuv]{2}[a-z][0-9lmnpqrstuv]{3}[a-z]", "fiscale cf codice",
        "stdnum.it.codicefiscale", alone=True),
    _id("fr nir", r"[12][ ]?[0-9]{2}[ ]?(?:0[1-9]|1[0-2]|[2-9][0-9])[ ]?[0-9][0-9ab][ ]?[0-9]{3}[ ]?[0-9]{3}["
        r" ]?[0-9]{2}",
        "nir securite sociale insee vitale", "stdnum.fr.nir"),
    _id("de steuer-id", r"[1-9][0-9][ ]?[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]{3}",
        "steuer steuerid steueridentifikationsnummer identifikationsnummer idnr tax tin", "stdnum.de.idnr"),
    _id("de rentenversicherung", r"[0-9]{8}[a-z][0-9]{3}|[0-9]{2}[ ][0-9]{6}[ ][a-z][ ][0-9]{3}",
        "rentenversicherungsnummer sozialversicherungsnummer versicherungsnummer rvnr svnr sozialversicherung"),
    _id("de krankenversicherung", r"[a-z][0-9]{9}", "krankenversicherungsnummer krankenversicherung"
        " versichertennummer krankenkasse kvnr egk gesundheitskarte"),
    _id("de ausweis", r"[cfghjklmnprtvwxyz][cfghjklmnprtvwxyz0-9]{7}[0-9]|t[0-9]{8}", "personalausweis ausweis"
        " ausweisnummer personalausweisnummer npa"),
    _id("at vnr", r"[1-9][0-9]{3}[ ]?[0-9]{6}", "svnr sozialversicherungsnummer", "stdnum.at.vnr"),
    _id("ch ahv", r"756[. ]?[0-9]{4}[. ]?[0-9]{4}[. ]?[0-9]{2}", "ahv avs", "stdnum.ch.ssn", alone=True),
    _id("nl bsn", r"[0-9]{9}", "bsn burgerservicenummer sofinummer", "stdnum.nl.bsn"),
    _id("be nn", r"[0-9]{2}[. ]?[0-9]{2}[. ]?[0-9]{2}[- ]?[0-9]{3}[. ]?[0-9]{2}", "rijksregisternummer national"
        " registre", "stdnum.be.nn"),
    _id("pt nif", r"[1-9][0-9]{2}[ ]?[0-9]{3}[ ]?[0-9]{3}", "nif contribuinte", "stdnum.pt.nif"),
    _id("se personnummer", r"(?:19|20)?[0-9]{6}[-+]?[0-9]{4}", f"personnummer samordningsnummer {_IDENTITY}",
        "stdnum.se.personnummer"),
    _id("fi hetu", r"[0-9]{6}[-+a-fu-y][0-9]{3}[0-9a-fhj-npr-y]", "hetu henkilotunnus", "stdnum.fi.hetu", alone=True),
    _id("dk cpr", r"[0-9]{6}-?[0-9]{4}", "cpr cprnummer personnummer", "stdnum.dk.cpr"),
    _id("no fodselsnummer", r"[0-9]{6}[ ]?[0-9]{5}", "fodselsnummer personnummer", "stdnum.no.fodselsnummer"),
    _id("is kennitala", r"[0-9]{6}-?[0-9]{4}", "kennitala", "stdnum.is_.kennitala"),
    _id("pl pesel", r"[0-9]{11}", "pesel", "stdnum.pl.pesel"),
    _id("cz rodne cislo", r"[0-9]{6}/?[0-9]{3,4}", "rodne rodny", "stdnum.cz.rc"),
    _id("ro cnp", r"[1-9][0-9]{12}", "cnp", "stdnum.ro.cnp"),
    _id("bg egn", r"[0-9]{10}", "egn егн", "stdnum.bg.egn"),
    _id("gr amka", r"[0-9]{11}", "amka", "stdnum.gr.amka"),
    _id("hr oib", r"[0-9]{11}", "oib", "stdnum.hr.oib"),
    _id("ee isikukood", r"[1-8][0-9]{10}", "isikukood", "stdnum.ee.ik"),
    _id("lt asmens kodas", r"[1-9][0-9]{10}", "asmens kodas", "stdnum.lt.asmens"),
    _id("tr tckn", r"[1-9][0-9]{10}", f"tckn kimlik tc {_IDENTITY}", "stdnum.tr.tckimlik"),
    _id("il id", r"[0-9]{9}", f"teudat zehut {_IDENTITY}", "stdnum.il.idnr"),
    _id("th id", r"[1-8]-[0-9]{4}-[0-9]{5}-[0-9]{2}-[0-9]", "thai", "stdnum.th.pin", alone=True),
    _id("th id solid", r"[1-8][0-9]{12}", f"thai tnin {_IDENTITY}", "stdnum.th.pin"),
    _id("kr rrn", r"[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])-[1-8][0-9]{6}", "rrn resident registration",
        alone=True),
    _id("kr rrn solid", r"[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[1-8][0-9]{6}",
        "rrn frn resident foreigner"),
    _id("cn id", r"[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9x]", "身份证",
        "stdnum.cn.ric", alone=True),
    _id("br cpf", r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", "cpf", "stdnum.br.cpf", alone=True),
    _id("br cpf solid", r"[0-9]{11}", "cpf", "stdnum.br.cpf"),
    _id("mx curp", r"[a-z]{4}[0-9]{6}[hmx][a-z]{5}[a-z0-9][0-9]", "curp", "stdnum.mx.curp", alone=True),
    _id("ar cuit", r"(?:20|2[3-7]|3[034])-[0-9]{8}-[0-9]", "cuit cuil", "stdnum.ar.cuit", alone=True),
    _id("cl rut", r"[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}-[0-9k]", "rut run", "stdnum.cl.rut", alone=True),
    _id("co cedula", r"[0-9]{1,3}(?:\.[0-9]{3}){2,3}|[0-9]{6,10}", "cedula"),
)  # fmt: skip

_ALONE = tuple(number for number in NATIONAL_IDS if number.stands_alone)
# One pass tells whether any of them can be there at all.
_ANY_ALONE = re.compile(
    r"(?<![a-z0-9.-])(?=[a-z]{1,6}[ -]?[0-9]|[0-9]{6}|756|[0-9]{1,4}[.-][0-9]{3}|[0-9][a-z])(?:"
    + "|".join(f"(?P<n{place}>{number.shape.pattern})" for place, number in enumerate(_ALONE))
    + ")"
)
_BY_WORD: dict[str, tuple[NationalId, ...]] = {
    word: tuple(number for number in NATIONAL_IDS if word in number.words)
    for word in {word for number in NATIONAL_IDS for word in number.words}
}


@cache
def _checker(name: str) -> Callable[[str], bool]:
    own = {"npi": _checks_npi, "uk nino": _checks_nino, "au medicare": _checks_au_medicare, "sg nric": _checks_nric}
    if name in own:
        return own[name]
    valid: Callable[[str], bool] = importlib.import_module(name).is_valid
    return valid


def _national_ids(reading: PreparedText) -> Iterator[Sighting]:
    lower = reading.lower
    wanted = {number.name: number for word in reading.words & _BY_WORD.keys() for number in _BY_WORD[word]}
    for branch in {match.lastgroup for match in _ANY_ALONE.finditer(lower)}:
        number = _ALONE[int(str(branch)[1:])]
        wanted[number.name] = number
    for number in wanted.values():
        for match in number.shape.finditer(lower):
            words = words_near(reading, *match.span(), number.words)
            if not words and not number.stands_alone:
                continue
            if number.check and not _checker(number.check)(match[0]):
                yield Sighting(*match.span(), NATIONAL_ID, 0.2, number.name, context=words, let_go="check digit wrong")
                continue
            yield Sighting(*match.span(), NATIONAL_ID, 0.95 if words else 0.7, number.name, context=words)


def _digits(written: str) -> list[int]:
    return [int(char) for char in written if char.isdigit()]


def _checks_npi(written: str) -> bool:
    """Luhn over 80840 and the ten digits. Source: CMS, NPI check digit calculation."""
    digits = _digits("80840" + written)
    total = sum(
        digit if place % 2 == 0 else digit * 2 - 9 * (digit > 4) for place, digit in enumerate(reversed(digits))
    )
    return total % 10 == 0


def _checks_nino(written: str) -> bool:
    """Prefixes that are never given. Source: HMRC, NIM39110."""
    return written[:2] not in ("bg", "gb", "nk", "kn", "tn", "nt", "zz")


def _checks_au_medicare(written: str) -> bool:
    """Source: Services Australia, Medicare card number check digit."""
    digits = _digits(written)
    weights = (1, 3, 7, 9, 1, 3, 7, 9)
    return sum(weight * digit for weight, digit in zip(weights, digits, strict=False)) % 10 == digits[8]


def _checks_nric(written: str) -> bool:
    """Source: Immigration and Checkpoints Authority of Singapore, as published by its users."""
    weights = (2, 7, 6, 5, 4, 3, 2)
    total = sum(weight * digit for weight, digit in zip(weights, _digits(written), strict=True))
    total += {"t": 4, "g": 4, "m": 3}.get(written[0], 0)
    letters = {"s": "jzihgfedcba", "t": "jzihgfedcba", "f": "xwutrqpnmlk", "g": "xwutrqpnmlk", "m": "xwutrqpnjlk"}
    place = total % 11
    return letters[written[0]][10 - place if written[0] == "m" else place] == written[-1]


_DEA = re.compile(r"(?<![a-z0-9])[abcdefghjklmprstux][a-z9](?P<digits>[0-9]{7})(?![a-z0-9])")


def _medical_licences(reading: PreparedText) -> Iterator[Sighting]:
    for match in _DEA.finditer(reading.lower):
        digits = _digits(match["digits"])
        if (sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[6]:
            yield Sighting(*match.span(), "medical_licence", 0.8, "dea")


MEDICAL_LICENCES = Recogniser("dea", _medical_licences, n_digits=7, longest=9)
IDS = Recogniser("national ids", _national_ids, n_digits=4)

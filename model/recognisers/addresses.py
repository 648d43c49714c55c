"""Postal addresses as they are written in Britain, Ireland, America, Germany, France, Spain, Italy and the Netherlands.

A street with its number is an address where a postcode follows it. Without one the words around must say that somebody
lives there or wants something sent there; a street alone may be where a shop is, or where it rained.
"""

import re
from collections.abc import Iterator

from care.names import is_given_name
from model.recognisers.prepared import PreparedText
from model.recognisers.sighting import Recogniser, Sighting
from model.recognisers.words_near import words_near

ADDRESS = "postal_address"

_ENGLISH = (
    "street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|place|pl|terrace|way|circle|cir"
    "|highway|hwy|parkway|pkwy|square|sq|close|crescent|gardens|grove|mews|trail|loop|plaza"
)
# Those that are hardly ever anything but a street: enough in small letters, when a postcode follows.
_SURELY = "street|avenue|road|lane|drive|boulevard|terrace|crescent|gardens|grove|mews|parkway|close"
_GERMAN = "strasse|straße|str\\.|weg|gasse|platz|allee|ring|damm|ufer|chaussee|promenade|steig|pfad"
_DUTCH = "straat|laan|plein|gracht|kade|dijk|singel|steeg|dreef|hof|weg"
_ROMANCE = (
    "rue|avenue|av\\.|boulevard|bd|bld|allee|impasse|quai|chemin|place|cours|passage"
    "|calle|c/|avenida|avda\\.?|paseo|plaza|pza\\.?|camino|ronda|travesia|carrer"
    "|via|viale|piazza|corso|vicolo|largo|strada|rua|travessa|praca|ul\\.|ulica|aleja|al\\.|os\\."
)
_CAP = r"[A-Z][A-Za-z'.-]{0,24}+"
_UK_CODE = r"[A-Z]{1,2}[0-9][A-Z0-9]?[ ]?[0-9][A-Z]{2}"
_EIRCODE = r"[A-Z][0-9][0-9W][ ]?[A-Z0-9]{4}"
_US = re.compile(
    rf"(?<![A-Za-z0-9.,$€£#/-])[0-9]{{1,6}}[A-Za-z]?,?[ ](?:[NSEW]{{1,2}}\.?[ ])?(?:{_CAP}[ ]|[0-9]{{1,3}}(?:st|nd"
    rf"|rd|th)[ ]){{1,4}}?(?i:{_ENGLISH})(?![A-Za-z])\.?"
    r"(?P<unit>,?[ \n](?i:apt|apartment|suite|ste|unit|flat|floor|#)\.?[ ]?[A-Za-z0-9-]{1,6})?"
    rf"(?P<town>(?:,[ ]?|\n[ ]*)(?:{_CAP}[ ]?){{1,3}}+(?:,?[ ]?[A-Z]{{2}}(?![A-Za-z]))?)?"
    rf"(?P<zip>,?[ \n]{{0,2}}(?:[0-9]{{5}}(?:-[0-9]{{4}})?|{_UK_CODE}|{_EIRCODE})(?![A-Za-z0-9]))?"
)
# In small letters, as people type: only whole, with the postcode.
_US_SMALL = re.compile(
    rf"(?<![a-z0-9.,$€£#/-])[0-9]{{1,5}}[a-z]?,?[ ](?:[a-z]{{2,15}}[ ]){{1,3}}?(?:{_SURELY}|rd|st|ave)(?![a-z])[.]?"
    r"(?:,?[ \n](?:apt|apartment|suite|unit|flat|#)[ ]?[a-z0-9-]{1,6})?(?P<comma>,)?"
    r"[ \n]{0,2}(?:[a-z]{3,15}[ ,]{0,2}[ ]?){1,4}?"
    r"(?:[a-z]{1,2}[0-9][a-z0-9]?[ ]?[0-9][a-z]{2}|[a-z][0-9][0-9w][ ]?[a-z0-9]{4}|(?<=[, ][a-z]{2}["
    r" ])[0-9]{5})(?![a-z0-9])"
)
_BOX = re.compile(r"(?<![A-Za-z])(?i:p\.?[ ]?o\.?[ ]?box|postfach|apartado)[ ]?#?[0-9]{1,7}(?![0-9])")
# "Rosenstraße 12, 10115 Berlin", "Am Markt 3a", "Lange Straat 4, 1012 AB Amsterdam"
_NUMBER_AFTER = re.compile(
    rf"(?<![A-Za-z])(?:[A-ZÄÖÜ][A-Za-zß-]{{1,30}}?(?:{_GERMAN}|{_DUTCH})"
    rf"|(?:[A-Z][A-Za-zß'-]{{1,24}}[ ]){{1,3}}(?i:{_GERMAN}|{_DUTCH}|street|road|avenue|lane|drive))"
    r"[ ](?P<number>[0-9]{1,4}(?:[ ]?[a-gA-G](?![A-Za-z]))?(?:[-/][0-9]{1,4}[a-z]?)?)(?![0-9A-Za-z:.]?[0-9])"
    r"(?P<code>(?:,[ ]?|[ ]|\n[ ]*)(?:[A-Z]{1,2}-)?(?:[0-9]{4}[ ]?[A-Z]{2}|[0-9]{4,5}|[0-9]{2}-[0-9]{3})[ ]"
    r"[A-Z][A-Za-z.-]{1,30}(?:[ ](?:am|an|der|im|bei|ob|den)[ ][A-Z][a-z]{1,20}|[ ][A-Z][a-z]{1,20})?)?"
)
# Streets that are called anything ("Lange Voorhout 8, 2514 EE Den Haag"): such a postcode cannot be mistaken.
_ANY_STREET = re.compile(
    r"(?<![A-Za-z])(?:[A-Z][A-Za-z'-]{1,24}[ ]){1,4}[0-9]{1,4}(?:[ -]?[a-gA-G0-9]{1,3})?,[ \n]{1,2}"
    rf"(?:[0-9]{{4}}[ ][A-Z]{{2}}[ ][A-Z][a-z'-]{{1,24}}(?:[ ][A-Z][a-z]{{1,20}})?|(?:[A-Z][A-Za-z]{{1,20}}[,"
    rf" ]{{1,2}}){{1,3}}{_UK_CODE}(?![A-Za-z0-9]))"
    r"|(?<![A-Za-z])(?:Am|An der|An den|Im|In der|In den|Auf dem|Auf der|Zum|Zur|Unter den|Hinter der|Vor dem"
    r"|Alte[rs]?|Neue[rs]?)[ ]"
    r"[A-Z][A-Za-zß-]{2,24}[ ][0-9]{1,4}(?:[ ]?[a-gA-G])?,?[ \n]{1,2}(?:D-)?[0-9]{5}[ ][A-Z][a-z-]{2,30}"
)
_SMALL_NUMBER_AFTER = re.compile(
    r"(?<![a-z])(?:[a-z-]{2,30}?(?:strasse|straße|str\.|straat|gasse|laan|gracht|allee|weg|platz|plein|kade)"
    r"|(?:[a-z]{3,20}[ ])"
    r"(?:strasse|straße|str\.|straat|street|road|weg|platz|allee|laan))"
    r"[ ]?[0-9]{1,4}[ ]?[a-z]?(?:-[0-9]{1,4})?[, \n]{1,3}(?:in )?(?:d-)?(?:[0-9]{5}|[0-9]{4}[ ]?[a-z]{2}"
    r"|[0-9]{4})[ ][a-z-]{3,30}"
)
# "12 rue de la Paix, 75002 Paris": the number first, small words inside.
_FRENCH = re.compile(
    r"(?<![A-Za-z0-9.,$€£#/-])[0-9]{1,4}(?:[ ]?(?:bis|ter|[A-D]))?,?[ ](?i:rue|avenue|av\.|boulevard|bd|allee"
    r"|impasse|quai"
    r"|chemin|place|cours|passage|route|square)[ ](?:(?:de|du|des|la|le|les|l'|d')[ ]?){0,3}"
    r"(?:[A-Za-z][A-Za-z'-]{1,24}[ ]?){1,4}?"
    r"(?P<code>(?:,[ ]?|[ ]|\n[ ]*)(?:[A-Z]-)?[0-9]{4,5}[ ][A-Za-z][A-Za-z'-]{1,30}(?:["
    r" -][A-Z][a-z]{1,20}){0,3})?(?![A-Za-z0-9])"
)
# "Calle Mayor 5, 28013 Madrid", "Via Roma 10", "ul. Długa 7/3, 00-238 Warszawa", "Rua Augusta, 12"
_ROMANCE_PLACE = re.compile(
    rf"(?<![A-Za-z])(?i:{_ROMANCE})[ ]?(?:(?:de|del|de los|de las|di|da|do|dos|das|dei|della|delle|la|le|los|las"
    rf"|el|du|des"
    rf"|d'|l')[ ]?){{0,3}}(?:[A-Z][^\W\d_]{{1,24}}[ ]?|[a-z]{{1,3}}[ ]){{1,4}},?[ ]?(?:n[.o°]{{1,2}}[ ]?|num\.?["
    rf" ]|numero )?"
    r"[0-9]{1,5}(?:[ ]?[a-gA-G](?![A-Za-z]))?(?:/[0-9]{1,4})?(?![0-9A-Za-z])(?:,?[ ][0-9]{1,2}[o°a]?(?:["
    r" ]?[A-Za-z]{1,4})?(?=,))?"
    r"(?P<code>(?:,[ ]?|[ ]|\n[ ]*)(?:[A-Z]{1,2}-)?(?:[0-9]{5}|[0-9]{4}-[0-9]{3}|[0-9]{2}-[0-9]{3}|[0-9]{4})[ ]"
    r"[A-Z][^\W\d_-]{1,30}(?:[ ](?:de|del|di|la)?[ ]?[A-Z][^\W\d_]{1,20})?)?"
)
_PLACE_WORDS = frozenset(
    "address addresses live lives living ship shipped deliver delivers delivered delivery mail mailed mailing billing"
    " send sent moved resident residing home house apartment flat instead"
    " adresse adressen direccion wohne wohnen wohnt anschrift liefern geliefert lieferung lieferadresse"
    " umgezogen schicken"
    " schickt senden zuhause"
    " habite habitons livrer livrez livraison envoyer envoyez domicile demenage"
    " vivo vivimos domicilio enviar envio enviad entregar entrega mudado"
    " indirizzo abito abitiamo spedire spedite consegna consegnare"
    " adres woon wonen leveren bezorgen bezorgd verhuisd bezorgadres"
    " morada endereco moro enviem"
    " adres mieszkam wyslac dostawa".split()
)
_PUBLIC_PLACES = frozenset(
    "shop shops store stores branch branches restaurant cafe hotel station stop stops office offices outlet location"
    " showroom supermarket gym cinema theatre pharmacy bakery museum airport depot locker gate platform bus tram"
    " filiale laden geschaft markt haltestelle magasin boutique gare agence tienda sucursal parada negozio"
    " negozi winkel"
    " vestiging halte loja sklep sklepie warehouse".split()
)
_WHO_BEFORE = re.compile(
    r"(?<![\w])([A-Z][^\W\d_]{1,15})[ ](?:[A-Z]\.?[ ])?[A-Z][^\W\d_]{1,20}(?:,[ ]?|[ ]|\n[ ]*|[ ]-[ ])$"
)
_SMALL_MARKS = (
    "strasse",
    "straße",
    "straat",
    "str.",
    "gasse",
    "laan",
    "gracht",
    "allee",
    "weg",
    "platz",
    "plein",
    "kade",
)


def _places(reading: PreparedText) -> Iterator[Sighting]:
    text, lower = reading.text, reading.lower
    for match in _US.finditer(text):
        yield _seen(reading, match.start(), match.end(), has_code=bool(match["zip"]), has_more=bool(match["unit"]))
    for pattern in (_NUMBER_AFTER, _FRENCH, _ROMANCE_PLACE):
        for match in pattern.finditer(text):
            start, end = match.start(), match.start() + len(match[0].rstrip(" ,\n"))
            yield _seen(reading, start, end, has_code=bool(match["code"]), has_more=False)
    for pattern in (_US_SMALL, _SMALL_NUMBER_AFTER):
        for match in pattern.finditer(lower):
            yield _seen(reading, *match.span(), has_code=True, has_more=False)
    for match in _BOX.finditer(text):
        yield Sighting(*match.span(), ADDRESS, 0.7, "people")


def _any_streets(reading: PreparedText) -> Iterator[Sighting]:
    for match in _ANY_STREET.finditer(reading.text):
        yield _seen(reading, *match.span(), has_code=True, has_more=False)


def _seen(reading: PreparedText, start: int, end: int, *, has_code: bool, has_more: bool) -> Sighting:
    """A street with its number, weighed by what stands around it."""
    is_shop = bool(words_near(reading, start, end, _PUBLIC_PLACES, before=40, after=12))
    words = words_near(reading, start, end, _PLACE_WORDS)
    is_persons = bool(_is_person_before(reading.text[max(0, start - 44) : start]))
    if is_shop and not words and not is_persons:
        return Sighting(start, end, ADDRESS, 0.3, "people", let_go="where a shop, a stop or an office is")
    if has_code:
        return Sighting(start, end, ADDRESS, 0.85, "people", context=words)
    if has_more or words or is_persons:
        return Sighting(start, end, ADDRESS, 0.7, "people", context=words)
    return Sighting(start, end, ADDRESS, 0.3, "people", let_go="a street, but no words about an address near")


def _is_person_before(left: str) -> bool:
    match = _WHO_BEFORE.search(left)
    return match is not None and is_given_name(match[1])


PLACES = Recogniser(
    "people", _places, n_digits=1,
    words=frozenset(_ENGLISH.split("|")) | frozenset(
        "box strasse str rue via calle straat viale piazza corso vicolo largo strada rua travessa praca ul ulica aleja"
        " avenida avda paseo pza camino ronda carrer allee impasse quai chemin cours passage route bd bld av postfach"
        " apartado".split()
    ),
    marks=(*_SMALL_MARKS, "ring ", "damm ", "ufer ", "steig ", "pfad ", "kade ", "dijk ", "singel ", "hof ", "c/"),
)  # fmt: skip
ANY_STREETS = Recogniser("people", _any_streets, n_digits=4)

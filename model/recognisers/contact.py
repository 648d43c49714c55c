"""E-mail and network addresses."""

import ipaddress
import re
from collections.abc import Iterator

from model.recognisers.prepared import PreparedText
from model.recognisers.sighting import Recogniser, Sighting

EMAIL = "email"
IP = "ip_address"

# Possessive throughout: each run of characters is read once, whatever follows it.
_EMAIL = re.compile(
    r"(?<![\w.!#$%&'*+/=?^`{|}~-])[\w!#$%&'*+/=?^`{|}~.-]++@(?P<domain>[^\W_](?:[\w-])*+(?:\.[^\W_](?:[\w-])*+)++)"
)
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])"
_IPV4 = re.compile(rf"(?<![\w.]){_OCTET}(?:\.{_OCTET}){{3}}(?![\w]|\.[0-9])(?:/(?:3[0-2]|[12]?[0-9])(?![0-9]))?")
_IPV6 = re.compile(
    r"(?<![\w:.])(?=[0-9a-f]{0,4}:)(?P<address>[0-9a-f:.]{2,45}+(?:%[a-z0-9]{1,15}+)?)(?![\w:])"
    r"(?P<prefix>/(?:12[0-8]|1[01][0-9]|[1-9]?[0-9])(?![0-9]))?"
)
_VERSION_BEFORE = re.compile(r"(?:version|firmware|build|release|software|ver|update|ios|driver|v)[ :.#]{0,3}$")


def _may_hold(lower: str) -> bool:
    """Whether an @ stands between two characters of a token; most begin somebody's handle."""
    place = lower.find("@")
    while place >= 0:
        if place and not lower[place - 1].isspace() and lower[place + 1 : place + 2].isalnum():
            return True
        place = lower.find("@", place + 1)
    return False


def _emails(reading: PreparedText) -> Iterator[Sighting]:
    if not _may_hold(reading.lower):
        return
    for match in _EMAIL.finditer(reading.lower):
        ending = match["domain"].rpartition(".")[2]
        if not 2 <= len(ending) <= 24 or not (ending.isalpha() or ending.startswith("xn--")):
            continue
        start = match.start()
        while reading.lower[start] in ".'*!=/`{|":
            start += 1
        if reading.lower[start] == "@":
            continue
        yield Sighting(start, match.end(), EMAIL, 0.95, "contact")


EMAILS = Recogniser("contact", _emails, marks=("@",))


# "kim (at) mail (dot) example (dot) com", "kim at mail dot example", "kim AT gmail.com", "kim arroba mail punto es"
_AT_SIGN = (
    r"[ ]?[(\[{<][ ]?(?:at|@|a|ett?|ät|arroba|arobase|chiocciola|apestaartje|małpa|malpa)[ ]?[)\]}>][ ]?|[ ]@[ ]|@[ ]"
)
_AT_WORD = r"[ ](?:at|ät|arroba|arobase|chiocciola|apestaartje|małpa|malpa)[ ]|_at_"
_DOT = (
    r"[ ]?[(\[{<][ ]?(?:dot|d0t|punkt|punto|point|punt|ponto|kropka|\.)[ ]?[)\]}>][ ]?|[ ](?:dot|punkt|punto"
    r"|point|punt|ponto|kropka)[ ]|[ ]?\.[ ]?|_dot_"
)
_DISGUISED = re.compile(
    rf"(?<![\w.+-])(?P<local>[a-z0-9](?:[a-z0-9_+-]|[.](?=[a-z0-9])){{0,40}}(?:(?:[ ](?:dot|punkt|punto|point"
    rf"|punt|ponto|kropka)[ ]"
    rf"|[ ]?[(\[][ ]?dot[ ]?[)\]][ ]?)[a-z0-9_+-]{{1,30}}){{0,2}})"
    rf"(?:(?P<sign>{_AT_SIGN})|(?P<word>{_AT_WORD}))"
    rf"(?P<domain>[a-z0-9][a-z0-9-]{{1,40}}(?:(?:{_DOT})[a-z0-9][a-z0-9-]{{1,30}}){{0,4}}?"
    rf"(?:{_DOT})(?P<ending>[a-z]{{2,10}})"
    r"|gmail|googlemail|hotmail|outlook|yahoo|icloud|gmx|web|aol|protonmail)(?![a-z0-9-]|[.][a-z])"
)
_ENDINGS = frozenset(
    "com org net edu gov info biz eu uk co de at ch fr es it nl be pt pl se dk no fi ie us ca au nz in za br mx"
    " ar cl io"
    " ai app dev me tv test example invalid cz sk hu ro gr tr jp cn kr ru ua online shop site xyz cloud tech email mail"
    " local academy world".split()
)
_WORDS_OF_DOTS = re.compile(r"dot|d0t|punkt|punto|point|punt|ponto|kropka")
_SAYS_MAIL = frozenset(
    "mail email mails emails gmail address contact write reach adresse correo courriel posta indirizzo adres"
    " endereco".split()
)
_NOT_LOCAL = frozenset(
    "look looked looking shop shopped shopping ordered order buy bought me us you available sale found find see"
    " seen is are"
    " was here there store it them not cheaper available sold stay stayed arrived arrive meet met work works"
    " working live".split()
)
_SIGNS = re.compile(r"[(\[{<][ ]?(?:at|@|ät|a|arroba|arobase|chiocciola)[ ]?[)\]}>]|[a-z0-9 ]@ ")
_AT_WORDS = (" at ", " ät ", "arroba", "arobase", "chiocciola", "apestaartje", "małpa", "malpa", "_at_")
_BESIDE_AT = _SAYS_MAIL | frozenset(
    "dot punkt punto point punt ponto kropka hotmail outlook yahoo icloud gmx googlemail protonmail".split()
)


def _disguised(reading: PreparedText) -> Iterator[Sighting]:
    has_word = not reading.words.isdisjoint(_BESIDE_AT)
    if not has_word and not _SIGNS.search(reading.lower):
        return
    for match in _DISGUISED.finditer(reading.lower):
        is_spelt = bool(match["ending"]) and bool(_WORDS_OF_DOTS.search(match["domain"]))
        is_known = match["ending"] is None or match["ending"] in _ENDINGS
        says_mail = not _SAYS_MAIL.isdisjoint(reading.words)
        local = match["local"]
        if match["sign"]:
            is_one = is_known or is_spelt
        else:
            # "look at example.com" is no address: a plain word before a plain link needs more.
            is_odd = any(char in "._+-" or char.isdigit() for char in local) or " " in local
            is_one = local not in _NOT_LOCAL and is_known and (is_spelt or is_odd or says_mail)
        if is_one:
            yield Sighting(*match.span(), EMAIL, 0.8, "contact")
        else:
            yield Sighting(*match.span(), EMAIL, 0.3, "contact", let_go="reads like a place on the web")


DISGUISED_EMAILS = Recogniser("contact", _disguised, marks=(*_AT_WORDS, "(", "[", "{", "@ "))


def _addresses(reading: PreparedText) -> Iterator[Sighting]:
    lower = reading.lower
    if lower.count(".") >= 3:
        for match in _IPV4.finditer(lower):
            if _VERSION_BEFORE.search(lower[max(0, match.start() - 16) : match.start()]):
                yield Sighting(*match.span(), IP, 0.3, "network", let_go="follows a word about versions")
                continue
            yield Sighting(*match.span(), IP, 0.9, "network")
    if lower.count(":") >= 2:
        for match in _IPV6.finditer(lower):
            value = match["address"].rstrip(".")
            if value.count(":") < 2 or not _is_ipv6(value):
                continue
            end = match.start() + len(value) if value != match["address"] else match.end()
            yield Sighting(match.start(), end, IP, 0.9, "network")


def _is_ipv6(value: str) -> bool:
    try:
        ipaddress.IPv6Address(value.partition("%")[0])
    except ValueError:
        return False
    # "::" alone is punctuation far more often than an address.
    return value.partition("%")[0].strip(":") != ""


ADDRESSES = Recogniser("network", _addresses, n_digits=1, longest=3)

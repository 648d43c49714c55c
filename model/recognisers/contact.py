"""E-mail and network addresses."""

import ipaddress
import re
from collections.abc import Iterator

from model.recognisers.reading import Reading
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


def _emails(reading: Reading) -> Iterator[Sighting]:
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


def _addresses(reading: Reading) -> Iterator[Sighting]:
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

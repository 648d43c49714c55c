"""Card security codes, expiry dates and keys: what opens a door beside passwords. Nothing of them is ever kept."""

import re
from collections.abc import Iterator

from model.recognisers.prepared import HIDDEN, PreparedText
from model.recognisers.sighting import Recogniser, Sighting
from model.recognisers.words_near import words_near

API_KEY, PRIVATE_KEY, JWT = "api_key", "private_key", "jwt"
SECURITY_CODE, EXPIRY = "card_security_code", "card_expiry"

# Codes --------------------------------------------------------------------------------------------------------------

_SECURITY_CODE = re.compile(
    r"(?<![a-z])(?<!social )(?:cvv2?|cvc2?|cvn2?|csc|cid|cav2?|cw|card (?:security|verification) (?:code|number"
    r"|value)|security (?:code|number|no)"
    r"|verification (?:number|value)|(?:three|3|four|4|last three|last 3) (?:digits?|numbers?)"
    r"(?: (?:on|at) the (?:back|front|reverse))?|back of (?:the |my )?card|code (?:on|at) (?:the )?(?:back|reverse)"
    r"|codigo de (?:seguridad|seguranca)|codice di sicurezza|code de securite|sicherheitscode|beveiligingscode"
    r"|kod bezpieczenstwa|kod cvv"
    r"|prufnummer|prufziffer|kartenprufnummer|kartenprufziffer|cryptogramme(?: visuel)?|drei ziffern"
    r"(?: (?:hinten|auf der ruckseite))?|trois chiffres(?: au dos)?|tres digitos)"
    r"(?:[ ]?(?:code|number|no|num|#))?[.]?(?:[ ]?(?:on the back|(?:of|to|on) (?:the|my) (?:card|visa|mastercard|amex)"
    r"|hinten|der karte|de la carte|de la tarjeta|della carta|do cartao))?"
    r"(?:[ ]{0,2}(?:is|was|are|ist|sind|lautet|lauten|est|sont|es|son|e|sono|sao|to|jest|:|=|#|-|\())*[ \n]{0,2}"
    r"(?P<value>[0-9][ ]?[0-9][ ]?[0-9](?:[ ]?[0-9])?)(?![0-9])(?![ .,-]?[0-9]{3})"
)
# "123 is my cvc", "es 123, das ist der CVC"
_SECURITY_CODE_AFTER = re.compile(
    r"(?<![0-9a-z$€£#/.,:-])(?P<value>[0-9]{3,4})[ ](?:is|as|ist|est|es|e|are)[ ](?:(?:the|my|der|mein|die|le"
    r"|mon|el|mi|il|mio)[ ])?"
    r"(?:cvv2?|cvc2?|cvn|csc|security code|card security code|code on the back|prufnummer|kartenprufnummer"
    r"|cryptogramme)(?![a-z])"
)
_EXPIRY = re.compile(r"(?<![0-9/-])(?:0?[1-9]|1[0-2])[ ]?[/.-][ ]?(?:20)?[2-4][0-9](?![0-9/-])")
_EXPIRY_WORDS = frozenset(
    "exp expiry expires expiration expiring valid thru until ablauf gultig vence caducidad".split()
)
_CARD_WORDS = frozenset("card cards visa mastercard amex debit credit cvv cvc cvn karte tarjeta carte".split())


def _codes(reading: PreparedText) -> Iterator[Sighting]:
    for match in _SECURITY_CODE.finditer(reading.lower):
        yield Sighting(*match.span("value"), SECURITY_CODE, 0.95, "secrets", context=(match[0].split()[0],))
    for match in _SECURITY_CODE_AFTER.finditer(reading.lower):
        yield Sighting(*match.span("value"), SECURITY_CODE, 0.9, "secrets", context=("code",))


def _expiries(reading: PreparedText) -> Iterator[Sighting]:
    for match in _EXPIRY.finditer(reading.lower):
        words = words_near(reading, *match.span(), _EXPIRY_WORDS | _CARD_WORDS)
        is_beside_card = HIDDEN in reading.lower[max(0, match.start() - 40) : match.end() + 40]
        says_card, says_expiry = not _CARD_WORDS.isdisjoint(words), not _EXPIRY_WORDS.isdisjoint(words)
        if is_beside_card + says_card + says_expiry >= 2:
            yield Sighting(*match.span(), EXPIRY, 0.8, "secrets", context=words)
        elif words:
            yield Sighting(*match.span(), EXPIRY, 0.3, "secrets", context=words, let_go="no card beside the date")


CODES = Recogniser(
    "secrets", _codes, n_digits=3,
    words=frozenset("cvv cvc cvn csc cid cav cw security verification digits digit back seguridad prufnummer"
        " kartenprufnummer prufziffer kartenprufziffer cryptogramme numbers code codigo codice sicherheitscode"
        " beveiligingscode"
        " kod drei trois tres".split()),
)  # fmt: skip
EXPIRIES = Recogniser("secrets", _expiries, n_digits=3, words=_CARD_WORDS | _EXPIRY_WORDS)

# Keys ---------------------------------------------------------------------------------------------------------------

_KEY_MARKS = (
    "sk_", "rk_", "pk_live", "sk-", "akia", "asia", "aiza", "ya29.", "ghp_", "gho_", "ghu_", "ghs_", "ghr_",
    "github_pat_", "glpat-",
    "xox", "sg.", "hf_", "npm_", "pypi-", "whsec_", "tk_live_", "tk_test_", "eaac", "key-", "dop_v1_", "shpat_",
    "shpss_", "sq0",
    "bearer", "api", "secret", "token", "access", "aws", "client", "eyj", "basic",
)  # fmt: skip
_API_KEY = re.compile(
    r"(?<![A-Za-z0-9_-])(?:[sr]k_(?:live|test)_[A-Za-z0-9]{10,}+|pk_live_[A-Za-z0-9]{10,}+"
    r"|sk-(?:[a-z]+-)?[A-Za-z0-9_-]{20,}+|(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"
    r"|AIza[A-Za-z0-9_-]{30,}+|ya29\.[A-Za-z0-9_-]{20,}+|gh[pousr]_[A-Za-z0-9]{20,}+|github_pat_[A-Za-z0-9_]{20,}+"
    r"|glpat-[A-Za-z0-9_-]{16,}+|xox[abeoprs]-[A-Za-z0-9-]{10,}+"
    r"|SG\.[A-Za-z0-9_-]{16,}+\.[A-Za-z0-9_-]{16,}+|hf_[A-Za-z0-9]{20,}+|npm_[A-Za-z0-9]{20,}+"
    r"|pypi-[A-Za-z0-9_-]{16,}+|whsec_[A-Za-z0-9+/=]{16,}+|tk_(?:live|test)_[A-Za-z0-9]{10,}+"
    r"|EAAC[A-Za-z0-9]{20,}+|key-[a-f0-9]{24,}+|dop_v1_[a-f0-9]{32,}+|shp(?:at|ss|ca)_[A-Fa-f0-9]{20,}+"
    r"|sq0[a-z]{3}-[A-Za-z0-9_-]{16,}+)"
)
_NAMED_KEY = re.compile(
    r"(?<![a-z])(?:api[ _-]?(?:key|token|secret)s?|(?:secret|access|auth|private|client|bearer|refresh|session"
    r"|aws)[ _-]?(?:access )?(?:secret[ _-]?)?(?:access[ _-]?)?(?:key|token|secret)s?(?:[ _-]?id)?|bearer|token|basic)"
    r"(?:[ ]{0,2}(?:is|was|:|=|=>))*[ \n]{0,2}['\"]?(?P<value>[a-z0-9_+/=.~-]{16,512}+)"
)
_JWT = re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+(?:\.[A-Za-z0-9_-]*+)?")
_PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_PRIVATE_KEY_END = re.compile(r"-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")


def _keys(reading: PreparedText) -> Iterator[Sighting]:
    text = reading.text
    for match in _API_KEY.finditer(text):
        yield Sighting(*match.span(), API_KEY, 0.98, "secrets")
    for match in _JWT.finditer(text):
        yield Sighting(*match.span(), JWT, 0.98, "secrets")
    for match in _NAMED_KEY.finditer(reading.lower):
        start, end = match.span("value")
        value = text[start:end]
        if any(char.isdigit() for char in value) and any(char.isalpha() for char in value) and "://" not in value:
            yield Sighting(start, end, API_KEY, 0.85, "secrets", context=(match[0].split()[0],))


def _private_keys(reading: PreparedText) -> Iterator[Sighting]:
    at = 0
    while match := _PRIVATE_KEY.search(reading.text, at):
        closing = _PRIVATE_KEY_END.search(reading.text, match.end())
        # A key whose end is missing was cut off in pasting: what follows is the key.
        at = closing.end() if closing else len(reading.text)
        yield Sighting(match.start(), at, PRIVATE_KEY, 0.99, "secrets")


KEYS = Recogniser("secrets", _keys, marks=_KEY_MARKS, longest=16)
PRIVATE_KEYS = Recogniser("secrets", _private_keys, marks=("-----begin ",))

"""Bank accounts: IBAN, US routing and account numbers, UK sort codes."""

import re
from collections.abc import Iterator

from model.recognisers.prepared import PreparedText
from model.recognisers.sighting import Recogniser, Sighting
from model.recognisers.words_near import words_near

IBAN = "iban"
ACCOUNT = "bank_account"

# Country -> length of its IBAN. Source: SWIFT IBAN registry; tests hold it against python-stdnum's copy.
IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
    "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19,
    "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29,
    "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
    "YE": 30,
}  # fmt: skip
_IBAN_START = re.compile(r"(?<![a-z0-9])[a-z]{2}[ ]?[0-9][ ]?[0-9](?=[ \-.]?[a-z0-9])")


def checks_mod97(compact: str) -> bool:
    """Whether the two check digits of an IBAN fit. Source: ISO 13616, ISO 7064 MOD 97-10."""
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1


def _ibans(reading: PreparedText) -> Iterator[Sighting]:
    lower = reading.lower
    for match in _IBAN_START.finditer(lower):
        country = match[0][:2].upper()
        length = IBAN_LENGTHS.get(country)
        if length is None:
            continue
        start = match.start()
        ends = _end_of(lower, start, length)
        if ends is None:
            continue
        compact = "".join(char for char in lower[start:ends] if char.isalnum())
        words = words_near(reading, start, ends, _IBAN_WORDS)
        if checks_mod97(compact) and ("iban" in words or _is_set_in_fours(lower[start:ends])):
            yield Sighting(start, ends, IBAN, 0.99 if words else 0.95, "banking", context=words)
        elif "iban" in words and sum(char.isdigit() for char in compact) >= 10:
            yield Sighting(start, ends, IBAN, 0.6, "banking", context=words)
        else:
            yield Sighting(start, ends, IBAN, 0.2, "banking", context=words, let_go="check digits wrong")


def _is_set_in_fours(written: str) -> bool:
    """Whether it is in one piece or in groups of four, as an IBAN is printed; "is 6521 then 0000" is neither."""
    *groups, last = _SEPARATED.split(written)
    return len(last) <= 4 and all(len(group) == 4 for group in groups) if groups else True


def _end_of(lower: str, start: int, length: int) -> int | None:
    """Where `length` letters and digits end, two separators between at most; None when the token goes on."""
    match = _LETTERS[length].match(lower, start)
    return match.end() if match else None


_SEPARATED = re.compile(r"[ .\t\n-]+")
_LETTERS = {
    length: re.compile(rf"[a-z0-9](?:[ .\t\n-]{{0,2}}[a-z0-9]){{{length - 1}}}(?![a-z0-9])")
    for length in set(IBAN_LENGTHS.values())
}
IBANS = Recogniser("banking", _ibans, n_digits=8)

_ACCOUNT = re.compile(
    r"(?<![a-z])(?:account|acct|acc|a/c|iban|konto|cuenta|bank account|checking|savings)"
    r"(?:[ _-]?(?:number|num|no|nr|#))?[.]?(?:[ ]?(?:is|was|:|=|#|-))*[ \n]?(?P<value>[0-9](?:["
    r" -]?[0-9]){5,16}+)(?![0-9a-z])"
)
_BANK_WORDS = frozenset(
    "bank banking routing aba sort iban swift bic bsb checking savings wire transfer deposit debit ach".split()
)
_IBAN_WORDS = frozenset(("iban", "bank", "account", "transfer", "konto"))
_ROUTING_WORDS = frozenset(("routing", "aba", "rtn"))
_SORT_WORDS = frozenset(("sort",))
_ROUTING = re.compile(r"(?<![0-9a-z-])[0-9]{4}-?[0-9]{4}-?[0-9](?![0-9a-z-])")
_SORT_CODE = re.compile(r"(?<![0-9])[0-9]{2}[- ]?[0-9]{2}[- ]?[0-9]{2}(?![0-9])")


def _accounts(reading: PreparedText) -> Iterator[Sighting]:
    lower = reading.lower
    for match in _ACCOUNT.finditer(lower):
        start, end = match.span("value")
        words = words_near(reading, match.start(), end, _BANK_WORDS)
        said_bank = bool(words) or "bank" in match[0] or "number" in match[0]
        if said_bank:
            yield Sighting(start, end, ACCOUNT, 0.8 if words else 0.6, "banking", context=words)
        else:
            yield Sighting(start, end, ACCOUNT, 0.4, "banking", let_go="an account, but no words about a bank near")
    if not reading.words.isdisjoint(_ROUTING_WORDS):
        for match in _ROUTING.finditer(lower):
            words = words_near(reading, *match.span(), _ROUTING_WORDS)
            if words and _checks_aba(match[0].replace("-", "")):
                yield Sighting(*match.span(), ACCOUNT, 0.9, "banking", context=words)
    if "sort" in reading.words:
        for match in _SORT_CODE.finditer(lower):
            if words_near(reading, *match.span(), _SORT_WORDS, before=24, after=12):
                yield Sighting(*match.span(), ACCOUNT, 0.85, "banking", context=("sort",))


def _checks_aba(digits: str) -> bool:
    weights = (3, 7, 1, 3, 7, 1, 3, 7, 1)
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 10 == 0


ACCOUNTS = Recogniser(
    "banking", _accounts, n_digits=6,
    words=frozenset("account acct acc konto cuenta routing aba rtn sort checking savings iban".split()), marks=("a/c",),
)  # fmt: skip

"""Payment cards: issuer range, length, check digit, grouping and the words around decide together.

The check digit alone is no proof: one random number in ten passes it. Nor is a failed one a way out: a customer who
types one digit wrong in the card number meant their card.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from model.recognisers.reading import HIDDEN, Reading
from model.recognisers.sighting import Recogniser, Sighting

CARD = "payment_card"
CODE = "card_security_code"
EXPIRY = "card_expiry"


@dataclass(frozen=True, slots=True)
class Issuer:
    """A range of card numbers: the first digits run from `low` to `high`.

    common: lengths that are proof enough without a word about cards beside them.
    """

    low: str
    high: str
    lengths: frozenset[int]
    common: frozenset[int] = frozenset()


def _issuer(low: str, high: str, lengths: Iterable[int], common: Iterable[int] = ()) -> Issuer:
    return Issuer(low, high, frozenset(lengths), frozenset(common))


# ISO/IEC 7812 ranges as the networks publish them, the most particular first. Old ranges stay: they still turn up.
ISSUERS = (
    _issuer("34", "34", [15], [15]),  # American Express
    _issuer("37", "37", [15], [15]),
    _issuer("4", "4", [13, 16, 18, 19], [16]),  # Visa; 13 and 19 are rare
    _issuer("51", "55", [16], [16]),  # Mastercard
    _issuer("2221", "2720", [16], [16]),  # Mastercard 2-series
    _issuer("6011", "6011", range(16, 20), [16]),  # Discover
    _issuer("644", "659", range(16, 20), [16]),
    _issuer("300", "305", range(14, 20), [14, 16]),  # Diners Club
    _issuer("3095", "3095", range(14, 20), [14, 16]),
    _issuer("36", "36", range(14, 20), [14]),
    _issuer("38", "39", range(14, 20), [14, 16]),
    _issuer("3528", "3589", range(16, 20), [16]),  # JCB
    _issuer("35", "35", [16]),
    _issuer("1800", "1800", [15]),
    _issuer("2131", "2131", [15]),
    _issuer("62", "62", range(16, 20), [16, 19]),  # UnionPay
    _issuer("81", "82", range(16, 20), [16]),  # UnionPay, RuPay
    _issuer("60", "60", range(12, 20), [16]),  # RuPay, Hipercard; Maestro for the other lengths
    _issuer("2200", "2204", range(16, 20), [16]),  # Mir
    _issuer("9792", "9792", [16], [16]),  # Troy
    _issuer("5019", "5019", [16], [16]),  # Dankort
    _issuer("50", "50", range(12, 20), [16]),  # Maestro, Verve, Elo
    _issuer("56", "58", range(12, 20), [16]),  # Maestro
    _issuer("63", "63", range(12, 20), [16]),
    _issuer("67", "67", range(12, 20), [16]),
    _issuer("0604", "0604", range(12, 20)),
    _issuer("61", "61", range(12, 20)),
    _issuer("66", "66", range(12, 20)),
    _issuer("68", "69", range(12, 20)),
    _issuer("1", "1", [15]),  # UATP, air travel
)
_BY_FIRST: dict[str, tuple[Issuer, ...]] = {
    first: tuple(issuer for issuer in ISSUERS if issuer.low[0] <= first <= issuer.high[0]) for first in "0123456789"
}
_LENGTHS: dict[str, tuple[int, ...]] = {
    first: tuple(sorted({length for issuer in issuers for length in issuer.lengths}))
    for first, issuers in _BY_FIRST.items()
}


def issuer_of(digits: str) -> Issuer | None:
    """The range a number of this length belongs to, or None."""
    for issuer in _BY_FIRST[digits[0]]:
        if issuer.low <= digits[: len(issuer.low)] <= issuer.high and len(digits) in issuer.lengths:
            return issuer
    return None


_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def luhn(digits: str) -> bool:
    """Whether the last digit checks. Source: ISO/IEC 7812-1, annex B."""
    plain = digits[-1::-2]
    doubled = digits[-2::-2]
    return (sum(map(int, plain)) + sum(_DOUBLED[int(digit)] for digit in doubled)) % 10 == 0


# Groups of digits ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Group:
    """Digits that stand together, as written in digits or spelt as words."""

    digits: str
    start: int
    end: int


_ONES = {"zero": "0", "oh": "0", "o": "0", "nought": "0", "one": "1", "two": "2", "three": "3", "four": "4",
         "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9"}  # fmt: skip
_TEENS = {"ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15",
          "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19"}  # fmt: skip
_TENS = {"twenty": "2", "thirty": "3", "forty": "4", "fourty": "4", "fifty": "5", "sixty": "6", "seventy": "7",
         "eighty": "8", "ninety": "9"}  # fmt: skip
_ABROAD = {"uno": "1", "dos": "2", "tres": "3", "cuatro": "4", "cinco": "5", "seis": "6", "siete": "7", "ocho": "8",
           "nueve": "9", "cero": "0", "un": "1", "deux": "2", "trois": "3", "quatre": "4", "cinq": "5", "sept": "7",
           "huit": "8", "neuf": "9", "null": "0", "eins": "1", "zwei": "2", "zwo": "2", "drei": "3", "vier": "4",
           "funf": "5", "fuenf": "5", "sechs": "6", "sieben": "7", "acht": "8", "neun": "9"}  # fmt: skip
_TIMES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
_SINGLE = _ABROAD | _ONES
SPOKEN = frozenset(_SINGLE) | frozenset(_TEENS) | frozenset(_TENS)
_ANY_ONE = "|".join(sorted(_SINGLE, key=len, reverse=True))
_SPOKEN_GROUP = re.compile(
    rf"[0-9]++|(?<![a-z])(?:(?P<times>{'|'.join(_TIMES)})[ -]?(?P<what>{_ANY_ONE}|[0-9])|(?P<teen>{'|'.join(_TEENS)})"
    rf"|(?P<tens>{'|'.join(_TENS)})(?:[ -]?(?P<unit>{'|'.join(list(_ONES)[4:])}))?|(?P<one>{_ANY_ONE}))(?![a-z])"
)
_GROUP = re.compile(r"[0-9]++")


def groups_of(reading: Reading) -> list[Group]:
    """All digits of a text in order, spelt ones too where there are enough of them to matter."""
    lower = reading.lower
    if len(reading.words & SPOKEN) < (1 if reading.n_digits >= 8 else 2):
        return [Group(match[0], match.start(), match.end()) for match in _GROUP.finditer(lower)]
    groups = []
    for match in _SPOKEN_GROUP.finditer(lower):
        if match["times"]:
            digits = _SINGLE.get(match["what"], match["what"]) * _TIMES[match["times"]]
        elif match["teen"]:
            digits = _TEENS[match["teen"]]
        elif match["tens"]:
            digits = _TENS[match["tens"]] + _ONES.get(match["unit"] or "", "0")
        elif match["one"]:
            digits = _SINGLE[match["one"]]
        else:
            digits = match[0]
        groups.append(Group(digits, match.start(), match.end()))
    return groups


_SEPARATORS = " \t\r\n.,-_/\\|:;*~+'\""
_FILLER = frozenset(
    "then and dash space hyphen dot minus next followed by point comma slash after that so um uh er the number"
    " line newline tiret espace guion bindestrich".split()
)
_WORDS = re.compile(r"[a-z]++")


def _joins(gap: str) -> bool:
    """Whether two groups of digits with this between them may be one number."""
    if not gap.strip(_SEPARATORS):
        return len(gap) <= 6
    if len(gap) > 24 or HIDDEN in gap:
        return False
    words = _WORDS.findall(gap)
    return bool(words) and _FILLER.issuperset(words) and not _WORDS.sub("", gap).strip(_SEPARATORS)


def chains_of(lower: str, groups: Sequence[Group]) -> Iterator[list[Group]]:
    """Runs of groups that may be one number together."""
    chain: list[Group] = []
    for group in groups:
        if chain and not _joins(lower[chain[-1].end : group.start]):
            yield chain
            chain = []
        chain.append(group)
    if chain:
        yield chain


# Words that speak for and against -----------------------------------------------------------------------------------

CARD_WORDS = frozenset(
    "card cards visa mastercard amex maestro diners jcb unionpay rupay discover debit credit cc ccn pan cvv cvc cvn csc"
    " exp expiry expires expiration expiring valid thru creditcard debitcard cardnumber cardholder payment charged"
    " kreditkarte kreditkartennummer karte kartennummer tarjeta carte bancaire carta carte cartao cartão kort kaart"
    " kaartnummer kortnummer karta karty 信用卡 银行卡 卡号 カード 카드 карта карты".split()
)
_NEAR_BEFORE, _NEAR_AFTER = 80, 40
# The label a number carries, right before it. These say: not a card.
_LABEL = (
    r"(?P<label>order|orders|ord|tracking|track|parcel|package|shipment|shipping|waybill|awb|consignment|reference|ref"
    r"|case|ticket|invoice|inv|booking|confirmation|conf|reservation|imei|imsi|iccid|sim|serial|isbn|ean|upc|barcode|sku"
    r"|phone|tel|mobile|cell|fax|whatsapp|call|timestamp|epoch|ts|time|trace|session|transaction|txn|trans|auth"
    r"|member|membership|loyalty|library|gift|boarding|flight|customer|client|user|profile|device|asset|meter|job|request"
    r"|incident|complaint|claim|policy|contract|voucher|coupon|promo|rma|return|delivery|dispatch|pedido|bestellung"
    r"|bestellnummer|sendungsnummer|auftrag|commande|ordine|tweet|status|message|msg|post|video|article|item|product"
    r"|version|build|crn|uuid|guid|id|nectar|avios|clubcard|rewards|points|vin|container|pnr|ticketnumber"
    r"|ordernumber|trackingnumber|ref_no|order_id|tracking_id)"
)
_AFTER_LABEL = (
    r"(?:[ _-]?(?:number|numbers|num|no|nr|id|ids|code|ref|reference|card|label|order|account|acct|service))?[.:]?"
    r"(?:[ \t]{0,3}(?:is|was|are|:|=|#|-|–|\(|\[|\"|'))*[ \t\n]{0,3}$"
)
_NOT_A_CARD = re.compile(rf"(?<![a-z]){_LABEL}(?:[ _-]?(?:is|#))?{_AFTER_LABEL}")
_IS_A_CARD = re.compile(
    r"(?:card|cc|visa|mastercard|amex|pan|carte|tarjeta|karte|kort|debit|credit|maestro|discover)s?[ _-]?"
    r"(?:number|num|no|nr|details|info|numero|nummer)?[.:]?"
    r"(?:[ \t]{0,3}(?:is|was|are|here|it's|its|:|=|#|-|\(|\"|'|ending|with|on))*[ \t\n]{0,3}$"
)
_OTHER_CARDS = re.compile(
    r"(?:gift|loyalty|library|membership|member|sim|boarding|report|id|rewards?|points|club|memory|sd|graphics|business"
    r"|travel|oyster|bus|student|staff|phone|calling|green|score|post)[ -]?cards?"
)
_ATTACHED_BEFORE = re.compile(r"(?P<word>[a-z]+)[_#=-]?$|[_#/=&%@]$")
_ATTACHED_AFTER = re.compile(r"(?P<word>[a-z]+)|[_/&%@=]")
_FITTING_BEFORE = CARD_WORDS | frozenset("no nr num number is x n numero nummer c".split())
_FITTING_AFTER = frozenset("exp cvv cvc cvn csc x and thru valid expires expiry date".split())


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What stands around a number: words about cards, and a label that says it is something else."""

    card_words: tuple[str, ...]
    is_labelled_card: bool
    other_label: str
    is_attached: bool


def _surroundings(reading: Reading, start: int, end: int) -> _Surroundings:
    lower = reading.lower
    left, right = lower[max(0, start - _NEAR_BEFORE) : start], lower[end : end + _NEAR_AFTER]
    near = _OTHER_CARDS.sub(" ", left) + " " + right if "card" in left else left + " " + right
    words = tuple(sorted(CARD_WORDS.intersection(_WORDS.findall(near))))
    if not near.isascii():
        words += tuple(word for word in CARD_WORDS if not word.isascii() and word in near)
    if not words and reading.before is not None:
        words = tuple(sorted(CARD_WORDS.intersection(_WORDS.findall(reading.before.lower[-_NEAR_BEFORE:]))))
    label = _NOT_A_CARD.search(left[-48:])
    before, after = _ATTACHED_BEFORE.search(left[-16:]), _ATTACHED_AFTER.match(right[:16])
    is_attached = bool(
        (before and (before["word"] or "#") not in _FITTING_BEFORE and before[0] != "#")
        or (after and (after["word"] or "_") not in _FITTING_AFTER)
    )
    return _Surroundings(
        card_words=words,
        is_labelled_card=not label and bool(_IS_A_CARD.search(left[-40:])),
        other_label=label["label"] if label else "",
        is_attached=is_attached,
    )


# Candidates ---------------------------------------------------------------------------------------------------------

_CARD_GROUPINGS = frozenset(
    {(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (6, 13), (4, 4, 4, 4, 2), (4, 4, 4, 4, 1), (4, 4, 4), (4, 4, 4, 2),
     (4, 4, 4, 1), (4, 4, 4, 3), (6, 4, 4), (8, 8), (6, 10), (4, 12), (4, 4, 8), (8, 4, 4), (6, 6, 4), (5, 5, 5), (4, 5, 6),
     (6, 6, 7), (4, 4, 5), (4, 4, 4, 5), (6, 7), (6, 9), (4, 11), (10, 6), (12, 4)}
)  # fmt: skip
SOLID, GROUPED, SINGLES, ODD = "solid", "in card grouping", "digit by digit", "oddly grouped"


def _grouping(window: Sequence[Group]) -> str:
    if len(window) == 1:
        return SOLID
    sizes = tuple(len(group.digits) for group in window)
    if sizes in _CARD_GROUPINGS:
        return GROUPED
    return SINGLES if max(sizes) <= 2 else ODD


def _checks(chain: Sequence[Group]) -> Iterator[tuple[int, int, str]]:
    """Windows of whole groups whose digits have an issuer's first digits and length: (first, last + 1, digits)."""
    all_digits = "".join(group.digits for group in chain)
    starts = [0]
    for group in chain:
        starts.append(starts[-1] + len(group.digits))
    group_at = {place: index for index, place in enumerate(starts)}
    for first, start in enumerate(starts[:-1]):
        for length in _LENGTHS[all_digits[start]]:
            last = group_at.get(start + length)
            if last is not None:
                yield first, last, all_digits[start : start + length]


def _rest_fits(chain: Sequence[Group], first: int, last: int, *, is_spelt: bool) -> bool:
    """Whether what the chain holds beside the window may stand beside a card: nothing, an expiry date, a code."""
    after = [len(group.digits) for group in chain[last:]]
    before = [len(group.digits) for group in chain[:first]]
    if is_spelt:
        return len(before) <= 2 and len(after) <= 11
    return sum(before) <= 3 and sum(after) <= 9 and all(size <= 4 for size in after)


def _kept(digits: str) -> str:
    """First six and last four of a full-length card, the last four of a short one. Source: PCI DSS 4.0, 3.4.1."""
    return f"{digits[:6]}…{digits[-4:]}" if len(digits) >= 15 else f"…{digits[-4:]}"


def _judge(reading: Reading, chain: Sequence[Group], first: int, last: int, digits: str) -> Sighting | None:
    issuer = issuer_of(digits)
    if issuer is None:
        return None
    has_check = luhn(digits)
    window = chain[first:last]
    start, end = window[0].start, window[-1].end
    grouping = _grouping(window)
    if not has_check and grouping not in (SOLID, GROUPED):
        return None
    around = _surroundings(reading, start, end)
    is_common = len(digits) in issuer.common
    if not has_check and not around.card_words:
        return None

    def sighting(score: float, let_go: str = "") -> Sighting:
        return Sighting(start, end, CARD, score, "cards", _kept(digits), around.card_words, let_go)

    shape = f"{len(digits)} digits {grouping}"
    if around.is_attached and not around.is_labelled_card:
        return sighting(0.2, f"{shape}, but part of a longer token such as an id or an address")
    if around.other_label and not (has_check and grouping != SOLID and around.card_words):
        return sighting(0.2, f"{shape}, but labelled '{around.other_label}'")
    if not has_check:
        if (is_common and len(digits) >= 15) or around.is_labelled_card:
            return sighting(0.6)
        return sighting(0.3, f"{shape}, check digit wrong, length unusual for its issuer")
    if around.is_labelled_card:
        return sighting(0.99)
    if around.card_words:
        return sighting(0.95 if grouping in (SOLID, GROUPED) else 0.9)
    if not is_common:
        return sighting(0.3, f"{shape}, unusual length for its issuer, no words about cards near")
    if not _rest_fits(chain, first, last, is_spelt=grouping == SINGLES):
        return sighting(0.3, f"{shape}, but part of a longer row of numbers, no words about cards near")
    if grouping == ODD and len({reading.lower[a.end : b.start] for a, b in pairwise(window)}) > 1:
        return sighting(0.4, f"{shape}, separators differ, no words about cards near")
    return sighting(0.85 if grouping in (SOLID, GROUPED) else 0.7)


def _numbers(reading: Reading) -> Iterator[Sighting]:
    for chain in chains_of(reading.lower, groups_of(reading)):
        if sum(len(group.digits) for group in chain) < 12:
            continue
        for first, last, digits in _checks(chain):
            found = _judge(reading, chain, first, last, digits)
            if found is not None:
                yield found


CARDS = Recogniser("cards", _numbers, n_digits=12)
SPELT_CARDS = Recogniser("cards", lambda reading: () if reading.n_digits >= 12 else _numbers(reading), words=SPOKEN)

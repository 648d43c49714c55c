"""Payment cards: issuer range, length, check digit, grouping and the words around decide together.

The check digit alone is no proof: one random number in ten passes it. Nor is a failed one a way out: a customer who
types one digit wrong in the card number meant their card.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple

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


class Group(NamedTuple):
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
_LONGEST = 19
# Twelve digits that may be one number, unless words stand between them.
_ENOUGH = re.compile(r"[0-9](?:[^a-z0-9]{0,6}[0-9]){11}")


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
        if len(group.digits) > _LONGEST:
            # More digits in one piece than any card has: it is no part of one.
            if chain:
                yield chain
            chain = []
            continue
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
    r"|case|ticket|invoice|inv|booking|confirmation|conf|reservation|imei|imsi|iccid|sim|serial|isbn|ean|upc"
    r"|barcode|sku"
    r"|phone|tel|mobile|cell|fax|whatsapp|call|timestamp|epoch|ts|time|trace|session|transaction|txn|trans|auth"
    r"|member|membership|loyalty|library|gift|boarding|flight|customer|client|user|profile|device|asset|meter|job"
    r"|request"
    r"|incident|complaint|claim|policy|contract|voucher|coupon|promo|rma|return|delivery|dispatch|pedido|bestellung"
    r"|bestellnummer|sendungsnummer|auftrag|commande|ordine|tweet|status|message|msg|post|video|article|item|product"
    r"|version|build|crn|uuid|guid|id|nectar|avios|clubcard|rewards|points|vin|container|pnr|ticketnumber"
    r"|ordernumber|trackingnumber|ref_no|order_id|tracking_id)"
)
_AFTER_LABEL = (
    r"(?:[ _-]?(?:number|numbers|num|no|nr|id|ids|code|ref|reference|card|label|order|account|acct|service)){0,2}[.:]?"
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


_ALONE = _Surroundings(card_words=(), is_labelled_card=False, other_label="", is_attached=False)
_FAR = tuple(word for word in CARD_WORDS if not word.isascii())


def _surroundings(reading: Reading, start: int, end: int, *, has_words: bool = True) -> _Surroundings:
    lower = reading.lower
    left, right = lower[max(0, start - _NEAR_BEFORE) : start], lower[end : end + _NEAR_AFTER]
    words: tuple[str, ...] = ()
    if has_words:
        near = _OTHER_CARDS.sub(" ", left) + " " + right if "card" in left else left + " " + right
        words = tuple(sorted(CARD_WORDS.intersection(_WORDS.findall(near))))
        if not near.isascii():
            words += tuple(word for word in _FAR if word in near)
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
    {(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (6, 13), (4, 4, 4, 4, 2), (4, 4, 4, 4, 1), (4, 4, 4),
    (4, 4, 4, 2),
     (4, 4, 4, 1), (4, 4, 4, 3), (6, 4, 4), (8, 8), (6, 10), (4, 12), (4, 4, 8), (8, 4, 4), (6, 6, 4), (4, 5, 6),
     (6, 6, 7), (4, 4, 5), (4, 4, 4, 5), (6, 7), (6, 9), (4, 11), (10, 6), (12, 4)}
)  # fmt: skip
SOLID, GROUPED, SINGLES, ODD = "solid", "in card grouping", "digit by digit", "oddly grouped"
SMALL = "in small groups of different sizes"


def _grouping(window: Sequence[Group]) -> str:
    if len(window) == 1:
        return SOLID
    sizes = tuple(len(group.digits) for group in window)
    if sizes in _CARD_GROUPINGS:
        return GROUPED
    is_even = len(set(sizes[:-1])) == 1 and sizes[-1] <= sizes[0]
    is_spelt = any(group.end - group.start != len(group.digits) for group in window)
    if max(sizes) <= 2 and (is_even or is_spelt):
        return SINGLES
    return ODD if max(sizes) >= 4 or is_even else SMALL


class _Window(NamedTuple):
    """Whole groups of a chain that have an issuer's first digits and length: chain[first:last]."""

    first: int
    last: int
    digits: str
    issuer: Issuer
    has_check: bool


def _windows(chain: Sequence[Group], lower: str, *, has_words: bool) -> Iterator[_Window]:
    """All windows of a chain that may be a card, by where they begin.

    Without a word about cards in the whole text a window must also begin where a number can begin, and its check digit
    must be right: that keeps a message full of digits cheap.
    """
    all_digits = "".join(group.digits for group in chain)
    starts = [0]
    for group in chain:
        starts.append(starts[-1] + len(group.digits))
    group_at = {place: index for index, place in enumerate(starts)}
    checks = _Checks(all_digits)
    ended: set[int] = set()
    for first, start in enumerate(starts[:-1]):
        if not has_words and first > 3 and first not in ended and not _may_begin(lower, chain, first):
            continue
        for length in _LENGTHS[all_digits[start]]:
            last = group_at.get(start + length)
            if last is None:
                continue
            has_check = checks.hold(start, start + length)
            if not (has_check or has_words):
                continue
            digits = all_digits[start : start + length]
            issuer = issuer_of(digits)
            if issuer is not None:
                if has_check:
                    ended.update(range(last, last + 4))
                yield _Window(first, last, digits, issuer, has_check)


def _may_begin(lower: str, chain: Sequence[Group], place: int) -> bool:
    """Whether a number can begin at this group: it is long, or the separator before it is not the one behind it."""
    group = chain[place]
    if len(group.digits) >= 12 or place + 1 == len(chain):
        return True
    return lower[chain[place - 1].end : group.start] != lower[group.end : chain[place + 1].start]


class _Checks:
    """Check digits of many windows of one row of digits: summed over the row once, when it is long."""

    def __init__(self, digits: str) -> None:
        self._digits = digits
        # sums[0] doubles the digits at even places, sums[1] those at odd places.
        self._sums: tuple[list[int], list[int]] | None = None

    def hold(self, start: int, end: int) -> bool:
        if len(self._digits) <= 64:
            return luhn(self._digits[start:end])
        if self._sums is None:
            plain = [int(digit) for digit in self._digits]
            doubled = [_DOUBLED[digit] for digit in plain]
            even, odd = plain.copy(), plain.copy()
            even[::2], odd[1::2] = doubled[::2], doubled[1::2]
            self._sums = [0, *accumulate(even)], [0, *accumulate(odd)]
        total = self._sums[end % 2]
        return (total[end] - total[start]) % 10 == 0


def _stands_free(lower: str, chain: Sequence[Group], window: _Window, *, after_card: bool, before_card: bool) -> bool:
    """Whether a window is a number of its own within its chain, not a piece of a longer row of numbers.

    It is where its chain begins, where another card ended, or where the separator changes; and what follows is nothing,
    an expiry date, a code, another card, or set off by another separator.
    """
    first, last = window.first, window.last
    if last - first == 1:
        return True
    inner = lower[chain[first].end : chain[first + 1].start]
    begins = first == 0 or after_card or lower[chain[first - 1].end : chain[first].start] != inner
    if not begins and sum(len(group.digits) for group in chain[max(0, first - 4) : first]) > 3:
        return False
    if last == len(chain) or before_card or lower[chain[last - 1].end : chain[last].start] != inner:
        return True
    rest = chain[last : last + 12]
    return (
        len(chain) - last <= 11
        and sum(len(group.digits) for group in rest) <= 11
        and all(len(group.digits) <= 4 for group in rest)
    )


def _kept(digits: str) -> str:
    """First six and last four of a full-length card, the last four of a short one. Source: PCI DSS 4.0, 3.4.1."""
    return f"{digits[:6]}…{digits[-4:]}" if len(digits) >= 15 else f"…{digits[-4:]}"


def _judge(reading: Reading, chain: Sequence[Group], found: _Window, *, has_words: bool, is_free: bool) -> Sighting:
    """Weigh everything that is known about one window: cheap evidence first, what stands around it last."""
    digits, has_check = found.digits, found.has_check
    window = chain[found.first : found.last]
    start, end = window[0].start, window[-1].end
    grouping = _grouping(window)
    is_common = len(digits) in found.issuer.common
    shape = f"{len(digits)} digits {grouping}"
    around = _ALONE

    def sighting(score: float, let_go: str = "") -> Sighting:
        return Sighting(start, end, CARD, score, "cards", kept, around.card_words, let_go)

    kept = _kept(digits)
    if len(digits) == 12 and grouping == GROUPED and _is_start(digits) and not reading.lower[end:].strip(_SEPARATORS):
        # Three groups of four at the very end check by chance as a short card; the fourth comes in the next message.
        kept = "part 12"
    if not has_words:
        if not is_common:
            return sighting(0.3, f"{shape}, unusual length for its issuer, no words about cards near")
        if not is_free:
            return sighting(0.3, f"{shape}, but part of a longer row of numbers, no words about cards near")
    around = _surroundings(reading, start, end, has_words=has_words)
    if around.is_attached and not around.is_labelled_card:
        return sighting(0.2, f"{shape}, but part of a longer token such as an id or an address")
    if around.other_label and not (has_check and grouping != SOLID and around.card_words):
        return sighting(0.2, f"{shape}, but labelled '{around.other_label}'")
    if not has_check:
        if around.card_words and grouping in (SOLID, GROUPED):
            if (is_common and len(digits) >= 15) or around.is_labelled_card:
                return sighting(0.6)
        return sighting(0.3, f"{shape}, check digit wrong, too little else speaks for a card")
    if around.is_labelled_card:
        return sighting(0.99 if is_common else 0.88)
    if around.card_words:
        # A shorter row within the number may check by chance; the length its issuer gives comes first.
        return sighting((0.95 if grouping in (SOLID, GROUPED) else 0.9) - (0 if is_common else 0.1))
    if not is_common:
        return sighting(0.3, f"{shape}, unusual length for its issuer, no words about cards near")
    if not is_free:
        return sighting(0.3, f"{shape}, but part of a longer row of numbers, no words about cards near")
    if grouping not in (SOLID, GROUPED) and any(
        _WORDS.search(reading.lower, a.end, b.start) for a, b in pairwise(window)
    ):
        return sighting(0.4, f"{shape}, words between, no words about cards near")
    if grouping == SMALL:
        return sighting(0.4, f"{shape}, no words about cards near")
    if grouping == ODD and len({reading.lower[a.end : b.start] for a, b in pairwise(window)}) > 1:
        return sighting(0.4, f"{shape}, separators differ, no words about cards near")
    return sighting(0.85 if grouping in (SOLID, GROUPED) else 0.7)


def _is_start(digits: str) -> bool:
    """Whether four digits more would make it a card of the usual length."""
    issuer = issuer_of(digits + "0000")
    return issuer is not None and 16 in issuer.common


def _follow(chain: Sequence[Group], last: int) -> Iterator[Sighting]:
    """An expiry date and a security code written right behind a card number, unlabelled."""
    rest = chain[last : last + 4]
    sizes = tuple(len(group.digits) for group in rest)
    dated = 0
    if sizes[:2] in ((2, 2), (1, 2), (2, 4)) and 1 <= int(rest[0].digits) <= 12:
        dated = 2
    elif sizes[:1] == (4,) and 1 <= int(rest[0].digits[:2]) <= 12 and sizes != (4,):
        dated = 1
    if dated:
        yield Sighting(rest[0].start, rest[dated - 1].end, EXPIRY, 0.8, "cards", context=("card",))
    if len(rest) == dated + 1 and sizes[dated] in (3, 4):
        yield Sighting(rest[dated].start, rest[dated].end, CODE, 0.8, "cards", context=("card",))


def _numbers(reading: Reading) -> Iterator[Sighting]:
    lower = reading.lower
    is_plain = reading.words.isdisjoint(SPOKEN) and reading.words.isdisjoint(_FILLER)
    if is_plain and not _ENOUGH.search(lower):
        return
    has_words = _has_card_words(reading) or (reading.before is not None and _has_card_words(reading.before))
    for chain in chains_of(lower, groups_of(reading)):
        if sum(len(group.digits) for group in chain) < 12:
            continue
        windows = list(_windows(chain, lower, has_words=has_words))
        begins = {window.first for window in windows if window.has_check and len(window.digits) in window.issuer.common}
        ended = -1
        for window in windows:
            after_card, before_card = window.first == ended, window.last in begins
            is_free = _stands_free(lower, chain, window, after_card=after_card, before_card=before_card)
            found = _judge(reading, chain, window, has_words=has_words, is_free=is_free)
            yield found
            if not found.let_go and found.score >= 0.5:
                ended = window.last
                followers = list(_follow(chain, window.last))
                yield from followers
                ended += len(followers)


def _has_card_words(reading: Reading) -> bool:
    return not reading.words.isdisjoint(CARD_WORDS) or (
        not reading.lower.isascii() and any(w in reading.lower for w in _FAR)
    )


# One number in two messages -----------------------------------------------------------------------------------------

_PART_BEFORE = re.compile(r"<PAYMENT_CARD part (?P<n>[0-9]{1,2})>[^\w<]{0,40}$")
_CARD_BEFORE = re.compile(r"<PAYMENT_CARD(?: [0-9…]{5,11})?>[^\w<]{0,40}$")
_ENDING = re.compile(r"(?<![a-z])(?:ending|ends|end|last|final|endet)(?![a-z])")
_DATED = r"(?:exp[a-z]*[ :.]*)?(?P<{}>(?:0?[1-9]|1[0-2])[ ]?[/.-]?[ ]?(?:20)?[2-4][0-9])"
_CODE_ALONE = re.compile(
    rf"[\W_]{{0,20}}(?:{_DATED.format('expiry')}[\s,;/-]{{1,4}})?(?P<code>[0-9]{{3,4}})(?:[\s,;-]{{1,4}}{_DATED.format('later')})?[\W_]{{0,20}}"
)
_MOSTLY_CARDS = frozenset("23456")


def _ends_with(reading: Reading) -> list[Group]:
    """The chain of digits a text ends with; empty when letters follow the last digit."""
    tail = reading.lower[-120:]
    for char in reversed(tail):
        if char.isalnum() or char == HIDDEN:
            if not char.isdigit():
                return []
            break
    offset = len(reading.lower) - len(tail)
    last = list(chains_of(tail, [Group(m[0], m.start(), m.end()) for m in _GROUP.finditer(tail)]))[-1:]
    if not last:
        return []
    return [Group(group.digits, group.start + offset, group.end + offset) for group in last[0]]


def _begins_with(reading: Reading) -> list[Group]:
    """The chain of digits a text begins with, after a few words at most ("and the rest is ...")."""
    head = reading.lower[:160]
    chain = next(chains_of(head, [Group(m[0], m.start(), m.end()) for m in _GROUP.finditer(head)]), [])
    return chain if chain and chain[0].start <= 40 and HIDDEN not in head[: chain[0].start] else []


def _second_half(reading: Reading) -> Iterator[Sighting]:
    """The rest of a card whose beginning stands in the message before."""
    before = reading.before
    if before is None:
        return
    part = _PART_BEFORE.search(before.original[-80:])
    head = _begins_with(reading)
    if not head:
        return
    if _CARD_BEFORE.search(before.original[-80:]) and not part:
        alone = _CODE_ALONE.fullmatch(reading.lower) if len(reading.lower) <= 80 else None
        if alone:
            yield Sighting(*alone.span("code"), CODE, 0.7, "cards", context=("card",))
            for name in ("expiry", "later"):
                if alone[name]:
                    yield Sighting(*alone.span(name), EXPIRY, 0.7, "cards", context=("card",))
        return
    around = _surroundings(reading, head[0].start, head[-1].end)
    words = tuple(sorted(CARD_WORDS & (before.words | reading.words)))
    if around.other_label and not around.card_words:
        return
    tail = _ends_with(before)
    known = "".join(group.digits for group in tail)
    known = known if 1 <= len(known) <= 15 else ""
    if part is None and (not known or _ENDING.search(before.lower[max(0, tail[0].start - 24) : tail[0].start])):
        return
    labelled = bool(tail) and bool(_NOT_A_CARD.search(before.lower[max(0, tail[0].start - 48) : tail[0].start]))
    best: Sighting | None = None
    for last in range(1, len(head) + 1):
        rest = "".join(group.digits for group in head[:last])
        start, end = head[0].start, head[last - 1].end
        if part is not None:
            total = int(part["n"]) + len(rest)
            if total in (16, 15, 14, 13, 19) or (13 <= total <= 19 and last == len(head)):
                best = Sighting(start, end, CARD, 0.7, "cards", context=words)
            elif total < 13 and last == len(head) and not any(char.isalpha() for char in reading.lower):
                best = Sighting(start, end, CARD, 0.6, "cards", kept=f"part {total}", context=words)
            if total >= 16:
                break
            continue
        issuer = issuer_of(known + rest) if len(known + rest) <= 19 else None
        if issuer is None or (labelled and not words):
            continue
        is_common = len(known + rest) in issuer.common
        if luhn(known + rest) and (is_common or words):
            best = Sighting(start, end, CARD, 0.9 if words else 0.75, "cards", context=words)
        elif (
            best is None and is_common and words and len(known) >= 4 and len(known) % 4 == 0 and len(known + rest) >= 15
        ):
            best = Sighting(start, end, CARD, 0.6, "cards", context=words)
    if best is not None:
        yield best


def _first_half(reading: Reading) -> Iterator[Sighting]:
    """The beginning of a card at the end of a message that speaks of a card: the rest will come in the next one."""
    tail = _ends_with(reading)
    digits = "".join(group.digits for group in tail)
    if not 7 <= len(digits) <= 15 or digits[0] not in _MOSTLY_CARDS:
        return
    start, end = tail[0].start, tail[-1].end
    sizes = [len(group.digits) for group in tail]
    in_fours = len(sizes) > 1 and all(size == 4 for size in sizes[:-1]) and sizes[-1] <= 4
    around = _surroundings(reading, start, end)
    if around.other_label or around.is_attached or _ENDING.search(reading.lower[max(0, start - 24) : start]):
        return
    is_all = not any(char.isalnum() for char in reading.lower[:start])
    if (around.is_labelled_card and (in_fours or len(sizes) == 1)) or (around.card_words and in_fours):
        yield Sighting(start, end, CARD, 0.6, "cards", f"part {len(digits)}", around.card_words)
    elif is_all and in_fours and len(digits) >= 12:
        yield Sighting(start, end, CARD, 0.55, "cards", f"part {len(digits)}")


CARDS = Recogniser("cards", _numbers, n_digits=12)
SPELT_CARDS = Recogniser("cards", lambda reading: () if reading.n_digits >= 12 else _numbers(reading), words=SPOKEN)
FIRST_HALVES = Recogniser("cards", _first_half, n_digits=7)
SECOND_HALVES = Recogniser("cards", _second_half, n_digits=1)

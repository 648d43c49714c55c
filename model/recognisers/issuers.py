"""Who issues which card numbers, and the check digit they all carry."""

from collections.abc import Iterable
from dataclasses import dataclass


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
LENGTHS: dict[str, tuple[int, ...]] = {
    first: tuple(sorted({length for issuer in issuers for length in issuer.lengths}))
    for first, issuers in _BY_FIRST.items()
}


def issuer_of(digits: str) -> Issuer | None:
    """The range a number of this length belongs to, or None."""
    for issuer in _BY_FIRST[digits[0]]:
        if issuer.low <= digits[: len(issuer.low)] <= issuer.high and len(digits) in issuer.lengths:
            return issuer
    return None


DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def luhn(digits: str) -> bool:
    """Whether the last digit checks. Source: ISO/IEC 7812-1, annex B."""
    plain = digits[-1::-2]
    doubled = digits[-2::-2]
    return (sum(map(int, plain)) + sum(DOUBLED[int(digit)] for digit in doubled)) % 10 == 0

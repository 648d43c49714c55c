"""Payment cards: issuer range, length, check digit, grouping and the words around decide together.

The check digit alone is no proof: one random number in ten passes it. Nor is a failed one a way out: a customer who
types one digit wrong in the card number meant their card.
"""

import base64
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from model.recognisers.card_words import NOTHING_AROUND, Surroundings, has_card_words, surroundings
from model.recognisers.digits import ENOUGH, FILLER, SEPARATORS, SPOKEN, Group, chains_of, groups_of, is_spelt
from model.recognisers.issuers import DOUBLED, LENGTHS, Issuer, issuer_of, luhn
from model.recognisers.prepared import PreparedText, prepare_text
from model.recognisers.sighting import Recogniser, Sighting

CARD = "payment_card"
CODE = "card_security_code"
EXPIRY = "card_expiry"

_CARD_GROUPINGS = frozenset(
    {(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (6, 13), (4, 4, 4, 4, 2), (4, 4, 4, 4, 1), (4, 4, 4),
    (4, 4, 4, 2),
     (4, 4, 4, 1), (4, 4, 4, 3), (6, 4, 4), (8, 8), (6, 10), (4, 12), (4, 4, 8), (8, 4, 4), (6, 6, 4), (4, 5, 6),
     (6, 6, 7), (4, 4, 5), (4, 4, 4, 5), (6, 7), (6, 9), (4, 11), (10, 6), (12, 4)}
)  # fmt: skip
SOLID, GROUPED, SINGLES, ODD = "solid", "in card grouping", "digit by digit", "oddly grouped"
SMALL, SPELT = "in small groups of different sizes", "spelt out"


def _grouping(window: Sequence[Group]) -> str:
    if len(window) == 1:
        return SOLID
    sizes = tuple(len(group.digits) for group in window)
    if sizes in _CARD_GROUPINGS:
        return GROUPED
    is_even = len(set(sizes[:-1])) == 1 and sizes[-1] <= sizes[0]
    has_spelt = any(group.end - group.start != len(group.digits) for group in window)
    if has_spelt:
        return SPELT
    if max(sizes) <= 2 and is_even:
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
    all_digits = "".join([group.digits for group in chain])
    starts = [0, *accumulate([len(group.digits) for group in chain])]
    group_at = {place: index for index, place in enumerate(starts)}
    sums = _check_sums(all_digits)
    may_begin = None if has_words else _beginnings(chain, lower)
    ended: set[int] = set()
    for first, start in enumerate(starts[:-1]):
        if may_begin is not None and first not in may_begin and first not in ended:
            continue
        for length in LENGTHS[all_digits[start]]:
            end = start + length
            last = group_at.get(end)
            if last is None:
                continue
            has_check = (sums[end % 2][end] - sums[end % 2][start]) % 10 == 0
            if not (has_check or has_words):
                continue
            digits = all_digits[start:end]
            issuer = issuer_of(digits)
            if issuer is not None:
                if has_check:
                    ended.update(range(last, last + 4))
                yield _Window(first, last, digits, issuer, has_check)


def _check_sums(digits: str) -> tuple[list[int], list[int]]:
    """Running sums with the digits at even places doubled, and at odd places: any window checks by two of them.

    A window that ends at `end` doubles every second digit from its last but one: those at the parity of `end`.
    """
    plain = [int(digit) for digit in digits]
    even, odd = plain.copy(), plain.copy()
    even[::2] = [DOUBLED[digit] for digit in plain[::2]]
    odd[1::2] = [DOUBLED[digit] for digit in plain[1::2]]
    return [0, *accumulate(even)], [0, *accumulate(odd)]


def _beginnings(chain: Sequence[Group], lower: str) -> set[int]:
    """The groups at which a number can begin: the first few, long ones, and those another separator sets off."""
    gaps = [lower[group.end : other.start] for group, other in pairwise(chain)]
    begin = {
        place
        for place, (before, behind) in enumerate(pairwise(gaps), start=1)
        if before != behind and (len(chain[place].digits) >= 4 or gaps[place : place + 2] == [behind, behind])
    }
    begin.update(place for place, group in enumerate(chain) if len(group.digits) >= 12)
    begin.update((0, 1, 2, 3, len(chain) - 1))
    return begin


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


def _judge(
    reading: PreparedText, chain: Sequence[Group], matched: _Window, *, has_words: bool, is_free: bool
) -> Sighting:
    """Weigh everything that is known about one window: cheap evidence first, what stands around it last."""
    window = chain[matched.first : matched.last]
    start, end = window[0].start, window[-1].end
    grouping = _grouping(window)
    shape = f"{len(matched.digits)} digits {grouping}"
    gaps = [reading.lower[group.end : other.start] for group, other in pairwise(window)]
    is_common = len(matched.digits) in matched.issuer.common
    if not has_words and not is_common:
        around, score, why = NOTHING_AROUND, 0.3, "unusual length for its issuer, no words about cards near"
    elif not has_words and not is_free:
        around, score, why = NOTHING_AROUND, 0.3, "part of a longer row of numbers, no words about cards near"
    elif not has_words and _is_mixed(grouping, gaps):
        around, score, why = NOTHING_AROUND, 0.3, "sizes or separators differ, no words about cards near"
    else:
        around = surroundings(reading, start, end, has_words=has_words)
        score, why = _weigh(around, grouping, gaps, is_common=is_common, is_free=is_free, has_check=matched.has_check)
    kept = _kept(matched.digits)
    if (
        len(matched.digits) == 12
        and grouping == GROUPED
        and _is_start(matched.digits)
        and not reading.lower[end:].strip(SEPARATORS)
    ):
        # Three groups of four at the very end check by chance as a short card; the fourth comes in the next message.
        kept = "part 12"
    return Sighting(start, end, CARD, score, "cards", kept, around.card_words, f"{shape}, {why}" if why else "")


def _weigh(
    around: Surroundings, grouping: str, gaps: Sequence[str], *, is_common: bool, is_free: bool, has_check: bool
) -> tuple[float, str]:
    """The score of a window, and why it is let go ("" for a find)."""
    is_tidy = grouping in (SOLID, GROUPED)
    speaks_for = bool(around.card_words) or around.is_labelled_card
    if around.is_in_word and not around.is_labelled_card:
        return 0.2, "but joined to letters, as an id is"
    if around.other_label and not (has_check and grouping != SOLID and speaks_for):
        return 0.2, f"but labelled '{around.other_label}'"
    if around.is_in_address and not (has_check and around.says_card):
        return 0.2, "but part of an address"
    if not has_check:
        if is_tidy and around.says_card and (is_common or around.is_labelled_card):
            return 0.6, ""
        return 0.3, "check digit wrong, too little else speaks for a card"
    if grouping in (ODD, SMALL) and not around.is_labelled_card and _is_list(gaps):
        return 0.4, "but set like a list of amounts or dates"
    if speaks_for and (is_common or around.says_card):
        # A shorter row within the number may check by chance; the length its issuer gives comes first.
        score = 0.99 if around.is_labelled_card else 0.95 if is_tidy else 0.9
        return (score if is_common else score - 0.1), ""
    if not is_common:
        return 0.3, "unusual length for its issuer, no words about cards near"
    if not is_free:
        return 0.3, "but part of a longer row of numbers, no words about cards near"
    if _is_mixed(grouping, gaps):
        return 0.4, "sizes or separators differ, no words about cards near"
    return (0.85 if is_tidy else 0.7), ""


def _is_mixed(grouping: str, gaps: Sequence[str]) -> bool:
    """Whether groups and separators follow no rule, as in several numbers side by side."""
    if grouping in (SOLID, GROUPED, SPELT):
        return False
    if grouping == ODD and (len(gaps) < 2 or len(set(gaps)) > 1):
        # Two pieces of odd sizes are a decimal number, or two numbers.
        return True
    return grouping == SMALL or len({gap.strip() for gap in gaps}) > 1


def _is_list(gaps: Sequence[str]) -> bool:
    """Whether the separators are those of amounts, dates or times in a row: several sorts, a point or stroke in one."""
    sorts = {gap.strip(" \t\r\n") for gap in gaps}
    return len(sorts) > 1 and not sorts.isdisjoint((".", ",", "/", ":"))


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


def _numbers(reading: PreparedText) -> Iterator[Sighting]:
    lower = reading.lower
    spelt = is_spelt(reading)
    if not spelt and reading.words.isdisjoint(FILLER) and not ENOUGH.search(lower):
        return
    has_words = has_card_words(reading)
    chains = list(chains_of(lower, groups_of(lower, spelt=spelt)))
    if spelt and reading.n_digits >= 12:
        # "the first eight are 4111 1111": a word may count the digits instead of being one.
        chains += chains_of(lower, groups_of(lower, spelt=False))
    for chain in chains:
        if sum(len(group.digits) for group in chain) < 12:
            continue
        windows = list(_windows(chain, lower, has_words=has_words))
        begins = {window.first for window in windows if window.has_check and len(window.digits) in window.issuer.common}
        ended = -1
        for window in windows:
            after_card, before_card = window.first == ended, window.last in begins
            is_free = _stands_free(lower, chain, window, after_card=after_card, before_card=before_card)
            number = _judge(reading, chain, window, has_words=has_words, is_free=is_free)
            yield number
            if not number.let_go:
                followers = list(_follow(chain, window.last))
                yield from followers
                ended = window.last + len(followers)


_ENCODED = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{16,400}+={0,2}(?![A-Za-z0-9+/_=-])")


def _encoded(reading: PreparedText) -> Iterator[Sighting]:
    """Cards in base64, as copied out of a log or a link. Best effort: one layer, plain text inside."""
    for match in _ENCODED.finditer(reading.text):
        token = match[0].rstrip("=").translate(_URL_SAFE)
        try:
            inside = base64.b64decode(token + "=" * (-len(token) % 4), validate=True).decode("ascii")
        except ValueError:
            continue
        if inside.isprintable() and any(not number.let_go for number in _numbers(prepare_text(inside))):
            yield Sighting(*match.span(), CARD, 0.8, "cards", context=("base64",))


_URL_SAFE = str.maketrans("-_", "+/")
_DISGUISED = re.compile(r"(?<![a-z0-9])[0-9oli]{4}(?:[ -]?[0-9oli]{4}){3}(?![a-z0-9])")
_LETTER_DIGITS = str.maketrans("oli", "011", " -")


def _disguised(reading: PreparedText) -> Iterator[Sighting]:
    """Cards with the letters O, l or I typed for noughts and ones: sixteen places, as printed."""
    for match in _DISGUISED.finditer(reading.lower):
        digits = match[0].translate(_LETTER_DIGITS)
        if match[0].isascii() and 8 <= sum(map(str.isdigit, match[0])) < 16 and luhn(digits):
            issuer = issuer_of(digits)
            if issuer is not None and 16 in issuer.common:
                yield Sighting(*match.span(), CARD, 0.75, "cards", _kept(digits))


CARDS = Recogniser("cards", _numbers, n_digits=12)
SPELT_CARDS = Recogniser("cards", lambda reading: () if reading.n_digits >= 12 else _numbers(reading), words=SPOKEN)
ENCODED_CARDS = Recogniser("cards", _encoded, longest=16)
DISGUISED_CARDS = Recogniser("cards", _disguised, n_digits=8)

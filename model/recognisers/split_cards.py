"""One card number in two messages: the first half at the end of one, the rest at the start of the next."""

import re
from collections.abc import Iterator

from model.recognisers.card_words import CARD_WORDS, NOT_A_CARD, surroundings
from model.recognisers.cards import CARD, CODE, EXPIRY
from model.recognisers.digits import SPOKEN, Group, chains_of, groups_of, is_spelt
from model.recognisers.issuers import issuer_of, luhn
from model.recognisers.prepared import HIDDEN, PreparedText
from model.recognisers.sighting import Recogniser, Sighting

_PART_BEFORE = re.compile(r"<PAYMENT_CARD part (?P<n>[0-9]{1,2})>[^\w<]{0,40}$")
_CARD_BEFORE = re.compile(r"<PAYMENT_CARD(?: [0-9…]{5,11})?>[^\w<]{0,40}$")
_ENDING = re.compile(r"(?<![a-z])(?:ending|ends|end|last|final|endet)(?![a-z])")
_DATED = r"(?:exp[a-z]*[ :.]*)?(?P<{}>(?:0?[1-9]|1[0-2])[ ]?[/.-]?[ ]?(?:20)?[2-4][0-9])"
_CODE_ALONE = re.compile(
    rf"[\W_]{{0,20}}(?:{_DATED.format('expiry')}[\s,;/-]{{1,4}})?(?P<code>[0-9]{{3,4}})"
    rf"(?:[\s,;-]{{1,4}}{_DATED.format('later')})?[\W_]{{0,20}}"
)
_MOSTLY_CARDS = frozenset("23456")


def _ends_with(reading: PreparedText) -> list[Group]:
    """The chain of digits a text ends with; empty when letters follow the last digit."""
    spelt = is_spelt(reading)
    tail = reading.lower[-240:] if spelt else reading.lower[-120:]
    last: list[Group] = []
    for last in chains_of(tail, groups_of(tail, spelt=spelt)):  # noqa: B007
        pass
    if not last or any(char.isalnum() or char == HIDDEN for char in tail[last[-1].end :]):
        return []
    offset = len(reading.lower) - len(tail)
    return [Group(group.digits, group.start + offset, group.end + offset) for group in last]


def _begins_with(reading: PreparedText) -> list[Group]:
    """The chain of digits a text begins with, after a few words at most ("and the rest is ...")."""
    spelt = is_spelt(reading)
    head = reading.lower[:320] if spelt else reading.lower[:160]
    chain = next(chains_of(head, groups_of(head, spelt=spelt)), [])
    return chain if chain and chain[0].start <= 40 and HIDDEN not in head[: chain[0].start] else []


def _second_half(reading: PreparedText) -> Iterator[Sighting]:
    """The rest of a card whose beginning stands in the message before, and a security code sent after a card."""
    if reading.before is None or not (head := _begins_with(reading)):
        return
    before = reading.before.original[-80:]
    part = _PART_BEFORE.search(before)
    around = surroundings(reading, head[0].start, head[-1].end)
    if part is None and _CARD_BEFORE.search(before):
        yield from _code_alone(reading)
    elif around.other_label and not around.card_words:
        return
    elif part is not None:
        yield from _after_part(reading, head, int(part["n"]))
    else:
        yield from _after_digits(reading, reading.before, head)


def _code_alone(reading: PreparedText) -> Iterator[Sighting]:
    alone = _CODE_ALONE.fullmatch(reading.lower) if len(reading.lower) <= 80 else None
    if alone is None:
        return
    yield Sighting(*alone.span("code"), CODE, 0.7, "split cards", context=("card",))
    for name in ("expiry", "later"):
        if alone[name]:
            yield Sighting(*alone.span(name), EXPIRY, 0.7, "split cards", context=("card",))


def _after_part(reading: PreparedText, head: list[Group], n_before: int) -> Iterator[Sighting]:
    """After a half that was masked: its digits are gone, how many there were is known."""
    best: Sighting | None = None
    total = n_before
    for place, group in enumerate(head, start=1):
        total += len(group.digits)
        is_last = place == len(head)
        if total in (13, 14, 15, 16, 19) or (13 <= total <= 19 and is_last):
            best = Sighting(head[0].start, group.end, CARD, 0.7, "split cards", context=("card",))
        elif total < 13 and is_last and not any(char.isalpha() for char in reading.lower):
            kept = f"part {total}"
            best = Sighting(head[0].start, group.end, CARD, 0.6, "split cards", kept, context=("card",))
        if total >= 16:
            break
    if best is not None:
        yield best


def _after_digits(reading: PreparedText, before: PreparedText, head: list[Group]) -> Iterator[Sighting]:
    """After digits that looked harmless: together they are a card, by issuer, length and check digit."""
    tail = _ends_with(before)
    known = "".join(group.digits for group in tail)
    if not 1 <= len(known) <= 15 or _ENDING.search(before.lower[max(0, tail[0].start - 24) : tail[0].start]):
        return
    words = tuple(sorted(CARD_WORDS & (before.words | reading.words)))
    if not words and NOT_A_CARD.search(before.lower[max(0, tail[0].start - 56) : tail[0].start]):
        return
    best: Sighting | None = None
    digits = known
    for group in head:
        digits += group.digits
        if len(digits) > 19:
            break
        issuer = issuer_of(digits)
        if issuer is None:
            continue
        is_common = len(digits) in issuer.common
        if luhn(digits) and (is_common or words):
            best = Sighting(head[0].start, group.end, CARD, 0.9 if words else 0.75, "split cards", context=words)
        elif best is None and is_common and words and len(known) % 4 == 0 and len(digits) >= 15:
            best = Sighting(head[0].start, group.end, CARD, 0.6, "split cards", context=words)
    if best is not None:
        yield best


def _first_half(reading: PreparedText) -> Iterator[Sighting]:
    """The beginning of a card at the end of a message that speaks of a card: the rest will come in the next one."""
    tail = _ends_with(reading)
    digits = "".join(group.digits for group in tail)
    if not 7 <= len(digits) <= 15 or digits[0] not in _MOSTLY_CARDS:
        return
    start, end = tail[0].start, tail[-1].end
    sizes = [len(group.digits) for group in tail]
    is_even = len(sizes) > 1 and ((all(size == 4 for size in sizes[:-1]) and sizes[-1] <= 4) or max(sizes) == 1)
    around = surroundings(reading, start, end)
    if around.other_label or around.is_in_word or around.is_in_address:
        return
    if _ENDING.search(reading.lower[max(0, start - 24) : start]):
        return
    is_all = not any(char.isalnum() for char in reading.lower[:start])
    if (around.is_labelled_card and (is_even or len(sizes) == 1)) or (around.says_card and is_even):
        yield Sighting(start, end, CARD, 0.6, "split cards", f"part {len(digits)}", around.card_words)
    elif is_all and is_even and len(digits) >= 12:
        yield Sighting(start, end, CARD, 0.55, "split cards", f"part {len(digits)}")


def _spelt_half(reading: PreparedText) -> Iterator[Sighting]:
    return _first_half(reading) if reading.n_digits < 7 and is_spelt(reading) else iter(())


FIRST_HALVES = Recogniser("split cards", _first_half, n_digits=7)
SPELT_HALVES = Recogniser("split cards", _spelt_half, words=SPOKEN)
SECOND_HALVES = Recogniser("split cards", _second_half)

"""Passages that say different things about the same matter: another number, or yes and no."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from care.knowledge import Passage

_TOKEN = re.compile(r"(?P<number>\d+(?:[.,:]\d+)*)|(?P<sign>[%€$£])|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)?)")
_NOT = frozenset(
    "not no never none cannot can't don't doesn't won't isn't aren't without neither nobody nicht kein keine".split()
)
_SAYS_LITTLE = frozenset(
    "a an and any are as at be been by can do does for from have has in is it its may must of on or our that the then"
    " they this to us was we were will with you your yours within only up if when also all per each there here".split()
)
_NUMBERS = {
    word: str(n) for n, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())
}
_PER_UNIT = {"days": "day", "weeks": "week", "months": "month", "years": "year", "hours": "hour", "minutes": "minute",
             "euro": "€", "euros": "€", "eur": "€", "usd": "$", "gbp": "£", "percent": "%"}  # fmt: skip
_ALIKE, _ALIKE_WITH_NUMBERS, _SAME_MATTER = 0.75, 0.6, 0.6
"""Shares of common words: from which sentences say the same, say so of a number, and titles name the same."""
_MOST_ALIKE = 200
"""Sentences with a common word that are compared; a commoner word tells nothing apart."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What one sentence claims. amounts: by unit, its numbers. is_denied: it says that something is not so."""

    passage: Passage
    words: frozenset[str]
    amounts: dict[str, frozenset[str]]
    is_denied: bool
    matter: frozenset[str]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two passages that cannot both be right. about: the unit in which they differ; "" for yes and no."""

    first: Passage
    second: Passage
    about: str


def contradictions(passages: Sequence[Passage]) -> list[Contradiction]:
    """Pairs of passages that may be used at the same time and cannot both be right, each pair once."""
    claims = [claim for passage in passages for claim in _claims(passage)]
    found: dict[tuple[str, str], Contradiction] = {}
    for first, second in _pairs(claims):
        if not _meet(first.passage, second.passage):
            continue
        about = _differ(first, second)
        if about is not None:
            key = (first.passage.place, second.passage.place)
            found.setdefault(key, Contradiction(first.passage, second.passage, about))
    return list(found.values())


def _claims(passage: Passage) -> Iterator[Claim]:
    matter = _words(" ".join((passage.title, *passage.questions[:1])))
    for sentence in passage.sentences:
        if sentence.endswith("?"):
            continue
        words, amounts, is_denied = _read(sentence)
        if words:
            yield Claim(passage, words, amounts, is_denied, matter)


def _read(sentence: str) -> tuple[frozenset[str], dict[str, frozenset[str]], bool]:
    amounts: dict[str, set[str]] = defaultdict(set)
    words: set[str] = set()
    is_denied, number = False, ""
    for token in _TOKEN.finditer(sentence.casefold().replace("’", "'")):
        text = token[0]
        if token["number"] or text in _NUMBERS:
            number = _NUMBERS.get(text, text.replace(",", ".").removesuffix(".00"))
            continue
        if text in _NOT or text.endswith("n't"):
            is_denied = not is_denied
            continue
        if number:
            amounts[_PER_UNIT.get(text, text)].add(number)
            number = ""
        if text not in _SAYS_LITTLE and not token["sign"]:
            words.add(_stem(text))
    return frozenset(words), {unit: frozenset(numbers) for unit, numbers in amounts.items()}, is_denied


def _words(text: str) -> frozenset[str]:
    return _read(text)[0]


def _stem(word: str) -> str:
    for ending in ("ings", "ing", "ies", "ied", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word.removesuffix(ending)
    return word


def _pairs(claims: Iterable[Claim]) -> Iterator[tuple[Claim, Claim]]:
    """Claims of two passages that share a rare word."""
    by_word: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        for word in claim.words | claim.matter:
            by_word[word].append(claim)
    seen: set[tuple[int, int]] = set()
    for listed in by_word.values():
        if len(listed) > _MOST_ALIKE:
            continue
        for first, second in combinations(listed, 2):
            key = (id(first), id(second))
            if first.passage is not second.passage and key not in seen:
                seen.add(key)
                yield first, second


def _meet(first: Passage, second: Passage) -> bool:
    """Whether a customer could be told both: on one day, on one channel."""
    starts = max((day for day in (first.valid_from, second.valid_from) if day), default=None)
    ends = min((day for day in (first.valid_until, second.valid_until) if day), default=None)
    share_a_channel = not first.channels or not second.channels or not first.channels.isdisjoint(second.channels)
    return share_a_channel and not (starts and ends and starts > ends)


def _differ(first: Claim, second: Claim) -> str | None:
    """The unit in which two claims about the same differ, "" where one denies the other; None: they go together."""
    alike = _share(first.words, second.words)
    same_matter = _share(first.matter, second.matter) >= _SAME_MATTER
    for unit in first.amounts.keys() & second.amounts.keys():
        # Where one tells more than the other, such as a price for each size, they may both be right.
        are_apart = first.amounts[unit].isdisjoint(second.amounts[unit])
        if are_apart and (alike >= _ALIKE_WITH_NUMBERS or (same_matter and alike >= _ALIKE_WITH_NUMBERS / 2)):
            return unit
    if first.is_denied != second.is_denied and (alike >= _ALIKE or (same_matter and alike >= _ALIKE_WITH_NUMBERS)):
        return ""
    return None


def _share(first: frozenset[str], second: frozenset[str]) -> float:
    union = len(first | second)
    return len(first & second) / union if union else 0.0

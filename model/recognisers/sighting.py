"""What a recogniser reports, and what a recogniser is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from model.recognisers.prepared import PreparedText


@dataclass(frozen=True, slots=True)
class Sighting:
    """One place in a reading that may be a sensitive value. Never holds the value itself.

    start, end: positions in the folded text, end exclusive.
    score: probability that this is what it says, 0 to 1.
    kept: the few digits that may stay visible in the placeholder, already cut to what may be kept.
    context: the words that spoke for it.
    let_go: why it was not taken; empty for a find. A sighting with a reason is a near miss, told on request only.
    """

    start: int
    end: int
    category: str
    score: float
    recogniser: str
    kept: str = ""
    context: tuple[str, ...] = ()
    let_go: str = ""


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Finds the kinds of one family, and says cheaply when it cannot find anything.

    A message is shown to it when it has at least `n_digits` digits and a token of at least `longest` characters and,
    where `words` or `marks` are given, at least one of those words or of those literal pieces (lower case).
    find: a pure function of the reading, linear in its length.
    """

    name: str
    find: Callable[[PreparedText], Iterable[Sighting]]
    n_digits: int = 0
    words: frozenset[str] = frozenset()
    marks: tuple[str, ...] = ()
    longest: int = 0

    def can_match(self, reading: PreparedText) -> bool:
        if reading.n_digits < self.n_digits or reading.longest < self.longest:
            return False
        if not self.words and not self.marks:
            return True
        if not reading.words.isdisjoint(self.words):
            return True
        lower = reading.lower
        for mark in self.marks:  # a plain loop is half the price of any() here, on every message
            if mark in lower:
                return True
        return False

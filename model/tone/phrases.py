"""Finds phrases in a text, fast enough to look for a thousand of them on every keystroke.

A phrase is words as people say them. Contractions are read in full ("we'll" is "we will"), so each is written once:

    word*      the rest of a word        a/b        either word
    word?      may be left out           ...        up to three words in between
    <n>        anything with a digit     <money>    an amount of money
    <day>      a weekday, month, date    ^          only at the start of a sentence

A phrase never crosses the end of a sentence.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

MAX_CHARS = 20_000
_TOKEN = re.compile(
    r"(?:https?://|www\.)\S+|@\w+|(?:[A-Za-z]\.){2,}|[$€£¥₹]\s?\d[\d.,]*|\d[\d.,:/]*%?|[^\W\d_]+\*+[^\W\d_]*|[^\W\d_]+(?:['’ʼ][^\W\d_]+)*|[.!?\n…]+"
)
_GAP = 3
_OFTEN_HIDDEN = ("fuck", "fucking", "shit", "bitch", "asshole", "damn", "crap", "bastard", "hell", "ass")
_REMEMBERED_WORDS = 50_000

_WHOLE = {
    "can't": "can not", "cannot": "can not", "won't": "will not", "shan't": "shall not", "ain't": "is not",
    "let's": "let us", "dont": "do not", "cant": "can not", "wont": "will not", "didnt": "did not",
    "doesnt": "does not",
   "isnt": "is not", "wasnt": "was not", "havent": "have not", "shouldnt": "should not", "wouldnt": "would not",
    "couldnt": "could not", "youre": "you are", "youve": "you have", "im": "i am", "ive": "i have", "thats": "that is",
    "gonna": "going to", "wanna": "want to", "gotta": "have to",
}  # fmt: skip
_IS = frozenset(
    {"it", "that", "what", "here", "there", "who", "he", "she", "where", "how", "this", "everything", "all"}
)
_ENDINGS = {"ll": "will", "re": "are", "ve": "have", "m": "am", "d": "would"}
_DAYS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday today tomorrow tonight january february march april may "
    "june july august september october november december mon tue tues wed thu thur thurs fri sat sun weekend".split()
)
_MONEY_WORDS = frozenset("dollar dollars euro euros pound pounds eur usd gbp bucks quid cents chf francs".split())


@dataclass(frozen=True, slots=True)
class Words:
    """A text as lower-case words. starts, ends: where each stands; is_first: whether a sentence begins there."""

    words: list[str] = field(repr=False)
    starts: list[int] = field(repr=False)
    ends: list[int] = field(repr=False)
    sentence: list[int] = field(repr=False)
    n_sentences: int


def read(text: str) -> Words:
    """Split a text into words; what a contraction stands for shares its place."""
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    sentence: list[int] = []
    current, is_open = 0, False
    for match in _TOKEN.finditer(text[:MAX_CHARS]):
        token = match.group()
        if token[0] == "@" or "://" in token or token.startswith("www."):
            continue
        if token[0] in ".!?\n…":
            # "e.g." and "3.5" do not end a sentence; a lone line break does.
            if is_open:
                current, is_open = current + 1, False
            continue
        is_open = True
        start, end = match.span()
        for word in _READ.get(token) or _reading(token):
            words.append(word)
            starts.append(start)
            ends.append(end)
            sentence.append(current)
    return Words(words, starts, ends, sentence, current + is_open)


_READ: dict[str, tuple[str, ...]] = {}


def _reading(token: str) -> tuple[str, ...]:
    word = token.lower().replace("’", "'").replace("ʼ", "'")
    if word in _WHOLE:
        known = tuple(_WHOLE[word].split())
    elif "*" in word:
        hidden = re.compile(re.escape(word).replace(r"\*", "[a-z]"))
        known = (next(filter(hidden.fullmatch, _OFTEN_HIDDEN), word.strip("*")),)
    elif word.endswith("n't"):
        known = (word[:-3], "not")
    elif "'" in word:
        head, _, tail = word.rpartition("'")
        if tail in _ENDINGS:
            known = (head, _ENDINGS[tail])
        elif tail == "s" and head in _IS:
            known = (head, "is")
        else:
            known = (word,)
    else:
        known = (word,)
    if len(_READ) > _REMEMBERED_WORDS:
        _READ.clear()
    if len(token) <= 40:
        _READ[token] = known
    return known


@dataclass(frozen=True, slots=True)
class _Element:
    literals: frozenset[str]
    prefixes: tuple[str, ...]
    kind: str = "word"
    is_optional: bool = False

    def fits(self, words: Sequence[str], at: int) -> bool:
        word = words[at]
        if self.kind == "word":
            return word in self.literals or (bool(self.prefixes) and word.startswith(self.prefixes))
        if self.kind == "<n>":
            return any(map(str.isdigit, word))
        if self.kind == "<day>":
            return word in _DAYS or ("/" in word and word[:1].isdigit())
        if word[:1] in "$€£¥₹":
            return True
        return word[:1].isdigit() and at + 1 < len(words) and words[at + 1] in _MONEY_WORDS


@dataclass(frozen=True, slots=True)
class Hit:
    """One phrase found. key: what it was filed under; start, end: code points of the text; sentence: counted from 0."""

    key: str
    phrase: str
    start: int
    end: int
    sentence: int = 0


@dataclass(frozen=True, slots=True)
class _Phrase:
    key: str
    text: str
    elements: tuple[_Element, ...]
    is_at_start: bool


class PhraseBook:
    """Many phrases, each filed under a key; `find` reads a text once for all of them."""

    def __init__(self, phrases: Mapping[str, Iterable[str]]) -> None:
        self._by_word: dict[str, list[_Phrase]] = {}
        self._by_prefix: list[tuple[str, _Phrase]] = []
        self._by_kind: list[_Phrase] = []
        self._known: dict[str, tuple[_Phrase, ...]] = {}
        for key, texts in phrases.items():
            for text in texts:
                self._file(_parse(key, text))

    def find(self, read: Words) -> list[Hit]:
        """Every phrase in the text, in order of where it begins; the longest reading of each phrase only."""
        hits: list[Hit] = []
        words, sentence = read.words, read.sentence
        known = self._known
        for at, word in enumerate(words):
            phrases = known.get(word)
            if phrases is None:
                phrases = self._candidates(word)
            for phrase in phrases:
                if phrase.is_at_start and at and sentence[at - 1] == sentence[at]:
                    continue
                end = _match(phrase.elements, 0, words, sentence, at)
                if end > at:
                    hits.append(Hit(phrase.key, phrase.text, read.starts[at], read.ends[end - 1], sentence[at]))
        return hits

    def _file(self, phrase: _Phrase) -> None:
        first = phrase.elements[0]
        if first.kind != "word":
            self._by_kind.append(phrase)
        for word in first.literals:
            self._by_word.setdefault(word, []).append(phrase)
        self._by_prefix += [(prefix, phrase) for prefix in first.prefixes]

    def _candidates(self, word: str) -> tuple[_Phrase, ...]:
        found = list(self._by_word.get(word, ()))
        found += [phrase for prefix, phrase in self._by_prefix if word.startswith(prefix) and phrase not in found]
        if not word[:1].isalpha() or word in _DAYS:
            found += self._by_kind
        known = tuple(found)
        if len(self._known) > _REMEMBERED_WORDS:
            self._known.clear()
        self._known[word] = known
        return known


def _parse(key: str, text: str) -> _Phrase:
    is_at_start = text.startswith("^")
    elements: list[_Element] = []
    for piece in text.lstrip("^ ").split():
        is_optional = piece.endswith("?")
        piece = piece.rstrip("?")
        if piece in ("...", "<n>", "<money>", "<day>"):
            elements.append(_Element(frozenset(), (), "..." if piece == "..." else piece, is_optional))
            continue
        choices = piece.lower().split("/")
        readings = [_reading(choice) for choice in choices if not choice.endswith("*")]
        if len(choices) == 1 and readings and len(readings[0]) > 1:
            elements += [_Element(frozenset({word}), (), "word", is_optional) for word in readings[0]]
            continue
        literals = frozenset(reading[0] for reading in readings)
        prefixes = tuple(choice[:-1] for choice in choices if choice.endswith("*"))
        elements.append(_Element(literals, prefixes, "word", is_optional))
    if not elements or elements[0].is_optional or elements[0].kind == "..." or elements[-1].kind == "...":
        raise ValueError(f"{key}: the phrase {text!r} must begin and end with a word that is always there")
    return _Phrase(key, text, tuple(elements), is_at_start)


def _match(elements: tuple[_Element, ...], at_element: int, words: list[str], sentence: list[int], at: int) -> int:
    """Where the match ends (one past its last word), or -1."""
    if at_element == len(elements):
        return at
    element = elements[at_element]
    if element.kind == "...":
        for skipped in range(_GAP + 1):
            end = _match(elements, at_element + 1, words, sentence, at + skipped)
            if end >= 0 and sentence[end - 1] == sentence[at - 1]:
                return end
        return -1
    if at < len(words) and (not at_element or sentence[at] == sentence[at - 1]) and element.fits(words, at):
        end = _match(elements, at_element + 1, words, sentence, at + 1)
        if end >= 0:
            return end
    if element.is_optional:
        return _match(elements, at_element + 1, words, sentence, at)
    return -1

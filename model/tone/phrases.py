"""Finds phrases in a text, fast enough to look for a thousand of them on every keystroke.

A phrase is words as people say them. Contractions are read in full ("we'll" is "we will"), so each is written once:

    word*      the rest of a word        a/b        either word
    word?      may be left out           ...        up to three words in between
    <n>        anything with a digit     <money>    an amount of money
    <day>      a weekday, month, date    ^          only at the start of a sentence

A phrase never crosses the end of a sentence.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

MAX_CHARS = 20_000
_CHUNK = re.compile(r"\S+|\n")
# Links and handles, initials, amounts, hidden swearing, words, the ends of sentences.
_TOKEN = re.compile(
    r"(?:https?://|www\.)\S+|@\w+|(?:[A-Za-z]\.){2,}|[$€£¥₹]\d[\d.,]*|\d[\d.,:/]*%?"
    r"|[^\W\d_]+\*+[^\W\d_]*|[^\W\d_]+(?:['’ʼ][^\W\d_]+)*|[.!?\n…]+"
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
    known = _CHUNKS
    for match in _CHUNK.finditer(text[:MAX_CHARS]):
        chunk = match.group()
        pieces = known.get(chunk)
        if pieces is None:
            pieces = _pieces(chunk)
        at = match.start()
        for word, start, end in pieces:
            if word:
                words.append(word)
                starts.append(at + start)
                ends.append(at + end)
                sentence.append(current)
                is_open = True
            elif is_open:
                current, is_open = current + 1, False
    return Words(words, starts, ends, sentence, current + is_open)


_Piece = tuple[str, int, int]
_CHUNKS: dict[str, tuple[_Piece, ...]] = {}


def _pieces(chunk: str) -> tuple[_Piece, ...]:
    """The words of what stands between two spaces, and where in it; no word is the end of a sentence."""
    found: list[_Piece] = []
    for match in _TOKEN.finditer(chunk):
        token = match.group()
        if token[0] == "@" or "://" in token or token.startswith("www."):
            continue
        start, end = match.span()
        found += [("", start, end)] if token[0] in ".!?\n…" else [(word, start, end) for word in _reading(token)]
    pieces = tuple(found)
    if len(_CHUNKS) > _REMEMBERED_WORDS:
        _CHUNKS.clear()
    if len(chunk) <= 40:
        _CHUNKS[chunk] = pieces
    return pieces


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
    return known


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
    is_at_start: bool


class _Node:
    """A place in the tree of all phrases: which words go on from here, and which phrases end here."""

    __slots__ = ("ends", "others", "words")

    def __init__(self) -> None:
        self.words: dict[str, _Node] = {}
        self.others: dict[str, _Node] = {}
        self.ends: list[_Phrase] = []

    def next(self, words: Sequence[str], at: int) -> "Iterator[_Node]":
        """Where the word at `at` leads."""
        if (child := self.words.get(words[at])) is not None:
            yield child
        is_word = words[at][0].isalpha()
        for kind, child in self.others.items():
            if (is_word or kind[0] == "<") and _fits(kind, words, at):
                yield child

    def grow(self, piece: str) -> "_Node":
        branch = self.others if piece.endswith("*") or piece.startswith("<") else self.words
        return branch.setdefault(piece, _Node())


def _fits(kind: str, words: Sequence[str], at: int) -> bool:
    word = words[at]
    if kind == "<any>":
        return True
    if kind == "<n>":
        return any(map(str.isdigit, word))
    if kind == "<day>":
        return word in _DAYS or ("/" in word and word[:1].isdigit())
    if kind == "<money>":
        if word[:1] in "$€£¥₹":
            return True
        return word[:1].isdigit() and at + 1 < len(words) and words[at + 1] in _MONEY_WORDS
    return word.startswith(kind[:-1])


class PhraseBook:
    """Many phrases, each filed under a key; `find` reads a text once for all of them."""

    def __init__(self, phrases: Mapping[str, Iterable[str]]) -> None:
        self._root = _Node()
        self._known: dict[str, _First] = {}
        for key, texts in phrases.items():
            for text in texts:
                phrase = _Phrase(key, text, text.startswith("^"))
                for pieces in _readings_of(key, text):
                    node = self._root
                    for piece in pieces:
                        node = node.grow(piece)
                    node.ends.append(phrase)

    def find(self, read: Words) -> list[Hit]:
        """Every phrase in the text, in order of where it begins; the longest reading of each phrase only."""
        hits: list[Hit] = []
        words, sentence = read.words, read.sentence
        known = self._known
        n = len(words)
        for at, word in enumerate(words):
            first = known.get(word)
            if first is None:
                first = self._first(words, at)
            nodes, is_open, goes_on = first
            # Most words begin a phrase that the next word ends.
            if not is_open and (at + 1 >= n or words[at + 1] not in goes_on):
                continue
            here = sentence[at]
            ends: dict[_Phrase, int] = {}
            upto = at + 1
            level: Sequence[_Node] = nodes
            while level:
                for node in level:
                    for phrase in node.ends:
                        ends[phrase] = upto
                if upto >= n or sentence[upto] != here:
                    break
                level = _step(level, words, upto)
                upto += 1
            for phrase, end in ends.items():
                if not phrase.is_at_start or not at or sentence[at - 1] != here:
                    hits.append(Hit(phrase.key, phrase.text, read.starts[at], read.ends[end - 1], here))
        return hits

    def _first(self, words: Sequence[str], at: int) -> "_First":
        nodes = tuple(self._root.next(words, at))
        goes_on = frozenset(word for node in nodes for word in node.words)
        found = (nodes, any(node.ends or node.others for node in nodes), goes_on)
        word = words[at]
        # An amount of money depends on the next word too, so a number is looked up each time.
        if not any(map(str.isdigit, word)) and len(word) <= 40:
            if len(self._known) > _REMEMBERED_WORDS:
                self._known.clear()
            self._known[word] = found
        return found


_First = tuple[tuple[_Node, ...], bool, frozenset[str]]
"""What begins with a word: its places in the tree, whether more than the words of the set can follow."""


def _step(level: Sequence[_Node], words: Sequence[str], at: int) -> list[_Node]:
    found: list[_Node] = []
    word = words[at]
    for node in level:
        child = node.words.get(word)
        if child is not None:
            found.append(child)
        if node.others:
            found += [child for kind, child in node.others.items() if _fits(kind, words, at)]
    return found


def _readings_of(key: str, text: str) -> list[list[str]]:
    """A phrase written out: one list of pieces for each way of saying it."""
    ways: list[list[str]] = [[]]
    pieces = text.lstrip("^ ").lower().split()
    if not pieces or pieces[0].endswith(("?", "...")) or pieces[-1] == "...":
        raise ValueError(f"{key}: the phrase {text!r} must begin and end with a word that is always there")
    for piece in pieces:
        if piece == "...":
            choices = [["<any>"] * size for size in range(_GAP + 1)]
        elif piece.startswith("<"):
            choices = [[piece]]
        else:
            choices = [
                [choice] if choice.endswith("*") else list(_reading(choice)) for choice in piece.rstrip("?").split("/")
            ]
        if piece.endswith("?"):
            choices.append([])
        ways = [[*way, *choice] for way in ways for choice in choices]
    return ways

"""The one finder of phrases: fast enough to look for a thousand of them on every keystroke.

A phrase is words as people say them. Contractions are read in full ("we'll" is "we will"), so each is written once:

    word*      the rest of a word        a/b        either word
    word?      may be left out           ...        up to three words in between
    <n>        anything with a digit     <money>    an amount of money
    <code>     a number or a code        <day>      a weekday, month, date
    ^          only at the start of a sentence      $          only at the end of the text

A phrase never crosses the end of a sentence.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

MAX_CHARS = 20_000
_CHUNK = re.compile(r"\S+|\n")
# What HTML calls a sign, links and handles, initials, amounts, hidden swearing, words, the ends of sentences.
_WORDS = (
    r"&#?\w+;|(?:https?://|www\.)\S+|@\w+|(?:[A-Za-z]\.){2,}|[$€£¥₹]\d[\d.,]*|\d[\d.,:/]*%?"
    r"|[^\W\d_]+\*+[^\W\d_]*|[^\W\d_]+(?:['’ʼ][^\W\d_]+)*|[.!?\n…]+"
)
_TOKEN = re.compile(_WORDS)
# Beside them a code with letters in one piece, and pictures one by one.
_TOKEN_OR_SIGN = re.compile(rf"(?<![\w@])(?=[^\W\d_]*\d)(?=\d*[^\W\d_])\w{{4,}}|{_WORDS}|[☀-➿⬀-⯿🌀-🫿]")
_GAP = 3
OFTEN_HIDDEN = (
    "fuck", "fucking", "shit", "bitch", "cunt", "asshole", "dick", "damn", "crap", "bastard", "hell", "ass",
)  # fmt: skip
"""Words that people hide behind stars."""
_LONGEST_REMEMBERED = 40
"""What is longer than this is no word that comes again."""

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
    """A text as lower-case words. starts, ends: where each stands; sentence: which one it is in, counted from 0.

    is_open: whether the text ends without the end of a sentence.
    """

    words: list[str] = field(repr=False)
    starts: list[int] = field(repr=False)
    ends: list[int] = field(repr=False)
    sentence: list[int] = field(repr=False)
    n_sentences: int
    is_open: bool = False


def read(text: str, *, with_signs: bool = False) -> Words:
    """Split a text into words; what a contraction stands for shares its place.

    with_signs: pictures and handles count as words too, and a code is one word.
    """
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    sentence: list[int] = []
    current, is_open = 0, False
    for match in _CHUNK.finditer(text[:MAX_CHARS]):
        chunk = match.group()
        at = match.start()
        pieces = _pieces if len(chunk) <= _LONGEST_REMEMBERED else _pieces.__wrapped__
        for word, start, end in pieces(chunk, with_signs):
            if word:
                words.append(word)
                starts.append(at + start)
                ends.append(at + end)
                sentence.append(current)
                is_open = True
            elif is_open:
                current, is_open = current + 1, False
    return Words(words, starts, ends, sentence, current + is_open, is_open)


_Piece = tuple[str, int, int]


@lru_cache(maxsize=50_000)
def _pieces(chunk: str, with_signs: bool) -> tuple[_Piece, ...]:
    """The words of what stands between two spaces, and where in it; no word is the end of a sentence."""
    pieces: list[_Piece] = []
    for match in (_TOKEN_OR_SIGN if with_signs else _TOKEN).finditer(chunk):
        token = match.group()
        if "://" in token or token.startswith(("www.", "&")) or (token[0] == "@" and not with_signs):
            continue
        start, end = match.span()
        if token[0] == "@":
            # A handle is one word with its sign and one without: whom it names is named.
            pieces += [(token.lower(), start, end), (token[1:].lower(), start, end)]
            continue
        pieces += [("", start, end)] if token[0] in ".!?\n…" else [(word, start, end) for word in _reading(token)]
    return tuple(pieces)


def _reading(token: str) -> tuple[str, ...]:
    word = token.lower().replace("’", "'").replace("ʼ", "'")
    if word in _WHOLE:
        known = tuple(_WHOLE[word].split())
    elif "*" in word:
        hidden = re.compile(re.escape(word).replace(r"\*", "[a-z]"))
        known = (next(filter(hidden.fullmatch, OFTEN_HIDDEN), word.strip("*")),)
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
    is_at_end: bool


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
        for kind, child in self.others.items():
            if _fits(kind, words, at):
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
    if kind == "<code>":
        return _is_code(words, at)
    if kind == "<day>":
        return word in _DAYS or ("/" in word and word[:1].isdigit())
    if kind == "<money>":
        if word[:1] in "$€£¥₹":
            return True
        return word[:1].isdigit() and at + 1 < len(words) and words[at + 1] in _MONEY_WORDS
    return word.startswith(kind[:-1])


def _is_code(words: Sequence[str], at: int) -> bool:
    """Four signs with a digit among them, or digits in groups."""
    word = words[at]
    if len(word) >= _SHORTEST_CODE and word.isalnum():
        return any(map(str.isdigit, word))
    following = words[at + 1] if at + 1 < len(words) else ""
    return word.isdigit() and following.isdigit() and len(word + following) >= _SHORTEST_CODE


_SHORTEST_CODE = 4


class PhraseBook:
    """Many phrases, each filed under a key; `find` reads a text once for all of them."""

    def __init__(self, phrases: Mapping[str, Iterable[str]]) -> None:
        """Raises ValueError for a phrase that does not begin and end with a word that is always there."""
        self._root = _Node()
        for key, texts in phrases.items():
            for text in texts:
                phrase = _Phrase(key, text, text.startswith("^"), text.endswith("$"))
                for pieces in _readings_of(key, text):
                    node = self._root
                    for piece in pieces:
                        node = node.grow(piece)
                    node.ends.append(phrase)
        # What a word begins hangs on the word alone, but for numbers: an amount of money goes on in the next word.
        self._begun = lru_cache(maxsize=50_000)(lambda word: self._first((word,), 0))
        # Who drafts asks of the same few turns again and again.
        self._keys = lru_cache(maxsize=64)(self._find_keys)

    def keys_in(self, text: str) -> frozenset[str]:
        """Under which keys the phrases in a text are filed; pictures and handles are read as well."""
        return self._keys(text)

    def _find_keys(self, text: str) -> frozenset[str]:
        return frozenset(hit.key for hit in self.find(read(text, with_signs=True)))

    def count_in(self, text: str) -> int:
        """How often a text says any of the phrases."""
        return len(self.find(read(text, with_signs=True)))

    def is_in(self, text: str) -> bool:
        """Whether a text holds any of the phrases."""
        return bool(self.keys_in(text))

    def find(self, read: Words) -> list[Hit]:
        """Every phrase in the text, in order of where it begins; the longest reading of each phrase only."""
        hits: list[Hit] = []
        words, sentence = read.words, read.sentence
        n = len(words)
        for at, word in enumerate(words):
            is_known = len(word) <= _LONGEST_REMEMBERED and not any(map(str.isdigit, word))
            nodes, is_open, goes_on = self._begun(word) if is_known else self._first(words, at)
            # Most words begin a phrase that the next word ends.
            if not is_open and (at + 1 >= n or words[at + 1] not in goes_on):
                continue
            here = sentence[at]
            for phrase, end in self._ends(nodes, words, sentence, at).items():
                if phrase.is_at_start and at and sentence[at - 1] == here:
                    continue
                if phrase.is_at_end and (end < n or not read.is_open):
                    continue
                hits.append(Hit(phrase.key, phrase.text, read.starts[at], read.ends[end - 1], here))
        return hits

    @staticmethod
    def _ends(nodes: "Sequence[_Node]", words: Sequence[str], sentence: Sequence[int], at: int) -> "dict[_Phrase, int]":
        """Where each phrase that begins at a word ends, and that they never leave its sentence."""
        ends: dict[_Phrase, int] = {}
        upto, level = at + 1, nodes
        while level:
            for node in level:
                for phrase in node.ends:
                    ends[phrase] = upto
            if upto >= len(words) or sentence[upto] != sentence[at]:
                break
            level = _step(level, words, upto)
            upto += 1
        return ends

    def _first(self, words: Sequence[str], at: int) -> "_First":
        nodes = tuple(self._root.next(words, at))
        goes_on = frozenset(word for node in nodes for word in node.words)
        return nodes, any(node.ends or node.others for node in nodes), goes_on


_First = tuple[tuple[_Node, ...], bool, frozenset[str]]
"""What begins with a word: its places in the tree, whether more than the words of the set can follow."""


def _step(level: Sequence[_Node], words: Sequence[str], at: int) -> list[_Node]:
    nodes: list[_Node] = []
    word = words[at]
    for node in level:
        child = node.words.get(word)
        if child is not None:
            nodes.append(child)
        if node.others:
            nodes += [child for kind, child in node.others.items() if _fits(kind, words, at)]
    return nodes


def _readings_of(key: str, text: str) -> list[list[str]]:
    """A phrase written out: one list of pieces for each way of saying it."""
    ways: list[list[str]] = [[]]
    pieces = text.lower().removeprefix("^").removesuffix("$").split()
    if not pieces or pieces[0].endswith(("?", "...")) or pieces[-1] == "...":
        raise ValueError(f"{key}: the phrase {text!r} must begin and end with a word that is always there.")
    for piece in pieces:
        choices = _choices(piece)
        ways = [[*way, *choice] for way in ways for choice in choices]
    if not all(ways):
        raise ValueError(f"{key}: the phrase {text!r} holds no word to look for.")
    return ways


def _choices(piece: str) -> list[list[str]]:
    """What may stand where one piece of a phrase does."""
    if piece == "...":
        return [["<any>"] * size for size in range(_GAP + 1)]
    if piece in _KINDS:
        return [[piece]]
    written = piece.rstrip("?") or piece
    said = [
        [choice] if choice.endswith("*") and len(choice) > 1 else [word for word, *_ in _pieces(choice, True) if word]
        for choice in written.split("/")
    ]
    return [*said, []] if piece.endswith("?") else said


_KINDS = ("<n>", "<money>", "<day>", "<code>")

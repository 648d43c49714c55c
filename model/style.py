"""How something is said, as numbers: politeness strategies, insults, hedges, shouting, emoji, marks.

Beside words and an encoder it helps where tone is asked for and topics change: the lists name strategies, not subjects.
Pure Python and numpy, no model; tens of microseconds a text.

Sources of the strategies: Danescu-Niculescu-Mizil et al. 2013, A Computational Approach to Politeness (table 3);
Brown and Levinson 1987, Politeness. The words are ours.
"""

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from care.phrases import OFTEN_HIDDEN

Floats = NDArray[np.float32]

_FILE = Path(__file__).with_name("style.toml")
_MAX_CHARS = 2_000
_TOKEN = re.compile(r"[\w'’$@*|]*[\w$*]|[.?!\n…]+")
_CAPITALS = re.compile(r"\b[A-Z]{3,}\b")
_LONG = re.compile(r"([^\W\d_])\1{2,}")
_HIDDEN = re.compile(r"\b[^\W\d_]+[*#$@%]{1,4}[^\W\d_]*\b|[@#$%&*!]{4,}")
_LEET = str.maketrans(
    {"$": "s", "@": "a", "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "!": "i", "|": "l"}
)
_DIGIT = re.compile(r"\d")
_QUOTED = re.compile(r"[\"“][^\"”]{1,40}[\"”]")
_SMILE = re.compile(r"[:;=8][-o']?[)D\]pP]|\^_?\^|<3")
_FROWN = re.compile(r"[:;=][-o']?[(\[/|\\]|>:\(|-_-")
_WARM = frozenset("😊🙂☺😍🥰😘❤💕💖💗💙💚💛💜🧡🙏👏👍🎉🥳😁😄😃😀🤗✨🌹🌸💐😇💪🙌👌☀")
_MOCKING = frozenset("😂🤣😆😜😝😏🙄🤡🤷😹🤔🤨🤪🤭😬🙃💀👀☕🐸")
_ANGRY = frozenset("😡🤬😠👿😤💩🖕🤮🤢👎😒😑🗑🐷🐍🐀🔥💣🔫😈👹")

_SHAPES = (
    "n_words", "n_sentences", "words_a_sentence", "letters_a_word", "questions", "one_question",
    "question_at_end", "exclaims", "marks_in_rows", "dots", "commas", "capitals", "elongated", "hidden_swear",
    "quoted", "code", "link", "mentions", "hashtags", "digits", "parentheses", "smile", "frown", "warm_emoji",
    "mocking_emoji", "angry_emoji", "small_start", "only_question", "short", "long",
)  # fmt: skip
_PAIRS = (
    ("second", "negative"), ("second", "insult"), ("second", "swear"), ("third", "insult"),
    ("third", "swear"), ("target", "insult"), ("target", "swear"), ("first", "hedge"), ("second", "positive"),
    ("first", "counterfactual"), ("please", "counterfactual"), ("please", "demand"), ("not", "positive"),
    ("not", "negative"), ("challenge", "second"), ("groups", "insult"), ("groups", "negative"),
    ("first", "apology"), ("question", "negative"), ("blame", "negative"), ("first", "swear"),
    ("tender", "swear"),
)  # fmt: skip


_LONGEST_REMEMBERED = 40
_Facts = tuple[str, tuple[int, ...], tuple[int, ...], bool]
_NOTHING: _Facts = ("", (), (), False)


# How polite people find each strategy. Source: Danescu-Niculescu-Mizil et al. 2013, table 3, column "politeness".
_POLITE = {
    "says gratitude": 0.87, "says deference": 0.78, "says greeting": 0.43, "says positive": 0.12,
    "says negative": -0.13,
    "says apology": 0.36, "says please": 0.49, "sentence begins please": -0.79, "sentence begins wh": -0.27,
    "sentence begins how": -0.27, "sentence begins joiner": -0.43, "says counterfactual": 0.47, "says indicative": 0.09,
    "sentence begins i": 0.12, "says first_many": 0.08, "says first": 0.08, "says second": 0.05,
    "sentence begins you": -0.30, "says hedge": 0.14, "says fact": -0.38,
}  # fmt: skip
# Ours, in the same spirit: what makes a text hurt.
_HURTFUL = {
    "says swear": 0.8, "says insult": 0.8, "says slur": 1.0, "says threat": 0.5, "target and insult": 0.6,
    "target and swear": 0.3, "second and insult": 0.3, "third and insult": 0.2, "groups and insult": 0.3,
    "hidden_swear": 0.5, "says tender": -0.3,
    "says gratitude": -0.3, "angry_emoji": 0.3, "warm_emoji": -0.3, "says negative": 0.2, "says positive": -0.1,
}  # fmt: skip


class _Lists:
    """The word lists turned inside out: what each word counts for."""

    def __init__(self) -> None:
        table = tomllib.loads(_FILE.read_text("utf-8"))
        self.words = tuple(table["words"])
        self.starts = tuple(table["starts"])
        self._whole: dict[str, list[int]] = {}
        self._beginnings: dict[str, list[tuple[str, int]]] = {}
        self.phrases: dict[tuple[str, ...], list[int]] = {}
        self.openers: set[str] = set()
        self.in_phrases: set[str] = set()
        for at, entries in enumerate(table["words"].values()):
            for entry in entries:
                parts = tuple(entry.split())
                if len(parts) > 1:
                    self.phrases.setdefault(parts, []).append(at)
                    self.openers.add(parts[0])
                    self.in_phrases.update(parts)
                elif entry.endswith("*"):
                    self._beginnings.setdefault(entry[:2], []).append((entry[:-1], at))
                else:
                    self._whole.setdefault(entry, []).append(at)
        self.start_of: dict[str, tuple[int, ...]] = {}
        for at, entries in enumerate(table["starts"].values()):
            for entry in entries:
                self.start_of[entry] = (*self.start_of.get(entry, ()), at)
        self.pairs = tuple((self.words.index(a), self.words.index(b)) for a, b in _PAIRS)
        self.known = lru_cache(maxsize=50_000)(self.learn)

    def learn(self, token: str) -> "_Facts":
        """What a token counts for: the word, its lists, the starts it makes, whether a phrase begins with it."""
        word = token.lower().replace("’", "'").strip("'|")
        if not any(map(str.isalpha, word)) or word[0] == "@":
            word = ""
        return (word, self._of(word), self.start_of.get(word, ()), word in self.openers) if word else _NOTHING

    def _of(self, word: str) -> tuple[int, ...]:
        plain = word if word.isalpha() or "'" in word else word.translate(_LEET)
        plain = _LONG.sub(r"\1", plain)
        begun = self._beginnings.get(plain[:2], ())
        places = [*self._whole.get(plain, ()), *(at for start, at in begun if plain.startswith(start))]
        if "*" in plain and len(plain) > 2:
            hidden = re.compile(re.escape(plain).replace(r"\*", "[a-z]"))
            if any(hidden.match(bare) for bare in OFTEN_HIDDEN):
                places.append(self.words.index("swear"))
        return tuple(dict.fromkeys(places))


@cache
def _lists() -> _Lists:
    return _Lists()


@cache
def style_names() -> tuple[str, ...]:
    """What each column says, in order."""
    lists = _lists()
    pairs = (f"{a} and {b}" for a, b in _PAIRS)
    begins = (f"begins {name}" for name in lists.starts)
    some = (f"sentence begins {name}" for name in lists.starts)
    says = (f"says {name}" for name in lists.words)
    much = (f"much {name}" for name in lists.words)
    return (*says, *much, *begins, *some, *pairs, *_SHAPES, "polite", "hurtful")


@cache
def _priors() -> Floats:
    """(n_features - 2, 2): what is known of politeness and hurt before any training, as two more columns."""
    names = style_names()[:-2]
    made = np.zeros((len(names), 2), dtype=np.float32)
    for column, known in enumerate((_POLITE, _HURTFUL)):
        for name, weight in known.items():
            made[names.index(name), column] = weight
    return made


def style_features(texts: Sequence[str]) -> Floats:
    """(n_texts, n_features) float32, each between 0 and 1; columns as in `style_names`. Never raises."""
    lists = _lists()
    n = len(style_names())
    made = np.zeros((len(texts), n), dtype=np.float32)
    for row, text in enumerate(texts):
        made[row, :-2] = _one(text[:_MAX_CHARS], lists)
    made[:, -2:] = 0.5 + 0.5 * np.tanh(made[:, :-2] @ _priors())
    return made


def is_plain(word: str) -> bool:
    """Whether no list knows a word, so that a text without it is said in the same style but for its length."""
    lists = _lists()
    facts = lists.known(word)
    return word.isalpha() and word.islower() and facts[1:3] == ((), ()) and word not in lists.in_phrases


def _one(text: str, lists: _Lists) -> list[float]:
    n_lists = len(lists.words)
    counts = [0] * n_lists
    begins = [0.0] * len(lists.starts)
    some = [0.0] * len(lists.starts)
    phrases = lists.phrases
    n_words = n_letters = n_sentences = n_question = 0
    is_start = True
    before = before_that = ""
    before_opens = before_that_opens = False
    last_mark = ""
    known = lists.known
    for token in _TOKEN.findall(text):
        word, listed, start, is_opener = known(token) if len(token) <= _LONGEST_REMEMBERED else lists.learn(token)
        if not word:
            if "\n" in token or token[0] in ".?!…":
                if not is_start:
                    is_start = True
                    n_question += "?" in token
                last_mark = token
                before = before_that = ""
            continue
        n_words += 1
        n_letters += len(word)
        last_mark = ""
        if is_start:
            n_sentences += 1
            is_start = False
            for at in start:
                some[at] = 1.0
                if n_sentences == 1:
                    begins[at] = 1.0
        for at in listed:
            counts[at] += 1
        if before_opens and (more := phrases.get((before, word))):
            for at in more:
                counts[at] += 1
        if before_that_opens and (more := phrases.get((before_that, before, word))):
            for at in more:
                counts[at] += 1
        before_that, before = before, word
        before_that_opens, before_opens = before_opens, is_opener
    n = n_words or 1
    scale = 8.0 / (n + 8.0)
    says = [1.0 if count else 0.0 for count in counts]
    much = [min(1.0, count * scale / 2) for count in counts]
    pairs = [says[a] * says[b] for a, b in lists.pairs]
    return [*says, *much, *begins, *some, *pairs, *_shape(text, n_words, n_letters, n_sentences, n_question, last_mark)]


def _shape(text: str, n_words: int, n_letters: int, n_sentences: int, n_question: int, last_mark: str) -> list[float]:
    n = n_words or 1
    n_asked = text.count("?")
    warm = mocking = angry = 0
    if not text.isascii():
        signs = set(text)
        warm, mocking, angry = len(signs & _WARM), len(signs & _MOCKING), len(signs & _ANGRY)
    has_marks = "!" in text or "?" in text
    return [
        min(1.0, n_words / 60),
        min(1.0, n_sentences / 6),
        min(1.0, n_words / max(1, n_sentences) / 30),
        min(1.0, n_letters / n / 8),
        min(1.0, n_asked / 4),
        float(n_asked == 1),
        float("?" in last_mark),
        min(1.0, text.count("!") / 3),
        float(has_marks and any(row in text for row in ("!!", "??", "?!", "!?"))),
        float("..." in text or "…" in text),
        min(1.0, text.count(",") / 5),
        min(1.0, len(_CAPITALS.findall(text)) / 4),
        float(_LONG.search(text) is not None),
        float(_HIDDEN.search(text) is not None),
        float('"' in text or "“" in text) and float(_QUOTED.search(text) is not None),
        float("`" in text),
        float("http" in text or "url" in text),
        min(1.0, text.count("@") / 4),
        min(1.0, text.count("#") / 3),
        float(_DIGIT.search(text) is not None),
        float("(" in text),
        float(_SMILE.search(text) is not None),
        float(_FROWN.search(text) is not None),
        min(1.0, warm / 2),
        min(1.0, mocking / 2),
        min(1.0, angry / 2),
        float(text[:1].islower()),
        float(n_sentences == n_question and n_sentences > 0),
        float(n_words < 8),
        float(n_words > 40),
    ]


def names_of(row: Iterable[float]) -> dict[str, float]:
    """What one row says, by name, zeros left out; for reasons and tests."""
    return {name: float(value) for name, value in zip(style_names(), row, strict=True) if value}

"""Cues: words in a message that say something about it, such as "call me" or "my lawyer".

People list phrases in the playbook. Words match whole and in any case; `*` stands for the rest of a word, `...` for up
to three words, `<code>` for a number or a code, `$` at the end for the end of the text. A text cannot make the search
slow: nothing in a pattern repeats within a repetition.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from care.message import Attachment

QUESTION_MARK, BRIEF, WORDLESS, MENTION = "question_mark", "brief", "wordless", "mention"
HEALTH_DATA, HARM_TOLD = "health_data", "harm_told"
FOLLOW_UP, ANSWERS_US = "follow_up", "answers_us"
GIBBERISH = "gibberish"
ATTACHMENT, PHOTO = "attachment", "photo"
HOLDS_CODE, SEVERAL_NAMED = "holds_code", "several_named"
NAMES_BRAND, NAMES_INDUSTRY, NAMES_COMPETITOR = "names_brand", "names_industry", "names_competitor"
BUILT_IN_CUES = (
    QUESTION_MARK, BRIEF, WORDLESS, GIBBERISH, HOLDS_CODE, MENTION, SEVERAL_NAMED, HEALTH_DATA, HARM_TOLD,
    FOLLOW_UP, ANSWERS_US, ATTACHMENT, PHOTO, NAMES_BRAND, NAMES_INDUSTRY, NAMES_COMPETITOR,
)  # fmt: skip
"""Cues that every policy has: a question mark, at most four words, no word at all, nothing but keys in a row ("asdf"),
a number, a code or a link, a @handle among the first words, two of them, something about health found by the redactor,
harm to somebody told of here or earlier, a thread in which we have answered before, an answer to what we asked last,
a file or a picture that came with it, and a name that we listen for: our own, one of our trade, one of a competitor."""
LISTENED_AS = {"brand": NAMES_BRAND, "industry": NAMES_INDUSTRY, "competitors": NAMES_COMPETITOR}
"""The cue that each list of names under `listening` gives."""
BRIEF_WORDS = 4


def cues_of_files(files: Iterable[Attachment]) -> frozenset[str]:
    """What the files that came with a message say of it."""
    kinds = [one.media_type for one in files]
    pictures = any(kind.startswith(("image/", "video/")) for kind in kinds)
    return frozenset(({ATTACHMENT} if kinds else set()) | ({PHOTO} if pictures else set()))


_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
# "@shop", ".@shop", "Hey @shop": said to somebody, not only about them.
_MENTION = re.compile(r"\W*(?:\w+\W+){0,2}@\w")
_CURLY = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', " ": " "})
_SEVERAL = re.compile(r"\W*@\w+\W+@\w")
_KEYS = tuple(keys for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm") for keys in (row, row[::-1]))
_FEWEST_KEYS = 4
# A code has a digit and at least four signs, or is digits in groups: "771204", "Kitten44", "55 21 90".
_CODE = r"(?:\d+(?:[ -]\d+)+|(?=[^\W\d]*\d)\w{4,})"
_HOLDS_CODE = re.compile(rf"(?<![\w@#]){_CODE}(?!\w)|https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cue:
    """One name and the phrases that show it."""

    name: str
    phrases: tuple[str, ...]

    @classmethod
    def of(cls, name: str, listed: Sequence[str]) -> "Cue":
        """Raises ValueError for an empty list or phrase."""
        phrases(listed)
        return cls(name, tuple(listed))


def phrases(words: Iterable[str]) -> re.Pattern[str]:
    """One linear pattern for phrases as people write them in a list. Raises ValueError for an empty list or phrase."""
    listed = [_phrase(phrase) for phrase in words]
    if not listed:
        raise ValueError("A list of phrases needs at least one.")
    return re.compile(rf"(?<!\w)(?:{'|'.join(listed)})(?!\w)", re.IGNORECASE)


def _phrase(phrase: str) -> str:
    words = phrase.translate(_CURLY).split()
    ends = r"\s*\Z" if words[-1:] == ["$"] else ""
    words = words[:-1] if ends else words
    if not words or words[0] == "..." or words[-1] == "...":
        raise ValueError(f"{phrase!r} is not a phrase to look for.")
    parts: list[str] = []
    gap = ""
    for word in words:
        if word == "...":
            gap = r"(?:\W+\w+){0,3}?\W+"
            continue
        if parts:
            parts.append(gap or r"\s+")
            gap = ""
        parts.append(_CODE if word == "<code>" else re.escape(word).replace(r"\*", r"\w*"))
    return "".join(parts) + ends


def plain(text: str) -> str:
    """The text as cues read it: straight quotes."""
    return text.translate(_CURLY)


_Branch = tuple[str, re.Pattern[str]]
"""A cue, and a pattern for those of its phrases that begin alike."""


@dataclass(frozen=True, slots=True)
class CueFinder:
    """Finds all cues of a policy in one walk over a text's words.

    Phrases are filed under what they begin with, so that a text is compared with a few of a thousand phrases only.
    """

    by_word: Mapping[str, tuple[_Branch, ...]] = field(repr=False)
    by_beginning: Mapping[str, tuple[_Branch, ...]] = field(repr=False)
    beginnings: tuple[str, ...] = field(repr=False)
    by_sign: tuple[tuple[str, str, re.Pattern[str]], ...] = field(repr=False)
    """Phrases that begin with no word, such as an emoji: the sign, the cue, the pattern."""

    @classmethod
    def of(cls, cues: Iterable[Cue]) -> "CueFinder":
        words: dict[str, dict[str, list[str]]] = {}
        beginnings: dict[str, dict[str, list[str]]] = {}
        signs: dict[str, dict[str, list[str]]] = {}
        for cue in cues:
            for phrase in cue.phrases:
                first = plain(phrase).lower().split()[0]
                if _WORD.fullmatch(first):
                    filed, key = words, first
                elif _WORD.fullmatch(first.rstrip("*")):
                    filed, key = beginnings, first.rstrip("*")
                else:
                    filed, key = signs, "" if first == "<code>" else first.partition("*")[0]
                filed.setdefault(key, {}).setdefault(cue.name, []).append(phrase)
        return cls(
            {key: _branches(found) for key, found in words.items()},
            {key: _branches(found) for key, found in beginnings.items()},
            tuple(beginnings),
            tuple((sign, *branch) for sign, found in signs.items() for branch in _branches(found)),
        )

    def find(self, text: str) -> frozenset[str]:
        """Names of the cues a text holds, the built-in ones that a text alone can show among them."""
        straight = plain(text)
        lowered = straight.lower()
        # Where lower case is longer than what was written, places would not agree.
        searched = straight if len(lowered) == len(straight) else lowered
        found: set[str] = set()
        n_words = n_keys = 0
        for match in _WORD.finditer(lowered):
            word = match.group()
            at = match.start()
            # A handle is an address, not a word.
            n_words += not (at and lowered[at - 1] == "@")
            n_keys += len(word) >= _FEWEST_KEYS and any(word in keys for keys in _KEYS)
            self._follow(self.by_word.get(word), searched, at, found)
            head, apostrophe, _ = word.partition("'")
            if apostrophe:
                self._follow(self.by_word.get(head), searched, at, found)
            if self.beginnings and word.startswith(self.beginnings):
                for size in range(1, len(word) + 1):
                    self._follow(self.by_beginning.get(word[:size]), searched, at, found)
        for sign, name, pattern in self.by_sign:
            if name not in found and sign in lowered and pattern.search(searched):
                found.add(name)
        if "?" in straight:
            found.add(QUESTION_MARK)
        if n_words <= BRIEF_WORDS:
            found.add(BRIEF)
        if n_words == 0:
            found.add(WORDLESS)
        elif n_keys == n_words:
            found.add(GIBBERISH)
        if _HOLDS_CODE.search(straight):
            found.add(HOLDS_CODE)
        if _MENTION.match(straight):
            found.add(MENTION)
        if _SEVERAL.match(straight):
            found.add(SEVERAL_NAMED)
        return frozenset(found)

    @staticmethod
    def _follow(branches: tuple[_Branch, ...] | None, text: str, at: int, found: set[str]) -> None:
        for name, pattern in branches or ():
            if name not in found and pattern.match(text, at):
                found.add(name)


def _branches(found: Mapping[str, list[str]]) -> tuple[_Branch, ...]:
    return tuple((name, phrases(listed)) for name, listed in found.items())

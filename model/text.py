"""The one text preparation, used by training and serving alike.

`normalise` makes what means the same look the same; `prepare` also remembers where each code point came from, so that
evidence can be shown in the text as it was received.
"""

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

MAX_CHARS = 6_000
"""Longer messages are read from their beginning; nobody states the matter after page two."""

_ZERO_WIDTH = re.compile(
    "[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u0084\\u0086-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160"
    "\\u17b4\\u17b5\\u180b-\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0"
    "\\ufff9-\\ufffb\\ud800-\\udfff\\U000e0000-\\U000e007f\\U000e0100-\\U000e01ef]"
)
# UTF-8 read as Windows-1252: a lead byte, then its continuation bytes.
_MOJIBAKE = re.compile(r"[ÂÃâðŸ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]{1,3}")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#39|#34|#x27);")
_QUOTES = re.compile("[‘’‚‛`´ʼ“”„‟«»‐‑‒–—―]")
_QUOTE_TO = {**dict.fromkeys("‘’‚‛`´ʼ", "'"), **dict.fromkeys("“”„‟«»", '"'), **dict.fromkeys("‐‑‒–—―", "-")}
_URL = re.compile(r"(?:https?://|www\.)\S+|\b(?:t\.co|bit\.ly)/\w+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w.@])@(?!user\b)\w{1,30}\b")
_ELONGATION = re.compile(r"([^\W\d_])\1{2,}")
_REPEAT = re.compile(r"([^\w\s])\1{2,}")
_SPACE = re.compile(r"[^\S ]\s*| \s+")
_PLAIN = re.compile(r"[ -~]*")
_UNUSUAL = re.compile(r"&|@|://|www\.|t\.co/|bit\.ly/|`|  |([^\W\d_])\1{2}|([^\w\s])\2{2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A normalised text and where each of its code points came from.

    origins: one (start, end) in the received text per code point of `text`.
    """

    text: str = field(repr=False)
    origins: tuple[tuple[int, int], ...] = field(repr=False)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the received text behind text[start:end]."""
        if start >= end or start >= len(self.origins):
            return (0, 0)
        covered = self.origins[start:end]
        return (min(at for at, _ in covered), max(upto for _, upto in covered))


def normalise(text: str) -> str:
    """Make what means the same look the same. Twice changes nothing; keeps case and emoji, they carry mood."""
    text = text[:MAX_CHARS]
    if _PLAIN.fullmatch(text) and not _UNUSUAL.search(text):
        return text.strip()
    while True:
        changed = text
        for pattern, replacement in _STEPS:
            changed = pattern.sub(replacement, changed)
        changed = unicodedata.normalize("NFKC", changed).strip()[:MAX_CHARS]
        if changed == text:
            return text
        text = changed


def prepare(text: str) -> Prepared:
    """Normalise and keep the way back. `prepare(text).text == normalise(text)` but for rare compositions."""
    characters = text[:MAX_CHARS]
    origins = [(i, i + 1) for i in range(len(characters))]
    for _ in range(8):
        before = characters
        for pattern, replacement in _STEPS:
            characters, origins = _substitute(pattern, replacement, characters, origins)
        characters, origins = _compose(characters, origins)
        characters, origins = _strip(characters, origins)
        if characters == before:
            break
    return Prepared(characters, tuple(origins))


def _mend(match: re.Match[str]) -> str:
    try:
        return match.group().encode("cp1252").decode("utf-8")
    except UnicodeError:
        return match.group()


_STEPS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_MOJIBAKE, _mend),
    (_ZERO_WIDTH, lambda match: " " if match.group() == "\x00" else ""),
    (_ENTITY, lambda match: html.unescape(match.group())),
    (_QUOTES, lambda match: _QUOTE_TO[match.group()]),
    (_URL, lambda match: "url"),
    (_HANDLE, lambda match: "@user"),
    (_ELONGATION, lambda match: match.group(1) * 2),
    (_REPEAT, lambda match: match.group(1) * 2),
    (_SPACE, lambda match: " "),
)

_Origins = list[tuple[int, int]]


def _substitute(
    pattern: re.Pattern[str], replacement: Callable[[re.Match[str]], str], text: str, origins: _Origins
) -> tuple[str, _Origins]:
    pieces: list[str] = []
    places: _Origins = []
    done = 0
    for match in pattern.finditer(text):
        start, end = match.span()
        new = replacement(match)
        pieces += (text[done:start], new)
        places += origins[done:start]
        places += [(origins[start][0], origins[end - 1][1])] * len(new)
        done = end
    if not done:
        return text, origins
    return "".join([*pieces, text[done:]]), places + origins[done:]


def _compose(text: str, origins: _Origins) -> tuple[str, _Origins]:
    if unicodedata.is_normalized("NFKC", text):
        return text, origins
    # Composition never crosses from one starter to the next but for Hangul jamo, which are kept with their head.
    cuts = [i for i, mark in enumerate(text) if not unicodedata.combining(mark) and not "\u1161" <= mark <= "\u11ff"]
    cuts = sorted({0, *cuts, len(text)})
    pieces: list[str] = []
    places: _Origins = []
    for start, end in pairwise(cuts):
        new = unicodedata.normalize("NFKC", text[start:end])
        pieces.append(new)
        places += [(origins[start][0], origins[end - 1][1])] * len(new)
    return "".join(pieces), places


def _strip(text: str, origins: _Origins) -> tuple[str, _Origins]:
    start = len(text) - len(text.lstrip())
    end = max(start, len(text.rstrip()))
    return text[start:end], origins[start:end]

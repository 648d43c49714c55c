"""A text as a recogniser reads it: look-alike characters folded, invisible ones left out, every position known.

Customers paste full-width digits, no-break spaces, keycap emoji and zero-width marks. Folding them once means that
every pattern can be written for plain letters and digits. The marks of quoted lines are left out too: what a value is
does not change when somebody quotes the mail it stands in.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

HIDDEN = "\ufffc"
"""Stands for one value that is already masked. No pattern matches it, so a masked text is never masked again."""

PLACEHOLDER = re.compile(r"<PAYMENT_CARD(?: [0-9]{6}…[0-9]{4}| …[0-9]{4}| part [0-9]{1,2})?>|<[A-Z][A-Z_]{1,30}>")
"""What masking leaves behind. Holds at most ten digits of a card, so an unmasked value cannot pass for one."""

# Source: RFC 3676 section 4.5. The mark says no more than the end of the line before it.
_QUOTE_MARKS = re.compile(r"^[ \t]{0,3}>[> \t]{0,16}", re.MULTILINE)
WORD = re.compile(r"[a-z]+")
# One line break beside a digit, with nothing but blanks around it: a number may go on behind it.
_BREAK = re.compile(
    r"(?:(?<=[0-9])|(?<=[0-9][a-z./-])|(?<=[a-z]{2}))[ \t]*\r?\n[ \t]*(?=[0-9])"
    r"|(?:(?<=[0-9])|(?<=[0-9][./-]))[ \t]*\r?\n[ \t]*(?=[a-z])"
)
# Scripts written without spaces: their trigger words are looked for as pieces of the text.
FAR_WORDS = (
    "密码",
    "验证码",
    "信用卡",
    "银行卡",
    "卡号",
    "パスワード",
    "カード",
    "비밀번호",
    "카드",
    "пароль",
    "hasło",
    "карта",
    "карты",
)


@dataclass(frozen=True, slots=True)
class PreparedText:
    """A folded text.

    text, lower: the same length; `lower` in lower case.
    offsets: for each folded character its place in the text as received; None when nothing moved.
    words: every run of plain letters, lower case. longest: characters of the longest unbroken token.
    before: what the same author wrote just before, already masked, or "".
    """

    original: str
    text: str
    lower: str
    offsets: Sequence[int] | None
    words: frozenset[str]
    n_digits: int
    longest: int
    before: "PreparedText | None" = None

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where a folded span lies in the text as received, marks on its last character included."""
        if self.offsets is None:
            return start, end
        first, last = self.offsets[start], self.offsets[end - 1] + 1
        limit = self.offsets[end] if end < len(self.offsets) else len(self.original)
        while last < limit and unicodedata.category(self.original[last]) in ("Mn", "Me"):
            last += 1
        return first, last


def prepare_text(
    text: str, *, hidden: Iterable[tuple[int, int]] = (), before: "PreparedText | None" = None
) -> PreparedText:
    """Fold a text once for all recognisers.

    hidden: sorted spans of the text as received that count as masked already. Each becomes one HIDDEN character, as
    does each placeholder, so that reading a masked text and reading a text with hidden spans are the same.
    """
    gaps = list(hidden)
    if "<" in text:
        gaps = _joined(gaps, [match.span() for match in PLACEHOLDER.finditer(text)])
    offsets: Sequence[int] | None = None
    folded = text
    if gaps:
        pieces: list[str] = []
        places: list[int] = []
        at = 0
        for start, end in gaps:
            pieces += (text[at:start], HIDDEN)
            places.extend(range(at, start))
            places.append(start)
            at = end
        pieces.append(text[at:])
        places.extend(range(at, len(text)))
        folded, offsets = "".join(pieces), places
    if ">" in folded:
        folded, offsets = _unquoted(folded, offsets)
    if not folded.isascii():
        before_fold, folded = folded, _NOT_ASCII.sub(lambda match: _FOLD[ord(match[0])], folded)
        if len(folded) != len(before_fold):
            kept = [place for place, char in enumerate(before_fold) if _FOLD[ord(char)]]
            offsets = kept if offsets is None else [offsets[place] for place in kept]
    lower = folded.lower()
    words = set(WORD.findall(lower))
    if not lower.isascii():
        words.update(word for word in FAR_WORDS if word in lower)
    return PreparedText(
        original=text,
        text=folded,
        lower=lower,
        offsets=offsets,
        words=frozenset(words),
        n_digits=len(lower) - len(lower.translate(_NO_DIGITS)),
        longest=max(map(len, lower.split()), default=0),
        before=before,
    )


def _unquoted(text: str, offsets: Sequence[int] | None) -> tuple[str, Sequence[int] | None]:
    """The text without the marks of quoted lines, and where each of its characters stood before."""
    marks = [match.span() for match in _QUOTE_MARKS.finditer(text)]
    if not marks:
        return text, offsets
    pieces: list[str] = []
    places: list[int] = []
    at = 0
    for start, end in [*marks, (len(text), len(text))]:
        pieces.append(text[at:start])
        places.extend(range(at, start))
        at = end
    return "".join(pieces), places if offsets is None else [offsets[place] for place in places]


def over_lines(reading: PreparedText) -> Iterator[tuple[PreparedText, Sequence[int]]]:
    """The reading with lines put together where a number may go on: as where a line was folded at a blank, and as where
    it was cut at any place. With each the places of its characters in the reading it was made of."""
    if "\n" not in reading.lower or not (breaks := [match.span() for match in _BREAK.finditer(reading.lower)]):
        return
    for joint in (" ", ""):
        pieces: list[str] = []
        places: list[int] = []
        at = 0
        for start, end in breaks:
            pieces += (reading.text[at:start], joint)
            places.extend(range(at, start))
            places.extend(start for _ in joint)
            at = end
        pieces.append(reading.text[at:])
        places.extend(range(at, len(reading.text)))
        text = "".join(pieces)
        yield replace(reading, text=text, lower=text.lower(), longest=max(map(len, text.split()), default=0)), places


def _joined(first: list[tuple[int, int]], other: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Two lists of spans as one, sorted; of two that overlap the first to start stays."""
    spans: list[tuple[int, int]] = []
    for span in sorted(first + other):
        if not spans or span[0] >= spans[-1][1]:
            spans.append(span)
    return spans


_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_NO_DIGITS = dict.fromkeys(range(ord("0"), ord("9") + 1))
_DOTS = frozenset("·•‧∙⋅・｡。")
_QUOTES = {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'}
_LINE_ENDS = frozenset("\u0085\u2028\u2029\u000b\u000c")


class _Fold(dict[int, str]):
    """Code point -> one folded character, or "" for what cannot be seen. Filled as characters are met."""

    def __missing__(self, code: int) -> str:
        folded = _fold(chr(code))
        # Bounded: a text made of every code point there is must not fill the memory.
        if len(self) < 8192:
            self[code] = folded
        return folded


def _fold(char: str) -> str:
    if char.isascii() or char == HIDDEN:
        return char
    category = unicodedata.category(char)
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    if category in ("Mn", "Me", "Cf"):
        return ""
    if category == "Zs":
        return " "
    if char in _LINE_ENDS:
        return "\n"
    if category == "Pd" or char == "−":
        return "-"
    if char in _DOTS:
        return "."
    if char in _QUOTES:
        return _QUOTES[char]
    # Full-width, mathematical and accented letters stand for their plain letter; the length never changes.
    plain = unicodedata.normalize("NFKD", char)
    return plain[0] if plain[0].isascii() and plain[0].isprintable() else char


_FOLD = _Fold()

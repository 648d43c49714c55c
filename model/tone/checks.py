"""Checks that no phrase can say: shouting, emoji, length, reading grade, names, languages, open slots, empathy."""

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from care import placeholders
from care.phrases import Words
from model.language import UNKNOWN, language_of

_WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
_ACRONYMS = frozenset(_WORDS["acronyms"])
# Three capitals are a code or somebody's initials, unless they are one of these.
_STRESSED = frozenset(_WORDS["stressed"])
_CAPITALS = re.compile(r"(?<![\w@#./^*~-])[A-Z][A-Z'’]{1,}(?![\w/-])")
_MARKS = re.compile(r"[!?]{2,}")
_EMOJI = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2}|[\U0001f300-\U0001faff\u2600-\u27bf\u2b05-\u2b55]"
    "[\ufe0f\U0001f3fb-\U0001f3ff]?(?:\u200d[\U0001f300-\U0001faff\u2640\u2642\u2764][\ufe0f\U0001f3fb-\U0001f3ff]?)*)"
)
_FACE = re.compile(r"(?<![\w:/])(?:[:;=8xX][-o^']?[)D(Ppd3]+|\^_?\^|¯\\_\(ツ\)_/¯|<3|[xX]D+|:['’]\))(?!\w)")
# To an upset customer every picture is a joke but for these: regret, thanks, and signs that only point.
EARNEST = frozenset("😔😢😞😟🙁☹😥🙏❤💙💚💛💜🧡🤍🖤💔😊🙂☺😌🤗🤝📦✈☎📞👉👇☝⚠📩✉📧📱💻🔗✅☑✔ℹ❗‼📍🚨🔒➡▶⏰🕐📝🧾💳🛠🔧")
RUDE = frozenset("🖕💩🤮🤬🤢👎🙄🤡🤦🥱🎻😒😤🐒🐷🐌")
_FACES_OF_JOKES = re.compile(r"[;xX=8:][-o^']?[DPp]|;[-']?\)|[xX]D|ツ")
_GREETING = re.compile(
    r"\A\W*(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|hiya|thanks?(?: you)?(?: so much)?|sorry)[ ,]+"
    r"(?:(?:mr|mrs|ms|miss|dr|prof)\.? )?(?P<name>[^\W\d_]+(?:[-'’][^\W\d_]+)?)"
    r"(?=[ ]?[,.!:\n–-]|[ ][A-Z][^\W\d_]+[,.!:\n–-]|\Z)",
    re.IGNORECASE,
)
_NOT_NAMES = frozenset(_WORDS["not_names"])
_SIGNED = re.compile(
    r"(?:(?i:thanks|thank you|cheers|regards|best|sincerely|yours|greetings|love)[,.!]?[\s–-]+|[–—-]{1,2}\s?|\n\s*)"
    r"(?P<name>[A-Z][^\W\d_]{1,20}(?: [A-Z][^\W\d_]{1,20})?)\W*\Z"
    r"|(?i:my name is|my name's|name is|this is|i am|i'm)\s+(?P<named>[A-Z][^\W\d_]{1,20})\b"
)
_NOT_SIGNED = frozenset(
    "The This My Please Thanks Help Sorry Not Very So Just Waiting Angry Order Still Really Monday Sunday Help".split()
)

_VOWELS = re.compile(r"[aeiouyäöüéèêàâîïôûáíóúãõ]+")
_FEWEST_WORDS, _SURE = 5, 0.85
"""In fewer words, or below this score, nobody says which language a text is in."""


@dataclass(frozen=True, slots=True)
class VoiceRules:
    """How a brand sounds; plain data from the playbook.

    profile: formal, friendly, playful or a name of one's own. emoji: none, few (at most two) or free.
    forbidden: phrases nobody may write. allowed: words in capitals that are names. max_grade: school years a reader
    needs, Flesch-Kincaid.
    """

    profile: str = "friendly"
    language: str = "en"
    emoji: str = "few"
    forbidden: tuple[str, ...] = ()
    allowed: frozenset[str] = frozenset()
    max_grade: float = 14.0


@dataclass(frozen=True, slots=True)
class ChannelLimit:
    """The longest text of a channel. count: how it counts. in_private: the longest private one; 0: the same."""

    limit: int
    count: Callable[[str], int] = field(default=len, repr=False)
    in_private: int = 0

    @property
    def private(self) -> "ChannelLimit":
        """What holds for a private text."""
        return ChannelLimit(self.in_private or self.limit, self.count)


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing a check saw. severity: stop, warn or hint."""

    rule: str
    severity: str
    start: int
    end: int
    message: str
    fix: str | None = None


def shouting(text: str, *, allowed: frozenset[str]) -> Iterator[Seen]:
    """Words in capitals that are no names; and rows of marks."""
    if not text.isupper() or len(text) > 12:
        runs: list[tuple[int, int, int]] = []
        for match in _CAPITALS.finditer(text):
            word = match.group()
            if len(word) < 3 or word in _ACRONYMS or word in allowed or (len(word) == 3 and word not in _STRESSED):
                continue
            if runs and not text[runs[-1][1] : match.start()].strip(" ,'’IA-"):
                runs[-1] = (runs[-1][0], match.end(), runs[-1][2] + 1)
            else:
                runs.append((match.start(), match.end(), 1))
        for start, end, n_words in runs:
            fix = text[start:end].lower() if start and not text[:start].rstrip().endswith((".", "!", "?")) else None
            fix = fix or text[start:end].capitalize()
            if n_words >= 3 or (n_words == 2 and end - start > 8):
                yield Seen("shouting", "stop", start, end, "Capitals read as shouting: write it small.", fix)
            else:
                message = "A word in capitals can read as shouting."
                yield Seen("capitals", "hint", start, end, message, fix)
    for match in _MARKS.finditer(text):
        severity = "hint" if len(match.group()) < 3 and "?" not in match.group() else "warn"
        message = "One mark is enough."
        yield Seen("marks", severity, match.start(), match.end(), message, match.group()[0])


def emoji(text: str, *, policy: str, profile: str, is_upset: bool) -> Iterator[Seen]:
    """Emoji and typed faces against the customer's mood and the brand's policy."""
    if text.isascii():
        matches = (
            list(_FACE.finditer(text)) if any(sign in text for sign in (":", ";", "=", "x", "X", "^", "<", "8")) else []
        )
    else:
        matches = sorted([*_EMOJI.finditer(text), *_FACE.finditer(text)], key=lambda match: match.start())
    for count, match in enumerate(matches, start=1):
        signs = match.group()
        start, end = match.span()
        if any(sign in RUDE for sign in signs) and (profile != "playful" or is_upset or signs[0] in "🖕💩🤮🤬"):
            yield Seen("rude_emoji", "stop", start, end, "This emoji mocks or insults: take it out.", "")
        elif is_upset and _is_joking(signs):
            message = "This customer is upset or in a hurry: no laughing emoji now."
            yield Seen("joke_emoji", "stop", start, end, message, "")
        elif is_upset:
            yield Seen("emoji", "warn", start, end, "This customer is upset: better without an emoji.", "")
        elif policy == "none" or (policy == "few" and count > 2):
            message = (
                "Our voice uses no emoji." if policy == "none" else "More than two emoji are too many for our voice."
            )
            yield Seen("emoji", "warn", start, end, message, "")


def _is_joking(signs: str) -> bool:
    return bool(_FACES_OF_JOKES.search(signs)) or (ord(signs[0]) > 127 and not any(sign in EARNEST for sign in signs))


def length(text: str, limit: ChannelLimit | None, *, channel: str) -> Iterator[Seen]:
    """Longer than the channel takes."""
    if limit is None or (len(text) * 4 <= limit.limit):
        return
    size = limit.count(text)
    if size > limit.limit:
        # Where it goes over, as near as the channel's own way of counting lets us say.
        start = max(0, min(len(text) - 1, limit.limit * len(text) // size))
        message = f"{size - limit.limit} characters too long for {channel}, which takes {limit.limit}: shorten it."
        yield Seen("length", "stop", start, len(text), message)


def slots(text: str) -> Iterator[Seen]:
    """Gaps that nobody filled, ours and other systems'."""
    message = "A gap that was never filled: write what belongs there."
    for gap in placeholders.find(text):
        yield Seen("open_slot", "stop", gap.start, gap.end, message)


def wrong_name(text: str, *, name: str | None, to: str | None) -> Iterator[Seen]:
    """Greets somebody else than the customer. The customer's name: given, or as they signed."""
    match = _GREETING.match(text)
    if match is None:
        return
    greeted = match["name"]
    if greeted.lower() in _NOT_NAMES or not greeted[0].isupper():
        return
    real = name or _signature(to)
    if not real:
        return
    parts = [part.lower() for part in re.findall(r"[^\W\d_]+(?:[-'’][^\W\d_]+)?", real)]
    if parts and not any(_is_same(greeted.lower(), part) for part in parts):
        message = f"The customer is {real}, not {greeted}."
        fix = re.findall(r"[^\W\d_]+(?:[-'’][^\W\d_]+)?", real)[0]
        yield Seen("wrong_name", "stop", match.start("name"), match.end("name"), message, fix)


def _signature(to: str | None) -> str | None:
    if not to:
        return None
    for match in _SIGNED.finditer(to[-400:]):
        name = match["name"] or match["named"]
        if name and name.split()[0] not in _NOT_SIGNED:
            return name
    return None


def _is_same(greeted: str, real: str) -> bool:
    """Same name, its short form, or the same without accents."""
    if greeted == real or (
        len(min(greeted, real, key=len)) >= 3 and (greeted.startswith(real) or real.startswith(greeted))
    ):
        return True
    return greeted[:3] == real[:3] and abs(len(greeted) - len(real)) <= 1 and len(greeted) > 4


def spoken(text: str, words: Words) -> str | None:
    """The language of a text; None where it says too little to be sure."""
    if len(words.words) < _FEWEST_WORDS:
        return None
    language = language_of(text)
    return language.label if language.label != UNKNOWN and language.score >= _SURE else None


def wrong_language(text: str, words: Words, *, to: str | None, language: str) -> Iterator[Seen]:
    """Written in another language than the customer's message, or than the brand's when there is no message.

    to: the language of the message; None when there is none or it says too little.
    """
    ours, theirs = spoken(text, words), to
    if ours is None:
        return
    if ours != (theirs or language):
        # Sure only when we can tell what the customer reads.
        severity = "stop" if theirs is not None and ours != language else "warn"
        wanted = theirs or language
        message = f"This is written in {ours}; the customer reads {wanted}."
        yield Seen("wrong_language", severity, 0, len(text), message)


def reading_grade(words: Words) -> float:
    """School years a reader needs (US grades). Source: Kincaid et al. 1975, Derivation of New Readability Formulas."""
    letters = [word for word in words.words if word[0].isalpha()]
    if not letters or not words.n_sentences:
        return 0.0
    syllables = sum(map(_syllables, letters))
    return 0.39 * len(letters) / words.n_sentences + 11.8 * syllables / len(letters) - 15.59


@lru_cache(maxsize=50_000)
def _syllables(word: str) -> int:
    counted = len(_VOWELS.findall(word))
    if word.endswith("e") and not word.endswith(("le", "ee", "ye")) and counted > 1:
        counted -= 1
    if (
        word.endswith(("es", "ed"))
        and counted > 1
        and not word.endswith(("ted", "ded", "ses", "ces", "zes", "ges", "shes", "ches"))
    ):
        counted -= 1
    return max(1, counted)


def readability(text: str, words: Words, *, max_grade: float) -> Iterator[Seen]:
    """Harder to read than the brand wants."""
    if len(words.words) < 30:
        return
    grade = reading_grade(words)
    if grade > max_grade:
        message = (
            f"Hard to read (grade {grade:.0f}, ours is at most {max_grade:.0f}): shorter sentences, plainer words."
        )
        yield Seen("reading_grade", "warn", 0, len(text), message)


def cold(text: str, cues: frozenset[str], words: Words) -> Iterator[Seen]:
    """No word that sees how the upset customer feels."""
    if "acknowledges" in cues or not words.words:
        return
    # Without a fix: what to say first, and whether it is ours to be sorry for, is a person's to choose.
    message = "The customer is upset: say that you see it before the facts."
    # Who acts at once has seen it; who only informs has not.
    severity = "hint" if "offers" in cues else "warn"
    yield Seen("cold", severity, words.starts[0], words.ends[0], message)

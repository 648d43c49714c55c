"""Cues: what a message shows by its words and its shape, such as "call me", a question mark or a picture.

People list phrases in the playbook, in the language of `care/phrases.py`. What a text shows by its shape needs no list.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from care.classification import RISKS, Classification
from care.message import Attachment
from care.mood import is_glad
from care.phrases import PhraseBook

QUESTION_MARK, BRIEF, WORDLESS, MENTION = "question_mark", "brief", "wordless", "mention"
HEALTH_DATA, HARM_TOLD = "health_data", "harm_told"
GLAD = "glad"
FOLLOW_UP, ANSWERS_US = "follow_up", "answers_us"
GIBBERISH = "gibberish"
ATTACHMENT, PHOTO = "attachment", "photo"
HOLDS_CODE, SEVERAL_NAMED = "holds_code", "several_named"
NAMES_BRAND, NAMES_INDUSTRY, NAMES_COMPETITOR = "names_brand", "names_industry", "names_competitor"
WE_ASK, WE_OFFER, LACKS_IT = "we_ask", "we_offer", "lacks_it"
GIVES_SECRET, HURT = "gives_secret", "hurt"
ACTS = ("asks", "reports", "answers", "solved", "thanks", "vents", "chats", "promotes")
OF_HEADS: Mapping[str, Mapping[str, str]] = {
    "act": {act: act for act in ACTS},
    "stance": {"sarcastic": "sarcastic"},
    "addressed": {"us": "to_us", "others": "to_others", "nobody": "to_nobody"},
}
"""The cue that each label of a trained head gives, by the head's task; see `fixtures/labels/intents.md`."""
CUES_OF_HEADS = (GLAD, *RISKS, *(cue for cues in OF_HEADS.values() for cue in cues.values()))
"""Cues that trained heads give: a good mood that is meant, what cannot wait, and what each head says."""
GENERAL_CUES = (WE_ASK, WE_OFFER, LACKS_IT, GIVES_SECRET, HURT)
"""Cues that decisions ask for by name; their words are those of the language: what we say when we ask or offer more
help; what people say who do not have it, who write down a secret, or who were hurt."""
BUILT_IN_CUES = (
    QUESTION_MARK, BRIEF, WORDLESS, GIBBERISH, HOLDS_CODE, MENTION, SEVERAL_NAMED, HEALTH_DATA, HARM_TOLD,
    FOLLOW_UP, ANSWERS_US, ATTACHMENT, PHOTO, NAMES_BRAND, NAMES_INDUSTRY, NAMES_COMPETITOR,
    *CUES_OF_HEADS, *GENERAL_CUES,
)  # fmt: skip
"""Cues that every policy has: a question mark, at most four words, no word at all, nothing but keys in a row ("asdf"),
a number, a code or a link, a @handle among the first words, two of them, something about health found by the redactor,
harm to somebody told of here or earlier, a thread in which we have answered before, an answer to what we asked last,
a file or a picture that came with it, and a name that we listen for: our own, one of our trade, one of a competitor."""
LISTENED_AS = {"brand": NAMES_BRAND, "industry": NAMES_INDUSTRY, "competitors": NAMES_COMPETITOR}
"""The cue that each list of names under `listening` gives."""
BRIEF_WORDS = 4


LIKELY = 0.5
"""From this probability on a head's label counts as a cue: it is likelier than not."""


def likely(classification: Classification, task: str) -> str | None:
    """What a head says of a message, where that is likelier than not."""
    judgement = classification.tasks.get(task)
    return judgement.label if judgement is not None and judgement.score >= LIKELY else None


def cues_of_heads(classification: Classification) -> dict[str, float]:
    """What trained heads read in a message beside what it is about: each cue with its score."""
    scores: dict[str, float] = {}
    for task, cues in OF_HEADS.items():
        cue = cues.get(likely(classification, task) or "")
        if cue is not None:
            scores[cue] = classification.tasks[task].score
    mood = classification.tasks.get("sentiment")
    if mood is not None and is_glad(mood.label, stance=likely(classification, "stance")):
        scores[GLAD] = mood.score
    return scores


def cues_of_files(files: Iterable[Attachment]) -> frozenset[str]:
    """What the files that came with a message say of it."""
    kinds = [file.media_type for file in files]
    pictures = any(kind.startswith(("image/", "video/")) for kind in kinds)
    return frozenset(({ATTACHMENT} if kinds else set()) | ({PHOTO} if pictures else set()))


_WORD = re.compile(r"(?<!@)(?<![^\W\d_])[^\W\d_]+(?:'[^\W\d_]+)*")
# "@shop", ".@shop", "Hey @shop": said to somebody, not only about them.
_MENTION = re.compile(r"\W*(?:\w+\W+){0,2}@\w")
_CURLY = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\xa0": " "})
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
        """Raises ValueError for an empty list or for what is no phrase."""
        if not listed:
            raise ValueError("A list of phrases needs at least one.")
        PhraseBook({name: listed})
        return cls(name, tuple(listed))


def plain(text: str) -> str:
    """The text with straight quotes."""
    return text.translate(_CURLY)


def cues_of_shape(text: str) -> frozenset[str]:
    """What a text shows without any list of words."""
    straight = plain(text)
    words = _WORD.findall(straight.lower())
    is_keys = bool(words) and all(len(word) >= _FEWEST_KEYS and any(word in keys for keys in _KEYS) for word in words)
    shown = {
        QUESTION_MARK: "?" in straight,
        BRIEF: len(words) <= BRIEF_WORDS,
        WORDLESS: not words,
        GIBBERISH: is_keys,
        HOLDS_CODE: _HOLDS_CODE.search(straight) is not None,
        MENTION: _MENTION.match(straight) is not None,
        SEVERAL_NAMED: _SEVERAL.match(straight) is not None,
    }
    return frozenset(name for name, holds in shown.items() if holds)

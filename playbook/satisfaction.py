"""The satisfaction question: when it is asked, and what an answer to it means."""

import re
from collections.abc import Sequence

from care.message import Turn
from care.phrases import PhraseBook
from playbook.parts import Closing

_NUMBER = re.compile(r"(?<![\d.,/])([1-5])(?: ?(?:/|of|out of) ?5)?(?![\d%]|[.,]\d|/\d)")
_STARS = re.compile(r"[⭐★🌟]")
_WORDS = PhraseBook(
    {
        "1": ("one", "not at all", "terrible/awful/horrible/worst/useless",
              "very bad/unhappy/unsatisfied/dissatisfied"),
        "2": ("two", "not really", "not satisfied/happy/good/great/solved/helpful", "bad/poor/poorly/no",
              "unhappy/dissatisfied"),
        "3": ("three", "so so", "okay/ok/average/meh/partly/half/somewhat", "not bad"),
        "5": ("five", "perfect/perfectly/excellent/completely/amazing/fantastic/brilliant/great",
              "very good/happy/satisfied"),
        "4": ("four", "good/happy/satisfied/fine/well/mostly/yes"),
    }
)  # fmt: skip
_FROM_THE_PARTICULAR = ("3", "1", "2", "5", "4")
"""To the plain: "not happy" is read before "happy", "not bad" before "bad"."""
_EMOJI = {
    "😡": 1, "🤬": 1, "😠": 1, "💔": 1, "🤮": 1, "👎": 1, "🙁": 2, "☹": 2, "😕": 2, "😞": 2, "😒": 2, "😐": 3, "😶": 3,
    "🤷": 3, "🙂": 4, "😊": 4, "👍": 4, "😀": 5, "😃": 5, "😄": 5, "😁": 5, "🥰": 5, "😍": 5, "❤": 5, "💚": 5, "🎉": 5,
    "🙌": 5, "👏": 5, "💯": 5,
}  # fmt: skip
LONGEST_ANSWER = 160
"""A longer text is a message of its own, not an answer to the question."""
MOST_WORDS = 12
"""In more words than these, a plain "no" or "good" may be about anything."""


def may_ask(closing: Closing, *, kinds: Sequence[str], is_sensitive: bool, thread: Sequence[Turn]) -> bool:
    """Whether to ask after closing: once per conversation, never after praise alone or a sensitive case.

    A conversation with one message worth asking about is worth asking about.
    """
    if is_sensitive or not closing.question or closing.not_after.issuperset(kinds):
        return False
    return not any(not turn.by_customer and closing.question in turn.text for turn in thread)


def score_of(text: str) -> int | None:
    """1 to 5 from a number, stars, words or emoji; None when it says nothing clear about it.

    A number wins over words, words over emoji. Two different numbers are nothing clear.
    """
    if len(text) > LONGEST_ANSWER:
        return None
    numbers = {int(number) for number in _NUMBER.findall(text)}
    if numbers:
        return numbers.pop() if len(numbers) == 1 else None
    stars = len(_STARS.findall(text))
    if 1 <= stars <= 5:
        return stars
    if len(text.split()) > MOST_WORDS:
        return None
    said = _WORDS.keys_in(text)
    if said:
        return int(next(score for score in _FROM_THE_PARTICULAR if score in said))
    scores = {_EMOJI[sign] for sign in text if sign in _EMOJI}
    return scores.pop() if len(scores) == 1 else None

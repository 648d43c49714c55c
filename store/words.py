"""Words as a search finds them: what of a text is looked for, and how a search is read.

Both databases split texts in their own ways; we do it once, here, and give them words with blanks between.
"""

import re
import unicodedata
from collections.abc import Iterator

# A mask, as in <PAYMENT_CARD 411111…1111>: what is hidden is not found by the digits that are left of it.
_MASK = re.compile(r"<[A-Z][A-Z_]{1,30}(?: [^<>\n]{1,40})?>")
# Chinese, Japanese and Korean have no blanks: each sign is a word, and a search for several is a search for a row.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_QUOTED = re.compile(r'"([^"]*)"|(\S+)')

LONGEST_WORD = 64
MOST_TERMS = 12


def searchable(*texts: str | None) -> str:
    """The words of some texts, folded, with one blank between; without what is masked."""
    return " ".join(word for text in texts if text for word in _words(_MASK.sub(" ", text)))


def terms(search: str) -> list[tuple[list[str], bool]]:
    """What all has to be there: words that stand in a row, and whether the last one may go on.

    `lost "order AB-10442"` -> lost… and "order ab 10442". A word with signs in it, such as AB-10442, is such a row.
    """
    rows = []
    for quoted, plain in _QUOTED.findall(search):
        row = list(_words(_MASK.sub(" ", quoted or plain)))
        if row:
            rows.append((row, not quoted))
    return rows[:MOST_TERMS]


def _words(text: str) -> Iterator[str]:
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in folded if not unicodedata.combining(sign))
    # Hangul came apart; put it together again.
    for match in _WORD.finditer(unicodedata.normalize("NFC", bare)):
        yield match[0][:LONGEST_WORD]

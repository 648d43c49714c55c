"""Labels as histories have them: blanks in words, twins in another spelling, lists; and how errors may name them."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

NOT_LABELS = frozenset({"nan", "null", "none", "nil", "n/a", "na", "<na>", "-", "--", "?", "(blank)", "undefined"})
SHEET_ERRORS = frozenset(
    {
        "#n/a",
        "#ref!",
        "#value!",
        "#name?",
        "#div/0!",
        "#null!",
        "#num!",
        "#spill!",
        "#calc!",
        "err:502",
        "err:504",
        "err:508",
        "err:511",
    }
)
LONGEST = 200
_INVISIBLE = re.compile("[\\u200b-\\u200f\\u2060\\ufeff\\u00ad]")
_WHOLE = re.compile(r"([+-]?\d+)[.,]0+")
_GAPS = re.compile(r"(?<=[^\W_])[\s_-]+(?=[^\W_])")
_PARTS = re.compile(r"\s*[;|,/\n]\s*")


def tidy(label: str) -> str:
    """A label without what cannot be seen: spaces round it, doubled ones, letters written in two pieces."""
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", label)).split())


def is_none(label: str) -> bool:
    """Whether a cell says in words that there is no label."""
    return label.lower() in NOT_LABELS | SHEET_ERRORS


def key_of(label: str) -> str:
    """The same for spellings of one label: cases, gaps, and numbers that a spreadsheet made real."""
    plain = unicodedata.normalize("NFKC", tidy(label)).casefold()
    whole = _WHOLE.fullmatch(plain)
    return whole.group(1) if whole else _GAPS.sub(" ", plain).strip(" .:;,!\"'") or plain


def twins(labels: Iterable[str]) -> dict[str, str]:
    """Each spelling that is not its label's commonest -> the commonest."""
    spellings: dict[str, Counter[str]] = {}
    for label, n in Counter(labels).items():
        spellings.setdefault(key_of(label), Counter())[label] = n
    merged: dict[str, str] = {}
    for spelled in spellings.values():
        if len(spelled) > 1:
            best = min(spelled, key=lambda name: (bool(_WHOLE.fullmatch(name)), -spelled[name], name.swapcase()))
            merged |= {name: best for name in spelled if name != best}
    return merged


def listed(value: object) -> list[str] | None:
    """The labels of a cell that holds several as JSON or as Python writes them; None where it holds one, or none."""
    if isinstance(value, str) and re.fullmatch(r"\s*\[.*\]\s*", value, re.DOTALL):
        try:
            value = json.loads(value if '"' in value else value.replace("'", '"'))
        except ValueError:
            return None
    if isinstance(value, list | tuple):
        return [tidy(str(label)) for label in value if label is not None and tidy(str(label))]
    return None


def parts_of(label: str, known: AbstractSet[str]) -> list[str]:
    """The labels that a label is a list of: parted by a sign, and each of them a label of its own elsewhere."""
    parts = [part for part in _PARTS.split(label) if part]
    return parts if len(parts) > 1 and all(key_of(part) in known for part in parts) else []


def shown(label: str) -> str:
    """A label for people, or only its length where it may be a customer's words: the wrong column was named."""
    is_plain = len(label) <= 40 and len(label.split()) <= 5 and "@" not in label
    return repr(label) if is_plain and sum(map(str.isdigit, label)) <= 4 else f"a label of {len(label)} characters"


def rows_of(n: int) -> str:
    """So many rows, in words."""
    return f"{n:,} row{'s' * (n != 1)}"


def some(names: Sequence[str], *, most: int = 8) -> str:
    """A few labels for people."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(shown, names[:most])) + more

"""What a draft may take from a message: names people go by, and values that are what they say they are.

Nothing is guessed: a value that does not look right, or that overlaps sensitive data, leaves its slot open.
"""

import re
from collections.abc import Iterable, Sequence

from care.classification import Entity
from care.message import Author, Message, Turn
from care.sensitive import Handling, SensitiveSpan
from playbook.names import given_name
from playbook.parts import Fact

_ORDER = re.compile(r"(?<![\w-])(?:#\d{4,10}|[A-Z]{1,4}-?\d{5,10}|[A-Z]{2,4}-\d{2,4}-\d{3,8})(?![\w-])")
_PARCEL = re.compile(r"(?<![\w-])(?:1Z[0-9A-Z]{16}|[A-Z]{2}\d{9}[A-Z]{2}|JD\d{16,18})(?![\w-])")
# "order no. 3632693-6196346": any number that is called one.
_CALLED_ORDER = re.compile(
    r"\b(?:order|booking|reservation|confirmation)(?: (?:number|no|id|code|ref))?\W{0,3}"
    r"(?=[A-Z0-9-]*\d)([A-Z0-9][A-Z0-9-]{4,23})(?![\w-])",
    re.IGNORECASE,
)
# A flight or a train: two letters and digits. Short words before a number, of a time or a measure, are none.
_WORD = r"(?!(?i:am|an|as|at|be|by|do|gb|go|he|if|in|is|it|mb|me|my|no|of|on|or|pm|ps|so|to|tv|up|us|we))"
_FLIGHT = re.compile(rf"(?<![\w#@-]){_WORD}(?:[A-Z]{{2}} ?\d{{2,4}}|[a-zA-Z]{{2}}\d{{3,4}})(?![\w-])")
_MASK = re.compile(r"\d{3}-\d{2}-\d{4}|[\[\]<>{}*█•]|\d(?:[ -]?\d){12,}")
_LONGEST = {"product": 40, "name": 30, "city": 30, "date": 30, "time": 20, "amount": 20}
_FOR_NAMING = frozenset({"place", "failed", "since"})
"""Kinds that are no slots: playbooks have facts of these names."""
_FOUND_BY_SHAPE = {"order_number": _ORDER, "parcel_number": _PARCEL, "flight_number": _FLIGHT}


def first_name(author: Author, not_names: frozenset[str]) -> str:
    """The first name to greet somebody by, or "" when their display name is not clearly one person's."""
    return given_name(author.name or "", not_names)


def values_in(message: Message, entities: Iterable[Entity], spans: Sequence[SensitiveSpan]) -> dict[str, str]:
    """Slot values by entity kind, from one message; the first of a kind that can be trusted."""
    values: dict[str, str] = {}
    hidden = [span for span in spans if span.handling is not Handling.ALLOW]
    for entity in entities:
        inside = any(span.start < entity.end and entity.start < span.end for span in hidden)
        if entity.kind in _FOR_NAMING:
            continue
        if not inside and entity.kind not in values and is_usable(entity.kind, entity.value):
            values[entity.kind] = " ".join(entity.value.split())
    # An answer's subject is read for nothing else, but it still names what is answered.
    for text in (message.text, message.subject or ""):
        for kind, value in values_by_shape(text).items():
            values.setdefault(kind, value)
    return values


def values_by_shape(text: str) -> dict[str, str]:
    """Numbers of orders, parcels and flights, told by their shape alone, for turns that nobody classified."""
    values: dict[str, str] = {}
    for kind, shape in _FOUND_BY_SHAPE.items():
        match = shape.search(text)
        value = match[0].replace(" ", "") if match else ""
        if value and is_usable(kind, value):
            values[kind] = value.upper() if kind == "flight_number" else value
    called = _CALLED_ORDER.search(text)
    if called and "order_number" not in values and is_usable("order_number", called[1]):
        values["order_number"] = called[1]
    return values


def is_usable(kind: str, value: str) -> bool:
    """Whether a value may stand in a reply: short, of one line, unmasked, nothing like a card number."""
    text = value.strip()
    if not text or "\n" in text or _MASK.search(text) or any(ord(sign) < 32 for sign in text):
        return False
    if "http" in text.lower() or "@" in text or "%" in text or "$(" in text or "${" in text:
        return kind == "amount" and text.startswith("$") and "{" not in text and "(" not in text
    if kind in _FOUND_BY_SHAPE:
        return bool(re.fullmatch(r"[#A-Za-z0-9-]{4,24}", text)) and any(sign.isdigit() for sign in text)
    return len(text) <= _LONGEST.get(kind, 40)


def known_before(thread: Sequence[Turn]) -> dict[str, str]:
    """What the customer already told us in this thread, latest first."""
    values: dict[str, str] = {}
    for turn in reversed(thread):
        if turn.by_customer:
            for kind, value in values_by_shape(turn.text).items():
                values.setdefault(kind, value)
    return values


def asked_before(thread: Sequence[Turn], facts: Iterable[Fact]) -> frozenset[str]:
    """Facts that we have asked for in this thread."""
    ours = [turn.text for turn in thread if not turn.by_customer]
    return frozenset(fact.name for fact in facts if any(fact.said_as.is_in(text) for text in ours))

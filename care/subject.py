"""A subject and a body, read as one text: many say in the subject what they want, and in the body only the rest.

The subject stands as a first line, but where it says nothing of its own: an answer's repeats what was said before, and
some programs write the body's first words into it. Training, deciding and drafting read alike.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from care.message import Message, Turn
from care.sensitive import WITHHELD_TEXT

_REPLY = "re|aw|antw|sv|vs|odp|ref|res|r|rv|svar|vá|ynt|yan|atb|ατ|απ|回复|回覆|答复|返信|בענ|השב|رد|отв"
_FORWARD = (
    "fwd|fw|wg|tr|rv|enc|i|doorst|vb|vl|vs|pd|fs|továbbítás|ilt|i̇lt|iletilen|转发|轉寄|転送|переслано|пересл"
    "|пд|weitergeleitet"
)
REPLY_SUBJECT = re.compile(rf"\s*(?:{_REPLY})(?:\s?\[\d+\]|\s?\(\d+\)|\^\d+)?\s?[:：]", re.IGNORECASE)
# RV (Spanish), VS (Finnish) are a forward for some and an answer for others: a forward loses nothing.
FORWARD_SUBJECT = re.compile(rf"\s*(?:{_FORWARD})(?:\s?\[\d+\])?\s?[:：]", re.IGNORECASE)
_TAG = re.compile(r"\s*\[[^\[\]]{1,40}\]\s*")
"""What ticket systems and lists put in front."""
_BEGINNING = 500
"""So many letters of a body are looked through for what its subject says."""


def whole(text: str, subject: str | None, *, before: Iterable[str] = ()) -> str:
    """A body with its subject as a first line, where that says something of its own.

    before: subjects of earlier messages of the conversation.
    """
    own = _own(subject or "")
    said = _folded(own)
    if not said or text == WITHHELD_TEXT or said in {_folded(_own(message)) for message in before}:
        return text
    # One that was cut off ends in the middle of a word.
    if said in _folded(text[: 2 * _BEGINNING])[:_BEGINNING]:
        return text
    return f"{own}\n{text}" if text.strip() else own


def whole_message(message: Message, thread: Sequence[Turn] = ()) -> Message:
    """A message with its subject in its text. thread: what was said before it. Twice changes nothing."""
    text = whole(message.text, message.subject, before=_subjects(thread))
    moved = len(text) - len(message.text)
    if not moved:
        return message
    spans = tuple(replace(span, start=span.start + moved, end=span.end + moved) for span in message.masking.spans)
    return replace(message, text=text, masking=replace(message.masking, spans=spans))


def whole_thread(thread: Sequence[Turn]) -> list[Turn]:
    """Turns with their subjects in their texts, each subject once."""
    return [
        replace(turn, text=whole(turn.text, turn.subject, before=_subjects(thread[:at])))
        for at, turn in enumerate(thread)
    ]


def _subjects(thread: Sequence[Turn]) -> list[str]:
    return [turn.subject for turn in thread if turn.subject]


def _own(subject: str) -> str:
    """What its writer put there: nothing for an answer, without the marks of a forward or a list."""
    if subject == WITHHELD_TEXT:
        return ""
    tag = _TAG.match(subject)
    rest = subject[tag.end() :] if tag else subject
    if forward := FORWARD_SUBJECT.match(rest):
        return _own(rest[forward.end() :])
    return "" if REPLY_SUBJECT.match(rest) else rest.strip()


def _folded(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())

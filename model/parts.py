"""The sentences of a message, for who must not miss what only one of them says."""

import re

from model.text import normalise

_SENTENCE = re.compile(r"(?<=[.!?;…])\s+|\s*\n\s*")
_CLAUSE = re.compile(r"[,:]\s+")
_MASK = re.compile(r"<[A-Z][A-Z_]{1,30}(?: [^<>\n]{1,20})?>")
"""What stands in the place of a masked value, as model/sensitive.py writes it."""
_LEAST_WORDS = 4
"""Fewer say too little to be read by themselves."""
_LONG_WORDS = 20
"""A shorter message of one line is read well as it stands; a first line may be a subject."""
_MOST = 24


def parts_of(masked: str) -> tuple[str, ...]:
    """Sentences of a masked text, normalised, where one of them may drown in the others or beside a masked value.

    What was masked is left out with the clause that it stands in: it says nothing of what else is the matter.
    """
    has_masks = _MASK.search(masked) is not None
    if not has_masks and len(masked.split()) <= _LONG_WORDS and "\n" not in masked.strip():
        return ()
    parts: list[str] = []
    for sentence in _SENTENCE.split(masked):
        if has_masks and _MASK.search(sentence):
            parts += [clause for clause in _CLAUSE.split(sentence) if not _MASK.search(clause)]
        else:
            parts.append(sentence)
    whole = normalise(masked)
    read = dict.fromkeys(normalise(part) for part in parts if len(part.split()) >= _LEAST_WORDS)
    return tuple(part for part in read if part != whole)[:_MOST]

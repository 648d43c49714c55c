"""The sentences of a message, for who must not miss what only one of them says."""

import re

from care.sensitive import Handling, Redaction
from model.text import normalise

_SENTENCE = re.compile(r"(?<=[.!?;…])\s+|\s*\n\s*")
_CLAUSE = re.compile(r"[,:]\s+")
_LEAST_WORDS = 4
"""Fewer say too little to be read by themselves."""
_LONG_WORDS = 20
"""A shorter message of one line is read well as it stands; a first line may be a subject."""
_MOST = 24


def parts_of(redaction: Redaction) -> tuple[str, ...]:
    """Sentences of a masked text, normalised, where one of them may drown in the others or beside a masked value.

    What was masked is left out with the clause that it stands in: it says nothing of what else is the matter.
    """
    masks = [span.replacement for span in redaction.spans if span.handling is not Handling.ALLOW and span.replacement]
    if not masks and len(redaction.text.split()) <= _LONG_WORDS and "\n" not in redaction.text.strip():
        return ()
    found: list[str] = []
    for sentence in _SENTENCE.split(redaction.text):
        holds = any(mask in sentence for mask in masks)
        clauses = [one for one in _CLAUSE.split(sentence) if not any(mask in one for mask in masks)] if holds else ()
        found += clauses if holds else [sentence]
    whole = normalise(redaction.text)
    read = dict.fromkeys(normalise(part) for part in found if len(part.split()) >= _LEAST_WORDS)
    return tuple(part for part in read if part != whole)[:_MOST]

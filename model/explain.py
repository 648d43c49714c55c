"""Which words carried a label, as stretches of the text as it was received."""

import re

import numpy as np

from care.classification import Evidence
from care.sensitive import Redaction
from model.bundle import Bundle
from model.head import Head
from model.text import Prepared, prepare

MAX_WORDS = 3
_CHUNK = re.compile(r"\S+")


def words_that_carried(bundle: Bundle, head: Head, label: str, redaction: Redaction) -> tuple[Evidence, ...]:
    """The few words whose absence would cost the label most, heaviest first.

    Weights are what the n-grams of a word, and of the pairs it is part of, add to the label above the other labels.
    """
    prepared = prepare(redaction.text)
    at = head.labels.index(label)
    whole = bundle.ngrams.row(prepared.text)
    if not len(whole.ids):
        return ()
    # Above the mean of the other labels: a word that speaks for everything explains nothing.
    block = head.ngram_weight[whole.ids][:, :-1]
    lead = block[:, at] - (block.sum(axis=1) - block[:, at]) / max(1, block.shape[1] - 1)
    weight_of = dict(zip(whole.ids.tolist(), (lead * whole.values).tolist(), strict=True))
    found = []
    chunks = list(_CHUNK.finditer(prepared.text))
    for i, chunk in enumerate(chunks):
        without = " ".join(other.group() for j, other in enumerate(chunks) if j != i)
        left = set(bundle.ngrams.row(without).ids.tolist())
        weight = sum(value for feature, value in weight_of.items() if feature not in left)
        if weight > 0:
            found.append((weight, chunk.start(), chunk.end()))
    found.sort(key=lambda entry: -entry[0])
    total = float(np.sum([abs(value) for value in weight_of.values()])) or 1.0
    evidence = []
    for weight, start, end in found[:MAX_WORDS]:
        span = _received(prepared, redaction, start, end)
        if span is not None:
            evidence.append(Evidence(span[0], span[1], round(weight / total, 4)))
    return tuple(evidence)


def _received(prepared: Prepared, redaction: Redaction, start: int, end: int) -> tuple[int, int] | None:
    """Offsets in the masked text, moved to where they were before masking."""
    first, last = prepared.span(start, end)
    if first >= last:
        return None
    return _unmasked(first, redaction, is_end=False), _unmasked(last, redaction, is_end=True)


def _unmasked(at: int, redaction: Redaction, *, is_end: bool) -> int:
    shift = 0
    for span in sorted(redaction.spans, key=lambda span: span.start):
        masked_start = span.start - shift
        masked_end = masked_start + len(span.replacement)
        if at <= masked_start:
            break
        if at < masked_end or (at == masked_end and is_end):
            return span.end if is_end else span.start
        shift = span.end - masked_end
    return at + shift

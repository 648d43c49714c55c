"""Which words carried a label, as stretches of the text as it was received."""

import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from care.classification import Evidence
from care.sensitive import Redaction
from model.panel import Layout
from model.reader import BundleReader
from model.text import Prepared, prepare

MAX_WORDS = 3
MAX_CHUNKS = 120
"""Words of a message that are tried; what carries a longer one stands near its beginning."""
_CHUNK = re.compile(r"\S+")


@dataclass(frozen=True)
class Carriers:
    """What each word of one message adds to the scores of all heads, found by leaving it out.

    added: (n_words, n_columns) score of the n-grams with the word less that without it. spans: of the prepared text.
    """

    prepared: Prepared
    redaction: Redaction
    layout: Layout
    spans: tuple[tuple[int, int], ...]
    added: NDArray[np.float32] = field(repr=False)

    @classmethod
    def of(cls, reader: BundleReader, redaction: Redaction) -> "Carriers":
        """Some tens of microseconds a word, for all heads together."""
        prepared = prepare(redaction.text)
        spans = tuple(match.span() for match in _CHUNK.finditer(prepared.text))[:MAX_CHUNKS]
        words = [prepared.text[start:end] for start, end in spans]
        variants = [words, *(words[:at] + words[at + 1 :] for at in range(len(words)))]
        scores = reader.linear([" ".join(variant) for variant in variants])
        return cls(prepared, redaction, reader.layout, spans, scores[0] - scores[1:])

    def evidence(self, head: int, label: int) -> tuple[Evidence, ...]:
        """The few words whose absence would cost the label most, heaviest first; weights are shares of all that count.

        A word counts above what it adds to the other labels on average: what speaks for everything explains nothing.
        """
        columns = self.layout.columns(head)
        of_labels = self.added[:, columns.start : columns.stop - 1]
        others = (of_labels.sum(axis=1) - of_labels[:, label]) / max(1, of_labels.shape[1] - 1)
        weights = of_labels[:, label] - others
        total = float(np.abs(weights).sum()) or 1.0
        found = []
        for at in np.argsort(-weights, kind="stable")[:MAX_WORDS].tolist():
            span = _received(self.prepared, self.redaction, *self.spans[at]) if weights[at] > 0 else None
            if span is not None:
                found.append(Evidence(*span, round(float(weights[at]) / total, 4)))
        return tuple(found)


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

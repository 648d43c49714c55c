"""Which words carried a label, as stretches of the text as it was received."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from care.classification import Evidence
from care.sensitive import Redaction
from model.encoder import States
from model.reader import BundleReader
from model.style import is_plain, style_features
from model.text import Prepared, prepare

Floats = NDArray[np.float32]

MAX_WORDS = 4
SHARE_OF_LAST = 0.1
"""Three words are named where so many speak for the label; a fourth needs this share of all that does."""
MAX_CHUNKS = 120
"""Words of a message that are tried; what carries a longer one stands near its beginning."""
_CHUNK = re.compile(r"\S+")
_INSIDE = re.compile(r"\w(?:.*\w)?")
_SILENT = frozenset(
    "a an the my your our their his her its i i'm you we they he she it me us them this that these those is are was "
    "were be been am to of in on at for from with and or as by so".split()
)
"""Words that no reader takes for a reason; half of all, and each costs as much to try as any other."""


@dataclass(frozen=True)
class Carriers:
    """What the heads say of one message, and of it without each of its words.

    said: (1 + n_words, n_heads, n_labels), the whole message first. spans: of the words in the prepared text. cosines:
    (n_rows,) of the whole message with the training rows, none where the encoder did not run.
    """

    prepared: Prepared
    redaction: Redaction
    spans: tuple[tuple[int, int], ...]
    said: Floats = field(repr=False)
    cosines: Floats = field(repr=False)

    @classmethod
    def of(cls, reader: BundleReader, redaction: Redaction, states: States | None) -> "Carriers":
        """For all heads together. states: what the encoder made of the prepared text; None where it did not run."""
        prepared = prepare(redaction.text)
        words = [match for match in _CHUNK.finditer(prepared.text) if match.group().lower() not in _SILENT][:MAX_CHUNKS]
        spans = tuple(match.span() for match in words)
        rest = [prepared.text[:start] + prepared.text[end:].lstrip() for start, end in spans]
        texts = [prepared.text, *rest]
        if states is None:
            return cls(prepared, redaction, spans, reader.lean_shares(texts), np.zeros(0, np.float32))
        features = np.concatenate([states.without(spans), _styles(texts, [match.group() for match in words])], axis=1)
        said, cosines = reader.full_shares(texts, features)
        return cls(prepared, redaction, spans, said, cosines[0])

    def most_alike(self, *, n: int = 64) -> list[tuple[int, float]]:
        """Training rows most like the message, and the cosines of their sentence vectors; the most alike first."""
        n = min(n, len(self.cosines))
        if not n:
            return []
        near = np.argpartition(-self.cosines, n - 1)[:n]
        near = near[np.argsort(-self.cosines[near], kind="stable")]
        return list(zip(near.tolist(), self.cosines[near].tolist(), strict=True))

    def evidence(self, head: int, label: int) -> tuple[Evidence, ...]:
        """The few words whose absence would cost the label most, heaviest first; weights are shares of all that count.

        What a label is worth is its lead over the strongest other one.
        """
        others = self.said[:, head].copy()
        others[:, label] = -np.inf
        lead = self.said[:, head, label] - others.max(axis=1)
        weights = lead[0] - lead[1:]
        total = float(np.abs(weights).sum()) or 1.0
        for_it = float(weights[weights > 0].sum())
        evidence = []
        for n, at in enumerate(np.argsort(-weights, kind="stable")[:MAX_WORDS].tolist()):
            if weights[at] <= 0 or (n == MAX_WORDS - 1 and weights[at] < SHARE_OF_LAST * for_it):
                break
            span = received(self.prepared, self.redaction, *self._trimmed(*self.spans[at]))
            if span is not None:
                evidence.append(Evidence(*span, round(float(weights[at]) / total, 4)))
        return tuple(evidence)

    def _trimmed(self, start: int, end: int) -> tuple[int, int]:
        """The word without the signs around it; signs alone stay as they are."""
        inside = _INSIDE.search(self.prepared.text, start, end)
        return inside.span() if inside else (start, end)


def _styles(texts: Sequence[str], words: Sequence[str]) -> Floats:
    """(1 + n_words, n_style): of the whole text, and of it less each word; what says nothing of style changes none."""
    tells = [0, *(at for at, word in enumerate(words, 1) if at == 1 or not is_plain(word))]
    read = style_features([texts[at] for at in tells])
    styles = np.repeat(read[:1], len(texts), axis=0)
    styles[tells] = read
    return styles


def received(prepared: Prepared, redaction: Redaction, start: int, end: int) -> tuple[int, int] | None:
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

"""Reads every message for what cannot wait, beside whatever bundles serve and whatever labels they have.

The trained heads of model/risk.py speak where they are there; the reviewed rules of model/urgency.py speak always.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from care.classification import RISKS, Risk, Span
from care.sensitive import Handling
from model.encoder import Encoder
from model.encoder_cache import Library
from model.explain import received
from model.memory import Remembered, Source
from model.parts import parts_of
from model.risk import BY_RULE, RULED, RiskReader, says_little
from model.served import Prepared
from model.text import prepare
from model.urgency import place_of

Floats = NDArray[np.float32]
_Chances = tuple[Floats, Floats | None]
"""Of a message, and of what was said before it where that speaks for it too; (n_kinds,) each."""

CACHE_BYTES = 4_000_000
_WORTH_A_LOOK = 0.02
"""The chance by n-grams alone from which the encoder reads a sentence by itself too."""
_OF_A_PART = 0.7
"""A sentence by itself counts by so much: enough to be heard, too little to be told of everything that it may mean.

Measured on sixty of ours in a letter of four sentences: 28 told as a whole, 49 so; of 2,500 real messages 0.6 in a
hundred more are told.
"""


class Watch:
    """What of a message cannot wait. Safe from several threads.

    heads: None where none are trained. encoder: used where it is the one that the heads know.
    """

    def __init__(self, heads: RiskReader | None, encoder: Encoder | None) -> None:
        self._heads = heads
        known = heads is not None and encoder is not None and heads.encoder == encoder.id
        self.encoder = encoder if known else None
        self._answered: Remembered[_Chances] = Remembered(CACHE_BYTES)

    def risks_of(self, messages: Sequence[Prepared], library: Library) -> list[tuple[Risk, ...]]:
        """The kinds to tell of each message, the likeliest first; nothing of a text that was withheld."""
        if self._heads is None:
            return [_by_rules(message) for message in messages]
        return [
            self._told(message, chances)
            for message, chances in zip(messages, self._chances(messages, library), strict=True)
        ]

    def _told(self, message: Prepared, chances: _Chances) -> tuple[Risk, ...]:
        if message.redaction.handling is Handling.WITHHELD:
            return ()
        assert self._heads is not None
        own, before = chances
        return self._heads.risks_of(
            own, before, message.context, message.fired, message.redaction, full=self.encoder is not None
        )

    def _chances(self, messages: Sequence[Prepared], library: Library) -> list[_Chances]:
        sources = [_source(message) for message in messages]
        known = {source: answer for source in sources if (answer := self._answered.get(source)) is not None}
        missing = {source: message for source, message in zip(sources, messages, strict=True) if source not in known}
        if missing:
            for source, chances in zip(missing, self._compute(missing, library), strict=True):
                known[source] = chances
                self._answered.put(source, chances, n_bytes=300 + 8 * len(RISKS))
        return [known[source] for source in sources]

    def _compute(self, missing: Mapping[Source, Prepared], library: Library) -> list[_Chances]:
        assert self._heads is not None
        parts = [self._worth_reading(parts_of(message.redaction.text)) for message in missing.values()]
        said = [context.text for _, context in missing if context is not None]
        texts = [*(text for text, _ in missing), *said, *(part for of_one in parts for part in of_one)]
        text_features = library.of(self.encoder).text_features(texts) if self.encoder is not None else None
        scores = self._heads.scores(texts, text_features)
        before = iter(scores[len(missing) :])
        at = len(missing) + len(said)
        chances: list[_Chances] = []
        for own, (_, context), of_one in zip(scores, missing, parts, strict=False):
            # What one sentence says clearly drowns in a long message, and beside a value that was masked.
            alone = scores[at : at + len(of_one)].max(axis=0, initial=0) * _OF_A_PART
            at += len(of_one)
            chances.append((np.maximum(own, alone), next(before).copy() if context is not None else None))
        return chances

    def _worth_reading(self, parts: Sequence[str]) -> Sequence[str]:
        """Those that the encoder should see: it costs milliseconds, and n-grams rule out most of what is ordinary."""
        if self.encoder is None or self._heads is None or not parts:
            return parts
        chances = self._heads.scores(parts, None).max(axis=1)
        return [part for part, chance in zip(parts, chances, strict=True) if chance >= _WORTH_A_LOOK]


def _source(message: Prepared) -> Source:
    """What was said before is read only where the message itself is too short to say it."""
    context = message.context
    return message.text, context if context is not None and says_little(context) else None


def _by_rules(message: Prepared) -> tuple[Risk, ...]:
    if message.redaction.handling is Handling.WITHHELD:
        return ()
    prepared = prepare(message.redaction.text)
    risks = {}
    for rule in message.fired:
        said = place_of(rule, prepared.text)
        kind = BY_RULE.get(rule.name)
        if kind is not None:
            place = received(prepared, message.redaction, *said) if said is not None else None
            risks[kind] = Risk(kind, RULED, (Span(*place),) if place is not None else ())
    return tuple(sorted(risks.values(), key=lambda risk: RISKS.index(risk.kind)))

"""Which encoder can be used here, and one that remembers what it read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.encoder import Encoder, is_available

Floats = NDArray[np.float32]
Say = Callable[[str], None]


def usable(encoder: str, *, say: Say) -> str:
    """What was asked for, or "none" where the encoder's packages are not installed."""
    if encoder == "minilm" and not is_available():
        say("the encoder is not installed (`make setup` installs it): training on n-grams alone")
        return "none"
    return encoder


@dataclass(frozen=True)
class Remembering(Encoder):
    """Reads each text once: for several heads that are trained one after another on the same messages.

    What was read takes 9 kB a text for as long as it lives.
    """

    _known: dict[str, Floats] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, encoder: Encoder) -> "Remembering":
        return cls(encoder.id, encoder._session, encoder._tokenizer)

    def features(self, texts: Sequence[str], *, batch: int = 8) -> Floats:
        new = [text for text in texts if text not in self._known]
        self._known.update(zip(new, super().features(new, batch=batch), strict=True))
        return np.stack([self._known[text] for text in texts]) if texts else super().features(texts)

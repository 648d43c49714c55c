"""What encoders saw of the texts of one call: each text is read once by each, however many bundles ask."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.encoder import Encoder, States
from model.features import features_and_states, text_features

Floats = NDArray[np.float32]


class EncoderCache:
    """What one encoder saw. is_explained: what became of each word piece is kept too."""

    def __init__(self, encoder: Encoder, *, is_explained: bool) -> None:
        self._encoder = encoder
        self._is_explained = is_explained
        self._read: dict[str, Floats] = {}
        self._states: dict[str, States] = {}

    def text_features(self, texts: Sequence[str]) -> Floats:
        """(n, n_features) as `model/features.py` has them. texts: normalised."""
        new = [text for text in dict.fromkeys(texts) if text not in self._read]
        if self._is_explained:
            for text in new:
                self.states(text)
        elif new:
            features = text_features(self._encoder, new)
            if len(new) == len(texts):
                self._read.update(zip(new, features, strict=True))
                return features
            self._read.update(zip(new, features, strict=True))
        return np.stack([self._read[text] for text in texts])

    def states(self, text: str) -> States:
        """What the word pieces of one text became."""
        if text not in self._states:
            features, self._states[text] = features_and_states(self._encoder, text)
            self._read[text] = features[0]
        return self._states[text]


class Library:
    """What every encoder saw in one call. is_explained: reasons are asked for, so nothing comes from a memory."""

    def __init__(self, *, is_explained: bool = False) -> None:
        self.is_explained = is_explained
        self._seen: dict[str, EncoderCache] = {}

    def of(self, encoder: Encoder) -> EncoderCache:
        """What this encoder saw; encoders of one id see the same."""
        if encoder.id not in self._seen:
            self._seen[encoder.id] = EncoderCache(encoder, is_explained=self.is_explained)
        return self._seen[encoder.id]

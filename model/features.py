"""What the full path reads in a text: what it means, by the encoder, and how it is said, by model/style.py."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.encoder import Encoder, States
from model.style import style_features

Floats = NDArray[np.float32]


def text_features(encoder: Encoder, texts: Sequence[str]) -> Floats:
    """(n, n_features) float32: the encoder's readings, then the columns of style. texts: normalised."""
    return np.concatenate([encoder.features(texts), style_features(texts)], axis=1)


def features_and_states(encoder: Encoder, text: str) -> tuple[Floats, States]:
    """(1, n_features) the same of one text, and what its word pieces became on the way."""
    read, states = encoder.states(text)
    return np.concatenate([read, style_features([text])], axis=1), states

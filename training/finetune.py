"""Adapt the encoder to a customer's own labels, and export it beside the bundle."""

from collections.abc import Callable, Mapping
from pathlib import Path

from care.errors import BadInput

Say = Callable[[str], None]


def finetuned_encoder(
    file: Path,
    *,
    text: str,
    labels: Mapping[str, str],
    home: Path,
    seed: int,
    allow_conflicts: bool,
    progress: Say,
) -> Path:
    """Fine-tune a copy of the encoder and return its exported folder. Raises BadInput where torch is missing."""
    raise BadInput("--finetune is not there yet; train without it.")

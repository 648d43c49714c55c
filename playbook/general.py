"""Cues of general language: what people say alike in every trade, kept and reviewed once for all playbooks."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from care.cues import Cue

_FILES = {"en": Path(__file__).with_name("english.yaml")}


@cache
def general_cues(language: str) -> Mapping[str, Cue]:
    """The general cues of a language by name; where nobody wrote its words, the same names without any."""
    file = _FILES.get(language)
    if file is None:
        return {name: Cue(name, ()) for name in general_cues("en")}
    table = yaml.safe_load(file.read_text("utf-8"))
    return {name: Cue.of(name, [str(phrase) for phrase in phrases]) for name, phrases in table.items()}

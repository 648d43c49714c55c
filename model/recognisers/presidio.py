"""Presidio's patterns for documents whose numbers have no check digit, where the document is named beside them.

Presidio is asked only here: its package takes a second and a hundred megabytes to load, so it is loaded by the first
message that names a passport, a licence or the like next to something that could be its number.

Four traps are stepped round: no engine of Presidio's is ever built (the default ones download a model), its e-mail
recogniser is not used (it fetches a list of suffixes), its context words are not used (they need lemmas a blank
pipeline does not have; the words near are ours to check), and its scores are not compared across kinds (for nine digits
they put tax numbers above social security and passports). See docs/decisions/0011.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from threading import Lock
from typing import Any

from model.recognisers.reading import Reading
from model.recognisers.sighting import Recogniser, Sighting

# Kind -> the words that name the document, and Presidio's recognisers for it.
DOCUMENTS: Mapping[str, tuple[frozenset[str], tuple[str, ...]]] = {
    "passport": (
        frozenset("passport passports reisepass pasaporte passaporto passeport".split()),
        ("UsPassportRecognizer", "UkPassportRecognizer", "InPassportRecognizer", "DePassportRecognizer", "EsPassportRecognizer",
         "ItPassportRecognizer", "KrPassportRecognizer", "PhPassportRecognizer", "ZaPassportRecognizer"),
    ),
    "driver_licence": (
        frozenset("licence license licences licenses fuhrerschein fuhrerscheinnummer patente dvla".split()),
        ("UsLicenseRecognizer", "UkDrivingLicenceRecognizer", "DeFuehrerscheinRecognizer", "ItDriverLicenseRecognizer",
         "KrDriverLicenseRecognizer", "ZaDriverLicenseRecognizer"),
    ),
    "national_id": (
        frozenset("medicare mbi voter kimlik".split()),
        ("UsMbiRecognizer", "InVoterRecognizer"),
    ),
}  # fmt: skip
_BEFORE, _AFTER = 40, 24
_WORDS = re.compile(r"[a-z]++")
_COULD_BE = re.compile(r"(?=[a-z-]{0,8}[0-9])[a-z0-9]{5,20}+(?![a-z0-9])")
_OTHER_LABEL = re.compile(
    r"(?<![a-z])(?:order|flight|booking|ticket|case|ref|reference|confirmation|phone|call|tel|invoice|claim|tracking|code|zip)"
    r"(?:[ ]?(?:number|no|id|code|#))?[.]?(?:[ ]?(?:is|:|=|#|on|at))*[ ]?#?$"
)
_loading = Lock()


@cache
def _recognisers(kind: str) -> tuple[Any, ...]:
    with _loading:
        # Presidio imports whatever language stack it finds. A process that masks messages must not load a deep
        # learning framework for that (4 s and 300 MB), so what is not loaded yet is out of its sight meanwhile.
        unseen = [name for name in ("torch", "transformers", "stanza", "gliner") if name not in sys.modules]
        sys.modules.update(dict.fromkeys(unseen))  # type: ignore[arg-type]
        try:
            from presidio_analyzer import predefined_recognizers
        finally:
            for name in unseen:
                sys.modules.pop(name, None)
    return tuple(getattr(predefined_recognizers, name)() for name in DOCUMENTS[kind][1])


def _documents(reading: Reading) -> Iterator[Sighting]:
    lower = reading.lower
    for kind, (words, _) in DOCUMENTS.items():
        if words.isdisjoint(reading.words):
            continue
        for match in _WORDS.finditer(lower):
            if match[0] not in words:
                continue
            # Presidio sees a piece around the word and nothing else: its work is bounded whatever the message.
            start, end = max(0, match.start() - _AFTER), match.end() + _BEFORE
            if _COULD_BE.search(lower, start, end):
                yield from _seen_by_presidio(reading, kind, match[0], start, end)


def _seen_by_presidio(reading: Reading, kind: str, word: str, start: int, end: int) -> Iterator[Sighting]:
    piece = reading.text[start:end].upper()
    if len(piece) != len(reading.text[start:end]):
        return
    for recogniser in _recognisers(kind):
        for result in recogniser.analyze(piece, recogniser.supported_entities, None):
            at, to = start + result.start, start + result.end
            if to == end and reading.text[to : to + 1].isalnum() or at == start and reading.text[max(0, at - 1) : at].isalnum():
                continue
            value = reading.lower[at:to]
            if sum(char.isdigit() for char in value) < 5 or result.score < 0.05:
                continue
            if _OTHER_LABEL.search(reading.lower[max(0, at - 32) : at]):
                yield Sighting(at, to, kind, 0.3, "presidio", context=(word,), let_go="labelled as something else")
                continue
            yield Sighting(at, to, kind, 0.6, "presidio", context=(word,))


def load() -> None:
    """Load Presidio now, so that no message has to wait for it."""
    for kind in DOCUMENTS:
        _recognisers(kind)


PRESIDIO = Recogniser(
    "presidio", _documents, n_digits=5, words=frozenset(word for words, _ in DOCUMENTS.values() for word in words)
)

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

from model.recognisers.prepared import PreparedText
from model.recognisers.sighting import Recogniser, Sighting
from model.recognisers.words_near import words_near

# Kind -> the words that name the document, and Presidio's recognisers for it.
DOCUMENTS: Mapping[str, tuple[frozenset[str], tuple[str, ...]]] = {
    "passport": (
        frozenset("passport passports reisepass pasaporte passaporto passeport".split()),
        ("UsPassportRecognizer", "UkPassportRecognizer", "InPassportRecognizer", "DePassportRecognizer",
        "EsPassportRecognizer",
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
_BEFORE, _AFTER = 60, 30
_WORDS = re.compile(r"[a-z]++")
_COULD_BE = re.compile(r"(?=[a-z-]{0,8}[0-9])[a-z0-9]{5,20}+(?![a-z0-9])")
_OTHER_LABEL = re.compile(
    r"(?<![a-z])(?:order|flight|booking|ticket|case|ref|reference|confirmation|phone|call|tel|invoice|claim"
    r"|tracking|code|zip)"
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


def _documents(reading: PreparedText) -> Iterator[Sighting]:
    lower = reading.lower
    for kind, (words, _) in DOCUMENTS.items():
        if words.isdisjoint(reading.words):
            continue
        for start, end in _pieces(lower, words):
            if _COULD_BE.search(lower, start, end):
                yield from _seen_by_presidio(reading, kind, start, end)


def _pieces(lower: str, words: frozenset[str]) -> Iterator[tuple[int, int]]:
    """The text around the words that name a document; pieces that touch are one. Presidio sees nothing else."""
    begin = end = -1
    for match in _WORDS.finditer(lower):
        if match[0] not in words:
            continue
        if end < 0 or match.start() - _AFTER > end:
            if end >= 0:
                yield begin, end
            begin = max(0, match.start() - _AFTER)
        end = min(len(lower), match.end() + _BEFORE)
    if end >= 0:
        yield begin, end


def _seen_by_presidio(reading: PreparedText, kind: str, start: int, end: int) -> Iterator[Sighting]:
    piece = reading.text[start:end].upper()
    if len(piece) != end - start:
        return
    for recogniser in _recognisers(kind):
        for result in recogniser.analyze(piece, recogniser.supported_entities, None):
            at, to = start + result.start, start + result.end
            is_cut = reading.lower[to : to + 1].isalnum() or reading.lower[max(0, at - 1) : at].isalnum()
            if is_cut or result.score < 0.05 or sum(char.isdigit() for char in reading.lower[at:to]) < 5:
                continue
            words = words_near(reading, at, to, DOCUMENTS[kind][0], before=_BEFORE, after=_AFTER)
            if not words:
                continue
            if _OTHER_LABEL.search(reading.lower[max(0, at - 32) : at]):
                yield Sighting(at, to, kind, 0.3, "presidio", context=words, let_go="labelled as something else")
                continue
            yield Sighting(at, to, kind, 0.6, "presidio", context=words)


def load() -> None:
    """Load Presidio now, so that no message has to wait for it."""
    for kind in DOCUMENTS:
        _recognisers(kind)


PRESIDIO = Recogniser(
    "presidio", _documents, n_digits=5, words=frozenset(word for words, _ in DOCUMENTS.values() for word in words)
)

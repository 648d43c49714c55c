"""What cannot wait: trained heads for danger to people, beside whatever labels a bundle has.

They read every message for themselves: words and characters, what the encoder makes of it, and the thread. The reviewed
rules of model/urgency.py may add a kind; none is needed. A folder of its own in the home, like the tone head.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from care.classification import RISKS, Risk, Span
from care.errors import BundleError
from care.sensitive import Redaction
from model.calibration import sigmoid
from model.explain import received
from model.folders import replacing
from model.ngrams import LinearReader, Ngrams
from model.sealed import check_files, check_seal, hashes_of, load_manifest, write_manifest
from model.text import prepare
from model.thread import Context
from model.urgency import UrgencyRule

Floats = NDArray[np.float32]

SCHEMA = 2
WEIGHTS, VOCABULARY = "weights.safetensors", "ngrams.json"
BY_RULE = {
    "self_harm": "self_harm",
    "danger_to_people": "danger",
    "fraud_in_progress": "fraud",
    "security_breach": "data_leak",
    "legal_threat": "legal",
    "press": "press",
}
"""The kind that a rule of model/urgency.py adds."""
RULED = 0.5
"""The score of what a rule alone says."""
_FROM_BEFORE = 0.8
"""What was said before counts by so much, where the message itself says little."""
_SAYS_LITTLE = 0.75
"""As the thread's mark for its words has it: about eight words."""
_MAX_WORDS, _OF_HEAVIEST = 4, 0.35
_MAX_CHUNKS = 80
_CHUNK = re.compile(r"\S+")
_INSIDE = re.compile(r"\w(?:.*\w)?")


def risk_folder(home: Path) -> Path:
    """Where the trained risk heads lie, beside every bundle of a home."""
    return home / "bundles" / "risk"


@dataclass(frozen=True)
class Calibration:
    """From the two sources to a probability, by kind. full: (n_kinds, 3), lean: (n_kinds, 2), shifts last.

    thresholds: (n_kinds, 2) the low scores from which a kind is told, by the full path and by n-grams alone.
    """

    full: Floats
    lean: Floats
    thresholds: Floats


@dataclass(frozen=True)
class RiskReader:
    """Reads texts for what cannot wait. Safe from several threads.

    encoder: id of the one whose readings it knows, or "". Another encoder's readings mean nothing to it.
    weight, bias: of n-grams. seen_weight, seen_bias: of readings, (n_features, n_kinds) without the columns of style.
    """

    encoder: str
    ngrams: Ngrams = field(repr=False)
    weight: Floats = field(repr=False)
    bias: Floats = field(repr=False)
    seen_weight: Floats = field(repr=False)
    seen_bias: Floats = field(repr=False)
    calibration: Calibration = field(repr=False)
    manifest: Mapping[str, Any] = field(repr=False, default_factory=dict)
    _linear: list[LinearReader] = field(init=False, repr=False, default_factory=list)

    def __post_init__(self) -> None:
        self._linear.append(LinearReader(self.ngrams, self.weight, self.bias))

    @classmethod
    def load(cls, folder: Path) -> "RiskReader":
        """Raises BundleError for anything that is not exactly as saved."""
        from safetensors.numpy import load_file

        try:
            manifest = load_manifest(folder)
            if manifest.get("schema") != SCHEMA or tuple(manifest["kinds"]) != RISKS:
                raise BundleError(f"The risk heads in {folder} are of another version; run `tactful train-default`.")
            check_seal(folder, manifest)
            check_files(folder, manifest)
            arrays = load_file(folder / WEIGHTS)
            vocabulary = json.loads((folder / VOCABULARY).read_text("utf-8"))
            grams = {gram: at for at, gram in enumerate(vocabulary["grams"])}
            ngrams = Ngrams(grams, arrays["idf"], int(vocabulary["n_words"]))
        except BundleError:
            raise
        except Exception as error:
            raise BundleError(f"There are no readable risk heads in {folder}: {type(error).__name__}.") from error
        if not all(np.isfinite(array).all() for array in arrays.values()):
            raise BundleError(f"The risk heads in {folder} hold weights that are no numbers.")
        calibration = Calibration(arrays["full"], arrays["lean"], arrays["thresholds"])
        read = (arrays["weight"], arrays["bias"], arrays["seen_weight"], arrays["seen_bias"])
        return cls(manifest["encoder"], ngrams, *read, calibration, manifest)

    def scores(self, texts: Sequence[str], readings: Floats | None) -> Floats:
        """(n, n_kinds) probabilities. texts: normalised. readings: the encoder's of the same texts, or None."""
        said = self._linear[0].scores(texts)
        if readings is None:
            weights = self.calibration.lean
            return sigmoid(said * weights[:, 0] + weights[:, 1])
        seen = readings[:, : len(self.seen_weight)] @ self.seen_weight + self.seen_bias
        weights = self.calibration.full
        return sigmoid(said * weights[:, 0] + seen * weights[:, 1] + weights[:, 2])

    def risks_of(
        self,
        own: Floats,
        before: Floats | None,
        context: Context | None,
        fired: Sequence[UrgencyRule],
        redaction: Redaction,
        *,
        full: bool,
    ) -> tuple[Risk, ...]:
        """The kinds to tell, the likeliest first.

        own, before: (n_kinds,) of the message and of what was said before it. fired: the rules that hold of it. full:
        whether the encoder read them.
        """
        chances = own.copy()
        if before is not None and context is not None and says_little(context):
            chances = np.maximum(chances, _FROM_BEFORE * before)
        told = chances >= self.calibration.thresholds[:, 0 if full else 1]
        for rule in fired:
            if rule.name in BY_RULE:
                at = RISKS.index(BY_RULE[rule.name])
                told[at] = True
                chances[at] = max(chances[at], RULED)
        order = [int(at) for at in np.argsort(-chances) if told[at]]
        if not order:
            return ()
        spans = self._spans(redaction, order)
        return tuple(Risk(RISKS[at], float(chances[at]), spans[at]) for at in order)

    def _spans(self, redaction: Redaction, kinds: Sequence[int]) -> dict[int, tuple[Span, ...]]:
        """The words without which a kind's n-grams would say least, in the text as received."""
        prepared = prepare(redaction.text)
        words = [match.span() for match in _CHUNK.finditer(prepared.text)][:_MAX_CHUNKS]
        rest = [prepared.text[:start] + prepared.text[end:].lstrip() for start, end in words]
        said = self._linear[0].scores([prepared.text, *rest])
        spans = {}
        for kind in kinds:
            weights = said[0, kind] - said[1:, kind]
            heavy = [at for at in np.argsort(-weights)[:_MAX_WORDS] if weights[at] > _OF_HEAVIEST * weights.max()]
            places = []
            for at in sorted(heavy):
                inside = _INSIDE.search(prepared.text, *words[at])
                place = received(prepared, redaction, *(inside.span() if inside else words[at]))
                if place is not None:
                    places.append(Span(*place))
            spans[kind] = tuple(places)
        return spans


def says_little(context: Context) -> bool:
    """Whether a message is so short that what was said before speaks for it too."""
    _, _, _, length, is_bare, no_words = context.marks
    return bool(is_bare or no_words or length <= _SAYS_LITTLE)


def save(reader: RiskReader, folder: Path) -> None:
    """Write the heads in one move."""
    from safetensors.numpy import save as save_tensors

    calibration = reader.calibration
    arrays = {
        "idf": reader.ngrams.idf,
        "weight": reader.weight,
        "bias": reader.bias,
        "seen_weight": reader.seen_weight,
        "seen_bias": reader.seen_bias,
        "full": calibration.full,
        "lean": calibration.lean,
        "thresholds": calibration.thresholds,
    }
    with replacing(folder) as made:
        arrays = {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}
        (made / WEIGHTS).write_bytes(save_tensors(arrays))
        grams = {"grams": list(reader.ngrams.vocabulary), "n_words": reader.ngrams.n_words}
        (made / VOCABULARY).write_text(json.dumps(grams, ensure_ascii=False), "utf-8")
        files = hashes_of(made, (WEIGHTS, VOCABULARY))
        facts = {**reader.manifest, "schema": SCHEMA, "kinds": RISKS, "encoder": reader.encoder, "files": files}
        write_manifest(made, facts)

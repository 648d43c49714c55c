"""What a customer names: persons, things, places, what failed, how long they wait; read by a small spaCy pipeline.

The pipeline (blank English, tok2vec, `ner`) proposes spans and a linear head says how likely each is right; only those
are given that a frame (`model/frames.py`) holds too and that reach the threshold of their kind. Trained on
`fixtures/spans` by `training/spans.py`. Importing spaCy takes a second: this is loaded only where drafts are made.
"""

import math
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from care.classification import Entity
from care.errors import BundleError
from care.names import is_given_name
from care.sensitive import Handling, Redaction
from model.folders import replacing
from model.frames import Span, matcher_of, spans_framed
from model.sealed import MANIFEST, check_files, check_seal, hashes_of, load_manifest, write_manifest

SCHEMA = 1
KIND = "spans"
PIPELINE = "pipeline.msgpack"
LABELS: Mapping[str, str] = {
    "PERSON": "name",
    "PRODUCT": "product",
    "PLACE": "place",
    "FAILED": "failed",
    "SINCE": "since",
    "DATE": "date",
    "AMOUNT": "amount",
    "ORDER": "order_number",
    "PARCEL": "parcel_number",
}
"""Labels of the pipeline, and the kind of entity each becomes."""
GIVEN = ("PERSON", "PRODUCT", "PLACE", "FAILED", "SINCE")
"""Labels that serve. Dates, amounts and numbers are trained beside them, so that they are taken for nothing else; the
patterns of `model/entities.py` find those better (docs/decisions/0074)."""
NEVER = 1.1
"""The threshold of a label that does not reach the wanted precision."""
_MAX_CHARS = 4_000

_BEFORE = {
    "mine": frozenset("my our mine me us".split()),
    "your": frozenset("your ur".split()),
    "the": frozenset("the this that these those".split()),
    "a": frozenset("a an another any some".split()),
    "no": frozenset("no without missing lost broken wrong faulty cancelled".split()),
    "where": frozenset("in at from near to of towards outside via between".split()),
    "who": frozenset("is mr mrs ms miss thanks regards cheers hi driver lady lad it's".split()),
    "long": frozenset("for since been after waited waiting another".split()),
    "buys": frozenset("bought ordered order book buy want need get have".split()),
}
_AFTER = {
    "fails": frozenset(
        "won't wont doesn't doesnt isn't isnt didn't wouldn't can't not never keeps keep broke broken stopped crashed"
        " crashes freezes down dead gone out missing late lost died leaks fails failed stuck wasn't hasn't still off"
        " again".split()
    ),
    "is": frozenset("is was are were has have had says said".split()),
    "waits": frozenset("and now later without of on waiting no".split()),
    "where": frozenset("in at from to on for with".split()),
}
_LONG = re.compile(
    r"(?:for |since |over |more than |all |the last |another )*(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine"
    r"|ten|eleven|twelve|thirteen|fourteen|fifteen|twenty|thirty|forty|fifty|half|several)\b.*\b"
    r"(?:min|mins|minutes?|hrs?|hours?|days?|weeks?|wks?|months?|years?)\b",
    re.IGNORECASE,
)


_KIN = ({"FAILED", "PRODUCT"}, {"SINCE", "DATE"})
"""Labels that the pipeline takes for one another: a frame may settle which it is."""


def _agree(span: Any, frame: Span) -> bool:
    """Whether a proposed span and a framed one are the same thing."""
    overlaps = span.start < frame[1] and frame[0] < span.end
    return overlaps and (span.label_ == frame[2] or any({span.label_, frame[2]} <= kin for kin in _KIN))


def spans_folder(home: Path) -> Path:
    """Where the trained pipeline lies, beside every bundle of a home."""
    return home / "bundles" / KIND


@dataclass(frozen=True, slots=True)
class FoundSpan:
    """A span that the pipeline proposes. chance: how likely it is right. is_framed: whether a frame holds it too."""

    label: str
    value: str = field(repr=False)
    start: int
    end: int
    chance: float
    is_framed: bool


def seen_in(
    doc: Any, span: Any, label: str, is_framed: bool, known: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """What the head looks at, by name. known: by its last word, what it was marked as in training."""
    last = span[-1].lower_
    seen = {"bias": 1.0, "framed": float(is_framed), f"words={min(4, len(span))}": 1.0}
    share = known.get(last, {}).get(label)
    seen["known"] = share if share is not None else 0.0
    seen["unknown"] = float(share is None)
    seen["capital"] = float(span[0].text[:1].isupper())
    seen["small"] = float(span.text.islower())
    seen["start"] = float(span.start == 0)
    before = [doc[i].lower_ for i in range(max(0, span.start - 2), span.start)]
    after = [doc[i].lower_ for i in range(span.end, min(len(doc), span.end + 4))]
    near = " ".join(after).replace(" n't", "n't").replace("ca n't", "can't").split()
    for name, words in _BEFORE.items():
        seen[f"before:{name}"] = float(bool(before) and before[-1] in words)
        seen[f"inside:{name}"] = float(span[0].lower_ in words)
    for name, words in _AFTER.items():
        seen[f"after:{name}"] = float(any(word in words or word.endswith("n't") for word in near[:3]))
        seen[f"next:{name}"] = float(bool(near) and near[0] in words)
    seen["given name"] = float(is_given_name(span[0].text))
    seen["a length of time"] = float(bool(_LONG.search(span.text)))
    seen["digits"] = float(any(sign.isdigit() for sign in span.text))
    seen["sentence ends"] = float(not after or after[0] in ".!?,")
    return {f"{label}|{name}": value for name, value in seen.items() if value}


@dataclass(frozen=True)
class SpanReader:
    """Satisfies care.ports.SpanReader. Safe from several threads.

    weights: of the head, by feature. thresholds: by label, from which a span is sure; NEVER where none is. known: what
    words were marked as in training.
    """

    pipeline: Any = field(repr=False)
    weights: Mapping[str, float] = field(repr=False)
    thresholds: Mapping[str, float]
    known: Mapping[str, Mapping[str, float]] = field(repr=False)
    about: Mapping[str, object] = field(default_factory=dict, repr=False)
    _lock: Any = field(default_factory=threading.Lock, repr=False, compare=False)

    @cached_property
    def _matcher(self) -> Any:
        return matcher_of(self.pipeline.vocab)

    def propose(self, text: str) -> list[FoundSpan]:
        """Every span that the pipeline sees, sure or not, in order."""
        # The lock is for the memory zone: words that it saw are forgotten at its end, so that a worker does not grow.
        with self._lock:
            # Its patterns are words of the pipeline too, and must outlive the zone.
            _ = self._matcher
            with self.pipeline.memory_zone():
                doc = self.pipeline(text[:_MAX_CHARS])
                return [self._found(doc, span, label, is_framed) for span, label, is_framed in self.witnessed(doc)]

    def witnessed(self, doc: Any) -> list[tuple[Any, str, bool]]:
        """The spans of a read text, each with its label and whether a frame holds it too.

        A frame knows best where a span ends: where both see the same thing, the frame's place and label count.
        """
        framed = spans_framed(doc, self._matcher)
        witnessed = []
        for span in doc.ents:
            frame = next((frame for frame in framed if _agree(span, frame)), None)
            if frame is None:
                witnessed.append((span, span.label_, False))
            else:
                witnessed.append((doc[frame[0] : frame[1]], frame[2], True))
        return witnessed

    def _found(self, doc: Any, span: Any, label: str, is_framed: bool) -> FoundSpan:
        chance = self._chance(seen_in(doc, span, label, is_framed, self.known))
        return FoundSpan(label, span.text, span.start_char, span.end_char, chance, is_framed)

    def entities(self, text: str, redaction: Redaction) -> tuple[Entity, ...]:
        """The spans of a text as received that are sure; nothing that touches a masked stretch."""
        hidden = [(span.start, span.end) for span in redaction.spans if span.handling is not Handling.ALLOW]
        return tuple(
            Entity(LABELS[found.label], found.value, found.start, found.end)
            for found in self.propose(text)
            if self.is_sure(found) and all(found.end <= start or found.start >= end for start, end in hidden)
        )

    def is_sure(self, found: FoundSpan) -> bool:
        """Whether a span may be used."""
        return found.label in GIVEN and found.is_framed and found.chance >= self.thresholds.get(found.label, NEVER)

    def _chance(self, seen: Mapping[str, float]) -> float:
        score = sum(value * self.weights.get(name, 0.0) for name, value in seen.items())
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, score))))

    def save(self, folder: Path) -> None:
        """Write the folder in one move; what stood there before is replaced at the end."""
        facts = {
            "kind": KIND,
            "schema": SCHEMA,
            "weights": dict(self.weights),
            "thresholds": dict(self.thresholds),
            "known": {word: dict(shares) for word, shares in self.known.items()},
            "about": dict(self.about),
        }
        with replacing(folder) as made:
            (made / PIPELINE).write_bytes(self.pipeline.to_bytes())
            write_manifest(made, {**facts, "files": hashes_of(made, (PIPELINE,))})

    @classmethod
    def load(cls, folder: Path) -> "SpanReader":
        """Raises BundleError when the folder is missing, damaged or of another version."""
        manifest = read_spans_manifest(folder)
        try:
            # Not from_config of what was saved: a config may name any function, the bytes hold only numbers and words.
            pipeline = blank_pipeline(has_vectors=bool(manifest["about"].get("vectors")))
            pipeline.from_bytes((folder / PIPELINE).read_bytes())
            thresholds = {str(label): float(least) for label, least in manifest["thresholds"].items()}
            return cls(pipeline, manifest["weights"], thresholds, manifest["known"], manifest["about"])
        except Exception as error:
            raise BundleError(f"{folder} is damaged; `tactful train-default --force` makes a new one.") from error


def read_spans_manifest(folder: Path) -> dict[str, Any]:
    """The manifest, its seal and files checked. Raises BundleError."""
    if not (folder / MANIFEST).exists():
        raise BundleError(f"There is no pipeline of spans in {folder}; `tactful train-default` makes one.")
    manifest = load_manifest(folder)
    if manifest.get("kind") != KIND or manifest.get("schema") != SCHEMA:
        raise BundleError(f"{folder} holds no pipeline of spans of schema {SCHEMA}; `tactful train-default` makes one.")
    check_seal(folder, manifest)
    check_files(folder, manifest)
    return manifest


WIDTH = 64


def blank_pipeline(*, has_vectors: bool) -> Any:
    """The pipeline as it is before it learns anything. has_vectors: it reads word vectors beside hashed features."""
    import spacy

    pipeline = spacy.blank("en")
    embed = {
        "@architectures": "spacy.MultiHashEmbed.v2",
        "width": WIDTH,
        "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
        "rows": [4000, 1000, 2000, 1000],
        "include_static_vectors": has_vectors,
    }
    encode = {
        "@architectures": "spacy.MaxoutWindowEncoder.v2",
        "width": WIDTH,
        "window_size": 1,
        "maxout_pieces": 3,
        "depth": 2,
    }
    model = {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": True,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": True,
        "tok2vec": {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode},
    }
    pipeline.add_pipe("ner", config={"model": model})
    return pipeline


def words_of(rows: Sequence[tuple[str, Sequence[tuple[int, int, str]]]]) -> dict[str, dict[str, float]]:
    """By the last word of each marked span, the share of its occurrences that end a span of each label."""
    marked: dict[str, dict[str, int]] = {}
    total: dict[str, int] = {}
    for text, marks in rows:
        for word in _small_words(text):
            total[word] = total.get(word, 0) + 1
        for start, end, label in marks:
            for last in list(_small_words(text[start:end]))[-1:]:
                of_label = marked.setdefault(last, {})
                of_label[label] = of_label.get(label, 0) + 1
    return {
        word: {label: round(n / max(total.get(word, n), n), 3) for label, n in labels.items()}
        for word, labels in sorted(marked.items())
    }


def _small_words(text: str) -> Iterator[str]:
    return (match[0].lower() for match in re.finditer(r"[^\W_]+(?:[-'][^\W_]+)*", text))

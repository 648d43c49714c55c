"""Reads a message: mask, prepare, n-grams, encoder where needed, calibrated answers with their reasons."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from care.classification import Candidate, Classification, Judgement, Neighbour, Promise, Risk
from care.errors import BundleError
from care.message import Turn
from care.ports import Redactor
from care.sensitive import WITHHELD_TEXT, Handling, Redaction
from model.bundle import Bundle
from model.calibration import NO_THRESHOLD, Certificate, Precision
from model.encoder import Encoder, States
from model.entities import entities_of
from model.explain import Carriers
from model.head import Head, Stage
from model.language import DEFAULT, UNKNOWN, Language, language_of
from model.panel import Answers
from model.reader import BundleReader
from model.readings import reading_and_states, readings
from model.risk import RiskReader
from model.style import style_names
from model.text import normalise
from model.thread import Context, context_of, in_context
from model.urgency import raised, rules_of

Floats = NDArray[np.float32]

_Source = tuple[str, Context | None]
"""A prepared text, and what was said before it where the bundle reads that too."""

_Encoded = dict[str, tuple[Floats, States]]
"""What the encoder saw of prepared texts: their readings, and what became of their word pieces."""

N_CANDIDATES = 5
_CHUNK = 256
_TURNS_HEARD = 3
"""So many of the customer's last turns tell which language they speak."""
_OF_ITS_OWN = frozenset({"sentiment", "urgency"})
CACHE_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the heads said of one prepared text, in the bundle's order of tasks.

    probabilities: (n_heads, n_labels). is_full: whether the encoder read it too.
    """

    probabilities: Floats
    score: list[float]
    chosen: list[int]
    is_full: bool
    risk: Floats | None = None
    risk_before: Floats | None = None

    @property
    def size_bytes(self) -> int:
        return 600 + self.probabilities.nbytes + 80 * len(self.score)


class MessageClassifier:
    """Classifies with one bundle. Satisfies care.ports.Classifier; safe from several threads.

    Create it in the process that uses it. Without an encoder every answer comes from n-grams alone.
    """

    def __init__(
        self,
        bundle: Bundle,
        encoder: Encoder | None,
        redactor: Redactor,
        *,
        cache_bytes: int = CACHE_BYTES,
        precision: Precision | None = None,
        risk: RiskReader | None = None,
    ) -> None:
        """risk: the heads that read every message for what cannot wait; they need no label of the bundle."""
        if encoder is not None and bundle.encoder and bundle.encoder != encoder.id:
            raise BundleError(
                f"The bundle was trained with encoder {bundle.encoder}, this one is {encoder.id}. Train it again."
            )
        if bundle.kernel is not None and bundle.kernel.n_style != len(style_names()):
            raise BundleError(f"The bundle {bundle.id} knows other columns of style than this version. Train it again.")
        self.bundle = bundle
        self.bundle_id = bundle.id
        self.labels = bundle.labels
        self._encoder = encoder if bundle.kernel is not None else None
        self._risk = risk
        # The risk heads know the readings of one encoder; of another they are told nothing and use n-grams alone.
        self._risk_reads = risk is not None and self._encoder is not None and risk.encoder == self._encoder.id
        self._redactor = redactor
        self._precision = precision
        self._cache = _Cache(cache_bytes)
        self._reader = BundleReader(bundle.ngrams, bundle.kernel, bundle.heads, bundle.chunks)
        # One message is too little to share: threads that wait for each other cost more than they bring.
        threadpool_limits(1, "blas")

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        redactor: Redactor,
        encoder: Encoder | None,
        precision: Precision | None = None,
        risk: Path | None = None,
    ) -> "MessageClassifier":
        """Load a bundle folder, and the risk heads where their folder is there. Raises BundleError."""
        heads = RiskReader.load(risk) if risk is not None and risk.exists() else None
        return cls(Bundle.load(folder), encoder, redactor, precision=precision, risk=heads)

    def classify(
        self,
        text: str,
        *,
        thread: Sequence[Turn] = (),
        tasks: Sequence[str] | None = None,
        explain: bool = False,
        precision: Precision | None = None,
    ) -> Classification:
        """Read one message. thread: what was said before it, oldest first, masked."""
        return self.classify_many([text], threads=[thread], tasks=tasks, explain=explain, precision=precision)[0]

    def classify_many(
        self,
        texts: Sequence[str],
        *,
        threads: Sequence[Sequence[Turn]] | None = None,
        tasks: Sequence[str] | None = None,
        explain: bool = False,
        precision: Precision | None = None,
    ) -> list[Classification]:
        """Read many messages with one run of the encoder. Answers in order.

        precision: answer only above the threshold that keeps this promise, abstain elsewhere; for all tasks, or by
        task. Without it, what the classifier was opened with holds.
        """
        threads = threads or [()] * len(texts)
        precision = self._precision if precision is None else precision
        redactions = [self._redact(text) for text in texts]
        prepared = [normalise(redaction.text) for redaction in redactions]
        sources = [self._sources(text, thread) for text, thread in zip(prepared, threads, strict=True)]
        heads = [(at, head) for at, head in enumerate(self.bundle.heads) if tasks is None or head.task in tasks]
        wanted = list(dict.fromkeys(one for pair in sources for one in pair))
        encoded: _Encoded | None = {} if explain else None
        answers = dict(zip(wanted, self._answers(wanted, encoded), strict=True))
        read = []
        for text, redaction, clean, thread, (own, shared) in zip(
            texts, redactions, prepared, threads, sources, strict=True
        ):
            spoken = self._language(clean, thread)
            judged = {}
            carriers = None
            if encoded is not None and redaction.handling is not Handling.WITHHELD:
                carriers = Carriers.of(self._reader, redaction, self._states(clean, encoded))
                alike = carriers.most_alike()
            for at, head in heads:
                # A bare follow-up means what the thread means; its mood and urgency are its own.
                source = own if head.task in _OF_ITS_OWN else shared
                judgement = self._judge(at, answers[source], clean, precision)
                if not self._is_taught(spoken):
                    judgement = _unread(judgement)
                if carriers is not None:
                    evidence = carriers.evidence(at, head.labels.index(judgement.label))
                    judgement = replace(judgement, evidence=evidence, neighbours=self._neighbours(head, alike))
                judged[head.task] = judgement
            entities = entities_of(text, redaction) if redaction.handling is not Handling.WITHHELD else ()
            risk = self._risk_of(answers[own], own, redaction)
            read.append(Classification(judged, redaction, entities, spoken.label, self.bundle_id, spoken.score, risk))
        return read

    def _sources(self, text: str, thread: Sequence[Turn]) -> tuple[_Source, _Source]:
        """What is read of a message for its mood and urgency, and for everything else."""
        if self._reader.blends:
            both = (text, context_of(text, thread))
            return both, both
        return (text, None), (in_context(text, thread) or text, None)

    def _language(self, text: str, thread: Sequence[Turn]) -> Language:
        home = self.bundle.languages or (DEFAULT,)
        theirs = [turn for turn in thread if turn.by_customer][-_TURNS_HEARD:]
        before = [language_of(turn.text, home=home).label for turn in theirs]
        return language_of(text, before=before, home=home)

    def _risk_of(self, answer: _Answer, source: _Source, redaction: Redaction) -> tuple[Risk, ...]:
        if self._risk is None or answer.risk is None or redaction.handling is Handling.WITHHELD:
            return ()
        text, context = source
        return self._risk.found(answer.risk, answer.risk_before, context, text, redaction, full=self._risk_reads)

    def _is_taught(self, spoken: Language) -> bool:
        return not self.bundle.languages or spoken.label in (*self.bundle.languages, UNKNOWN)

    def _redact(self, text: str) -> Redaction:
        try:
            return self._redactor.redact(text)
        except Exception:  # noqa: BLE001 - its port may raise anything; what was not checked is not read either
            return Redaction(WITHHELD_TEXT, handling=Handling.WITHHELD)

    def _answers(self, texts: Sequence[_Source], encoded: _Encoded | None = None) -> list[_Answer]:
        """Answers in order. encoded: where given, nothing comes from the cache and what the encoder saw is put in."""
        known = {}
        if encoded is None:
            known = {text: answer for text in texts if (answer := self._cache.get(text)) is not None}
        missing = [text for text in texts if text not in known]
        if missing:
            for text, answer in zip(missing, self._compute(missing, encoded), strict=True):
                known[text] = answer
                self._cache.put(text, answer)
        return [known[text] for text in texts]

    def _compute(self, sources: Sequence[_Source], encoded: _Encoded | None = None) -> list[_Answer]:
        """Cascade: n-grams for all; those that some task is not sure enough of go through the encoder together."""
        reader = self._reader
        texts = [text for text, _ in sources]
        contexts = [context for _, context in sources]
        beside = reader.beside(contexts)
        linear, lean = reader.lean(texts, beside)
        answers = _rows(lean, is_full=False)
        if self._encoder is None or not reader.has_full:
            return self._with_risk(answers, sources)
        # What cannot wait is read by the encoder always, however sure the n-grams are of the labels.
        passed = (lean.score < reader.gates).any(axis=1)
        unsure = np.arange(len(texts)) if self._risk_reads else np.flatnonzero(passed)
        for start in range(0, len(unsure), _CHUNK):
            at = unsure[start : start + _CHUNK]
            wanted = [texts[i] for i in at]
            said = [context.text for i in at if beside is not None and (context := contexts[i]) is not None]
            if encoded is None:
                part = readings(self._encoder, [*wanted, *said])
            else:
                new = dict.fromkeys([*wanted, *said])
                encoded.update({text: reading_and_states(self._encoder, text) for text in new if text not in encoded})
                part = np.concatenate([encoded[text][0] for text in [*wanted, *said]])
            near = None
            if beside is not None:
                near = beside.of(at)
                if said:
                    with_context = np.flatnonzero([contexts[i] is not None for i in at])
                    near = reader.with_features(near, with_context, part[len(wanted) :])
                else:
                    near = None
            read = reader.full(part[: len(wanted)], linear[at], near)
            for i, answer in zip(at.tolist(), _rows(read, is_full=True), strict=True):
                answers[i] = answer
            if self._risk_reads:
                found = self._with_risk([answers[i] for i in at], [sources[i] for i in at], part)
                for i, answer in zip(at.tolist(), found, strict=True):
                    answers[i] = answer
        return answers if self._risk_reads else self._with_risk(answers, sources)

    def _with_risk(
        self, answers: Sequence[_Answer], sources: Sequence[_Source], features: Floats | None = None
    ) -> list[_Answer]:
        """The answers with what the risk heads say. features: readings of all texts, then of all contexts read."""
        if self._risk is None:
            return list(answers)
        texts = [text for text, _ in sources]
        said = [context.text for _, context in sources if context is not None]
        if features is not None and len(features) < len(texts) + len(said):
            said = []
        scores = self._risk.scores([*texts, *said], features)
        before = iter(scores[len(texts) :])
        return [
            replace(answer, risk=own, risk_before=next(before) if said and context is not None else None)
            for answer, own, (_, context) in zip(answers, scores, sources, strict=False)
        ]

    def _judge(self, at: int, answer: _Answer, text: str, precision: Precision | None) -> Judgement:
        head = self.bundle.heads[at]
        stage = head.full if answer.is_full and head.full is not None else head.lean
        probabilities = answer.probabilities[at, : len(head.labels)]
        score = answer.score[at] if text else 0.0
        chosen = answer.chosen[at]
        label = head.labels[chosen]
        wanted = precision.get(head.task) if isinstance(precision, Mapping) else precision
        threshold = stage.threshold if wanted is None else threshold_for(stage.certificates, wanted)
        promise = None if wanted is None else _promise(head.full or head.lean, wanted)
        # The others share what the chosen label leaves, less the chance that nothing fits.
        rest = max(1e-6, 1 - float(probabilities[chosen]))
        room = min(1 - score, score * rest / max(1e-6, 1 - rest)) if score < 1 else 0.0
        order = [int(i) for i in np.argsort(-probabilities)[:N_CANDIDATES] if i != chosen][: N_CANDIDATES - 1]
        others = [Candidate(head.labels[i], room * float(probabilities[i]) / rest) for i in order]
        candidates = (Candidate(label, score), *others)
        judgement = Judgement(label, score, score < threshold or not text, candidates, promise=promise)
        if head.task == "urgency":
            fired = rules_of(text)
            higher = raised(label, fired)
            names = tuple(rule.name for rule in fired)
            if higher is not None:
                certain = max(score, 0.9)
                kept = tuple(c for c in candidates if c.label != higher)
                lowered = tuple(Candidate(c.label, c.score * (1 - certain)) for c in kept)
                return Judgement(higher, certain, False, (Candidate(higher, certain), *lowered), names, promise=promise)
            judgement = replace(judgement, reasons=names)
        return judgement

    def _states(self, text: str, encoded: _Encoded) -> States | None:
        """What a text's word pieces became, also where the n-grams needed no encoder; nothing without one."""
        if self._encoder is None:
            return None
        known = encoded.get(text)
        return self._encoder.states(text)[1] if known is None else known[1]

    def _neighbours(self, head: Head, alike: Sequence[tuple[int, float]], *, n: int = 3) -> tuple[Neighbour, ...]:
        if head.rows is None:
            return ()
        labelled = [(row, cosine) for row, cosine in alike if head.rows[row] >= 0 and cosine > 0]
        return tuple(
            Neighbour(self.bundle.examples[row], head.labels[head.rows[row]], cosine) for row, cosine in labelled[:n]
        )


def _unread(judgement: Judgement) -> Judgement:
    """In a language the bundle was not taught every label is a guess; what rules say of the words themselves stands."""
    return judgement if judgement.reasons and not judgement.abstained else replace(judgement, abstained=True)


def _rows(answers: Answers, *, is_full: bool) -> list[_Answer]:
    # A copy: a row that is kept must not keep its whole batch in memory.
    return [
        _Answer(probabilities.copy(), score, chosen, is_full)
        for probabilities, score, chosen in zip(
            answers.probabilities, answers.score.tolist(), answers.chosen.tolist(), strict=True
        )
    ]


def threshold_for(certificates: Sequence[Certificate], precision: float) -> float:
    """The threshold that keeps the promise; above 1 (always abstain) when none was certified.

    Between two certified precisions the stricter one is used.
    """
    found = _certificate(certificates, precision)
    return NO_THRESHOLD if found is None else found.threshold


def _certificate(certificates: Sequence[Certificate], precision: float) -> Certificate | None:
    fitting = [certificate for certificate in certificates if certificate.precision >= precision - 1e-9]
    return min(fitting, key=lambda certificate: certificate.precision, default=None)


def _promise(stage: Stage, precision: float) -> Promise:
    """What the path that answers the most costs at this precision."""
    found = _certificate(stage.certificates, precision)
    if found is None or not found.is_kept:
        return Promise(precision, 0.0, 0.0)
    return Promise(precision, found.coverage, found.lower_bound)


class _Cache:
    """Answers by masked text and context, the least recently used forgotten first. Lives and dies with one bundle."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._size = 0
        self._known: OrderedDict[_Source, _Answer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, text: _Source) -> _Answer | None:
        with self._lock:
            answer = self._known.get(text)
            if answer is not None:
                self._known.move_to_end(text)
            return answer

    def put(self, text: _Source, answer: _Answer) -> None:
        size = answer.size_bytes + _n_bytes(text)
        with self._lock:
            if text in self._known or size > self._limit:
                return
            self._known[text] = answer
            self._size += size
            while self._size > self._limit:
                old, forgotten = self._known.popitem(last=False)
                self._size -= forgotten.size_bytes + _n_bytes(old)


def _n_bytes(source: _Source) -> int:
    text, context = source
    return 4 * len(text) + (200 + 4 * len(context.text) if context is not None else 0)

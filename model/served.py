"""One bundle at work: what it says of prepared messages, for some of its tasks or for all."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from care.classification import Candidate, Judgement, Neighbour, Promise
from care.errors import BundleError
from care.message import Turn
from care.sensitive import Handling, Redaction
from model.bundle import Bundle
from model.calibration import NO_THRESHOLD, Certificate, Precision
from model.encoder import Encoder
from model.encoder_cache import Library
from model.explain import Carriers
from model.head import ScoringStage, TaskHead
from model.language import UNKNOWN, Language
from model.memory import Remembered, Source
from model.panel import Answers, Beside
from model.reader import BundleReader
from model.style import style_names
from model.thread import Context, in_context
from model.urgency import UrgencyRule, raised

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

N_CANDIDATES = 5
_OF_ITS_OWN = frozenset({"sentiment", "urgency"})
CACHE_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """One message as bundles read it: masked and normalised, with what was said before it.

    context: of the thread, as it is read beside the text. fired: rules of model/urgency.py that hold.
    """

    text: str = field(repr=False)
    thread: Sequence[Turn] = field(repr=False)
    context: Context | None
    redaction: Redaction
    spoken: Language
    fired: tuple[UrgencyRule, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the heads said of one prepared text, in the bundle's order of tasks.

    probabilities: (n_heads, n_labels). is_full: whether the encoder read it too.
    """

    probabilities: Floats
    score: list[float]
    chosen: list[int]
    is_full: bool

    @property
    def n_bytes(self) -> int:
        return 600 + self.probabilities.nbytes + 80 * len(self.score)


class ServedBundle:
    """A bundle with the encoder it was trained with. Safe from several threads.

    Without an encoder every answer comes from n-grams alone. tasks: those it answers for; None: all it has.
    """

    def __init__(
        self,
        bundle: Bundle,
        encoder: Encoder | None,
        *,
        tasks: Collection[str] | None = None,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        """Raises BundleError for another encoder, another version's columns, or a task that it has not."""
        if encoder is not None and bundle.encoder and bundle.encoder != encoder.id:
            raise BundleError(
                f"The bundle was trained with encoder {bundle.encoder}, this one is {encoder.id}. Train it again."
            )
        if bundle.kernel is not None and bundle.kernel.n_style != len(style_names()):
            raise BundleError(f"The bundle {bundle.id} knows other columns of style than this version. Train it again.")
        lacking = sorted(set(tasks or ()) - set(bundle.tasks))
        if lacking:
            raise BundleError(
                f"The bundle {bundle.id} has no task {lacking[0]}; it has {', '.join(bundle.tasks)}. "
                "Name another one for it in model.bundles."
            )
        self.bundle = bundle
        self.encoder = encoder if bundle.kernel is not None else None
        self.heads = tuple((at, head) for at, head in enumerate(bundle.heads) if tasks is None or head.task in tasks)
        self.reader = BundleReader(bundle.ngrams, bundle.kernel, bundle.heads, bundle.chunks)
        self._answered: Remembered[_Answer] = Remembered(cache_bytes)

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        return {head.task: head.labels for _, head in self.heads}

    def judge(
        self,
        messages: Sequence[Prepared],
        library: Library,
        *,
        tasks: Collection[str] | None,
        precision: Precision | None,
        is_read_anyway: bool = False,
    ) -> Iterator[dict[str, Judgement]]:
        """What it says of each message, by task. is_read_anyway: its encoder reads them all for somebody else."""
        heads = [(at, head) for at, head in self.heads if tasks is None or head.task in tasks]
        if not heads:
            yield from ({} for _ in messages)
            return
        sources = [self._sources(message) for message in messages]
        wanted = list(dict.fromkeys(prepared for pair in sources for prepared in pair))
        answers = dict(zip(wanted, self._answers(wanted, library, is_read_anyway=is_read_anyway), strict=True))
        for message, (own, shared) in zip(messages, sources, strict=True):
            judged = {}
            for at, head in heads:
                # A bare follow-up means what the thread means; its mood and urgency are its own.
                source = own if head.task in _OF_ITS_OWN else shared
                judgement = self._judgement(at, answers[source], message, precision)
                judged[head.task] = judgement if self._is_taught(message.spoken) else _unread(judgement)
            carriers = self._carriers(message, library)
            yield judged if carriers is None else self._explained(judged, heads, carriers)

    def _explained(
        self, judged: Mapping[str, Judgement], heads: Sequence[tuple[int, TaskHead]], carriers: Carriers
    ) -> dict[str, Judgement]:
        alike = carriers.most_alike()
        explained = {}
        for at, head in heads:
            judgement = replace(judged[head.task], neighbours=self._neighbours(head, alike))
            # A rule may raise an urgency to one that the bundle has no label for; its name is the reason then.
            if judgement.label in head.labels:
                evidence = carriers.evidence(at, head.labels.index(judgement.label))
                judgement = replace(judgement, evidence=evidence)
            explained[head.task] = judgement
        return explained

    def _sources(self, message: Prepared) -> tuple[Source, Source]:
        """What is read of a message for its mood and urgency, and for everything else."""
        if self.reader.blends:
            both = (message.text, message.context)
            return both, both
        return (message.text, None), (in_context(message.text, message.thread) or message.text, None)

    def _is_taught(self, spoken: Language) -> bool:
        return not self.bundle.languages or spoken.label in (*self.bundle.languages, UNKNOWN)

    def _carriers(self, message: Prepared, library: Library) -> Carriers | None:
        """The words that carry its labels, where reasons are asked for; nothing of a text that was withheld."""
        if not library.is_explained or message.redaction.handling is Handling.WITHHELD:
            return None
        states = library.of(self.encoder).states(message.text) if self.encoder is not None else None
        return Carriers.of(self.reader, message.redaction, states)

    def _answers(self, sources: Sequence[Source], library: Library, *, is_read_anyway: bool) -> list[_Answer]:
        known: dict[Source, _Answer] = {}
        if not library.is_explained:
            known = {source: answer for source in sources if (answer := self._answered.get(source)) is not None}
        missing = [source for source in sources if source not in known]
        if missing:
            answers = self._compute(missing, library, is_read_anyway=is_read_anyway)
            for source, answer in zip(missing, answers, strict=True):
                known[source] = answer
                self._answered.put(source, answer, n_bytes=answer.n_bytes)
        return [known[source] for source in sources]

    def _compute(self, sources: Sequence[Source], library: Library, *, is_read_anyway: bool) -> list[_Answer]:
        """Cascade: n-grams for all; those that some task is not sure enough of go through the encoder together."""
        texts = [text for text, _ in sources]
        contexts = [context for _, context in sources]
        beside = self.reader.beside(contexts)
        linear, lean = self.reader.lean(texts, beside)
        answers = _rows(lean, is_full=False)
        if self.encoder is None or not self.reader.has_full:
            return answers
        passed = (lean.score < self.reader.gates).any(axis=1)
        at = np.arange(len(texts)) if is_read_anyway else np.flatnonzero(passed)
        if len(at):
            read = self._full(at, texts, contexts, library, linear, beside)
            for i, answer in zip(at.tolist(), _rows(read, is_full=True), strict=True):
                answers[i] = answer
        return answers

    def _full(
        self,
        at: Ints,
        texts: Sequence[str],
        contexts: Sequence[Context | None],
        library: Library,
        linear: Floats,
        beside: Beside | None,
    ) -> Answers:
        """The full path for the texts in these places, in one run of the encoder with what was said before them."""
        assert self.encoder is not None
        wanted = [texts[i] for i in at]
        said = [context.text for i in at if beside is not None and (context := contexts[i]) is not None]
        read = library.of(self.encoder).text_features([*wanted, *said])
        near = None
        if beside is not None and said:
            with_context = np.flatnonzero([contexts[i] is not None for i in at])
            near = self.reader.with_features(beside.of(at), with_context, read[len(wanted) :])
        return self.reader.full(read[: len(wanted)], linear[at], near)

    def _judgement(self, at: int, answer: _Answer, message: Prepared, precision: Precision | None) -> Judgement:
        head = self.bundle.heads[at]
        stage = head.full if answer.is_full and head.full is not None else head.lean
        probabilities = answer.probabilities[at, : len(head.labels)]
        score = answer.score[at] if message.text else 0.0
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
        judgement = Judgement(label, score, score < threshold or not message.text, candidates, promise=promise)
        return _by_rules(judgement, message.fired) if head.task == "urgency" else judgement

    def _neighbours(self, head: TaskHead, alike: Sequence[tuple[int, float]], *, n: int = 3) -> tuple[Neighbour, ...]:
        if head.rows is None:
            return ()
        labelled = [(row, cosine) for row, cosine in alike if head.rows[row] >= 0 and cosine > 0]
        return tuple(
            Neighbour(self.bundle.examples[row], head.labels[head.rows[row]], cosine) for row, cosine in labelled[:n]
        )


def _by_rules(judgement: Judgement, fired: Sequence[UrgencyRule]) -> Judgement:
    """An urgency as the reviewed rules of model/urgency.py raise it."""
    names = tuple(rule.name for rule in fired)
    higher = raised(judgement.label, fired)
    if higher is None:
        return replace(judgement, reasons=names)
    certain = max(judgement.score, 0.9)
    kept = [candidate for candidate in judgement.candidates if candidate.label != higher]
    candidates = (
        Candidate(higher, certain),
        *(Candidate(candidate.label, candidate.score * (1 - certain)) for candidate in kept),
    )
    return Judgement(higher, certain, False, candidates, names, promise=judgement.promise)


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
    certificate = _certificate(certificates, precision)
    return NO_THRESHOLD if certificate is None else certificate.threshold


def _certificate(certificates: Sequence[Certificate], precision: float) -> Certificate | None:
    fitting = [certificate for certificate in certificates if certificate.precision >= precision - 1e-9]
    return min(fitting, key=lambda certificate: certificate.precision, default=None)


def _promise(stage: ScoringStage, precision: float) -> Promise:
    """What the path that answers the most costs at this precision."""
    certificate = _certificate(stage.certificates, precision)
    if certificate is None or not certificate.is_kept:
        return Promise(precision, 0.0, 0.0)
    return Promise(precision, certificate.coverage, certificate.lower_bound)

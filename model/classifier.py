"""Reads a message: mask, prepare, then what each bundle says of it and what of it cannot wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from care.classification import Classification, Judgement, Risk
from care.message import Turn
from care.ports import Redactor
from care.sensitive import WITHHELD_TEXT, Handling, Redaction
from model.bundle import Bundle
from model.calibration import Precision
from model.encoder import Encoder
from model.encoder_cache import Library
from model.entities import entities_of
from model.language import DEFAULT, Language, language_of
from model.served import CACHE_BYTES, Prepared, ServedBundle
from model.text import normalise
from model.thread import context_of
from model.urgency import rules_of
from model.watch import Watch

_TOGETHER = 256
"""Messages that are read in one go: more cost memory and bring nothing."""
_TURNS_HEARD = 3
"""So many of the customer's last turns tell which language they speak."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """How messages are to be read."""

    tasks: Sequence[str] | None
    is_explained: bool
    precision: Precision | None


class MessageClassifier:
    """Classifies with one bundle, or with another one for some tasks. Satisfies care.ports.Classifier.

    Create it in the process that uses it; safe from several threads. A message is masked, prepared and read by an
    encoder once, however many bundles have their say. Without an encoder every answer comes from n-grams alone.
    """

    def __init__(
        self,
        bundle: Bundle,
        encoder: Encoder | None,
        redactor: Redactor,
        *,
        cache_bytes: int = CACHE_BYTES,
        precision: Precision | None = None,
        watch: Watch | None = None,
        others: Sequence[ServedBundle] = (),
    ) -> None:
        """watch: reads every message for what cannot wait, whatever a bundle's labels; None: nothing does.

        others: bundles that answer for some tasks instead of this one. Raises BundleError.
        """
        theirs = {task for served in others for task in served.labels}
        own = [task for task in bundle.tasks if task not in theirs]
        self._served = (ServedBundle(bundle, encoder, tasks=own, cache_bytes=cache_bytes), *others)
        self.bundle = bundle
        self.bundle_id = bundle.id
        labels = {task: labels for served in self._served for task, labels in served.labels.items()}
        first = [task for task in bundle.tasks if task in labels]
        self.labels: Mapping[str, Sequence[str]] = {task: labels[task] for task in dict.fromkeys([*first, *labels])}
        by_task = {task: served.bundle.id for served in self._served for task in served.labels}
        self.bundles = {task: by_task[task] for task in self.labels}
        spoken = [language for served in self._served for language in served.bundle.languages]
        self._home = tuple(dict.fromkeys(spoken)) or (DEFAULT,)
        self._watch = watch or Watch(None, encoder)
        self._redactor = redactor
        self._precision = precision
        # One message is too little to share: threads that wait for each other cost more than they bring.
        threadpool_limits(1, "blas")

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
        """Read many messages with one run of each encoder. Answers in order.

        precision: answer only above the threshold that keeps this promise, abstain elsewhere; for all tasks, or by
        task. Without it, what the classifier was opened with holds.
        """
        threads = threads or [()] * len(texts)
        asked = _Asked(tasks, explain, self._precision if precision is None else precision)
        read: list[Classification] = []
        for start in range(0, len(texts), _TOGETHER):
            stop = start + _TOGETHER
            read += self._read(texts[start:stop], threads[start:stop], asked)
        return read

    def _read(self, texts: Sequence[str], threads: Sequence[Sequence[Turn]], asked: _Asked) -> list[Classification]:
        messages = [self._prepared(text, thread) for text, thread in zip(texts, threads, strict=True)]
        library = Library(is_explained=asked.is_explained)
        said = [
            served.judge(
                messages,
                library,
                tasks=asked.tasks,
                precision=asked.precision,
                # What cannot wait is read by the encoder always, however sure the n-grams are of the labels.
                is_read_anyway=served.encoder is not None
                and self._watch.encoder is not None
                and served.encoder.id == self._watch.encoder.id,
            )
            for served in self._served
        ]
        judged = [
            {task: judgement for judgements in of_message for task, judgement in judgements.items()}
            for of_message in zip(*said, strict=True)
        ]
        risks = self._watch.risks_of(messages, library)
        return [
            self._classification(text, message, of_message, risk)
            for text, message, of_message, risk in zip(texts, messages, judged, risks, strict=True)
        ]

    def _classification(
        self, text: str, message: Prepared, judged: Mapping[str, Judgement], risk: tuple[Risk, ...]
    ) -> Classification:
        is_read = message.redaction.handling is not Handling.WITHHELD
        tasks = {task: judged[task] for task in self.labels if task in judged}
        return Classification(
            tasks=tasks,
            sensitive=message.redaction,
            entities=entities_of(text, message.redaction) if is_read else (),
            language=message.spoken.label,
            bundle=self.bundle_id,
            language_score=message.spoken.score,
            risk=risk,
            bundles={task: self.bundles[task] for task in tasks},
        )

    def _prepared(self, text: str, thread: Sequence[Turn]) -> Prepared:
        redaction = self._redact(text)
        clean = normalise(redaction.text)
        spoken = self._language(clean, thread)
        return Prepared(clean, thread, context_of(clean, thread), redaction, spoken, rules_of(clean))

    def _language(self, text: str, thread: Sequence[Turn]) -> Language:
        theirs = [turn for turn in thread if turn.by_customer][-_TURNS_HEARD:]
        before = [language_of(turn.text, home=self._home).label for turn in theirs]
        return language_of(text, before=before, home=self._home)

    def _redact(self, text: str) -> Redaction:
        try:
            return self._redactor.redact(text)
        except Exception:  # noqa: BLE001 - its port may raise anything; what was not checked is not read either
            return Redaction(WITHHELD_TEXT, handling=Handling.WITHHELD)

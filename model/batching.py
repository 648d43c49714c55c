"""Several requests at once, one run of the encoder: whoever comes while it runs shares the next run."""

import threading
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from care.classification import Classification
from care.message import Turn
from model.calibration import Precision
from model.classifier import MessageClassifier

MAX_BATCH = 32


@dataclass(slots=True)
class _Asked:
    text: str = field(repr=False)
    thread: Sequence[Turn] = field(repr=False)
    tasks: tuple[str, ...] | None
    explain: bool
    precision: Precision | None
    # Set when it is answered, or when it is its turn to answer all who wait.
    woken: threading.Event = field(default_factory=threading.Event)
    answer: Classification | None = None
    error: BaseException | None = None

    @property
    def kind(self) -> Hashable:
        precision = self.precision
        return self.tasks, self.explain, tuple(precision.items()) if isinstance(precision, Mapping) else precision


class BatchingClassifier:
    """A MessageClassifier for many threads. Satisfies care.ports.Classifier.

    One thread at a time computes, and answers all who came while the one before it did; nobody waits for company, so a
    lone request is as fast as without.
    """

    def __init__(self, inner: MessageClassifier, *, max_batch: int = MAX_BATCH) -> None:
        self.inner = inner
        self.bundle_id = inner.bundle_id
        self.labels = inner.labels
        self._max_batch = max_batch
        self._lock = threading.Lock()
        self._waiting: list[_Asked] = []
        self._is_busy = False

    def classify(
        self,
        text: str,
        *,
        thread: Sequence[Turn] = (),
        tasks: Sequence[str] | None = None,
        explain: bool = False,
        precision: Precision | None = None,
    ) -> Classification:
        """As MessageClassifier.classify."""
        mine = _Asked(text, thread, None if tasks is None else tuple(tasks), explain, precision)
        with self._lock:
            self._waiting.append(mine)
            leads, self._is_busy = not self._is_busy, True
        if not leads:
            mine.woken.wait()
        if mine.answer is None and mine.error is None:
            self._answer_those_who_wait()
        if mine.error is not None:
            raise mine.error
        assert mine.answer is not None
        return mine.answer

    def classify_many(
        self,
        texts: Sequence[str],
        *,
        threads: Sequence[Sequence[Turn]] | None = None,
        tasks: Sequence[str] | None = None,
        explain: bool = False,
        precision: Precision | None = None,
    ) -> list[Classification]:
        """A batch of its own already; one alone joins the others."""
        if len(texts) == 1:
            thread = threads[0] if threads else ()
            return [self.classify(texts[0], thread=thread, tasks=tasks, explain=explain, precision=precision)]
        return self.inner.classify_many(texts, threads=threads, tasks=tasks, explain=explain, precision=precision)

    def _answer_those_who_wait(self) -> None:
        """Answer the first of those who wait, then let the next of them do the same for the rest."""
        with self._lock:
            batch, self._waiting = self._waiting[: self._max_batch], self._waiting[self._max_batch :]
        try:
            self._answer(batch)
        finally:
            with self._lock:
                self._is_busy = bool(self._waiting)
                next_one = self._waiting[0] if self._waiting else None
            if next_one is not None:
                next_one.woken.set()

    def _answer(self, batch: list[_Asked]) -> None:
        kinds: dict[Hashable, list[_Asked]] = {}
        for asked in batch:
            kinds.setdefault(asked.kind, []).append(asked)
        for alike in kinds.values():
            one = alike[0]
            try:
                read = self.inner.classify_many(
                    [asked.text for asked in alike],
                    threads=[asked.thread for asked in alike],
                    tasks=one.tasks,
                    explain=one.explain,
                    precision=one.precision,
                )
                for asked, answer in zip(alike, read, strict=True):
                    asked.answer = answer
            except BaseException as error:  # noqa: BLE001 - it belongs to those who wait, and is raised there
                for asked in alike:
                    asked.error = error
            finally:
                for asked in alike:
                    asked.woken.set()

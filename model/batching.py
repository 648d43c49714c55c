"""Several requests at once, one run of the encoder: whoever comes within two milliseconds shares it."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from care.classification import Classification
from care.message import Turn
from model.classifier import MessageClassifier

WINDOW_S = 0.002
MAX_BATCH = 32


@dataclass(slots=True)
class _Asked:
    text: str = field(repr=False)
    thread: Sequence[Turn] = field(repr=False)
    explain: bool
    precision: float | None
    done: threading.Event = field(default_factory=threading.Event)
    answer: Classification | None = None
    error: BaseException | None = None


class BatchingClassifier:
    """A MessageClassifier for many threads. Satisfies care.ports.Classifier.

    The first to come answers for all who come within the window; alone, it does not wait.
    """

    def __init__(self, inner: MessageClassifier, *, window_s: float = WINDOW_S, max_batch: int = MAX_BATCH) -> None:
        self.inner = inner
        self.bundle_id = inner.bundle_id
        self.labels = inner.labels
        self._window_s = window_s
        self._max_batch = max_batch
        self._lock = threading.Lock()
        self._waiting: list[_Asked] = []
        self._n_inside = 0

    def classify(
        self,
        text: str,
        *,
        thread: Sequence[Turn] = (),
        tasks: Sequence[str] | None = None,
        explain: bool = False,
        precision: float | None = None,
    ) -> Classification:
        """As MessageClassifier.classify; a choice of tasks is answered alone."""
        if tasks is not None:
            return self.inner.classify(text, thread=thread, tasks=tasks, explain=explain, precision=precision)
        mine = _Asked(text, thread, explain, precision)
        with self._lock:
            self._waiting.append(mine)
            leads = len(self._waiting) == 1
            self._n_inside += 1
            is_alone = self._n_inside == 1
        try:
            if leads:
                if not is_alone:
                    time.sleep(self._window_s)
                self._answer_all()
            mine.done.wait()
        finally:
            with self._lock:
                self._n_inside -= 1
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
        precision: float | None = None,
    ) -> list[Classification]:
        """A batch of its own already."""
        return self.inner.classify_many(texts, threads=threads, tasks=tasks, explain=explain, precision=precision)

    def _answer_all(self) -> None:
        with self._lock:
            batch, self._waiting = self._waiting, []
        for start in range(0, len(batch), self._max_batch):
            self._answer(batch[start : start + self._max_batch])

    def _answer(self, batch: list[_Asked]) -> None:
        kinds: dict[tuple[bool, float | None], list[_Asked]] = {}
        for asked in batch:
            kinds.setdefault((asked.explain, asked.precision), []).append(asked)
        for (explain, precision), alike in kinds.items():
            try:
                read = self.inner.classify_many(
                    [asked.text for asked in alike],
                    threads=[asked.thread for asked in alike],
                    explain=explain,
                    precision=precision,
                )
                for asked, answer in zip(alike, read, strict=True):
                    asked.answer = answer
            except BaseException as error:  # noqa: BLE001 - it belongs to those who wait, and is raised there
                for asked in alike:
                    asked.error = error
            finally:
                for asked in alike:
                    asked.done.set()

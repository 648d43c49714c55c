"""Requests that meet share a run of the classifier: whoever asks while all runs are taken is in the next one."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fastapi.concurrency import run_in_threadpool

from care.classification import Classification

MAX_BATCH = 32


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a text is to be read. Texts with the same wish can share a run."""

    tasks: Sequence[str] | None = None
    explain: bool = False
    precision: float | Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    text: str = field(repr=False)
    wish: ReadOptions
    answer: asyncio.Future[Classification]


class SharedReader:
    """Reads texts in batches, yet makes nobody wait for company: one that comes alone is read at once.

    It lives on the event loop, so it needs no lock. Only the classifier runs in a thread, at most `n_runs` at a time: a
    thread is fetched once a run, not once a request. A core with a run of its own does more than two cores on one.
    """

    def __init__(
        self, read_texts: Callable[..., list[Classification]], *, max_batch: int = MAX_BATCH, n_runs: int = 1
    ) -> None:
        self._read_texts, self._max_batch, self._n_runs = read_texts, max_batch, n_runs
        self._waiting: list[_Asked] = []
        self._runs: list[asyncio.Task[None]] = []
        self._n_reading = 0

    async def read(self, texts: Sequence[str], wish: ReadOptions) -> list[Classification]:
        """Classifications in order. Many texts are a batch of their own already; one joins the others.

        Raises what the classifier raises.
        """
        if len(texts) != 1:
            return await self._in_a_thread(texts, wish)
        asked = _Asked(texts[0], wish, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        self._runs = [run for run in self._runs if not run.done()]
        if len(self._runs) < self._n_runs:
            self._runs.append(asyncio.create_task(self._answer_all()))
        return [await asked.answer]

    async def _answer_all(self) -> None:
        while self._waiting:
            batch = self._next_batch()
            self._n_reading += 1
            try:
                await self._answer(batch)
            finally:
                self._n_reading -= 1

    def _next_batch(self) -> list[_Asked]:
        """The one who waits longest, with those who wish the same; a fair share where other runs are free as well."""
        wish = self._waiting[0].wish
        share = min(self._max_batch, -(-len(self._waiting) // (self._n_runs - self._n_reading)))
        batch: list[_Asked] = []
        others: list[_Asked] = []
        for asked in self._waiting:
            fits = len(batch) < share and asked.wish == wish
            (batch if fits else others).append(asked)
        self._waiting = others
        return batch

    async def _answer(self, batch: list[_Asked]) -> None:
        try:
            read = await self._in_a_thread([asked.text for asked in batch], batch[0].wish)
        except Exception as error:  # noqa: BLE001 - it belongs to the one who asked, and is raised there
            if len(batch) == 1:
                _settle(batch[0], error)
                return
            # A text that cannot be read must not take its neighbours with it.
            for asked in batch:
                await self._answer([asked])
            return
        for asked, answer in zip(batch, read, strict=True):
            _settle(asked, answer)

    async def _in_a_thread(self, texts: Sequence[str], wish: ReadOptions) -> list[Classification]:
        return await run_in_threadpool(
            self._read_texts, texts, tasks=wish.tasks, explain=wish.explain, precision=wish.precision
        )


def _settle(asked: _Asked, outcome: Classification | Exception) -> None:
    if asked.answer.done():  # given up meanwhile
        return
    if isinstance(outcome, Exception):
        asked.answer.set_exception(outcome)
    else:
        asked.answer.set_result(outcome)

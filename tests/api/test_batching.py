"""Requests that meet share a run; nobody waits for company, and nobody gets another one's answer or error."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from api.app import create_app
from api.batching import ReadOptions, SharedReader
from care.access import Scope
from care.classification import Classification
from care.errors import BundleError
from tests.api.conftest import House
from tests.api.doubles import WordClassifier

PLAIN = ReadOptions()


@dataclass
class Runs:
    """A classifier that notes its runs; the first one lasts until it is let go."""

    texts: list[list[str]] = field(default_factory=list)
    wishes: list[dict[str, Any]] = field(default_factory=list)
    begun: threading.Event = field(default_factory=threading.Event)
    may_end: threading.Event = field(default_factory=threading.Event)

    def __call__(self, texts: Sequence[str], **wish: Any) -> list[Classification]:
        self.texts.append(list(texts))
        self.wishes.append(wish)
        self.begun.set()
        assert self.may_end.wait(10)
        if "broken" in texts:
            raise BundleError("the weights are gone")
        return [WordClassifier().classify(text) for text in texts]


def ask_while_the_first_runs(
    runs: Runs, asked: Sequence[tuple[str, ReadOptions]], *, max_batch: int = 32, give_up: Sequence[int] = ()
) -> list[Any]:
    """Ask for "first"; when its run has begun ask for all others, then let it end. Returns answers or errors."""

    async def ask() -> list[Any]:
        reader = SharedReader(runs, max_batch=max_batch)
        first = asyncio.create_task(reader.read(["first"], PLAIN))
        while not runs.begun.is_set():
            await asyncio.sleep(0)
        others = [asyncio.create_task(reader.read([text], wish)) for text, wish in asked]
        await asyncio.sleep(0)
        for at in give_up:
            others[at].cancel()
        runs.may_end.set()
        await first
        return await asyncio.gather(*others, return_exceptions=True)

    return asyncio.run(asyncio.wait_for(ask(), 20))


def read_text(answer: Any) -> str:
    return str(answer[0].sensitive.text)


def test_those_who_ask_while_it_runs_share_the_next_run_and_get_their_own_answers() -> None:
    runs = Runs()
    texts = [f"text {n}" for n in range(5)]

    answers = ask_while_the_first_runs(runs, [(text, PLAIN) for text in texts])

    assert runs.texts == [["first"], texts]
    assert [read_text(answer) for answer in answers] == texts


def test_a_run_has_a_largest_size_and_who_asked_first_is_first() -> None:
    runs = Runs()

    ask_while_the_first_runs(runs, [(f"{n}", PLAIN) for n in range(5)], max_batch=2)

    assert runs.texts == [["first"], ["0", "1"], ["2", "3"], ["4"]]


def test_texts_to_be_read_differently_never_share_a_run() -> None:
    runs = Runs()
    explained, narrow, sure = (
        ReadOptions(explain=True),
        ReadOptions(tasks=["intent"]),
        ReadOptions(precision={"intent": 0.95}),
    )

    ask_while_the_first_runs(
        runs,
        [("a", PLAIN), ("b", explained), ("c", narrow), ("d", sure), ("e", PLAIN), ("f", ReadOptions(explain=True))],
    )

    assert runs.texts == [["first"], ["a", "e"], ["b", "f"], ["c"], ["d"]]
    assert [wish["explain"] for wish in runs.wishes] == [False, False, True, False, False]
    assert runs.wishes[3]["tasks"] == ["intent"]
    assert runs.wishes[4]["precision"] == {"intent": 0.95}


def test_a_text_that_cannot_be_read_fails_alone() -> None:
    runs = Runs()

    good, bad, fine = ask_while_the_first_runs(runs, [("good", PLAIN), ("broken", PLAIN), ("fine", PLAIN)])

    assert isinstance(bad, BundleError)
    assert [read_text(good), read_text(fine)] == ["good", "fine"]


def test_who_gives_up_waiting_holds_nobody_up() -> None:
    runs = Runs()

    gone, answer = ask_while_the_first_runs(runs, [("gone", PLAIN), ("stays", PLAIN)], give_up=[0])

    assert isinstance(gone, asyncio.CancelledError)
    assert read_text(answer) == "stays"


def test_after_an_idle_moment_and_after_an_error_the_next_one_is_read() -> None:
    runs = Runs()
    runs.may_end.set()

    async def ask() -> str:
        reader = SharedReader(runs)
        with pytest.raises(BundleError):
            await reader.read(["broken"], PLAIN)
        await asyncio.sleep(0)
        return read_text(await reader.read(["good"], PLAIN))

    assert asyncio.run(ask()) == "good"


def test_there_are_as_many_runs_at_a_time_as_allowed_and_the_next_ones_share() -> None:
    runs = Runs()

    async def ask() -> None:
        reader = SharedReader(runs, n_runs=2)
        asked = []
        for n, text in enumerate("ab", 1):
            asked.append(asyncio.create_task(reader.read([text], PLAIN)))
            while len(runs.texts) < n:
                await asyncio.sleep(0)
        asked += [asyncio.create_task(reader.read([text], PLAIN)) for text in "cd"]
        await asyncio.sleep(0)
        runs.may_end.set()
        await asyncio.gather(*asked)

    asyncio.run(asyncio.wait_for(ask(), 20))

    assert runs.texts == [["a"], ["b"], ["c", "d"]]


def test_those_who_ask_at_the_same_moment_are_spread_over_all_free_runs() -> None:
    runs = Runs()

    async def ask() -> None:
        reader = SharedReader(runs, n_runs=2)
        asked = [asyncio.create_task(reader.read([text], PLAIN)) for text in "abcde"]
        while len(runs.texts) < 2:
            await asyncio.sleep(0)
        runs.may_end.set()
        await asyncio.gather(*asked)

    asyncio.run(asyncio.wait_for(ask(), 20))

    assert sorted(runs.texts) == [["a", "b", "c"], ["d", "e"]]


def test_a_batch_does_not_wait_for_the_run_of_others() -> None:
    runs = Runs()

    async def ask() -> list[Classification]:
        reader = SharedReader(runs)
        alone: Awaitable[Any] = asyncio.create_task(reader.read(["first"], PLAIN))
        while not runs.begun.is_set():
            await asyncio.sleep(0)
        many = asyncio.create_task(reader.read(["a", "b"], PLAIN))
        while len(runs.texts) < 2:
            await asyncio.sleep(0)
        runs.may_end.set()
        await alone
        return await many

    assert len(asyncio.run(asyncio.wait_for(ask(), 20))) == 2


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (lambda: BundleError("gone: I was charged twice"), 503, "model_unavailable"),
        (lambda: ValueError("I was charged twice"), 500, "internal_error"),
    ],
)
def test_what_the_classifier_raises_is_told_and_logged_without_the_text(
    house: House, error: Callable[[], Exception], status: int, code: str
) -> None:
    class Broken(WordClassifier):
        def classify(self, text: str, **_: Any) -> Classification:
            raise error()

    parts = replace(house.parts, journey=replace(house.journey, classifier=Broken()))
    headers = {"Authorization": f"Bearer {house.keys[Scope.CLASSIFY]}"}

    with capture_logs() as logs, TestClient(create_app(parts=parts), raise_server_exceptions=False) as client:
        answers = [
            client.post("/v1/classify", json=body, headers=headers)
            for body in ({"text": "I was charged twice"}, {"inputs": [{"text": "I was charged twice"}] * 2})
        ]

    for answer in answers:
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == code
        assert "charged" not in answer.text
    assert [entry["error"] for entry in logs if "error" in entry] == [type(error()).__name__] * 2
    assert "charged" not in str(logs)

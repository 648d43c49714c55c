"""A client of tactful's API.

    from tactful_client import Tactful

    with Tactful("http://127.0.0.1:8080", key) as tactful:
        print(tactful.classify({"text": "I was charged twice"})["intent"]["label"])

Every operation of the API is a method of its own name, typed; `AsyncTactful` is the same for asyncio.
"""

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, Self, cast

from tactful_client import shapes
from tactful_client.asking import TactfulError
from tactful_client.calls import AsyncCalls, Calls
from tactful_client.signing import SignatureError, verify

LINES = {"Content-Type": "application/jsonl"}


class Tactful(Calls):
    """The whole API, waiting for each answer. Use it in a `with`, or `close` it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def classify_many(
        self, items: Iterable[shapes.ClassifyItem], *, tasks: Iterable[str] = (), top_k: int = 3, explain: bool = False
    ) -> Iterator[shapes.ClassifiedOut | shapes.ItemErrorOut]:
        """Read as many texts as there are, one answer each, in order, while they come. At most 16 MiB of texts."""
        with self.http.stream("POST", "/v1/classify/stream", **_lines(items, tasks, top_k, explain)) as answer:
            if answer.status_code >= 400:
                raise TactfulError(answer.status_code, json.loads(answer.read()))
            for line in answer.iter_lines():
                yield cast(shapes.ClassifiedOut, json.loads(line))

    def events(self, *, after: str = "", types: Iterable[shapes.EventType] = ()) -> Iterator[shapes.PublicEventOut]:
        """What happened after an event, oldest first, page by page, until there is nothing new."""
        while True:
            page = self.list_events(after=after, type=list(types) or None, limit=200)
            yield from page["data"]
            after = page["next_cursor"] or after
            if not page["has_more"]:
                return


class AsyncTactful(AsyncCalls):
    """The whole API for asyncio. Use it in an `async with`, or `close` it."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def classify_many(
        self, items: Iterable[shapes.ClassifyItem], *, tasks: Iterable[str] = (), top_k: int = 3, explain: bool = False
    ) -> AsyncIterator[shapes.ClassifiedOut | shapes.ItemErrorOut]:
        """Read as many texts as there are, one answer each, in order, while they come. At most 16 MiB of texts."""
        async with self.http.stream("POST", "/v1/classify/stream", **_lines(items, tasks, top_k, explain)) as answer:
            if answer.status_code >= 400:
                raise TactfulError(answer.status_code, json.loads(await answer.aread()))
            async for line in answer.aiter_lines():
                yield cast(shapes.ClassifiedOut, json.loads(line))

    async def events(
        self, *, after: str = "", types: Iterable[shapes.EventType] = ()
    ) -> AsyncIterator[shapes.PublicEventOut]:
        """What happened after an event, oldest first, page by page, until there is nothing new."""
        while True:
            page = await self.list_events(after=after, type=list(types) or None, limit=200)
            for event in page["data"]:
                yield event
            after = page["next_cursor"] or after
            if not page["has_more"]:
                return


def _lines(items: Iterable[shapes.ClassifyItem], tasks: Iterable[str], top_k: int, explain: bool) -> dict[str, Any]:
    lines = "".join(json.dumps(item) + "\n" for item in items)
    query = {"task": list(tasks), "top_k": top_k, "explain": str(explain).lower()}
    return {"content": lines.encode(), "params": query, "headers": LINES}


__all__ = ["AsyncTactful", "SignatureError", "Tactful", "TactfulError", "shapes", "verify"]

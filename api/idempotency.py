"""Idempotency-Key: a request that comes again gets the answer of the first one, and has no second effect.

Source: draft-ietf-httpapi-idempotency-key-header-07. Keys belong to who asks; answers are kept for 24 hours. Only an
answer that tells of an effect is kept: what was refused is looked at anew.
"""

import hashlib
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access import OPEN, caller_of
from api.depends import Parts
from api.failures import Refusal
from api.reading import raw_body
from care.unit_of_work import KeptAnswer

LEASE_S, KEEP_S = 120.0, 86_400.0
"""How long a request may be under way, and how long its answer is kept."""

LONGEST_KEY = 255
LARGEST_ANSWER = 1_048_576
_METHODS = ("POST", "PATCH")
_KEPT_HEADERS = ("content-type", "etag", "location", "link")


class Idempotency:
    """Plain ASGI, around every route under /v1 that changes something."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_meant(scope):
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        key = _key_of(request)
        parts: Parts = request.app.state.parts
        owner = (await caller_of(request)).id
        body = await raw_body(request, limit=parts.max_body_bytes)
        asked = _digest(request, body)
        known = await run_in_threadpool(_begin, parts, owner, key, asked)
        if known is not None:
            await _replay(known, asked, send)
            return
        answer = _Answer()
        try:
            await self.app(scope, _again(body, receive), answer.take)
        except Exception:
            await run_in_threadpool(_drop, parts, owner, key)
            raise
        await run_in_threadpool(_keep, parts, owner, key, answer.kept(asked))
        for message in answer.messages:
            await send(message)


class _Answer:
    """An answer that is held back until it is kept: who sees it can rely on seeing it again."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def take(self, message: Message) -> None:
        self.messages.append(message)

    def kept(self, asked: str) -> KeptAnswer | None:
        """None where it tells of no effect, or is too large."""
        start = next(message for message in self.messages if message["type"] == "http.response.start")
        body = b"".join(message.get("body", b"") for message in self.messages)
        if not 200 <= start["status"] < 300 or len(body) > LARGEST_ANSWER:
            return None
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]}
        said = {name: headers[name] for name in _KEPT_HEADERS if name in headers}
        return KeptAnswer(asked, start["status"], said, body.decode())


def _is_meant(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] not in _METHODS:
        return False
    path = scope["path"]
    is_ours = path.startswith("/v1/") and path not in OPEN
    return is_ours and any(name == b"idempotency-key" for name, _ in scope["headers"])


def _key_of(request: Request) -> str:
    given = request.headers.getlist("idempotency-key")
    if len(given) != 1 or not 1 <= len(given[0]) <= LONGEST_KEY or not (given[0].isascii() and given[0].isprintable()):
        said = f"An Idempotency-Key is 1 to {LONGEST_KEY} printable ASCII characters, sent once."
        raise Refusal("invalid_request", detail=said)
    return given[0]


def _digest(request: Request, body: bytes) -> str:
    asked = f"{request.method} {request.scope['path']}?".encode() + request.scope.get("query_string", b"")
    return hashlib.sha256(asked + b"\n" + body).hexdigest()


def _again(body: bytes, receive: Receive) -> Receive:
    """What the route receives: the body once, and then whatever comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message


async def _replay(known: KeptAnswer, asked: str, send: Send) -> None:
    if known.request != asked:
        raise Refusal("idempotency_mismatch")
    if known.status is None:
        raise Refusal("idempotency_in_progress", headers={"Retry-After": "1"})
    body = known.body.encode()
    headers: dict[str, Any] = {**known.headers, "idempotent-replayed": "true", "content-length": str(len(body))}
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": known.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


def _begin(parts: Parts, owner: str, key: str, asked: str) -> KeptAnswer | None:
    with parts.store() as work:
        return work.answers.begin(owner, key, request=asked, lease_s=LEASE_S)


def _keep(parts: Parts, owner: str, key: str, answer: KeptAnswer | None) -> None:
    with parts.store() as work:
        if answer is None:
            work.answers.drop(owner, key)
        else:
            work.answers.keep(owner, key, answer, keep_s=KEEP_S)


def _drop(parts: Parts, owner: str, key: str) -> None:
    _keep(parts, owner, key, None)

"""How the API is asked: one request, tried again where that is safe, and its problem as an error."""

import asyncio
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx2

TRIES = 3
"""Of one request in all; after the first only where it can have had no effect or has an Idempotency-Key."""
LONGEST_WAIT_S = 30.0
LATER = frozenset({429, 503})


class TactfulError(Exception):
    """A request that was refused. code: of the problem, such as `not_found`; errors: where it is wrong, by pointer."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code", ""))
        self.detail = str(problem.get("detail", ""))
        self.errors: list[dict[str, Any]] = list(problem.get("errors", ()))
        self.request_id = str(problem.get("request_id", ""))
        wrong = "; ".join(f"{error.get('pointer', '')}: {error.get('detail', '')}" for error in self.errors)
        super().__init__(f"{status} {self.code}: {self.detail}{f' ({wrong})' if wrong else ''}")


class _Request:
    """One request as it is sent, and what its answer means."""

    def __init__(
        self,
        method: str,
        path: str,
        body: object = None,
        query: Mapping[str, Any] | None = None,
        if_match: str | None = None,
    ) -> None:
        self.headers: dict[str, str] = {"If-Match": if_match} if if_match is not None else {}
        if method in ("POST", "PATCH") and path.startswith("/v1/"):
            # The same key on every try: whatever comes twice has one effect.
            self.headers["Idempotency-Key"] = secrets.token_hex(16)
        self.query = {name: value for name, value in (query or {}).items() if value is not None}
        self.more: dict[str, Any] = {} if body is None else {"json": body}

    def wait_s(self, answer: httpx2.Response | None, attempt: int) -> float | None:
        """Seconds until the next try; None where there is none."""
        if attempt >= TRIES or (answer is not None and answer.status_code not in LATER):
            return None
        told = "" if answer is None else answer.headers.get("retry-after", "")
        wait_s = float(told) if told.isdigit() else 0.5 * 2**attempt
        return wait_s if wait_s <= LONGEST_WAIT_S else None

    @staticmethod
    def read(answer: httpx2.Response) -> Any:
        """The answer's JSON, its words where it has none, None where it is empty. Raises TactfulError."""
        is_json = "json" in answer.headers.get("content-type", "")
        if answer.status_code >= 400:
            raise TactfulError(answer.status_code, answer.json() if is_json else {"detail": answer.text[:200]})
        if answer.status_code == 204:
            return None
        return answer.json() if is_json else answer.text


def _part(value: str) -> str:
    return quote(value, safe="")


def _settings(key: str, timeout_s: float) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {key}", "User-Agent": "tactful-client"}
    return {"headers": headers, "timeout": timeout_s, "follow_redirects": False}


class Asking:
    """Waits for each answer. url: of the service; key: a service key, `tk_live_...` or `tk_test_...`."""

    part = staticmethod(_part)

    def __init__(self, url: str, key: str, *, timeout_s: float = 30.0) -> None:
        self.http = httpx2.Client(base_url=url, **_settings(key, timeout_s))

    def ask(self, method: str, path: str, **given: Any) -> Any:
        """One request. Raises TactfulError where it is refused, httpx2.TransportError where nobody answers."""
        request = _Request(method, path, **given)
        for attempt in range(1, TRIES + 1):
            answer = None
            try:
                answer = self.http.request(method, path, params=request.query, headers=request.headers, **request.more)
            except httpx2.TransportError:
                if attempt == TRIES:
                    raise
            wait_s = request.wait_s(answer, attempt)
            if answer is not None and wait_s is None:
                return request.read(answer)
            time.sleep(wait_s or 0)
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        self.http.close()


class AsyncAsking:
    """The same for asyncio."""

    part = staticmethod(_part)

    def __init__(self, url: str, key: str, *, timeout_s: float = 30.0) -> None:
        self.http = httpx2.AsyncClient(base_url=url, **_settings(key, timeout_s))

    async def ask(self, method: str, path: str, **given: Any) -> Any:
        """One request. Raises TactfulError where it is refused, httpx2.TransportError where nobody answers."""
        request = _Request(method, path, **given)
        for attempt in range(1, TRIES + 1):
            answer = None
            try:
                answer = await self.http.request(
                    method, path, params=request.query, headers=request.headers, **request.more
                )
            except httpx2.TransportError:
                if attempt == TRIES:
                    raise
            wait_s = request.wait_s(answer, attempt)
            if answer is not None and wait_s is None:
                return request.read(answer)
            await asyncio.sleep(wait_s or 0)
        raise AssertionError("the last try returns or raises")

    async def close(self) -> None:
        await self.http.aclose()

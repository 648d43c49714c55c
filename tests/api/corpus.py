"""Bad input, as data: what is sent by whom, and which answers are right. Rows B1 to B100 of the threat model, expanded.

Whatever takes a JSON body, an id or a query gets all that is wrong with bodies, ids or queries, so that a new route is
in the corpus from its first day.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi.routing import APIRoute

from api.app import machine_routes
from api.openapi import EXAMPLES, calls_of
from api.reading import DEPTH_MAX, JsonBody

CANARY = "4111111111111111"
JSON = {"Content-Type": "application/json"}
STREAM = "/v1/events/stream"
"""It would go on for ever; tests/api/test_events.py listens to it."""


@dataclass(frozen=True)
class Case:
    """One request. who: `admin` has a session, `key` every scope, `anyone` nothing. statuses: those that are right."""

    id: str
    method: str
    path: str
    statuses: frozenset[int]
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    who: str = "admin"


def nested(levels: int) -> bytes:
    return b'{"text":' + b"[" * levels + b"]" * levels + b"}"


def with_member(example: bytes, member: bytes) -> bytes:
    return b"{" + member + (b"," if example != b"{}" else b"") + example[1:]


BODIES: dict[str, tuple[Callable[[bytes], bytes], int]] = {
    "B1-empty": (lambda _: b"", 400),
    **{f"B2-{word}": (lambda _, word=word: word.encode(), 422) for word in ("null", "[]", '"x"', "1", "true")},  # type: ignore[misc]
    "B3-truncated": (lambda example: example[:-1], 400),
    "B3-in-a-string": (lambda _: b'{"text":"a', 400),
    "B4-trailing-comma": (lambda example: with_member(example, b'"text":"a",')[:-1] + b",}", 400),
    "B4-comment": (lambda example: example + b" // hi", 400),
    "B4-single-quotes": (lambda _: b"{'text':'a'}", 400),
    "B5-two-documents": (lambda example: example + example, 400),
    "B6-named-twice": (lambda example: with_member(example, b'"zz":1,"zz":2'), 400),
    "B7-unknown": (lambda example: with_member(example, b'"is_admin":true'), 422),
    "B7-of-a-row": (lambda example: with_member(example, b'"approver":"per_1","received_at":"now"'), 422),
    "B7-canary": (lambda example: with_member(example, f'"{CANARY}":"{CANARY}"'.encode()), 422),
    "B8-deep": (lambda _: nested(DEPTH_MAX + 1), 400),
    "B8-very-deep": (lambda _: nested(100_000), 400),
    "B10-nan": (lambda example: with_member(example, b'"zz":NaN'), 400),
    "B10-infinity": (lambda example: with_member(example, b'"zz":-Infinity'), 400),
    "B11-1e999": (lambda example: with_member(example, b'"zz":1e999'), 422),
    "B12-digits": (lambda example: with_member(example, b'"zz":' + b"9" * 5000), 422),
    "B12-2^63": (lambda example: with_member(example, b'"zz":9223372036854775808'), 422),
    "B21-ff": (lambda example: with_member(example, b'"zz":"\xff\xfe"'), 400),
    "B21-overlong": (lambda example: with_member(example, b'"zz":"\xc0\xaf"'), 400),
    "B19-utf-16": (lambda example: example.decode().encode("utf-16"), 400),
    "B24-surrogate": (lambda example: with_member(example, b'"zz":"\\udfff"'), 422),
    "B24-as-a-key": (lambda example: with_member(example, b'"\\ud800":1'), 422),
    "B26-nul": (lambda example: with_member(example, b'"zz":"a\\u0000b"'), 422),
}
"""Name -> what is sent in place of a good body, and the status."""

KINDS: dict[str, tuple[dict[str, str], int]] = {
    "B13-gzip": (JSON | {"Content-Encoding": "gzip"}, 415),
    "B14-br": (JSON | {"Content-Encoding": "br"}, 415),
    "B18-text": ({"Content-Type": "text/plain"}, 415),
    "B18-none": ({}, 415),
    "B18-form": ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "B19-charset": ({"Content-Type": "application/json; charset=utf-16"}, 415),
    "B59-multipart": ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
    "B60-xml": ({"Content-Type": "application/xml"}, 415),
}
"""Name -> headers beside a good body, and the status."""

IDS = {
    "B53-long": "a" * 257,
    "B53-dots": "..%2F..%2Fetc",
    "B53-nul": "%00",
    "B53-blank": "%20",
    "B53-emoji": quote("😀"),
    "B53-sql": quote("' OR 1=1 --"),
    "B53-template": quote("{{7*7}}"),
    "B54-parameter": "x;jsessionid=1",
    "B21-not-utf-8": "%FF%FE",
    "B31-override": quote("a\u202eb"),
    "canary": CANARY,
}
NOT_THERE = frozenset({400, 404, 405, 422})

QUERIES = {
    "B49-sql": quote("' OR 1=1 --"),
    "B49-like": quote("%_\\"),
    "B50-operator": quote('{"$ne":1}'),
    "B51-negative": "-1",
    "B51-huge": "1" + "0" * 40,
    "B52-end-of-time": "9999-12-31T23:59:60Z",
    "B52-year-0": "0000-01-01",
    "B11-1e999": "1e999",
    "B22-not-utf-8": "%FF%FE",
    "B26-nul": "a%00b",
    "B29-empty": "",
    "B34-long": "a" * 5_000,
    "B46-script": quote("<script>alert(1)</script>"),
}
TOLD = frozenset({200, 400, 404, 422})

TIMES = {
    "year-0": "0000-01-01T00:00:00Z",
    "leap": "9999-12-31T23:59:60Z",
    "zone": "2026-01-01T00:00:00+25:00",
    "no-zone": "2026-01-01T00:00:00",
    "number": 1767225600,
    "2^53": 2**53,
    "words": "yesterday",
    "empty": "",
    "date": "2026-01-01",
    "month-13": "2026-13-01T00:00:00Z",
}


def corpus() -> Iterator[Case]:
    """Every case; ids are unique."""
    for route in machine_routes():
        if route.path == STREAM or not route.include_in_schema:
            continue
        yield from of_bodies(route)
        yield from of_ids(route)
        yield from of_queries(route)
        yield from of_methods(route)
    yield from of_times()
    yield from of_keys()
    yield from of_idempotency_keys()
    yield from of_addresses()


def filled(path: str) -> str:
    return path.replace("{task}", "intent").replace("{", "").replace("}", "")


def of_bodies(route: APIRoute) -> Iterator[Case]:
    if not any(isinstance(call, JsonBody) for call in calls_of(route.dependant)):
        return
    [method] = route.methods
    example = json.dumps(next(iter(EXAMPLES[route.name].values()))).encode()
    extra = (("If-Match", '"1"'),)
    for name, (make, status) in BODIES.items():
        right = frozenset({status, *also_right(route, name)})
        yield Case(f"{route.name}/{name}", method, filled(route.path), right, make(example), (*JSON.items(), *extra))
    for name, (headers, status) in KINDS.items():
        body = gzip.compress(example) if "gzip" in name else example
        sent = (*headers.items(), *extra)
        yield Case(f"{route.name}/{name}", method, filled(route.path), frozenset({status}), body, sent)


def also_right(route: APIRoute, name: str) -> set[int]:
    if not route.path.startswith("/v1/") and name.startswith("B7"):
        # A client of somebody else's shape sends what its version knows.
        return {200}
    # What a stranger may send is smaller.
    return {413} if route.name == "start_session" and name == "B8-very-deep" else set()


def of_ids(route: APIRoute) -> Iterator[Case]:
    if "{" not in route.path:
        return
    [method] = route.methods
    example = next(iter(EXAMPLES.get(route.name, {"": {}}).values()))
    for name, id in IDS.items():
        path = "/".join(id if part.startswith("{") else part for part in route.path.split("/"))
        statuses = NOT_THERE | ({401} if route.path.startswith("/inbox") else set())
        sent = (*JSON.items(), ("If-Match", '"1"'))
        yield Case(f"{route.name}/id/{name}", method, path, statuses, json.dumps(example).encode(), sent)


def of_queries(route: APIRoute) -> Iterator[Case]:
    if route.methods != {"GET"}:
        return
    names = [field.alias for field in route.dependant.query_params]
    for dependant in route.dependant.dependencies:
        names += [field.alias for field in dependant.query_params]
    for name in dict.fromkeys(names):
        for kind, value in QUERIES.items():
            yield Case(f"{route.name}/{name}/{kind}", "GET", f"{filled(route.path)}?{name}={value}", TOLD)
        if name != "type" and name != "include":
            path = f"{filled(route.path)}?{name}=a&{name}=b"
            yield Case(f"{route.name}/{name}/B50-twice", "GET", path, frozenset({404, 422}))
    yield Case(f"{route.name}/B50-unknown", "GET", f"{filled(route.path)}?{CANARY}=1", frozenset({422}))


def of_methods(route: APIRoute) -> Iterator[Case]:
    for method in ("TRACE", "BREW"):
        headers = (("X-HTTP-Method-Override", "GET"),)
        yield Case(f"{route.name}/{method}/B55", method, filled(route.path), frozenset({405}), headers=headers)


def of_times() -> Iterator[Case]:
    for name, value in TIMES.items():
        message: dict[str, Any] = {"id": name, "author": {"handle": "kim"}, "text": "a", "written_at": value}
        body = json.dumps(message).encode()
        yield Case(f"B52-written-at-{name}", "POST", "/v1/messages", frozenset({422}), body, (*JSON.items(),))
        until = json.dumps({"until": value}).encode()
        yield Case(f"B52-until-{name}", "POST", "/v1/cases/x/snooze", frozenset({422}), until, (*JSON.items(),))


def of_keys() -> Iterator[Case]:
    shapes = {
        "empty": "Bearer ",
        "basic": "Basic YTpi",
        "prefix": "Bearer sk_live_" + "a" * 38,
        "no-checksum": "Bearer tk_live_" + "a" * 38,
        "test": "Bearer tk_test_" + "a" * 38,
        "long": "Bearer " + "a" * 5_000,
        "two": "Bearer a, Bearer b",
        "quoted": 'Bearer "tk_live_a"',
        "digest": 'Digest username="a"',
        "tab": "Bearer\ttk_live_a",
    }
    for name, value in shapes.items():
        headers = (("Authorization", value),)
        yield Case(f"B93-{name}", "GET", "/v1/cases", frozenset({401}), headers=headers, who="anyone")
    for name in ("key", "api_key", "access_token", "x=tk_live_abc"):
        yield Case(f"B93-in-address-{name}", "GET", f"/v1/cases?{name}=1", frozenset({400}), who="anyone")
    for name, cookie in {"long": "a" * 8_000, "tampered": "abc.def", "two": "a; tactful_session=b"}.items():
        headers = (("Cookie", f"tactful_session={cookie}"),)
        yield Case(f"B92-{name}", "GET", "/v1/cases", frozenset({401}), headers=headers, who="anyone")


def of_idempotency_keys() -> Iterator[Case]:
    body = json.dumps(EXAMPLES["hand_in_message"]["a message"]).encode()
    for name, value, right in (
        ("empty", "", frozenset({400, 422})),
        ("long", "a" * 256, frozenset({400, 422})),
    ):
        headers = (*JSON.items(), ("Idempotency-Key", value))
        yield Case(f"B90-{name}", "POST", "/v1/messages", right, body, headers, who="key")


def of_addresses() -> Iterator[Case]:
    for n, path in enumerate(
        ("/v1//cases", "/v1/cases/", "/v1/cases;a=1", "/v1/cases.", "/v1/nowhere", "/v1/%2e%2e/settings")
    ):
        yield Case(f"B54-{n}", "GET", path, frozenset({404}))
    for n, path in enumerate(("/v1/cases?search=%", "/v1/cases?%FF=1", "/v1/cases?limit")):
        yield Case(f"B22-{n}", "GET", path, frozenset({200, 400, 422}))

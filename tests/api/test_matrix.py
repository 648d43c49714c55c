"""The security matrix: every operation of the OpenAPI document, by every caller, on what is there and what is not."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from api.app import create_app, machine_routes
from api.openapi import EXAMPLES
from care.access import Role, Scope
from care.people import digest, switch_person
from care.service_keys import make_key
from care.telling import Wanted
from tests.api.conftest import House, sign_in
from tests.api.corpus import JSON, STREAM
from tests.api.matrix import RANK, ROWS, Row

OPERATIONS = {route.name: route for route in machine_routes() if route.include_in_schema}
NO_ONE = {"stranger", "revoked key", "key past its end", "ended session"}


@dataclass(frozen=True)
class Caller:
    """Who asks, with what they bring. scopes: of a key; role: of a person."""

    name: str
    headers: dict[str, str]
    cookies: dict[str, str]
    scopes: frozenset[str] = frozenset()
    role: Role | None = None


def may(caller: Caller, row: Row) -> bool:
    if row.is_open:
        return True
    if caller.role is not None:
        return row.role is not None and RANK.index(caller.role) >= RANK.index(row.role)
    return row.scope in caller.scopes


@pytest.fixture
def callers(anyone: TestClient, house: House) -> list[Caller]:
    """Every kind of caller, the ones who are turned away too."""
    made = [Caller("stranger", {}, {})]
    for name in [*Scope, "all"]:
        scopes = frozenset(Scope) if name == "all" else frozenset({str(name)})
        made.append(Caller(f"key {name}", {"Authorization": f"Bearer {house.keys[name]}"}, {}, scopes))
    with house.store() as work:
        past, _ = make_key(
            work, "past", list(Scope), now=house.clock(), expires_at=house.clock() + timedelta(seconds=1)
        )
        revoked, _ = make_key(work, "revoked", list(Scope), now=house.clock())
        kept_key = work.access.key(digest(revoked))
        assert kept_key is not None
        work.access.revoke_key(kept_key.id, at=house.clock())
    house.clock.move(5)
    made += [
        Caller("key past its end", {"Authorization": f"Bearer {past}"}, {}),
        Caller("revoked key", {"Authorization": f"Bearer {revoked}"}, {}),
    ]
    for role in RANK:
        headers = {"X-CSRF-Token": sign_in(anyone, role), "Origin": "http://testserver"}
        made.append(Caller(f"person {role}", headers, dict(anyone.cookies), role=role))
        anyone.cookies.clear()
    headers = {"X-CSRF-Token": sign_in(anyone, "admin"), "Origin": "http://testserver"}
    made.append(Caller("ended session", headers, dict(anyone.cookies)))
    anyone.delete("/v1/session", headers=headers)
    anyone.cookies.clear()
    return made


@pytest.fixture
def things(house: House, anyone: TestClient) -> dict[str, str]:
    """By the name of an id in a path, something that is there."""
    message_id = house.say("where is my order AB-10442")
    with house.store() as work:
        customer_id = work.cases.get(house.case(message_id)).customer_id
    endpoint = house.parts.endpoints.add(Wanted(url="http://127.0.0.1:9/hook"), by="per_1")
    return {
        "message_id": message_id,
        "case_id": house.case(message_id),
        "suggestion_id": house.suggestion(message_id).id,
        "customer_id": customer_id,
        "webhook_id": endpoint.id,
    }


def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    assert set(ROWS) == set(OPERATIONS)


def test_the_document_says_of_every_operation_what_its_row_says() -> None:
    told = {
        operation["operationId"]: operation["security"]
        for methods in create_app().openapi()["paths"].values()
        for operation in methods.values()
    }
    for name, row in ROWS.items():
        key = next((scheme["key"] for scheme in told[name] if "key" in scheme), [])
        names = {scheme for each in told[name] for scheme in each}
        assert (key, "session" in names, "signature" in names) == (
            [row.scope] if row.scope else [],
            row.role is not None,
            row.is_signed,
        ), name


def asked(name: str, things: dict[str, str]) -> tuple[str, str, bytes]:
    """Method, path with what is there, and a good body of an operation."""
    route = OPERATIONS[name]
    [method] = route.methods
    path = "/".join(things.get(part.strip("{}"), part.strip("{}")) for part in route.path.split("/"))
    example = next(iter(EXAMPLES.get(name, {"": ""}).values()))
    body = example if isinstance(example, str) else json.dumps(example)
    return method, path.replace("/task", "/intent"), body.encode()


def matrix(callers: list[Caller], is_let_in: bool) -> Iterator[tuple[Caller, str]]:
    # What ends a session comes last.
    for name, row in sorted(ROWS.items(), key=lambda item: item[0] == "end_session"):
        if OPERATIONS[name].path == STREAM and is_let_in:
            continue
        for caller in callers:
            if not row.is_signed and may(caller, row) == is_let_in:
                yield caller, name


def answers(
    anyone: TestClient, cells: Iterator[tuple[Caller, str]], things: dict[str, str]
) -> Iterator[tuple[str, str, int, str]]:
    for caller, name in cells:
        method, path, body = asked(name, things)
        kind = {"Content-Type": "application/jsonl"} if name == "classify_stream" else JSON
        anyone.cookies.clear()
        anyone.cookies.update(caller.cookies)
        answer = anyone.request(method, path, content=body, headers={**caller.headers, **kind, "If-Match": '"0"'})
        yield caller.name, name, answer.status_code, answer.json()["code"] if answer.status_code >= 400 else ""


def test_who_may_not_is_refused_whether_it_is_there_or_not(
    anyone: TestClient, house: House, callers: list[Caller], things: dict[str, str]
) -> None:
    cells = list(matrix(callers, is_let_in=False))
    there = [(caller, name) for caller, name in cells if caller.name not in NO_ONE and "{" in OPERATIONS[name].path]
    for ids, asking in (({}, cells), (things, there)):
        for caller, name, status, code in answers(anyone, iter(asking), ids):
            expected = 401 if caller in NO_ONE else 403
            assert status == expected, (caller, name, status, code)
            assert code in ("unauthenticated", "forbidden_scope", "needs_person"), (caller, name, code)


def test_who_may_is_let_in(anyone: TestClient, house: House, callers: list[Caller], things: dict[str, str]) -> None:
    refused = [
        (caller, name, status)
        for caller, name, status, _ in answers(anyone, matrix(callers, is_let_in=True), {})
        if status in (401, 403) and name != "start_session"
    ]

    assert refused == []


def test_nothing_changes_by_get_and_no_other_origin_is_let_in(
    anyone: TestClient, house: House, things: dict[str, str]
) -> None:
    sign_in(anyone, "admin")
    with house.store() as work:
        before = work.trail.last()

    for name, route in OPERATIONS.items():
        if route.methods == {"GET"} and route.path != STREAM:
            _, path, _ = asked(name, things)
            answer = anyone.get(path, headers={"Origin": "https://evil.example"})
            assert "access-control-allow-origin" not in answer.headers, name

    with house.store() as work:
        assert work.trail.last() == before


def test_what_is_another_ones_and_what_is_not_there_are_one_answer(anyone: TestClient, house: House) -> None:
    mine = {"X-CSRF-Token": sign_in(anyone, "supervisor"), "Origin": "http://testserver"}
    view = anyone.post("/v1/views", json={"name": "Mine", "view": "all"}, headers=mine).json()["id"]
    case_id = house.case(house.say("where is my parcel"))
    wish = {"act": "assign", "cases": [{"id": case_id}], "to": house.people["supervisor"].id}
    act = anyone.post("/v1/bulk", json=wish, headers=mine).json()
    anyone.cookies.clear()
    other = {"X-CSRF-Token": sign_in(anyone, "agent"), "Origin": "http://testserver"}

    def said(method: str, path: str) -> tuple[int, str]:
        answer = anyone.request(method, path, headers=other)
        return answer.status_code, answer.json()["code"]

    assert said("DELETE", f"/v1/views/{view}") == said("DELETE", "/v1/views/viw_nowhere") == (404, "not_found")
    undo = act["undo"]
    assert said("POST", f"/v1/bulk/{undo}/undo") == said("POST", "/v1/bulk/999999/undo") == (404, "not_found")
    assert view not in anyone.get("/v1/views", headers=other).text


def test_a_person_who_is_kept_out_is_a_stranger_at_once(anyone: TestClient, house: House) -> None:
    sign_in(anyone, "supervisor")
    with house.store() as work:
        switch_person(work, house.people["supervisor"].id, is_active=False, by="test")

    assert {anyone.get(path).status_code for path in ("/v1/cases", "/v1/session", "/v1/plan")} == {401}

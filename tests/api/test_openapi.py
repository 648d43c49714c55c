"""The OpenAPI document says what the service does: every answer typed, every gate and body told, every example runs."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.access import OPEN
from api.app import addresses, create_app, machine_routes
from api.openapi import BODIES, EXAMPLES, calls_of
from api.reading import JsonBody, shaped
from cli.main import app
from tests.api.conftest import House, sign_in

SNAPSHOT = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app().openapi()


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_it_has_every_route_that_machines_use(document: dict[str, Any]) -> None:
    machines = ("/v1", "/v2", "/hf", "/openai/", "/inbox", "/health", "/metrics")

    assert set(document["paths"]) == {path for _, path in addresses() if path.startswith(machines)}


def test_every_answer_is_typed(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        good = {status: response for status, response in operation["responses"].items() if status.startswith("2")}
        assert good, (method, path)
        for status, answer in good.items():
            if status == "204":
                continue
            for content in answer["content"].values():
                schema = content.get("schema") or content["itemSchema"]
                typed = "$ref" in schema or schema.get("type") == "string"
                assert typed or all("$ref" in choice for choice in schema["anyOf"]), (method, path, schema)


def test_no_shape_is_a_bare_object_but_facts_and_all_that_is_kept_of_a_customer(document: dict[str, Any]) -> None:
    bare = {
        f"{name}.{field}"
        for name, shape in document["components"]["schemas"].items()
        for field, schema in shape.get("properties", {}).items()
        if name.endswith("Out") and schema.get("type") == "object" and schema.get("additionalProperties") is True
    }

    assert bare == {"EventOut.facts", "CustomerDataOut.data"}


def test_every_operation_says_who_may_call_it(document: dict[str, Any]) -> None:
    schemes = set(document["components"]["securitySchemes"])

    for method, path, operation in operations(document):
        told = operation["security"]
        assert {name for scheme in told for name in scheme} <= schemes
        is_open = path in OPEN and not path.startswith("/inbox") and (method, path) not in PERSON_AT_AN_OPEN_PATH
        assert (told == []) == is_open, (method, path)


PERSON_AT_AN_OPEN_PATH = {("get", "/v1/session"), ("delete", "/v1/session")}


def test_every_operation_declares_its_problems(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        told = operation["responses"]
        for status in {"400", "422", "500", "default"} | ({"401"} if operation["security"] else set()):
            name = told[status]["$ref"].rpartition("/")[2]
            assert "application/problem+json" in document["components"]["responses"][name]["content"], (path, status)


def test_every_body_has_examples_that_fit_it() -> None:
    for route in machine_routes():
        for call in calls_of(route.dependant):
            if isinstance(call, BODIES):
                assert EXAMPLES[route.name], route.name
            if isinstance(call, JsonBody):
                assert [shaped(call.shape, example) for example in EXAMPLES[route.name].values()]


def test_every_example_is_taken_by_the_service(anyone: TestClient, house: House, document: dict[str, Any]) -> None:
    csrf = sign_in(anyone, "admin")

    for method, path, operation in operations(document):
        ((kind, told),) = list(operation.get("requestBody", {"content": {"": {}}})["content"].items())[:1]
        for example in told.get("examples", {}).values():
            if path in ("/v1/session", "/inbox/{channel}", "/inbox/{channel}/receipts"):
                continue
            raw = example["value"] if isinstance(example["value"], str) else json.dumps(example["value"])
            headers = {"Content-Type": kind, "X-CSRF-Token": csrf, "If-Match": '"1"'}
            answer = anyone.request(method, path.replace("{", "").replace("}", ""), content=raw, headers=headers)
            # The ids are made up, and this house has no such team; the body itself is looked at first.
            assert answer.status_code in (200, 201, 202, 404, 422), (path, answer.text)
            assert "errors" not in (answer.json() if kind == "application/json" else {}), (path, answer.text)


def test_the_snapshot_in_the_repository_is_the_document_that_is_served(document: dict[str, Any]) -> None:
    assert json.loads(SNAPSHOT.read_text("utf-8")) == document, "run `make openapi` and look at what changed"


def test_a_command_prints_it(document: dict[str, Any]) -> None:
    printed = CliRunner().invoke(app, ["openapi"])

    assert printed.exit_code == 0
    assert json.loads(printed.stdout) == document

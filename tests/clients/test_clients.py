"""The clients are made from the API's own document, and do against a running service what they say."""

import ast
import asyncio
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from channels.http import new_secret, signed_headers
from clients.generate import BY_HAND, DOCUMENT, files, operations
from tests.api.conftest import House

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def package() -> Iterator[Any]:
    """The Python client, as who installed it alone imports it."""
    sys.path.insert(0, str(ROOT / "clients" / "python"))
    import tactful_client

    yield tactful_client
    sys.path.remove(str(ROOT / "clients" / "python"))


def test_what_is_generated_is_what_the_document_says() -> None:
    stale = [str(path.relative_to(ROOT)) for path, text in files().items() if path.read_text("utf-8") != text]

    assert stale == [], "run `make openapi` and look at what changed"


def test_every_operation_is_a_method_of_both_clients_or_written_by_hand(package: Any) -> None:
    document = json.loads(DOCUMENT.read_text("utf-8"))
    names = {operation["operationId"] for _, _, operation in operations(document)} - set(BY_HAND)

    for client in (package.Tactful, package.AsyncTactful):
        assert [name for name in names if not callable(getattr(client, name, None))] == []


def test_it_needs_nothing_of_the_service() -> None:
    for path in (ROOT / "clients" / "python" / "tactful_client").glob("*.py"):
        roots = {
            (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else node.names[0].name.split(".")[0]
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        assert roots <= {*sys.stdlib_module_names, "httpx2", "tactful_client"}, path.name


def test_the_declarations_name_every_shape_that_they_use() -> None:
    text = (ROOT / "clients" / "typescript" / "tactful.d.ts").read_text("utf-8")
    declared = set(re.findall(r"^export (?:interface|type) (\w+)", text, re.MULTILINE))
    used = set(re.findall(r"\b[A-Z]\w*(?:In|Out|Item|Options|Part)\b", re.sub(r'"[^"]*"', "", text)))

    assert used <= declared


def test_the_waiting_client_asks_and_reads(package: Any, served: House) -> None:
    with package.Tactful(served.parts.public_url, served.keys["all"]) as tactful:
        read = tactful.classify({"text": "I was charged twice"})
        many = list(tactful.classify_many([{"id": "a", "text": "my parcel"}, {"id": "b", "text": "I love it"}]))
        kept = tactful.hand_in_message({"id": "t-1", "author": {"handle": "kim"}, "text": "where is my order"})
        page = tactful.list_messages(limit=1)
        events = list(tactful.events(types=["message.received"]))

    assert read["intent"]["label"] == "billing_problem"
    assert [(each["input_id"], each["intent"]["label"]) for each in many] == [
        ("a", "delivery_problem"),
        ("b", "praise"),
    ]
    assert page["data"][0]["id"] == kept["id"] == events[-1]["data"]["message_id"]


def test_the_async_client_does_the_same(package: Any, served: House) -> None:
    async def ask() -> tuple[Any, list[Any], Any]:
        async with package.AsyncTactful(served.parts.public_url, served.keys["all"]) as tactful:
            read = await tactful.classify({"text": "I was charged twice"})
            many = [each async for each in tactful.classify_many([{"id": "a", "text": "my parcel"}])]
            return read, many, await tactful.list_cases(view="all")

    read, many, cases = asyncio.run(ask())

    assert read["intent"]["label"] == "billing_problem"
    assert many[0]["input_id"] == "a"
    assert cases["data"] == []


def test_a_refusal_is_an_error_that_says_where(package: Any, served: House) -> None:
    with package.Tactful(served.parts.public_url, served.keys["all"]) as tactful:
        with pytest.raises(package.TactfulError) as refused:
            tactful.classify({"text": "a", "options": {"top_k": 0}})
        with pytest.raises(package.TactfulError, match="not_found"):
            tactful.get_case("../../v1/cases")

    assert (refused.value.status, refused.value.code) == (422, "validation_failed")
    assert refused.value.errors[0]["pointer"] == "/options/top_k"
    assert refused.value.request_id.startswith("req_")


def test_what_is_refused_for_now_is_asked_again_with_the_same_key(package: Any) -> None:
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread

    keys: list[str | None] = []

    class Busy(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            keys.append(self.headers["Idempotency-Key"])
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(503 if len(keys) == 1 else 200)
            self.send_header("Retry-After", "0")
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Busy)
    Thread(target=server.serve_forever, daemon=True).start()
    with package.Tactful(f"http://127.0.0.1:{server.server_port}", "tk_live_a") as tactful:
        assert tactful.check_tone({"text": "a", "channel": "x"}) == {}
    server.shutdown()
    server.server_close()

    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert keys[0]


def test_a_webhook_of_ours_is_known_and_no_other(package: Any) -> None:
    from datetime import UTC, datetime

    secret, body = new_secret(), b'{"type":"reply.sent","data":{}}'
    headers = signed_headers(new_secret(), secret, id="evt_1", body=body, at=datetime.now(UTC))

    assert package.verify(body, headers, secret)["type"] == "reply.sent"
    for forged in ((body + b" ", headers, secret), (body, headers, new_secret()), (body, {}, secret)):
        with pytest.raises(package.SignatureError):
            package.verify(*forged)


def test_the_declarations_are_read_by_typescript(tmp_path: Path) -> None:
    compiler = shutil.which("tsc")
    if compiler is None:
        pytest.skip("tsc is not installed")
    declared = ROOT / "clients" / "typescript" / "tactful.d.ts"
    said = subprocess.run([compiler, "--strict", "--noEmit", declared], capture_output=True, text=True, check=False)

    assert said.returncode == 0, said.stdout

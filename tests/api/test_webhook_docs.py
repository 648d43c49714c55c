"""The snippets of docs/webhooks.md do what the page says, on a request that was really signed by us."""

import base64
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from standardwebhooks import WebhookVerificationError

from care.events import RULES, EventType
from channels.http import new_secret, signed_headers
from tests.api.conftest import House
from tests.snippets import snippets_of

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text("utf-8")
BODY = '{"type":"reply.sent","data":{"note":"Grüße, 100 %"}}'


@pytest.fixture
def secret() -> str:
    return new_secret()


@pytest.fixture
def headers(secret: str) -> dict[str, str]:
    return signed_headers(new_secret(), secret, id="evt_1", body=BODY.encode(), at=datetime.now(UTC))


def test_the_python_snippets_accept_what_we_sign_and_nothing_else(secret: str, headers: dict[str, str]) -> None:
    known: dict[str, Any] = {"secret": secret}
    for snippet in snippets_of(PAGE, "python"):
        exec(snippet, known)

    assert known["take"](BODY.encode(), headers) == json.loads(BODY)
    assert known["is_ours"](BODY.encode(), headers)
    assert not known["is_ours"](BODY.encode() + b" ", headers)
    assert not known["is_ours"](BODY.encode(), {**headers, "webhook-timestamp": "1700000000"})
    with pytest.raises(WebhookVerificationError):
        known["take"](BODY.encode() + b" ", headers)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_javascript_snippet_does_too(secret: str, headers: dict[str, str]) -> None:
    [snippet] = snippets_of(PAGE, "javascript")
    asked = json.dumps([[BODY, headers, secret], [BODY + " ", headers, secret], [BODY, headers, new_secret()]])
    script = f"{snippet}\nconsole.log(JSON.stringify({asked}.map((one) => isOurs(...one))))"

    said = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True).stdout

    assert json.loads(said) == [True, False, False]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_the_shell_snippet_makes_the_same_signature(secret: str, headers: dict[str, str]) -> None:
    snippet = snippets_of(PAGE, "sh")[-1]
    env = {"secret": secret, "id": "evt_1", "stamp": headers["webhook-timestamp"], "body": BODY}
    env["PATH"] = "/usr/bin:/bin"

    said = subprocess.run(["sh", "-c", snippet], env=env, capture_output=True, text=True, check=True).stdout.strip()

    assert len(base64.b64decode(said)) == 32
    assert f"v1,{said}" in headers["webhook-signature"].split(" ")


def test_the_bodies_and_addresses_of_the_page_are_those_of_the_api(anyone: TestClient, house: House) -> None:
    anyone.headers["Authorization"] = f"Bearer {house.keys['all']}"
    polled, streamed, made, _ = snippets_of(PAGE, "sh")
    body = json.loads(re.search(r"-d '(.*)'", made).group(1))  # type: ignore[union-attr]

    path = re.search(r"8080(\S+)\"", polled).group(1)  # type: ignore[union-attr]
    assert anyone.get(path).status_code == 200
    assert "/v1/events/stream" in streamed
    assert anyone.post("/v1/webhooks", json={**body, "url": "http://127.0.0.1:9/hook"}).status_code == 201


def test_every_type_stands_in_the_table_with_the_facts_that_are_told() -> None:
    rows = {row[0]: row[1] for row in re.findall(r"^\| `([a-z]+\.[a-z]+)` \|(.*)\|$", PAGE, re.MULTILINE)}

    assert set(rows) == set(EventType)
    for rule in RULES.values():
        told = [rule.subject, *(fact for fact in rule.facts if "_score" not in fact)]
        hidden = {"case_id", "sentiment", "urgency"}
        assert [name for name in told if f"`{name}`" not in rows[rule.type] and name not in hidden] == [], rule.type

"""The whole service as people meet it: real processes, a real queue server, a real browser, a real HTTP peer.

A signed webhook comes in, the console shows it live, a person edits and approves, the peer receives it once with a
valid signature, and its receipt closes it.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from standardwebhooks import Webhook

from channels.http import derived_secret, signed_headers

pytestmark = [pytest.mark.browser, pytest.mark.issue(2)]
ROOT = Path(__file__).resolve().parents[2]
SECRET = derived_secret("a bridge of the operator's own", "bridge")
WORDS = "Hello! I have asked the warehouse and will write to you here today."


class Bridge(ThreadingHTTPServer):
    """The outside network: takes signed replies and remembers them."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    def replies_to(self, message: str) -> list[dict[str, Any]]:
        bodies = [json.loads(body)["data"] for _, body in self.got]
        return [data for data in bodies if data["in_reply_to"] == message]


class _Handler(BaseHTTPRequestHandler):
    server: Bridge

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append(({key.lower(): value for key, value in self.headers.items()}, body))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"id": "taken-1"}')

    def log_message(self, format: str, *args: object) -> None: ...


@dataclass(frozen=True)
class Running:
    url: str
    email: str
    password: str
    home: Path
    bridge: Bridge
    process: subprocess.Popen[bytes]

    def post(self, path: str, body: dict[str, Any]) -> httpx2.Response:
        """Post a body as the bridge would: signed."""
        raw = json.dumps(body).encode()
        headers = signed_headers(SECRET, id=f"evt_{time.monotonic_ns()}", body=raw, at=datetime.now(UTC))
        return httpx2.post(self.url + path, content=raw, headers=headers, timeout=60)

    def write(self, message: str, text: str) -> None:
        """A customer writes; accepted whether the queue is there or not."""
        body = {"id": message, "text": text, "author": {"handle": f"h-{message}", "name": "Mira"}}
        assert self.post("/inbox/bridge", body).status_code == 202

    def kill_queue_server(self) -> None:
        """SIGKILL the queue server as soon as one runs; the supervisor starts it again."""
        eventually(self._kill_one)

    def _kill_one(self) -> bool:
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_text()
                if str(self.home / "queue") in words and "-server" in words.split("\0")[0]:
                    os.kill(int(folder.name), signal.SIGKILL)
                    return True
            except OSError:
                continue
        return False


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("home")
    trained = Path(os.environ.get("TACTFUL_HOME", ROOT / ".tactful"))
    for part in ("bundles", "encoder"):
        shutil.copytree(trained / part, home / part, symlinks=True)
    bridge = Bridge()
    listener = threading.Thread(target=bridge.serve_forever, daemon=True)
    listener.start()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    channel = {
        "kind": "webhook",
        "url": f"http://127.0.0.1:{bridge.server_port}/hook",
        "secrets": [SECRET],
        "is_private_allowed": True,
    }
    env = {
        **os.environ,
        "TACTFUL_HOME": str(home),
        "TACTFUL_CHANNELS": json.dumps({"bridge": channel}),
        "TACTFUL_REPLIES__UNDO_S": '{"*": 0, "bridge": 0}',
        "TACTFUL_WORKERS__SWEEP_S": "1",
        "TACTFUL_WORKERS__UNRUNG_S": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "up", "--json", "--port", str(port)],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        live = [sys.executable, "-m", "cli.main", "channels", "go-live", "bridge", "--yes"]
        subprocess.run(live, cwd=ROOT, env=env, check=True)
        bridge.got.clear()
        yield Running(ready["url"], ready["email"], ready["password"], home, bridge, process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        assert process.stdout is not None
        process.stdout.close()
        bridge.shutdown()
        bridge.server_close()
        listener.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "install Chromium (Debian: apt-get install chromium); `make test` does it where it can"
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, running: Running) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(running.url)
    page.get_by_label("E-mail").fill(running.email)
    page.get_by_label("Password").fill(running.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#list")).to_be_visible()
    yield page
    context.close()


def eventually(holds: Callable[[], bool], *, within_s: float = 120) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def walk(running: Running, page: Page, message: str, *, between: Callable[[], None]) -> None:
    """The whole journey of one message; `between` happens between each two steps."""
    running.write(message, f"Where is my order LF-204817? It was due yesterday. ({message})")
    between()
    row = page.locator("[data-row]", has_text=message).first
    # Live: the page was open before the message came, and nobody reloads it.
    expect(row).to_be_visible(timeout=120_000)
    between()
    row.click()
    composer = page.locator("#text")
    expect(composer).to_be_visible(timeout=120_000)
    composer.fill(WORDS)
    between()
    page.locator("#send").click()
    between()
    eventually(lambda: len(running.bridge.replies_to(message)) == 1)
    headers, body = next(pair for pair in running.bridge.got if message.encode() in pair[1])
    Webhook(SECRET).verify(body, headers)
    data = json.loads(body)["data"]
    assert data["text"] == WORDS
    between()

    def receipt_is_taken() -> bool:
        return running.post("/inbox/bridge/receipts", {"reply_id": data["reply_id"], "status": "delivered"}).is_success

    eventually(receipt_is_taken)
    expect(page.get_by_text("delivered").first).to_be_visible(timeout=60_000)
    assert len(running.bridge.replies_to(message)) == 1


def test_a_message_goes_in_and_a_reply_that_a_person_approved_comes_out_once(running: Running, page: Page) -> None:
    walk(running, page, "bridge-1", between=lambda: None)


def test_the_same_journey_survives_the_queue_server_killed_between_each_two_steps(running: Running, page: Page) -> None:
    walk(running, page, "bridge-2", between=running.kill_queue_server)


def test_the_same_webhook_twice_is_one_message(running: Running) -> None:
    running.write("bridge-3", "Do you ship to Norway?")

    body = {"id": "bridge-3", "text": "Do you ship to Norway?", "author": {"handle": "h"}}
    answer = running.post("/inbox/bridge", body)

    assert answer.status_code == 202
    assert answer.json()["known"] == 1


def test_a_card_number_is_masked_before_it_reaches_the_disk(running: Running) -> None:
    running.write("bridge-4", "my card 4111 1111 1111 1111 was charged twice")

    eventually(lambda: b"bridge-4" in (running.home / "tactful.db-wal").read_bytes())

    for path in running.home.rglob("*"):
        if path.is_file() and "encoder" not in path.parts:
            assert b"4111 1111 1111 1111" not in path.read_bytes(), path.name
            assert b"4111111111111111" not in path.read_bytes(), path.name

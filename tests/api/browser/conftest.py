"""A real Chromium in front of the real application on loopback."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from api.app import create_app
from care.ports import utc_now
from tests.api.conftest import PASSWORD, House
from tests.api.doubles import FixedClock

CHROMIUM = os.environ.get("TACTFUL_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""


class RealClock(FixedClock):
    def __call__(self):  # type: ignore[no-untyped-def]
        return utc_now()


# Not for the whole session: while it lives its event loop runs in this thread, and asyncio.run would refuse.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.fail("no chromium here: apt-get install chromium, or set TACTFUL_CHROMIUM to its path")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def served(house: House) -> Iterator[House]:
    """The house, reachable at parts.public_url, with real time."""
    clock = RealClock()
    house.clock = clock
    house.journey = replace(house.journey, clock=clock)
    server = uvicorn.Server(
        uvicorn.Config("unset:app", port=0, log_config=None, ws="none", timeout_graceful_shutdown=1, lifespan="on")
    )
    socket = server.config.bind_socket()
    url = f"http://127.0.0.1:{socket.getsockname()[1]}"
    house.parts = replace(house.parts, journey=house.journey, public_url=url, hosts=frozenset({"127.0.0.1"}))
    server.config.app = create_app(parts=house.parts)
    thread = threading.Thread(target=server.run, args=([socket],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield house
    server.should_exit = True
    thread.join(10)
    socket.close()


@pytest.fixture
def page(browser: Browser, served: House) -> Iterator[Page]:
    """A signed-in page; anything the browser complains about fails the test."""
    context = browser.new_context(base_url=served.parts.public_url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(8_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if not _is_ours(request.url, served) else None)
    page.goto("/login")
    page.fill("[name=email]", "agent@example.com")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_selector("#list")
    yield page
    page.close()
    context.close()
    expected = ("status of 409", "status of 412", "status of 422", "status of 401")
    assert [one for one in complaints if not any(words in one for words in expected)] == []


def _is_ours(url: str, served: House) -> bool:
    return url.startswith(served.parts.public_url + "/")

"""A real Chromium in front of the real application on loopback."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.api.conftest import PASSWORD, House

# Long enough for a machine with other work: what holds is waited for, and only a fault waits this long.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)

CHROMIUM = os.environ.get("TACTFUL_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""


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
def page(browser: Browser, served: House) -> Iterator[Page]:
    """A signed-in page; anything the browser complains about fails the test."""
    context = browser.new_context(base_url=served.parts.public_url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
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
    assert [complaint for complaint in complaints if not any(words in complaint for words in expected)] == []


def _is_ours(url: str, served: House) -> bool:
    return url.startswith(served.parts.public_url + "/")

"""How the service runs, in the console: checks, channels and what is at work, for administrators."""

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import House, sign_in


def test_an_administrator_sees_checks_channels_and_what_is_at_work(house: House, anyone: TestClient) -> None:
    sign_in(anyone, "admin")
    before = anyone.get("/service").text
    house.say("Where is my parcel?")

    page = anyone.get("/service").text

    assert "Nothing has come in yet" in before
    assert 'Store</span><b class="is-ok">ok' in page
    assert "Tasks, done</dt><dd>1" in page
    assert "sent, since" in page or "kept in a file, not sent" in page
    assert before.count("none yet") == page.count("none yet") + 1


def test_a_check_that_is_not_well_is_said(house: House, anyone: TestClient) -> None:
    sign_in(anyone, "admin")
    anyone.app.state.parts = replace(house.parts, checks={"disk": lambda: "30 MB free"})  # type: ignore[attr-defined]
    anyone.app.state.readiness = type(anyone.app.state.readiness)(anyone.app.state.parts)  # type: ignore[attr-defined]

    page = anyone.get("/service").text

    assert 'Disk</span><b class="is-late">30 MB free' in page


@pytest.mark.parametrize("role", ["agent", "supervisor"])
def test_the_page_is_for_administrators(anyone: TestClient, role: str) -> None:
    sign_in(anyone, role)

    assert anyone.get("/service").status_code == 403

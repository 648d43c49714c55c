"""Mail at the inbox: its size by setting, its bytes as they were signed."""

from dataclasses import replace

from fastapi.testclient import TestClient

from api.app import create_app
from tests.api.conftest import House
from tests.api.test_main_path import MESSAGE, signed

FOUR_MEGABYTES = "a" * 4 * 1_048_576


def test_an_inbox_takes_what_its_setting_allows_and_others_what_is_usual(house: House) -> None:
    large = {**MESSAGE, "unknown": FOUR_MEGABYTES}

    with TestClient(create_app(parts=house.parts)) as usual:
        refused = usual.post("/inbox/x", **signed(large, house))
    with TestClient(create_app(parts=replace(house.parts, inbox_bytes={"x": 5 * 1_048_576}))) as wide:
        taken = wide.post("/inbox/x", **signed(large, house))

    assert (refused.status_code, taken.status_code) == (413, 202)
    assert "3,145,728" in refused.json()["detail"]


def test_bytes_that_are_not_utf8_are_put_aside_as_unreadable_and_not_refused_as_unsigned(
    anyone: TestClient, house: House
) -> None:
    answer = anyone.post("/inbox/x", **signed("Größe".encode("latin-1"), house))

    assert (answer.status_code, len(answer.json()["quarantined"])) == (202, 1)

"""Files that came with messages, at the door: said where they were not kept, and only ever downloaded."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.console.files import safe_name
from api.depends import inbox_bytes
from care.message import Attachment, Author, Inbound, Origin, Visibility
from store.files import FolderFiles
from tests.api.conftest import House, sign_in
from tests.api.test_main_path import MESSAGE, signed
from tests.pictures import JPEG, PROGRAM
from wiring.settings import AttachmentSettings, load_settings

HTML = b"<script>alert(1)</script>"


@pytest.fixture
def files(house: House, tmp_path: Path) -> FolderFiles:
    """The house, with files kept in it."""
    kept = FolderFiles(tmp_path / "attachments", True, 10_000_000, 5_000_000, frozenset({"image/jpeg"}))
    house.journey = replace(house.journey, files=kept)
    house.parts = replace(house.parts, journey=house.journey)
    return kept


@pytest.fixture
def page(files: FolderFiles, house: House) -> Iterator[TestClient]:
    with TestClient(create_app(parts=house.parts), follow_redirects=False) as client:
        sign_in(client)
        yield client


def comes(house: House, *attached: Attachment, n: int = 1, text: str = "My order AB-10442 came broken.") -> str:
    item = Inbound(
        origin=Origin(channel="x", outside_id=f"m-{n}", thread_key="t-1", written_at=house.clock()),
        author=Author(handle="@dee", name="Dee"),
        text=text,
        visibility=Visibility.PRIVATE,
        attachments=attached,
    )
    [message_id] = house.journey.receive([item])
    house.journey.prepare(message_id)
    return message_id


def photo(name: str = "crack.jpg", content: bytes = JPEG, kind: str = "image/jpeg") -> Attachment:
    return Attachment(name, kind, len(content), content=lambda: content)


def kept_id(house: House, message_id: str) -> str:
    with house.store() as work:
        return work.messages.get(message_id).attachments[0].id


def test_a_file_is_downloaded_and_nothing_of_it_can_run(page: TestClient, house: House) -> None:
    message_id = comes(house, photo())
    html = page.get(f"/cases/{message_id}").text
    path = f"/attachments/{kept_id(house, message_id)}"
    assert f'href="{path}" download' in html
    assert "not kept" not in html

    response = page.get(path)

    assert (response.status_code, response.content) == (200, JPEG)
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''crack.jpg" in response.headers["content-disposition"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
    # The page itself never shows it: the one mention is the link to save it by.
    assert html.count(path) == 1


def test_each_download_stands_in_the_trail_by_who_it_was(page: TestClient, house: House) -> None:
    message_id = comes(house, photo())
    path = f"/attachments/{kept_id(house, message_id)}"

    page.get(path)
    page.get(path)

    with house.store() as work:
        case = work.cases.of_message(message_id)
        told = [event for event in work.trail.of_case(case.id) if event.event == "attachment.downloaded"]
    assert [answer.by for answer in told] == [house.people["agent"].id] * 2


def test_only_people_who_are_signed_in_fetch_a_file(page: TestClient, house: House) -> None:
    path = f"/attachments/{kept_id(house, comes(house, photo()))}"
    page.cookies.clear()

    stranger = page.get(path)
    key = page.get(path, headers={"Authorization": f"Bearer {house.keys['all']}"})

    assert (stranger.status_code, stranger.headers["location"]) == (303, f"/login?next={path}")
    assert key.status_code in (303, 403)
    assert JPEG not in (stranger.content, key.content)
    with house.store() as work:
        assert [
            event for event in work.trail.events(after=0, limit=500) if event.event == "attachment.downloaded"
        ] == []


def test_a_file_that_is_gone_is_said_to_be_gone(page: TestClient, house: House, files: FolderFiles) -> None:
    kept = kept_id(house, comes(house, photo()))
    for path in files.folder.glob("*/*"):
        path.unlink()

    for asked in (kept, "att_nobody", "..%2f..%2ftactful.db", "a" * 64):
        response = page.get(f"/attachments/{asked}")
        assert response.status_code == 404, asked
    assert "is not kept any more" in page.get(f"/attachments/{kept}").text


@pytest.mark.parametrize(
    ("attached", "said"),
    [
        (photo("crack.jpg", PROGRAM), "1 file, not kept: it is not what it says it is (crack.jpg)"),
        (photo("crack.jpg", b""), "1 photo, not kept: it is empty (crack.jpg)"),
        (photo("crack.jpg", JPEG + b"0" * 5_000_000), "1 photo, not kept: it is larger than 4.77 MB (crack.jpg)"),
        (photo("page.html", HTML, "text/html"), "1 file, not kept: files of this kind are not taken (page.html)"),
    ],
)
def test_what_is_not_kept_says_why_at_its_message(
    page: TestClient, house: House, attached: Attachment, said: str
) -> None:
    html = page.get(f"/cases/{comes(house, attached)}").text

    assert said in " ".join(html.split())
    assert "/attachments/" not in html


def test_a_full_store_is_said_at_the_message(page: TestClient, house: House, files: FolderFiles) -> None:
    files.folder.mkdir()
    (files.folder / ".used").write_text("10000000")

    html = page.get(f"/cases/{comes(house, photo())}").text

    assert "1 photo, not kept: the store is full (crack.jpg)" in html


def test_a_file_of_an_earlier_message_is_still_within_reach(page: TestClient, house: House) -> None:
    first = comes(house, photo())
    house.clock.move(60)
    second = comes(house, n=2, text="any news of my order?")

    assert f"/attachments/{kept_id(house, first)}" in page.get(f"/cases/{second}").text


def test_a_program_is_told_what_came_and_what_became_of_it(page: TestClient, house: House) -> None:
    message_id = comes(house, photo(), photo("b.jpg", b""))

    read = page.get(f"/v1/messages/{message_id}", headers={"Authorization": f"Bearer {house.keys['read']}"}).json()

    shown = [(attachment["name"], attachment["is_kept"], attachment["problem"]) for attachment in read["attachments"]]
    assert shown == [("crack.jpg", True, None), ("b.jpg", False, "it is empty")]
    assert "stored_as" not in str(read)


def test_a_bridge_posts_a_file_with_its_message(page: TestClient, house: House, files: FolderFiles) -> None:
    encoded = base64.b64encode(JPEG).decode()
    body: dict[str, Any] = {**MESSAGE, "attachments": [{"media_type": "image/jpeg", "content_base64": encoded}]}

    taken = page.post("/inbox/x", **signed(body, house))

    assert taken.status_code == 202
    with house.store() as work:
        [attachment] = work.messages.get(taken.json()["ids"][0]).attachments
    assert attachment.stored_as is not None
    assert files.read(attachment.stored_as) == JPEG


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("crack.jpg", "crack.jpg"),
        ("../../etc/passwd", "etc_passwd"),
        ("..\\..\\secret.key", "secret.key"),
        ("photo\u202egpj.exe", "photo_gpj.exe"),
        ('a"; filename="b.exe', "a_ filename_b.exe"),
        ("a\r\nSet-Cookie: x=1.jpg", "a_Set-Cookie_ x_1.jpg"),
        (".htaccess", "htaccess"),
        ("-rf", "rf"),
        ("größe 1.jpg", "größe 1.jpg"),
        ("x" * 300 + ".jpg", "x" * 80 + ".jpg"),
        ("", "attachment"),
        (None, "attachment"),
        ("...", "attachment"),
    ],
)
def test_a_name_to_save_under_leads_nowhere(name: str | None, safe: str) -> None:
    assert safe_name(name) == safe


def test_an_inbox_has_room_for_a_file_only_where_files_are_kept(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    keeping = load_settings(home=tmp_path, attachments=AttachmentSettings(keep=True))

    assert inbox_bytes(settings.channels["x"], settings) == 3 * 1_048_576
    assert inbox_bytes(keeping.channels["x"], keeping) > 10_485_760 * 4 // 3

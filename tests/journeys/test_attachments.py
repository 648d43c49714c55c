"""Files that come with messages: kept by setting, refused with a reason, gone in time; the message always comes in."""

import base64
import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text as sql

from care.errors import NotFound
from care.files import clear, fetch
from care.journey import Journey
from care.message import Attachment, Inbound, Message
from channels.mail.reading import parse_mail
from channels.payload import parse_messages
from store.files import FolderFiles
from store.work import SqlStore
from tests.doubles import ANNA, MONDAY, FixedClock, inbound
from tests.pictures import JPEG, PDF, PNG, PROGRAM, jpeg

TYPES = frozenset({"image/jpeg", "image/png", "application/pdf"})


@pytest.fixture
def files(tmp_path: Path) -> FolderFiles:
    return FolderFiles(tmp_path / "attachments", True, max_bytes=2_000_000, max_file_bytes=1_000_000, types=TYPES)


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey], files: FolderFiles) -> Journey:
    return make_journey(any_store, files=files)


def mail(*attached: tuple[str, str, bytes], message_id: str = "m1") -> Inbound:
    """A mail as the channel reads it, with these files: name, type that it says, content."""
    letter = EmailMessage()
    letter["From"], letter["To"] = "Kim <kim@mail.example>", "care@shop.example"
    letter["Subject"], letter["Message-ID"] = "Broken lid", f"<{message_id}@mail.example>"
    letter.set_content("The lid of the box is bent, see the photo.")
    for name, kind, content in attached:
        main, _, sub = kind.partition("/")
        letter.add_attachment(content, maintype=main, subtype=sub, filename=name)
    [read] = parse_mail(letter.as_bytes(), channel="chat", own_address="care@shop.example", arrived_at=MONDAY)
    return read


def posted(*attached: dict[str, Any]) -> Inbound:
    """A message as a bridge posts it."""
    body = {"id": "p1", "text": "see here", "author": {"handle": "kim"}, "attachments": list(attached)}
    [read] = parse_messages(json.dumps(body).encode(), channel="chat", is_public=False)
    return read


def comes(walk: Journey, item: Inbound) -> Message:
    [message_id] = walk.receive([item])
    walk.prepare(message_id)
    with walk.store() as work:
        assert work.cases.file(message_id).suggestion is not None
        return work.messages.get(message_id)


def lying(files: FolderFiles) -> list[Path]:
    return sorted(path for path in files.folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def test_a_photo_in_a_mail_is_kept_whole_and_can_be_fetched_by_a_person(walk: Journey, files: FolderFiles) -> None:
    picture = jpeg(300_000)

    message = comes(walk, mail(("lid.jpg", "image/jpeg", picture), ("bill.pdf", "application/pdf", PDF)))

    photo, bill = message.attachments
    assert (photo.name, photo.media_type, photo.size_bytes, photo.problem) == ("lid.jpg", "image/jpeg", 300_000, "")
    assert bill.stored_as is not None
    attachment, content = fetch(walk.store, files, photo.id, by=ANNA.id)
    assert (attachment.name, content) == ("lid.jpg", picture)
    with walk.store() as work:
        [told] = [event for event in work.trail.of_case(message.case_id) if event.event == "attachment.downloaded"]
    assert (told.subject_id, told.by) == (photo.id, ANNA.id)


def test_a_file_that_a_bridge_posts_is_kept_too(walk: Journey, files: FolderFiles) -> None:
    encoded = base64.encodebytes(PNG).decode()

    message = comes(walk, posted({"name": "lid.png", "media_type": "image/png", "content_base64": encoded}))

    [attachment] = message.attachments
    assert attachment.size_bytes == len(PNG)
    assert attachment.stored_as is not None
    assert files.read(attachment.stored_as) == PNG


def test_nothing_is_kept_where_nobody_asked_for_it(
    any_store: SqlStore, make_journey: Callable[..., Journey], files: FolderFiles
) -> None:
    for given in (None, replace(files, is_open=False)):
        walk = make_journey(any_store, files=given)

        message = comes(walk, mail(("lid.jpg", "image/jpeg", JPEG), message_id=f"m{given is None}"))

        [attachment] = message.attachments
        assert (attachment.name, attachment.stored_as, attachment.problem) == ("lid.jpg", None, "")
    assert not files.folder.exists()


@pytest.mark.parametrize(
    ("name", "kind", "content", "problem"),
    [
        ("lid.jpg", "image/jpeg", PROGRAM, "it is not what it says it is"),
        ("page.png", "image/png", b"<script>alert(1)</script>", "it is not what it says it is"),
        ("setup.exe", "application/x-msdownload", PROGRAM, "files of this kind are not taken"),
        ("logo.svg", "image/svg+xml", b"<svg onload='alert(1)'/>", "files of this kind are not taken"),
        ("lid.jpg", "image/jpeg", b"", "it is empty"),
        ("lid.jpg", "image/jpeg", jpeg(25_000_000), "it is larger than 0.954 MB"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_at_its_message(
    walk: Journey, files: FolderFiles, name: str, kind: str, content: bytes, problem: str
) -> None:
    message = comes(walk, mail((name, kind, content)))

    [attachment] = message.attachments
    assert (attachment.name, attachment.stored_as, attachment.problem) == (name, None, problem)
    assert lying(files) == []


def test_a_full_store_refuses_the_file_and_takes_the_message(walk: Journey, files: FolderFiles) -> None:
    pictures = [("lid.jpg", "image/jpeg", jpeg(900_000, seed=n)) for n in range(3)]

    message = comes(walk, mail(*pictures))

    assert [attachment.problem for attachment in message.attachments] == ["", "", "the store is full"]
    assert sum(path.stat().st_size for path in lying(files)) <= files.max_bytes


@pytest.mark.parametrize("encoded", ["%%%", "A", "not base64 at all!", "ÿÿÿÿ"])
def test_what_is_no_base64_is_said_and_the_message_comes_in(walk: Journey, encoded: str) -> None:
    message = comes(walk, posted({"name": "a.png", "media_type": "image/png", "content_base64": encoded}))

    assert [attachment.problem for attachment in message.attachments] == ["it could not be read"]


@pytest.mark.parametrize("content", [17, None, ["x"], {"a": 1}, True])
def test_content_that_is_no_text_is_left_aside(walk: Journey, content: Any) -> None:
    message = comes(walk, posted({"name": "a.png", "media_type": "image/png", "content_base64": content}))

    assert [(attachment.stored_as, attachment.problem) for attachment in message.attachments] == [(None, "")]


@pytest.mark.parametrize(
    "name",
    [
        "../../../tactful.db",
        "/etc/passwd",
        "..\\..\\secret.key",
        "a/b/c.jpg",
        "\x00.jpg",
        ".lock",
        "con",
        "-rf",
        "a" * 4000,
    ],
)
def test_a_name_is_never_a_path(walk: Journey, files: FolderFiles, name: str) -> None:
    home = files.folder.parent
    before = {path for path in home.rglob("*") if files.folder not in path.parents}

    comes(walk, posted({"name": name, "media_type": "image/jpeg", "content_base64": base64.b64encode(JPEG).decode()}))

    after = {path for path in home.rglob("*") if files.folder not in path.parents}
    assert {path.name for path in after - before} <= {"attachments"}
    [path] = lying(files)
    assert len(path.name) == 64


def test_the_same_photo_twice_lies_there_once_and_goes_with_the_last_message(
    walk: Journey, files: FolderFiles, clock: FixedClock
) -> None:
    first = comes(walk, mail(("lid.jpg", "image/jpeg", JPEG)))
    clock.advance(20 * 86_400)
    second = comes(walk, mail(("again.jpg", "image/jpeg", JPEG), message_id="m2"))
    assert len(lying(files)) == 1

    clock.advance(11 * 86_400)
    swept(walk, files)

    with walk.store() as work:
        [gone] = work.messages.get(first.id).attachments
        [kept] = work.messages.get(second.id).attachments
    assert (gone.stored_as, gone.problem) == (None, "its 30 days are over")
    assert kept.stored_as is not None
    assert len(lying(files)) == 1
    with pytest.raises(NotFound):
        fetch(walk.store, files, gone.id, by=ANNA.id)

    clock.advance(20 * 86_400)
    assert swept(walk, files) == {"attachments_over": 1, "files_removed": 1}
    assert lying(files) == []
    assert swept(walk, files) == {}


def test_a_message_that_is_erased_takes_its_file_with_it(
    walk: Journey, any_store: SqlStore, files: FolderFiles
) -> None:
    comes(walk, mail(("lid.jpg", "image/jpeg", JPEG)))
    with any_store.engine.begin() as connection:
        connection.execute(sql("DELETE FROM attachment"))

    assert swept(walk, files) == {"files_removed": 1}
    assert lying(files) == []


def test_a_file_whose_message_is_just_being_kept_is_not_swept(walk: Journey, files: FolderFiles) -> None:
    files.keep(JPEG, media_type="image/jpeg")

    assert clear(walk.store, files, days=30, now=walk.clock()) == {}
    assert len(lying(files)) == 1


def test_what_we_sent_on_the_network_ourselves_is_not_kept(walk: Journey, files: FolderFiles) -> None:
    ours = replace(inbound("Here is the label.", outside_id="n1"), answers="kim")
    label = Attachment("label.pdf", "application/pdf", content=lambda: PDF)

    walk.receive([replace(ours, attachments=(label,))])

    assert not files.folder.exists()


def swept(walk: Journey, files: FolderFiles) -> dict[str, int]:
    """One round of the sweep, hours after the last file was written."""
    then = time.time() - 2 * 3600
    for path in lying(files):
        os.utime(path, (then, then))
    return clear(walk.store, files, days=30, now=walk.clock() + timedelta(seconds=1))

"""The folder of kept files: only what may be kept, never more than was agreed, nothing under a sender's name."""

import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.ports import Refused, Stored
from store import files as kept_files
from store.files import FolderFiles
from tests.pictures import HEIC, JPEG, MP4, PDF, PNG, PROGRAM, WEBP, jpeg

TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/heic", "application/pdf", "video/mp4"})


@pytest.fixture
def files(tmp_path: Path) -> FolderFiles:
    return FolderFiles(tmp_path / "attachments", True, max_bytes=1_000_000, max_file_bytes=400_000, types=TYPES)


def lying(files: FolderFiles) -> list[Path]:
    return [path for path in files.folder.rglob("*") if path.is_file() and not path.name.startswith(".")]


def old(path: Path, *, hours: float) -> None:
    then = time.time() - hours * 3600
    os.utime(path, (then, then))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (JPEG, "image/jpeg"),
        (PNG, "image/png"),
        (WEBP, "image/webp"),
        (HEIC, "image/heic"),
        (PDF, "application/pdf"),
        (MP4, "video/mp4"),
    ],
)
def test_what_may_be_kept_lies_under_its_own_digest_for_its_owner_alone(
    files: FolderFiles, content: bytes, kind: str
) -> None:
    kept = files.keep(content, media_type=kind)

    assert kept == Stored(sha256(content).hexdigest(), kind)
    [path] = lying(files)
    assert path.relative_to(files.folder) == Path(kept.stored_as[:2]) / kept.stored_as
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert files.read(kept.stored_as) == content


@pytest.mark.parametrize(
    ("content", "said", "problem"),
    [
        (b"", "image/jpeg", "it is empty"),
        (PROGRAM, "image/jpeg", "it is not what it says it is"),
        (b"<script>alert(1)</script>", "image/png", "it is not what it says it is"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "files of this kind are not taken"),
        (PROGRAM, "application/x-msdownload", "files of this kind are not taken"),
        (b"PK\x03\x04" + b"x" * 60, "application/zip", "files of this kind are not taken"),
        (jpeg(400_001), "image/jpeg", "it is larger than 0.381 MB"),
    ],
)
def test_what_may_not_be_kept_says_why(files: FolderFiles, content: bytes, said: str, problem: str) -> None:
    refused = files.keep(content, media_type=said)

    assert isinstance(refused, Refused)
    assert refused.problem == problem
    assert not files.folder.exists() or lying(files) == []


def test_a_picture_of_another_kind_than_it_says_is_kept_as_what_it_is(files: FolderFiles) -> None:
    kept = files.keep(PNG, media_type="image/jpeg")

    assert isinstance(kept, Stored)
    assert kept.media_type == "image/png"


def test_what_was_refused_as_a_picture_is_not_called_one(files: FolderFiles) -> None:
    refused = files.keep(PROGRAM, media_type="image/jpeg")

    assert isinstance(refused, Refused)
    assert not refused.media_type.startswith("image/")


def test_the_same_file_lies_there_once_and_counts_once(files: FolderFiles) -> None:
    picture = jpeg(300_000)

    kept = [files.keep(picture, media_type="image/jpeg") for _ in range(20)]

    assert len(set(kept)) == 1
    assert len(lying(files)) == 1


@settings(max_examples=25, deadline=None)
@given(sizes=st.lists(st.integers(20_000, 399_000), min_size=4, max_size=24))
def test_however_many_come_at_once_never_more_is_kept_than_was_agreed(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int]
) -> None:
    files = FolderFiles(tmp_path_factory.mktemp("kept"), True, 1_000_000, 400_000, TYPES)
    pictures = [jpeg(size, seed=n) for n, size in enumerate(sizes)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda picture: files.keep(picture, media_type="image/jpeg"), pictures))

    total = sum(path.stat().st_size for path in lying(files))
    assert total <= 1_000_000
    assert {answer.problem for answer in answers if isinstance(answer, Refused)} <= {"the store is full"}
    assert total == sum(
        len(picture) for picture, said in zip(pictures, answers, strict=True) if isinstance(said, Stored)
    )
    if any(isinstance(answer, Refused) for answer in answers):
        assert total > 1_000_000 - 400_000


def test_what_was_removed_makes_room_again(files: FolderFiles) -> None:
    first = [files.keep(jpeg(390_000, seed=n), media_type="image/jpeg") for n in range(3)]
    assert first[2] == Refused("the store is full", "image/jpeg")
    for path in lying(files):
        old(path, hours=2)

    gone = [files.remove(name, idle_s=3600) for name in files.idle(3600)]

    assert gone == [True, True]
    assert isinstance(files.keep(jpeg(390_000, seed=9), media_type="image/jpeg"), Stored)


def test_a_count_that_was_lost_is_made_anew(files: FolderFiles) -> None:
    files.keep(jpeg(390_000), media_type="image/jpeg")
    (files.folder / ".used").write_text("nonsense")

    assert isinstance(files.keep(jpeg(390_000, seed=1), media_type="image/jpeg"), Stored)
    assert isinstance(files.keep(jpeg(390_000, seed=2), media_type="image/jpeg"), Refused)


def test_a_file_that_was_kept_again_meanwhile_is_not_removed(files: FolderFiles) -> None:
    kept = files.keep(JPEG, media_type="image/jpeg")
    assert isinstance(kept, Stored)
    old(lying(files)[0], hours=2)
    assert files.idle(3600) == [kept.stored_as]

    files.keep(JPEG, media_type="image/jpeg")

    assert files.remove(kept.stored_as, idle_s=3600) is False
    assert files.read(kept.stored_as) == JPEG


def test_what_a_process_that_died_was_writing_is_cleared_away(files: FolderFiles) -> None:
    files.keep(JPEG, media_type="image/jpeg")
    draft = files.folder / ".new-abcdef"
    draft.write_bytes(b"half")
    files.idle(3600)
    assert draft.exists()
    old(draft, hours=2)

    files.idle(3600)

    assert not draft.exists()


def test_a_full_disk_refuses_the_file_and_leaves_nothing_behind(
    files: FolderFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept_files.os, "fsync", no_room)

    assert files.keep(JPEG, media_type="image/jpeg") == Refused("it could not be written", "image/jpeg")
    assert lying(files) == []
    assert list(files.folder.glob(".new-*")) == []


@pytest.mark.parametrize("name", ["../../tactful.db", "/etc/passwd", "", "ab", "A" * 64, "0" * 63 + "/"])
def test_nothing_but_a_name_of_ours_is_ever_a_path(files: FolderFiles, name: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal"):
        files.read(name)

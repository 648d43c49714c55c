"""What was promoted is kept as it was; going back leads to the good one and never to the bad one."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from care.errors import BundleError, NotFound
from model.bundle import Bundle
from tests.model.tiny import own_folder, tiny_folder, write_examples
from training.options import ReadOptions, TrainOptions
from training.promotion import current, find, history, promote, rollback
from training.recipe import TrainRecipe
from training.run import train


@pytest.fixture(scope="module")
def third(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("third")
    options = TrainOptions(folder / "third", folder, "none", recipe=TrainRecipe(max_rows=100))
    return train([write_examples(folder / "rows.csv")], ReadOptions({"intent": "intent"}), options).folder


def id_of(folder: Path) -> str:
    return Bundle.load(folder).id


def test_training_again_into_the_same_folder_changes_nothing_that_serves(tmp_path: Path, third: Path) -> None:
    mine = Path(shutil.copytree(tiny_folder(), tmp_path / "mine"))
    promote(mine, tmp_path / "bundles")

    shutil.rmtree(mine)
    shutil.copytree(third, mine)
    assert id_of(tmp_path / "bundles" / "current") == id_of(tiny_folder())
    shutil.rmtree(mine)
    assert id_of(tmp_path / "bundles" / "current") == id_of(tiny_folder())


def test_the_folder_of_the_bundles_may_be_moved(tmp_path: Path) -> None:
    promote(tiny_folder(), tmp_path / "bundles")

    (tmp_path / "bundles").rename(tmp_path / "elsewhere")

    assert id_of(tmp_path / "elsewhere" / "current") == id_of(tiny_folder())


def test_nobody_writes_into_what_is_kept(tmp_path: Path) -> None:
    kept = promote(tiny_folder(), tmp_path / "bundles")

    assert {path.stat().st_mode & 0o222 for path in kept.iterdir()} == {0}


@pytest.mark.parametrize("name", ["current", "kept"])
def test_nothing_is_trained_into_what_serves(tmp_path: Path, name: str) -> None:
    kept = promote(tiny_folder(), tmp_path / "bundles")
    out = kept if name == "kept" else tmp_path / "bundles" / "current"

    with pytest.raises(BundleError, match="kept as it was"):
        train([write_examples(tmp_path / "rows.csv")], ReadOptions({"intent": "intent"}), TrainOptions(out, tmp_path))


def test_going_back_twice_goes_two_back(tmp_path: Path, third: Path) -> None:
    bundles = tmp_path / "bundles"
    for folder in (tiny_folder(), own_folder(), third):
        promote(folder, bundles)

    assert rollback(bundles).name == id_of(own_folder())
    assert rollback(bundles).name == id_of(tiny_folder())
    with pytest.raises(BundleError, match="no earlier bundle"):
        rollback(bundles)
    assert current(bundles) == id_of(tiny_folder())


def test_going_back_never_returns_to_what_was_taken_back(tmp_path: Path, third: Path) -> None:
    bundles = tmp_path / "bundles"
    good, bad = tiny_folder(), own_folder()
    promote(good, bundles)
    promote(bad, bundles)
    rollback(bundles)
    promote(third, bundles)

    assert rollback(bundles).name == id_of(good)
    with pytest.raises(BundleError):
        rollback(bundles)


def test_what_was_taken_back_and_promoted_again_counts_again(tmp_path: Path, third: Path) -> None:
    bundles = tmp_path / "bundles"
    promote(tiny_folder(), bundles)
    promote(own_folder(), bundles)
    rollback(bundles)
    promote(own_folder(), bundles)
    promote(third, bundles)

    assert rollback(bundles).name == id_of(own_folder())


def test_what_cannot_be_opened_is_passed_over(tmp_path: Path, third: Path) -> None:
    bundles = tmp_path / "bundles"
    promote(tiny_folder(), bundles)
    broken = promote(own_folder(), bundles)
    promote(third, bundles)
    shutil.rmtree(broken)

    assert rollback(bundles).name == id_of(tiny_folder())


def test_what_served_by_default_is_kept_by_the_first_promotion(tmp_path: Path) -> None:
    bundles = tmp_path / "bundles"
    shutil.copytree(tiny_folder(), bundles / "default")

    promote(own_folder(), bundles)
    shutil.rmtree(bundles / "default")

    assert rollback(bundles).name == id_of(tiny_folder())


def test_a_torn_line_of_the_history_is_left_out(tmp_path: Path, third: Path) -> None:
    bundles = tmp_path / "bundles"
    promote(tiny_folder(), bundles)
    with (bundles / "history.jsonl").open("a") as lines:
        lines.write('{"at": "2026\n[]\n')
    promote(third, bundles)

    assert [line.act for line in history(bundles)] == ["promote", "promote"]
    assert rollback(bundles).name == id_of(tiny_folder())


def test_a_promotion_that_the_history_cannot_take_changes_nothing(
    tmp_path: Path, third: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundles = tmp_path / "bundles"
    promote(tiny_folder(), bundles)
    before = (bundles / "history.jsonl").read_bytes()
    monkeypatch.setattr("os.fsync", no_space)

    with pytest.raises(OSError, match="No space left"):
        promote(third, bundles)
    monkeypatch.undo()

    assert id_of(bundles / "current") == id_of(tiny_folder())
    assert (bundles / "history.jsonl").read_bytes() == before
    assert promote(third, bundles).name == current(bundles)


def no_space(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_bundle_is_found_by_its_folder_its_id_and_as_the_current_one(tmp_path: Path) -> None:
    bundles = tmp_path / "bundles"
    kept = promote(tiny_folder(), bundles)

    assert find(str(tiny_folder()), bundles) == tiny_folder().resolve()
    assert find(kept.name, bundles) == find("current", bundles) == kept.resolve()
    with pytest.raises(NotFound):
        find("bdl_0", bundles)


KILLED = """
import os, signal, sys
from pathlib import Path
from training.promotion import promote, rollback
at, act, step = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
n = 0
def kill(event, args):
    global n
    if event.startswith(("os.", "shutil.", "open")) and any(str(at) in str(one) for one in args):
        n += 1
        if n == step:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(kill)
promote(Path(sys.argv[4]), at) if act == "promote" else rollback(at)
"""


@pytest.mark.parametrize("act", ["promote", "rollback"])
def test_wherever_it_is_killed_one_whole_bundle_serves_and_the_way_back_is_known(tmp_path: Path, act: str) -> None:
    good, new = id_of(tiny_folder()), id_of(own_folder())
    start = tmp_path / "start"
    promote(tiny_folder(), start)
    if act == "rollback":
        promote(own_folder(), start)
    seen, step, code = set(), 1, -9
    while code == -9:
        bundles = Path(shutil.copytree(start, tmp_path / f"{step}", symlinks=True))
        words = [sys.executable, "-c", KILLED, str(bundles), act, str(step), str(own_folder())]
        code = subprocess.run(words, env={**os.environ}, check=False).returncode
        seen.add(id_of(bundles / "current"))
        if current(bundles) == new:
            assert rollback(bundles).name == good
        with pytest.raises(BundleError):
            rollback(bundles)
        step += 4

    assert code == 0
    assert seen == {good, new}


def test_the_history_says_who_and_why(tmp_path: Path) -> None:
    bundles = tmp_path / "bundles"
    promote(tiny_folder(), bundles)
    promote(own_folder(), bundles, reason="a mistake", despite=["all"])

    last = json.loads((bundles / "history.jsonl").read_text("utf-8").splitlines()[-1])
    assert (last["reason"], last["despite"], last["act"]) == ("a mistake", ["all"], "promote")
    assert last["by"]
    assert history(bundles)[-1].despite == ("all",)

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from care.errors import BundleError
from model import folders
from model.bundle import Bundle, id_of, read_manifest, save
from model.sealed import write_manifest
from tests.model.tiny import rehash, tiny_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_folder(), tmp_path / "bundle"))


def test_a_bundle_says_what_it_is(folder: Path) -> None:
    bundle = Bundle.load(folder)

    assert bundle.labels["intent"] == ("login", "parcel", "praise", "price", "refund", "stock")
    assert bundle.manifest["seed"] == 13
    assert bundle.manifest["metrics"]["intent"]["reliability"]
    assert (folder / "README.md").read_text("utf-8").startswith("---")


def test_no_bundle_file_is_a_pickle(folder: Path) -> None:
    assert {path.suffix for path in folder.iterdir()} == {".html", ".json", ".md", ".safetensors"}


@pytest.mark.parametrize("name", ["weights.safetensors", "ngrams.json", "examples.json"])
def test_a_truncated_file_refuses_to_load(folder: Path, name: str) -> None:
    raw = (folder / name).read_bytes()
    (folder / name).write_bytes(raw[: len(raw) // 2] + b"!")

    with pytest.raises(BundleError, match="SHA-256"):
        Bundle.load(folder)


def test_a_truncated_file_with_a_right_hash_refuses_too(folder: Path) -> None:
    raw = (folder / "weights.safetensors").read_bytes()
    (folder / "weights.safetensors").write_bytes(raw[: len(raw) // 2])
    rehash(folder, "weights.safetensors")

    with pytest.raises(BundleError, match="damaged"):
        Bundle.load(folder)


def changed(manifest: dict[str, Any], what: str) -> None:
    task = manifest["tasks"][0]
    if what == "labels":
        task["labels"].reverse()
    elif what == "threshold":
        task["lean"]["threshold"] = 0.0
    elif what == "calibration":
        task["lean"]["final"][0] *= 2
    elif what == "certificates":
        task["lean"]["certificates"][0]["threshold"] = 0.1
    elif what == "metrics":
        manifest["metrics"]["intent"]["accuracy"] = 0.123
    else:
        manifest[what] = "2020-01-01"


@pytest.mark.parametrize("what", ["labels", "threshold", "calibration", "certificates", "metrics", "created", "added"])
def test_a_manifest_that_was_changed_is_refused(folder: Path, what: str) -> None:
    manifest = read_manifest(folder)
    changed(manifest, what)
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")

    with pytest.raises(BundleError, match="was changed after training"):
        Bundle.load(folder)


@pytest.mark.parametrize("what", ["labels", "threshold", "calibration", "certificates"])
def test_what_decides_an_answer_is_part_of_the_id(folder: Path, what: str) -> None:
    manifest = read_manifest(folder)
    before = manifest["id"]
    changed(manifest, what)
    assert id_of(manifest) != before

    write_manifest(folder, manifest)
    with pytest.raises(BundleError, match="not that of its content"):
        Bundle.load(folder)


@pytest.mark.parametrize("what", ["metrics", "created", "name"])
def test_what_only_people_read_is_no_part_of_the_id(folder: Path, what: str) -> None:
    manifest = read_manifest(folder)
    changed(manifest, what)

    assert id_of(manifest) == manifest["id"]


def test_a_thousand_corruptions_are_refused_and_leave_no_other_answer(folder: Path, tmp_path: Path) -> None:
    dice = np.random.default_rng(11)
    files = sorted(path for path in folder.iterdir() if path.is_file())
    for n in range(1_000):
        path = files[n % len(files)]
        whole = path.read_bytes()
        damaged = bytearray(whole)
        damaged[int(dice.integers(len(whole)))] ^= 1 << int(dice.integers(8))
        path.write_bytes(bytes(damaged))
        with pytest.raises(BundleError):
            Bundle.load(folder)
        path.write_bytes(whole)
    assert Bundle.load(folder).id == Bundle.load(tiny_folder()).id


def test_another_schema_refuses_to_load(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    (folder / "manifest.json").write_text(json.dumps({**manifest, "schema": 999}), "utf-8")

    with pytest.raises(BundleError, match="schema 999"):
        Bundle.load(folder)


def test_a_weight_that_is_no_number_refuses_to_load(folder: Path) -> None:
    arrays = load_file(folder / "weights.safetensors")
    arrays["0.ngram_weight"] = np.full_like(arrays["0.ngram_weight"], np.nan)
    save_file(arrays, folder / "weights.safetensors")
    rehash(folder, "weights.safetensors")

    with pytest.raises(BundleError, match="no numbers"):
        Bundle.load(folder)


def test_a_link_instead_of_a_file_refuses_to_load(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    shutil.move(folder / "weights.safetensors", outside)
    (folder / "weights.safetensors").symlink_to(outside)

    with pytest.raises(BundleError, match="plain file"):
        Bundle.load(folder)


def test_a_manifest_cannot_point_elsewhere(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"]["../../etc/passwd"] = manifest["files"].pop("README.md")
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")

    with pytest.raises(BundleError, match="does not list"):
        Bundle.load(folder)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "[" * 100_000])
def test_a_manifest_that_is_none_refuses_to_load(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_text(content, "utf-8")

    with pytest.raises(BundleError):
        Bundle.load(folder)


def test_a_missing_folder_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no readable bundle"):
        Bundle.load(tmp_path / "nowhere")


# in the place of another one ------------------------------------------------------------------------------------------


def another(folder: Path, to: Path) -> Path:
    """A bundle that differs by one weight."""
    shutil.copytree(folder, to)
    arrays = load_file(to / "weights.safetensors")
    arrays["0.ngram_bias"] = arrays["0.ngram_bias"] + 1
    save_file(arrays, to / "weights.safetensors")
    rehash(to, "weights.safetensors")
    save(Bundle.load(to), to, metrics={}, card="")
    return to


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux exchanges two folders in one step")
def test_wherever_training_is_killed_the_old_bundle_or_the_new_one_stands(folder: Path, tmp_path: Path) -> None:
    old, new = Bundle.load(folder).id, Bundle.load(another(folder, tmp_path / "new")).id

    words = [sys.executable, "-m", "tests.model.killed", tmp_path / "new", folder, tmp_path / "bundles" / "default"]
    out = subprocess.run(words, capture_output=True, text=True, check=True, timeout=300).stdout
    steps = [line.split("\t") for line in out.splitlines()]

    stands = [id for _, _, id in steps]
    first = stands.index(new)
    assert first > 10
    assert stands == [old] * first + [new] * (len(stands) - first)
    assert steps[-1][1] == "the end"


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_saved_bundle_replaces_another_and_leaves_nothing_beside_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    new = Bundle.load(another(folder, tmp_path / "elsewhere" / "new"))
    if not can_exchange:
        monkeypatch.setattr(folders, "_exchange", lambda folder, other: False)

    saved = save(new, folder, metrics={}, card="")

    assert saved.id == new.id == Bundle.load(folder).id
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle", "elsewhere"]


def test_where_folders_cannot_be_exchanged_a_move_that_fails_brings_the_old_bundle_back(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = Bundle.load(folder), Bundle.load(another(folder, tmp_path / "elsewhere" / "new"))
    move = os.replace

    def full(source: Path, target: Path) -> None:
        if target == folder and "-old-" not in source.name:
            raise OSError("no space left")
        move(source, target)

    monkeypatch.setattr(folders, "_exchange", lambda folder, other: False)
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        save(new, folder, metrics={}, card="")

    assert Bundle.load(folder).id == old.id
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle", "elsewhere"]

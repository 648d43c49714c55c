import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from care.errors import BundleError
from model.bundle import Bundle
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
    assert {path.suffix for path in folder.iterdir()} == {".json", ".md", ".safetensors"}


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

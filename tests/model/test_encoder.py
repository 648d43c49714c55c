import os
from pathlib import Path

import numpy as np
import pytest

from care.errors import BundleError
from model.encoder import DIMENSIONS, Encoder, check_hash
from training.export import export
from wiring.serving import SharedEncoder
from wiring.settings import Settings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(tmp_path_factory.mktemp("home"))


def test_sentences_that_mean_the_same_lie_close(folder: Path) -> None:
    encoder = Encoder.load(folder)

    read = encoder.features(["where is my order", "track my order", "the weather is nice today"])[:, :DIMENSIONS]

    assert read.shape == (3, 384)
    assert np.allclose(np.square(read).sum(axis=1), 1, atol=1e-4)
    assert read[0] @ read[1] > read[0] @ read[2] + 0.2


def test_a_text_is_read_alone_as_it_is_among_others(folder: Path) -> None:
    encoder = Encoder.load(folder)
    texts = [f"where is my {'very ' * n}late parcel, number {n}" for n in range(40)]

    together = encoder.features(texts)

    alone = np.concatenate([encoder.features([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-5


def test_a_reading_can_be_made_of_what_its_word_pieces_became(folder: Path) -> None:
    encoder = Encoder.load(folder)
    text = "the parcel never arrived, not even on tuesday \U0001f621"

    read, states = encoder.states(text)

    assert np.allclose(read, encoder.features([text]), atol=1e-5)
    assert np.allclose(states.without([]), read, atol=1e-5)


def test_leaving_a_word_out_leads_towards_what_reading_the_shorter_text_says(folder: Path) -> None:
    encoder = Encoder.load(folder)
    text, shorter = "where is my broken parcel", "where is my parcel"
    start = text.index("broken")

    whole, without = encoder.states(text)[1].without([(start, start + len("broken"))])[:, :DIMENSIONS]

    wanted = encoder.features([shorter])[0, :DIMENSIONS]
    assert without @ wanted > whole @ wanted + 0.05


def test_exporting_twice_keeps_the_first(folder: Path) -> None:
    before = (folder / "model.onnx").stat().st_mtime_ns

    again = export(folder.parent)

    assert again == folder
    assert (folder / "model.onnx").stat().st_mtime_ns == before


def test_a_changed_weight_file_is_refused(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "encoder"
    copy.mkdir()
    for file in folder.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    with (copy / "model.onnx").open("ab") as file_:
        file_.write(b"x")

    with pytest.raises(BundleError, match="SHA-256"):
        Encoder.load(copy)


def test_it_is_opened_once_for_all_who_read_and_again_when_it_was_exported_anew(folder: Path) -> None:
    shared = SharedEncoder(Settings(home=folder.parent))
    first = shared()

    assert first is not None
    assert shared() is first
    os.utime(folder / "manifest.json", (1, 1))
    assert shared() is not first


def test_an_unexported_encoder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="tactful encoder export"):
        Encoder.load(tmp_path)


def test_a_wrong_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not it")

    with pytest.raises(BundleError, match=r"model\.safetensors"):
        check_hash(tmp_path / "model.safetensors", "0" * 64)

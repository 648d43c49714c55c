"""The graph that serves says what the arithmetic that fitted said."""

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from care.errors import BundleError
from model.bundle import KERNEL, Bundle, save
from model.kernel import Kernel
from model.style import style_features
from tests.model.tiny import rehash, write_examples
from training.fit import Material, fit
from training.kernel_graph import kernel_graph
from training.recipe import TrainRecipe
from training.space import Lens, Space, apart, make_space, seen
from training.tasks import task_data

Floats = NDArray[np.float32]
N_ROWS = 120


@pytest.fixture(scope="module")
def readings() -> Floats:
    """Like the encoder's: three blocks of length 1 that hang together, then what is counted of style."""
    chance = np.random.default_rng(7)
    topics = chance.normal(size=(12, 3 * 384))
    blocks = topics[chance.integers(0, 12, N_ROWS)] + chance.normal(size=(N_ROWS, 3 * 384))
    blocks = blocks.reshape(N_ROWS, 3, 384)
    meaning = (blocks / np.linalg.norm(blocks, axis=2, keepdims=True)).reshape(N_ROWS, -1)
    said = ["why " * at + "is it late" + "!" * (at % 3) for at in range(N_ROWS)]
    return np.concatenate([meaning, style_features(said)], axis=1).astype(np.float32)


@pytest.fixture(scope="module")
def space(readings: Floats) -> Space:
    return make_space(readings, TrainRecipe())


@pytest.fixture(scope="module")
def heads() -> list[tuple[Lens, Floats]]:
    chance = np.random.default_rng(8)
    lenses = (Lens(0.5), Lens(0.25, 0.06), Lens(0.5))
    return [(lens, chance.normal(0, 0.2, (N_ROWS, 4 + at)).astype(np.float32)) for at, lens in enumerate(lenses)]


def by_hand(space: Space, heads: list[tuple[Lens, Floats]], readings: Floats) -> Floats:
    n = len(space.mean)
    meaning = apart((readings[:, :n] - space.mean) @ space.axes, space.rows)
    style = apart(readings[:, n:], space.styles)
    return np.concatenate([seen(meaning, style, lens) @ weight for lens, weight in heads], axis=1)


def test_in_eight_bits_the_scores_are_nearly_those_of_the_fit(
    space: Space, heads: list[tuple[Lens, Floats]], readings: Floats
) -> None:
    scores, cosines = Kernel.load(kernel_graph(space, heads)).read(readings[:40])

    wanted = by_hand(space, heads, readings[:40])
    assert np.abs(scores - wanted).max() < 0.05 * np.abs(wanted).max()
    assert np.abs(cosines - readings[:40, :384] @ space.vectors.T).max() < 0.02


def test_a_message_is_read_alone_as_it_is_among_others(
    space: Space, heads: list[tuple[Lens, Floats]], readings: Floats
) -> None:
    kernel = Kernel.load(kernel_graph(space, heads))

    together = kernel.read(readings[:70])[0]

    alone = np.concatenate([kernel.read(readings[at : at + 1])[0] for at in range(70)])
    assert np.abs(together - alone).max() < 1e-5 * np.abs(alone).max()


def test_the_same_rows_make_the_same_graph(space: Space, heads: list[tuple[Lens, Floats]]) -> None:
    assert kernel_graph(space, heads) == kernel_graph(space, heads)


def test_a_weight_that_is_no_number_refuses_to_load(space: Space, heads: list[tuple[Lens, Floats]]) -> None:
    broken = heads[1][1].copy()
    broken[5, 2] = np.nan

    with pytest.raises(BundleError, match="no numbers"):
        Kernel.load(kernel_graph(space, [heads[0], (heads[1][0], broken), heads[2]]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bundle whose encoder is nobody's."""
    with write_examples(tmp_path / "examples.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = [row["text"] for row in rows]
    meaning = np.random.default_rng(9).normal(0, 0.05, (len(texts), 384))
    features = np.concatenate([meaning, style_features(texts)], axis=1).astype(np.float32)
    tasks = [task_data(task, [row[task] for row in rows]) for task in ("intent", "urgency")]
    fitted = fit(Material(texts, tasks, features), TrainRecipe(), lambda line: None)
    bundle = Bundle("", "enc_nobody", fitted.ngrams, None, fitted.heads, tuple(texts), {"metrics": {}})
    save(bundle, tmp_path / "bundle", metrics={}, card="", kernel=fitted.kernel)
    return tmp_path / "bundle"


def test_a_bundle_with_an_encoder_carries_its_kernel(folder: Path) -> None:
    kernel = Bundle.load(folder).kernel

    assert kernel is not None
    assert (kernel.n_rows, kernel.n_columns) == (192, 7 + 3)


def test_a_bundle_without_its_kernel_refuses_to_load(folder: Path) -> None:
    (folder / KERNEL).unlink()

    with pytest.raises(BundleError, match=r"lacks kernel\.onnx"):
        Bundle.load(folder)


def test_a_kernel_that_was_changed_refuses_to_load(folder: Path) -> None:
    raw = (folder / KERNEL).read_bytes()
    (folder / KERNEL).write_bytes(raw[:-1] + b"!")

    with pytest.raises(BundleError, match="SHA-256"):
        Bundle.load(folder)


def test_half_a_kernel_with_a_right_hash_refuses_too(folder: Path) -> None:
    raw = (folder / KERNEL).read_bytes()
    (folder / KERNEL).write_bytes(raw[: len(raw) // 2])
    rehash(folder, KERNEL)

    with pytest.raises(BundleError, match="kernel does not load"):
        Bundle.load(folder)


def test_a_kernel_of_other_rows_refuses_to_load(folder: Path, space: Space, heads: list[tuple[Lens, Floats]]) -> None:
    (folder / KERNEL).write_bytes(kernel_graph(space, heads))
    rehash(folder, KERNEL)

    with pytest.raises(BundleError, match="differ in size"):
        Bundle.load(folder)

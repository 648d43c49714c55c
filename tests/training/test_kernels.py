import numpy as np
from numpy.typing import NDArray

from training.kernels import Inverse
from training.space import Lens, apart, seen

Floats = NDArray[np.float32]


def rbf(a: Floats, b: Floats, *, gamma: float) -> Floats:
    return seen(apart(a, b), None, Lens(gamma))


def test_leaving_a_row_out_is_the_same_as_never_having_had_it() -> None:
    chance = np.random.default_rng(3)
    rows = chance.normal(size=(40, 5)).astype(np.float32)
    targets = chance.normal(size=(40, 3)).astype(np.float32)
    inverse = Inverse.of(rbf(rows, rows, gamma=0.5), ridge=0.2)

    held_out = inverse.leave_one_out(targets, inverse.solve(targets))

    rest = np.delete(np.arange(40), 7)
    without = Inverse.of(rbf(rows[rest], rows[rest], gamma=0.5), ridge=0.2).solve(targets[rest])
    assert np.allclose(held_out[7], rbf(rows[7:8], rows[rest], gamma=0.5) @ without, atol=1e-3)


def test_leaving_a_group_out_is_the_same_as_never_having_had_it() -> None:
    chance = np.random.default_rng(4)
    rows = chance.normal(size=(40, 5)).astype(np.float32)
    targets = chance.normal(size=(40, 3)).astype(np.float32)
    group, rest = np.arange(0, 12), np.arange(12, 40)
    inverse = Inverse.of(rbf(rows, rows, gamma=0.5), ridge=0.2)

    held_out = inverse.leave_group_out(group, targets, inverse.solve(targets))

    without = Inverse.of(rbf(rows[rest], rows[rest], gamma=0.5), ridge=0.2).solve(targets[rest])
    assert np.allclose(held_out, rbf(rows[group], rows[rest], gamma=0.5) @ without, atol=1e-3)


def test_the_root_of_an_inverse_gives_the_inverse() -> None:
    rows = np.random.default_rng(5).normal(size=(300, 4)).astype(np.float32)
    kernel = rbf(rows, rows, gamma=0.5)
    wanted = np.linalg.inv(kernel + np.eye(300, dtype=np.float32))

    root = Inverse.of(kernel, ridge=1.0).root

    assert np.allclose(root.T @ root, wanted, atol=1e-4)


def test_a_lens_without_style_sees_no_style() -> None:
    meaning = apart(np.zeros((1, 2), np.float32), np.ones((1, 2), np.float32))
    style = apart(np.zeros((1, 2), np.float32), np.full((1, 2), 9, np.float32))

    assert seen(meaning, style, Lens(0.5)) == seen(meaning, None, Lens(0.5, 0.0))
    assert seen(meaning, style, Lens(0.5, 0.1)) < seen(meaning, None, Lens(0.5))

import numpy as np
from numpy.typing import NDArray

from training.kernels import Inverse, Landmarks
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


def test_through_all_rows_as_landmarks_the_weights_are_those_of_the_whole_kernel() -> None:
    chance = np.random.default_rng(6)
    rows, targets = chance.normal(size=(40, 5)).astype(np.float32), chance.normal(size=(40, 3)).astype(np.float32)
    kernel = rbf(rows, rows, gamma=0.5)

    through = Landmarks.of(kernel.copy(), kernel.copy(), ridge=0.2)

    whole = Inverse.of(kernel.copy(), ridge=0.2)
    assert np.allclose(kernel @ through.solve(targets), kernel @ whole.solve(targets), atol=2e-2)
    assert np.allclose(through.leave_one_out(targets), whole.leave_one_out(targets, whole.solve(targets)), atol=5e-2)


def test_leaving_a_group_out_of_landmarks_is_the_same_as_never_having_had_it() -> None:
    chance = np.random.default_rng(7)
    rows, targets = chance.normal(size=(60, 5)).astype(np.float32), chance.normal(size=(60, 3)).astype(np.float32)
    marks, group, rest = rows[::3], np.arange(0, 20), np.arange(20, 60)
    among, across = rbf(marks, marks, gamma=0.5), rbf(rows, marks, gamma=0.5)

    scores, weights = Landmarks.of(across, among, ridge=0.3).leave_group_out(group, targets)

    without = Landmarks.of(across[rest], among, ridge=0.3).solve(targets[rest])
    assert np.allclose(scores, across[group] @ without, atol=1e-3)
    assert np.allclose(across @ weights, across @ without, atol=1e-3)


def test_the_whole_kernel_gives_weights_without_a_group_too() -> None:
    chance = np.random.default_rng(8)
    rows, targets = chance.normal(size=(40, 5)).astype(np.float32), chance.normal(size=(40, 3)).astype(np.float32)
    group, rest = np.arange(0, 12), np.arange(12, 40)
    kernel = rbf(rows, rows, gamma=0.5)
    inverse = Inverse.of(kernel.copy(), ridge=0.2)

    weights = inverse.without(group, targets, inverse.solve(targets))

    alone = Inverse.of(kernel[np.ix_(rest, rest)].copy(), ridge=0.2).solve(targets[rest])
    assert np.allclose(weights[rest], alone, atol=1e-3)
    assert not weights[group].any()

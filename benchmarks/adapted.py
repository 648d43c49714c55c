"""Whether a linear map of the encoder's readings, learnt from the labels, reads trades that it never saw better.

    python -m benchmarks.adapted [--home .tactful] [--data ../shared/data]

The encoder itself stays as it is. Maps of its main axes are compared with none, each learnt without the trades that are
then asked: `within` evens out how messages of one label scatter (within-class covariance normalisation), `apart`
stretches the directions in which labels differ (linear discriminants) by a factor. What is asked is the kernel stage
alone, without n-grams and threads. With --data the 400 real messages are asked too, by maps of all trades.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from benchmarks.machine import RESULTS, heading, row
from benchmarks.real import is_right, real_messages
from model.encoder import Encoder
from model.features import text_features
from model.style import style_names
from model.text import normalise
from training.default import read_fixtures
from training.kernels import Landmarks
from training.recipe import TrainRecipe
from training.run import masked_texts, open_encoder
from training.solvers import group_folds
from training.space import Lens, apart, make_space, seen

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Map = Callable[[Floats, Ints, int], Floats]
N_LANDMARKS = 1_500
RIDGED = 0.1
"""How much of the mean scatter is added before it is turned round."""


def unmapped(places: Floats, of: Ints, n_labels: int) -> Floats:
    """The axes as they are."""
    return np.eye(places.shape[1], dtype=np.float32)


def within(share: float) -> Map:
    """Each label's scatter evened out, shrunk towards a ball by `share`. Source: Hatch et al. 2006."""

    def learnt(places: Floats, of: Ints, n_labels: int) -> Floats:
        scatter, _ = _scatters(places, of, n_labels)
        ball = np.trace(scatter) / len(scatter) * np.eye(len(scatter))
        values, axes = linalg.eigh((1 - share) * scatter + share * ball)
        turned = axes / np.sqrt(values)
        scale = np.sqrt(np.trace(scatter) / np.trace(turned.T @ scatter @ turned))
        return np.asarray(turned * scale, np.float32)

    return learnt


def stretched(factor: float) -> Map:
    """The directions in which labels differ most, for what they scatter, counted again `factor` times."""

    def learnt(places: Floats, of: Ints, n_labels: int) -> Floats:
        scatter, between = _scatters(places, of, n_labels)
        held = scatter + RIDGED * np.trace(scatter) / len(scatter) * np.eye(len(scatter))
        _, axes = linalg.eigh(between, held)
        telling, _ = np.linalg.qr(axes[:, -(n_labels - 1) :])
        return np.concatenate([np.eye(len(scatter)), factor * telling], axis=1).astype(np.float32)

    return learnt


def _scatters(places: Floats, of: Ints, n_labels: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(n_axes, n_axes) scatter within the labels, and of the labels' middles."""
    counts = np.bincount(of, minlength=n_labels)
    sums = np.zeros((n_labels, places.shape[1]))
    np.add.at(sums, of, places)
    middles = sums / np.maximum(counts, 1)[:, None]
    off = places - middles[of]
    middles -= places.mean(axis=0)
    return off.T @ off / len(of), (middles * (counts / len(of))[:, None]).T @ middles


MAPS: dict[str, Map] = {
    "none": unmapped,
    "within, 0.8": within(0.8),
    "apart, 2": stretched(2),
}


@dataclass(frozen=True)
class Messages:
    """What is learnt from: places on the encoder's main axes, style, trade, and labels by task with their names."""

    places: Floats = field(repr=False)
    styles: Floats = field(repr=False)
    trades: Ints = field(repr=False)
    labels: dict[str, tuple[list[str], Ints]] = field(repr=False)
    project: Callable[[Floats], tuple[Floats, Floats]] = field(repr=False)


def read_messages(encoder: Encoder) -> Messages:
    """The fixtures that the default bundle learns from."""
    examples = read_fixtures(Path(__file__).resolve().parents[1] / "fixtures")
    features = text_features(encoder, [normalise(text) for text in masked_texts(examples.texts, None)])
    space = make_space(features, TrainRecipe())
    n_style = len(style_names())

    def project(read: Floats) -> tuple[Floats, Floats]:
        return (read[:, :-n_style] - space.mean) @ space.axes, read[:, -n_style:]

    labels = {}
    for task in ("intent", "sentiment", "urgency"):
        names, of = np.unique([str(label) for label in examples.of(task)], return_inverse=True)
        labels[task] = (names.tolist(), of)
    trades = np.unique([str(example.group) for example in examples.rows], return_inverse=True)[1]
    return Messages(space.rows, space.styles, trades, labels, project)


@dataclass(frozen=True)
class Head:
    """One task's kernel ridge through landmarks, behind a map."""

    turned: Floats = field(repr=False)
    landmarks: tuple[Floats, Floats] = field(repr=False)
    weights: Floats = field(repr=False)
    lens: Lens

    @classmethod
    def of(cls, known: Messages, task: str, rows: Ints, learn: Map) -> "Head":
        """Learnt from some rows alone, the map too."""
        names, of = known.labels[task]
        recipe = TrainRecipe()
        is_open = recipe.scope.is_open(task, len(names))
        lens = Lens(*(recipe.kernel.open_lens if is_open else recipe.kernel.closed_lens))
        ridge = recipe.kernel.open_ridge if is_open else recipe.kernel.closed_ridge
        turned = learn(known.places[rows], of[rows], len(names))
        order = np.sort(np.random.default_rng(recipe.seed).permutation(len(rows))[:N_LANDMARKS])
        marks = (known.places[rows[order]] @ turned, known.styles[rows[order]])
        targets = np.eye(len(names), dtype=np.float32)[of[rows]]
        across = _kernel((known.places[rows] @ turned, known.styles[rows]), marks, lens)
        weights = Landmarks.of(across, across[order], ridge=ridge).solve(targets)
        return cls(turned, marks, weights, lens)

    def chosen(self, places: Floats, styles: Floats) -> Ints:
        """(n,) number of the label that scores most."""
        return np.asarray((_kernel((places @ self.turned, styles), self.landmarks, self.lens) @ self.weights).argmax(1))


def _kernel(points: tuple[Floats, Floats], marks: tuple[Floats, Floats], lens: Lens) -> Floats:
    strips = []
    for start in range(0, len(points[0]), 512):
        strip = slice(start, start + 512)
        style = apart(points[1][strip], marks[1]) if lens.style else None
        strips.append(seen(apart(points[0][strip], marks[0]), style, lens))
    return np.concatenate(strips)


def out_of_trade(known: Messages, task: str, learn: Map) -> float:
    """Share of messages whose label is right by a head and a map that saw nothing of their trade."""
    right = np.zeros(len(known.places), bool)
    for train, test in group_folds(known.trades, n_folds=TrainRecipe().folds.n_group_folds):
        head = Head.of(known, task, train, learn)
        right[test] = head.chosen(known.places[test], known.styles[test]) == known.labels[task][1][test]
    return float(right.mean())


def on_real(known: Messages, encoder: Encoder, folder: Path, maps: Sequence[str]) -> Iterator[tuple[str, float, float]]:
    """Each map's share of right intents of the real messages alone: by first choices, and second ones too."""
    rows = real_messages(folder)
    places, styles = known.project(text_features(encoder, [normalise(text) for _, text, _ in rows]))
    names = known.labels["intent"][0]
    for name in maps:
        head = Head.of(known, "intent", np.arange(len(known.places)), MAPS[name])
        said = [names[at] for at in head.chosen(places, styles)]
        first, either = (
            np.mean([is_right(label, frozenset(gold[column].split("|")), abstained=False)
                     for label, (gold, _, _) in zip(said, rows, strict=True)])
            for column in ("intent", "either")
        )  # fmt: skip
        yield name, float(first), float(either)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=Path(".tactful"))
    parser.add_argument("--data", type=Path, help="folder of the data sets, for the real messages")
    given = parser.parse_args()
    encoder = open_encoder("minilm", home=given.home, threads=2)
    assert encoder is not None
    known = read_messages(encoder)
    lines = [
        heading("A linear map of the encoder's readings"),
        f"{len(known.places):,} fixture messages; the kernel stage alone, {N_LANDMARKS:,} landmarks, trades unseen.",
        "",
        "| map | intent | sentiment | urgency |",
        "|---|---|---|---|",
    ]
    for name, learn in MAPS.items():
        lines.append(row(name, *(f"{out_of_trade(known, task, learn):.3f}" for task in known.labels)))
        print(lines[-1], flush=True)
    if given.data is not None:
        lines += ["", "| 400 real messages, alone | first choices | second choices too |", "|---|---|---|"]
        for name, first, either in on_real(known, encoder, given.data / "twitter_support", list(MAPS)):
            lines.append(row(name, f"{first:.3f}", f"{either:.3f}"))
    text = "\n".join(lines) + "\n"
    print(text)
    (RESULTS / "adapted.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()

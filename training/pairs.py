"""Fit the head that reads a message and a draft together, on pairs that strict readers marked: `fixtures/pairs.csv`.

The messages of the pairs are left out of the default bundle's training (`training/default.py`): a bundle that had
learnt them would be surer of them than of any message it will meet.
"""

import csv
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from care.errors import BadTrainingData, BundleError, Problem
from care.ports import Classifier, Offer
from care.reply import open_slots
from model.pairs import Pair, PairReader, features, pairs_folder
from model.thread import turns_of
from model.weights import merged
from training.heads import matrix_of, platt

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
FIT_VERSION = 3
"""Raised when the same pairs would give another head."""
MARKS = ("S", "L", "R", "E")
"""Sent as it is, sent with its slot filled or one word changed, to be rewritten, embarrasses."""
SENT = ("S", "L")


@dataclass(frozen=True, slots=True)
class PairsRecipe:
    """Every number the head depends on.

    precision: share of the first drafts shown, on messages unseen, that a strict reader would send.
    highest: the threshold at most, where drafts never reach that. embarrasses: so many times a draft counts that would.
    """

    seed: int = 7
    c: float = 0.1
    n_folds: int = 5
    precision: float = 0.87
    highest: float = 0.8
    embarrasses: float = 6.0


@dataclass(frozen=True, slots=True)
class MarkedPair:
    """One row of the file. message: text and thread, by which pairs of one message are kept together."""

    message: tuple[str, str] = field(repr=False)
    row: dict[str, str] = field(repr=False)
    mark: str = ""

    @property
    def is_sent(self) -> bool:
        return self.mark in SENT


def read_pairs(path: Path) -> list[MarkedPair]:
    """Raises BadTrainingData with the line of each row that cannot be used."""
    try:
        with path.open(encoding="utf-8", newline="") as source:
            rows = list(csv.DictReader(source))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadTrainingData([Problem(str(path), "cannot be read as a CSV file in UTF-8")]) from error
    wrong = [number for number, row in enumerate(rows, 2) if not row.get("text") or row.get("mark") not in MARKS]
    if wrong or not rows:
        where = f"{path.name}:{wrong[0]}" if wrong else path.name
        raise BadTrainingData([Problem(where, f"needs a text, a draft and a mark, one of {', '.join(MARKS)}")])
    return [MarkedPair((row["text"], row["thread"]), row, row["mark"]) for row in rows]


def texts_of(path: Path) -> frozenset[tuple[str, str]]:
    """Text and thread of every message that has a marked pair; none where the file is not there."""
    return frozenset(pair.message for pair in read_pairs(path)) if path.is_file() else frozenset()


def as_pairs(marked: Sequence[MarkedPair], classifier: Classifier) -> list[Pair]:
    """Each pair as the head sees it, the message read by the classifier that will serve."""
    messages = list(dict.fromkeys(pair.message for pair in marked))
    threads = {message: tuple(turns_of(message[1])) for message in messages}
    seen = classifier.classify_many([text for text, _ in messages], threads=[threads[each] for each in messages])
    read = dict(zip(messages, seen, strict=True))
    return [
        Pair(
            text=pair.row["text"],
            thread=threads[pair.message],
            classification=read[pair.message],
            action=pair.row["action"],
            is_public=pair.row["public"] == "1",
            play=pair.row["play"],
            offer=Offer(
                pair.row["approach"],
                frozenset(pair.row["intents"].split()),
                pair.row["fallback"] == "1",
                pair.row["cheerful"] == "1",
                float(pair.row["likeness"]),
            ),
            draft=pair.row["draft"],
            missing=tuple(open_slots(pair.row["draft"])),
            own=pair.row["own"],
        )
        for pair in marked
    ]


def fit_pairs(marked: Sequence[MarkedPair], pairs: Sequence[Pair], *, recipe: PairsRecipe) -> PairReader:
    """Weights on all pairs; scale and threshold on scores from folds that had not seen the message."""
    matrix, names = matrix_of([features(pair) for pair in pairs])
    is_sent = np.array([pair.is_sent for pair in marked])
    groups = np.unique([" ".join(pair.message) for pair in marked], return_inverse=True)[1]
    weight = np.array([recipe.embarrasses if pair.mark == "E" else 1.0 for pair in marked])
    held_out = np.zeros(len(pairs))
    for train, test in GroupKFold(recipe.n_folds).split(pairs, groups=groups):
        held_out[test] = _fitted(matrix[train], is_sent[train], weight[train], recipe).decision_function(matrix[test])
    slope, offset = platt(held_out, is_sent)
    chance = 1 / (1 + np.exp(-(slope * held_out + offset)))
    least = threshold(chance, is_sent, groups, recipe)
    whole = _fitted(matrix, is_sent, weight, recipe)
    weights = merged(zip(names, whole.coef_[0].tolist(), strict=True))
    facts = measured(chance, marked, groups, least)
    return PairReader(weights, float(whole.intercept_[0]), slope, offset, least, facts)


def _fitted(rows: Any, is_sent: Flags, weight: Floats, recipe: PairsRecipe) -> LogisticRegression:
    head = LogisticRegression(C=recipe.c, max_iter=2000, random_state=recipe.seed)
    return head.fit(rows, is_sent, sample_weight=weight)


def first_of_each(chance: Floats, groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of each message, the row of the draft that would stand first."""
    order = np.lexsort((-chance, groups))
    return order[np.unique(groups[order], return_index=True)[1]]


def threshold(chance: Floats, is_sent: Flags, groups: NDArray[np.int64], recipe: PairsRecipe) -> float:
    """The lowest chance from which so many of the first drafts are sent as the recipe asks."""
    first = first_of_each(chance, groups)
    order = first[np.argsort(-chance[first])]
    share = np.cumsum(is_sent[order]) / np.arange(1, len(order) + 1)
    # Those of one chance are shown or left out together.
    is_last = np.append(np.diff(chance[order]) < 0, True)
    enough = np.flatnonzero((share >= recipe.precision) & is_last)
    return float(min(recipe.highest, chance[order[enough[-1]]])) if len(enough) else recipe.highest


def measured(chance: Floats, marked: Sequence[MarkedPair], groups: NDArray[np.int64], least: float) -> dict[str, float]:
    """What the head does on messages its folds had not seen."""
    first = first_of_each(chance, groups)
    shown = first[chance[first] >= least]
    marks = np.array([pair.mark for pair in marked])
    return {
        "pairs": len(marked),
        "messages": len(first),
        "shown": round(len(shown) / len(first), 4),
        "shown_and_sent": round(float(np.isin(marks[shown], SENT).mean()), 4) if len(shown) else 0.0,
        "shown_and_embarrassing": round(float((marks[shown] == "E").mean()), 4) if len(shown) else 0.0,
    }


def train_default_pairs(
    *,
    fixtures: Path,
    home: Path,
    classifier: Classifier,
    recipe: PairsRecipe | None = None,
    force: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> Path:
    """Fit the head into home/bundles/pairs, unless the one there came from the same pairs and bundle.

    Raises BadTrainingData.
    """
    recipe = recipe or PairsRecipe()
    out = pairs_folder(home)
    path = fixtures / "pairs.csv"
    marked = read_pairs(path)
    mark = hashlib.sha256(f"{FIT_VERSION} {recipe} {classifier.bundle_id}".encode() + path.read_bytes()).hexdigest()
    if not force and _is_current(out, mark):
        say("the pairs head is up to date")
        return out
    say(f"fitting the pairs head on {len(marked)} marked drafts")
    reader = fit_pairs(marked, as_pairs(marked, classifier), recipe=recipe)
    facts = {**reader.about, "mark": mark, "bundle": classifier.bundle_id}
    replace(reader, about=facts).save(out)
    return out


def _is_current(out: Path, mark: str) -> bool:
    try:
        return PairReader.load(out).about.get("mark") == mark
    except BundleError:
        return False

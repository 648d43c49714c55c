"""Fit the risk heads on our own fixtures: what must be found in words that no list holds.

Written by several hands and split by hand: every score that calibration and thresholds rest on was given by a model
that had read nothing of that hand.
"""

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from care.classification import RISKS
from care.errors import BadTrainingData, BundleError, Problem
from care.ports import Redactor
from model.encoder import EXPORT_VERSION, Encoder
from model.features import text_features
from model.ngrams import Ngrams
from model.risk import BY_RULE, Calibration, RiskReader, risk_folder, save
from model.text import normalise
from model.thread import turns_of
from model.urgency import rules_of
from training.recipe import TrainRecipe as BundleRecipe
from training.run import masked_texts
from training.solvers import to_csr
from training.space import make_space

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Say = Callable[[str], None]
FIT_VERSION = 2
"""Raised when the same messages would give other heads."""
OLDER = "0"
"""The hand of the older fixtures, which nobody read for risk: those that a rule or an intent makes suspicious are left
out, the others are ordinary."""
_SUSPICIOUS = frozenset({"safety_issue", "privacy_request"})


@dataclass(frozen=True, slots=True)
class RiskRecipe:
    """Every number the heads depend on.

    n_folds: so many times some hands are held out together. share: of all messages that carry a kind, in the world
    where scores are to be right. recall: wanted of each kind on hands unseen. max_false: share of ordinary messages
    that a kind may be told of; the recall gives way to it.
    """

    seed: int = 7
    n_folds: int = 5
    n_ordinary: int = 9_000
    ngram_c: float = 2.0
    reading_c: float = 2.0
    share: float = 0.01
    recall: float = 0.98
    max_false: float = 0.003
    lowest: float = 0.03
    highest: float = 0.5


@dataclass(frozen=True)
class Marked:
    """One message, masked and normalised, and the kinds of risk it carries."""

    text: str = field(repr=False)
    kinds: frozenset[str]
    hand: str
    is_ordinary: bool = False


@dataclass(frozen=True)
class Measured:
    """What the heads do on hands they never read: by kind, recall, share of ordinary messages, number of messages.

    any_recall: share of the messages with some kind that are told of at all; any_false: of ordinary ones.
    """

    recall: dict[str, float]
    false: dict[str, float]
    n: dict[str, int]
    any_recall: float
    any_false: float


def read_marked(fixtures: Path, *, redactor: Redactor | None, recipe: RiskRecipe) -> list[Marked]:
    """The marked messages, with a draw of the ordinary ones. Raises BadTrainingData."""
    paths = [fixtures / "risk.csv", *sorted((fixtures / "messages").glob("*.csv"))]
    marked: list[tuple[str, str, frozenset[str]]] = []
    ordinary: list[tuple[str, str, frozenset[str]]] = []
    for path in paths:
        for number, row in enumerate(_rows(path), 2):
            kinds = frozenset(row["risk"].split("+")) - {""}
            if not kinds <= set(RISKS):
                raise BadTrainingData([Problem(f"{path.name}:{number}", "names a risk that is none")])
            if row["hand"] == OLDER and not kinds and _is_suspicious(row):
                continue
            of = marked if kinds or path.name == "risk.csv" else ordinary
            of.append((_with_what_it_answers(row), row["hand"], kinds))
    order = np.random.default_rng(recipe.seed).permutation(len(ordinary))[: recipe.n_ordinary]
    kept = [*marked, *(ordinary[i] for i in sorted(order))]
    masked = masked_texts([text for text, _, _ in kept], redactor)
    return [
        Marked(normalise(text), kinds, hand, is_ordinary=at >= len(marked))
        for at, (text, (_, hand, kinds)) in enumerate(zip(masked, kept, strict=True))
    ]


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _is_suspicious(row: dict[str, str]) -> bool:
    return row.get("intent") in _SUSPICIOUS or any(rule.name in BY_RULE for rule in rules_of(row["text"]))


_SHORT = 6


def _with_what_it_answers(row: dict[str, str]) -> str:
    """A few words in a thread carry what the customer said before them."""
    turns = turns_of(row.get("thread", ""))
    if len(row["text"].split()) > _SHORT or not row["risk"]:
        return row["text"]
    before = [turn.text for turn in turns if turn.by_customer][-1:]
    return " ".join([*before, row["text"]])


def fit_risk(
    rows: Sequence[Marked], *, encoder: Encoder | None, recipe: RiskRecipe, say: Say = lambda line: None
) -> tuple[RiskReader, Measured]:
    """The heads, and how they do on hands unseen."""
    texts = [row.text for row in rows]
    wanted = np.array([[kind in row.kinds for kind in RISKS] for row in rows])
    hands = np.array([row.hand for row in rows])
    folds = [np.flatnonzero(np.isin(hands, some)) for some in folds_of(hands.tolist(), recipe.n_folds)]
    judged = np.flatnonzero(hands != OLDER)
    say("risk: n-grams")
    ngrams = Ngrams.fit(texts)
    matrix = to_csr([ngrams.row(text) for text in texts], len(ngrams.idf))
    weight, bias, said = fitted_by_hand(matrix, wanted, folds, recipe.ngram_c)
    sources = [said]
    seen_weight, seen_bias = np.zeros((0, len(RISKS)), np.float32), np.zeros(len(RISKS), np.float32)
    if encoder is not None:
        say("risk: encoder")
        space = make_space(text_features(encoder, texts), BundleRecipe())
        along, shift, seen = fitted_by_hand(space.rows, wanted, folds, recipe.reading_c)
        # Centring and turning are linear too: one product with the reading itself says the same.
        seen_weight = np.asarray(space.axes @ along, np.float32)
        seen_bias = np.asarray(shift - space.mean @ seen_weight, np.float32)
        sources.append(seen)
    full, full_scores = _calibrate(sources, wanted, judged, recipe)
    lean, lean_scores = _calibrate(sources[:1], wanted, judged, recipe)
    ordinary = np.array([at for at in judged.tolist() if rows[at].is_ordinary], np.int64)
    if not len(ordinary):
        ordinary = judged[~wanted[judged].any(axis=1)]
    by_path = [_thresholds(scores, wanted, judged, ordinary, recipe) for scores in (full_scores, lean_scores)]
    thresholds = np.stack(by_path, axis=1)
    reader = RiskReader(
        encoder.id if encoder else "",
        ngrams,
        weight,
        bias,
        seen_weight,
        seen_bias,
        Calibration(full, lean, thresholds),
        {},
    )
    told = full_scores >= thresholds[:, 0]
    measured = Measured(
        {kind: float(told[wanted[:, at], at].mean()) for at, kind in enumerate(RISKS) if wanted[:, at].any()},
        {kind: float(told[ordinary, at].mean()) for at, kind in enumerate(RISKS)},
        {kind: int(wanted[:, at].sum()) for at, kind in enumerate(RISKS)},
        float(told[wanted.any(axis=1)].any(axis=1).mean()),
        float(told[ordinary].any(axis=1).mean()),
    )
    return reader, measured


def folds_of(hands: Sequence[str], n_folds: int) -> list[list[str]]:
    """Hands that are held out together, as even in messages as whole hands allow; the older fixtures never are."""
    folds: list[list[str]] = [[] for _ in range(n_folds)]
    sizes = [0] * n_folds
    for hand, size in sorted(Counter(hands).items(), key=lambda entry: (-entry[1], entry[0])):
        if hand != OLDER:
            at = sizes.index(min(sizes))
            folds[at].append(hand)
            sizes[at] += size
    return [fold for fold in folds if fold]


def fitted_by_hand(rows: Any, wanted: Flags, folds: Sequence[Ints], c: float) -> tuple[Floats, Floats, Floats]:
    """Weights and shifts of all kinds, and the scores of each row by a model without its hand."""
    weight, bias = logistic(rows, wanted, c=c)
    scores = np.zeros(wanted.shape, np.float32)
    for fold in folds:
        others = np.setdiff1d(np.arange(len(wanted)), fold)
        of_others, shift = logistic(rows[others], wanted[others], c=c)
        scores[fold] = rows[fold] @ of_others + shift
    return weight, bias, scores


_MAX_STEPS = 25


def logistic(rows: Any, wanted: Flags, *, c: float) -> tuple[Floats, Floats]:
    """Ridge logistic regression of all kinds at once; what is rare weighs by the root of how rare it is.

    rows: (n, n_features), sparse or not. Returns (n_features, n_kinds) weights and (n_kinds,) shifts.
    """
    n, n_features = rows.shape
    target = wanted.astype(np.float32)
    heavy = np.where(wanted, np.sqrt(n / (2 * np.maximum(target.sum(axis=0), 1))), 1).astype(np.float32) * c
    turned = rows.T.tocsr() if hasattr(rows, "tocsr") else rows.T

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        at = flat.astype(np.float32).reshape(n_features + 1, -1)
        raw = rows @ at[:-1] + at[-1]
        cost = (heavy * (np.logaddexp(0, raw) - target * raw)).sum(dtype=np.float64) + np.square(at[:-1]).sum() / 2
        wrong = heavy * (1 / (1 + np.exp(-np.clip(raw, -30, 30))) - target)
        return float(cost), np.concatenate([(turned @ wrong + at[:-1]).ravel(), wrong.sum(axis=0)]).astype(np.float64)

    start = np.concatenate([np.zeros(n_features * wanted.shape[1]), np.full(wanted.shape[1], -3.0)])
    weights = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _MAX_STEPS}).x
    at = weights.astype(np.float32).reshape(n_features + 1, -1)
    return at[:-1], at[-1]


def _calibrate(sources: Sequence[Floats], wanted: Flags, judged: Ints, recipe: RiskRecipe) -> tuple[Floats, Floats]:
    """(n_kinds, n_sources + 1) weights, shifts last, and (n, n_kinds) the probabilities they give."""
    from sklearn.linear_model import LogisticRegression

    weights = np.zeros((len(RISKS), len(sources) + 1), np.float32)
    scores = np.zeros(wanted.shape, np.float32)
    for at in range(len(RISKS)):
        columns = np.stack([source[:, at] for source in sources], axis=1)
        of_kind = wanted[judged, at]
        if of_kind.sum() < 2:
            weights[at, -1] = -9
            continue
        scale = columns[judged].std(axis=0) + 1e-6
        importance = np.where(of_kind, recipe.share * len(judged) / of_kind.sum(), 1 - recipe.share)
        # Fitted as if both were as frequent, then told how rare it is: the slopes are steadier that way.
        fitted = LogisticRegression(C=1.0, class_weight="balanced").fit(columns[judged] / scale, of_kind)
        slopes = np.maximum(fitted.coef_[0], 0) / scale
        shift = _shift_for(columns[judged] @ slopes, of_kind, importance)
        weights[at] = [*slopes, shift]
        scores[:, at] = 1 / (1 + np.exp(-np.clip(columns @ slopes + shift, -30, 30)))
    return weights, scores


def _shift_for(raw: Floats, wanted: Flags, importance: NDArray[np.float64]) -> float:
    """The shift at which the scores sum to what there is, by bisection."""
    low, high = -40.0, 40.0
    goal = float(importance[wanted].sum())
    for _ in range(60):
        middle = (low + high) / 2
        total = float((importance / (1 + np.exp(-np.clip(raw + middle, -30, 30)))).sum())
        low, high = (middle, high) if total < goal else (low, middle)
    return (low + high) / 2


def _thresholds(scores: Floats, wanted: Flags, judged: Ints, ordinary: Ints, recipe: RiskRecipe) -> Floats:
    """(n_kinds,) the highest at which the wanted share of each kind is found, as far as few ordinary ones are told."""
    thresholds = np.full(len(RISKS), recipe.highest, np.float32)
    for at in range(len(RISKS)):
        of_kind = np.sort(scores[judged[wanted[judged, at]], at])
        if len(of_kind):
            for_recall = of_kind[int((1 - recipe.recall) * len(of_kind))]
            for_quiet = np.quantile(scores[ordinary, at], 1 - recipe.max_false)
            thresholds[at] = np.clip(max(for_recall, for_quiet), recipe.lowest, recipe.highest)
    return thresholds


def train_default_risk(
    *,
    fixtures: Path,
    home: Path,
    encoder: Encoder | None,
    redactor: Redactor | None = None,
    recipe: RiskRecipe | None = None,
    force: bool = False,
    say: Say = lambda line: None,
) -> Path:
    """Fit the heads into home/bundles/risk, unless those that are there came from the same. Raises BadTrainingData."""
    recipe = recipe or RiskRecipe()
    out = risk_folder(home)
    mark = _mark(fixtures, encoder, recipe)
    if not force and _is_current(out, mark):
        say("the risk heads are up to date")
        return out
    rows = read_marked(fixtures, redactor=redactor, recipe=recipe)
    if not any(row.kinds for row in rows):
        raise BadTrainingData([Problem(str(fixtures / "risk.csv"), "has no message that carries a risk")])
    say(f"fitting the risk heads on {len(rows)} messages")
    reader, measured = fit_risk(rows, encoder=encoder, recipe=recipe, say=say)
    facts = {
        "mark": mark,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "unseen_hands": {
            kind: {
                "n": measured.n[kind],
                "recall": round(measured.recall.get(kind, 0.0), 4),
                "false": round(measured.false[kind], 5),
            }
            for kind in RISKS
        },
    }
    save(replace(reader, manifest=facts), out)
    return out


def _mark(fixtures: Path, encoder: Encoder | None, recipe: RiskRecipe) -> str:
    digest = hashlib.sha256(f"{FIT_VERSION} {EXPORT_VERSION} {recipe} {encoder.id if encoder else ''}".encode())
    for path in (fixtures / "risk.csv", *sorted((fixtures / "messages").glob("*.csv"))):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _is_current(out: Path, mark: str) -> bool:
    try:
        return bool(RiskReader.load(out).manifest.get("mark") == mark)
    except BundleError:
        return False

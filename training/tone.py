"""Fit the tone head on marked replies: ours in `fixtures/replies.csv`, and a team's corrected verdicts beside them."""

import csv
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from care.errors import BadTrainingData, BundleError, Problem
from model.tone.checker import ToneFacts, ToneModel
from model.tone.checks import ChannelLimit, VoiceRules
from model.tone.head import ToneHead, features
from model.tone.rules import RULES_FILE
from model.weights import merged
from training.heads import matrix_of, platt

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Limits = Mapping[str, ChannelLimit]
FIT_VERSION = 1
"""Raised when the same replies would give another head."""

REPLIES = Path(__file__).parent.parent / "fixtures" / "replies.csv"
GOOD, BAD = "good", "bad"
BIAS = 10.0
"""The bias is one more feature, this strong, so that it is hardly held back."""


@dataclass(frozen=True, slots=True)
class ToneRecipe:
    """Every number the head depends on. max_false_stops, max_false_warnings: shares of good replies, seen on folds."""

    seed: int = 7
    c: float = 8.0
    n_folds: int = 5
    max_steps: int = 25
    max_false_stops: float = 0.025
    max_false_warnings: float = 0.06
    most_stop_below: float = 0.5


@dataclass(frozen=True, slots=True)
class Marked:
    """One outgoing reply and what a person said of it."""

    text: str = field(repr=False)
    is_good: bool
    fault: str
    to: str | None = field(repr=False, default=None)
    mood: str | None = None
    urgency: str | None = None
    channel: str = "*"


def read_replies(path: Path) -> list[Marked]:
    """text, verdict (good or bad), and where there: fault, to, mood, urgency, channel. Raises BadTrainingData."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as source:
            rows = list(csv.DictReader(source))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadTrainingData([Problem(str(path), "cannot be read as a CSV file in UTF-8")]) from error
    problems = [
        Problem(f"{path.name}, row {number}", "needs a text and a verdict, good or bad")
        for number, row in enumerate(rows, start=2)
        if not (row.get("text") or "").strip() or row.get("verdict") not in (GOOD, BAD)
    ]
    if not rows:
        problems = [Problem(path.name, "has no rows")]
    if problems:
        raise BadTrainingData(problems)
    return [
        Marked(
            text=row["text"],
            is_good=row["verdict"] == GOOD,
            fault=row.get("fault") or "none",
            to=row.get("to") or None,
            mood=row.get("mood") or None,
            urgency=row.get("urgency") or None,
            channel=row.get("channel") or "*",
        )
        for row in rows
    ]


def tone_facts(
    replies: Sequence[Marked], *, voice: VoiceRules | None = None, limits: Limits | None = None
) -> list[ToneFacts]:
    """What the rules see in each reply; the very code that serves. limits: the longest reply by channel."""
    model = ToneModel.rules_only(voice=voice, limits=limits)
    return [
        model.read(reply.text, channel=reply.channel, to=reply.to, mood=reply.mood, urgency=reply.urgency)
        for reply in replies
    ]


def fit_head(
    read: Sequence[ToneFacts], is_good: Flags, *, recipe: ToneRecipe, about: Mapping[str, object] | None = None
) -> ToneHead:
    """Fit weights on all replies, and scale and thresholds on scores from folds that had not seen them."""
    matrix, names = matrix_of([features(facts.words, facts.facts, is_upset=facts.is_upset) for facts in read])
    likeness = np.asarray((matrix @ matrix.T).toarray())
    held_out = np.zeros(len(read))
    folds = StratifiedKFold(recipe.n_folds, shuffle=True, random_state=recipe.seed)
    for train, test in folds.split(np.zeros(len(read)), is_good):
        shares = fit_shares(likeness[np.ix_(train, train)], is_good[train], recipe)
        held_out[test] = (likeness[np.ix_(test, train)] + BIAS) @ shares
    slope, offset = platt(held_out, is_good)
    shares = fit_shares(likeness, is_good, recipe)
    weights = np.asarray(matrix.T @ shares).ravel()
    probabilities = 1 / (1 + np.exp(-(slope * held_out + offset)))
    stop_below, warn_below = thresholds(probabilities, is_good, read, recipe)
    return ToneHead(
        weights=merged(zip(names, weights.tolist(), strict=True)),
        bias=float(BIAS * shares.sum()),
        slope=slope,
        offset=offset,
        stop_below=stop_below,
        warn_below=warn_below,
        about=about or {},
    )


def fit_shares(likeness: Floats, is_good: Flags, recipe: ToneRecipe) -> Floats:
    """Ridge logistic regression by Newton steps, in as many unknowns as there are replies: thousands of features cost
    nothing. likeness: (n, n) inner products. Returns each reply's share in the weights; the classes weigh the same.

    Source: Hastie, Tibshirani, Friedman 2009, The Elements of Statistical Learning, sections 4.4.1 and 18.3.5.
    """
    n = len(is_good)
    target = is_good.astype(np.float64)
    weight = np.where(is_good, n / (2 * max(1, is_good.sum())), n / (2 * max(1, n - is_good.sum())))
    gram = likeness + BIAS
    shares = np.zeros(n)
    for _ in range(recipe.max_steps):
        score = gram @ shares
        chance = 1 / (1 + np.exp(-np.clip(score, -30, 30)))
        curve = np.maximum(weight * chance * (1 - chance), 1e-6)
        wanted = score + weight * (target - chance) / curve
        newer = np.linalg.solve(gram + np.diag(1 / (recipe.c * curve)), wanted)
        if np.abs(newer - shares).max() < 1e-6:
            return newer
        shares = newer
    return shares


def thresholds(
    probability: Floats, is_good: Flags, read: Sequence[ToneFacts], recipe: ToneRecipe
) -> tuple[float, float]:
    """The probabilities below which a reply is stopped, and below which a person looks twice.

    What the rules stop by themselves counts against the allowance too.
    """
    ruled = np.array([any(fault.severity == "stop" for fault in reading.seen) for reading in read])
    good = np.sort(np.where(ruled, 0.0, probability)[is_good])

    def below(share: float) -> float:
        allowed = int(share * len(good))
        return float(np.clip((good[allowed] + good[max(0, allowed - 1)]) / 2, 0.01, 0.9))

    stop_below = min(recipe.most_stop_below, below(recipe.max_false_stops))
    return round(stop_below, 4), round(max(stop_below, below(recipe.max_false_warnings)), 4)


def train_default_tone(
    home: Path,
    *,
    replies: Path = REPLIES,
    corrected: Sequence[Path] = (),
    limits: Limits | None = None,
    recipe: ToneRecipe | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Path:
    """Fit the tone head into `<home>/bundles/tone`, unless the one that is there came from the same replies and rules.

    corrected: further files in the form of `replies`, a team's own verdicts; they count twice. limits: the longest
    reply by channel, as where it will serve.
    Raises BadTrainingData.
    """
    recipe = recipe or ToneRecipe()
    out = home / "bundles" / "tone"
    mark = _mark([replies, *corrected], recipe, limits or {})
    if _is_current(out, mark):
        say("the tone head is up to date")
        return out
    rows = read_replies(replies)
    for path in corrected:
        rows += read_replies(path) * 2
    is_good = np.array([row.is_good for row in rows])
    if not recipe.n_folds <= int(is_good.sum()) <= len(rows) - recipe.n_folds:
        raise BadTrainingData([Problem(replies.name, f"needs at least {recipe.n_folds} good and as many bad replies")])
    say(f"fitting the tone head on {len(rows)} replies")
    about = {"mark": mark, "n_good": int(is_good.sum()), "n_bad": int((~is_good).sum()), "seed": recipe.seed}
    head = fit_head(tone_facts(rows, limits=limits), is_good, recipe=recipe, about=about)
    head.save(out)
    return out


def _mark(files: Sequence[Path], recipe: ToneRecipe, limits: Limits) -> str:
    longest = sorted((name, limit.limit, limit.in_private, limit.count.__name__) for name, limit in limits.items())
    digest = hashlib.sha256(f"{FIT_VERSION} {recipe} {longest}".encode())
    for path in (*files, RULES_FILE, *sorted(RULES_FILE.parent.glob("*.py"))):
        try:
            digest.update(path.read_bytes())
        except OSError as error:
            raise BadTrainingData([Problem(str(path), "cannot be read")]) from error
    return digest.hexdigest()


def _is_current(out: Path, mark: str) -> bool:
    try:
        return ToneHead.load(out).about.get("mark") == mark
    except BundleError:
        return False

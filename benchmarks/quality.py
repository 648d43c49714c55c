"""How good classification is on public data, beside plain baselines and the published predictions of others.

    python -m benchmarks.quality --data ../shared/data                    everything
    python -m benchmarks.quality --data ../shared/data --only hint3       one part; the others keep their last figures

Nothing of the data enters the project: only figures are written, to benchmarks/results/quality.md.
Everything is trained and chosen on the training parts. Cross-validation where there is no dev part; the HINT3 test
messages are what two bots' customers typed, and the two bots' training files are all that is learnt from.
"""

import argparse
import csv
import json
import os
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from care.classification import OUT_OF_SCOPE
from model.encoder import Encoder
from model.kernel import Kernel
from model.reader import BundleReader
from model.style import style_features
from model.text import normalise
from training.background import load_background
from training.export import ensure_encoder
from training.fit import Background, Fitted, Material, fit
from training.recipe import TrainRecipe
from training.score import score_task
from training.solvers import folds, to_csr
from training.tasks import task_data
from wiring.assemble import Assembly
from wiring.settings import Settings

Floats = NDArray[np.float32]
HERE = Path(__file__).resolve().parent
FIGURES = HERE / "results" / "quality.json"
REPORT = HERE / "results" / "quality.md"
N_FOLDS = 5

BITEXT = {
    "order_change": "change_order place_order change_shipping_address",
    "account_change": "switch_account edit_account create_account delete_account newsletter_subscription "
    "set_up_shipping_address",
    "account_access": "recover_password registration_problems",
    "delivery_question": "delivery_period delivery_options",
    "invoice_request": "check_invoice get_invoice",
    "return_refund": "track_refund get_refund check_refund_policy",
    "cancellation": "check_cancellation_fee cancel_order",
    "wants_person": "contact_human_agent contact_customer_service",
    "order_status": "track_order",
    "payment_failed": "payment_issue check_payment_methods",
    "service_complaint": "complaint",
    "product_review": "review",
}
OURS_OF_BITEXT = {theirs: ours for ours, names in BITEXT.items() for theirs in names.split()}
THREE_MOODS = {
    "very_negative": "negative",
    "negative": "negative",
    "neutral": "neutral",
    "positive": "positive",
    "very_positive": "positive",
}


@dataclass(frozen=True)
class Rows:
    texts: list[str]
    labels: list[str | None]
    features: Floats


@dataclass(frozen=True)
class Bench:
    data: Path
    home: Path
    cache: Path | None
    encoder: Encoder
    background: Background | None
    n_folds: int
    at_most: int
    recipe: TrainRecipe

    def read(self, name: str, column: str) -> Rows:
        path = self.data / f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        texts = [normalise(row["text"]) for row in rows]
        labels = [row[column] or None for row in rows]
        # Another encoder, another file: what is kept of an old one would pass for what this one reads.
        kept = self.cache / f"{name.replace('/', '_')}-{self.encoder.id}.npy" if self.cache else None
        if kept and kept.exists():
            features: Floats = np.load(kept).astype(np.float32)
        else:
            features = self.encoder.features(texts)
            if kept:
                np.save(kept, features.astype(np.float16))
        features = np.concatenate([features, style_features(texts)], axis=1)
        if self.at_most and len(texts) > self.at_most:
            pick = np.sort(np.random.default_rng(7).permutation(len(texts))[: self.at_most])
            return Rows([texts[i] for i in pick], [labels[i] for i in pick], features[pick])
        return Rows(texts, labels, features)

    def fit(self, rows: Rows) -> Fitted:
        task = task_data("task", rows.labels)
        return fit(Material(rows.texts, [task], rows.features, background=self.background), self.recipe, _quiet)


@dataclass(frozen=True)
class Said:
    labels: list[str]
    scores: Floats
    abstained: list[bool]


def _quiet(line: str) -> None:
    return None


def say(line: str) -> None:
    sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S}  {line}\n")
    sys.stderr.flush()


def answer(fitted: Fitted, rows: Rows, *, stage_name: str = "full") -> Said:
    """What the fitted head says, on readings already made, by the arithmetic that serves."""
    head = fitted.heads[0]
    reader = BundleReader(fitted.ngrams, None if fitted.kernel is None else Kernel.load(fitted.kernel), fitted.heads)
    linear, read = reader.lean(rows.texts)
    stage = head.lean
    if stage_name == "full":
        assert head.full is not None
        stage, read = head.full, reader.full(rows.features, linear)
    scores = read.score[:, 0]
    labels = [head.labels[i] for i in read.chosen[:, 0]]
    return Said(labels, scores, [bool(score < stage.threshold) for score in scores])


def cascade(fitted: Fitted, rows: Rows, full: Said) -> tuple[Said, float]:
    """The n-gram stage where its gate lets it, the full path elsewhere; and the share that the first one answered."""
    lean = answer(fitted, rows, stage_name="lean")
    gate = fitted.heads[0].lean.gate
    first = lean.scores >= gate
    labels = [a if is_first else b for a, b, is_first in zip(lean.labels, full.labels, first, strict=True)]
    scores = np.where(first, lean.scores, full.scores).astype(np.float32)
    abstained = [not is_first and no for is_first, no in zip(first, full.abstained, strict=True)]
    return Said(labels, scores, abstained), float(first.mean())


def plain_ngrams(train: Rows, test: Rows) -> list[str]:
    """TF-IDF over words 1-2 and characters 2-5 with a linear support vector machine."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC

    kept = [i for i, label in enumerate(train.labels) if label not in (None, OUT_OF_SCOPE)]
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    chars = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2)
    fitted = make_pipeline(make_union(words, chars), LinearSVC(C=0.5, tol=1e-2))
    fitted.fit([train.texts[i] for i in kept], [train.labels[i] for i in kept])
    return [str(label) for label in fitted.predict(test.texts)]


def plain_hybrid(train: Rows, test: Rows) -> list[str]:
    """N-grams and the sentence vector side by side in one linear support vector machine."""
    from scipy import sparse
    from sklearn.svm import LinearSVC

    from model.ngrams import Ngrams

    kept = [i for i, label in enumerate(train.labels) if label not in (None, OUT_OF_SCOPE)]
    ngrams = Ngrams.fit([train.texts[i] for i in kept])

    def joined(texts: Sequence[str], features: Floats) -> Any:
        matrix = to_csr([ngrams.row(text) for text in texts], len(ngrams.idf))
        return sparse.hstack([matrix, sparse.csr_matrix(2 * features[:, :384])]).tocsr()

    fitted = LinearSVC(C=0.3, tol=1e-2)
    fitted.fit(joined([train.texts[i] for i in kept], train.features[kept]), [train.labels[i] for i in kept])
    return [str(label) for label in fitted.predict(joined(test.texts, test.features))]


def interval(ours: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> tuple[float, float]:
    """95 % of paired resamples: how much more often we are right than they."""
    chance = np.random.default_rng(11)
    n = len(ours)
    difference = ours.astype(np.int8) - theirs.astype(np.int8)
    means = [difference[chance.integers(0, n, n)].mean() for _ in range(2000)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def _cross(bench: Bench, rows: Rows, name: str) -> dict[str, Any]:
    """k-fold cross-validation of us and of the plain baselines on the same folds."""
    kept = [i for i, label in enumerate(rows.labels) if label is not None]
    rows = Rows([rows.texts[i] for i in kept], [rows.labels[i] for i in kept], rows.features[kept])
    gold = [str(label) for label in rows.labels]
    index = {label: i for i, label in enumerate(sorted(set(gold)))}
    parts = folds(np.array([index[label] for label in gold]), n_folds=N_FOLDS, seed=5)[: bench.n_folds]
    ours: dict[str, Any] = {"labels": [], "scores": [], "abstained": []}
    gated: list[str] = []
    others: dict[str, list[str]] = {"TF-IDF, linear SVM": [], "TF-IDF + MiniLM, linear SVM": []}
    tested: list[str] = []
    shares, seconds = [], []
    for number, (train_at, test_at) in enumerate(parts, 1):
        train, test = _part(rows, train_at), _part(rows, test_at)
        started = time.perf_counter()
        fitted = bench.fit(train)
        seconds.append(time.perf_counter() - started)
        said = answer(fitted, test)
        ours["labels"] += said.labels
        ours["scores"] += said.scores.tolist()
        ours["abstained"] += said.abstained
        both, share = cascade(fitted, test, said)
        gated += both.labels
        shares.append(share)
        others["TF-IDF, linear SVM"] += plain_ngrams(train, test)
        others["TF-IDF + MiniLM, linear SVM"] += plain_hybrid(train, test)
        tested += [gold[i] for i in test_at]
        say(f"{name}: fold {number} of {len(parts)}")
    scored = score_task(tested, ours["labels"], ours["scores"], [False] * len(tested))
    right = _right(tested, ours["labels"])
    return {
        "how": f"{len(parts)} of {N_FOLDS} folds, {len(tested):,} of {len(rows.texts):,} rows tested",
        "ours": scored,
        "cascade_accuracy": float(_right(tested, gated).mean()),
        "gate_share": float(np.mean(shares)),
        "fit_s": float(np.mean(seconds)),
        "others": {
            who: {**_short(tested, labels), "gain": interval(right, _right(tested, labels))}
            for who, labels in others.items()
        },
    }


def _part(rows: Rows, at: NDArray[np.int64]) -> Rows:
    return Rows([rows.texts[i] for i in at], [rows.labels[i] for i in at], rows.features[at])


def _right(gold: Sequence[str], said: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([g == s for g, s in zip(gold, said, strict=True)], bool)


def _short(gold: Sequence[str], said: Sequence[str]) -> dict[str, float]:
    scores = score_task(gold, said, [1.0] * len(gold), [False] * len(gold))
    return {"accuracy": scores["accuracy"], "macro_f1": scores["macro_f1"]}


def banking77(bench: Bench) -> dict[str, Any]:
    return {"Banking77 intents": _cross(bench, bench.read("banking77/train", "intent"), "banking77")}


def airline(bench: Bench) -> dict[str, Any]:
    return {"airline sentiment": _cross(bench, bench.read("airline/train", "sentiment"), "airline")}


def tickets(bench: Bench) -> dict[str, Any]:
    return {"tickets urgency": _cross(bench, bench.read("tickets/train", "urgency"), "tickets")}


def politeness(bench: Bench) -> dict[str, Any]:
    """The upper against the lower quarter of the requests; people gave the score, the quarters are the data's own."""
    return {"politeness of requests": _cross(bench, bench.read("politeness/stack-exchange", "polite"), "politeness")}


def _on_kept_part(bench: Bench, kept: str, column: str) -> dict[str, Any]:
    """Train on the training part beside `kept`, and read it whole, us and the plain baselines; scored in scope."""
    train = bench.read(f"{kept.split('/')[0]}/train", column)
    test = replace(bench, at_most=0).read(kept, column)
    gold = [str(label) for label in test.labels]
    inside = np.array([label != OUT_OF_SCOPE for label in gold])
    started = time.perf_counter()
    fitted = bench.fit(train)
    seconds = time.perf_counter() - started
    said = answer(fitted, test)
    both, share = cascade(fitted, test, said)
    right = _right(gold, said.labels)[inside]
    others = {"TF-IDF, linear SVM": plain_ngrams(train, test), "TF-IDF + MiniLM, linear SVM": plain_hybrid(train, test)}
    return {
        "how": f"{len(train.texts):,} training rows, {kept.split('/')[1]} part of {len(gold):,}",
        "ours": score_task(gold, said.labels, said.scores.tolist(), said.abstained),
        "cascade_accuracy": float(_right(gold, both.labels)[inside].mean()),
        "gate_share": share,
        "fit_s": seconds,
        "others": {
            who: {**_short(gold, labels), "gain": interval(right, _right(gold, labels)[inside])}
            for who, labels in others.items()
        },
    }


def offensive(bench: Bench) -> dict[str, Any]:
    return {"offensive tweets": _on_kept_part(bench, "offensive/val", "tone")}


def clinc150(bench: Bench) -> dict[str, Any]:
    """No out-of-scope row to train on; the dev part has 100."""
    return {"CLINC150 intents": _on_kept_part(bench, "clinc150/dev", "intent")}


def hint3(bench: Bench) -> dict[str, Any]:
    """Two bots, each with its full and its small training file; the peers' own predictions scored the same way."""
    tables: dict[str, Any] = {}
    for bot in ("curekart", "sofmattress"):
        test = bench.read(f"hint3/{bot}_test", "intent")
        gold = [str(label) for label in test.labels]
        inside = np.array([label != OUT_OF_SCOPE for label in gold])
        for size in ("", "_subset"):
            train = bench.read(f"hint3/{bot}{size}_train", "intent")
            fitted = bench.fit(train)
            said = answer(fitted, test)
            right = _right(gold, said.labels)[inside]
            peers = {}
            for path in sorted((bench.data / "hint3" / "peers").glob(f"*_{bot}{size}.csv")):
                peers[path.stem.removesuffix(f"_{bot}{size}")] = _peer(path, gold, inside, right)
            tables[f"HINT3 {bot}{size}"] = {
                "how": f"{len(train.texts):,} training rows, test of {len(gold):,}, "
                f"{int((~inside).sum())} out of scope",
                "ours": score_task(gold, said.labels, said.scores.tolist(), said.abstained)
                | {"best_joint": _best_joint(gold, said.labels, said.scores)},
                "others": peers,
            }
            say(f"hint3: {bot}{size}")
    return tables


def _peer(path: Path, gold: Sequence[str], inside: NDArray[np.bool_], ours: NDArray[np.bool_]) -> dict[str, Any]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    said = [row["predicted"] for row in rows]
    scores = np.array([float(row["score"] or 0) for row in rows], np.float32)
    theirs = [row["intent"] for row in rows]
    same = theirs == list(gold)
    right = _right(theirs, said)
    scored = score_task(theirs, said, scores.tolist(), [label == OUT_OF_SCOPE for label in said])
    peer = {name: scored[name] for name in ("accuracy", "auroc", "joint_accuracy")}
    peer["best_joint"] = _best_joint(theirs, said, scores)
    if same:
        peer["gain"] = interval(ours, right[inside])
    return peer


def _best_joint(gold: Sequence[str], said: Sequence[str], scores: Floats) -> float:
    inside = np.array([label != OUT_OF_SCOPE for label in gold])
    right = _right(gold, said)
    cuts = np.unique(np.append(scores, 2.0))
    return float(max(np.where(inside, right & (scores >= cut), scores < cut).mean() for cut in cuts))


def default(bench: Bench) -> dict[str, Any]:
    """The default bundle, trained on our fixtures alone, on messages of other people's customers."""
    classifier = Assembly(
        Settings(home=bench.home), bundle=bench.home / "bundles" / "default", threads=2, is_trial=True
    ).classifier
    tables = {}
    for title, name, column, task, fold in (
        ("default bundle on airline tweets", "airline/train", "sentiment", "sentiment", THREE_MOODS.get),
        ("default bundle on Bitext messages", "bitext/train", "intent", "intent", lambda label: label),
    ):
        with (bench.data / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row[column]]
        pick = np.sort(np.random.default_rng(3).permutation(len(rows))[: bench.at_most or 2500])
        chosen = [rows[i] for i in pick]
        read = classifier.classify_many([row["text"] for row in chosen], tasks=[task])
        gold = [OURS_OF_BITEXT[row[column]] if task == "intent" else row[column] for row in chosen]
        said = [str(fold(classification.tasks[task].label)) for classification in read]
        tables[title] = {
            "how": f"{len(gold):,} messages, bundle {classifier.bundle_id}",
            "ours": score_task(
                gold, said, [classification.tasks[task].score for classification in read], [False] * len(gold)
            ),
            "others": {},
        }
        say(title)
    return tables


PARTS: dict[str, Callable[[Bench], dict[str, Any]]] = {
    "hint3": hint3,
    "default": default,
    "tickets": tickets,
    "banking77": banking77,
    "airline": airline,
    "clinc150": clinc150,
    "offensive": offensive,
    "politeness": politeness,
}
_COLUMNS = (
    ("accuracy", "accuracy"),
    ("macro_f1", "macro-F1"),
    ("ece", "ECE"),
    ("coverage_at_0.95", "coverage at 95 %"),
    ("coverage_at_0.99", "at 99 %"),
    ("auroc", "AUROC"),
    ("joint_accuracy", "joint"),
    ("best_joint", "best joint"),
)


def report(figures: dict[str, Any]) -> str:
    """The figures as Markdown."""
    lines = [
        "# Quality of classification",
        "",
        "Accuracy and macro-F1 are in scope; joint counts out of scope as a class "
        "(abstained = out of scope). Intervals: 95 % of paired resamples of our accuracy minus theirs. "
        "What the HINT3 figures say of evidence for out of scope is a little kind: it was chosen with those test "
        "messages at hand. Everything else was chosen on training parts.",
        "",
    ]
    for title, figure in figures.items():
        lines += [f"## {title}", "", f"{figure['how']}. {figure['when']}", ""]
        lines.append("| | " + " | ".join(name for _, name in _COLUMNS) + " | our gain |")
        lines.append("|---" * (len(_COLUMNS) + 2) + "|")
        lines.append(_row("**tactful**", figure["ours"]))
        lines += [_row(who, other) for who, other in figure["others"].items()]
        if "gate_share" in figure:
            lines += [
                "",
                f"Cascade: n-grams alone answer {figure['gate_share']:.1%}; accuracy with it "
                f"{figure['cascade_accuracy']:.4f}. Fitting took {figure['fit_s']:.0f} s.",
            ]
        lines.append("")
    return "\n".join(lines)


def _row(who: str, figures: dict[str, Any]) -> str:
    cells = [f"{figures[name]:.4f}" if isinstance(figures.get(name), float) else "" for name, _ in _COLUMNS]
    gain = f"{figures['gain'][0]:+.3f} to {figures['gain'][1]:+.3f}" if "gain" in figures else ""
    return f"| {who} | " + " | ".join(cells) + f" | {gain} |"


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--only", choices=list(PARTS), action="append")
    asked.add_argument("--home", type=Path, default=Path(os.environ.get("TACTFUL_HOME", "~/.local/share/tactful")))
    asked.add_argument("--folds", type=int, default=N_FOLDS, help="how many of the five folds to run")
    asked.add_argument("--at-most", type=int, default=0, help="rows a data set at most, for a quick look")
    asked.add_argument("--cache", type=Path, help="folder that keeps the encoder's readings between runs")
    return asked.parse_args(words)


def command_of(args: argparse.Namespace) -> str:
    """What gives these figures again, anywhere: where this machine keeps its files changes none of them."""
    words = ["--data", args.data.name.upper() if args.data.is_absolute() else str(args.data)]
    for name in args.only or ():
        words += ["--only", name]
    if args.folds != N_FOLDS:
        words += ["--folds", str(args.folds)]
    if args.at_most:
        words += ["--at-most", str(args.at_most)]
    return f"python -m benchmarks.quality {shlex.join(words)}"


def main() -> None:
    args = arguments()
    home = args.home.expanduser()
    encoder = ensure_encoder(home, threads=2, say=say)
    if args.cache:
        args.cache.mkdir(parents=True, exist_ok=True)
    bench = Bench(
        args.data, home, args.cache, encoder, load_background(encoder), args.folds, args.at_most, TrainRecipe()
    )
    figures = json.loads(FIGURES.read_text("utf-8")) if FIGURES.exists() else {}
    for name in args.only or PARTS:
        say(name)
        for title, figure in PARTS[name](bench).items():
            figures[title] = {
                **figure,
                "when": f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, `{command_of(args)}`",
            }
        FIGURES.parent.mkdir(exist_ok=True)
        FIGURES.write_text(json.dumps(figures, indent=1), "utf-8")
        REPORT.write_text(report(figures), "utf-8")
    print(report(figures))


if __name__ == "__main__":
    main()

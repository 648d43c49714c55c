"""How well the tone check judges, what style features add to a plain hybrid, and how long a check takes.

    python -m benchmarks.tone --data DATA --write

DATA holds twitter_support/train.csv, politeness/stack-exchange.csv, offensive/train.csv and val.csv; without it
only our own replies are measured. --encoder FOLDER adds the sentence encoder, --cache FOLDER keeps its readings.
"""

import argparse
import csv
import os
import platform
import shlex
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold

from model.style import style_features
from model.text import normalise
from model.tone.checker import ToneModel
from training.tone import REPLIES, Marked, ToneRecipe, fit_head, read_replies, tone_facts
from wiring.assemble import limits_in

RESULTS = Path(__file__).parent / "results" / "tone.md"
N_FOLDS = 5
N_TOPICS = 6
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--write", action="store_true", help=f"also write {RESULTS.name}")
    options = parser.parse_args()
    lines: list[str] = []

    def say(line: str = "") -> None:
        print(line, flush=True)
        lines.append(line)

    say("# Tone")
    say()
    command = shlex.join(Path(word).name.upper() if word.startswith("/") else word for word in sys.argv[1:])
    say(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()} · `python -m benchmarks.tone {command}`")  # fmt: skip
    model = marked_replies(say)
    if options.data:
        real_replies(options.data, model, say)
        encode = encoder_of(options.encoder, options.cache)
        politeness(options.data, encode, say)
        offensive(options.data, encode, say)
    speed(model, say)
    if options.write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text("\n".join(lines) + "\n", "utf-8")


def marked_replies(say: Callable[[str], None]) -> ToneModel:
    """Our marked replies, five folds: weights, scale and thresholds never see the fold they are measured on."""
    replies = read_replies(REPLIES)
    limits = limits_in(REPLIES.parent / "playbook")
    read = tone_facts(replies, limits=limits)
    is_good = np.array([reply.is_good for reply in replies])
    is_joke = np.array([reply.fault == "joke_to_upset" for reply in replies])
    ruled = np.array([any(seen.severity == "stop" for seen in facts.seen) for facts in read])
    words_only = [replace(facts, facts={}, is_upset=False) for facts in read]
    stopped, scores, plain_stopped, plain = (np.zeros(len(replies)) for _ in range(4))
    folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=1)
    for train, test in folds.split(np.zeros(len(replies)), is_good):
        head = fit_head([read[at] for at in train], is_good[train], recipe=ToneRecipe())
        model = ToneModel.rules_only(limits=limits).with_head(head)
        for at in test:
            report = judge(model, replies[at])
            stopped[at], scores[at] = report.verdict == "stop", report.score
        bare = fit_head([words_only[at] for at in train], is_good[train], recipe=ToneRecipe())
        plain[test] = [bare.probability(bare.score(words_only[at].words, {}, is_upset=False)) for at in test]
        plain_stopped[test] = plain[test] < bare.stop_below
    say("")
    say(f"## Our marked replies ({int(is_good.sum())} good, {int((~is_good).sum())} bad), {N_FOLDS} folds held out")
    say("")
    say("| check | bad ones stopped | good ones stopped | jokes to upset customers stopped | bad at 3 % false stops |")
    say("|---|---|---|---|---|")
    for name, stop, score in (
        ("rules alone", ruled.astype(float), np.where(ruled, 0.0, 1.0)),
        ("word and letter head alone, no rules, no mood", plain_stopped, plain),
        ("rules and head, as it ships", stopped, scores),
    ):
        at_three = caught_at(score, is_good, share=0.03) if name != "rules alone" else float("nan")
        say(f"| {name} | {stop[~is_good].mean():.3f} | {stop[is_good].mean():.3f} | {stop[is_joke].mean():.3f} | "
            f"{at_three:.3f} |")  # fmt: skip
    say("")
    missed = Counter(one.fault for one, stop in zip(replies, stopped, strict=True) if not one.is_good and not stop)
    faults = ", ".join(f"{fault} {n}" for fault, n in missed.most_common()) or "none"
    say(f"AUC {roc_auc_score(is_good, scores):.4f}. Missed, by fault: {faults}.")
    say(
        "The rules were written before most of these replies and mended after looking at misses: their share is seen, "
        "the head's is not. Noted by hand on 2026-11-23, not by this script: on 57 bad and 36 good replies written "
        "last, before rules and head had seen any of them: 0.895 stopped, 0.028 false stops; those replies are part "
        "of the file now."
    )
    return ToneModel.rules_only(limits=limits).with_head(fit_head(read, is_good, recipe=ToneRecipe()))


def judge(model: ToneModel, reply: Marked) -> Any:
    return model.check(reply.text, channel=reply.channel, to=reply.to, mood=reply.mood, urgency=reply.urgency)


def caught_at(score: Floats, is_good: Flags, *, share: float) -> float:
    """The share of bad ones below the score that `share` of the good ones are below too."""
    return float((score[~is_good] < np.sort(score[is_good])[int(share * is_good.sum())]).mean())


def real_replies(data: Path, model: ToneModel, say: Callable[[str], None]) -> None:
    """What real agents wrote, none of it seen in training and none of it marked: most of it must go out."""
    rows = read_csv(data / "twitter_support" / "train.csv")
    by_id = {row["tweet_id"]: row for row in rows}
    counts: dict[str, Counter[str]] = {"rules alone": Counter(), "rules and head": Counter()}
    rules = ToneModel.rules_only()
    for row in rows:
        if row["inbound"] != "False":
            continue
        asked = by_id.get(row["in_response_to_tweet_id"].removesuffix(".0"))
        for name, checker in (("rules alone", rules), ("rules and head", model)):
            # Tweets of that year were up to 280 characters; facebook's limit keeps the length rule out of it.
            report = checker.check(row["text"], channel="facebook", to=asked["text"] if asked else None)
            counts[name][report.verdict] += 1
    say("")
    say("## What real agents wrote (twitter_support), unmarked, mood read from the customer's words")
    say("")
    say("| check | replies | send | warn | stop |")
    say("|---|---|---|---|---|")
    for name, count in counts.items():
        n = count.total()
        say(f"| {name} | {n} | {count['send'] / n:.3f} | {count['warn'] / n:.3f} | {count['stop'] / n:.3f} |")


Encode = Callable[[str, Sequence[str]], "Floats | None"]


def encoder_of(folder: Path | None, cache: Path | None) -> Encode:
    def encode(name: str, texts: Sequence[str]) -> Floats | None:
        kept = cache / f"{name}.npy" if cache else None
        if kept is not None and kept.exists():
            return np.asarray(np.load(kept)[:, :384], dtype=np.float64)
        if folder is None:
            return None
        from model.encoder import Encoder

        read = Encoder.load(folder, threads=2).features(texts)
        if kept is not None:
            np.save(kept, read)
        return np.asarray(read[:, :384], dtype=np.float64)

    return encode


def politeness(data: Path, encode: Encode, say: Callable[[str], None]) -> None:
    """Upper against lower quarter. Topics are held out whole: what a kept-back domain looks like from here."""
    rows = [row for row in read_csv(data / "politeness" / "stack-exchange.csv") if row["polite"]]
    texts = [normalise(row["text"]) for row in rows]
    label = np.array([row["polite"] == "polite" for row in rows])
    topical = TfidfVectorizer(stop_words="english", min_df=5, max_df=0.1, sublinear_tf=True).fit_transform(texts)
    axes = TruncatedSVD(50, random_state=0).fit_transform(topical)
    topic = KMeans(N_TOPICS, n_init=2, random_state=0).fit_predict(
        axes / (np.linalg.norm(axes, axis=1)[:, None] + 1e-9)
    )
    blocks = blocks_of(texts, texts, encode("pol", texts))
    say("")
    say(f"## Politeness ({len(texts)} requests), {N_TOPICS} topic clusters, each held out once")
    say("")
    say("| features | accuracy, topic held out | accuracy, five folds |")
    say("|---|---|---|")
    for name, parts in blocks.items():
        by_topic = [(np.flatnonzero(topic != at), np.flatnonzero(topic == at)) for at in range(N_TOPICS)]
        by_fold = list(StratifiedKFold(5, shuffle=True, random_state=0).split(texts, label))
        shares = [
            sum(((fitted(parts, label, train, test) > 0) == label[test]).sum() for train, test in splits) / len(label)
            for splits in (by_topic, by_fold)
        ]
        say(f"| {name} | {shares[0]:.3f} | {shares[1]:.3f} |")


def offensive(data: Path, encode: Encode, say: Callable[[str], None]) -> None:
    """Trained on train.csv, measured on val.csv."""
    train_rows, test_rows = (read_csv(data / "offensive" / name) for name in ("train.csv", "val.csv"))
    texts = [normalise(row["text"]) for row in (*train_rows, *test_rows)]
    label = np.array([row["tone"] == "offensive" for row in (*train_rows, *test_rows)])
    n = len(train_rows)
    read = [encode("off", texts[:n]), encode("offv", texts[n:])]
    blocks = blocks_of(texts, texts[:n], np.concatenate(read) if read[0] is not None and read[1] is not None else None)
    say("")
    say(f"## Offensive tweets ({n} to train, {len(test_rows)} to test)")
    say("")
    say("| features | macro-F1 | macro-F1 at the best threshold |")
    say("|---|---|---|")
    for name, parts in blocks.items():
        scores = fitted(parts, label, np.arange(n), np.arange(n, len(texts)))
        best = max(f1_score(label[n:], scores > at, average="macro") for at in np.linspace(-1, 1, 41))
        say(f"| {name} | {f1_score(label[n:], scores > 0, average='macro'):.3f} | {best:.3f} |")


def blocks_of(texts: Sequence[str], seen: Sequence[str], read: Floats | None) -> dict[str, list[Any]]:
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2).fit(seen).transform(texts)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=3).fit(seen)
    grams = [words, letters.transform(texts)]
    style = [sparse.csr_matrix(style_features(texts) * 0.5)]
    blocks = {"n-grams": grams, "style": style, "n-grams + style": [*grams, *style]}
    if read is not None:
        dense = [sparse.csr_matrix(read * 2)]
        blocks |= {"n-grams + encoder": [*grams, *dense], "n-grams + encoder + style": [*grams, *dense, *style]}
    return blocks


def fitted(parts: Sequence[Any], label: Flags, train: Any, test: Any) -> Floats:
    matrix = sparse.csr_matrix(sparse.hstack(parts).astype(np.float32))
    matrix.indices, matrix.indptr = matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)
    model = LogisticRegression(C=1.0, solver="liblinear", class_weight="balanced").fit(matrix[train], label[train])
    return np.asarray(model.decision_function(matrix[test]))


def speed(model: ToneModel, say: Callable[[str], None]) -> None:
    """CPU time, one thread: other programs on the machine do not count."""
    replies = [reply.text for reply in read_replies(REPLIES) if reply.is_good]
    long = [" ".join(replies[at : at + 12])[:600] for at in range(360)]
    ask = "My parcel is nine days late and nobody answers, this is really annoying."
    about = {"channel": "email", "to": ask, "mood": "negative"}
    for text in long:
        model.check(text, **about)
    took = sorted(
        min(timed(lambda text=text, fresh=forgetful(model): fresh.check(text, **about)) for _ in range(3))  # type: ignore[misc]
        for text in long
    )
    again = sorted(timed(lambda text=text: model.check(text, **about)) for text in long[-200:] for _ in range(2))
    style_features(long)
    style_s = timed(lambda: style_features(replies)) / len(replies)
    words = sum(len(text.split()) for text in replies) / len(replies)
    say("")
    say(f"## Time (CPU, one thread; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores)")
    say("")
    say("| what | p50 | p99 |")
    say("|---|---|---|")
    median, late = (took[int(len(took) * share)] * 1e3 for share in (0.5, 0.99))
    say(f"| one check of 600 characters, never seen before | {median:.2f} ms | {late:.2f} ms |")
    median, late = (again[int(len(again) * share)] * 1e3 for share in (0.5, 0.99))
    say(f"| the same text again, as when a draft is approved | {median:.2f} ms | {late:.2f} ms |")
    say(f"| style features of one text of {words:.0f} words | {style_s * 1e6:.0f} µs (mean) | |")


def forgetful(model: ToneModel) -> ToneModel:
    """The same check, remembering no text it has seen."""
    return model.with_head(model.head) if model.head else model


def timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


if __name__ == "__main__":
    main()

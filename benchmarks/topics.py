"""Topics found without labels, beside the labels people gave, and whether they stay from week to week.

    python -m benchmarks.topics --data ../shared/data

Adjusted mutual information of topics and labels: 0 for chance, 1 for the same partition. Public data is only measured
on, never kept.
"""

import argparse
import csv
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_mutual_info_score

from benchmarks.machine import RESULTS, heading, row
from care.topics import NO_TOPIC, Topic
from model.topics import TopicGrouper
from training.encoders import Remembering
from training.run import open_encoder

HOME = Path(__file__).resolve().parents[1] / ".tactful"
GOALS = {"banking77": "0.75", "bitext": "0.80", "clinc150": "none"}
WEEKS, EACH_WEEK, SHOWN = 4, 2_000, 12


def read_rows(path: Path) -> tuple[list[str], list[str]]:
    """Texts and labels of a file, each text once, shuffled once and for all."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(dict.fromkeys((text, label) for text, label, *_ in list(csv.reader(file))[1:]))
    order = np.random.default_rng(5).permutation(len(rows))
    return [rows[at][0] for at in order], [rows[at][1] for at in order]


def alike(first: Sequence[object], second: Sequence[object]) -> float:
    """Adjusted mutual information of two partitions."""
    names = [{name: at for at, name in enumerate(dict.fromkeys(said))} for said in (first, second)]
    return float(
        adjusted_mutual_info_score(
            *([name[one] for one in said] for name, said in zip(names, (first, second), strict=True))
        )
    )


def others_of(grouper: TopicGrouper, texts: Sequence[str], labels: Sequence[str]) -> tuple[float, float]:
    """The same for k-means that is told how many labels there are, and for HDBSCAN on 20 axes."""
    vectors = grouper.vectors(texts)
    told = KMeans(len(set(labels)), n_init=1, random_state=0).fit_predict(vectors)
    axes = PCA(20, random_state=0).fit_transform(vectors)
    dense = HDBSCAN(min_cluster_size=15, copy=True).fit_predict(axes)
    return alike(labels, told.tolist()), alike(labels, dense.tolist())


def weeks_of(grouper: TopicGrouper, texts: Sequence[str]) -> tuple[float, float, int]:
    """How alike the topics of one set of texts are as this week and the week after tell them; with topics carried on,
    the mean of the weeks, and without. And how many topics there are after the last week."""
    asked = texts[:1_000]
    weeks = [texts[1_000 + at * EACH_WEEK : 1_000 + (at + 1) * EACH_WEEK] for at in range(WEEKS)]
    known: Sequence[Topic] = ()
    carried, anew = [], []
    for week in weeks:
        if len(week) < EACH_WEEK / 2:
            break
        known = grouper.find(week, known=known).topics
        carried.append(_told(grouper, asked, known))
        anew.append(_told(grouper, asked, grouper.find(week).topics))
    pairs = list(zip(range(len(carried)), range(1, len(carried)), strict=False))
    kept = float(np.mean([alike(carried[at], carried[after]) for at, after in pairs]))
    return kept, float(np.mean([alike(anew[at], anew[after]) for at, after in pairs])), len(known)


def _told(grouper: TopicGrouper, texts: Sequence[str], known: Sequence[Topic]) -> list[str]:
    """The id of the topic each text is in, by its reach alone; texts that none reaches are one part."""
    of = grouper.reached(texts, known)
    return ["" if at == NO_TOPIC else known[at].id for at in of]


def main() -> None:
    """Measure, and write the results file."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data", type=Path, required=True)
    given = asked.parse_args()
    opened = open_encoder("minilm", home=HOME, threads=1)
    assert opened is not None
    lines = [heading("Topics without labels, beside the labels people gave")]
    lines += [row("set", "texts", "labels", "topics", "no topic", "AMI", "goal", "s", "k-means, told k", "HDBSCAN")]
    lines += [row(*["---"] * 10)]
    stable, named = [], []
    for name, goal in GOALS.items():
        texts, labels = read_rows(given.data / name / "train.csv")
        encoder = Remembering.of(opened)
        grouper = TopicGrouper(encoder)
        began = time.perf_counter()
        found = grouper.find(texts)
        took = time.perf_counter() - began
        outside = found.of.count(NO_TOPIC) / len(texts)
        ami = alike(labels, found.of)
        means, dense = others_of(grouper, texts, labels)
        said = (f"{outside:.1%}", f"**{ami:.3f}**", goal, f"{took:.0f}", f"{means:.3f}", f"{dense:.3f}")
        lines += [row(name, len(texts), len(set(labels)), len(found.topics), *said)]
        kept, anew, n = weeks_of(grouper, texts)
        stable += [row(name, f"{kept:.3f}", f"{anew:.3f}", n)]
        named += [f"{name}: " + "; ".join(f"{topic.name} ({topic.n})" for topic in found.topics[:SHOWN]) + "\n"]
    lines += ["\nTime is with encoding, one core. CLINC150 was not looked at while this was made.\n"]
    lines += [f"The same 1,000 texts by the topics of one week of {EACH_WEEK:,} texts and of the next (goal 0.9):\n"]
    lines += [
        row("set", "topics carried on", "each week anew", "topics after the last week"),
        row(*["---"] * 4),
        *stable,
    ]
    lines += ["\nNames of the largest:\n", *named]
    (RESULTS / "topics.md").write_text("\n".join(lines) + "\n", "utf-8")
    sys.stderr.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

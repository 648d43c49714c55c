"""Whether the words that are named as reasons carry the label: what leaving them out costs, beside random words.

    python -m benchmarks.reasons

The default bundle on the golden messages of six words or more, which it never learnt from. Writes results/reasons.md.
"""

import argparse
import csv
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.machine import RESULTS, ROOT, heading
from care.classification import Classification, Evidence
from wiring.assemble import Assembly
from wiring.settings import Settings

_WORD = re.compile(r"\S+")
DRAWS = 5


@dataclass(frozen=True)
class Pair:
    """One message without its named words, and without as many random ones."""

    label: str
    score: float
    unnamed: str
    random: str


def pair_of(text: str, label: str, score: float, evidence: tuple[Evidence, ...], chance: np.random.Generator) -> Pair:
    words = [match.span() for match in _WORD.finditer(text)]
    named = {at for at, (start, end) in enumerate(words) if any(e.start < end and e.end > start for e in evidence)}
    drawn = set(chance.choice(len(words), len(named), replace=False).tolist())

    def without(left_out: set[int]) -> str:
        return " ".join(text[start:end] for at, (start, end) in enumerate(words) if at not in left_out)

    return Pair(label, score, without(named), without(drawn))


def score_of(read: Classification, task: str, label: str) -> float:
    return next((candidate.score for candidate in read.tasks[task].candidates if candidate.label == label), 0.0)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--home", type=Path, default=Path(os.environ.get("TACTFUL_HOME", "~/.local/share/tactful")))
    home = asked.parse_args().home.expanduser()
    classifier = Assembly(Settings(home=home), bundle=home / "bundles" / "default", threads=2, is_trial=True).classifier
    with (ROOT / "fixtures" / "golden.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file) if len(row["text"].split()) >= 6]
    read = classifier.classify_many(texts, explain=True)
    lines = [heading("Reasons: words that carry a label"), ""]
    lines += ["| task | pairs | named words cost more | mean cost, named | random |", "|---|---|---|---|---|"]
    chance = np.random.default_rng(1)
    for task in classifier.labels:
        judged = [(text, classification.tasks[task]) for text, classification in zip(texts, read, strict=True)]
        pairs = [
            pair_of(text, j.label, j.score, j.evidence, chance)
            for text, j in judged
            # What a rule decided has the rule's name as its reason.
            if j.evidence and not j.reasons
            for _ in range(DRAWS)
        ]
        named = classifier.classify_many([pair.unnamed for pair in pairs])
        drawn = classifier.classify_many([pair.random for pair in pairs])
        costs = np.array(
            [
                (pair.score - score_of(a, task, pair.label), pair.score - score_of(b, task, pair.label))
                for pair, a, b in zip(pairs, named, drawn, strict=True)
            ]
        )
        is_more = float((costs[:, 0] > costs[:, 1]).mean())
        lines.append(f"| {task} | {len(pairs)} | {is_more:.3f} | {costs[:, 0].mean():.3f} | {costs[:, 1].mean():.3f} |")
    lines += [
        "",
        f"{explain_ms(classifier, texts[:150]):.2f} ms more for a message with reasons than without (median).",
    ]
    (RESULTS / "reasons.md").write_text("\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines))


def explain_ms(classifier: object, texts: list[str]) -> float:
    """The median of how much longer a message takes with reasons; no answer comes from the cache."""
    classify = classifier.classify  # type: ignore[attr-defined]
    more = []
    for text in texts:
        taken = []
        for explain in (False, True):
            started = time.perf_counter()
            classify(text + (" ." if explain else " !"), explain=explain)
            taken.append(time.perf_counter() - started)
        more.append((taken[1] - taken[0]) * 1e3)
    return float(np.median(more))


if __name__ == "__main__":
    main()

"""Does retrieval find the passage that answers, and does it keep quiet otherwise?

python -m benchmarks.knowledge          # each question by weights that were fitted without its passage
python -m benchmarks.knowledge --fit    # and write model/retrieval.toml, fitted on all of them
python -m benchmarks.knowledge --cases  # and print what went wrong
"""

import argparse
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from unittest.mock import patch

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from benchmarks.machine import ROOT, heading
from care.knowledge import Passage
from model import retrieval
from model.encoder import Encoder
from model.retrieval import PassageIndex, Weights, weights
from model.vectors import VectorCache
from playbook.knowledge.article import sentences_of
from wiring.settings import load_settings

FOLDER = ROOT / "fixtures" / "retrieval"
DAY = date(2026, 11, 27)
WEIGHTS_FILE = ROOT / "model" / "retrieval.toml"
N_FOLDS = 10
MOST_WRONG = 0.03


@dataclass(frozen=True)
class Case:
    """One question. passage: the number of the one that answers it; -1 for none. features: of the passages that come
    into question, each the likeness to its text, to a way of asking for it, and in words."""

    question: str
    passage: int
    rows: np.ndarray
    features: np.ndarray

    @property
    def place(self) -> int:
        """Where the right passage stands among those; -1 where it is not."""
        found = np.flatnonzero(self.rows == self.passage)
        return int(found[0]) if len(found) else -1


def passages() -> list[Passage]:
    with (FOLDER / "passages.csv").open(encoding="utf-8", newline="") as file:
        return [
            Passage(row["id"], row["title"], tuple(sentences_of(row["text"])), tuple(row["questions"].split(" | ")))
            for row in csv.DictReader(file)
        ]


def questions(known: Sequence[Passage]) -> list[tuple[str, int]]:
    numbers = {passage.place: at for at, passage in enumerate(known)}
    with (FOLDER / "questions.csv").open(encoding="utf-8", newline="") as file:
        return [(row["question"], numbers.get(row["passage"], -1)) for row in csv.DictReader(file)]


def _alone(index: PassageIndex, question: str, **only: float) -> dict[int, float]:
    """The raw score of each passage by one reading alone."""
    one = replace(weights(), **{"text": 0.0, "asked": 0.0, "words": 0.0, **only})
    with patch.object(retrieval, "weights", lambda: one):
        rows, raw = index.raw_scores(question, np.ones(len(index.passages), bool))
    return dict(zip(rows.tolist(), raw.tolist(), strict=True))


def cases(index: PassageIndex, asked: Sequence[tuple[str, int]]) -> list[Case]:
    found = []
    for question, passage in asked:
        each = [_alone(index, question, **{name: 1.0}) for name in ("text", "asked", "words")]
        rows = np.array(sorted(each[0]))
        found.append(Case(question, passage, rows, np.array([[one[row] for one in each] for row in rows.tolist()])))
    return found


def fit(known: Sequence[Case]) -> Weights:
    """Which passage comes first by a softmax over those in question, then the chance of the first by a logistic curve,
    then the least chance from which at most a share of MOST_WRONG of all questions is answered wrongly."""
    ready = [case for case in known if case.place >= 0]

    def loss(values: np.ndarray) -> float:
        total = 0.0
        for case in ready:
            scores = 12 * (case.features @ values)
            total += float(np.logaddexp.reduce(scores) - scores[case.place])
        return total / len(ready) + 0.02 * float(values @ values)

    text, by_question, words = minimize(loss, np.array([0.5, 0.5, 0.1])).x
    shape = replace(weights(), text=float(text), asked=float(by_question), words=float(words))
    tops = [_top(case, shape) for case in known]
    is_right = [row == case.passage for (row, _, _), case in zip(tops, known, strict=True)]
    curve = LogisticRegression(C=10.0).fit([(raw, lead) for _, raw, lead in tops], is_right)
    height, lead = curve.coef_[0]
    fitted = replace(shape, bias=float(curve.intercept_[0]), height=float(height), lead=float(lead))
    return replace(fitted, least=_least(known, fitted))


def _top(case: Case, by: Weights) -> tuple[int, float, float]:
    raw = case.features @ np.array([by.text, by.asked, by.words])
    order = np.argsort(-raw)
    return int(case.rows[order[0]]), float(raw[order[0]]), float(raw[order[0]] - raw[order[1]])


def _least(known: Sequence[Case], by: Weights) -> float:
    scored = sorted(((by.chance(raw, lead), row == case.passage) for case in known
                     for row, raw, lead in [_top(case, by)]), reverse=True)  # fmt: skip
    n_wrong, least = 0, 0.99
    for chance, is_right in scored:
        n_wrong += not is_right
        # Half of what is allowed, for questions that nobody has seen.
        if n_wrong > MOST_WRONG / 2 * len(known):
            break
        least = chance
    return round(least, 3)


def out_of_fold(known: Sequence[Case]) -> list[tuple[Case, int, float, bool]]:
    """By question: what comes first, its chance, and whether it is offered, by weights that never saw its passage."""
    groups = [case.passage if case.passage >= 0 else 10_000 + at for at, case in enumerate(known)]
    found = []
    for fold in range(N_FOLDS):
        by = fit([case for case, group in zip(known, groups, strict=True) if group % N_FOLDS != fold])
        for case, group in zip(known, groups, strict=True):
            if group % N_FOLDS == fold:
                row, raw, lead = _top(case, by)
                chance = by.chance(raw, lead)
                found.append((case, row, chance, chance >= by.least))
    return found


def report(judged: Sequence[tuple[Case, int, float, bool]]) -> Iterator[str]:
    n = len(judged)
    right = [row == case.passage for case, row, _, _ in judged]
    n_answerable = sum(case.passage >= 0 for case, *_ in judged)
    n_among = sum(_among(case, 5) for case, *_ in judged)
    n_offered = sum(offered for *_, offered in judged)
    n_good = sum(offered and is_right for (*_, offered), is_right in zip(judged, right, strict=True))
    n_wrong = n_offered - n_good
    bands = np.array_split(sorted(zip((chance for _, _, chance, _ in judged), right, strict=True)), 10)
    error = sum(len(band) / n * abs(band[:, 0].mean() - band[:, 1].mean()) for band in bands)
    yield f"| questions with an answer; without one | {n_answerable}; {n - n_answerable} |"
    yield f"| right passage first, of those with an answer | {sum(right) / n_answerable:.3f} |"
    yield f"| right passage among five | {n_among / n_answerable:.3f} |"
    yield f"| offered and right, of those with an answer | {n_good / n_answerable:.3f} |"
    yield f"| a wrong one offered, of all | {n_wrong / n:.3f} ({n_wrong} of {n_offered} offered) |"
    yield f"| calibration error of the first one's chance | {error:.3f} |"


def _among(case: Case, n: int) -> bool:
    raw = case.features @ np.array([weights().text, weights().asked, weights().words])
    return case.passage in case.rows[np.argsort(-raw)[:n]]


def write_weights(by: Weights) -> None:
    lines = ["# Fitted by `python -m benchmarks.knowledge --fit`; see benchmarks/results/knowledge.md."]
    lines += [f"{name} = {getattr(by, name):.4f}" for name in Weights.__dataclass_fields__]
    WEIGHTS_FILE.write_text("\n".join(lines) + "\n", "utf-8")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--fit", action="store_true")
    asked.add_argument("--cases", action="store_true", help="print what went wrong")
    options = asked.parse_args()
    encoder = Encoder.load(load_settings().encoder_folder)
    known = passages()
    index = PassageIndex.of(known, encoder, VectorCache(None))
    ready = cases(index, questions(known))
    judged = out_of_fold(ready)
    print(heading("Knowledge: passages found"))
    print("\n".join(report(judged)))
    if options.fit:
        write_weights(fit(ready))
    if options.cases:
        for case, row, chance, offered in judged:
            if row != case.passage:
                print(f"{'OFFERED' if offered else ''} {chance:.2f} {case.question!r} -> {known[row].title}")


if __name__ == "__main__":
    main()

"""What fine-tuning the encoder brings on public data, what it costs, and whether its figures keep their word.

    python -m benchmarks.finetune --data ../shared/data --only banking77

One fold of five is the test (`--fold`; several in turn, counted together); a frozen and a fine-tuned bundle are trained
on the other four by the very functions behind `tactful train`, and asked through the code that serves. Nothing of the
data enters the project: only figures are written, to benchmarks/results/finetune.md, beside the last figures of parts
that were not run.
"""

import argparse
import csv
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import RESULTS
from care.classification import OUT_OF_SCOPE, Classification
from training.finetune import train_finetuned
from training.lesson import Tuning
from training.options import CleanOptions, ReadOptions, TrainOptions
from training.run import Report, train
from training.score import score_classifications
from training.solvers import folds
from wiring.assemble import Assembly
from wiring.settings import Settings

FIGURES = RESULTS / "finetune.json"
REPORT = RESULTS / "finetune.md"
SETS = {"banking77": ("banking77/train", "intent"), "airline": ("airline/train", "sentiment")}
MEASURES = ("accuracy", "macro_f1", "ece", "coverage_at_0.95", "coverage_at_0.99", "auroc", "joint_accuracy")
N_LABELS_LEFT_OUT = 7


def main() -> None:
    """Run the parts asked for and write the report."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--data", type=Path, required=True)
    reader.add_argument("--only", choices=SETS, action="append")
    reader.add_argument("--fold", type=int, action="append", help="one of 0 to 4, several times for several; 0 alone")
    reader.add_argument("--at-most", type=int, default=0, help="rows in all, for a quick look")
    reader.add_argument("--left-out", action="store_true", help="some labels are never learnt: they are out of scope")
    reader.add_argument("--keep", type=Path, help="a folder for the bundles")
    reader.add_argument("--threads", type=int, default=2)
    reader.add_argument("--tuning", type=json.loads, default={}, help="numbers other than the usual, as JSON")
    asked = reader.parse_args()
    figures: dict[str, Any] = json.loads(FIGURES.read_text("utf-8")) if FIGURES.exists() else {}
    for name in asked.only or SETS:
        title = f"{name}, labels left out" if asked.left_out else name
        figures[title] = measure(name, asked)
        FIGURES.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
        REPORT.write_text(report_of(figures), "utf-8")


def measure(name: str, asked: argparse.Namespace) -> dict[str, Any]:
    """A frozen and a fine-tuned bundle of each fold asked for, scored together on the folds left out."""
    path, column = SETS[name]
    with (asked.data / f"{path}.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], row[column]) for row in csv.DictReader(file) if row[column]]
    if asked.at_most:
        rows = [rows[i] for i in np.sort(np.random.default_rng(7).permutation(len(rows))[: asked.at_most])]
    names = sorted({label for _, label in rows})
    left_out = set(names[:: len(names) // N_LABELS_LEFT_OUT]) if asked.left_out else set()
    parts = folds(np.array([names.index(label) for _, label in rows]), n_folds=5, seed=7)
    runs: dict[str, list[Run]] = {"fine-tuned": [], "frozen": []}
    for number in asked.fold or [0]:
        learnt, kept = parts[number]
        taught = [rows[i] for i in learnt if rows[i][1] not in left_out]
        tested = [(rows[i][0], OUT_OF_SCOPE if rows[i][1] in left_out else rows[i][1]) for i in kept]
        for way, done in runs.items():
            done.append(one_run(name, way, taught, tested, asked))
            say(f"{name}, fold {number}, {way}: {facts(done[-1:])}")
    frozen, tuned = (np.concatenate([run.right for run in runs[way]]).astype(float) for way in ("frozen", "fine-tuned"))
    draws = np.random.default_rng(7).integers(0, len(tuned), (2000, len(tuned)))
    return {
        "command": "python -m benchmarks.finetune " + " ".join(sys.argv[1:]),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "cores": os.cpu_count(),
        "n_folds": len(runs["frozen"]),
        "n_learnt": runs["frozen"][0].report.n_rows,
        "n_tested": sum(len(run.gold) for run in runs["frozen"]),
        **{way: facts(done) for way, done in runs.items()},
        "gain": [float(at) for at in np.quantile((tuned - frozen)[draws].mean(axis=1), (0.025, 0.975))],
    }


@dataclass(frozen=True)
class Run:
    """One bundle of one fold: what it promised, what it said of the rows left out, and what it cost.

    right: of the rows in scope.
    """

    report: Report
    manifest: dict[str, Any]
    gold: list[str]
    said: list[Classification]
    cpu_s: float

    @property
    def right(self) -> NDArray[np.bool_]:
        both = zip(self.said, self.gold, strict=True)
        return np.array(
            [classification.tasks["task"].label == label for classification, label in both if label != OUT_OF_SCOPE],
            bool,
        )


def one_run(
    name: str, way: str, taught: Sequence[tuple[str, str]], tested: Sequence[tuple[str, str]], asked: argparse.Namespace
) -> Run:
    """Train one bundle and ask it."""
    with tempfile.TemporaryDirectory() as made:
        home, file_ = Path(made), Path(made) / "learnt.csv"
        with file_.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("text", "task"), *taught])
        run = train
        if way == "fine-tuned":
            run = partial(train_finetuned, tuning=replace(Tuning(), **asked.tuning))
        cpu = time.process_time()
        read = ReadOptions({"task": "task"}, clean=CleanOptions(allow_conflicts=True))
        report = run([file_], read, TrainOptions(home / way, home, threads=asked.threads, say=say))
        cpu = time.process_time() - cpu
        classifier = Assembly(Settings(home=home), bundle=report.folder, threads=2, is_trial=True).classifier
        said = classifier.classify_many([text for text, _ in tested])
        manifest = json.loads((report.folder / "manifest.json").read_text("utf-8"))
        if asked.keep:
            shutil.copytree(report.folder, asked.keep / name / way, dirs_exist_ok=True)
        return Run(report, manifest, [label for _, label in tested], said, cpu)


def facts(runs: Sequence[Run]) -> dict[str, Any]:
    """What the bundles promised, what they kept, and what one of them cost."""
    gold = [label for run in runs for label in run.gold]
    scored = score_classifications(gold, [classification for run in runs for classification in run.said], "task")
    reports = [run.report for run in runs]
    return {
        **{measure: scored[measure] for measure in MEASURES if measure in scored},
        "promised": float(np.mean([report.tasks["task"]["accuracy"] for report in reports])),
        "n_promised": reports[0].tasks["task"]["n"],
        "cpu_s": round(float(np.mean([run.cpu_s for run in runs]))),
        "wall_s": round(float(np.mean([report.seconds for report in reports]))),
        "peak_mb": round(max(report.peak_mb for report in reports)),
        "finetuned": runs[0].manifest.get("finetuned"),
    }


def report_of(figures: dict[str, Any]) -> str:
    """All parts as Markdown."""
    lines = [
        "# Fine-tuning the encoder",
        "",
        "A frozen and a fine-tuned bundle, trained on the same four folds and served on the fifth; several folds left",
        "out in turn count together. *promised* is the accuracy that the manifests state, the mean of the folds; it",
        "should be the accuracy within what its rows can tell. CPU seconds and memory are of a whole training,",
        "calibration and report included. Gain: 95 % of paired resamples.",
    ]
    for name, figure in figures.items():
        tuned = figure["fine-tuned"]["finetuned"]
        low, high = figure["gain"]
        lines += [
            "",
            f"## {name}",
            "",
            f"{figure['n_learnt']} training rows, {figure['n_tested']} tested in "
            f"{figure.get('n_folds', 1)} of 5 folds. "
            f"{figure['date']}, {figure['cores']} cores, "
            f"`{figure['command']}`",
            "",
            "| | accuracy | macro-F1 | ECE | coverage at 95 % | at 99 % | AUROC | joint | promised (rows) "
            "| CPU s | peak MB |",
            "|---|---|---|---|---|---|---|---|---|---|---|",
        ]
        for way in ("frozen", "fine-tuned"):
            measured = figure[way]
            cells = [f"{measured[measure]:.4f}" if measure in measured else "" for measure in MEASURES]
            # The frozen bundle is trained second, in a process that has already held what fine-tuning takes.
            peak = str(measured["peak_mb"]) if way == "fine-tuned" else ""
            cells += [f"{measured['promised']:.4f} ({measured['n_promised']})", str(measured["cpu_s"]), peak]
            lines.append(f"| {way} | " + " | ".join(cells) + " |")
        lines += [
            "",
            f"Gain {low:+.4f} to {high:+.4f}. {tuned['epochs']} epochs over {tuned['n_learnt']} rows "
            f"({tuned['n_held_out']} held out) took {tuned['seconds']:.0f} s beside other work on the machine; the "
            f"estimate before was {tuned['estimated_seconds']:.0f} s.",
        ]
    return "\n".join(lines) + "\n"


def say(line: str) -> None:
    """One line of progress."""
    sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S}  {line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()

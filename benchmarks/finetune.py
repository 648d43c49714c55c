"""What fine-tuning the encoder brings on public data, what it costs, and whether its figures keep their word.

    python -m benchmarks.finetune --data ../shared/data --only banking77

One fold of five is the test; a frozen and a fine-tuned bundle are trained on the other four by the very functions
behind `tactful train`, and asked through the code that serves. Nothing of the data enters the project: only figures are
written, to benchmarks/results/finetune.md, beside the last figures of parts that were not run.
"""

import argparse
import csv
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import RESULTS
from care.classification import OUT_OF_SCOPE, Classification
from training.encoders import serving_classifier
from training.finetune import train_finetuned
from training.lesson import Tuning
from training.run import Report, train
from training.score import score_classifications
from training.solvers import folds

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
    reader.add_argument("--fold", type=int, default=0)
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
    """A frozen and a fine-tuned bundle of one fold, each scored on the fold left out."""
    path, column = SETS[name]
    with (asked.data / f"{path}.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], row[column]) for row in csv.DictReader(file) if row[column]]
    if asked.at_most:
        rows = [rows[i] for i in np.sort(np.random.default_rng(7).permutation(len(rows))[: asked.at_most])]
    names = sorted({label for _, label in rows})
    left_out = set(names[:: len(names) // N_LABELS_LEFT_OUT]) if asked.left_out else set()
    of = np.array([names.index(label) for _, label in rows])
    learnt, kept = folds(of, n_folds=5, seed=7)[asked.fold]
    texts = [rows[i][0] for i in kept]
    gold = [OUT_OF_SCOPE if rows[i][1] in left_out else rows[i][1] for i in kept]
    found: dict[str, Any] = {
        "command": "python -m benchmarks.finetune " + " ".join(sys.argv[1:]),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "cores": os.cpu_count(),
        "n_learnt": sum(rows[i][1] not in left_out for i in learnt),
        "n_tested": len(kept),
    }
    right: dict[str, list[bool]] = {}
    with tempfile.TemporaryDirectory() as made:
        file_ = Path(made) / "learnt.csv"
        with file_.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("text", "task"))
            writer.writerows(rows[i] for i in learnt if rows[i][1] not in left_out)
        tuning = replace(Tuning(), **asked.tuning)
        ways: dict[str, Callable[..., Report]] = {
            "fine-tuned": lambda *a, **k: train_finetuned(*a, tuning=tuning, **k),
            "frozen": train,
        }
        for way, run in ways.items():
            cpu = time.process_time()
            done = run(
                file_,
                text="text",
                labels={"task": "task"},
                out=Path(made) / way,
                home=Path(made),
                allow_conflicts=True,
                threads=asked.threads,
                progress=say,
            )
            cpu = time.process_time() - cpu
            said = serving_classifier(done.folder, home=Path(made), encoder="minilm").classify_many(texts)
            if asked.keep:
                shutil.copytree(done.folder, asked.keep / name / way, dirs_exist_ok=True)
            right[way] = [one.tasks["task"].label == label for one, label in zip(said, gold, strict=True)]
            found[way] = facts(done, gold, said, cpu)
            say(f"{name} {way}: {found[way]}")
    inside = np.array([label != OUT_OF_SCOPE for label in gold])
    gain = np.array(right["fine-tuned"], float)[inside] - np.array(right["frozen"], float)[inside]
    draws = np.random.default_rng(7).integers(0, len(gain), (2000, len(gain)))
    found["gain"] = [float(at) for at in np.quantile(gain[draws].mean(axis=1), (0.025, 0.975))]
    return found


def facts(done: Report, gold: list[str], said: list[Classification], cpu: float) -> dict[str, Any]:
    """What the bundle promised, what it kept, and what it cost."""
    scored = score_classifications(gold, said, "task")
    manifest = json.loads((done.folder / "manifest.json").read_text("utf-8"))
    return {
        **{measure: scored[measure] for measure in MEASURES if measure in scored},
        "promised": done.tasks["task"]["accuracy"],
        "n_promised": done.tasks["task"]["n"],
        "cpu_s": round(cpu),
        "wall_s": round(done.seconds),
        "peak_mb": round(done.peak_mb),
        "finetuned": manifest.get("finetuned"),
    }


def report_of(figures: dict[str, Any]) -> str:
    """All parts as Markdown."""
    lines = [
        "# Fine-tuning the encoder",
        "",
        "A frozen and a fine-tuned bundle, trained on the same four folds and served on the fifth. *promised* is the",
        "accuracy that the bundle's own manifest states; it should be the accuracy within what its rows can tell. CPU",
        "seconds and memory are of the whole training, calibration and report included. Gain: 95 % of paired",
        "resamples.",
    ]
    for name, found in figures.items():
        tuned = found["fine-tuned"]["finetuned"]
        low, high = found["gain"]
        lines += [
            "",
            f"## {name}",
            "",
            f"{found['n_learnt']} training rows, {found['n_tested']} tested. {found['date']}, {found['cores']} cores, "
            f"`{found['command']}`",
            "",
            "| | accuracy | macro-F1 | ECE | coverage at 95 % | at 99 % | AUROC | joint | promised (rows) "
            "| CPU s | peak MB |",
            "|---|---|---|---|---|---|---|---|---|---|---|",
        ]
        for way in ("frozen", "fine-tuned"):
            one = found[way]
            cells = [f"{one[measure]:.4f}" if measure in one else "" for measure in MEASURES]
            # The frozen bundle is trained second, in a process that has already held what fine-tuning takes.
            peak = str(one["peak_mb"]) if way == "fine-tuned" else ""
            cells += [f"{one['promised']:.4f} ({one['n_promised']})", str(one["cpu_s"]), peak]
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

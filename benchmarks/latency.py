"""How fast and how large classification is, in process: one message, bulk, cold start, memory, training.

    python -m benchmarks.latency                          the default bundle on golden messages of 12 to 20 words
    python -m benchmarks.latency --train ../shared/data/banking77/train.csv --label intent

Writes benchmarks/results/latency.md. Runs on whatever else the machine is doing, so CPU time stands beside wall time.
"""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.machine import RESULTS, ROOT, heading
from model.classifier import MessageClassifier
from training.export import ensure_encoder
from wiring.assemble import Assembly
from wiring.settings import Settings

_COLD = """
import json, resource, sys, time
started = time.perf_counter()
from pathlib import Path
from wiring.assemble import Assembly
from wiring.settings import Settings
classifier = Assembly(Settings(home=sys.argv[2]), bundle=Path(sys.argv[1]), threads=2, is_trial=True).classifier
classifier.classify("where is my parcel? it was due on Monday and nobody can tell me")
seconds = time.perf_counter() - started
print(json.dumps({"s": seconds, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3}))
"""
_TRAIN = """
import json, sys
from pathlib import Path
from training.options import ReadOptions, TrainOptions
from training.run import train
options = TrainOptions(Path(sys.argv[3]) / "bundle", Path(sys.argv[4]))
report = train([Path(sys.argv[1])], ReadOptions({"task": sys.argv[2]}), options)
print(json.dumps({"s": report.seconds, "mb": report.peak_mb, "rows": report.n_rows}))
"""


@dataclass(frozen=True)
class Timed:
    p50_ms: float
    p99_ms: float
    mean_ms: float
    cpu_ms: float


def timed(work: Callable[[str], object], texts: Sequence[str]) -> Timed:
    """Each text once, after three to warm up. cpu: of this process, all threads, a message."""
    for text in texts[:3]:
        work(text + " ")
    cpu = time.process_time()
    spent = []
    for text in texts:
        started = time.perf_counter()
        work(text)
        spent.append(time.perf_counter() - started)
    cpu = time.process_time() - cpu
    ms = np.array(spent) * 1e3
    return Timed(float(np.median(ms)), float(np.quantile(ms, 0.99)), float(ms.mean()), cpu / len(texts) * 1e3)


def rate(work: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    started = time.perf_counter()
    for start in range(0, len(texts), 256):
        work(texts[start : start + 256])
    return len(texts) / (time.perf_counter() - started)


def messages(folder: Path, *, n: int) -> list[str]:
    """Messages of 12 to 20 words out of the fixtures."""
    texts = []
    for path in sorted((folder / "messages").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            texts += [row["text"] for row in csv.DictReader(file)]
    texts = [text for text in texts if 12 <= len(text.split()) <= 20]
    order = np.random.default_rng(1).permutation(len(texts))[:n]
    return [texts[i] for i in order]


def without_cascade(classifier: MessageClassifier) -> Callable[[Sequence[str]], object]:
    """The same, with every message through the encoder."""
    [served] = classifier._served
    full = MessageClassifier(served.bundle, served.encoder, classifier._redactor)
    reader = full._served[0].reader
    reader.gates = np.full_like(reader.gates, 2)
    return full.classify_many


def peer(texts: Sequence[str]) -> tuple[Timed, float]:
    """The same encoder as transformers runs it, in full precision with two threads: one message, and 32 a call."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    from model.encoder import package_folder

    folder = str(package_folder())
    tokenizer, network = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    torch.set_num_threads(2)

    def read(batch: Sequence[str]) -> object:
        with torch.inference_mode():
            return network(**tokenizer(list(batch), padding=True, truncation=True, max_length=128, return_tensors="pt"))

    timing = timed(lambda text: read([text]), texts[:150])
    started = time.perf_counter()
    for start in range(0, 320, 32):
        read(texts[start : start + 32])
    return timing, 320 / (time.perf_counter() - started)


def child(program: str, *arguments: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    figures: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--home", type=Path, default=Path(os.environ.get("TACTFUL_HOME", "~/.local/share/tactful")))
    asked.add_argument("--n", type=int, default=600)
    asked.add_argument("--train", type=Path)
    asked.add_argument("--label", default="intent")
    args = asked.parse_args()
    home = args.home.expanduser()
    folder = home / "bundles" / "default"
    classifier = Assembly(Settings(home=home), bundle=folder, threads=2, is_trial=True).classifier
    texts = messages(ROOT / "fixtures", n=args.n)
    half = len(texts) // 2
    full = without_cascade(classifier)
    encoder = ensure_encoder(home, threads=2)
    rows = [
        ("the encoder alone, int8, two threads", timed(lambda text: encoder.features([text]), texts[half:])),
        ("cascade, three tasks and sensitive data", timed(classifier.classify, texts[:half])),
        ("full path, the same", timed(lambda text: full([text + "."]), texts[half:])),
        ("exact repeats", timed(classifier.classify, texts[:half])),
    ]
    theirs, their_rate = peer(texts)
    rows.append(("peer: the encoder alone in transformers, float32", theirs))
    bulk = (
        ("the encoder alone", rate(encoder.features, texts)),
        ("peer: the encoder alone in transformers, float32", their_rate),
        ("cascade", rate(classifier.classify_many, [text + "!" for text in texts])),
        ("full path", rate(full, [text + "?" for text in texts])),
    )
    cold = child(_COLD, str(folder), str(home))
    lines = [heading("Speed and size of classification"), ""]
    lines += ["| one message of 12 to 20 words | p50 ms | p99 ms | mean ms | CPU ms |", "|---|---|---|---|---|"]
    lines += [
        f"| {name} | {timing.p50_ms:.2f} | {timing.p99_ms:.2f} | {timing.mean_ms:.2f} | {timing.cpu_ms:.2f} |"
        for name, timing in rows
    ]
    lines += ["", "| bulk, 256 a call | messages/s |", "|---|---|", *(f"| {name} | {n:,.0f} |" for name, n in bulk)]
    lines += [
        "",
        f"Cold start to the first answer: {cold['s']:.2f} s; peak memory of that process {cold['mb']:.0f} MB.",
    ]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    lines += [f"Peak memory of this benchmark: {peak:.0f} MB. Load average: {os.getloadavg()[0]:.1f}."]
    if args.train:
        with tempfile.TemporaryDirectory() as out:
            made = child(_TRAIN, str(args.train.resolve()), args.label, out, str(home))
        lines += [f"Training {made['rows']:,.0f} messages, one task: {made['s']:.0f} s, peak {made['mb']:.0f} MB."]
    text = "\n".join(lines) + "\n"
    (RESULTS / "latency.md").write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()

"""What is read of a message for slots and for naming the matter: patterns and lists beside the reader of spans.

    python -m benchmarks.entities

Marked sentences of `fixtures/spans`, in two halves by trade: each half is read by a pipeline that learnt the other.
Writes benchmarks/results/entities.md.
"""

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks.machine import RESULTS, ROOT, heading, percentile, row
from care.sensitive import Handling, Redaction
from cli.home import data_home
from model.entities import entities_of
from model.recognisers.people import NAME
from model.sensitive import SensitiveFinder
from model.spans import GIVEN, LABELS, SpanReader, spans_folder
from playbook.names import given_name
from training.marked import Mark, MarkedText, read_marked
from training.spans import fit_spans, word_vectors

FIXTURES = ROOT / "fixtures"
CASES = ROOT.parent / "shared" / "cases" / "names.json"
OF_PATTERNS = {"name": "PERSON", "product": "PRODUCT", "city": "PLACE", "date": "DATE", "amount": "AMOUNT",
               "order_number": "ORDER", "parcel_number": "PARCEL"}  # fmt: skip
Read = list[set[Mark]]


def by_patterns(rows: Sequence[MarkedText]) -> Read:
    """What model/entities.py finds, under the labels of the marks."""
    return [
        {
            (found.start, found.end, OF_PATTERNS[found.kind])
            for found in entities_of(text.text, Redaction(text.text))
            if found.kind in OF_PATTERNS
        }
        for text in rows
    ]


def masked_names(rows: Sequence[MarkedText], finder: SensitiveFinder) -> Read:
    """The names that are masked before a message is kept."""
    return [
        {
            (span.start, span.end, "PERSON")
            for span in finder.redact(text.text).spans
            if span.category == NAME and span.handling is not Handling.ALLOW
        }
        for text in rows
    ]


def counted(rows: Iterable[MarkedText], read: Read) -> dict[str, tuple[int, int, int]]:
    """By label: right, read, marked. A thing that failed is a thing: read as PRODUCT it is right."""
    right: Counter[str] = Counter()
    n_read: Counter[str] = Counter()
    marked: Counter[str] = Counter()
    for text, found in zip(rows, read, strict=True):
        marks = set(text.marks)
        marked.update(label for _, _, label in marks)
        for start, end, label in found:
            n_read[label] += 1
            is_thing = label == "PRODUCT" and (start, end, "FAILED") in marks
            right[label] += is_thing or (start, end, label) in marks
    return {label: (right[label], n_read[label], marked[label]) for label in LABELS}


def told(count: tuple[int, int, int]) -> str:
    right, n_read, marked = count
    return f"{right / n_read:.2f} / {right / marked:.2f} ({right} of {n_read})" if n_read and marked else "–"


def report(home: Path) -> Iterator[str]:
    yield heading("Spans")
    rows = read_marked(FIXTURES / "spans")
    trades = sorted({text.trade for text in rows})
    halves = [set(trades[::2]), set(trades[1::2])]
    vectors = word_vectors(home / "encoder", width=64)
    unseen: list[MarkedText] = []
    proposed: Read = []
    sure: Read = []
    for half in halves:
        reader = fit_spans([text for text in rows if text.trade not in half], vectors=vectors)
        for text in (text for text in rows if text.trade in half):
            spans = reader.propose(text.text)
            unseen.append(text)
            proposed.append({(span.start, span.end, span.label) for span in spans})
            sure.append({(span.start, span.end, span.label) for span in spans if reader.is_sure(span)})
    yield f"\n{len(unseen)} marked rows of {len(trades)} trades; precision / recall of exact spans (right of read):\n"
    yield row("kind", "marked", "patterns and lists", "pipeline, all it proposes", "pipeline, sure")
    yield row("---", "---:", "---", "---", "---")
    old, every, given = (counted(unseen, read) for read in (by_patterns(unseen), proposed, sure))
    for label, kind in LABELS.items():
        given_told = told(given[label]) if label in GIVEN else "not given"
        yield row(kind, old[label][2], told(old[label]), told(every[label]), given_told)
    masked = counted(unseen, masked_names(unseen, SensitiveFinder()))["PERSON"]
    yield f"\nNames masked before a message is kept, by the recogniser of names: {told(masked)}.\n"
    yield from _display_names()
    yield from _time(home, unseen)


def _display_names() -> Iterator[str]:
    cases = json.loads(CASES.read_text("utf-8"))
    names = [given_name(case["name"]) for case in cases]
    greeted = [f"Hello {name}," if name else "Hello," for name in names]
    right = sum(greeting in case["want"] for greeting, case in zip(greeted, cases, strict=True))
    yield f"\nDisplay names of the shared cases greeted rightly by `playbook/names.py`: {right} of {len(cases)}.\n"


def _time(home: Path, rows: Sequence[MarkedText]) -> Iterator[str]:
    started = time.perf_counter()
    reader = SpanReader.load(spans_folder(home))
    load_s = time.perf_counter() - started
    times = []
    for text in rows:
        began = time.thread_time()
        reader.entities(text.text, Redaction(text.text))
        times.append((time.thread_time() - began) * 1e3)
    yield "\n## Time\n"
    yield row("", "value")
    yield row("---", "---:")
    yield row("one sentence, p50, ms of processor time", f"{percentile(times, 0.5):.2f}")
    yield row("p99", f"{percentile(times, 0.99):.2f}")
    yield row("load the pipeline, spaCy imported, s", f"{load_s:.2f}")
    yield row("thresholds", ", ".join(f"{label} {least:.2f}" for label, least in sorted(reader.thresholds.items())))


def main() -> None:
    lines = list(report(data_home()))
    (RESULTS / "entities.md").write_text("\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()

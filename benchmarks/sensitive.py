"""How much sensitive data is found, how little else is marked, and how fast; stock Presidio beside it.

    python -m benchmarks.sensitive --data ../shared/data

Writes benchmarks/results/sensitive.md. Without --data only our own fixtures are measured. Timings are
processor time, the best of three, because other work may run beside it.
"""

import argparse
import csv
import json
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.machine import RESULTS, ROOT, heading, percentile, row
from care.sensitive import Handling
from model.recognisers import presidio
from model.sensitive import SensitiveFinder

FIXTURES = ROOT / "fixtures"
Span = tuple[str, int, int]
Finder = Callable[[str], list[Span]]
# presidio-research's names -> ours -> Presidio's.
KINDS = {
    "CREDIT_CARD": "payment_card",
    "IBAN_CODE": "iban",
    "US_SSN": "us_ssn",
    "EMAIL_ADDRESS": "email",
    "IP_ADDRESS": "ip_address",
    "PHONE_NUMBER": "phone",
    "US_DRIVER_LICENSE": "driver_licence",
}
PUMPS = (
    "4", "4 ", "4111 1111 1111 1111 ", "4111 1111 1111 1112 ", "my card 4 ", "1-", "1.2.3.4 ", "a@b.co ", "a@",
    "four one ", "gb12 ",
    "GB82WEST12345698765432 ", "123-45-6780 ", "905-674-3793 ", "12 Main St ", "My name is Ann ", "password is x1 ",
    "passport a1234567 ",
    "i am diabetic ", "order 1234 ", "dob 1/1/20 ", "390.533.447-05 ", "sk_live_aaaaaaaaaaaa ", "<A", "\u200b4", "４",
    "-----BEGIN ",
)  # fmt: skip


def ours() -> Finder:
    finder = SensitiveFinder()

    def find(text: str) -> list[Span]:
        return [(s.category, s.start, s.end) for s in finder.redact(text).spans if s.handling is not Handling.ALLOW]

    return find


def stock_presidio() -> Finder:
    """Presidio as its documentation sets it up without a download: blank English, its own recognisers, score 0.35.

    The lemma pipe and the offline suffix list are what it needs to run here at all.
    """
    presidio.load()
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
    from spacy.language import Language

    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())

    class Blank(SpacyNlpEngine):
        def __init__(self) -> None:
            super().__init__(ner_model_configuration=NerModelConfiguration())
            blank = spacy.blank("en")
            blank.add_pipe("lower_lemma")
            self.nlp = {"en": blank}  # type: ignore[assignment]

        def load(self) -> None:
            """Nothing: the pipeline is here already."""

    @Language.component("lower_lemma")
    def lower_lemma(doc: Any) -> Any:
        for token in doc:
            token.lemma_ = token.lower_
        return doc

    engine = Blank()
    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=engine)
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
    names = [name for name in KINDS if name in analyzer.get_supported_entities("en")]

    def find(text: str) -> list[Span]:
        results = analyzer.analyze(text, language="en", entities=names, score_threshold=0.35)
        return [(KINDS[result.entity_type], result.start, result.end) for result in results]

    return find


# Quality ------------------------------------------------------------------------------------------------------------


def on_research(find: Finder, rows: list[dict[str, Any]]) -> dict[str, tuple[int, int, int, int]]:
    """Kind -> found with that kind, found exactly, there are, sentences with a false mark of that kind."""
    hits: Counter[str] = Counter()
    exact: Counter[str] = Counter()
    total: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for text_row in rows:
        got = find(text_row["text"])
        real = [
            (KINDS[span["type"]], span["start"], span["end"]) for span in text_row["spans"] if span["type"] in KINDS
        ]
        for kind, start, end in real:
            total[kind] += 1
            hits[kind] += any(k == kind and s < end and start < e for k, s, e in got)
            exact[kind] += (kind, start, end) in got
        false.update(
            {kind for kind, start, end in got if not any(k == kind and s < end and start < e for k, s, e in real)}
        )
    return {kind: (hits[kind], exact[kind], total[kind], false[kind]) for kind in total}


def cases(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FIXTURES / "sensitive" / name).read_text("ascii").splitlines()]


def on_fixtures(find: Finder) -> dict[str, tuple[int, int]]:
    """Set -> right, all: cards wholly covered, look-alikes without a card mark."""
    cards, lookalikes = cases("cards.jsonl"), cases("lookalikes.jsonl")
    covered = sum(
        any(k == "payment_card" and s <= card["start"] and e >= card["end"] for k, s, e in find(card["text"]))
        for card in cards
    )
    quiet = sum(all(kind != "payment_card" for kind, _, _ in find(lookalike["text"])) for lookalike in lookalikes)
    return {"cards": (covered, len(cards)), "look-alikes left alone": (quiet, len(lookalikes))}


def on_vectors(find: Finder) -> dict[str, tuple[int, int]]:
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for case in cases("vectors.jsonl"):
        spans = [(s, e) for kind, s, e in find(case["text"]) if kind == case["kind"]]
        at = (case["start"], case["end"])
        total[case["kind"]] += 1
        right[case["kind"]] += at in spans if case["is_one"] else not any(s < at[1] and at[0] < e for s, e in spans)
    return {kind: (right[kind], total[kind]) for kind in total}


def split_cards_masked() -> tuple[int, int]:
    finder = SensitiveFinder()
    masked = 0
    every = cases("split_cards.jsonl")
    for pair in every:
        second = finder.redact(pair["second"], before=finder.redact(pair["first"]).text).text
        masked += pair["digits"] not in "".join(filter(str.isdigit, second))
    return masked, len(every)


def ordinary(data: Path | None) -> dict[str, list[str]]:
    """Messages of people who gave nothing away: the public sets, or else our own."""
    if data is None:
        return {
            "our own messages": [text for path in sorted((FIXTURES / "messages").glob("*.csv")) for text in texts(path)]
        }
    return {name: texts(data / name / "train.csv") for name in ("airline", "banking77", "twitter_support")}


def texts(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as rows:
        return [row["text"] for row in csv.DictReader(rows)]


# Speed --------------------------------------------------------------------------------------------------------------


def timed(find: Callable[[str], object], messages: Iterable[str]) -> list[float]:
    """Milliseconds of processor time a message; each is read three times and the best counts."""
    times = []
    for text in messages:
        best = float("inf")
        for _ in range(3):
            started = time.thread_time()
            find(text)
            best = min(best, time.thread_time() - started)
        times.append(best * 1e3)
    return times


def of_200(messages: Iterable[str], most: int) -> list[str]:
    return [(text + " " + text * (200 // max(1, len(text))))[:200] for text in messages][:most]


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# Report -------------------------------------------------------------------------------------------------------------


def report(data: Path | None) -> Iterable[str]:
    yield heading("Sensitive data")
    find = ours()
    find("my card 4111 1111 1111 1111")
    before_mb, started = megabytes(), time.perf_counter()
    presidio.load()
    load_s, after_mb = time.perf_counter() - started, megabytes()
    stock = stock_presidio()

    if data is not None:
        rows = [json.loads(line) for line in (data / "sensitive" / "train.jsonl").read_text("utf-8").splitlines()]
        yield from _research(find, stock, rows)
    yield from _sets(find, stock)
    yield from _ordinary(find, ordinary(data))
    yield from _speed(find, stock, [text for some in ordinary(data).values() for text in some])
    yield "\n## Loading\n"
    yield row("", "value")
    yield row("---", "---:")
    yield row("memory before Presidio is needed, MB", before_mb)
    yield row("after, MB", after_mb)
    yield row("seconds to load it", load_s)


def _research(find: Finder, stock: Finder, rows: list[dict[str, Any]]) -> Iterable[str]:
    yield f"\n## presidio-research, the shared file ({len(rows)} sentences)\n"
    yield row("kind", "ours found", "share", "exact span", "false per 1,000", "Presidio found", "false per 1,000")
    yield row("---", *["---:"] * 6)
    mine, theirs = on_research(find, rows), on_research(stock, rows)
    for kind, (hits, exact, total, false) in sorted(mine.items()):
        peer = theirs.get(kind, (0, 0, total, 0))
        yield row(kind, f"{hits}/{total}", f"{hits / total:.3f}", f"{exact}/{total}", false * 1000 / len(rows),
                  f"{peer[0]}/{total}", peer[3] * 1000 / len(rows))  # fmt: skip


def _sets(find: Finder, stock: Finder) -> Iterable[str]:
    yield "\n## Our adversarial sets\n"
    yield row("set", "ours", "share", "Presidio", "share")
    yield row("---", *["---:"] * 4)
    theirs = on_fixtures(stock)
    for name, (right, total) in on_fixtures(find).items():
        yield row(name, f"{right}/{total}", f"{right / total:.4f}", f"{theirs[name][0]}/{total}",
                  f"{theirs[name][0] / total:.4f}")  # fmt: skip
    masked, total = split_cards_masked()
    yield row("second halves of split cards masked", f"{masked}/{total}", f"{masked / total:.4f}", "–", "–")
    yield "\nVectors from public standards, judged as the standard does (exact span):\n"
    yield row("kind", "ours", "Presidio")
    yield row("---", "---:", "---:")
    peers = on_vectors(stock)
    compared = set(KINDS.values())
    for kind, (right, total) in on_vectors(find).items():
        yield row(kind, f"{right}/{total}", f"{peers[kind][0]}/{total}" if kind in compared else "not asked")


def _ordinary(find: Finder, sets: dict[str, list[str]]) -> Iterable[str]:
    yield "\n## Marks on ordinary messages\n"
    yield "Phones, e-mail and network addresses written out are true; the rest is listed by kind.\n"
    yield row("set", "messages", "payment_card", "phone, email, ip", "other masks per 1,000", "which")
    yield row("---", *["---:"] * 4, "---")
    for name, messages in sets.items():
        marked: defaultdict[str, int] = defaultdict(int)
        for text in messages:
            for kind in {kind for kind, _, _ in find(text)}:
                marked[kind] += 1
        contact = sum(marked.pop(kind, 0) for kind in ("phone", "email", "ip_address"))
        which = ", ".join(f"{kind} {count}" for kind, count in sorted(marked.items())) or "none"
        yield row(name, len(messages), marked["payment_card"], contact,
                  f"{sum(marked.values()) * 1000 / len(messages):.2f}", which)  # fmt: skip


def _speed(find: Finder, stock: Finder, messages: list[str]) -> Iterable[str]:
    yield "\n## Time, one message, one thread, milliseconds of the processor\n"
    yield row("messages", "n", "p50", "p99", "most")
    yield row("---", *["---:"] * 4)
    plain = timed(find, of_200(messages[:: max(1, len(messages) // 5000)], 5000))
    filler = "Where is my parcel, it was promised for last week and nobody answers me, what do I have to do now? " * 3
    values = [case["text"] for case in cases("cards.jsonl") + cases("vectors.jsonl")]
    loaded = timed(find, [(text + ". " + filler)[: max(200, len(text))] for text in values])
    peer = timed(stock, of_200(messages[:: max(1, len(messages) // 300)], 300))
    for name, times in (
        ("ordinary, 200 characters", plain),
        ("each with one value, 200 characters", loaded),
        ("Presidio, seven kinds, ordinary, 200 characters", peer),
    ):
        yield row(
            name,
            len(times),
            *(f"{value:.3f}" for value in (percentile(times, 0.5), percentile(times, 0.99), max(times))),
        )
    worst = sorted(
        ((timed(find, [(pump * (10_000 // len(pump) + 1))[:10_000]])[0], pump) for pump in PUMPS), reverse=True
    )
    yield "\n10,000 characters of one thing, the slowest five:\n"
    yield row("text", "ms")
    yield row("---", "---:")
    for value, pump in worst[:5]:
        yield row(f"`{pump!r}` over and over", value)
    yield row(f"median of {len(worst)} such texts", percentile([value for value, _ in worst], 0.5))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with sensitive/train.jsonl, airline/train.csv, ...")
    chosen = parser.parse_args()
    lines = []
    for line in report(chosen.data):
        print(line, flush=True)
        lines.append(line)
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / "sensitive.md"
    # What we say about a figure is written by hand below the marker and survives the next run.
    marker = "\n## What it means\n"
    said = target.read_text("utf-8").partition(marker)[2] if target.exists() else "\n"
    target.write_text("\n".join(lines) + "\n" + marker + said, "utf-8")
    print(f"written to {target.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    main()

"""Is somebody told within a minute? Sixty messages that cannot wait, read by the trained heads, with any label set.

    python -m benchmarks.safety [--home FOLDER]

Each message comes in on its own, in working hours, at night and on a holiday, and is read by the real risk heads; the
labels beside them are those of six bundles that know nothing of danger, and the default bundle's own. With no label at
all and at night it also comes in a mail's subject, later in a conversation, and beside a card number. The example
playbook decides, a real outbox tells. Writes benchmarks/results/safety.md.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.machine import RESULTS, heading, row
from care.classification import Classification, Judgement
from care.delivery import Delivery
from care.escalation import Notice
from care.journey import Journey
from care.message import Author, Inbound, Origin, Turn, Visibility
from care.ports import NOTIFY, Classifier
from care.unit_of_work import Store
from store.migrate import migrate
from store.work import open_store
from tests.doubles import FixedClock, RecordingQueue
from tests.playbook.builders import SilentTone
from tests.safety import BUNDLES, MESSAGES, MOMENTS, OF_MESSAGE
from wiring.assemble import Assembly
from wiring.settings import Settings

OWN_LABELS = "the default bundle's own labels"
WITHIN = timedelta(minutes=1)
ALONE, NO_LABEL, NIGHT = "alone", "no task at all", "at night"
WAYS = (ALONE, "in a mail's subject", "later in a conversation", "beside a card number")
"""How a message comes in."""
STEP = timedelta(seconds=10)
"""How much the clock moves between a message's coming in, its reading and the notice: more than either takes."""


@dataclass
class Reader:
    """The real classifier; its labels give way to those of another label set, what cannot wait stays."""

    real: Classifier
    tasks: Mapping[str, Judgement] | None = None
    known: dict[tuple[str, ...], Classification] = field(default_factory=dict)

    @property
    def bundle_id(self) -> str:
        return self.real.bundle_id

    @property
    def labels(self) -> Mapping[str, Sequence[str]]:
        return self.real.labels

    def classify(self, text: str, *, thread: Sequence[Turn] = ()) -> Classification:
        key = (text, *(turn.text for turn in thread))
        if key not in self.known:
            self.known[key] = self.real.classify(text, thread=thread)
        read = self.known[key]
        return read if self.tasks is None else replace(read, tasks=self.tasks)

    def classify_many(self, texts: Sequence[str], **_: object) -> list[Classification]:
        return [self.classify(text) for text in texts]


@dataclass
class Pager:
    """Takes notices; told: when, by the address it goes to."""

    clock: FixedClock
    told: list[tuple[str, datetime]] = field(default_factory=list)

    def notify(self, notice: Notice) -> None:
        self.told.append((notice.recipient, self.clock()))


@dataclass(frozen=True)
class Outcome:
    """What became of one message. is_seen: the right kind was found by whoever reads. action: what was decided."""

    text: str
    is_told: bool
    is_seen: bool
    risks: tuple[str, ...]
    action: str


@dataclass(frozen=True)
class House:
    store: Store
    parts: Assembly
    reader: Reader

    def told(self, label_set: str, moment: str, way: str = ALONE) -> list[Outcome]:
        """All messages with one label set at one moment."""
        self.reader.tasks = None if label_set == OWN_LABELS else BUNDLES[label_set]
        clock, queue = FixedClock(MOMENTS[moment]), RecordingQueue()
        walk = Journey(
            store=self.store, channels={}, redactor=self.parts.redactor, classifier=self.reader,
            playbook=self.parts.playbook, tone=SilentTone(), queue=queue, clock=clock, undo_s={},
        )  # fmt: skip
        pager = Pager(clock)
        delivery = Delivery(
            store=self.store, channels={}, redactor=self.parts.redactor, tone=walk.tone, clock=clock, lease_s=60,
            notifier=pager,
        )  # fmt: skip
        return [
            self._one(walk, delivery, pager, queue, clock, way, f"{label_set} {moment} {way} {number}", text, kind)
            for number, (text, kind) in enumerate(OF_MESSAGE.items())
        ]

    def _one(
        self, walk: Journey, delivery: Delivery, pager: Pager, queue: RecordingQueue, clock: FixedClock, way: str,
        key: str, text: str, kind: str,
    ) -> Outcome:  # fmt: skip
        written = clock.now
        *before, message = come_in(text, way, key, at=written)
        for message_id in walk.receive(before):
            walk.prepare(message_id)
        queue.rung.clear()
        pager.told.clear()
        [message_id] = walk.receive([message])
        clock.now = written + STEP
        walk.prepare(message_id)
        clock.now = written + 2 * STEP
        for notice_id in queue.of(NOTIFY):
            delivery.notify(notice_id)
        is_told = any(address and at - written <= WITHIN for address, at in pager.told)
        clock.now = written
        with self.store(read=True) as work:
            suggestion = work.cases.file(message_id).suggestion
            read = work.classifications.get(message_id)
        risks = tuple(risk.kind for risk in read.risk) if read is not None else ()
        return Outcome(text, is_told, kind in risks, risks, str(suggestion.decision.action) if suggestion else "none")


def come_in(text: str, way: str, key: str, *, at: datetime) -> list[Inbound]:
    """The message as it comes in, after what came before it."""
    author = Author(f"kim{key}", "Kim")
    alone = Inbound(
        origin=Origin(channel="x", outside_id=key, thread_key=key, written_at=at),
        author=author,
        text=text,
        visibility=Visibility.PUBLIC,
    )
    if way == "in a mail's subject":
        mail = replace(alone, origin=replace(alone.origin, channel="email"), visibility=Visibility.PRIVATE)
        return [replace(mail, text="Please get back to me.", subject=text)]
    if way == "later in a conversation":
        earlier = replace(
            alone,
            origin=replace(alone.origin, outside_id=f"{key} before", written_at=at - timedelta(hours=2)),
            text="where is my order?",
        )
        return [earlier, alone]
    if way == "beside a card number":
        return [replace(alone, text=f"{text}, my card is 4111 1111 1111 1111")]
    return [alone]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--home", type=Path, default=Path(os.environ.get("TACTFUL_HOME", "~/.local/share/tactful")))
    home = asked.parse_args().home.expanduser().absolute()
    parts = Assembly(Settings(home=home), is_trial=True)
    folder = Path(tempfile.mkdtemp(prefix="tactful-safety-"))
    started = time.perf_counter()
    try:
        url = f"sqlite:///{folder / 'tactful.db'}"
        migrate(url)
        house = House(open_store(url), parts, Reader(parts.classifier))
        outcomes = {
            (label_set, moment): house.told(label_set, moment)
            for label_set in (*BUNDLES, OWN_LABELS)
            for moment in MOMENTS
        }
        by_way = {way: house.told(NO_LABEL, NIGHT, way) for way in WAYS if way != ALONE}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    text = report(outcomes, by_way, bundle=parts.classifier.bundle_id, seconds=time.perf_counter() - started)
    (RESULTS / "safety.md").write_text(text, "utf-8")
    print(text)


def report(
    outcomes: Mapping[tuple[str, str], list[Outcome]],
    by_way: Mapping[str, list[Outcome]],
    *,
    bundle: str,
    seconds: float,
) -> str:
    lines = [heading("Safety: somebody is told within a minute"), ""]
    lines += [f"{len(OF_MESSAGE)} messages, bundle {bundle}, risk heads as trained, {seconds:.0f} s.", ""]
    lines += [row("labels", *MOMENTS), row(*["---"] * (1 + len(MOMENTS)))]
    for label_set in dict.fromkeys(name for name, _ in outcomes):
        told = [sum(outcome.is_told for outcome in outcomes[label_set, moment]) for moment in MOMENTS]
        lines.append(row(label_set, *(f"{n} of {len(OF_MESSAGE)}" for n in told)))
    lines += ["", row(f"{NO_LABEL}, {NIGHT}", "told", "found, nobody told"), row("---", "---", "---")]
    for way, of_way in ((ALONE, outcomes[NO_LABEL, NIGHT]), *by_way.items()):
        lost = sum(bool(outcome.risks) and not outcome.is_told for outcome in of_way)
        lines.append(row(way, f"{sum(outcome.is_told for outcome in of_way)} of {len(of_way)}", lost))
    everything = [outcome for several in outcomes.values() for outcome in several]
    lines += ["", *_where_lost(everything), "", *_by_kind(outcomes), "", *_missed(everything)]
    return "\n".join(lines) + "\n"


def _where_lost(everything: Sequence[Outcome]) -> list[str]:
    """Of the messages that nobody was told of: what the reader found in them."""
    lost = [outcome for outcome in everything if not outcome.is_told]
    unseen = sum(not outcome.risks for outcome in lost)
    return [
        f"Lost by the reader, which found nothing that cannot wait: {unseen} of {len(everything)} runs. Lost by the "
        f"decision, though something was found: {len(lost) - unseen}.",
    ]


def _by_kind(outcomes: Mapping[tuple[str, str], list[Outcome]]) -> list[str]:
    """Found at all, and as the kind it is; the same in every run, for labels have no part in it."""
    by_text = {outcome.text: outcome for outcome in next(iter(outcomes.values()))}
    lines = [row("kind", "messages", "something found", "its kind found"), row(*["---"] * 4)]
    for kind, texts in MESSAGES.items():
        seen = [by_text[text] for text in texts]
        lines.append(
            row(
                kind, len(texts), sum(bool(outcome.risks) for outcome in seen), sum(outcome.is_seen for outcome in seen)
            )
        )
    return lines


def _missed(everything: Sequence[Outcome]) -> list[str]:
    """The messages that somebody was not told of in some run."""
    missed = Counter(outcome.text for outcome in everything if not outcome.is_told)
    by_text = {outcome.text: outcome for outcome in everything if not outcome.is_told}
    runs = len(everything) // len(OF_MESSAGE)
    lines = [row("not told", "kind", f"of {runs} runs", "found", "decided"), row(*["---"] * 5)]
    for text, n in missed.most_common():
        outcome = by_text[text]
        lines.append(row(text, OF_MESSAGE[text], n, ", ".join(outcome.risks) or "nothing", outcome.action))
    return lines


if __name__ == "__main__":
    main()

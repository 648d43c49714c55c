"""The report on many cases: every figure counted again from the audit trail, and how long it takes.

    python -m benchmarks.report --cases 50000
    python -m benchmarks.report --cases 50000 --url postgresql+psycopg://...

Cases of a year, made row by row as the service would keep them: a message each, a decision, and by chance an answer, a
promise, a rejection, a correction, a resolution. Writes results/report.md.
"""

import argparse
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert

from benchmarks.machine import RESULTS, heading, row
from care.case import CaseState, Resolution, Source
from care.classification import Candidate, Classification, Judgement
from care.decision import Action, Decision, Priority
from care.hours import DAY_MIN, Hours, ServiceClock, Shift, Window
from care.message import Visibility
from care.promise import PromiseState
from care.reply import Purpose, ReplyStage, SuggestionState
from care.reporting import By, Period, report
from care.sensitive import Handling, Redaction
from store import tables
from store.migrate import migrate
from store.work import SqlStore, open_store

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
INTENTS, TEAMS, CHANNELS = (
    ("refund_status", "delivery", "praise", "outage"),
    ("care", "billing"),
    ("x", "chat", "email"),
)
PEOPLE = tuple(f"per_{n}" for n in range(12))
CLOCK = ServiceClock(
    Hours("Europe/Berlin", ((Shift(8 * 60, 20 * 60),),) * 5 + ((Shift(0, DAY_MIN),),) * 2),
    {"*": Window(promise=timedelta(hours=4), target=timedelta(hours=1))},
)


@dataclass
class Rows:
    """Rows by table, and the figures that their making implies."""

    of: dict[type[tables.TableRow], list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: type[tables.TableRow], **values: Any) -> None:
        self.of.setdefault(table, []).append(values)

    def note(self, event: str, subject_id: str, case_id: str, at: datetime, **facts: object) -> None:
        self.add(tables.EventRow, event=event, subject_id=subject_id, by="bench", at=at, facts=facts, case_id=case_id)

    def write(self, engine: Engine) -> None:
        order = (
            tables.ThreadRow, tables.CaseRow, tables.MessageRow, tables.ClassificationRow, tables.SuggestionRow,
            tables.ReplyRow, tables.PromiseRow, tables.CorrectionRow, tables.EventRow,
        )  # fmt: skip
        with engine.begin() as connection:
            for table in order:
                if rows := self.of.pop(table, []):
                    connection.execute(insert(table), rows)


def a_case(rows: Rows, n: int, dice: random.Random) -> None:
    id, channel = f"{n:08d}", dice.choice(CHANNELS)
    opened = FIRST + timedelta(seconds=dice.randrange(330 * 86_400))
    decision = Decision(
        Action.ANSWER_PUBLIC, dice.choice(TEAMS), Priority(), opened + timedelta(hours=1), opened + timedelta(hours=4)
    )
    rows.add(tables.ThreadRow, id=f"thr_{id}", channel=channel, key=id)
    ended = opened + timedelta(hours=dice.randrange(9, 60)) if dice.random() < 0.7 else None
    rows.add(
        tables.CaseRow, id=f"cas_{id}", channel=channel, thread_id=f"thr_{id}", customer=f"c{n}",
        state=CaseState.RESOLVED if ended else CaseState.OPEN, latest_message_id=f"msg_{id}", turn=1, opened_at=opened,
        changed_at=ended or opened, source=Source.LIVE, resolved_at=ended, priority=0,
        resolution=Resolution.SOLVED if ended else None,
    )  # fmt: skip
    rows.add(
        tables.MessageRow, id=f"msg_{id}", channel=channel, outside_id=id, thread_id=f"thr_{id}", thread_key=id,
        handle=f"c{n}", text="Where is it?", visibility=Visibility.PRIVATE, written_at=opened, received_at=opened,
        handling=Handling.ALLOW, spans=(), case_id=f"cas_{id}", turn=1,
    )  # fmt: skip
    rows.note("message.received", f"msg_{id}", f"cas_{id}", opened)
    intent = dice.choice(INTENTS)
    rows.add(
        tables.ClassificationRow, message_id=f"msg_{id}", bundle="bench", made_at=opened,
        value=Classification({"intent": Judgement(intent, 0.9, (Candidate(intent, 0.9),))}, Redaction("Where is it?")),
    )  # fmt: skip
    _what_people_did(rows, id, opened, decision, dice)
    if ended:
        rows.note("case.resolved", f"cas_{id}", f"cas_{id}", ended)


def _what_people_did(rows: Rows, id: str, opened: datetime, decision: Decision, dice: random.Random) -> None:
    at, person, case_id = opened + timedelta(minutes=dice.randrange(1, 500)), dice.choice(PEOPLE), f"cas_{id}"
    state = dice.choice((SuggestionState.APPROVED,) * 3 + (SuggestionState.REJECTED, SuggestionState.DISMISSED))
    rows.add(
        tables.SuggestionRow, id=f"sug_{id}", message_id=f"msg_{id}", thread_id=f"thr_{id}", case_id=case_id, turn=1,
        decision=decision, drafts=(), state=state, version=2, created_at=opened, due_at=decision.due_at, priority=0,
        decided_by=person, decided_at=at, playbook="bench",
        reject_reason="other" if state is SuggestionState.REJECTED else None,
    )  # fmt: skip
    rows.note(f"suggestion.{state}", f"sug_{id}", case_id, at)
    if dice.random() < 0.1:
        rows.add(
            tables.CorrectionRow, message_id=f"msg_{id}", task="intent", predicted="a", corrected="b", agent=person,
            corrected_at=at,
        )  # fmt: skip
        rows.note("message.relabelled", f"msg_{id}", case_id, at, intent="b")
    if state is not SuggestionState.APPROVED:
        return
    rows.add(
        tables.ReplyRow, id=f"rpl_{id}", message_id=f"msg_{id}", thread_id=f"thr_{id}", suggestion_id=f"sug_{id}",
        channel="x", recipient="c", thread_key=id, in_reply_to=id, text="Soon.", purpose=Purpose.ANSWER,
        stage=ReplyStage.SENT, approved_by=person, approved_at=at, not_before=at, idempotency_key=id, attempt=1,
        play="p@1", is_edited=dice.random() < 0.3, sent_at=at, case_id=case_id, turn=1, visibility=Visibility.PRIVATE,
        is_rehearsal=False, number=1, queued_at=at,
    )  # fmt: skip
    rows.note("reply.sent", f"rpl_{id}", case_id, at)
    if dice.random() < 0.4:
        ended, end = dice.choice((PromiseState.KEPT, PromiseState.KEPT, PromiseState.BROKEN)), at + timedelta(hours=3)
        rows.add(
            tables.PromiseRow, id=f"prm_{id}", case_id=case_id, reply_id=f"rpl_{id}", until=end, look_at=end,
            made_by=person, made_at=at, state=ended, ended_at=end,
        )  # fmt: skip
        rows.note("promise.made", f"prm_{id}", case_id, at)
        rows.note(f"promise.{ended}", f"prm_{id}", case_id, end)


FROM_THE_TRAIL: Mapping[str, str] = {
    "messages": "message.received",
    "resolved": "case.resolved",
    "replies.sent": "reply.sent",
    "responses": "reply.sent",
    "promises": "promise.made",
    "promises.kept": "promise.kept",
    "promises.broken": "promise.broken",
    "drafts.rejected": "suggestion.rejected",
    "drafts.dismissed": "suggestion.dismissed",
    "labels.corrected": "message.relabelled",
}


def trail(store: SqlStore, period: Period) -> dict[str, Counter[str]]:
    """The same figures by day, from the events alone."""
    key, after, counts = period.key(By.DAY), 0, dict[str, Counter[str]]()
    named = {event: [name for name, of in FROM_THE_TRAIL.items() if of == event] for event in FROM_THE_TRAIL.values()}
    while True:
        with store(read=True) as work:
            events = work.trail.events(after=after, limit=5000)
        if not events:
            return counts
        after = events[-1].number
        for event in events:
            if period.since <= event.at < period.until:
                counts.setdefault(key(event), Counter()).update(named.get(event.event, []))


def timed(count: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    return count(), time.perf_counter() - began


def lines(store: SqlStore) -> Iterator[str]:
    year = Period.of_days(date(2026, 1, 1), date(2026, 12, 31), "Europe/Berlin")
    month = Period.of_days(date(2026, 10, 1), date(2026, 10, 28), "Europe/Berlin")

    def made(period: Period, by: By) -> Any:
        with store(read=True) as work:
            return report(
                work.reporting.entries(period.since, period.until), period=period, by=by, clock=lambda _: CLOCK
            )

    whole, year_s = timed(lambda: made(year, By.DAY))
    _, month_s = timed(lambda: made(month, By.AGENT))
    counted = trail(store, year)
    days = {line.key: line.figures for line in whole.lines}
    wrong = [
        (day, name)
        for day in {*days, *counted}
        for name in FROM_THE_TRAIL
        if days.get(day, Counter())[name] != counted.get(day, Counter())[name]
    ]
    yield row("figures of a day compared with the trail", "unequal", "a year by day, s", "four weeks by agent, s")
    yield row("---", "---", "---", "---")
    yield row(len(days) * len(FROM_THE_TRAIL), len(wrong), f"{year_s:.2f}", f"{month_s:.2f}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--cases", type=int, default=50_000)
    asked.add_argument("--url", help="a database to fill; a new SQLite file when left out")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{Path(folder) / 'report.db'}"
        migrate(url)
        store, dice, rows = open_store(url), random.Random(7), Rows()
        for n in range(given.cases):
            a_case(rows, n, dice)
            if n % 5000 == 4999:
                rows.write(store.engine)
        rows.write(store.engine)
        table = "\n".join(lines(store))
    text = f"{heading('The report')}\n\n{given.cases} cases of a year on {url.partition(':')[0]}.\n\n{table}\n"
    (RESULTS / "report.md").write_text(text, encoding="utf-8")
    print(json.dumps({"cases": given.cases}), text, sep="\n")


if __name__ == "__main__":
    main()

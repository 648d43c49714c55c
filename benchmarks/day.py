"""A day of real conversations, replayed by their own clock: is every case that needs a person in a list, with a clock?

    python -m benchmarks.day --data ../shared/data/twitter_support/train.csv [--threads 300]

With the real classifier, playbook, masking, tone check and store; the clock is moved from message to message. The
customers' later turns come when they came, and a person here answers whenever the brand did. A message needs a person
where the brand answered it in truth. The data is not ours: figures are kept, nothing that anybody wrote.
"""

import argparse
import csv
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.machine import RESULTS, heading, row
from care.answering import Words
from care.case import CaseState
from care.case_file import CaseFile
from care.clocks import break_promises, climb, lapse_handovers
from care.errors import TactfulError
from care.journey import Journey
from care.lists import View
from care.message import Visibility
from store.migrate import migrate
from store.work import SqlStore, open_store
from tests.doubles import ANNA, FixedClock, RecordingQueue, StubChannel, inbound
from wiring.assemble import Assembly
from wiring.settings import load_settings

ANSWER = "Thank you for writing. Could you send us the details in a direct message, so that we can look at it?"
TO_WORK_ON = (View.NOW_DUE, View.OFFLINE, View.WAITING)
BREAK = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the data; is_ours: the brand wrote it.."""

    id: str
    thread: str
    author: str
    is_ours: bool
    at: datetime
    text: str
    answers: str


def lines_of(path: Path, n_threads: int) -> list[Line]:
    """Every message of the first n conversations in which a customer wrote, by time."""
    threads: dict[str, list[Line]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if not row["created_at"]:
                continue  # a few rows carry no time: nobody could place them in a day
            at = datetime.strptime(row["created_at"], "%a %b %d %H:%M:%S %z %Y").astimezone(UTC)
            line = Line(
                row["tweet_id"],
                row["thread"],
                row["author_id"],
                row["inbound"] != "True",
                at,
                row["text"],
                row["in_response_to_tweet_id"].split(".")[0],
            )
            threads.setdefault(line.thread, []).append(line)
    asked = [lines for lines in threads.values() if not all(line.is_ours for line in lines)][:n_threads]
    return sorted((line for lines in asked for line in lines), key=lambda line: (line.at, line.id))


def replay(walk: Journey, clock: FixedClock, lines: list[Line]) -> Counter[str]:
    """Play the day; counts of what became of it."""
    counts: Counter[str] = Counter()
    answered = {line.answers for line in lines if line.is_ours}
    ids: dict[str, str] = {}
    for line in lines:
        while clock.now + BREAK < line.at:
            clock.now = min(clock.now + timedelta(hours=6), line.at)
            _let_clocks_run(walk, clock)
        clock.now = max(clock.now, line.at)
        if line.is_ours:
            if line.answers in ids:
                counts[_answer(walk, ids[line.answers])] += 1
            continue
        handed = inbound(
            line.text,
            channel="x",
            outside_id=line.id,
            thread_key=line.thread,
            handle=line.author,
            written_at=line.at,
            visibility=Visibility.PUBLIC,
        )
        for message_id in walk.receive([handed]):
            ids[line.id] = message_id
            walk.prepare(message_id)
            counts["messages"] += 1
            if line.id in answered:
                counts["needs a person"] += 1
                counts["in a list with a clock"] += _is_in_sight(walk, message_id)
    return counts


def _let_clocks_run(walk: Journey, clock: FixedClock) -> None:
    break_promises(walk.store, now=clock())
    lapse_handovers(walk.store, now=clock())
    climb(walk.store, walk.playbook.policy, now=clock())


def _answer(walk: Journey, message_id: str) -> str:
    try:
        walk.answering.answer(message_id, Words(ANNA.id, ANSWER, is_no_promise=True))
    except TactfulError as error:
        return f"answer refused: {type(error).__name__}"
    with walk.store(read=True) as work:
        replies = work.replies.of_message(message_id)
    for reply in replies:
        walk.deliver(reply.id)
    return "answered"


def _is_in_sight(walk: Journey, message_id: str) -> bool:
    with walk.store(read=True) as work:
        case = work.cases.of_message(message_id)
    return case.standing.state is not CaseState.RESOLVED and case.standing.due_at is not None


def every_file(store: SqlStore, view: View) -> list[CaseFile]:
    """Every case of a list."""
    files: list[CaseFile] = []
    cursor: str | None = None
    with store(read=True) as work:
        while True:
            page = work.lists.page(view, limit=200, cursor=cursor)
            files += page.cases
            cursor = page.next_cursor
            if cursor is None:
                return files


def the_end_of_the_day(store: SqlStore) -> Counter[str]:
    """How many cases are where, and how many nowhere, twice, or without the clock they should have."""
    counts: Counter[str] = Counter()
    placed = Counter(file.case.id for view in TO_WORK_ON for file in every_file(store, view))
    for file in every_file(store, View.ALL):
        case = file.case
        counts[case.standing.state.value] += 1
        if case.is_resolved:
            continue
        counts["in no list"] += placed[case.id] == 0
        counts["in two lists"] += placed[case.id] > 1
        if case.standing.state is not CaseState.WAITING_FOR_CUSTOMER:
            counts["without a clock"] += case.standing.due_at is None
    return counts


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--threads", type=int, default=300)
    given = arguments.parse_args()
    lines = lines_of(given.data, given.threads)
    parts = Assembly(load_settings(), threads=2, is_trial=True)
    clock = FixedClock(lines[0].at)
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'tactful.db'}"
        migrate(url)
        with closing(open_store(url, clock=clock)) as store:
            with store() as work:
                work.access.add_person(ANNA)
            walk = Journey(
                store=store,
                channels={"x": StubChannel("x", is_public=True)},
                redactor=parts.redactor,
                classifier=parts.classifier,
                playbook=parts.playbook,
                tone=parts.tone,
                queue=RecordingQueue(),
                clock=clock,
                undo_s={"*": 0},
            )
            became = replay(walk, clock, lines)
            end = the_end_of_the_day(store)
    report = [
        heading("A day of real conversations"),
        f"{given.threads} conversations, {became['messages']} messages of customers.",
        "",
        "| what | count |",
        "|---|---|",
        *(row(what, count) for what, count in (became + end).items()),
        *(row(what, end[what]) for what in ("in no list", "in two lists", "without a clock") if not end[what]),
    ]
    print("\n".join(report))
    (RESULTS / "day.md").write_text("\n".join(report) + "\n", "utf-8")


if __name__ == "__main__":
    main()

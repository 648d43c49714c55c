"""History comes in as history: closed, masked, without clocks, and never twice."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from care.answering import Words
from care.case import CaseState, Source, Standing
from care.clocks import break_promises, climb
from care.errors import BadInput, Problem
from care.history import History, tally
from care.journey import Journey
from care.lists import View
from care.message import Author
from care.sensitive import Handling, Redaction
from care.settling import settle
from store.work import SqlStore, open_store
from tests.doubles import ANNA, FixedClock, StubRedactor, altered, inbound
from wiring.history import read_history

ROOT = Path(__file__).parents[2]


def row(n: int, *, thread: int = 1, from_us: bool = False, text: str = "Where is my parcel?") -> dict[str, object]:
    return {
        "thread": f"t{thread}",
        "id": f"h{n}",
        "customer": f"kim{thread}",
        "from_us": from_us,
        "text": text,
        "written_at": f"2025-03-0{1 + n % 9}T10:00:00Z",
        "author": "Jo" if from_us else "",
    }


def a_file(folder: Path, rows: list[dict[str, object]]) -> Path:
    path = folder / "history.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return path


def brought_in(store: SqlStore, file: Path, clock: FixedClock) -> list[str]:
    history = History(store, StubRedactor(), clock, "chat")
    return history.bring_in(read_history(file, names={})).lines()


def test_both_sides_come_in_closed_and_masked_and_once(any_store: SqlStore, clock: FixedClock, tmp_path: Path) -> None:
    file = a_file(tmp_path, [row(1, text="my card 4111111111111111"), row(2, from_us=True, text="Thank you."), row(3)])

    told, again = brought_in(any_store, file, clock), brought_in(any_store, file, clock)

    assert told[0] == "1 threads, 2 messages of customers, 1 answers of ours"
    assert again[-1] == "3 were here already"
    with any_store() as work:
        [past] = work.lists.page(View.ALL).cases
        assert (past.case.standing, past.case.source) == (Standing(CaseState.RESOLVED), Source.IMPORT)
        assert [turn.text for turn in past.thread] == ["my card [card_number]", "Thank you.", "Where is my parcel?"]
        assert work.lists.counts()[View.NOW_DUE] == 0
        assert work.learning.first_answers() == []
        assert work.recovery.unrung_tasks(unrung_s=0) == []


def test_what_was_brought_in_opens_again_when_the_customer_writes(
    journey: Journey, store: SqlStore, clock: FixedClock, tmp_path: Path
) -> None:
    brought_in(store, a_file(tmp_path, [row(1)]), clock)
    assert climb(store, journey.playbook.policy, now=clock()) == {}

    [message_id] = journey.receive([inbound("It is late again", thread_key="t1", handle="kim1", written_at=clock())])
    journey.prepare(message_id)

    with store() as work:
        file = work.cases.file(message_id)
    assert (file.case.standing.state, file.case.turn) == (CaseState.NEW, 2)
    assert [turn.text for turn in file.thread] == ["Where is my parcel?", "It is late again"]


def test_both_sides_are_masked_as_the_live_path_masks_them(
    journey: Journey, store: SqlStore, clock: FixedClock, tmp_path: Path
) -> None:
    rows = [
        row(1, text="my card 4111111111111111"),
        {**row(2, from_us=True, text="Was it 4111111111111111?"), "author": "secret:jo"},
        {**row(3, from_us=True, text="Bye"), "author": "Jo"},
    ]
    said = [
        altered(
            inbound(str(row["text"]), outside_id=f"live{n}", thread_key="live", handle="kim1"),
            written_at=datetime.fromisoformat(str(row["written_at"])),
        )
        for n, row in enumerate(rows)
    ]
    ours = [
        replace(message, author=Author("us", name=name), answers="kim1")
        for message, name in zip(said[1:], ("secret:jo", "Jo"), strict=True)
    ]

    brought_in(store, a_file(tmp_path, rows), clock)
    journey.receive([said[0], *ours])

    with store() as work:
        live, past = (work.messages.thread_id("chat", key) for key in ("live", "t1"))
        turns = [[(turn.text, turn.author) for turn in work.messages.turns(id)] for id in (live, past)]
        assert turns[0] == turns[1]
        assert [turn[1] for turn in turns[1]] == ["", "us", "Jo"]
        kept, before = work.messages.latest(live), work.messages.latest(past)
        assert (before.masking.handling, before.masking.spans) == (kept.masking.handling, kept.masking.spans)
        assert before.masking.spans
        assert before.masking.handling is Handling.OFFLINE
        # Kept for those who look back: nothing of it is to be handled any more.
        assert work.offline.of_case(before.case_id) is None


def test_what_is_masked_may_hang_on_what_the_same_person_wrote_before(
    store: SqlStore, clock: FixedClock, tmp_path: Path
) -> None:
    heard: list[tuple[str, str | None, bool | None]] = []

    class Noting(StubRedactor):
        def redact(self, text: str, *, before: str | None = None, is_public: bool | None = None) -> Redaction:
            heard.append((text, before, is_public))
            return super().redact(text, before=before, is_public=is_public)

    file = a_file(tmp_path, [row(1, text="one"), row(2, from_us=True, text="two"), row(3, text="three")])
    History(store, Noting(), clock, "chat", is_public=True).bring_in(read_history(file, names={}))

    assert [words for words in heard if words[0] in ("one", "two", "three")] == [
        ("one", None, True),
        ("two", None, True),
        ("three", "one", True),
    ]


def test_where_the_detector_fails_history_is_withheld(store: SqlStore, clock: FixedClock, tmp_path: Path) -> None:
    file = a_file(tmp_path, [row(1, text="my card 4111111111111111")])

    History(store, StubRedactor(is_broken=True), clock, "chat").bring_in(read_history(file, names={}))

    with store() as work:
        [past] = work.lists.page(View.ALL).cases
        assert past.message.masking.handling is Handling.WITHHELD
        assert "4111" not in past.message.text


def test_a_case_of_history_climbs_once_its_customer_writes_again(
    journey: Journey, store: SqlStore, clock: FixedClock, tmp_path: Path
) -> None:
    brought_in(store, a_file(tmp_path, [row(1), row(2, from_us=True)]), clock)
    [message_id] = journey.receive([inbound("It is late again", thread_key="t1", handle="kim1", written_at=clock())])
    journey.prepare(message_id)

    clock.advance(3601)

    assert climb(store, journey.playbook.policy, now=clock())["sla.breached"] == 1
    with store() as work:
        case = work.cases.of_message(message_id)
        [answer] = work.learning.first_answers()
    assert (case.source, case.standing.due_at) == (Source.LIVE, clock() - timedelta(seconds=1))
    # What we wrote years ago is no answer to what was written today.
    assert answer.answered_at is None


def test_history_that_a_person_opens_again_climbs_once_it_has_a_clock(
    journey: Journey, store: SqlStore, clock: FixedClock, tmp_path: Path
) -> None:
    brought_in(store, a_file(tmp_path, [row(1)]), clock)
    with store() as work:
        [file] = work.lists.page(View.ALL).cases
    journey.casework.reopen(file.case.id, by=ANNA.id)
    assert climb(store, journey.playbook.policy, now=clock()) == {}

    reply = journey.answering.answer(
        file.message.id, Words(by=ANNA.id, text="You hear from me.", promise=clock() + timedelta(hours=1))
    )
    journey.deliver(reply.id)
    clock.advance(3601)
    break_promises(store, now=clock())

    assert climb(store, journey.playbook.policy, now=clock())["sla.breached"] == 1


@pytest.mark.parametrize("is_prepared", [True, False])
def test_history_settles_nothing_that_waits_in_an_open_case(
    journey: Journey, store: SqlStore, clock: FixedClock, tmp_path: Path, is_prepared: bool
) -> None:
    [message_id] = journey.receive([inbound("Where is it?", thread_key="t1", handle="kim1", written_at=clock())])
    if is_prepared:
        journey.prepare(message_id)
    with store() as work:
        before = work.cases.of_message(message_id)
    clock.advance(600)
    later = clock().isoformat()
    rows = [
        row(1),
        row(2, from_us=True),
        {**row(3, from_us=True), "written_at": later},
        {**row(4), "written_at": later},
    ]

    brought_in(store, a_file(tmp_path, rows), clock)

    with store() as work:
        case = work.cases.lock(before.id)
        assert settle(work, case, by="tactful") == before
        file = work.cases.latest(case.id)
        assert file.work == ("open" if is_prepared else "preparing")
        assert len(file.thread) == 5
        assert (work.learning.first_answers()[0].answered_at if is_prepared else None) is None


def test_history_does_not_close_what_was_opened_again(
    journey: Journey, store: SqlStore, clock: FixedClock, tmp_path: Path
) -> None:
    brought_in(store, a_file(tmp_path, [row(1)]), clock)
    journey.receive([inbound("It is late again", thread_key="t1", handle="kim1", written_at=clock())])

    brought_in(store, a_file(tmp_path, [row(1), row(2), row(3, from_us=True)]), clock)

    with store() as work:
        [file] = work.lists.page(View.ALL).cases
    assert (file.case.standing.state, file.case.turn, file.message.text) == (CaseState.NEW, 2, "It is late again")


def test_figures_leave_history_out(any_store: SqlStore, clock: FixedClock, tmp_path: Path) -> None:
    brought_in(any_store, a_file(tmp_path, [row(1, text="my card 4111111111111111"), row(2, from_us=True)]), clock)

    with any_store() as work:
        figures = work.lists.figures()
    assert (figures["cases"], figures["sensitive"]) == ({}, {})


def test_an_answer_to_nothing_opens_no_work(any_store: SqlStore, clock: FixedClock, tmp_path: Path) -> None:
    told = brought_in(any_store, a_file(tmp_path, [row(1, from_us=True)]), clock)

    assert told[0] == "1 threads, 0 messages of customers, 1 answers of ours"
    with any_store() as work:
        assert set(work.lists.counts().values()) == {0}
        assert work.lists.page(View.ALL).cases == ()


def test_what_a_customer_wrote_last_is_the_latest_whatever_the_order_of_files(
    any_store: SqlStore, clock: FixedClock, tmp_path: Path
) -> None:
    brought_in(any_store, a_file(tmp_path, [row(5, text="the newer"), row(5, text="twice")]), clock)
    brought_in(any_store, a_file(tmp_path, [row(1, text="the older")]), clock)

    with any_store() as work:
        [file] = work.lists.page(View.ALL).cases
    assert (file.message.text, [turn.text for turn in file.thread]) == ("the newer", ["the older", "the newer"])


def test_lines_that_cannot_be_used_are_named_with_their_mend(tmp_path: Path) -> None:
    bad = [{**row(1), "written_at": "soon"}, {**row(2), "from_us": "perhaps"}, {**row(3), "text": ""}, row(4)]
    path = a_file(tmp_path, bad)
    path.write_text(path.read_text("utf-8") + "\nnot json 4111111111111111\n", "utf-8")

    counts = tally(read_history(path, names={}))

    assert (counts.n_theirs, counts.n_threads, counts.n_problems) == (1, 1, 4)
    assert str(counts.problems[0]) == "line 1: written_at is no time (write it like 2026-11-22T04:00:00Z)"
    assert "4111" not in "".join(counts.lines())
    assert all(isinstance(problem, Problem) for problem in counts.problems)


def test_a_table_says_which_column_it_lacks_and_may_name_its_own(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_text("ticket,id,who,from_us,body,written_at\nt1,1,kim,no,Hello,2025-03-01T10:00:00\n", "utf-8")

    with pytest.raises(BadInput, match=r"no column 'thread', 'customer', 'text'.*--map"):
        list(read_history(path, names={}))
    names = {"ticket": "thread", "who": "customer", "body": "text"}
    assert tally(read_history(path, names=names)).n_theirs == 1
    with pytest.raises(BadInput, match=r"of no kind that can be read"):
        list(read_history(Path(__file__), names={}))


def test_killed_and_started_again_it_doubles_and_loses_nothing(tmp_path: Path) -> None:
    file = a_file(tmp_path, [row(n, thread=n // 3, from_us=n % 3 == 1) for n in range(3000)])
    env = {**os.environ, "TACTFUL_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "cli.main", "import", str(file), "--channel", "webhook"]
    setup = "from wiring import assemble; from wiring.settings import load_settings; assemble.migrate(load_settings())"
    subprocess.run([sys.executable, "-c", setup], env=env, cwd=ROOT, check=True)
    killed = subprocess.Popen(command, env=env, cwd=ROOT, stderr=subprocess.PIPE)
    assert killed.stderr is not None
    killed.stderr.readline()
    time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    killed.stderr.close()

    done = subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True, text=True)

    assert "were here already" in done.stdout
    store = open_store(f"sqlite:///{tmp_path / 'home' / 'tactful.db'}")
    with store(read=True) as work:
        assert work.lists.counts()[View.ALL] == 1000
        assert len(work.messages.page(limit=5000)) == 2000
    store.close()

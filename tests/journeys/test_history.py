"""History comes in as history: closed, masked, without clocks, and never twice."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from care.case import CaseState, Source
from care.clocks import climb
from care.errors import BadInput, Problem
from care.history import History, tally
from care.journey import Journey
from care.lists import View
from store.work import SqlStore, open_store
from tests.doubles import FixedClock, StubRedactor, inbound
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
    path.write_text("\n".join(json.dumps(one) for one in rows), "utf-8")
    return path


def brought_in(store: SqlStore, file: Path, clock: FixedClock) -> list[str]:
    history = History(store, StubRedactor(), clock)
    return history.bring_in(read_history(file, names={}), channel="chat").lines()


def test_both_sides_come_in_closed_and_masked_and_once(any_store: SqlStore, clock: FixedClock, tmp_path: Path) -> None:
    file = a_file(tmp_path, [row(1, text="my card 4111111111111111"), row(2, from_us=True, text="Thank you."), row(3)])

    told, again = brought_in(any_store, file, clock), brought_in(any_store, file, clock)

    assert told[0] == "1 threads, 2 messages of customers, 1 answers of ours"
    assert again[-1] == "3 were here already"
    with any_store() as work:
        [found] = work.lists.page(View.ALL).cases
        assert (found.case.state, found.case.source, found.case.due_at) == (CaseState.RESOLVED, Source.IMPORT, None)
        assert [turn.text for turn in found.thread] == ["my card [card_number]", "Thank you.", "Where is my parcel?"]
        assert work.lists.counts()[View.NOW_DUE] == 0
        assert work.learning.first_answers() == []
        assert work.recovery.unrung_tasks(silent_s=0) == []


def test_what_was_brought_in_opens_again_when_the_customer_writes(
    journey: Journey, store: SqlStore, clock: FixedClock, tmp_path: Path
) -> None:
    brought_in(store, a_file(tmp_path, [row(1)]), clock)
    assert climb(store, journey.playbook.policy, now=clock()) == {}

    [message_id] = journey.receive([inbound("It is late again", thread_key="t1", handle="kim1", written_at=clock())])
    journey.prepare(message_id)

    with store() as work:
        found = work.cases.file(message_id)
    assert (found.case.state, found.case.turn) == (CaseState.NEW, 2)
    assert [turn.text for turn in found.thread] == ["Where is my parcel?", "It is late again"]


def test_lines_that_cannot_be_used_are_named_with_their_mend(tmp_path: Path) -> None:
    bad = [{**row(1), "written_at": "soon"}, {**row(2), "from_us": "perhaps"}, {**row(3), "text": ""}, row(4)]
    path = a_file(tmp_path, bad)
    path.write_text(path.read_text("utf-8") + "\nnot json 4111111111111111\n", "utf-8")

    found = tally(read_history(path, names={}))

    assert (found.n_theirs, len(found.problems)) == (1, 4)
    assert str(found.problems[0]) == "line 1: written_at is no time (write it like 2026-11-22T04:00:00Z)"
    assert "4111" not in "".join(found.lines())
    assert all(isinstance(one, Problem) for one in found.problems)


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

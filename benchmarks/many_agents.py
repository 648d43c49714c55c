"""64 agents answer 2,000 cases at once, with undo, while processes are killed and their clocks are wrong.

    nice python -m benchmarks.many_agents [--cases 2000] [--undo 0.7] [--seed 1]

On each database: eight processes with eight agents each take holds, approve and take back; two more send. Each has a
clock that is up to a second wrong, and all the time one of them is killed (SIGKILL) and started again. What each saw
is written before it goes on: who got which hold under which number, what was approved, what was taken back for
certain, and what the channel was handed. In the end it is asked what of it contradicts the rule: one holder for each
number, one answer for each case, every reply handed over at most once, none after its undo.
"""

import argparse
import json
import multiprocessing
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.case_machine import STORES, databases
from benchmarks.machine import RESULTS, heading, row
from care.errors import ChannelBusy, Conflict, Unreachable
from care.journey import Journey
from care.ports import utc_now
from care.reply import Approval, Reply, ReplyStage, SuggestionState
from store.work import SqlStore, open_store
from tests.doubles import RecordingQueue, StubChannel, StubClassifier, StubPlaybook, StubRedactor, StubTone, inbound
from workers.sweep import sweep

N_DESKS, N_AGENTS, N_SENDERS = 8, 8, 2
UNDO_S, SKEW_S, LEASE_S, HOLD_S = 0.6, 1.0, 4.0, 3.0
DRAINED_S = 180.0
MOVING = (ReplyStage.PENDING, ReplyStage.CLAIMED, ReplyStage.INFLIGHT)


class NotedChannel(StubChannel):
    """A channel whose log outlives the process that used it."""

    journal: "Journal"

    def send(self, reply: Reply) -> str:
        self.journal.note("handed", reply=reply.id)
        return f"out-{reply.id}"


@dataclass
class Journal:
    """Lines that are in the file before the next step is taken; several processes write to it."""

    path: Path

    def note(self, what: str, **facts: object) -> None:
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            os.write(handle, (json.dumps({"what": what, **facts}) + "\n").encode())
        finally:
            os.close(handle)

    def lines(self) -> Iterator[Mapping[str, object]]:
        for line in self.path.read_text().splitlines():
            yield json.loads(line)


def journey_of(store: SqlStore, journal: Journal, *, skew_s: float) -> Journey:
    """A journey whose clock is wrong by so much."""
    channel = NotedChannel("chat")
    channel.journal = journal
    return Journey(
        store=store,
        channels={"chat": channel},
        redactor=StubRedactor(),
        classifier=StubClassifier(),
        playbook=StubPlaybook(),
        tone=StubTone(),
        queue=RecordingQueue(),
        clock=lambda: utc_now() + timedelta(seconds=skew_s),
        undo_s={"*": UNDO_S},
        deliver_lease_s=LEASE_S,
    )


def desk(url: str, path: Path, messages: list[str], number: int, undo: float) -> None:
    """Eight agents, until nothing is left to decide or somebody kills them."""
    dice = random.Random(f"{number} {os.getpid()}")
    with closing(open_store(url)) as store:
        walk = journey_of(store, Journal(path), skew_s=dice.uniform(-SKEW_S, SKEW_S))
        agents = [
            threading.Thread(
                target=agent, args=(walk, Journal(path), messages, f"per_{number}_{n}", undo, dice.random())
            )
            for n in range(N_AGENTS)
        ]
        for thread in agents:
            thread.start()
        for thread in agents:
            thread.join()


def agent(walk: Journey, journal: Journal, messages: list[str], me: str, undo: float, seed: float) -> None:
    """Goes through the cases in an order of their own, twice over, and answers what is open."""
    dice = random.Random(seed)
    for _ in range(2):
        for message_id in dice.sample(messages, len(messages)):
            with suppress(Conflict, Unreachable):
                answer(walk, journal, message_id, me, undo, dice)


def answer(walk: Journey, journal: Journal, message_id: str, me: str, undo: float, dice: random.Random) -> None:
    with walk.store(read=True) as work:
        suggestion = work.cases.file(message_id).suggestion
    if suggestion is None or suggestion.choice.state is not SuggestionState.PROPOSED:
        return
    with walk.store() as work:
        hold = work.holds.take(suggestion.case_id, me, hold_s=HOLD_S, ask_s=30)
    if hold is None or hold.person_id != me:
        journal.note("kept out", case=suggestion.case_id)
        return
    journal.note("holds", case=hold.case_id, fence=hold.fence, by=me)
    yes = Approval(me, f"Answer of {me}", suggestion.choice.version, fence=hold.fence)
    reply = walk.approve(suggestion.id, yes)
    journal.note("approved", reply=reply.id, case=hold.case_id)
    with walk.store() as work:
        work.holds.give_back(hold.case_id, me)
    if dice.random() < undo:
        # Around the end of the window, where it is closest.
        time.sleep(dice.uniform(0, 1.5 * UNDO_S))
        try:
            walk.answering.withdraw(reply.id, by=me)
        except Conflict:
            journal.note("too late", reply=reply.id)
        else:
            journal.note("undone", reply=reply.id)


def sender(url: str, path: Path, number: int) -> None:
    """Sends what is due and looks after what others left, until it is killed."""
    skew_s = random.Random(f"sender {number} {os.getpid()}").uniform(-SKEW_S, SKEW_S)
    with closing(open_store(url)) as store:
        walk = journey_of(store, Journal(path), skew_s=skew_s)
        while True:
            with suppress(Unreachable):
                sweep(store, walk.queue, walk.channels, unrung_s=0.2)  # type: ignore[arg-type]
            rung, walk.queue.rung[:] = list(walk.queue.rung), []  # type: ignore[attr-defined]
            for job, id in rung:
                if job == "deliver":
                    with suppress(ChannelBusy, Unreachable, Conflict):
                        walk.deliver(id)
            time.sleep(0.05)


def run(url: str, folder: Path, *, n_cases: int, undo: float, dice: random.Random) -> dict[str, object]:
    """One database from its first message to its last reply; what contradicts the rule is counted."""
    path, began = folder / "journal.jsonl", time.perf_counter()
    with closing(open_store(url)) as store:
        walk = journey_of(store, Journal(path), skew_s=0)
        messages: list[str] = []
        for n in range(0, n_cases, 50):
            some = [
                inbound(outside_id=f"m{m}", thread_key=f"t{m}", handle=f"kim{m}", written_at=utc_now())
                for m in range(n, min(n + 50, n_cases))
            ]
            messages += walk.receive(some)
        for id in messages:
            walk.prepare(id)
        n_killed = killing(url, path, messages, undo, dice)
        drained = drain(url, path, store)
        with store(read=True) as work:
            replies = [reply for id in messages for reply in work.replies.of_message(id)]
    return judged(Journal(path), replies, n_cases) | {
        "killed": n_killed,
        "left moving": drained,
        "seconds": time.perf_counter() - began,
    }


def killing(url: str, path: Path, messages: list[str], undo: float, dice: random.Random) -> int:
    """Runs desks and senders until every desk has gone through all cases, and kills one of them after the other."""
    context, n_killed = multiprocessing.get_context("spawn"), 0

    def start(number: int) -> BaseProcess:
        if number < N_DESKS:
            process = context.Process(target=desk, args=(url, path, messages, number, undo))
        else:
            process = context.Process(target=sender, args=(url, path, number), daemon=True)
        process.start()
        return process

    running = {number: start(number) for number in range(N_DESKS + N_SENDERS)}
    while any(number < N_DESKS and process.is_alive() for number, process in running.items()):
        time.sleep(dice.uniform(1.0, 4.0))
        number = dice.choice([number for number, process in running.items() if process.is_alive()])
        pid = running[number].pid
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            running[number].join()
            running[number], n_killed = start(number), n_killed + 1
        # A desk that was killed begins anew; towards the end there is little left for it to do.
        if n_killed > len(messages) // 10:
            break
    for number, process in running.items():
        if number < N_DESKS:
            process.join()
        else:
            process.kill()
            process.join()
    return n_killed


def drain(url: str, path: Path, store: SqlStore) -> int:
    """Send what is left, with no more kills. Returns how many replies still move afterwards."""
    last = multiprocessing.get_context("spawn").Process(target=sender, args=(url, path, 99), daemon=True)
    last.start()
    until = time.monotonic() + DRAINED_S
    left = 1
    while left and time.monotonic() < until:
        time.sleep(1.0)
        with store(read=True) as work:
            replies = work.lists.figures()["replies"]
        left = sum(replies.get(stage.value, 0) for stage in MOVING)
    last.kill()
    last.join()
    return left


def judged(journal: Journal, replies: list[Reply], n_cases: int) -> dict[str, object]:
    """What happened, counted, and what contradicts the rule."""
    seen, handed, holders = Counter[str](), Counter[str](), dict[tuple[object, object], set[object]]()
    undone: set[str] = set()
    for line in journal.lines():
        seen[str(line["what"])] += 1
        if line["what"] == "handed":
            handed[str(line["reply"])] += 1
        if line["what"] == "undone":
            undone.add(str(line["reply"]))
        if line["what"] == "holds":
            holders.setdefault((line["case"], line["fence"]), set()).add(line["by"])
    stages = {reply.id: reply.sending.stage for reply in replies}
    standing = Counter(reply.case_id for reply in replies if reply.sending.stage is not ReplyStage.WITHDRAWN)
    return {
        "cases": n_cases,
        "approvals": len(replies),
        "undone": len(undone),
        "undo too late": seen["too late"],
        "kept out by a hold": seen["kept out"],
        "handed over": len(handed),
        "unclear after a kill": sum(stage is ReplyStage.UNKNOWN for stage in stages.values()),
        "handed over twice": sum(n > 1 for n in handed.values()),
        "handed over after an undo": len(undone & handed.keys()),
        "taken back, yet handed over": sum(stages[id] is ReplyStage.WITHDRAWN for id in handed),
        "sent, yet not handed over": sum(
            stage is ReplyStage.SENT and not handed[id] for id, stage in stages.items()
        ),
        "cases with two answers": sum(n > 1 for n in standing.values()),
        "two holders of one number": sum(len(people) > 1 for people in holders.values()),
    }  # fmt: skip


WRONG = ("handed over twice", "handed over after an undo", "taken back, yet handed over", "sent, yet not handed over",
         "cases with two answers", "two holders of one number", "left moving")  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--cases", type=int, default=2000)
    arguments.add_argument("--undo", type=float, default=0.7, help="the share of approvals that are taken back")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--stores", nargs="*", default=list(STORES))
    given = arguments.parse_args()
    figures: dict[str, dict[str, object]] = {}
    for store in given.stores:
        with databases(store) as new_url, TemporaryDirectory() as folder:
            dice = random.Random(given.seed)
            figures[store] = run(new_url(), Path(folder), n_cases=given.cases, undo=given.undo, dice=dice)
        tell(figures)
    if broken := [name for name in WRONG if any(some[name] for some in figures.values())]:
        raise SystemExit(f"The rule does not hold: {', '.join(broken)}")


def tell(figures: Mapping[str, Mapping[str, object]]) -> None:
    """Write what is known so far: a run takes long."""
    names = list(next(iter(figures.values())))
    lines = [
        heading("64 agents, with kills, wrong clocks and undo"),
        row("", *figures),
        row(*["---"] * (1 + len(figures))),
        *(row(name, *(some[name] for some in figures.values())) for name in names),
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    (RESULTS / "many_agents.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

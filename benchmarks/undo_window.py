"""A customer writes again at a random instant while an approved reply waits to go: does the stale reply go out?

    python -m benchmarks.undo_window [--runs 500] [--seed 1]

On each database, with real time and threads: a reply is approved with an undo window of a fifth of a second, one worker
tries to send it as soon as it may, and the customer's next message arrives at a random instant around the window. A
reply is stale when the message was kept before the channel was asked to send.
"""

import argparse
import random
import threading
import time
from collections import Counter
from contextlib import closing

from benchmarks.case_machine import STORES, databases
from benchmarks.machine import RESULTS, heading, row
from care.journey import Journey
from care.ports import utc_now
from care.reply import Approval, Reply, ReplyStage
from store.work import open_store
from tests.doubles import (
    ANNA,
    RecordingQueue,
    StubChannel,
    StubClassifier,
    StubPlaybook,
    StubRedactor,
    StubTone,
    inbound,
)

UNDO_S = 0.2
PATIENCE_S = 5.0


class TimedChannel(StubChannel):
    """Notes when it was asked to send."""

    asked: dict[str, float]

    def send(self, reply: Reply) -> str:
        self.asked[reply.id] = time.monotonic()
        return super().send(reply)


def one_run(walk: Journey, channel: TimedChannel, n: int, instant_s: float) -> str:
    """ "sent before", "held", or "stale" where the reply went out after the customer's next message was kept."""
    thread = f"t{n}"
    first = walk.receive([inbound(outside_id=f"a{n}", thread_key=thread, handle=f"kim{n}", written_at=utc_now())])[0]
    walk.prepare(first)
    with walk.store(read=True) as work:
        suggestion = work.cases.file(first).suggestion
    assert suggestion is not None
    reply = walk.approve(suggestion.id, Approval(ANNA.id, "It is cancelled.", suggestion.choice.version))
    kept: list[float] = []

    def writes_again() -> None:
        time.sleep(instant_s)
        again = inbound("No, do not!", outside_id=f"b{n}", thread_key=thread, handle=f"kim{n}", written_at=utc_now())
        walk.receive([again])
        kept.append(time.monotonic())

    customer = threading.Thread(target=writes_again)
    customer.start()
    ended = time.monotonic() + PATIENCE_S
    stage = ReplyStage.PENDING
    while stage in (ReplyStage.PENDING, ReplyStage.CLAIMED, ReplyStage.INFLIGHT) and time.monotonic() < ended:
        walk.deliver(reply.id)
        with walk.store(read=True) as work:
            stage = work.replies.get(reply.id).sending.stage
    customer.join()
    if reply.id not in channel.asked:
        return "held" if stage is ReplyStage.HELD else f"{stage}"
    return "stale" if kept[0] < channel.asked[reply.id] else "sent before"


def look(store: str, runs: int, seed: int) -> Counter[str]:
    """What became of each reply."""
    chance = random.Random(seed)
    with databases(store) as new_url, closing(open_store(new_url())) as kept:
        with kept() as work:
            work.access.add_person(ANNA)
        channel = TimedChannel("chat")
        channel.asked = {}
        walk = Journey(
            store=kept,
            channels={"chat": channel},
            redactor=StubRedactor(),
            classifier=StubClassifier(),
            playbook=StubPlaybook(),
            tone=StubTone(),
            queue=RecordingQueue(),
            clock=utc_now,
            undo_s={"*": UNDO_S},
        )
        return Counter(one_run(walk, channel, n, chance.uniform(0, 1.3 * UNDO_S)) for n in range(runs))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=500, help="for each database")
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    lines = [
        heading("The customer writes again in the undo window"),
        "| database | runs | held | sent before it was kept | stale and sent | otherwise |",
        "|---|---|---|---|---|---|",
    ]
    for store in STORES:
        counts = look(store, given.runs, given.seed)
        rest = given.runs - counts["held"] - counts["sent before"] - counts["stale"]
        lines.append(row(store, given.runs, counts["held"], counts["sent before"], counts["stale"], rest))
    print("\n".join(lines))
    (RESULTS / "undo_window.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
